"""Return on a loyalty programme: what members brought more than their like, less its cost.

Members join by their own choice, and good customers join first: the difference between members and
others holds that choice too. Differences of differences (the change of members less the change of
others) leave away what differed before; only a programme whose access was drawn by lot leaves away
all of it. See Leenheer, van Heerde, Bijmolt and Smidts (2007), Do loyalty programs really enhance
behavioral loyalty?, International Journal of Research in Marketing 24, 31-47: where self-selection
is taken out, most of the difference goes.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from crmkit._validation import Floats, check_real
from crmkit.clv._formulas import numbers
from crmkit.exceptions import DataError

OWNER = "programme_roi"


def programme_roi(
    members: npt.ArrayLike,
    comparison: npt.ArrayLike,
    cost: float,
    *,
    members_before: npt.ArrayLike | None = None,
    comparison_before: npt.ArrayLike | None = None,
) -> dict[str, float]:
    """Return on a loyalty programme: profits of members and of their like in, a dict out.

    (incremental margin - cost) / cost, where the incremental margin is the mean profit of a member
    less that of a comparable customer, times the number of members. **Members select themselves**:
    with the profits of one period only, the answer is an upper bound that is mostly far too high.
    Choose the comparison among customers who were alike before (same recency, frequency and
    spend), give the profits of the time before as well, and best of all draw by lot who may join.

    Parameters
    ----------
    members : array-like of shape (n_members,)
        Profit (not revenue) of each member in the period, before the cost of the programme, in
        currency; members who bought nothing count with 0.
    comparison : array-like of shape (n_comparison,)
        Profit of each comparable customer in the same period.
    cost : float
        What the programme cost in the period, above 0: rewards, discounts, mailings, staff.
    members_before : array-like of shape (n_members,), default=None
        Profit of each member in a period of the same length before joining, in the same row order
        (two Series must have the same index). With `comparison_before`, changes are compared
        instead of profits.
    comparison_before : array-like of shape (n_comparison,), default=None
        Profit of each comparable customer in that earlier period, in the same row order.

    Returns
    -------
    dict of str to float
        `incremental_margin` (of all members, in currency), `roi` (0.2: every unit of cost came
        back with 20 % more; negative: a loss), `std_error`, `lower_95` and `upper_95` of the
        return (Welch's t interval): the luck of who is in the groups, not the choice of members
        to join.

    Raises
    ------
    DataError
        If values are missing or infinite, a group has fewer than two customers, `cost` is not
        above 0, only one group is given its earlier profits, or these are of other customers.

    Examples
    --------
    >>> members, others = [60.0, 80.0, 40.0, 60.0], [50.0, 30.0, 40.0, 40.0]
    >>> programme_roi(members, others, cost=50.0)["roi"]  # 4 x (60 - 40) = 80 for 50
    0.6
    >>> before = {"members_before": [50.0, 70.0, 30.0, 50.0], "comparison_before": others}
    >>> programme_roi(members, others, cost=50.0, **before)["roi"]  # they were 10 ahead before
    -0.2
    """
    check_real(cost, "cost", OWNER, low=0.0, open_low=True)
    cost = float(cost)
    inside, outside = profits(members, "members"), profits(comparison, "comparison")
    if (members_before is None) != (comparison_before is None):
        given = "members_before" if comparison_before is None else "comparison_before"
        raise DataError(
            f"{OWNER}: {given} is given for one group only. Give the earlier profits of both, or "
            "of none."
        )
    if members_before is not None and comparison_before is not None:
        inside = inside - earlier(members_before, members, inside, "members_before")
        outside = outside - earlier(comparison_before, comparison, outside, "comparison_before")
    n = len(inside)
    gain = n * (inside.mean() - outside.mean())
    spread, quantile = welch(inside, outside)
    error = n * spread / cost
    roi = (gain - cost) / cost
    return {
        "incremental_margin": float(gain),
        "roi": float(roi),
        "std_error": float(error),
        "lower_95": float(roi - quantile * error),
        "upper_95": float(roi + quantile * error),
    }


def profits(values: npt.ArrayLike, name: str) -> Floats:
    """Profits of at least two customers, losses allowed."""
    array = numbers(values, name, OWNER)
    if array.ndim != 1 or array.size < 2:
        raise DataError(
            f"{OWNER}: {name} must hold one profit for each of at least two customers, got shape "
            f"{array.shape}. A mean alone does not tell how sure the return is."
        )
    bad = ~np.isfinite(array)
    if bad.any():
        raise DataError(
            f"{OWNER}: {name} has {bad.sum():,} missing or infinite values (first at row "
            f"{bad.argmax():,}). Who bought nothing counts with 0."
        )
    return array


def earlier(values: npt.ArrayLike, later: npt.ArrayLike, now: Floats, name: str) -> Floats:
    """Profits of the time before, one for each customer of `later`, whose profits are `now`."""
    array = profits(values, name)
    if array.size != now.size:
        raise DataError(
            f"{OWNER}: {name} has {array.size:,} customers, the later period {now.size:,}. Both "
            "must be the same customers in the same row order."
        )
    indices = [v.index for v in (values, later) if isinstance(v, pd.Series)]
    if len(indices) == 2 and not indices[0].equals(indices[1]):
        raise DataError(
            f"{OWNER}: {name} and the later period have different indices, so their rows do not "
            "belong together. Join them into one table first."
        )
    return array


def welch(one: Floats, other: Floats) -> tuple[float, float]:
    """Standard error of the difference of two means, and the 97.5 % quantile that goes with it.

    Welch (1947), The generalization of "Student's" problem when several different population
    variances are involved, Biometrika 34, 28-35.
    """
    own = np.array([group.var(ddof=1) / len(group) for group in (one, other)])
    total = own.sum()
    if total == 0.0:
        return 0.0, 0.0
    share = own / total
    freedom = 1.0 / np.sum(share**2 / (np.array([len(one), len(other)]) - 1.0))
    return float(np.sqrt(total)), float(stdtrit(freedom, 0.975))
