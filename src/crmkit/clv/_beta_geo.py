"""BG/NBD: customers buy at random at their own rate, and may leave after any repeat purchase.

Fader, Hardie and Lee (2005), "Counting your customers" the easy way: an alternative to the
Pareto/NBD model, Marketing Science 24, 275-284. Rates are Gamma(r, alpha), the probability to
leave after a repeat purchase is Beta(a, b). For x repeat purchases, the last at age t, age now T:

    L = Gamma(r+x)/Gamma(r) alpha^r B(a, b+x)/B(a, b) [ (alpha+T)^-(r+x) + D ]
    D = a/(b+x-1) (alpha+t)^-(r+x) for x > 0, else 0

The gamma functions are products over j < x, so all customers together need only sums over j
weighted by the number of customers with more than j repeat purchases.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from crmkit._validation import Floats
from crmkit.clv._beta_mean import purchases_if_alive
from crmkit.clv._distinct import Distinct
from crmkit.clv._fitting import Objective, summed
from crmkit.clv._purchase_model import PurchaseModel
from crmkit.exceptions import DataError


class BetaGeoModel(PurchaseModel):
    """BG/NBD model of purchases: customers in, expected purchases and probabilities out.

    For shops without contracts, where customers leave in silence. A customer can leave only after
    a repeat purchase, so every one-time buyer is alive with probability 1: judge them by
    `probability_no_purchase`. Not for subscriptions, nor for customers who buy at fixed intervals.

    Parameters
    ----------
    prior : {"weak"} or None, default="weak"
        "weak" is maximum likelihood where that settles every parameter. Where it leaves one open
        (a standard error above 1.5 in logs, or a search without end), a normal on each
        log-parameter joins, around a start taken from the data and with standard deviation 3, and
        keeps the answer finite; `prior_used_` tells. None is plain maximum likelihood, always.
    horizon : float or str, default=1.0
        Length of the future that predictions are made for unless they are told another, in the
        unit of `T`, or text such as "90D" (h, D, W, M, Y) where that unit is known.
    unit : {"h", "D", "W", "M"} or None, default=None
        Unit of `recency` and `T`. None reads it from `first_purchase` and `last_purchase` if the
        customers have them; a stated unit is checked against them.
    tol : float, default=1e-9
        Largest slope of the log-likelihood per customer, in log-parameters, at which to stop.
    max_iter : int, default=100
        Largest number of Newton steps; six are usual.

    Attributes
    ----------
    params_ : dict of str to float
        `r` (shape of the rates), `alpha` (scale of the rates, in the unit of `T`), `a` and `b`
        (dropout); the mean rate is r / alpha, the mean dropout probability a / (a + b).
    log_likelihood_ : float
        Sum of the log-likelihoods in the unit of the data, without the prior.
    covariance_ : ndarray of shape (4, 4)
        Covariance of the logarithms of r, alpha, a, b; NaN where a direction is left open.
    prior_used_ : bool
        Whether the weak prior had to join.
    n_iter_ : int
        Newton steps taken.
    converged_ : bool
        Whether `tol` was reached.
    unit_ : str or None
        Unit of the ages, None where it is not known.
    n_features_in_ : int
        Three.
    feature_names_in_ : ndarray of str
        `frequency`, `recency` and `T`, where the customers came as a frame.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). Marketing Science 24, 275-284.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({
    ...     "customer_id": ["ann", "bob"], "frequency": [2, 0], "recency": [30.43, 0.0],
    ...     "T": [38.86, 38.86],
    ... })
    >>> published = {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}
    >>> model = BetaGeoModel.from_dict({"init": {"unit": "W"}, "fitted": {"params_": published}})
    >>> model.predict(customers, horizon="39W").round(3)
    array([1.226, 0.195])
    >>> model.probability_alive(customers).round(3)
    array([0.727, 1.   ])
    """

    def simulate(
        self, T: npt.ArrayLike, random_state: int | np.random.RandomState | None = None
    ) -> pd.DataFrame:
        """Invent customers of given ages: ages in, a pandas frame of customers out.

        Use it to see what the fitted model believes, and to test what depends on it.

        Parameters
        ----------
        T : array-like of shape (n_customers,)
            Ages now, in the unit of the model, at least 0.
        random_state : int, RandomState instance or None, default=None
            Seed; the same whole number gives the same customers.

        Returns
        -------
        pandas.DataFrame
            Columns `frequency`, `recency` and `T`, a row for each age.
        """
        check_is_fitted(self)
        ages = np.atleast_1d(np.asarray(T, dtype=np.float64))
        if ages.ndim != 1 or not (np.isfinite(ages) & (ages >= 0)).all():
            raise DataError("BetaGeoModel: T must be a list of finite ages of at least 0.")
        random = check_random_state(random_state)
        r, alpha, a, b = _values(self.params_)
        rate = random.gamma(r, 1.0 / alpha, len(ages))
        leave = random.beta(a, b, len(ages))
        frequency, recency = simulate_purchases(rate, leave, ages, random)
        return pd.DataFrame({"frequency": frequency, "recency": recency, "T": ages})

    def _parameter_names(self) -> tuple[str, ...]:
        return ("r", "alpha", "a", "b")

    def _start(self, data: Distinct) -> Floats:
        return np.array([0.5, 0.5 * data.mean(2) / data.mean(0), 1.0, 2.0])

    def _objective(self, data: Distinct) -> Objective:
        return bg_objective(data)

    def _log_likelihood(self, x: Floats) -> Floats:
        return bg_log_likelihood(_values(self.params_), *x.T)

    def _alive(self, x: Floats, t: Floats, T: Floats) -> Floats:
        with np.errstate(over="ignore"):  # odds beyond all bounds: certainly gone
            return np.asarray(
                1.0 / (1.0 + np.exp(dropout_log_odds(_values(self.params_), x, t, T)))
            )

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        r, alpha, a, b = _values(self.params_)
        return purchases_if_alive(a, b, r, x, horizon / (alpha + T))

    def _no_purchase(self, horizon: float, x: Floats, t: Floats, T: Floats) -> Floats:
        r, alpha, _, _ = _values(self.params_)
        silent = np.expm1(-(r + x) * np.log1p(horizon / (alpha + T)))
        return 1.0 + self._alive(x, t, T) * silent

    def _meaning(self, unknown: list[str]) -> str:
        r, _, a, b = _values(self.params_)
        texts = [f"The data do not tell {' and '.join(unknown)}."]
        if {"r", "alpha"} & set(unknown):
            alike = f"Customers hardly differ in their rates (r = {r:.3g})."
            texts.append(alike if r > 20 else "There are too few repeat buyers.")
        if {"a", "b"} & set(unknown):
            texts.append(meaning_of_dropout(a / (a + b)))
        return " ".join(texts)


def _values(params: dict[str, float]) -> tuple[float, float, float, float]:
    return params["r"], params["alpha"], params["a"], params["b"]


def meaning_of_dropout(leave: float) -> str:
    """What it says about the customers that their mean dropout probability is all there is."""
    if leave < 0.05:
        return (
            f"No dropout seen (a / (a + b) = {leave:.1g}): the answer is that of the NBD model, in "
            "which nobody leaves. A longer log may show who does."
        )
    if leave > 0.5:
        return (
            "Nearly everyone leaves after the first repeat purchase (a / (a + b) = "
            f"{leave:.2g}): the forecast rests on one-time buyers."
        )
    return (
        f"The mean dropout probability is {leave:.2g}, but how far customers differ in it is not "
        "told: they are alike, or too few."
    )


def dropout_log_odds(
    params: tuple[float, float, float, float], x: Floats, t: Floats, T: Floats
) -> Floats:
    """Log odds of having dropped out by T: ln D + (r + x) ln(alpha + T), -inf where x = 0."""
    r, alpha, a, b = params
    n = np.arange(np.max(x, initial=0.0) + 1.0)
    of_x = np.where(n > 0, np.log(a / (b + np.maximum(n - 1.0, 0.0))), -np.inf)
    return of_x[x.astype(np.int64)] + (r + x) * np.log1p((T - t) / (alpha + t))


def bg_log_likelihood(
    params: tuple[float, float, float, float], x: Floats, t: Floats, T: Floats
) -> Floats:
    """Log-likelihood of each row."""
    r, alpha, a, b = params
    j = np.arange(np.max(x, initial=0.0))
    table = np.concatenate([[0.0], np.cumsum(np.log(r + j) - np.log1p(a / (b + j)))])
    steady = -r * np.log1p(T / alpha) - x * np.log(alpha + T)
    odds = dropout_log_odds(params, x, t, T)
    return np.asarray(table[x.astype(np.int64)] + steady + np.logaddexp(0.0, odds))


def bg_objective(data: Distinct) -> Objective:
    """Log-likelihood of all rows, gradient and Hessian in (r, alpha, a, b)."""
    x, _, _ = data.columns
    frequencies, customers = data.by(0, data.weight)
    j = np.arange(frequencies[-1], dtype=np.float64)
    seen = np.cumsum(np.bincount(frequencies.astype(int), customers))
    more = np.asarray(data.total - seen[: len(j)], dtype=np.float64)
    ages = data.by(2, data.weight, data.weight * x)
    repeat = data.where(x > 0)

    def objective(params: Floats) -> tuple[float, Floats, Floats]:
        return summed(
            products(params, j, more), steady_part(params, *ages), mixture(params, repeat)
        )

    return objective


def products(params: Floats, j: Floats, more: Floats) -> tuple[float, Floats, Floats]:
    """Sum of ln Gamma(r+x)/Gamma(r) + ln B(a, b+x)/B(a, b): `more` customers have x > j."""
    r, _, a, b = params
    of_r, of_b, of_ab = 1.0 / (r + j), 1.0 / (b + j), 1.0 / (a + b + j)
    value = more @ (np.log(r + j) - np.log1p(a * of_b))
    gradient = np.array([more @ of_r, 0.0, -(more @ of_ab), more @ (a * of_b * of_ab)])
    hessian = np.zeros((4, 4))
    hessian[0, 0] = -(more @ of_r**2)
    hessian[2, 2] = hessian[2, 3] = hessian[3, 2] = more @ of_ab**2
    hessian[3, 3] = -(more @ (a * of_b * of_ab * (of_b + of_ab)))
    return float(value), gradient, hessian


def steady_part(
    params: Floats, T: Floats, customers: Floats, purchases: Floats
) -> tuple[float, Floats, Floats]:
    """Sum of r ln alpha - (r + x) ln(alpha + T) over ages T."""
    r, alpha, _, _ = params
    later, log_ratio = 1.0 / (alpha + T), np.log1p(T / alpha)
    grown = T * later / alpha
    value = -r * (customers @ log_ratio) - purchases @ np.log(alpha + T)
    gradient = np.zeros(4)
    gradient[:2] = -(customers @ log_ratio), r * (customers @ grown) - purchases @ later
    hessian = np.zeros((4, 4))
    hessian[0, 1] = hessian[1, 0] = customers @ grown
    hessian[1, 1] = purchases @ later**2 - r * (customers @ (grown * (1.0 / alpha + later)))
    return float(value), gradient, hessian


def mixture(params: Floats, repeat: Distinct) -> tuple[float, Floats, Floats]:
    """Sum of ln(1 + e^d) over repeat buyers, d their log odds of having dropped out."""
    r, alpha, a, b = params
    value, gradient, hessian = 0.0, np.zeros(4), np.zeros((4, 4))
    for block in repeat.blocks():
        x, t, T = block.columns
        before, now, of_b = 1.0 / (alpha + t), 1.0 / (alpha + T), 1.0 / (b + (x - 1.0))
        power = r + x
        log_growth = np.log1p((T - t) * before)
        of_alpha = (t - T) * before * now
        odds = np.log(a * of_b) + power * log_growth
        small = np.exp(-np.abs(odds))
        value += float(block.weight @ (np.maximum(odds, 0.0) + np.log1p(small)))
        dropped = np.where(odds > 0, 1.0, small) / (1.0 + small)
        share = block.weight * dropped
        slopes = np.stack([log_growth, power * of_alpha, np.full_like(x, 1.0 / a), -of_b])
        gradient += slopes @ share
        hessian += (slopes * (block.weight * small / (1.0 + small) ** 2)) @ slopes.T
        hessian[1, 1] -= share @ (slopes[1] * (before + now))
        hessian[0, 1] += share @ of_alpha
        hessian[1, 0] += share @ of_alpha
        hessian[2, 2] -= float(share.sum()) / a**2
        hessian[3, 3] += share @ of_b**2
    return value, gradient, hessian


def simulate_purchases(
    rate: Floats, leave: Floats, T: Floats, random: np.random.RandomState
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Frequency and recency of customers who buy at `rate` and leave with probability `leave`."""
    frequency, recency = np.zeros(len(T), dtype=np.int64), np.zeros(len(T))
    active, age = np.flatnonzero(rate > 0), np.zeros(len(T))
    while len(active):
        age[active] += random.standard_exponential(len(active)) / rate[active]
        active = active[age[active] <= T[active]]
        frequency[active] += 1
        recency[active] = age[active]
        active = active[random.uniform(size=len(active)) >= leave[active]]
    return frequency, recency
