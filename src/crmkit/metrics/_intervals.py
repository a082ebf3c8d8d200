"""Do prediction intervals hold what they promise? Coverage, width, and a score of both.

The interval score is that of Gneiting and Raftery (2007), Strictly proper scoring rules, Journal
of the American Statistical Association 102, 359-378, equation 43 (also: Winkler 1972): for a
central interval [l, u] of probability 1 - alpha,

    S = (u - l) + 2/alpha max(l - y, 0) + 2/alpha max(y - u, 0)

is least in expectation if l and u are the alpha/2 and 1 - alpha/2 quantiles.
"""

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.metrics._checks import amounts, check_lengths, check_level


def interval_coverage(
    y_true: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, *, level: float = 0.8
) -> dict[str, float]:
    """Judge prediction intervals: a truth and two bounds a customer in, a dict of shares out.

    Look at `share_below` and `share_above` apart: a forecast that is too low may reach its
    coverage by wide intervals. Each should be about half of 1 - `level`; where intervals begin at
    0, below which nothing lies, the whole of it may lie above. Counts are whole, so an interval of
    counts holds at least what it promises: a coverage below `level` is a fault, one above it need
    not be.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        What came: purchases or spend.
    lower, upper : array-like of shape (n_customers,)
        Bounds of the interval, in the same unit and row order; both belong to the interval.
    level : float, default=0.8
        Probability that the intervals promise to hold, above 0 and below 1.

    Returns
    -------
    dict of str to float
        `coverage` (part of the customers inside, compare with `level`), `share_below` (part whose
        truth lies below the interval), `share_above`, `mean_width` and `interval_score` (mean, see
        `interval_score`), both in the unit of `y_true`.

    Raises
    ------
    DataError
        If values are missing or infinite, the lengths differ or are 0, a lower bound lies above
        its upper bound, or `level` is no number between 0 and 1.

    See Also
    --------
    interval_score : The score alone, to choose between intervals.

    Examples
    --------
    >>> found = interval_coverage([0, 1, 5, 2], [0, 0, 1, 3], [1, 2, 3, 4], level=0.5)
    >>> found["coverage"], found["share_below"], found["share_above"], found["mean_width"]
    (0.5, 0.25, 0.25, 1.5)
    """
    true, low, high = bounds(y_true, lower, upper, "interval_coverage")
    return {
        "coverage": float(np.mean((low <= true) & (true <= high))),
        "share_below": float(np.mean(true < low)),
        "share_above": float(np.mean(true > high)),
        "mean_width": float(np.mean(high - low)),
        "interval_score": score_of(true, low, high, check_level(level, "interval_coverage")),
    }


def interval_score(
    y_true: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, *, level: float = 0.8
) -> float:
    """Score prediction intervals: a truth and two bounds a customer in, one number out.

    Width plus a penalty for what lies outside, 2 / (1 - level) times the distance: it rewards
    narrow intervals that hold, and cannot be bettered by intervals that are wider or narrower than
    one believes. Compare forecasts of the same customers by it; lower is better.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        What came: purchases or spend.
    lower, upper : array-like of shape (n_customers,)
        Bounds of the interval, in the same unit and row order.
    level : float, default=0.8
        Probability that the intervals promise to hold, above 0 and below 1.

    Returns
    -------
    float
        Mean score, in the unit of `y_true`.

    Raises
    ------
    DataError
        If values are missing or infinite, the lengths differ or are 0, a lower bound lies above
        its upper bound, or `level` is no number between 0 and 1.

    Examples
    --------
    >>> interval_score([0, 5], [0, 1], [2, 3], level=0.5)  # widths 2 and 2, one miss by 2
    6.0
    """
    true, low, high = bounds(y_true, lower, upper, "interval_score")
    return score_of(true, low, high, check_level(level, "interval_score"))


def bounds(
    y_true: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, owner: str
) -> tuple[Floats, Floats, Floats]:
    """Truth and bounds as arrays of one length, each lower bound at most its upper one."""
    true, low, high = (
        amounts(values, name, owner, signed=True)
        for values, name in ((y_true, "y_true"), (lower, "lower"), (upper, "upper"))
    )
    check_lengths(true, low, "lower", owner)
    check_lengths(true, high, "upper", owner)
    wrong = low > high
    if wrong.any():
        first = wrong.argmax()
        raise DataError(
            f"{owner}: {wrong.sum():,} lower bounds are above their upper bounds (first at row "
            f"{first:,}: {low[first]:g} > {high[first]:g}). Are the two columns swapped?"
        )
    return true, low, high


def score_of(true: Floats, low: Floats, high: Floats, level: float) -> float:
    """Mean interval score."""
    outside = np.maximum(low - true, 0.0) + np.maximum(true - high, 0.0)
    return float(np.mean(high - low + 2.0 / (1.0 - level) * outside))
