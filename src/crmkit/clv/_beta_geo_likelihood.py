"""Likelihood of the models that leave with a beta probability: BG, MBG and their regular kin.

A customer alive completes a purchase at every k-th arrival of a Poisson process. Rates of arrivals
are Gamma(r, alpha), the probability to leave after a purchase is Beta(a, b); m = 1 where it applies
to the first purchase too (MBG), 0 where to repeat purchases only (BG). For x repeat purchases, the
last at age t, age now T, with q = r + kx and u = (T - t) / (alpha + T):

    L = Gamma(q)/Gamma(r) alpha^r B(a, b+x+m)/B(a, b) (alpha+T)^-q [ P + e^d ]
        * exp((k-1) S) / Gamma(k)^x
    P = sum over j < k of (q)_j / j! u^j              (q)_j the rising factorial
    d = ln a/(b+x-1+m) + q ln (alpha+T)/(alpha+t)     -inf for x + m = 0

S is the sum of the logs of the gaps between purchases; for k = 1 it does not matter and P is 1. The
terms of P are in proportion to the probabilities of the phase j, the arrivals since the last
purchase, of a customer who is alive, so all derivatives of ln P are moments of the phase. The gamma
and beta functions are products over j < x, so all customers together need only sums over j
weighted by the number of customers with more than j repeat purchases.

Fader, Hardie and Lee (2005), Marketing Science 24, 275-284 (m = 0, k = 1); Batislam, Denizel and
Filiztekin (2007), International Journal of Research in Marketing 24, 201-209 (m = 1, k = 1);
Reutterer, Platzer and Schroeder (2021), ibid. 38, 194-215 (any k).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from crmkit._validation import Floats
from crmkit.clv._distinct import Distinct
from crmkit.clv._fitting import Objective, summed

Params = tuple[float, float, float, float]
"""The values of r, alpha, a and b."""


@dataclass(frozen=True)
class Kind:
    """Which member of the family: m and k.

    Attributes
    ----------
    early : int
        1 if customers may leave after their first purchase (MBG), 0 if not (BG).
    k : int
        Arrivals per purchase: 1 is random timing, more is regular.
    """

    early: int = 0
    k: int = 1


def phase_terms(kind: Kind, q: Floats, u: Floats) -> Floats:
    """Terms of P, of shape (n_rows, k)."""
    terms = np.ones((len(q), kind.k))
    for j in range(1, kind.k):
        terms[:, j] = terms[:, j - 1] * (q + (j - 1.0)) * (u / j)
    return terms


def dropout_log_odds(params: Params, kind: Kind, x: Floats, t: Floats, T: Floats) -> Floats:
    """Log odds of having dropped out by T: d - ln P, -inf where nobody can have."""
    r, alpha, a, b = params
    n = x + kind.early
    of_x = np.where(n > 0, np.log(a / (b + np.maximum(n - 1.0, 0.0))), -np.inf)
    q = r + kind.k * x
    odds = of_x + q * np.log1p((T - t) / (alpha + t))
    if kind.k > 1:
        odds -= np.log(phase_terms(kind, q, (T - t) / (alpha + T)).sum(axis=1))
    return np.asarray(odds)


def log_likelihood(params: Params, kind: Kind, x: Floats, t: Floats, T: Floats) -> Floats:
    """Log-likelihood of each row, without the factor of the gaps."""
    r, alpha, a, b = params
    j = np.arange(np.max(x, initial=0.0))
    steps = -np.log1p(a / (b + kind.early + j))
    for i in range(kind.k):
        steps += np.log(r + (kind.k * j + i))
    table = np.concatenate([[-kind.early * np.log1p(a / b)], steps]).cumsum()
    steady = -r * np.log1p(T / alpha) - kind.k * x * np.log(alpha + T)
    odds = dropout_log_odds(params, kind, x, t, T)
    total = table[x.astype(np.int64)] + steady + np.logaddexp(0.0, odds)
    if kind.k > 1:
        terms = phase_terms(kind, r + kind.k * x, (T - t) / (alpha + T))
        total += np.log(terms.sum(axis=1))
    return np.asarray(total)


def gap_factor(kind: Kind, x: Floats, sum_log_gaps: Floats) -> Floats:
    """Logarithm of the factor of the gaps: it tells one k from another, not the parameters."""
    return np.asarray((kind.k - 1.0) * sum_log_gaps - x * gammaln(kind.k))


def family_objective(data: Distinct, kind: Kind) -> Objective:
    """Log-likelihood of all rows, without the gaps; gradient, Hessian in (r, alpha, a, b)."""
    x = data.columns[0]
    frequencies, customers = data.by(0, data.weight)
    j = np.arange(frequencies[-1], dtype=np.float64)
    seen = np.cumsum(np.bincount(frequencies.astype(int), customers))
    more = np.asarray(data.total - seen[: len(j)], dtype=np.float64)
    ages = data.by(2, data.weight, data.weight * (kind.k * x))
    mixed = data if kind.early or kind.k > 1 else data.where(x > 0)

    def objective(params: Floats) -> tuple[float, Floats, Floats]:
        return summed(
            rate_products(params, kind, j, more),
            dropout_products(params, kind, j, more, data.total),
            steady_part(params, *ages),
            mixture(params, kind, mixed),
        )

    return objective


def rate_products(
    params: Floats, kind: Kind, j: Floats, more: Floats
) -> tuple[float, Floats, Floats]:
    """Sum of ln Gamma(r+kx)/Gamma(r): `more` customers have x > j."""
    value, gradient, hessian = 0.0, np.zeros(4), np.zeros((4, 4))
    for i in range(kind.k):
        factor = params[0] + (kind.k * j + i)
        value += float(more @ np.log(factor))
        gradient[0] += more @ (1.0 / factor)
        hessian[0, 0] -= more @ factor**-2.0
    return value, gradient, hessian


def dropout_products(
    params: Floats, kind: Kind, j: Floats, more: Floats, total: float
) -> tuple[float, Floats, Floats]:
    """Sum of ln B(a, b+x+m)/B(a, b): `more` customers have x > j, all of them x + 1 > 0."""
    _, _, a, b = params
    if kind.early:
        j, more = np.arange(len(j) + 1.0), np.concatenate([[total], more])
    of_b, of_ab = 1.0 / (b + j), 1.0 / (a + b + j)
    gradient, hessian = np.zeros(4), np.zeros((4, 4))
    gradient[2:] = -(more @ of_ab), more @ (a * of_b * of_ab)
    hessian[2, 2] = hessian[2, 3] = hessian[3, 2] = more @ of_ab**2
    hessian[3, 3] = -(more @ (a * of_b * of_ab * (of_b + of_ab)))
    return -float(more @ np.log1p(a * of_b)), gradient, hessian


def steady_part(
    params: Floats, T: Floats, customers: Floats, arrivals: Floats
) -> tuple[float, Floats, Floats]:
    """Sum of r ln alpha - (r + kx) ln(alpha + T) over ages T."""
    r, alpha, _, _ = params
    later, log_ratio = 1.0 / (alpha + T), np.log1p(T / alpha)
    grown = T * later / alpha
    value = -r * (customers @ log_ratio) - arrivals @ np.log(alpha + T)
    gradient = np.zeros(4)
    gradient[:2] = -(customers @ log_ratio), r * (customers @ grown) - arrivals @ later
    hessian = np.zeros((4, 4))
    hessian[0, 1] = hessian[1, 0] = customers @ grown
    hessian[1, 1] = arrivals @ later**2 - r * (customers @ (grown * (1.0 / alpha + later)))
    return float(value), gradient, hessian


def mixture(params: Floats, kind: Kind, rows: Distinct) -> tuple[float, Floats, Floats]:
    """Sum of ln(P + e^d)."""
    r, alpha, a, b = params
    value, gradient, hessian = 0.0, np.zeros(4), np.zeros((4, 4))
    for block in rows.blocks():
        x, t, T = block.columns[:3]
        before, now = 1.0 / (alpha + t), 1.0 / (alpha + T)
        q = r + kind.k * x
        log_growth, of_alpha = np.log1p((T - t) * before), (t - T) * before * now
        of_b = 1.0 / (b + np.maximum(x + (kind.early - 1.0), 0.0))
        odds = np.log(a * of_b) + q * log_growth
        slopes = np.stack([log_growth, q * of_alpha, np.full_like(x, 1.0 / a), -of_b])
        if kind.k > 1:
            steady, up, bend = log_phases(kind, q, (T - t) * now, now)
            odds -= steady
            odds[x + kind.early == 0] = -np.inf
            slopes[:2] -= up
            value += float(block.weight @ steady)
            gradient[:2] += up @ block.weight
        small = np.exp(-np.abs(odds))
        value += float(block.weight @ (np.maximum(odds, 0.0) + np.log1p(small)))
        dropped = np.where(odds > 0, 1.0, small) / (1.0 + small)
        share = block.weight * dropped
        gradient += slopes @ share
        hessian += (slopes * (block.weight * small / (1.0 + small) ** 2)) @ slopes.T
        bent = np.array([[0.0, share @ of_alpha], [share @ of_alpha, 0.0]])
        bent[1, 1] = -(share @ (q * of_alpha * (before + now)))
        if kind.k > 1:
            bent += bend @ (block.weight - share)
        hessian[:2, :2] += bent
        hessian[2, 2] -= float(share.sum()) / a**2
        hessian[3, 3] += share @ of_b**2
    return value, gradient, hessian


def log_phases(kind: Kind, q: Floats, u: Floats, now: Floats) -> tuple[Floats, Floats, Floats]:
    """Logarithm of P with its slopes (2, n) and second derivatives (2, 2, n) in r and alpha."""
    terms = phase_terms(kind, q, u)
    total = terms.sum(axis=1)
    share = (terms / total[:, None]).T
    j = np.arange(kind.k, dtype=np.float64)[:, None]
    factors = 1.0 / (q + j[:-1])
    harmonic = np.concatenate([np.zeros((1, len(q))), factors.cumsum(axis=0)])
    squares = np.concatenate([np.zeros((1, len(q))), (factors**2).cumsum(axis=0)])
    of_q, phase = (share * harmonic).sum(axis=0), (share * j).sum(axis=0)
    both = (share * harmonic * (j - phase)).sum(axis=0)
    spread = (share * (j - phase) ** 2).sum(axis=0)
    curve = (share * ((harmonic - of_q) ** 2 - squares)).sum(axis=0)
    cross = -both * now
    return (
        np.log(total),
        np.stack([of_q, -phase * now]),
        np.array([[curve, cross], [cross, (phase + spread) * now**2]]),
    )
