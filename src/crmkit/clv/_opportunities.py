"""The mathematics of BG/BB: customers who may buy at each of n opportunities, until they leave.

Relative to the customers who are there at opportunity n + 1, those who left before opportunity
i + 1, for i = t ... n, count

    w_n = gamma / (delta+n)
    w_i = w_(i+1) (alpha+beta+i) (gamma+delta+i+1) / ((beta+i-x) (delta+i))

All are positive and grow as i falls, so sums are kept relative to the last of them: no beta
function is taken, no difference loses digits and nothing overflows. Derivatives ride along.
Sums over the future are means over the dropout probability (`_beta_mean`).
"""

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from crmkit._validation import Floats
from crmkit.clv._beta_mean import beta_nodes, n_nodes
from crmkit.clv._distinct import Distinct
from crmkit.clv._fitting import Objective, summed
from crmkit.clv._negative_binomial import log_negative_binomial

Params = tuple[float, float, float, float]

_BLOCK = 1 << 16
_STEPS, _CELLS = 256, 1 << 11  # silent opportunities taken together, and times rows
_CHUNK = 8  # ratios whose product stays above the smallest number
_ROW, _COLUMN = np.triu_indices(4)
_DIAGONAL = np.flatnonzero(_ROW == _COLUMN)
_SIGNS = np.array([[1.0], [-1.0], [1.0], [-1.0]])
_OF_PARAMS = np.array([[1.0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]])
"""Change of (alpha+beta, beta, gamma+delta, delta) with alpha, beta, gamma and delta."""


def log_likelihood(params: Params, x: Floats, t: Floats, n: Floats) -> Floats:
    """Log-likelihood of each row."""
    alpha, beta, gamma, delta = params
    j = np.arange(np.max(n, initial=0.0) + 1.0)
    stayed = np.concatenate([[0.0], np.cumsum(-np.log1p(gamma / (delta + j)))])
    bought = log_beta_binomial(x, n, alpha, beta)
    ways = gammaln(n + 1.0) - gammaln(x + 1.0) - gammaln(n - x + 1.0)
    odds = dropout_log_odds(params, x, t, n)
    return np.asarray(bought - ways + stayed[n.astype(np.int64) + 1] + np.logaddexp(0.0, odds))


