"""BG/NBD: customers buy at random at their own rate, and may leave after any repeat purchase.

Fader, Hardie and Lee (2005), "Counting your customers" the easy way: an alternative to the
Pareto/NBD model, Marketing Science 24, 275-284. Rates are Gamma(r, alpha), the probability to
leave after a repeat purchase is Beta(a, b). For x repeat purchases, the last at age t, age now T:

    L = Gamma(r+x)/Gamma(r) alpha^r B(a, b+x)/B(a, b) [ (alpha+T)^-(r+x) + D ]
    D = a/(b+x-1) (alpha+t)^-(r+x) for x > 0, else 0

The gamma functions are products over j < x, so all customers together need only sums over j
weighted by the number of customers with more than j repeat purchases.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln

from crmkit._validation import Floats
from crmkit.clv._beta_mean import purchases_if_alive
from crmkit.clv._distinct import Distinct
from crmkit.clv._fitting import Objective, summed
from crmkit.clv._purchase_model import PurchaseModel

_RAREST = 1e-300  # probability to leave that still draws a number
_MOST_COUNTED = 1e15  # purchases beyond which they are not drawn one by one


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

    def _parameter_names(self) -> tuple[str, ...]:
        return ("r", "alpha", "a", "b")

    def _start(self, data: Distinct) -> Floats:
        return np.array([0.5, 0.5 * data.mean(2) / data.mean(0), 1.0, 2.0])

    def _objective(self, data: Distinct) -> Objective:
        return bg_objective(data)

    def _log_likelihood(self, x: Floats) -> Floats:
        return bg_log_likelihood(_values(self.params_), *x.T)

    def _alive(self, rows: Floats) -> Floats:
        with np.errstate(over="ignore"):  # odds beyond all bounds: certainly gone
            odds = np.exp(dropout_log_odds(_values(self.params_), *rows.T))
        return np.asarray(1.0 / (1.0 + odds))

    def _expected_if_alive(self, rows: Floats, horizon: Floats) -> Floats:
        r, alpha, a, b = _values(self.params_)
        return purchases_if_alive(a, b, r, rows[:, 0], horizon / (alpha + rows[:, 2]))

    def _no_purchase(self, rows: Floats, horizon: float) -> Floats:
        r, alpha, _, _ = _values(self.params_)
        silent = np.expm1(-(r + rows[:, 0]) * np.log1p(horizon / (alpha + rows[:, 2])))
        return 1.0 + self._alive(rows) * silent

    def _pmf_if_alive(self, rows: Floats, n: npt.NDArray[np.int64], horizon: float) -> Floats:
        r, alpha, a, b = _values(self.params_)
        x, _, T = rows.T
        return counts_pmf(r + x, horizon / (alpha + T), a, b + x, n)

    def _future_if_alive(
        self, rows: Floats, horizons: Floats, random: np.random.Generator
    ) -> npt.NDArray[Any]:
        r, alpha, a, b = _values(self.params_)
        x, _, T = rows.T
        rate = random.gamma(r + x) / (alpha + T)
        leave = random.beta(a, b + x)
        bought = poisson_path(rate, horizons, random)
        return np.asarray(np.minimum(bought, random.geometric(np.maximum(leave, _RAREST))))

    def _history(self, ages: Floats, random: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        r, alpha, a, b = _values(self.params_)
        rate = random.gamma(r, 1.0 / alpha, len(ages))
        leave = random.beta(a, b, len(ages))
        frequency, recency = simulate_purchases(rate, leave, ages, random)
        return {"frequency": frequency, "recency": recency}

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
    rate: Floats, leave: Floats, T: Floats, random: np.random.Generator
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Frequency and recency of customers who buy at `rate` and leave with probability `leave`."""
    frequency, recency = np.zeros(len(T), dtype=np.int64), np.zeros(len(T))
    active, age = np.flatnonzero(rate > 0), np.zeros(len(T))
    while len(active):
        age[active] += random.standard_exponential(len(active)) / rate[active]
        active = active[age[active] <= T[active]]
        frequency[active] += 1
        recency[active] = age[active]
        active = active[random.random(len(active)) >= leave[active]]
    return frequency, recency


def poisson_path(
    rate: Floats, horizons: Floats, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Purchases by each of increasing horizons at steady rates: (n_horizons, n_customers)."""
    expected = np.minimum(rate * np.diff(horizons, prepend=0.0)[:, None], _MOST_COUNTED)
    return np.asarray(np.cumsum(random.poisson(expected), axis=0))


def counts_pmf(R: Floats, h: Floats, a: float, B: Floats, n: npt.NDArray[np.int64]) -> Floats:
    """Probability of n purchases if alive: the rate would give M, leaving stops them at G.

    M is negative binomial (R; h = H / (alpha + T)), G geometric with p ~ Beta(a, B), and
    P(n) = P(M = n) P(G >= n) + P(M > n) P(G = n).
    """
    R, h, B = R[:, None], h[:, None], B[:, None]
    z = h / (1.0 + h)
    with np.errstate(divide="ignore"):
        log_z = np.log(z)
    power = np.where(n == 0, 0.0, n * np.where(n == 0, 0.0, log_z))
    m_is_n = np.exp(power - R * np.log1p(h) - betaln(R, n + 1.0) - np.log(R + n))
    m_above = betainc(n + 1.0, R, z)
    before = np.maximum(n - 1.0, 0.0)
    stays = np.exp(betaln(a, B + before) - betaln(a, B))
    leaves = np.where(n == 0, 0.0, np.exp(betaln(a + 1.0, B + before) - betaln(a, B)))
    return np.asarray(m_is_n * stays + m_above * leaves)
