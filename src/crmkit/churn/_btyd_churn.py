"""Churn of a purchase model: the probability of no purchase in the horizon.

For a model with likelihood L(x, t, T) of x repeat purchases, the last at age t, seen until age T,

    P(no purchase in (T, T + H] | x, t, T) = L(x, t, T + H) / L(x, t, T).

It is not 1 - P(alive): a customer who is alive may well buy nothing in H, and the BG/NBD model
calls every one-time buyer alive. Fader, Hardie and Lee (2005), Marketing Science 24, 275-284.
"""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import special
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from crmkit._units import in_unit
from crmkit._validation import Floats
from crmkit.churn._binary import BinaryChurn
from crmkit.churn._churn_label import churn_labels
from crmkit.churn._logistic import fit_logistic
from crmkit.churn._snapshots import opened
from crmkit.exceptions import DataError

_EDGE = 1e-9
_METHODS = ("fit", "probability_no_purchase")


class BTYDChurn(BinaryChurn):
    """Score churn by a purchase model: customers in, a probability of no purchase each out.

    A baseline that needs no labels, so it works on the day of the cut-off, and a hard one to beat
    where people buy at random times. Where labels of the past exist, compare it with `RFMLogistic`
    and `recalibrate` it: a purchase model does not know the seasons.

    Parameters
    ----------
    purchases : purchase model
        Any model of `crmkit.clv` with `fit` and `probability_no_purchase`, such as
        ``BetaGeoModel()``. One that is fitted is used as it is; an unfitted one is cloned and
        fitted on the customers of `fit`.
    horizon : float or str, default=90.0
        Length of the period without purchase that is called churn, in the unit of `T`, or text
        such as "90D".
    recalibrate : bool, default=False
        Whether the labels of `fit` shift and stretch the log-odds (Platt 1999), which keeps
        the order of the customers as long as the fitted slope is above 0, and sets the level right.
    churned : label or None, default=None
        The label that means churn. None: the second in order (1, True, "Yes", "churned").

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        [0, 1], or the two labels that `fit` was given; the second is churn.
    purchases_ : purchase model
        The fitted purchase model.
    slope_, shift_ : float
        The log-odds become ``shift_ + slope_ * log_odds``; 1 and 0 unless recalibrated.
    n_features_in_ : int
        Number of columns that the purchase model reads.
    feature_names_in_ : ndarray of str
        Their names, when `fit` saw a frame.

    See Also
    --------
    RFMLogistic : The baseline that learns from labels.

    References
    ----------
    .. [1] Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the
       easy way. Marketing Science 24, 275-284.
    .. [2] Platt, J. (1999). Probabilistic outputs for support vector machines. Advances in Large
       Margin Classifiers, MIT Press, 61-74.

    Examples
    --------
    >>> import crmkit as ck
    >>> from crmkit.churn import BTYDChurn
    >>> from crmkit.clv import BetaGeoModel
    >>> events = ck.datasets.make_customers(300, random_state=0).events
    >>> customers = ck.summarize(ck.EventLog(events), unit="D")
    >>> model = BTYDChurn(BetaGeoModel(), horizon="90D").fit(customers)
    >>> model.predict_frame(customers).columns.tolist()
    ['customer_id', 'probability_churn']
    """

    def __init__(
        self,
        purchases: Any,
        horizon: float | str = 90.0,
        recalibrate: bool = False,
        churned: Any = None,
    ) -> None:
        self.purchases = purchases
        self.horizon = horizon
        self.recalibrate = recalibrate
        self.churned = churned

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the purchase model unless it is fitted: customers in, the fitted classifier out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, n_columns) or Snapshots
            Customers as the purchase model reads them: a frame of `crmkit.summarize`, or an array
            of `frequency`, `recency`, `T` in this order. Snapshots bring the unit and the labels.
        y : array-like of shape (n_customers,), default=None
            1 for churned, 0 for stayed. Read only for `recalibrate` and for its labels.

        Returns
        -------
        Self
            The fitted classifier.

        Raises
        ------
        DataError
            If `purchases` is no purchase model, the horizon cannot be read, `recalibrate` lacks
            `y`, or the purchase model refuses the customers.
        """
        owner = type(self).__name__
        unit = getattr(X, "unit", None)
        X, told = opened(X, y=y)
        y = told["y"]
        self._check_parts(owner, y)
        model = self.purchases
        if not is_fitted(model):
            model = in_unit_of(clone(model), unit).fit(X)
        horizon = in_unit(self.horizon, getattr(model, "unit_", None), owner)
        if horizon == 0:
            raise DataError(f"{owner}: horizon must be above 0: nobody buys within no time.")
        p = np.asarray(model.probability_no_purchase(X, horizon))
        self.classes_ = np.array([0, 1])
        self.slope_, self.shift_ = 1.0, 0.0
        if y is not None:
            self.classes_, churned = churn_labels(y, self.churned, len(p), owner)
            if self.recalibrate:
                self.slope_, self.shift_ = recalibration(p, churned.astype(np.float64), owner)
        self.purchases_, self.horizon_ = model, horizon
        self._take_names(model)
        return self

    def _probability(self, X: Any) -> Floats:
        p = np.asarray(self.purchases_.probability_no_purchase(X, self.horizon_), dtype=np.float64)
        if self.slope_ == 1.0 and self.shift_ == 0.0:
            return p
        return np.asarray(special.expit(self.shift_ + self.slope_ * clipped_logit(p)))

    def _check_parts(self, owner: str, y: Any) -> None:
        model = self.purchases
        if isinstance(model, type) or not all(hasattr(model, name) for name in _METHODS):
            raise DataError(
                f"{owner}: purchases must be a purchase model with probability_no_purchase, such "
                f"as BetaGeoModel(), got {model!r}."
            )
        if self.recalibrate and y is None:
            raise DataError(
                f"{owner}: recalibrate=True needs y, the labels of a past period. Pass y, or "
                "leave recalibrate away."
            )

    def _take_names(self, model: Any) -> None:
        self.n_features_in_: int = model.n_features_in_
        names: npt.NDArray[Any] | None = getattr(model, "feature_names_in_", None)
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        return tags


def in_unit_of(model: Any, unit: str | None) -> Any:
    """Tell a model the unit of the snapshots, unless it was told one."""
    parameters = model.get_params(deep=False)
    if isinstance(unit, str) and "unit" in parameters and parameters["unit"] is None:
        model.set_params(unit=unit)
    return model


def is_fitted(model: Any) -> bool:
    """Tell whether a model has been fitted, by scikit-learn's convention."""
    try:
        check_is_fitted(model)
    except NotFittedError:
        return False
    return True


def recalibration(p: Floats, churned: Floats, owner: str) -> tuple[float, float]:
    """Slope and shift of the log-odds, by maximum likelihood with hardly any penalty."""
    x = clipped_logit(p)[:, None]
    slopes, shift = fit_logistic(x, churned, np.ones(len(p)), 1e6, owner)
    return float(slopes[0]), shift


def clipped_logit(p: Floats) -> Floats:
    """Log-odds of probabilities, finite at 0 and 1."""
    return np.asarray(special.logit(np.clip(p, _EDGE, 1.0 - _EDGE)))