def log_beta_binomial(x: Floats, n: Floats, a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """Log-probability of x purchases at n opportunities, the probability being Beta(a, b).

    Two independent negative binomials with equal odds, given their sum, are a beta binomial.
    """
    x, n, a, b = np.broadcast_arrays(x, n, a, b)
    odds = n / (a + b)
    both = log_negative_binomial(x, a, odds) + log_negative_binomial(n - x, b, odds)
    return np.asarray(both - log_negative_binomial(n, a + b, odds))


def dropout_log_odds(params: Params, x: Floats, t: Floats, n: Floats) -> Floats:
    """Log odds of having left before opportunity n + 1."""
    order, _ = by_silence(n - t)
    out = np.empty(len(x))
    start = 0
    while start < len(x):
        width = int(n[order[start]] - t[order[start]])
        rows = order[start : start + max(1, _BLOCK // (width + 1))]
        out[rows] = log_sum_of_terms(params, x[rows], t[rows], n[rows], width)
        start += len(rows)
    return out


def log_sum_of_terms(params: Params, x: Floats, t: Floats, n: Floats, width: int) -> Floats:
    """Log of the sum of w_i over t <= i <= n, for rows of at most `width` silent opportunities."""
    alpha, beta, gamma, delta = params
    start = np.log(gamma) - np.log(delta + n)
    x, t, n = x[:, None], t[:, None], n[:, None]
    i = t + np.arange(-(-width // _CHUNK) * _CHUNK)
    here = i < n
    i = np.where(here, i, n)
    ratio = (beta + (i - x)) * (delta + i)  # w_(i+1) / w_i
    ratio /= (alpha + beta + i) * (gamma + delta + 1.0 + i)
    ratio[~here] = 1.0
    chunks = np.prod(ratio.reshape(len(x), -1, _CHUNK), axis=2)
    growth = -np.sum(np.log(chunks), axis=1)  # ln w_t - ln w_n
    ratio[~here] = 0.0
    total = 1.0 + np.sum(np.cumprod(ratio, axis=1), axis=1)
    return np.asarray(start + growth + np.log(total))


def by_silence(silent: Floats) -> tuple[npt.NDArray[np.int64], list[int]]:
    """Rows with the longest silence first, and how many are silent for at least 0, 1, 2, ..."""
    order = np.argsort(-silent, kind="stable")
    lengths = np.bincount(silent.astype(np.int64))
    return order, np.cumsum(lengths[::-1])[::-1].tolist()


def bgbb_objective(data: Distinct) -> Objective:
    """Log-likelihood of all rows, gradient and Hessian in (alpha, beta, gamma, delta)."""
    x, t, n = data.columns
    order, counts = by_silence(n - t)
    rows, weight = (x[order], n[order]), data.weight[order]
    beyond = [more_than(values, data.weight) for values in (x, n - x, n, n + 1.0)]

    def objective(params: Floats) -> tuple[float, Floats, Floats]:
        return summed(steady_part(params, *beyond), mixture(params, *rows, weight, counts))

    return objective


def more_than(values: Floats, weight: Floats) -> Floats:
    """Weight of the rows with a value above j, for j = 0, 1, 2, ..."""
    counts = np.bincount(values.astype(np.int64), weight)
    return np.asarray(np.cumsum(counts[::-1])[::-1][1:])


def steady_part(
    params: Floats, bought: Floats, passed: Floats, seen: Floats, ahead: Floats
) -> tuple[float, Floats, Floats]:
    """Sum of ln B(alpha+x, beta+n-x)/B(alpha, beta) + ln B(gamma, delta+n+1)/B(gamma, delta)."""
    alpha, beta, gamma, delta = params
    gradient, hessian = np.zeros(4), np.zeros((4, 4))
    value = 0.0
    for counts, base, places in (
        (bought, alpha, [0]),
        (passed, beta, [1]),
        (-seen, alpha + beta, [0, 1]),
        (ahead, delta, [3]),
        (-ahead, gamma + delta, [2, 3]),
    ):
        place = base + np.arange(len(counts))
        value += float(counts @ np.log(place))
        gradient[places] += counts @ (1.0 / place)
        hessian[np.ix_(places, places)] -= counts @ (1.0 / place**2)
    return value, gradient, hessian


def mixture(
    params: Floats, x: Floats, n: Floats, weight: Floats, counts: list[int]
) -> tuple[float, Floats, Floats]:
    """Sum of ln(1 + odds), odds those of having left; rows come with the longest silence first."""
    gamma = params[2]
    log_odds, mean, square = left_before(params, x, n, counts)
    left = sigmoid(log_odds)
    share = weight * left
    slopes = _OF_PARAMS @ mean
    common = slopes @ share
    slopes[2] += 1.0 / gamma
    curves = np.zeros((4, 4))
    curves[_ROW, _COLUMN] = curves[_COLUMN, _ROW] = square @ share
    hessian = _OF_PARAMS @ curves @ _OF_PARAMS.T - (slopes * (share * left)) @ slopes.T
    hessian[2] += common / gamma
    hessian[:, 2] += common / gamma
    return float(weight @ np.logaddexp(0.0, log_odds)), slopes @ share, hessian


def left_before(
    params: Floats, x: Floats, n: Floats, counts: list[int]
) -> tuple[Floats, Floats, Floats]:
    """Log odds of having left, and moments of the slopes of ln w_i under weights w_i.

    Slopes are those in u = (alpha+beta, beta, gamma+delta, delta), for gamma held: their means,
    and the means of their products plus the second derivatives.
    """
    alpha, beta, gamma, delta = params
    slope, curve = np.zeros((4, len(x))), np.zeros((4, len(x)))
    total, logs = np.ones(len(x)), np.log(gamma) - np.log(delta + n)
    slope[3], curve[3] = -1.0 / (delta + n), 1.0 / (delta + n) ** 2
    mean, square = slope.copy(), slope[_ROW] * slope[_COLUMN]
    square[_DIAGONAL] += curve
    begin = 1
    while begin < len(counts):
        m = counts[begin]
        end = min(begin + max(1, min(_STEPS, _CELLS // m)), len(counts))
        step = np.arange(begin, end)[:, None]
        here = np.arange(m) < np.array(counts[begin:end])[:, None]
        i = np.where(here, n[:m] - step, n[:m])
        steps = _SIGNS[:, None] / np.stack(
            [alpha + beta + i, beta + (i - x[:m]), gamma + delta + i + 1.0, delta + i]
        )
        ratio = np.where(here, steps[0] * steps[2] / (steps[1] * steps[3]), 1.0)
        steps *= here
        now = np.cumsum(steps, axis=1) + slope[:, None, :m]
        bend = curve[:, None, :m] - np.cumsum(_SIGNS[:, None] * steps**2, axis=1)
        slope[:, :m], curve[:, :m] = now[:, -1], bend[:, -1]
        after = np.cumprod(ratio[::-1], axis=0)[::-1]  # w at the end of what came before a step
        share = np.concatenate([after[1:], np.ones((1, m))]) * here
        second = now[_ROW] * now[_COLUMN]
        second[_DIAGONAL] += bend
        total[:m] = total[:m] * after[0] + share.sum(axis=0)
        mean[:, :m] = mean[:, :m] * after[0] + (share * now).sum(axis=1)
        square[:, :m] = square[:, :m] * after[0] + (share * second).sum(axis=1)
        logs[:m] -= np.log(ratio).sum(axis=0)
        begin = end
    return logs + np.log(total), mean / total, square / total


def opportunities_if_alive(params: Params, n: Floats, horizon: Floats, rate: float = 0.0) -> Floats:
    """Discounted number of the next opportunities that a customer will be there for.

    The mean over the dropout probability p ~ Beta(gamma, delta+n+1) of the sum of q^k over
    0 <= k < horizon, q = (1-p) exp(-rate), for a customer who is there for the first of them.
    """
    _, _, gamma, delta = params
    distinct, codes = np.unique(n, return_inverse=True)
    p, weight = beta_nodes(gamma, delta + 1.0 + distinct, n_nodes(gamma, delta + 1.0))
    log_q = np.log1p(-np.minimum(p, 1.0 - 1e-16)) - rate
    weight = weight / -np.expm1(log_q)
    out = np.empty(len(n))
    rows = max(1, _BLOCK // p.shape[1])
    for start in range(0, len(n), rows):
        part = slice(start, start + rows)
        later = -np.expm1(horizon[part, None] * log_q[codes[part]])
        out[part] = np.sum(weight[codes[part]] * later, axis=1)
    return out


def pmf_if_alive(
    params: Params, x: Floats, n: Floats, count: npt.NDArray[np.int64], horizon: int
) -> Floats:
    """Probabilities of `count` purchases at the next opportunities, for customers still there.

    A customer is there for k of them: the last k before leaving, or all of them.
    """
    alpha, beta, gamma, delta = params
    j = count.astype(np.float64)
    a, b = (alpha + x)[:, None], (beta + (n - x))[:, None]
    logs = log_beta_binomial(j, j, a, b)  # of j purchases at j opportunities, later at k
    out = np.zeros((len(x), len(j)))
    out[:, j == 0] = float(horizon == 0)
    there = np.ones(len(x))
    for k in range(1, horizon + 1):
        more = j < k
        last = k - 1 - j[more]
        logs[:, more] += np.log(k / (last + 1.0) * (b + last) / (a + b + (k - 1.0)))
        leave = gamma / (gamma + delta + n + k) if k < horizon else np.ones(len(x))
        seen = j <= k
        out[:, seen] += (there * leave)[:, None] * np.exp(logs[:, seen])
        there = there * (1.0 - leave)
    return out


def stays(leave: Floats, random: np.random.Generator) -> Floats:
    """How many opportunities customers stay for who leave before each with probability `leave`."""
    with np.errstate(divide="ignore"):
        often = -np.log1p(-np.maximum(leave, 1e-300))
    return np.asarray(np.floor(random.standard_exponential(len(leave)) / often))


def sigmoid(z: Floats) -> Floats:
    """Probability of log odds z, to full relative precision at either end."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -z)))
