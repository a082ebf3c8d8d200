"""Customer lifetime value: expected purchases x expected spend x margin, discounted.

    CLV = margin * E[spend] * integral over (0, H] of exp(-delta t) dE(t)

E(t) are the purchases expected in (T, T + t]; delta = ln(1 + discount_rate) per year, divided by
the number of units a year has. Nothing is cut into periods, so there is no convention of paying
at the start or the end of one.
"""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from crmkit._units import UNITS_PER_YEAR, check_unit, in_unit
from crmkit._validation import Floats, check_real
from crmkit.base import CustomerModel
from crmkit.clv._beta_geo import BetaGeoModel
from crmkit.clv._gamma_gamma import GammaGammaModel
from crmkit.clv._purchase_model import PurchaseModel
from crmkit.exceptions import DataError


class CustomerLifetimeValue(CustomerModel):
    """Lifetime value: customers in, the present value of each one's future purchases out.

    Joins a model of purchases and a model of spend. `breakdown` shows the factors of every
    value. Costs of serving or winning a customer are not in it. Not for subscriptions.

    Parameters
    ----------
    purchases : PurchaseModel or None, default=None
        Model of purchases, fitted or not: a copy is fitted. None takes `BetaGeoModel()`.
    spend : GammaGammaModel or None, default=None
        Model of spend per purchase: a copy is fitted. None takes `GammaGammaModel()`.
    horizon : float, str or None, default=None
        Length of the future, in the unit of `T`, or text such as "26W"; None is one year.
    discount_rate : float, default=0.1
        Effective rate per year: 0.1 makes 110 a year from now worth 100 today.
    margin : float, default=1.0
        Share of spend that is profit; 1 values revenue.
    unit : {"h", "D", "W", "M"} or None, default=None
        Unit of `recency` and `T`. None reads it from `first_purchase` and `last_purchase`.

    Attributes
    ----------
    purchases_ : PurchaseModel
        The fitted copy of `purchases`.
    spend_ : GammaGammaModel
        The fitted copy of `spend`.
    unit_ : str or None
        Unit of the ages; None where none was needed and none is known.
    horizon_ : float
        Length of the future, in that unit.
    rate_ : float
        Continuous discount rate per unit of `T`.
    n_features_in_ : int
        Four.
    feature_names_in_ : ndarray of str
        `frequency`, `recency`, `T` and `monetary_value`, where the customers came as a frame.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({
    ...     "customer_id": list("abcdef"), "frequency": [2, 0, 5, 1, 0, 3],
    ...     "recency": [30.4, 0.0, 37.1, 8.0, 0.0, 20.3], "T": [38.9, 38.9, 38.0, 36.3, 35.1, 30.6],
    ...     "monetary_value": [22.4, 0.0, 31.5, 12.0, 0.0, 40.2],
    ... })
    >>> import warnings
    >>> with warnings.catch_warnings():  # six customers tell little
    ...     warnings.simplefilter("ignore")
    ...     value = CustomerLifetimeValue(margin=0.3, unit="W").fit(customers)
    >>> table = value.breakdown(customers)
    >>> factors = ["expected_purchases", "expected_spend", "margin", "discount_factor"]
    >>> bool(((table[factors].prod(axis=1) / table["clv"] - 1).abs() < 1e-12).all())
    True
    """

    purchases_: PurchaseModel
    spend_: GammaGammaModel
    unit_: str | None
    horizon_: float
    rate_: float

    def __init__(
        self,
        purchases: PurchaseModel | None = None,
        spend: GammaGammaModel | None = None,
        horizon: float | str | None = None,
        discount_rate: float = 0.1,
        margin: float = 1.0,
        unit: str | None = None,
    ) -> None:
        self.purchases = purchases
        self.spend = spend
        self.horizon = horizon
        self.discount_rate = discount_rate
        self.margin = margin
        self.unit = unit

    def fit(self, X: Any, y: None = None) -> Self:
        """Fit copies of both models: customers in, the fitted valuer out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 4)
            Customers with `frequency`, `recency`, `T` and `monetary_value`; as an array, in this
            order.
        y : None
            Ignored.

        Returns
        -------
        Self
            The valuer, with the attributes that end in "_".

        Raises
        ------
        DataError
            If columns are missing or hold impossible values, or the unit of `T` is needed (for
            the year of the discount rate, or for `horizon`) and not known.
        """
        self._check_parts()
        x = self._validated(X, reset=True)
        self.unit_ = self._unit_of(X)
        self.horizon_, self.rate_ = self._horizon_and_rate()
        purchases = BetaGeoModel() if self.purchases is None else clone(self.purchases)
        purchases.set_params(unit=self.unit_)
        spend = GammaGammaModel() if self.spend is None else clone(self.spend)
        self.purchases_ = purchases.fit(self._histories(x))
        self.spend_ = spend.fit(self._spends(x))
        return self

    def predict(self, X: Any) -> Floats:
        """Lifetime value: customers in, one amount per customer out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 4)
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers,)
            Present values of the profit expected in (T, T + horizon], in the currency of
            `monetary_value`.
        """
        x = self._checked(X)
        purchases = self.purchases_.discounted_purchases(
            self._histories(x), self.horizon_, self.rate_
        )
        return self.margin * self.spend_.predict(self._spends(x)) * purchases

    def breakdown(self, customers: Any, customer: str | None = None) -> Any:
        """How each value is made up: a frame of customers in, a frame of the same library out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id and the columns of `fit`.
        customer : str, default=None
            Name of the id column; None takes the first column.

        Returns
        -------
        dataframe
            The id; `expected_purchases`, `probability_alive` and `probability_no_purchase` over
            the horizon; `expected_spend` per purchase; `margin`; `discount_factor`, the mean
            worth of a purchase's date; and `clv`, the product of purchases, spend, margin and
            discount.
        """
        return self._beside_ids(customers, customer, self._factors)

    def _check_parts(self) -> None:
        for part, kind in (("purchases", PurchaseModel), ("spend", GammaGammaModel)):
            model = getattr(self, part)
            if model is not None and not isinstance(model, kind):
                raise DataError(
                    f"CustomerLifetimeValue: {part} must be a {kind.__name__}, got {model!r}."
                )

    def _factors(self, customers: Any) -> dict[str, Floats]:
        """The columns of `breakdown` but the id."""
        x = self._checked(customers)
        histories, purchases = self._histories(x), self.purchases_
        expected = purchases.predict(histories, self.horizon_)
        discounted = purchases.discounted_purchases(histories, self.horizon_, self.rate_)
        spend = self.spend_.predict(self._spends(x))
        some = expected > 0
        return {
            "expected_purchases": expected,
            "probability_alive": purchases.probability_alive(histories),
            "probability_no_purchase": purchases.probability_no_purchase(histories, self.horizon_),
            "expected_spend": spend,
            "margin": np.full(len(x), float(self.margin)),
            "discount_factor": np.divide(discounted, expected, out=np.ones(len(x)), where=some),
            "clv": self.margin * spend * discounted,
        }

    def _column_names(self) -> tuple[str, ...]:
        return ("frequency", "recency", "T", "monetary_value")

    def _domain(self, x: Floats) -> Floats:
        if x.shape[1] != 4:
            raise DataError(
                "CustomerLifetimeValue: an array needs four columns, frequency, recency, T and "
                f"monetary_value in this order, got {x.shape[1]}."
            )
        return x

    def _unit_of(self, X: Any) -> str | None:
        owner = type(self).__name__
        stated = [u for u in (self.unit, getattr(self.purchases, "unit", None)) if u is not None]
        if len(set(stated)) > 1:
            raise DataError(
                f"{owner}: unit={stated[0]!r}, but its purchases model has unit={stated[1]!r}. "
                "State one unit."
            )
        return check_unit(stated[0] if stated else None, X, owner)

    def _checked(self, X: Any) -> Floats:
        check_is_fitted(self)
        x = self._validated(X, reset=False)
        check_unit(self.unit_, X, type(self).__name__)
        return x

    def _horizon_and_rate(self) -> tuple[float, float]:
        """Length of the future in the unit of T, and the discount rate per unit."""
        owner = type(self).__name__
        check_real(self.discount_rate, "discount_rate", owner, low=0.0)
        check_real(self.margin, "margin", owner, low=0.0, open_low=True)
        if self.unit_ is None and (self.horizon is None or self.discount_rate > 0):
            raise DataError(
                f"{owner}: the unit of T is needed for a horizon or a discount rate per year, and "
                'these customers do not tell it. State it (unit="D", "W", "M" or "h").'
            )
        year = 1.0 if self.unit_ is None else UNITS_PER_YEAR[self.unit_]
        horizon = year if self.horizon is None else in_unit(self.horizon, self.unit_, owner)
        return horizon, float(np.log1p(self.discount_rate)) / year

    @staticmethod
    def _histories(x: Floats) -> pd.DataFrame:
        return pd.DataFrame(x[:, :3], columns=["frequency", "recency", "T"])

    @staticmethod
    def _spends(x: Floats) -> pd.DataFrame:
        return pd.DataFrame(x[:, [0, 3]], columns=["frequency", "monetary_value"])
