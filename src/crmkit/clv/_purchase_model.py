"""What every purchase model shares: customers in; expected purchases and probabilities out.

A further model says its parameters, its log-likelihood (see `LikelihoodModel`) and two closed
forms: the probability that a customer is alive, and the purchases expected if so.
"""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from crmkit._units import check_unit, in_unit
from crmkit._validation import Floats
from crmkit.clv._distinct import on_distinct
from crmkit.clv._likelihood_model import LikelihoodModel, check_rows
from crmkit.exceptions import DataError

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)

_MOST = 10_000_000  # the sums over purchases keep a table of this length
_CURES = {
    f"frequencies above {_MOST:,}": "no customer buys so often, is it the column of an amount?",
    "negative frequencies": "frequency counts repeat purchases from 0",
    "frequencies that are not whole": "frequency counts purchase periods, it is no mean",
    "negative recencies": "recency is the age at the last purchase",
    "negative T": "T is the age now, since the first purchase",
    "recencies above T": "recency is the age at the last purchase and T the age now",
    "repeat buyers with recency 0": "a repeat purchase is later than the first, so merge the "
    "purchases of a period",
    "one-time buyers with a recency above 0": "recency is the age at the last repeat purchase, "
    "not the time since",
}


class PurchaseModel(LikelihoodModel):
    """Base of models of purchase counts: reads `frequency`, `recency` and `T` of customers."""

    unit_: str | None

    def __init__(
        self,
        prior: str | None = "weak",
        horizon: float | str = 1.0,
        unit: str | None = None,
        tol: float = 1e-9,
        max_iter: int = 100,
    ) -> None:
        self.prior = prior
        self.horizon = horizon
        self.unit = unit
        self.tol = tol
        self.max_iter = max_iter

    def _alive(self, x: Floats, t: Floats, T: Floats) -> Floats:
        """Probability that a customer with x repeat purchases, the last at age t, is alive at T."""
        raise NotImplementedError

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Expected purchases in (T, T + horizon] of a customer who is alive at T."""
        raise NotImplementedError

    def _no_purchase(self, horizon: float, x: Floats, t: Floats, T: Floats) -> Floats:
        """L(x, t, T + H) / L(x, t, T): buying nothing leaves x and t as they are."""
        now, later = (self._log_likelihood(np.column_stack([x, t, at])) for at in (T, T + horizon))
        return np.minimum(np.exp(later - now), 1.0)

    def _age_scale(self, T: Floats) -> Floats:
        """Length over which the expected rate of purchase changes by a factor, at age T."""
        return self.params_["alpha"] + T

    def fit(self, X: Any, y: None = None, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Find the parameters: customers in, the fitted model out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 3)
            Customers with `frequency` (repeat purchase periods, a count), `recency` (age at the
            last purchase) and `T` (age now), ages in one unit; as an array, in this order.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,), default=None
            How many customers each row stands for; None means one.

        Returns
        -------
        Self
            The model, with the attributes that end in "_".

        Raises
        ------
        DataError
            If columns are missing or hold impossible values (all told in one error), if there is
            one customer only, or if nobody bought again.

        Warns
        -----
        ConvergenceWarning
            If the search stopped early, or the data do not tell a parameter: in words.
        """
        owner = type(self).__name__
        x = self._validated(X, reset=True)
        unit = check_unit(self.unit, X, owner)
        in_unit(self.horizon, unit, owner)
        if len(x) < 2:
            raise DataError(
                f"{owner}: one customer (n_samples=1) does not tell how customers differ. Fit on "
                "all customers; the fitted model predicts for one."
            )
        data = self._weighted(x, sample_weight)
        if not data.columns[0].any():
            raise DataError(
                f"{owner}: none of the {len(x):,} customers bought again, so there is nothing to "
                "learn about repeat buying. Take a longer log, or a finer period of purchase."
            )
        self._estimate(data)
        self.unit_ = unit
        return self

    def predict(self, X: Any, horizon: float | str | None = None) -> Floats:
        """Expected purchases: customers in, one number per customer out.

        Counts the purchase periods expected in (T, T + horizon], dropout included. For the value
        of customers use `CustomerLifetimeValue`; for "will they come back" use
        `probability_no_purchase`.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 3)
            Customers as in `fit`, fitted on or not.
        horizon : float or str, default=None
            Length of the future, in the unit of `T`, or text such as "90D"; None takes the
            `horizon` of the model.

        Returns
        -------
        ndarray of shape (n_customers,)
            Expected purchase periods.
        """
        x, length = self._prepared(X, horizon)
        return self._alive(*x.T) * self._if_alive(x, length)

    def probability_alive(self, X: Any) -> Floats:
        """Probability of being alive: customers in, one probability per customer out.

        It is no churn score: a customer who is alive may buy once a year. Use
        `probability_no_purchase` where a period is meant.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 3)
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers,)
            Probabilities that the customer has not dropped out by age T.
        """
        x, _ = self._prepared(X, 0.0)
        return self._alive(*x.T)

    def probability_no_purchase(self, X: Any, horizon: float | str | None = None) -> Floats:
        """Probability of buying nothing: customers in, one probability per customer out.

        This is the churn score for a stated period: the chance of no purchase in
        (T, T + horizon], whether the customer left or is only slow.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 3)
            Customers as in `fit`.
        horizon : float or str, default=None
            Length of the future, in the unit of `T`, or text such as "90D"; None takes the
            `horizon` of the model.

        Returns
        -------
        ndarray of shape (n_customers,)
            Probabilities; 1 at a horizon of 0, and never below 1 - `probability_alive`.
        """
        x, length = self._prepared(X, horizon)
        return self._no_purchase(length, *x.T)

    def predict_frame(
        self, customers: Any, horizon: float | str | None = None, customer: str | None = None
    ) -> Any:
        """All predictions with ids: a frame of customers in, a frame of the same library out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id and the columns of `fit`.
        horizon : float or str, default=None
            Length of the future, as in `predict`.
        customer : str, default=None
            Name of the id column; None takes the first column.

        Returns
        -------
        dataframe
            The id, `expected_purchases`, `probability_alive` and `probability_no_purchase`.
        """

        def columns(table: Any) -> dict[str, Floats]:
            x, length = self._prepared(table, horizon)
            alive = self._alive(*x.T)
            return {
                "expected_purchases": alive * self._if_alive(x, length),
                "probability_alive": alive,
                "probability_no_purchase": self._no_purchase(length, *x.T),
            }

        return self._beside_ids(customers, customer, columns)

    def discounted_purchases(self, X: Any, horizon: float | str | None, rate: float) -> Floats:
        """Expected purchases, each worth exp(-rate * wait): customers in, one number each out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 3)
            Customers as in `fit`.
        horizon : float or str, default=None
            Length of the future, as in `predict`.
        rate : float
            Continuous discount rate per unit of `T`, at least 0.

        Returns
        -------
        ndarray of shape (n_customers,)
            Discounted purchases: their number times the mean discount factor.
        """
        x, length = self._prepared(X, horizon)

        def discounted(f: Floats, age: Floats) -> Floats:
            scale = self._age_scale(age)
            return discounted_total(
                lambda h: self._expected_if_alive(f, age, h), length, rate, scale
            )

        return self._alive(*x.T) * on_distinct(discounted, x[:, 0], x[:, 2])

    def _column_names(self) -> tuple[str, ...]:
        return ("frequency", "recency", "T")

    def _domain(self, x: Floats) -> Floats:
        return check_purchases(x, type(self).__name__)

    def _prepared(self, X: Any, horizon: float | str | None) -> tuple[Floats, float]:
        check_is_fitted(self)
        owner, unit = type(self).__name__, getattr(self, "unit_", self.unit)
        x = self._validated(X, reset=False)
        check_unit(unit, X, owner)
        return x, in_unit(self.horizon if horizon is None else horizon, unit, owner)

    def _if_alive(self, x: Floats, horizon: float) -> Floats:
        def expected(f: Floats, age: Floats) -> Floats:
            return self._expected_if_alive(f, age, np.full(len(f), horizon))

        return on_distinct(expected, x[:, 0], x[:, 2])


