"""How good are predicted purchases or spend: level, error, order.

Most customers buy nothing in a holdout period, so the mean absolute error rewards forecasts that
are too low. Judge the level by `total_bias`, the expectation by `mean_poisson_deviance` and the
root mean squared error, the order by `spearman`, `normalized_gini` and `captured_share`. A score
that the data do not define (the rank correlation of a constant) is NaN; bad input is an error.
"""

import numpy as np
import numpy.typing as npt
from scipy import special, stats
from sklearn import metrics

from crmkit._validation import check_real
from crmkit.metrics._checks import pair
from crmkit.metrics._concentration import check_share, gini_of, held_by_top

FLOOR, TOP = 1e-6, 0.1
SCORES = (
    "mean_absolute_error",
    "root_mean_squared_error",
    "poisson_deviance",
    "total_bias",
    "spearman",
    "normalized_gini",
    "top_decile_share",
)
"""Names and order of what `value_scores` tells."""


def total_bias(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
    """Compare predicted and actual totals: two numbers a customer in, one share out.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        What came: purchases or spend, not negative.
    y_pred : array-like of shape (n_customers,)
        What was expected, in the same unit and row order, not negative.

    Returns
    -------
    float
        sum(y_pred) / sum(y_true) - 1: -0.1 is a total forecast 10 % too low. NaN when the actual
        total is 0.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, or the lengths differ or are 0.

    Examples
    --------
    >>> total_bias([0, 1, 3], [0.5, 1.0, 1.5])
    -0.25
    """
    true, pred = pair(y_true, y_pred, "total_bias")
    total = true.sum()
    return float(pred.sum() / total - 1.0) if total > 0 else float("nan")


def mean_poisson_deviance(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, *, floor: float = FLOOR
) -> float:
    """Score expected counts: two numbers a customer in, the mean deviance (lower is better) out.

    It is least in expectation at the true mean, whatever the share of customers with no purchase;
    so it is the first score to look at for expected purchases. Above the floor it equals
    `sklearn.metrics.mean_poisson_deviance`, which refuses a prediction of 0.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        What came, not negative.
    y_pred : array-like of shape (n_customers,)
        What was expected, in the same unit and row order, not negative.
    floor : float, default=1e-6
        Smaller predictions are raised to this, in the unit of `y_true`. A prediction of 0 for a
        customer who bought is infinitely wrong: `floor=0` says so with `inf`, the default charges
        about 26 for one purchase that was ruled out.

    Returns
    -------
    float
        Mean of 2 (y log(y / p) - y + p), without unit; 0 is perfect.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, or the lengths differ or are 0.

    Examples
    --------
    >>> round(mean_poisson_deviance([0, 1, 3], [0.5, 1.0, 1.5]), 4)
    0.7196
    >>> mean_poisson_deviance([0, 1], [0.0, 0.0], floor=0)
    inf
    """
    true, pred = pair(y_true, y_pred, "mean_poisson_deviance")
    check_real(floor, "floor", "mean_poisson_deviance", low=0.0)
    return float(2.0 * special.kl_div(true, np.maximum(pred, floor)).mean())


def spearman(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
    """Compare two orders: two numbers a customer in, a rank correlation in [-1, 1] out.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        What came, not negative.
    y_pred : array-like of shape (n_customers,)
        What was expected, in any unit and the same row order, not negative.

    Returns
    -------
    float
        Spearman's correlation, with the mean rank for ties; NaN when either side is constant.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, or the lengths differ or are 0.

    Examples
    --------
    >>> round(spearman([0, 1, 3, 2], [0.1, 0.2, 0.3, 0.9]), 3)
    0.8
    """
    true, pred = pair(y_true, y_pred, "spearman")
    if np.ptp(true) == 0 or np.ptp(pred) == 0:
        return float("nan")
    return float(stats.spearmanr(true, pred).statistic)


def normalized_gini(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
    """Score how well predictions sort customers by value: two numbers a customer in, a score out.

    Unlike `spearman` it weighs customers by their value: to miss the best one costs most.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        What came, not negative.
    y_pred : array-like of shape (n_customers,)
        What was expected, in any unit and the same row order, not negative. Customers with equal
        predictions share their value, so row order does not matter.

    Returns
    -------
    float
        Gini coefficient in the order of the predictions over the one in the true order: 1 is
        the true order, about 0 a random one, -1 the reverse. NaN when `y_true` is constant.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, or the lengths differ or are 0.

    Examples
    --------
    >>> normalized_gini([0, 0, 0, 8], [1, 2, 3, 4])
    1.0
    >>> normalized_gini([0, 0, 0, 8], [1, 1, 1, 1])
    0.0
    """
    true, pred = pair(y_true, y_pred, "normalized_gini")
    best = gini_of(true, by=true) if np.ptp(true) > 0 else 0.0
    return gini_of(true, by=pred) / best if best > 0 else float("nan")


def captured_share(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, *, share: float = 0.1) -> float:
    """Part of the actual total that the best predicted customers brought, from 0 to 1.

    Two numbers a customer in, one share out: "the tenth we would have called brought 45 %".

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        What came, not negative.
    y_pred : array-like of shape (n_customers,)
        What was expected, in any unit and the same row order, not negative. Equal predictions
        share their customers' value alike.
    share : float, default=0.1
        Which part of the customers is picked, above 0 and at most 1.

    Returns
    -------
    float
        Share of the total; `share` itself is what a random pick would bring. NaN when the total
        is 0.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, the lengths differ or are 0, or `share` is
        no number in (0, 1].

    Examples
    --------
    >>> captured_share([6, 0, 2, 2], [0.9, 0.1, 0.5, 0.2], share=0.25)
    0.6
    """
    true, pred = pair(y_true, y_pred, "captured_share")
    part = check_share(share, "captured_share")
    return held_by_top(true, pred, part) if true.any() else float("nan")


def value_scores(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> dict[str, float]:
    """Score predicted purchases or spend from every side: two numbers a customer in, a dict out.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        What came, not negative.
    y_pred : array-like of shape (n_customers,)
        What was expected, in the same unit and row order, not negative.

    Returns
    -------
    dict of str to float
        `mean_absolute_error` and `root_mean_squared_error` in the unit of `y_true`,
        `poisson_deviance` (see `mean_poisson_deviance`), `total_bias`, `spearman`,
        `normalized_gini`, and `top_decile_share`: part of the total that the best tenth by
        prediction brought.

    See Also
    --------
    score_intervals : The same scores with their uncertainty, and paired differences.

    Raises
    ------
    DataError
        If values are missing, infinite or negative, or the lengths differ or are 0.

    Examples
    --------
    >>> scores = value_scores([0, 1, 3, 0], [0.5, 1.0, 2.0, 0.5])
    >>> scores["mean_absolute_error"], scores["total_bias"], round(scores["top_decile_share"], 3)
    (0.5, 0.0, 0.3)
    """
    true, pred = pair(y_true, y_pred, "value_scores")
    scores = (
        float(metrics.mean_absolute_error(true, pred)),
        float(metrics.root_mean_squared_error(true, pred)),
        mean_poisson_deviance(true, pred),
        total_bias(true, pred),
        spearman(true, pred),
        normalized_gini(true, pred),
        captured_share(true, pred, share=TOP),
    )
    return dict(zip(SCORES, scores, strict=True))
