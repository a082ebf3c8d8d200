"""Expected and actual values by tenths of the customers, best predicted first.

The table behind a decile chart and a cumulative gains chart; the picture is that of Wang, Liu and
Miao (2019), A deep probabilistic model for customer lifetime value prediction, arXiv 1912.07753.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats, check_whole
from crmkit.exceptions import DataError
from crmkit.metrics._checks import pair


def decile_table(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, *, n_groups: int = 10
) -> pd.DataFrame:
    """Compare level and order group by group: two numbers a customer in, a frame out.

    Customers are sorted by what was expected of them and cut into groups of equal size. Where
    `mean_expected` follows `mean_actual` down the table the forecast is right for small and large
    customers alike; `cumulative_share` says what the best groups brought together. Use it to see
    for whom a forecast is wrong, and how many customers are worth a call.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        What came: purchases or spend, not negative.
    y_pred : array-like of shape (n_customers,)
        What was expected, in the same unit and row order, not negative. Customers with equal
        predictions share their value alike, so row order does not matter.
    n_groups : int, default=10
        Number of groups, at least 2; at most the number of customers.

    Returns
    -------
    pandas.DataFrame
        A row a group, the best predicted first, indexed by `group` (1, 2, ...):

        * `n_customers`: sizes differ by at most one,
        * `mean_expected`, `mean_actual`: per customer, in the unit of `y_true`,
        * `share`: part of the actual total that the group brought, from 0 to 1,
        * `cumulative_share`: the same of this group and all better ones,
        * `lift`: `mean_actual` over the mean of all customers; 1 is a random group,
        * `cumulative_lift`: the same of this group and all better ones.

        Shares and lifts are NaN when the actual total is 0.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, the lengths differ or are 0, or there are
        fewer customers than groups.

    Examples
    --------
    >>> table = decile_table([6, 0, 2, 2], [5.0, 0.5, 3.0, 0.5], n_groups=2)
    >>> table[["mean_expected", "mean_actual", "share", "cumulative_share", "lift"]]
           mean_expected  mean_actual  share  cumulative_share  lift
    group
    1                4.0          4.0    0.8               0.8   1.6
    2                0.5          1.0    0.2               1.0   0.4
    """
    true, pred = pair(y_true, y_pred, "decile_table")
    check_whole(n_groups, "n_groups", "decile_table", low=2)
    if true.size < n_groups:
        raise DataError(
            f"decile_table: {true.size:,} customers cannot be cut into {n_groups} groups. Pass a "
            "smaller n_groups, or more customers."
        )
    edges = np.arange(n_groups + 1) * true.size // n_groups
    size = np.diff(edges)
    expected, actual = (np.add.reduceat(v, edges[:-1]) for v in best_first(pred, true))
    total = true.sum()
    share = actual / total if total > 0 else np.full(n_groups, np.nan)
    together = np.minimum(np.cumsum(share), 1.0)
    return pd.DataFrame(
        {
            "n_customers": size,
            "mean_expected": expected / size,
            "mean_actual": actual / size,
            "share": share,
            "cumulative_share": together,
            "lift": share * true.size / size,
            "cumulative_lift": together * true.size / edges[1:],
        },
        index=pd.RangeIndex(1, n_groups + 1, name="group"),
    )


def best_first(pred: Floats, true: Floats) -> tuple[Floats, Floats]:
    """Both columns in falling order of `pred`; where that ties, the mean of `true` stands."""
    value, group, size = np.unique(-pred, return_inverse=True, return_counts=True)
    mean = np.bincount(group, weights=true) / size
    return np.repeat(-value, size), np.repeat(mean, size)