def check_purchases(x: Floats, owner: str) -> Floats:
    """Refuse rows that no purchase history can have; all faults are told in one error."""
    if x.shape[1] != 3:
        raise DataError(
            f"{owner}: an array needs three columns, frequency, recency and T in this order, got "
            f"{x.shape[1]}. Pass a frame to choose columns by name."
        )
    frequency, recency, T = x.T
    faults = {
        "negative frequencies": (frequency, frequency < 0),
        "frequencies that are not whole": (frequency, frequency != np.floor(frequency)),
        f"frequencies above {_MOST:,}": (frequency, frequency > _MOST),
        "negative recencies": (recency, recency < 0),
        "negative T": (T, T < 0),
        "recencies above T": (recency, recency > T),
        "repeat buyers with recency 0": (recency, (frequency > 0) & (recency == 0)),
        "one-time buyers with a recency above 0": (recency, (frequency == 0) & (recency > 0)),
    }
    check_rows(faults, _CURES, owner)
    return x


def discounted_total(expected: Any, horizon: float, rate: float, scale: Floats) -> Floats:
    """Integral of exp(-rate t) dE(t) over (0, horizon], row by row.

    By parts it is E(H) exp(-rate H) + rate * integral of E(t) exp(-rate t) dt; with
    t = scale * (e^v - 1) the integrand is smooth in v, and 32 Gauss-Legendre nodes serve. A scale
    below a millionth of the horizon counts as that.
    """
    total = expected(np.full(len(scale), horizon)) * np.exp(-rate * horizon)
    if rate == 0.0 or horizon == 0.0:
        return np.asarray(total)
    scale = np.maximum(scale, 1e-6 * horizon)
    length = np.log1p(horizon / scale)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        growth = length * (node + 1.0) / 2.0
        t = np.minimum(scale * np.expm1(growth), horizon)
        step = weight * length / 2.0 * scale * np.exp(growth)
        total += rate * step * expected(t) * np.exp(-rate * t)
    return np.asarray(total)
