"""Pareto/NBD: customers buy at random at their own rate, and may leave at any moment.

Schmittlein, Morrison and Colombo (1987), Counting your customers: who are they and what will they
do next?, Management Science 33, 1-24; Fader and Hardie (2005), note 009, for its likelihood. Rates
are Gamma(r, alpha), lifetimes are exponential with a dropout rate ~ Gamma(s, beta), which makes
them Pareto. The likelihood and its derivatives are in `_pareto_likelihood`.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats
from crmkit.base import check_is_fitted
from crmkit.clv._covariates import (
    covariate_names,
    given,
    location,
    standardised,
    translated,
    translation,
)
from crmkit.clv._distinct import Distinct, row_codes
from crmkit.clv._fitting import Objective, from_search_scale, to_search_scale
from crmkit.clv._negative_binomial import log_negative_binomial
from crmkit.clv._pareto_integral import log_death_first, purchases_before_death
from crmkit.clv._pareto_lifetimes import lifetime_within, lifetimes, meaning_of_lifetime
from crmkit.clv._pareto_likelihood import pareto_objective, scales
from crmkit.clv._purchase_model import PurchaseModel

_EFFECT_SD = 1.0  # of the normal on the effect of a standard deviation of a covariate
_MOST_COUNTED = 1e15  # mean of a Poisson number that still fits the counter
_SMALLEST, _LARGEST = 1e-30, 1e30  # shapes: what is drawn far out may lie beyond
_CERTAIN = 1.0 - 1e-16
_STEEP = 1e15  # shape at which (1 + t/shape)^-shape is exp(-t) to the last digit


class ParetoNBDModel(PurchaseModel):
    """Pareto/NBD model of purchases: customers in, expected purchases and probabilities out.

    The safest default for shops without contracts, where customers leave in silence: they may
    leave at any time, so one-time buyers too grow less likely to be alive. Not for subscriptions,
    nor for customers who buy at fixed intervals. Beside it print `NBDModel`, which it becomes
    where the data show no dropout.

    With `covariates`, what is known of a customer at the start (channel, region, first basket)
    scales both rates: the mean purchase rate is r / alpha * exp(purchase effects * z), the mean
    dropout rate s / beta * exp(dropout effects * z). **A positive purchase effect means buying
    more often; a positive dropout effect means leaving sooner, a shorter lifetime.** An effect of
    0.1 is about 10 % more per unit of the covariate.

    Parameters
    ----------
    prior : {"weak"} or None, default="weak"
        "weak" is maximum likelihood where that settles every parameter. Where it leaves one open
        (a standard error above 1.5 in logs, or a search without end), a normal on each
        log-parameter joins, around a start taken from the data and with standard deviation 3, and
        keeps the answer finite; `prior_used_` tells. Effects of covariates always get a normal
        around 0 with standard deviation 1 per standard deviation of the covariate: nothing beside
        a few hundred buyers, a guard against chance beside fewer. None is plain maximum
        likelihood, always.
    horizon : float or str, default=1.0
        Length of the future that predictions are made for unless they are told another, in the
        unit of `T`, or text such as "90D" (h, D, W, M, Y) where that unit is known.
    unit : {"h", "D", "W", "M"} or None, default=None
        Unit of `recency` and `T`. None reads it from `first_purchase` and `last_purchase` if the
        customers have them; a stated unit is checked against them.
    tol : float, default=1e-9
        Largest slope of the log-likelihood per customer, in log-parameters, at which to stop.
    max_iter : int, default=100
        Largest number of Newton steps; eight are usual.
    covariates : list of str or None, default=None
        Numeric columns that do not change over a customer's life, 0 and 1 for yes and no; in an
        array they follow `T`. Categories become one 0/1 column for each but one.

    Attributes
    ----------
    params_ : dict of str to float
        `r` (shape of the rates), `alpha` (scale of the rates, in the unit of `T`), `s` (shape of
        the dropout rates) and `beta` (their scale, in the unit of `T`); then `purchase[name]` and
        `dropout[name]` for each covariate, per unit of it. alpha and beta are those of a customer
        whose covariates are 0.
    log_likelihood_ : float
        Sum of the log-likelihoods in the unit of the data, without the prior.
    covariance_ : ndarray of shape (n_parameters, n_parameters)
        Covariance of the logarithms of r, alpha, s, beta and of the effects; NaN where a
        direction is left open.
    prior_used_ : bool
        Whether the weak prior had to join.
    n_iter_ : int
        Newton steps taken.
    converged_ : bool
        Whether `tol` was reached.
    unit_ : str or None
        Unit of the ages, None where it is not known.
    n_features_in_ : int
        Three, and one for each covariate.
    feature_names_in_ : ndarray of str
        `frequency`, `recency`, `T` and the covariates, where the customers came as a frame.

    Notes
    -----
    Time goes into distinct pairs of frequency and age, and few of those need an integral of their
    own: a million customers with whole-day ages take a second or two. Covariates of few values
    cost little more. Where no two customers are alike, 100,000 of them with two covariates took
    two to three seconds of one core, and time grows in proportion.

    References
    ----------
    Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Management Science 33, 1-24.
    Fader, P. S. and Hardie, B. G. S. (2007). Incorporating time-invariant covariates into the
    Pareto/NBD and BG/NBD models. Note 019, brucehardie.com.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({
    ...     "customer_id": ["ann", "bob"], "frequency": [2, 0], "recency": [30.43, 0.0],
    ...     "T": [38.86, 38.86],
    ... })
    >>> published = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
    >>> model = ParetoNBDModel.from_dict({"init": {"unit": "W"}, "fitted": {"params_": published}})
    >>> model.predict(customers, horizon="39W").round(3)
    array([1.455, 0.107])
    >>> model.probability_alive(customers).round(3)
    array([0.869, 0.295])
    """

    def __init__(
        self,
        prior: str | None = "weak",
        horizon: float | str = 1.0,
        unit: str | None = None,
        tol: float = 1e-9,
        max_iter: int = 100,
        covariates: list[str] | None = None,
    ) -> None:
        super().__init__(prior, horizon, unit, tol, max_iter)
        self.covariates = covariates

    def simulate(
        self,
        T: npt.ArrayLike,
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
        covariates: Any = None,
    ) -> pd.DataFrame:
        """Invent customers of given ages: ages in, a pandas frame of customers out.

        Use it to see what the fitted model believes, and to test what depends on it.

        Parameters
        ----------
        T : array-like of shape (n_customers,)
            Ages now, in the unit of the model, at least 0.
        random_state : int, Generator, RandomState or None, default=None
            Seed; the same whole number gives the same customers.
        covariates : {array-like, dataframe} of shape (n_customers, n_covariates), default=None
            Their covariates, by name or in the order of `covariates`; needed if the model has any.

        Returns
        -------
        pandas.DataFrame
            The columns of `fit`, a row for each age.
        """
        check_is_fitted(self)
        twin = self._with_params(np.array(list(self.params_.values())))
        twin._invented = given(covariates, self._covariate_names(), np.size(T), type(self).__name__)
        return PurchaseModel.simulate(twin, T, random_state)

    @property
    def _state(self) -> tuple[int, ...]:
        return (0, 2, *range(3, len(self._column_names())))

    def _covariate_names(self) -> tuple[str, ...]:
        return covariate_names(self.covariates, super()._column_names(), type(self).__name__)

    def _column_names(self) -> tuple[str, ...]:
        return (*super()._column_names(), *self._covariate_names())

    def _parameter_names(self) -> tuple[str, ...]:
        names = self._covariate_names()
        effects = [f"{process}[{name}]" for process in ("purchase", "dropout") for name in names]
        return ("r", "alpha", "s", "beta", *effects)

    def _lower(self) -> Floats:
        lower = np.full(len(self._parameter_names()), -np.inf)
        lower[:4] = 0.0
        return lower

    def _shrink(self) -> Floats | None:
        if not self._covariate_names():
            return None
        return np.concatenate([np.full(4, np.inf), np.tile(_EFFECT_SD / self._spreads, 2)])

    def _start(self, data: Distinct) -> Floats:
        start = np.zeros(len(self._parameter_names()))
        start[:4] = 0.5, 0.5 * data.mean(2) / data.mean(0), 0.5, data.mean(2)
        return start

    def _objective(self, data: Distinct) -> Objective:
        return pareto_objective(data)

    def _estimate(self, data: Distinct) -> None:
        names = self._covariate_names()
        if not names:
            super()._estimate(data)
            return
        mean, sd = location(data, 3, names, type(self).__name__)
        self._spreads = np.ones(len(names))
        super()._estimate(standardised(data, 3, mean, sd))
        self._spreads, self._data = sd, data
        lower, matrix = self._lower(), translation(len(self.params_), (1, 3), mean, sd)
        point = matrix @ to_search_scale(np.array(list(self.params_.values())), lower)
        self.params_ = dict(
            zip(self.params_, from_search_scale(point, lower).tolist(), strict=True)
        )
        self.covariance_ = translated(self.covariance_, matrix)

    def _log_likelihood(self, rows: Floats) -> Floats:
        r, s = self._shapes()
        alpha, beta = self._scales(rows)
        x, _, T = rows[:, :3].T
        j = np.arange(np.max(x, initial=0.0))
        table = np.concatenate([[0.0], np.cumsum(np.log(r + j))])[x.astype(np.int64)]
        steady = -r * np.log1p(T / alpha) - x * np.log(alpha + T) - s * np.log1p(T / beta)
        return np.asarray(table + steady + np.logaddexp(*self._silence(rows)))

    def _alive(self, rows: Floats) -> Floats:
        return np.asarray(np.exp(-np.maximum(np.logaddexp(*self._silence(rows)), 0.0)))

    def _expected_if_alive(self, rows: Floats, horizon: Floats) -> Floats:
        R, s, a, b = self._now(rows)
        return np.asarray(R / a * (b * lifetime_within(s, horizon / b)))

    def _no_purchase(self, rows: Floats, horizon: float) -> Floats:
        def bought(rows: Floats) -> Floats:
            R, s, a, b = self._now(rows)
            later = rows.copy()
            later[:, 2] += horizon
            now, then = (1.0 - np.exp(self._log_pi(each, each[:, 2])) for each in (rows, later))
            silent = np.exp(-R * np.log1p(horizon / a) - s * np.log1p(horizon / b))
            return np.maximum(now - silent * then, 0.0)

        return np.asarray(1.0 - self._alive(rows) * self._on_states(bought, rows))

    def _pmf_if_alive(self, rows: Floats, n: npt.NDArray[np.int64], horizon: float) -> Floats:
        codes, first = row_codes(*self._states(rows).T)
        R, s, a, b = (np.repeat(each, len(n)) for each in self._now(rows[first]))
        count = np.tile(n.astype(np.float64), len(first))
        if horizon == 0.0:
            return np.asarray(np.tile(n == 0, (len(rows), 1)), dtype=np.float64)
        stayed = log_negative_binomial(count, R, horizon / a) - s * np.log1p(horizon / b)
        left = purchases_before_death(count, R, float(s[0]), np.log(a / b), np.log(horizon / b))
        return np.asarray(np.exp(stayed) + left).reshape(len(first), len(n))[codes]

    def _future_if_alive(
        self, rows: Floats, horizons: Floats, random: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        R, s, a, b = self._now(rows)
        rate = random.standard_gamma(R) / a
        lived = np.minimum(horizons[:, None], lifetimes(s, b, random))
        expected = np.minimum(rate * np.diff(lived, axis=0, prepend=0.0), _MOST_COUNTED)
        return np.asarray(np.cumsum(random.poisson(expected), axis=0))

    _invented: Floats
    _spreads: Floats

    def _history(self, ages: Floats, random: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        z = self._invented
        R, s, a, b = self._now(np.column_stack([np.zeros((len(ages), 3)), z]))
        lived = np.minimum(ages, lifetimes(s, b, random))
        rate = random.standard_gamma(R) / a
        frequency = random.poisson(np.minimum(rate * lived, _MOST_COUNTED))
        last = random.uniform(size=len(ages)) ** (1.0 / np.maximum(frequency, 1))
        recency = np.where(frequency > 0, lived * last, 0.0)
        columns = {"frequency": frequency, "recency": recency}
        return columns | dict(zip(self._covariate_names(), z.T, strict=True))

    def _age_scale(self, rows: Floats) -> Floats:
        _, s, _, b = self._now(rows)
        return b / np.maximum(s, 1.0)

    def _discounted_if_alive(self, rows: Floats, rate: float) -> Floats:
        R, s, a, b = self._now(rows)
        steep = np.full(len(rows), _STEEP)
        worth = log_death_first(steep, float(s[0]) - 1.0, np.log(_STEEP / rate / b))
        return np.asarray(R / a * (b * np.exp(worth)))

    def _meaning(self, unknown: list[str]) -> str:
        r, s = self.params_["r"], self.params_["s"]
        texts = [f"The data do not tell {' and '.join(unknown)}."]
        if {"r", "alpha"} & set(unknown):
            alike = f"Customers hardly differ in their rates (r = {r:.3g})."
            texts.append(alike if r > 20 else "There are too few repeat buyers.")
        if {"s", "beta"} & set(unknown):
            assert self._data is not None
            age = self._data.mean(2)
            texts.append(meaning_of_lifetime(s, age / self.params_["beta"]))
        if any("[" in name for name in unknown):
            texts.append("Covariates may repeat one another, or vary among too few customers.")
        return " ".join(texts)

    def _shapes(self) -> tuple[float, float]:
        r, s = (min(max(self.params_[name], _SMALLEST), _LARGEST) for name in ("r", "s"))
        return r, s

    def _scales(self, rows: Floats) -> tuple[Floats, Floats]:
        """Scales alpha and beta of each row."""
        params = np.array(list(self.params_.values()))
        return scales(params, np.column_stack([np.ones(len(rows)), -rows[:, 3:]]))

    def _now(self, rows: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Shape and scale of the rate, then of the dropout rate, of customers alive at T."""
        r, s = self._shapes()
        alpha, beta = self._scales(rows)
        return r + rows[:, 0], np.full(len(rows), s), alpha + rows[:, 2], beta + rows[:, 2]

    def _log_pi(self, rows: Floats, age: Floats) -> Floats:
        """Log-probability that death comes before the next purchase, if alive at that age."""
        r, s = self._shapes()
        codes, first = row_codes(rows[:, 0], age, *rows[:, 3:].T)
        alpha, beta = self._scales(rows[first])
        log_ratio = np.log((alpha + age[first]) / (beta + age[first]))
        logs = np.log(s) + log_death_first(r + rows[first, 0], s, log_ratio)
        return np.asarray(np.minimum(logs, 0.0)[codes])

    def _never_again(self, rows: Floats) -> Floats:
        alive = self._alive(rows)
        return np.asarray(1.0 - alive * -np.expm1(self._log_pi(rows, rows[:, 2])))

    def _silence(self, rows: Floats) -> tuple[Floats, Floats]:
        """Logarithms of the two parts of a silence since t, relative to being alive at T.

        First that death or purchase come after T with the purchase first, then that death came
        after t without any purchase.
        """
        r, s = self._shapes()
        alpha, beta = self._scales(rows)
        x, t, T = rows[:, :3].T
        at_t, at_T = self._log_pi(np.tile(rows, (2, 1)), np.concatenate([t, T])).reshape(2, -1)
        growth = (r + x) * np.log1p((T - t) / (alpha + t)) + s * np.log1p((T - t) / (beta + t))
        return np.log1p(-np.minimum(np.exp(at_T), _CERTAIN)), growth + at_t
