"""Churn from one column: the longer ago the last purchase, the more probable.

Recency is cut into bins of equal numbers of customers (equal values share a bin); the share of
churners in each, drawn towards the share of all, (k + m s) / (n + m), is made to rise by the
pool-adjacent-violators algorithm, and runs straight between the centres of the bins. Outside the
centres its log-odds go on in the logarithm of the days, with the mean slope of what lies between.
Barlow, Bartholomew, Bremner and Brunk (1972), Statistical Inference under Order Restrictions.
"""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import special
from sklearn.isotonic import isotonic_regression

from crmkit._validation import Floats, check_real, check_whole
from crmkit.churn._binary import BinaryChurn
from crmkit.churn._churn_label import churn_labels
from crmkit.churn._snapshots import features_of, opened
from crmkit.exceptions import DataError

_LONGEST = 50.0  # log of a time that nobody waits for


class RecencyRule(BinaryChurn):
    """Score churn by the days since the last purchase: customers in, a probability each out.

    The rule that most shops use, made a fair baseline: its probabilities are frequencies of the
    past, so that log loss and calibration mean something. A model that does not beat it is not
    worth its upkeep.

    Parameters
    ----------
    threshold : float, default=None
        From this recency on `predict` says churn, in the unit of the column; None learns it: the
        recency at which churn becomes more probable than not. Probabilities do not depend on it.
    recency : str, default="days_since_last"
        Column with the time since the last purchase: the larger, the longer ago.
    n_bins : int, default=20
        Most bins in which frequencies are counted.
    smoothing : float, default=5.0
        Number of average customers that are added to each bin; above 0 keeps every probability
        away from 0 and 1.
    churned : label or None, default=None
        The label that means churn. None: the second in order (1, True, "Yes", "churned").

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The two labels; the second is churn.
    threshold_ : float
        Recency from which churn is more probable than not, or the one that was given; 0 where
        it always is, infinite where it never becomes so.
    centres_ : ndarray of shape (n_bins_found,)
        Mean recency of each bin.
    rates_ : ndarray of shape (n_bins_found,)
        Probability of churn at each centre, rising.
    n_features_in_ : int
        Number of columns: 1.
    feature_names_in_ : ndarray of str
        Name of the column, when `fit` saw a frame.

    See Also
    --------
    RFMLogistic : Adds frequency, money and age.

    References
    ----------
    .. [1] Barlow, R. E., Bartholomew, D. J., Bremner, J. M. and Brunk, H. D. (1972). Statistical
       Inference under Order Restrictions. Wiley.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.churn import RecencyRule
    >>> customers = pd.DataFrame({"days_since_last": [3, 9, 30, 60, 90, 200]})
    >>> rule = RecencyRule(n_bins=2, smoothing=1.0).fit(customers, [0, 0, 1, 1, 1, 1])
    >>> rule.centres_.round(1), rule.rates_.round(3)
    (array([ 14. , 116.7]), array([0.417, 0.917]))
    >>> rule.predict(customers).tolist(), round(rule.threshold_, 1)
    ([0, 0, 0, 1, 1, 1], 31.1)
    """

    def __init__(
        self,
        threshold: float | None = None,
        recency: str = "days_since_last",
        n_bins: int = 20,
        smoothing: float = 5.0,
        churned: Any = None,
    ) -> None:
        self.threshold = threshold
        self.recency = recency
        self.n_bins = n_bins
        self.smoothing = smoothing
        self.churned = churned

    def fit(self, X: Any, y: Any = None) -> Self:
        """Count churners by recency: customers and labels in, the fitted rule out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 1) or Snapshots
            Customers with the column `recency`, finite numbers; an array holds just this column.
            Snapshots bring the labels.
        y : array-like of shape (n_customers,), default=None
            1 for churned, 0 for stayed, or any two labels (see `churned`). Needed unless X
            is Snapshots.

        Returns
        -------
        Self
            The fitted rule.

        Raises
        ------
        DataError
            If a parameter is not allowed, the column is missing or holds no finite numbers, or
            `y` does not hold two classes.
        """
        owner = type(self).__name__
        if self.threshold is not None:
            check_real(self.threshold, "threshold", owner, low=0.0)
        check_whole(self.n_bins, "n_bins", owner, low=1)
        check_real(self.smoothing, "smoothing", owner, low=0.0, open_low=True)
        X, told = opened(X, y=y)
        y = told["y"]
        days = self._validated(X, reset=True)[:, 0]
        self.classes_, churned = churn_labels(y, self.churned, len(days), owner)
        self.centres_, self.rates_ = rates_by_recency(days, churned, self.n_bins, self.smoothing)
        found = crossing(self.centres_, self.rates_)
        self.threshold_ = found if self.threshold is None else float(self.threshold)
        return self

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Label by the threshold: customers in, one label per customer out.

        Parameters
        ----------
        X : {array-like, dataframe} or Snapshots
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers,)
            The label of churn where the recency has reached `threshold_`.
        """
        if self.threshold is None:
            return super().predict(X)
        self.predict_proba(X)  # the checks, and the error of an unfitted rule
        churned = self._validated(features_of(X), reset=False)[:, 0] >= self.threshold_
        return np.asarray(self.classes_[churned.astype(np.intp)])

    def _probability(self, X: Any) -> Floats:
        days = self._validated(X, reset=False)[:, 0]
        return risen(days, self.centres_, self.rates_)

    def _column_names(self) -> tuple[str, ...]:
        return (self.recency,)

    def _domain(self, x: Floats) -> Floats:
        if x.shape[1] != 1:
            raise DataError(
                f"{type(self).__name__}: an array must hold one column, {self.recency!r}, got "
                f"{x.shape[1]}."
            )
        return x


def rates_by_recency(
    days: Floats, churned: npt.NDArray[np.int64], n_bins: int, smoothing: float
) -> tuple[Floats, Floats]:
    """Mean recency and rising share of churners of bins of about equal size."""
    values, place, counts = np.unique(days, return_inverse=True, return_counts=True)
    hits = np.bincount(place, weights=churned, minlength=len(values))
    middle = np.cumsum(counts) - counts / 2.0  # a value lies where its middle customer does
    bins = np.minimum((middle * n_bins / len(days)).astype(np.int64), n_bins - 1)
    begins = np.flatnonzero(np.diff(bins, prepend=-1))
    n = np.add.reduceat(counts, begins).astype(np.float64)
    k = np.add.reduceat(hits, begins)
    centres = np.add.reduceat(
        values * (counts / np.repeat(n, np.diff([*begins, len(values)]))), begins
    )
    rates = (k + smoothing * churned.mean()) / (n + smoothing)
    return pooled(centres, np.asarray(isotonic_regression(rates, sample_weight=n)), n)


def pooled(centres: Floats, rates: Floats, n: Floats) -> tuple[Floats, Floats]:
    """One centre for neighbours of equal rate, so that the rate rises between any two centres."""
    begins = np.flatnonzero(np.diff(rates, prepend=-1.0))
    return np.add.reduceat(centres * n, begins) / np.add.reduceat(n, begins), rates[begins]


def risen(days: Floats, centres: Floats, rates: Floats) -> Floats:
    """Rate at each recency: straight between centres; outside, the log-odds go on rising.

    A later cut-off has longer recencies than were seen in `fit`: held flat there, they would tie.
    """
    inside = np.interp(days, centres, rates)
    if len(centres) == 1:
        return np.asarray(inside)
    log_days, log_centres = signed_log(days), signed_log(centres[[0, -1]])
    odds = special.logit(rates[[0, -1]])
    slope = (odds[1] - odds[0]) / (log_centres[1] - log_centres[0])
    below = special.expit(odds[0] + slope * (log_days - log_centres[0]))
    above = special.expit(odds[1] + slope * (log_days - log_centres[1]))
    return np.where(days < centres[0], below, np.where(days > centres[-1], above, inside))


def signed_log(x: Floats) -> Floats:
    """Log of one plus the size, with the sign."""
    return np.asarray(np.sign(x) * np.log1p(np.abs(x)))


def crossing(centres: Floats, rates: Floats) -> float:
    """Recency at which the rate passes one half: 0 if it always has, infinite if it never does."""
    if len(centres) == 1:
        return 0.0 if rates[0] > 0.5 else float("inf")
    if rates[0] <= 0.5 < rates[-1]:
        first = int(np.flatnonzero(rates > 0.5)[0])
        low, high = rates[first - 1], rates[first]
        share = (0.5 - low) / (high - low)
        return float(centres[first - 1] + share * (centres[first] - centres[first - 1]))
    log_centres, odds = signed_log(centres[[0, -1]]), special.logit(rates[[0, -1]])
    slope = (odds[1] - odds[0]) / (log_centres[1] - log_centres[0])
    log_days = log_centres[0] - odds[0] / slope  # beyond the centres, on the line of the log-odds
    if log_days > _LONGEST:
        return float("inf")
    return float(np.expm1(max(log_days, 0.0)))
