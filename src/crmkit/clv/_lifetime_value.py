"""Customer lifetime value: expected purchases x expected spend x margin, discounted.

    CLV = margin * E[spend] * integral over (0, H] of exp(-delta t) dE(t)

E(t) are the purchases expected in (T, T + t]; delta = ln(1 + discount_rate) per year, divided by
the number of units a year has. Nothing is cut into periods, so there is no convention of paying
at the start or the end of one.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import clone

from crmkit import _frames
from crmkit._units import UNITS_PER_YEAR, check_unit, in_unit
from crmkit._validation import Floats, check_real, check_share, check_whole, generator
from crmkit.base import CustomerModel, check_is_fitted
from crmkit.clv._beta_geo import BetaGeoModel
from crmkit.clv._distinct import row_codes
from crmkit.clv._futures import Futures, interval, mean_alive, n_twins
from crmkit.clv._gamma_gamma import GammaGammaModel
from crmkit.clv._purchase_model import PurchaseModel
from crmkit.clv._spend_model import SpendModel
from crmkit.exceptions import DataError

_FIRST_PIECE, _GROWTH = 0.02, 1.25  # of the horizon, as rate * wait: purchases share a discount
_WORTHLESS = 20.0  # rate * wait of a purchase that no interval feels
_EXACT = 20_000  # distinct customers up to which each one's spend is drawn under each draw
_USUAL = BetaGeoModel()  # the model of purchases where none is given


@dataclass(frozen=True)
class Outlook:
    """What is expected of customers within the horizon.

    Attributes
    ----------
    histories : ndarray of shape (n_customers, n_columns)
        What is known of them, the columns of the purchase model.
    if_alive : ndarray of shape (n_customers,)
        Purchases expected of each if alive; infinite for ever.
    factors : dict of str to ndarray of shape (n_customers,)
        The value and its factors, the columns of `CustomerLifetimeValue.breakdown`.
    """

    histories: Floats
    if_alive: Floats
    factors: dict[str, Floats]


class CustomerLifetimeValue(CustomerModel):
    """Lifetime value: customers in, the present value of each one's future purchases out.

    Joins a model of purchases and a model of spend. `breakdown` shows the factors of every
    value. Costs of serving or winning a customer are not in it. Not for subscriptions.

    Parameters
    ----------
    purchases : PurchaseModel or None, default=None
        Model of purchases, fitted or not: a copy is fitted. None takes `BetaGeoModel()`.
    spend : SpendModel or None, default=None
        Model of spend per purchase: a copy is fitted. None takes `GammaGammaModel()`.
    horizon : float, str or None, default=None
        Length of the future, in the unit of `T`, or text such as "26W"; None is one year, and
        ``float("inf")`` is for ever, which needs a discount rate above 0.
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
    spend_ : SpendModel
        The fitted copy of `spend`.
    unit_ : str or None
        Unit of the ages; None where none was needed and none is known.
    horizon_ : float
        Length of the future, in that unit.
    rate_ : float
        Continuous discount rate per unit of `T`.
    margin_ : float
        The margin at the time of the fit.
    n_features_in_ : int
        Four, and more where the purchase model reads more columns.
    feature_names_in_ : ndarray of str
        The columns of the purchase model (`frequency`, `recency`, `T`) and `monetary_value`, where
        the customers came as a frame.

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
    spend_: SpendModel
    unit_: str | None
    horizon_: float
    rate_: float
    margin_: float

    def __init__(
        self,
        purchases: PurchaseModel | None = None,
        spend: SpendModel | None = None,
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
        self.margin_ = float(self.margin)
        purchases = clone(self._purchase_model()).set_params(unit=self.unit_)
        spend = GammaGammaModel() if self.spend is None else clone(self.spend)
        seen = pd.DataFrame(dict(zip(self._column_names(), x.T, strict=True)))
        self.purchases_ = purchases.fit(seen)
        self.spend_ = spend.fit(seen)
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
        histories, spends = self._parts(self._checked(X))
        alive = self.purchases_._alive(histories)
        purchases = self.purchases_._discounted(histories, self.horizon_, self.rate_, alive)
        return self.margin_ * self.spend_._expected(spends) * purchases

    def predict_interval(
        self,
        X: Any,
        level: float = 0.8,
        *,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | np.random.RandomState | None = 0,
    ) -> Floats:
        """Interval of the value: customers in, a lower and an upper end each out.

        Draws of the parameters of both models play futures: who is alive, when they buy, and what
        they spend. The lower end is 0 for everybody who may well buy nothing.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 4)
            Customers as in `fit`.
        level : float, default=0.8
            Probability that the interval holds. What is left is shared equally between the
            sides, but lies above where the lower end is 0.
        n_draws : int, default=1000
            Futures of each customer; the ends are as exact as so many allow.
        random_state : int, Generator, RandomState or None, default=0
            Seed; the same whole number and customers give the same ends.

        Returns
        -------
        ndarray of shape (n_customers, 2)
            Lower and upper end, in the currency of `monetary_value`.
        """
        x = self._checked(X)
        owner = type(self).__name__
        check_share(level, "level", owner)
        check_whole(n_draws, "n_draws", owner, low=10)
        random = generator(random_state, owner)
        twins, histories = self._twins(n_twins(n_draws), random), x[:, :-1]
        alive = mean_alive([twin[0] for twin in twins], histories)
        states = self.purchases_._states(histories)
        play = self._futures(random)
        full = np.column_stack([states, x[:, -1]])
        if len(row_codes(*full.T)[1]) <= _EXACT:
            return self.margin_ * interval(full, alive, twins, n_draws, level, play)

        def shared(twin: Any, states: Floats, repeats: int) -> Floats:
            """Futures over the scale of spend, whose doubt is taken from a customer of mean spend.

            So many customers leave no doubt about it.
            """
            x = self.purchases_._rows_of(states)[:, 0]
            typical = self.spend_._typical(x)
            paid = play(twin, np.column_stack([states, typical[:, 1]]), repeats)
            return paid / np.repeat(self.spend_._scale(typical), repeats)

        relative = interval(states, alive, twins, n_draws, level, shared)
        return relative * (self.margin_ * self.spend_._scale(x[:, [0, -1]]))[:, None]

    def predict_total_interval(
        self,
        X: Any,
        level: float = 0.8,
        *,
        n_draws: int = 200,
        random_state: int | np.random.Generator | np.random.RandomState | None = 0,
    ) -> Floats:
        """Interval of the value of all customers together: customers in, two ends out.

        The total is far surer than any customer: chance cancels, and the doubt about the
        parameters remains. What the models do not know, such as a season, is not in it.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 4)
            Customers as in `fit`: all of them, or a group.
        level : float, default=0.8
            Probability that the interval holds, shared equally between its sides.
        n_draws : int, default=200
            Futures of the whole table; each takes about the time of a `predict`.
        random_state : int, Generator, RandomState or None, default=0
            Seed; the same whole number and customers give the same ends.

        Returns
        -------
        ndarray of shape (2,)
            Lower and upper end, in the currency of `monetary_value`.
        """
        x = self._checked(X)
        owner = type(self).__name__
        check_share(level, "level", owner)
        check_whole(n_draws, "n_draws", owner, low=10)
        random = generator(random_state, owner)
        play, totals = self._futures(random), []
        for twin in self._twins(n_draws, random):
            rows = x[random.random(len(x)) < twin[0]._alive(x[:, :-1])]
            states = np.column_stack([self.purchases_._states(rows[:, :-1]), rows[:, -1]])
            totals.append(self.margin_ * play(twin, states, 1).sum())
        return np.asarray(np.quantile(totals, [(1.0 - level) / 2.0, (1.0 + level) / 2.0]))

    def breakdown(
        self,
        customers: Any,
        customer: str | None = None,
        *,
        level: float | None = 0.8,
        n_draws: int = 1000,
    ) -> Any:
        """How each value is made up: a frame of customers in, a frame of the same library out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id and the columns of `fit`.
        customer : str, default=None
            Name of the id column; None takes the first column.
        level : float or None, default=0.8
            Probability of the interval from `lower` to `upper`; None leaves it out, which is much
            faster for a million customers.
        n_draws : int, default=1000
            Futures of each customer that the interval rests on.

        Returns
        -------
        dataframe
            The id; `expected_purchases`, `probability_alive` and `probability_no_purchase` over
            the horizon; `expected_spend` per purchase; `margin`; `discount_factor`, the mean
            worth of a purchase's date; `clv`, the product of purchases, spend, margin and
            discount; and `lower` and `upper`, what the value may turn out to be. For ever, where
            purchases have no end, `expected_purchases` are discounted and the factor is 1.
        """

        def columns(table: Any) -> dict[str, Floats]:
            add = self._outlook(table).factors
            if level is not None:
                ends = self.predict_interval(table, level, n_draws=n_draws)
                add |= {"lower": ends[:, 0], "upper": ends[:, 1]}
            return add

        return self._beside_ids(customers, customer, columns)

    def _check_parts(self) -> None:
        for part, kind in (("purchases", PurchaseModel), ("spend", SpendModel)):
            model = getattr(self, part)
            if model is not None and not isinstance(model, kind):
                raise DataError(
                    f"CustomerLifetimeValue: {part} must be a {kind.__name__}, got {model!r}."
                )

    def _outlook(self, customers: Any) -> Outlook:
        """Look once at what values, their factors and their intervals rest on."""
        rows, spends = self._parts(self._checked(customers))
        purchases, horizon = self.purchases_, self.horizon_
        alive = purchases._alive(rows)
        discounted = purchases._discounted(rows, horizon, self.rate_, alive)
        if np.isinf(horizon):
            if_alive, expected = np.full(len(rows), np.inf), discounted
            silent = purchases._never_again(rows)
        else:
            if_alive = purchases._if_alive(rows, horizon)
            expected = alive * if_alive + 0.0  # no -0.0
            silent = purchases._no_purchase(rows, horizon)
        spend, some = self.spend_._expected(spends), expected > 0
        factors = {
            "expected_purchases": expected,
            "probability_alive": alive,
            "probability_no_purchase": silent,
            "expected_spend": spend,
            "margin": np.full(len(rows), self.margin_),
            "discount_factor": np.divide(discounted, expected, out=np.ones(len(rows)), where=some),
            "clv": self.margin_ * spend * discounted,
        }
        return Outlook(rows, if_alive, factors)

    def _column_names(self) -> tuple[str, ...]:
        return (*self._history_names(), "monetary_value")

    def _columns(self, X: Any) -> Any:
        if self.purchases is not None and _frames.is_frame(X):
            present = _frames.column_names(X, type(self).__name__)
            if not set(self._history_names()) <= set(present):
                self.purchases._columns(X)  # its error names the cure
        return super()._columns(X)

    def _history_names(self) -> tuple[str, ...]:
        return self._purchase_model()._column_names()

    def _purchase_model(self) -> PurchaseModel:
        return _USUAL if self.purchases is None else self.purchases

    def _domain(self, x: Floats) -> Floats:
        names = self._column_names()
        if x.shape[1] != len(names):
            raise DataError(
                f"CustomerLifetimeValue: an array needs the columns {', '.join(names)} in this "
                f"order, got {x.shape[1]} columns."
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

    def _parts(self, x: Floats) -> tuple[Floats, Floats]:
        """What the two fitted models read of checked columns, within the domain of each."""
        return self.purchases_._domain(x[:, :-1]), self.spend_._domain(x[:, [0, -1]])

    def _horizon_and_rate(self) -> tuple[float, float]:
        """Length of the future in the unit of T, and the discount rate per unit."""
        owner = type(self).__name__
        check_real(self.discount_rate, "discount_rate", owner, low=0.0)
        check_real(self.margin, "margin", owner, low=0.0, open_low=True)
        limits = (("margin", self.margin, 1), ("discount_rate", self.discount_rate, 5))
        for name, value, most in limits:
            if value > most:
                raise DataError(
                    f"{owner}: {name} must be a share, at most {most}, got {value!r}. Write 30 % "
                    "as 0.3."
                )
        if self.unit_ is None and (self.horizon is None or self.discount_rate > 0):
            raise DataError(
                f"{owner}: the unit of T is needed for a horizon or a discount rate per year, and "
                'these customers do not tell it. State it (unit="D", "W", "M" or "h").'
            )
        year = 1.0 if self.unit_ is None else UNITS_PER_YEAR[self.unit_]
        rate = float(np.log1p(self.discount_rate)) / year
        if isinstance(self.horizon, float) and self.horizon == np.inf:
            if rate == 0.0:
                raise DataError(
                    f"{owner}: an infinite horizon needs a discount_rate above 0: purchases "
                    "without end are worth infinitely much."
                )
            return np.inf, rate
        horizon = year if self.horizon is None else in_unit(self.horizon, self.unit_, owner)
        return horizon, rate

    def _twins(self, n: int, random: np.random.Generator) -> list[tuple[Any, Any]]:
        """Both models with drawn parameters."""
        parts = (model._twins(n, None, random) for model in (self.purchases_, self.spend_))
        return list(zip(*parts, strict=True))

    def _futures(self, random: np.random.Generator) -> Futures:
        """Plays what customers who are alive pay, discounted; states end with the mean spend."""
        ends, worth = self._pieces()

        def futures(twin: Any, states: Floats, repeats: int) -> Floats:
            purchases, spend = twin
            rows = np.repeat(purchases._rows_of(states[:, :-1]), repeats, axis=0)
            path = purchases._future_if_alive(rows, ends, random)
            pieces = np.diff(path, axis=0, prepend=0)
            bought = path[-1].astype(np.float64)
            at = np.divide(worth @ pieces, bought, out=np.zeros(len(bought)), where=bought > 0)
            own = np.column_stack([rows[:, 0], np.repeat(states[:, -1], repeats)])
            return np.asarray(
                spend._scale(own) * spend._relative_total(rows[:, 0], bought, random) * at
            )

        return futures

    def _pieces(self) -> tuple[Floats, Floats]:
        """Ends of the pieces of the horizon, and the mean discount factor within each.

        A piece is short beside the wait until it begins, so that purchases within it count nearly
        the same, however soon customers leave.
        """
        whole = self.rate_ * self.horizon_ if self.rate_ > 0 else 0.0
        if whole < _FIRST_PIECE:
            ends, waits = np.array([self.horizon_]), np.array([whole])
        else:
            last = min(whole, _WORTHLESS)
            n = int(np.ceil(np.log(last / _FIRST_PIECE) / np.log(_GROWTH)))
            waits = np.geomspace(_FIRST_PIECE, last, n + 1)
            ends = waits / self.rate_
        lengths = np.diff(waits, prepend=0.0)
        shares = np.divide(-np.expm1(-lengths), lengths, out=np.ones(len(waits)), where=lengths > 0)
        return ends, np.exp(-(waits - lengths)) * shares
