"""The logistic regression of churn on recency, frequency and money, on a logarithmic scale.

log-odds of churn = b + sum_j a_j (f(x_j) - mean_j) / scale_j with f(x) = sign(x) log(1 + |x|).
Three or four columns of this kind are the baseline to beat in churn studies: Buckinx and Van den
Poel (2005), European Journal of Operational Research 164, 252-268.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import special
from sklearn.utils.validation import _check_sample_weight

from crmkit._validation import Floats, check_real
from crmkit.churn._binary import BinaryChurn
from crmkit.churn._churn_label import churn_labels
from crmkit.churn._logistic import fit_logistic
from crmkit.churn._snapshots import opened
from crmkit.exceptions import DataError

COLUMNS = ("days_since_last", "frequency", "monetary_value", "T")


class RFMLogistic(BinaryChurn):
    """Score churn from recency, frequency and money: customers in, a probability each out.

    Use it as the baseline that every other churn model has to beat, and as the model itself where
    it is not beaten. It needs labels of a past period. It sees no trends and no interactions:
    where these matter, a boosted model wins.

    Parameters
    ----------
    columns : sequence of str, optional
        Columns that are read, each taken as sign(x) log(1 + abs(x)) and standardised. By default
        `days_since_last`, `frequency`, `monetary_value` and `T`, which every frame of
        `crmkit.summarize` has.
    C : float, default=1.0
        Inverse strength of the penalty on the standardised slopes, as in scikit-learn.
    churned : label or None, default=None
        The label that means churn. None: the second in order (1, True, "Yes", "churned").

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The two labels; the second is churn.
    coef_ : ndarray of shape (n_columns,)
        Change of the log-odds of churn for one standard deviation of each column, after the log.
    intercept_ : float
        Log-odds of churn of a customer with the mean of every column.
    mean_, scale_ : ndarray of shape (n_columns,)
        Mean and standard deviation of the columns, after the log.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of str
        Their names, when `fit` saw a frame.

    See Also
    --------
    BTYDChurn : The baseline without labels.
    RecencyRule : The baseline of one column.

    References
    ----------
    .. [1] Buckinx, W. and Van den Poel, D. (2005). Customer base analysis: partial defection of
       behaviourally loyal clients in a non-contractual FMCG retail setting. European Journal of
       Operational Research 164, 252-268.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.churn import RFMLogistic
    >>> customers = pd.DataFrame({
    ...     "customer_id": list("abcdef"),
    ...     "days_since_last": [5, 10, 20, 100, 200, 300],
    ...     "frequency": [8, 0, 4, 3, 0, 0],
    ... })
    >>> model = RFMLogistic(columns=("days_since_last", "frequency"))
    >>> model.fit(customers, [0, 0, 0, 1, 0, 1]).predict_frame(customers).round(2)
      customer_id  probability_churn
    0           a               0.14
    1           b               0.15
    2           c               0.24
    3           d               0.43
    4           e               0.49
    5           f               0.55
    """

    def __init__(
        self, columns: Sequence[str] = COLUMNS, C: float = 1.0, churned: Any = None
    ) -> None:
        self.columns = columns
        self.C = C
        self.churned = churned

    def fit(self, X: Any, y: Any = None, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Learn the slopes: customers and labels in, the fitted classifier out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, n_columns) or Snapshots
            Customers with the columns `columns`, finite numbers; as an array, in this order.
            Snapshots bring the labels.
        y : array-like of shape (n_customers,), default=None
            1 for churned, 0 for stayed, or any two labels (see `churned`). Needed unless X
            is Snapshots.
        sample_weight : array-like of shape (n_customers,), default=None
            How many customers each row stands for; None means one.

        Returns
        -------
        Self
            The fitted classifier.

        Raises
        ------
        DataError
            If a parameter is not allowed, columns are missing or hold no finite numbers, or `y`
            does not hold two classes.
        """
        owner = type(self).__name__
        check_real(self.C, "C", owner, low=0.0, open_low=True)
        X, told = opened(X, y=y)
        y = told["y"]
        x = self._validated(X, reset=True)
        self.classes_, churned = churn_labels(y, self.churned, len(x), owner)
        weight = _check_sample_weight(sample_weight, x, dtype=np.float64, ensure_non_negative=True)
        check_both_weigh(churned, weight, owner)
        self.mean_, self.scale_ = moments(x, weight)
        z = (x - self.mean_) / self.scale_
        self.coef_, self.intercept_ = fit_logistic(
            z, churned.astype(np.float64), weight, float(self.C), owner
        )
        return self

    def _probability(self, X: Any) -> Floats:
        z = (self._validated(X, reset=False) - self.mean_) / self.scale_
        return np.asarray(special.expit(self.intercept_ + (z * self.coef_).sum(axis=1)))

    def _column_names(self) -> tuple[str, ...]:
        names = self.columns
        if isinstance(names, str) or not len(names) or not all(isinstance(n, str) for n in names):
            raise DataError(
                f"{type(self).__name__}: columns must be a list of names, got {names!r}."
            )
        return tuple(names)

    def _columns(self, X: Any) -> Any:
        columns = super()._columns(X)
        n_wanted = len(self._column_names())
        shape = np.shape(columns)
        if len(shape) == 2 and shape[1] != n_wanted and not hasattr(self, "n_features_in_"):
            raise DataError(
                f"{type(self).__name__}: an array must hold the {n_wanted} columns "
                f"{list(self._column_names())} in this order, got {shape[1]} columns."
            )
        return columns

    def _domain(self, x: Floats) -> Floats:
        return np.asarray(np.sign(x) * np.log1p(np.abs(x)))


def check_both_weigh(churned: npt.NDArray[np.int64], weight: Floats, owner: str) -> None:
    """Refuse weights that leave only one class."""
    sums = np.bincount(churned, weights=weight, minlength=2)
    if not (sums > 0).all():
        raise DataError(
            f"{owner}: after the weights y holds one class only. Give some weight to both."
        )


def moments(x: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted mean and standard deviation of each column, summed in order of size.

    A column that does not vary has scale 1.
    """
    mean, scale = np.empty(x.shape[1]), np.empty(x.shape[1])
    for j, column in enumerate(x.T):
        order = np.lexsort((weight, column))
        v, w = column[order], weight[order]
        mean[j] = w @ v / w.sum()
        scale[j] = np.sqrt(w @ (v - mean[j]) ** 2 / w.sum())
    flat = scale <= 1e-12 * np.maximum(np.abs(mean), 1.0)
    return mean, np.where(flat, 1.0, scale)
