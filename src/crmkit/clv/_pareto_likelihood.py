"""Likelihood of the Pareto/NBD model, with exact derivatives and with covariates.

For x repeat purchases, the last at age t, age now T, and pi(x, age) the probability that a customer
who is alive at that age dies before the next purchase (`_pareto_integral`),

    L = Gamma(r+x)/Gamma(r) [ e^c(t) pi(x, t) + e^c(T) (1 - pi(x, T)) ]
    c(u) = r ln alpha + s ln beta - (r+x) ln(alpha+u) - s ln(beta+u)

The first term is a death in silence after the last purchase, less the deaths after T that the
second gives back; both are positive. Whatever depends on (x, age) is computed once for each pair,
of which a million customers have some ten thousand, and mostly interpolated (`_pareto_table`).
Covariates z scale the rates of a customer: ln alpha_i = ln alpha - g'z, ln beta_i = ln beta - h'z;
a pair then is (x, age, z).

Derivatives are in r, ln alpha, s, ln beta (r, A, s, B below), and by the chain rule in the rest.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.clv._distinct import Distinct, row_codes
from crmkit.clv._fitting import Objective, summed
from crmkit.clv._pareto_table import tabulated_moments

_BLOCK = 1 << 13  # small enough that no matrix product starts threads
_CERTAIN = 1.0 - 1e-16
_FARTHEST = 300.0  # size of a log scale, however far covariates lie from those fitted on


@dataclass(frozen=True)
class Pairs:
    """The distinct (x, age, z), and which of them each row has at t (`last`) and at T (`now`)."""

    x: Floats
    age: Floats
    design: Floats
    last: npt.NDArray[np.int64]
    now: npt.NDArray[np.int64]

    @classmethod
    def of(cls, data: Distinct) -> "Pairs":
        """Pairs of the rows of a table of x, t, T and covariates."""
        x, t, T, *covariates = data.columns
        twice = [np.tile(column, 2) for column in covariates]
        ages, both = np.concatenate([t, T]), np.tile(x, 2)
        codes, first = row_codes(both, ages, *twice, sort=True)
        design = np.column_stack([np.ones(len(first)), *(-column[first] for column in twice)])
        return cls(both[first], ages[first], design, codes[: len(x)], codes[len(x) :])


def pareto_objective(data: Distinct) -> Objective:
    """Log-likelihood of all rows, gradient and Hessian in (r, alpha, s, beta, g..., h...)."""
    frequencies, customers = data.by(0, data.weight)
    j = np.arange(frequencies[-1], dtype=np.float64)
    seen = np.cumsum(np.bincount(frequencies.astype(int), customers))
    more = np.asarray(data.total - seen[: len(j)], dtype=np.float64)
    pairs = Pairs.of(data)

    def objective(params: Floats) -> tuple[float, Floats, Floats]:
        return summed(products(params, j, more), silence(params, pairs, data.weight))

    return objective


def products(params: Floats, j: Floats, more: Floats) -> tuple[float, Floats, Floats]:
    """Sum of ln Gamma(r+x)/Gamma(r): `more` customers have x > j."""
    r, size = params[0], len(params)
    gradient, hessian = np.zeros(size), np.zeros((size, size))
    gradient[0], hessian[0, 0] = more @ (1.0 / (r + j)), -(more @ (1.0 / (r + j) ** 2))
    return float(more @ np.log(r + j)), gradient, hessian


def silence(params: Floats, pairs: Pairs, weight: Floats) -> tuple[float, Floats, Floats]:
    """Sum of ln[e^c(t) pi(t) + e^c(T) (1 - pi(T))], gradient and Hessian in the parameters."""
    terms = pair_terms(params, pairs)
    last, now = pairs.last, pairs.now
    logs = np.logaddexp(terms.dead[last], terms.alive[now])
    died, later, alive = (
        np.exp(each - logs) for each in (terms.dead[last], terms.dead[now], terms.steady[now])
    )
    gradient, hessian = np.zeros(len(params)), np.zeros((len(params), len(params)))
    for start in range(0, len(weight), _BLOCK):
        part = slice(start, start + _BLOCK)
        t, T = last[part], now[part]
        slopes = died[part, None] * terms.of_dead[t] - later[part, None] * terms.of_dead[T]
        slopes += alive[part, None] * terms.of_steady[T]
        each = expanded(slopes, pairs.design[t])
        weighed = each * weight[part, None]
        gradient += weighed.sum(axis=0)
        hessian -= weighed.T @ each
    sums = (
        np.bincount(codes, weight * share, len(pairs.x)).astype(np.float64)
        for codes, share in ((last, died), (now, later), (now, alive))
    )
    of_t, of_T, steady = sums
    hessian += curvature(params, pairs, terms, of_t - of_T, steady)
    return float(weight @ logs), *in_scales(params, gradient, hessian)


@dataclass(frozen=True)
class Terms:
    """What the likelihood needs of each pair.

    `steady` is c, `dead` is c + ln pi and `alive` is c + ln(1 - pi); `of_steady` and `of_dead` are
    gradients in (r, A, s, B); `moments` is the table of `death_first_moments`.
    """

    steady: Floats
    dead: Floats
    alive: Floats
    of_steady: Floats
    of_dead: Floats
    moments: Floats


def pair_terms(params: Floats, pairs: Pairs) -> Terms:
    """The terms of all pairs under the parameters."""
    r, s = params[0], params[2]
    alpha, beta = scales(params, pairs.design)
    x, age = pairs.x, pairs.age
    left_a, left_b = alpha / (alpha + age), beta / (beta + age)
    grown_a, grown_b = np.log1p(age / alpha), np.log1p(age / beta)
    steady = -r * grown_a - x * np.log(alpha + age) - s * grown_b
    moments = tabulated_moments(r + x, float(s), np.log((alpha + age) / (beta + age)))
    log_pi, of_r, of_s, of_ratio = moments[:, :4].T
    of_A, of_B = r * (age / (alpha + age)) - x * left_a, s * (age / (beta + age))
    of_steady = np.column_stack([-grown_a, of_A, -grown_b, of_B])
    more = np.column_stack([of_r, of_ratio * left_a, of_s, -of_ratio * left_b])
    never = np.log1p(-np.minimum(np.exp(log_pi), _CERTAIN))
    return Terms(steady, steady + log_pi, steady + never, of_steady, of_steady + more, moments)


def curvature(params: Floats, pairs: Pairs, terms: Terms, dead: Floats, steady: Floats) -> Floats:
    """Sum over pairs of weights times second derivatives plus products of first ones."""
    r, s = params[0], params[2]
    alpha, beta = scales(params, pairs.design)
    left_a, left_b = alpha / (alpha + pairs.age), beta / (beta + pairs.age)
    gone_a, gone_b = pairs.age / (alpha + pairs.age), pairs.age / (beta + pairs.age)
    _, _, _, of_ratio, rr, rs, rl, ss, sl, ll = terms.moments.T
    both = dead + steady
    second = {
        (0, 0): dead * rr,
        (0, 1): both * gone_a + dead * rl * left_a,
        (0, 2): dead * rs,
        (0, 3): -dead * rl * left_b,
        (1, 1): dead * (ll * left_a**2 + of_ratio * left_a * gone_a)
        - both * (r + pairs.x) * gone_a * left_a,
        (1, 2): dead * sl * left_a,
        (1, 3): -dead * ll * left_a * left_b,
        (2, 2): dead * ss,
        (2, 3): both * gone_b - dead * sl * left_b,
        (3, 3): dead * (ll * left_b**2 - of_ratio * left_b * gone_b) - both * s * gone_b * left_b,
    }
    columns, owners = spread(pairs.design.shape[1])
    hessian = np.zeros((len(params), len(params)))
    for (i, j), bend in second.items():
        bend = bend + dead * terms.of_dead[:, i] * terms.of_dead[:, j]
        bend += steady * terms.of_steady[:, i] * terms.of_steady[:, j]
        rows, cols = np.flatnonzero(owners == i), np.flatnonzero(owners == j)
        block = weighed_products(
            pairs.design[:, columns[rows]], bend, pairs.design[:, columns[cols]]
        )
        hessian[np.ix_(rows, cols)] = block
        hessian[np.ix_(cols, rows)] = block.T
    return hessian


def weighed_products(left: Floats, weight: Floats, right: Floats) -> Floats:
    """Sum over rows of weight times the products of all columns."""
    if left.shape[1] == right.shape[1] == 1:  # the columns are ones
        return np.asarray([[weight.sum()]])
    out = np.zeros((left.shape[1], right.shape[1]))
    for start in range(0, len(weight), _BLOCK):
        part = slice(start, start + _BLOCK)
        out += (left[part] * weight[part, None]).T @ right[part]
    return out


def scales(params: Floats, design: Floats) -> tuple[Floats, Floats]:
    """Scale of the rate and of the lifetime of each row of (1, -z)."""
    k = design.shape[1] - 1
    alpha, beta = np.full(len(design), np.log(params[1])), np.full(len(design), np.log(params[3]))
    for i in range(k):  # no matrix product: a row's sum must not depend on other rows
        alpha += design[:, 1 + i] * params[4 + i]
        beta += design[:, 1 + i] * params[4 + k + i]
    for each in (alpha, beta):
        np.exp(np.clip(each, -_FARTHEST, _FARTHEST, out=each), out=each)
    return alpha, beta


def spread(width: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each parameter: its column of (1, -z), and which of r, A, s, B it moves."""
    effects = np.arange(1, width)
    columns = np.concatenate([np.zeros(4, dtype=np.int64), effects, effects])
    return columns, np.concatenate([np.arange(4), np.full(width - 1, 1), np.full(width - 1, 3)])


def expanded(slopes: Floats, design: Floats) -> Floats:
    """Gradients in all parameters, row by row, of gradients in (r, A, s, B)."""
    if design.shape[1] == 1:
        return slopes
    columns, owners = spread(design.shape[1])
    return np.asarray(slopes[:, owners] * design[:, columns])


def in_scales(params: Floats, gradient: Floats, hessian: Floats) -> tuple[Floats, Floats]:
    """Derivatives in alpha and beta themselves, of those in their logarithms."""
    slope = np.ones(len(params))
    slope[[1, 3]] = 1.0 / params[[1, 3]]
    bend = np.zeros(len(params))
    bend[[1, 3]] = gradient[[1, 3]] * slope[[1, 3]] ** 2
    return gradient * slope, slope[:, None] * hessian * slope - np.diag(bend)
