"""Do probabilities mean what they say? Predicted and observed shares, bin by bin.

Customers are sorted by their probability and cut into bins of equal size; customers with equal
probabilities stay together, in the bin that holds their middle. The expected calibration error is

    ECE = sum over bins of  n_bin / n |observed share - mean probability|

Naeini, Cooper and Hauskrecht (2015), AAAI Conference on Artificial Intelligence 29, 2901-2907. The
intervals of observed shares are those of Wilson (1927), Journal of the American Statistical
Association 22, 209-212: where nobody churned a bootstrap would say that nobody ever will.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from crmkit._validation import Floats, check_whole
from crmkit.metrics._checks import check_level
from crmkit.metrics._churn_checks import labelled
from crmkit.metrics._resampling import Falling

N_BINS = 15


def expected_calibration_error(
    y_true: npt.ArrayLike, p: npt.ArrayLike, *, n_bins: int = N_BINS
) -> float:
    """Mean distance between predicted and observed shares: two numbers a customer in, one out.

    It is above 0 even for the true probabilities, by the luck of each bin: about 0.03 for 2,000
    customers and 15 bins, less for a forecast of few distinct values. `score_intervals` takes
    about half of that luck out of its interval; to compare forecasts use `log_loss` and
    `brier_score`. One probability for all, the base rate, scores 0:
    it is honest, and useless. Look at the order too.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed.
    p : array-like of shape (n_customers,)
        Probability of churn.
    n_bins : int, default=15
        Number of bins of equal size, at least 1; ties may leave some of them empty.

    Returns
    -------
    float
        From 0 to 1, a probability.

    Raises
    ------
    DataError
        If values are missing, y_true is not 0 or 1, p is not between 0 and 1, the lengths differ
        or are 0, or `n_bins` is out of its range.

    Examples
    --------
    >>> round(expected_calibration_error([0, 0, 1, 1], [0.1, 0.3, 0.6, 0.8], n_bins=2), 3)
    0.25
    """
    owner = "expected_calibration_error"
    true, pred = labelled(y_true, p, owner)
    check_whole(n_bins, "n_bins", owner, low=1)
    return float(calibration_errors(Falling(pred, true), pred, np.ones((1, true.size)), n_bins)[0])


def calibration_table(
    y_true: npt.ArrayLike, p: npt.ArrayLike, *, n_bins: int = 10, level: float = 0.95
) -> pd.DataFrame:
    """Set predicted beside observed churn, bin by bin: two numbers a customer in, a frame out.

    Use it to see where probabilities are too high or too low. A bin is at fault where
    `mean_predicted` lies outside `lower` to `upper`; of 20 good bins one does by luck.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        1 for churned, 0 for stayed.
    p : array-like of shape (n_customers,)
        Probability of churn.
    n_bins : int, default=10
        Number of bins of equal size, at least 1. Customers with equal probabilities stay in one
        bin, so sizes differ and there may be fewer bins.
    level : float, default=0.95
        Probability of the intervals, above 0 and below 1. They take rows for independent; where a
        customer has several rows, they are too narrow.

    Returns
    -------
    pandas.DataFrame
        A row a bin, the safest customers first, indexed by `bin` (1, 2, ...): `n_customers`,
        `lowest` and `highest` (probability), `mean_predicted`, `observed` (share that churned),
        `lower` and `upper` (interval of the share), `gap` (`observed` - `mean_predicted`).

    Raises
    ------
    DataError
        If values are missing, y_true is not 0 or 1, p is not between 0 and 1, the lengths differ
        or are 0, or a parameter is out of its range.

    Examples
    --------
    >>> table = calibration_table([0, 0, 1, 1], [0.1, 0.3, 0.6, 0.8], n_bins=2)
    >>> table[["n_customers", "mean_predicted", "observed", "lower", "upper"]].round(2)
         n_customers  mean_predicted  observed  lower  upper
    bin
    1              2             0.2       0.0   0.00   0.66
    2              2             0.7       1.0   0.34   1.00
    """
    owner = "calibration_table"
    true, pred = labelled(y_true, p, owner)
    check_whole(n_bins, "n_bins", owner, low=1)
    check_level(level, owner)
    order = Falling(pred, true)
    of_group = bin_of_groups(np.diff(np.append(order.starts, true.size))[None, :], n_bins)[0]
    of_customer = -of_group[order.group]
    rows = pd.DataFrame({"bin": of_customer, "p": pred, "y": true}).groupby("bin", sort=True)
    size, observed, mean = (
        np.asarray(x) for x in (rows.size(), rows["y"].mean(), rows["p"].mean())
    )
    lower, upper = wilson(observed, size, level)
    return pd.DataFrame(
        {
            "n_customers": size,
            "lowest": np.asarray(rows["p"].min()),
            "highest": np.asarray(rows["p"].max()),
            "mean_predicted": mean,
            "observed": observed,
            "lower": lower,
            "upper": upper,
            "gap": observed - mean,
        },
        index=pd.RangeIndex(1, len(size) + 1, name="bin"),
    )


def bin_of_groups(size: Floats, n_bins: int) -> npt.NDArray[np.intp]:
    """Bin of each group of customers, 0 for the first, by its middle; a row a resample."""
    last = np.cumsum(size, axis=1)
    found = (2.0 * last - size) * n_bins // (2.0 * last[:, -1:])
    return np.asarray(np.minimum(found, n_bins - 1), dtype=np.intp)


def calibration_errors(order: Falling, pred: Floats, weight: Floats, n_bins: int) -> Floats:
    """Expected calibration error of each resample."""
    size, churned = order.grouped(weight)
    surplus = churned - size * pred[order.order][order.starts]
    row = np.arange(len(size))[:, None] * n_bins
    places = (row + bin_of_groups(size, n_bins)).ravel()
    in_bins = np.bincount(places, weights=surplus.ravel(), minlength=len(size) * n_bins)
    return np.asarray(np.abs(in_bins.reshape(len(size), n_bins)).sum(axis=1) / size.sum(axis=1))


def wilson(share: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Interval of a share that was observed on n customers."""
    z = special.ndtri((1.0 + level) / 2.0)
    middle = (share + z**2 / (2.0 * n)) / (1.0 + z**2 / n)
    half = z / (1.0 + z**2 / n) * np.sqrt(share * (1.0 - share) / n + z**2 / (4.0 * n**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
