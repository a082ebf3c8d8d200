"""Who is reached first? The share of churners among the riskiest customers, ties by their share.

The cumulative gain at a share s of the customers is the part of all churners among the riskiest
s, the lift is gain / s. Customers with equal scores count alike: where s cuts through them, the
part of them that is inside brings its part of their churners. So a constant score has lift 1 at
every s, whatever the order of the rows. Piatetsky-Shapiro and Masand (1999), KDD 5, 185-193.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats, check_whole, generator
from crmkit.exceptions import DataError
from crmkit.metrics._checks import check_level
from crmkit.metrics._churn_checks import labelled
from crmkit.metrics._concentration import check_share, cumulated, held_by_top
from crmkit.metrics._resampling import Falling, clusters, drawn_weights, sums_of_best

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


def gain_curve(y_true: npt.ArrayLike, p: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Cumulate churners from the riskiest customer down: two numbers a customer in, a curve out.

    Use it to draw who would be reached; `plot_gain` does, and `lift_table` gives intervals.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed; both must be there.
    p : array-like of shape (n_customers,)
        Probability of churn, or any score that is higher where churn is likelier.

    Returns
    -------
    share_of_customers : ndarray of shape (n_customers + 1,)
        0, 1 / n, ... 1, the riskiest first.
    share_of_churners : ndarray of shape (n_customers + 1,)
        Part of all churners among them, from 0 to 1.

    Raises
    ------
    DataError
        If values are missing or infinite, y_true is not 0 and 1, or the lengths differ or are 0.

    Examples
    --------
    >>> customers, churners = gain_curve([1, 0, 1, 0], [0.9, 0.8, 0.3, 0.3])
    >>> customers.tolist(), churners.tolist()
    ([0.0, 0.25, 0.5, 0.75, 1.0], [0.0, 0.5, 0.5, 0.75, 1.0])
    """
    true, score = labelled(y_true, p, "gain_curve", probability=False, both=True)
    return cumulated(true, by=score)


def lift_at(y_true: npt.ArrayLike, p: npt.ArrayLike, *, share: float = 0.1) -> float:
    """Churn rate of the riskiest customers over that of all: two numbers a customer in, one out.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed; both must be there.
    p : array-like of shape (n_customers,)
        Probability of churn, or any score that is higher where churn is likelier.
    share : float, default=0.1
        Part of the customers that is looked at, above 0 and at most 1.

    Returns
    -------
    float
        1 for a random or a constant score; at most 1 / max(share, base rate).

    Raises
    ------
    DataError
        If values are missing or infinite, y_true is not 0 and 1, the lengths differ or are 0, or
        `share` is no number in (0, 1].

    Examples
    --------
    >>> lift_at([1, 0, 1, 0], [0.9, 0.8, 0.3, 0.3], share=0.25)
    2.0
    >>> lift_at([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5], share=0.25)
    1.0
    """
    true, score = labelled(y_true, p, "lift_at", probability=False, both=True)
    part = check_share(share, "lift_at")
    return held_by_top(true, score, part) / part


def lift_table(
    y_true: npt.ArrayLike,
    p: npt.ArrayLike,
    *,
    shares: Sequence[float] = SHARES,
    groups: npt.ArrayLike | None = None,
    level: float = 0.95,
    n_resamples: int = 500,
    random_state: int | np.random.Generator | np.random.RandomState | None = None,
) -> pd.DataFrame:
    """Tell what contacting the riskiest would reach: two numbers a customer in, a frame out.

    Use it to choose how many customers to contact, with how sure that is. For groups beside one
    another instead of from the top down see `decile_table`, for money `profit_curve`.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed; both must be there.
    p : array-like of shape (n_customers,)
        Probability of churn, or any score that is higher where churn is likelier.
    shares : sequence of float, default=(0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
        Parts of the customers to contact, the riskiest first, each above 0 and at most 1.
    groups : array-like of shape (n_customers,) or None, default=None
        Customer of each row, where one customer has several rows: they are drawn together.
    level : float, default=0.95
        Probability of the intervals, above 0 and below 1.
    n_resamples : int, default=500
        How often customers are drawn for the intervals, at least 2.
    random_state : int, Generator, RandomState or None, default=None
        Seed; the same whole number gives the same intervals.

    Returns
    -------
    pandas.DataFrame
        A row a share, indexed by `share`: `n_customers` and `n_churners` (a part of a customer
        counts as that part), `churn_rate` among them, `gain` (their part of all churners) with
        `gain_lower` and `gain_upper`, `lift` with `lift_lower` and `lift_upper`.

    Raises
    ------
    DataError
        If values are missing or infinite, y_true is not 0 and 1, the lengths differ or are 0, or
        a parameter is out of its range.

    Examples
    --------
    >>> y, p = [1, 1, 0, 1, 0, 0, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1]
    >>> table = lift_table(y, p, shares=[0.25, 0.5], random_state=0)
    >>> table[["n_customers", "n_churners", "churn_rate", "gain", "lift"]].round(3)
           n_customers  n_churners  churn_rate   gain   lift
    share
    0.25           2.0         2.0        1.00  0.667  2.667
    0.50           4.0         3.0        0.75  1.000  2.000
    """
    owner = "lift_table"
    true, score = labelled(y_true, p, owner, probability=False, both=True)
    parts = np.array([check_share(share, owner) for share in shares])
    if not len(parts):
        raise DataError(f"{owner}: shares is empty. Pass at least one, such as [0.1].")
    check_level(level, owner)
    check_whole(n_resamples, "n_resamples", owner, low=2)
    random = generator(random_state, owner)
    gain = np.interp(parts, *cumulated(true, by=score))
    order, cluster = Falling(score, true), clusters(groups, true.size, owner)
    drawn = [
        caught_by_best(*order.grouped(weight), parts)
        for weight in drawn_weights(true.size, n_resamples, random, cluster)
    ]
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    lower, upper = np.nanquantile(np.concatenate(drawn), tails, axis=0)
    n, caught = parts * true.size, gain * true.sum()
    columns = {"n_customers": n, "n_churners": caught, "churn_rate": caught / n}
    columns |= {"gain": gain, "gain_lower": lower, "gain_upper": upper}
    columns |= {"lift": gain / parts, "lift_lower": lower / parts, "lift_upper": upper / parts}
    return pd.DataFrame(columns, index=pd.Index(parts, name="share"))


def caught_by_best(size: Floats, churned: Floats, shares: Floats) -> Floats:
    """Part of all churners among the riskiest, a row a resample; NaN where nobody churned."""
    total = churned.sum(axis=1, keepdims=True)
    return np.asarray(sums_of_best(size, churned, shares) / np.where(total > 0, total, np.nan))
