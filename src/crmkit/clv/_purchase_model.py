"""What every purchase model shares: customers in; expected purchases and probabilities out.

A further model says its parameters, its log-likelihood (see `LikelihoodModel`) and a few closed
forms: the probability that a customer is alive, the purchases expected if so and their
distribution, and how a history and a future are simulated. These hooks take `rows`, a matrix with
the columns of `_column_names`, and read the parameters from `params_`.
"""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._units import check_unit, in_unit
from crmkit._validation import Floats, check_real, check_share, check_whole, generator
from crmkit.base import check_is_fitted
from crmkit.clv._discounting import discounted_total
from crmkit.clv._distinct import row_codes
from crmkit.clv._futures import interval, mean_alive, n_twins
from crmkit.clv._likelihood_model import LikelihoodModel, TooFewRepeatsError, check_rows
from crmkit.clv._posterior import Posterior
from crmkit.exceptions import DataError

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
    "recencies that are not whole": "recency is the number of the opportunity last taken",
    "T that are not whole": "T counts the opportunities so far: summarize with a period as long as "
    'the unit, such as unit="M", period="M"',
    "frequencies above recency": "nobody buys more than once at an opportunity",
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

    @property
    def _state(self) -> tuple[int, ...]:
        """Columns that the future of a customer who is alive depends on."""
        return (0, 2)

    def _alive(self, rows: Floats) -> Floats:
        """Probability that a customer is alive at T."""
        raise NotImplementedError

    def _expected_if_alive(self, rows: Floats, horizon: Floats) -> Floats:
        """Expected purchases in (T, T + horizon] of a customer who is alive at T."""
        raise NotImplementedError

    def _pmf_if_alive(self, rows: Floats, n: npt.NDArray[np.int64], horizon: float) -> Floats:
        """Probability of each of n purchases in (T, T + horizon] if alive: (n_rows, len(n))."""
        raise NotImplementedError

    def _future_if_alive(
        self, rows: Floats, horizons: Floats, random: np.random.Generator
    ) -> npt.NDArray[Any]:
        """Purchases by each of increasing horizons in one future a row: (n_horizons, n_rows)."""
        raise NotImplementedError

    def _history(self, ages: Floats, random: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        """Columns of invented customers of these ages, without T."""
        raise NotImplementedError

    def _no_purchase(self, rows: Floats, horizon: float) -> Floats:
        """L(x, t, T + H) / L(x, t, T): buying nothing leaves x and t as they are."""
        later = rows.copy()
        later[:, 2] += horizon
        return np.minimum(np.exp(self._log_likelihood(later) - self._log_likelihood(rows)), 1.0)

    def _never_again(self, rows: Floats) -> Floats:
        """Probability of no purchase for ever: that of being gone, unless death may come first."""
        return 1.0 - self._alive(rows)

    def _age_scale(self, rows: Floats) -> Floats:
        """Length over which the expected rate of purchase changes by a factor, at age T."""
        return self.params_["alpha"] + rows[:, 2]

    def _discounted_if_alive(self, rows: Floats, rate: float) -> Floats:
        """Purchases for ever, discounted, of a customer who is alive at T."""
        return self._discounted_until(rows, np.inf, rate)

    def _discounted_until(self, rows: Floats, horizon: float, rate: float) -> Floats:
        """Purchases in (T, T + horizon], discounted, of a customer who is alive at T."""
        scale = self._age_scale(rows)
        return discounted_total(self._expected_if_alive, rows, horizon, rate, scale)

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
        if data.total < 2 and len(data.weight) < 2:
            raise DataError(
                f"{owner}: only one customer has a sample_weight above 0, which does not tell how "
                "customers differ."
            )
        if not data.columns[0].any():
            raise TooFewRepeatsError(
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
        return self._alive(x) * self._if_alive(x, length) + 0.0  # no -0.0

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
        return self._alive(x)

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
        return self._no_purchase(x, length)

    def pmf(self, X: Any, n: int | npt.ArrayLike, horizon: float | str | None = None) -> Floats:
        """Probability of exactly n purchases: customers in, a probability each out.

        Use it for questions about a count, such as "three or more", where the expected number
        says too little.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 3)
            Customers as in `fit`.
        n : int or array-like of int
            Numbers of purchase periods in (T, T + horizon], at least 0.
        horizon : float or str, default=None
            Length of the future, as in `predict`.

        Returns
        -------
        ndarray of shape (n_customers,) or (n_customers, len(n))
            Probabilities; the second shape where `n` is a list.
        """
        x, length = self._prepared(X, horizon)
        wanted = np.asarray(n)
        if wanted.ndim > 1 or wanted.dtype.kind not in "iu" or (wanted < 0).any():
            raise DataError(
                f"{type(self).__name__}: n must be a whole number of at least 0 or a list of such "
                f"numbers, got {n!r}."
            )
        each = np.atleast_1d(wanted).astype(np.int64)
        out = self._alive(x)[:, None] * self._pmf_if_alive(x, each, length)
        out[:, each == 0] = self._no_purchase(x, length)[:, None]
        return np.asarray(out[:, 0] if wanted.ndim == 0 else out)

    def predict_interval(
        self,
        X: Any,
        horizon: float | str | None = None,
        level: float = 0.8,
        *,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | np.random.RandomState | None = 0,
        posterior: Posterior | None = None,
    ) -> Floats:
        """Interval of the purchases to come: customers in, a lower and an upper end each out.

        Draws of the parameters play futures of customers like this one, so that the doubt about
        the parameters and the chance in one customer's future are both in it. Purchases are whole
        numbers, so an interval holds `level` or more of them, and [0, 0] is common.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 3)
            Customers as in `fit`.
        horizon : float or str, default=None
            Length of the future, as in `predict`.
        level : float, default=0.8
            Probability that the interval holds. What is left is shared equally between the
            sides, but lies above where the lower end is 0.
        n_draws : int, default=1000
            Futures of each customer; the ends are as exact as so many allow.
        random_state : int, Generator, RandomState or None, default=0
            Seed; the same whole number and customers give the same ends.
        posterior : Posterior, default=None
            Draws of the parameters, from `posterior`; None takes a normal around the estimates,
            or the estimates themselves where their uncertainty is not known (they were stated and
            not fitted, or ``prior=None`` left one open).

        Returns
        -------
        ndarray of shape (n_customers, 2)
            Lower and upper end, in purchase periods.
        """
        x, length = self._prepared(X, horizon)
        owner = type(self).__name__
        check_share(level, "level", owner)
        check_whole(n_draws, "n_draws", owner, low=10)
        random = generator(random_state, owner)
        twins = self._twins(n_twins(n_draws), posterior, random)
        horizons = np.array([length])

        def futures(twin: Any, states: Floats, repeats: int) -> Floats:
            rows = np.repeat(self._rows_of(states), repeats, axis=0)
            return np.asarray(twin._future_if_alive(rows, horizons, random)[0])

        return interval(self._states(x), mean_alive(twins, x), twins, n_draws, level, futures)

    def predict_total_interval(
        self,
        X: Any,
        horizon: float | str | None = None,
        level: float = 0.8,
        *,
        n_draws: int = 200,
        random_state: int | np.random.Generator | np.random.RandomState | None = 0,
        posterior: Posterior | None = None,
    ) -> Floats:
        """Interval of the purchases of all customers together: customers in, two ends out.

        The total is far surer than any customer: chance cancels, and the doubt about the
        parameters remains. What the model does not know, such as a season, is not in it.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 3)
            Customers as in `fit`: all of them, or a group.
        horizon : float or str, default=None
            Length of the future, as in `predict`.
        level : float, default=0.8
            Probability that the interval holds, shared equally between its sides.
        n_draws : int, default=200
            Futures of the whole table; each takes about the time of a `predict`.
        random_state : int, Generator, RandomState or None, default=0
            Seed; the same whole number and customers give the same ends.
        posterior : Posterior, default=None
            Draws of the parameters, as in `predict_interval`.

        Returns
        -------
        ndarray of shape (2,)
            Lower and upper end, in purchase periods.
        """
        x, length = self._prepared(X, horizon)
        owner = type(self).__name__
        check_share(level, "level", owner)
        check_whole(n_draws, "n_draws", owner, low=10)
        random = generator(random_state, owner)
        horizons, totals = np.array([length]), []
        for twin in self._twins(n_draws, posterior, random):
            rows = x[random.random(len(x)) < twin._alive(x)]
            totals.append(twin._future_if_alive(rows, horizons, random).sum(dtype=np.float64))
        return np.asarray(np.quantile(totals, [(1.0 - level) / 2.0, (1.0 + level) / 2.0]))

    def simulate(
        self,
        T: npt.ArrayLike,
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
    ) -> pd.DataFrame:
        """Invent customers of given ages: ages in, a pandas frame of customers out.

        Use it to see what the fitted model believes, and to test what depends on it.

        Parameters
        ----------
        T : array-like of shape (n_customers,)
            Ages now, in the unit of the model, at least 0.
        random_state : int, Generator, RandomState or None, default=None
            Seed; the same whole number gives the same customers.

        Returns
        -------
        pandas.DataFrame
            The columns of `fit`, a row for each age.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        try:
            ages = np.atleast_1d(np.asarray(T, dtype=np.float64))
        except (TypeError, ValueError):
            ages = np.array([np.nan])
        if ages.ndim != 1 or not (np.isfinite(ages) & (ages >= 0)).all():
            raise DataError(f"{owner}: T must be a list of finite ages of at least 0.")
        columns = self._history(ages, generator(random_state, owner)) | {"T": ages}
        return pd.DataFrame({name: columns[name] for name in self._column_names()})

    def predict_frame(
        self,
        customers: Any,
        horizon: float | str | None = None,
        customer: str | None = None,
        *,
        level: float | None = None,
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
        level : float, default=None
            Probability of an interval of the purchases, as in `predict_interval`; None leaves
            the interval out.

        Returns
        -------
        dataframe
            The id, `expected_purchases`, `probability_alive` and `probability_no_purchase`; with
            a `level` also `lower` and `upper`.
        """

        def columns(table: Any) -> dict[str, Floats]:
            x, length = self._prepared(table, horizon)
            alive = self._alive(x)
            add = {
                "expected_purchases": alive * self._if_alive(x, length),
                "probability_alive": alive,
                "probability_no_purchase": self._no_purchase(x, length),
            }
            if level is not None:
                ends = self.predict_interval(table, length, level)
                add |= {"lower": ends[:, 0], "upper": ends[:, 1]}
            return add

        return self._beside_ids(customers, customer, columns)

    def discounted_purchases(self, X: Any, horizon: float | str | None, rate: float) -> Floats:
        """Expected purchases, each worth exp(-rate * wait): customers in, one number each out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 3)
            Customers as in `fit`.
        horizon : float, str or None
            Length of the future, as in `predict`; infinity (``float("inf")``) is for ever.
        rate : float
            Continuous discount rate per unit of `T`, at least 0; above 0 for ever.

        Returns
        -------
        ndarray of shape (n_customers,)
            Discounted purchases: their number times the mean discount factor.
        """
        forever = isinstance(horizon, float) and horizon == np.inf
        x, length = self._prepared(X, 0.0 if forever else horizon)
        check_real(rate, "rate", type(self).__name__, low=0.0, open_low=forever)
        return self._discounted(x, np.inf if forever else length, rate, self._alive(x))

    def _column_names(self) -> tuple[str, ...]:
        return ("frequency", "recency", "T")

    def _domain(self, x: Floats) -> Floats:
        return check_purchases(x, self._column_names(), type(self).__name__)

    def _prepared(self, X: Any, horizon: float | str | None) -> tuple[Floats, float]:
        check_is_fitted(self)
        owner, unit = type(self).__name__, getattr(self, "unit_", self.unit)
        x = self._validated(X, reset=False)
        check_unit(unit, X, owner)
        return x, in_unit(self.horizon if horizon is None else horizon, unit, owner)

    def _discounted(self, x: Floats, horizon: float, rate: float, alive: Floats) -> Floats:
        """Discounted purchases of checked rows that are alive with these probabilities."""
        if np.isinf(horizon):
            return alive * self._on_states(lambda rows: self._discounted_if_alive(rows, rate), x)
        return alive * self._on_states(lambda rows: self._discounted_until(rows, horizon, rate), x)

    def _if_alive(self, x: Floats, horizon: float) -> Floats:
        """Purchases within a horizon, of checked rows that are alive."""
        return self._on_states(
            lambda rows: self._expected_if_alive(rows, np.full(len(rows), horizon)), x
        )

    def _on_states(self, function: Callable[[Floats], Floats], x: Floats) -> Floats:
        """Value of a function of rows, computed once for rows that share their state."""
        codes, first = row_codes(*(x[:, column] for column in self._state))
        return np.asarray(function(x[first])[codes])

    def _states(self, x: Floats) -> Floats:
        """The columns that the future depends on if alive."""
        return x[:, self._state]

    def _rows_of(self, states: Floats) -> Floats:
        """Rows with these states; columns that the future does not depend on are 0."""
        rows = np.zeros((len(states), len(self._column_names())))
        rows[:, self._state] = states
        return rows


def check_purchases(
    x: Floats, names: tuple[str, ...], owner: str, *, whole_ages: bool = False
) -> Floats:
    """Refuse rows that no purchase history can have; all faults are told in one error.

    With `whole_ages`, ages count the opportunities to buy, at most one purchase at each.
    """
    if x.shape[1] != len(names):
        raise DataError(
            f"{owner}: an array needs the columns {', '.join(names)} in this order, got "
            f"{x.shape[1]} columns. Pass a frame to choose columns by name."
        )
    frequency, recency, T = x.T[:3]
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
    if whole_ages:
        faults |= {
            "recencies that are not whole": (recency, recency != np.floor(recency)),
            "T that are not whole": (T, np.floor(T) != T),
            "frequencies above recency": (frequency, (frequency > recency) & (recency > 0)),
        }
    check_rows(faults, _CURES, owner)
    return x
