"""Integrals over a Pareto lifetime, to many digits: death before the next purchase.

A customer who is alive at age t buys at a rate ~ Gamma(R, a) and dies at a rate ~ Gamma(s, b), with
R = r + x, a = alpha + t and b = beta + t. With v the time until death, the probability that death
comes before the next purchase is

    pi = s/b integral over v > 0 of (1 + v/a)^-R (1 + v/b)^-(s+1)

It depends on R, s and ln(a/b) only, and the Pareto/NBD likelihood is made of it (see
`_pareto_likelihood`). In u = ln(v/b) the logarithm of the integrand is concave,

    -softplus(-u) - s softplus(u) - R softplus(u - ln(a/b)),      softplus(u) = ln(1 + e^u)

with two bends. The trapezoidal rule over u = middle + w sinh(y) sqrt(1 + D^2/cosh(y)^2), a map that
is dense around both bends and reaches far into the tails, converges exponentially fast (Trefethen
and Weideman 2014, SIAM Review 56, 385-458); all terms are positive, so no digits cancel, where the
hypergeometric functions of the papers overflow. The derivatives of ln pi in R, s and ln(a/b) are
means and covariances under the same nodes, so they come exact and nearly free.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.clv._negative_binomial import log_negative_binomial

_DEPTH = 34.0  # nodes reach to where the integrand is e^-34 of its top
_WIDTH = 1.5  # w
_STEP = 0.14
_ROUND = 8  # numbers of nodes are multiples of this: few shapes, and rows start aligned
_BEHIND = 2.0  # a steep bend is looked at this far behind its top, where it falls fastest
_BLOCK = 1 << 14
_LEAST = 1e-300
_GAUSS, _GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(48)

Window = tuple[Floats, Floats, Floats, Floats]
"""Middle and D of the map, and its first and last y."""


def log_death_first(R: Floats, s: float, log_ratio: Floats) -> Floats:
    """Logarithm of pi / s; s may also be between -1 and 0, as long as R + s > 0."""

    def logs(u: Floats, weight: Floats, R: Floats, log_ratio: Floats) -> Floats:
        weight *= np.exp(_log_integrand(u, R, s, log_ratio))
        return np.asarray(np.log(np.maximum(np.sum(weight, axis=1), _LEAST))[:, None])

    return _by_rows(logs, 1, R, s, log_ratio)[:, 0]


def death_first_moments(R: Floats, s: float, log_ratio: Floats) -> Floats:
    """Columns: ln pi, its gradient and the upper half of its Hessian in (R, s, ln(a/b)).

    The Hessian comes as RR, Rs, Rl, ss, sl, ll.
    """

    def moments(u: Floats, weight: Floats, R: Floats, log_ratio: Floats) -> Floats:
        buy, (die, rest) = softplus(u - log_ratio)[0], softplus(u)
        weight *= np.exp(-rest - s * die - R * buy)
        total = np.maximum(np.sum(weight, axis=1), _LEAST)
        weight /= total[:, None]
        share = -np.expm1(-buy)
        factors = (buy, die, share)
        weighed = [weight * each for each in factors]
        m_buy, m_die, m_share = means = [np.sum(each, axis=1) for each in weighed]
        bb, bd, bs, dd, ds, ss = (
            np.einsum("ij,ij->i", weighed[i], factors[j]) - means[i] * means[j]
            for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
        )
        R = R[:, 0]
        spread = m_share - m_share**2 - ss  # mean of share (1 - share)
        return np.column_stack(
            [
                np.log(total) + np.log(s),
                -m_buy,
                1.0 / s - m_die,
                R * m_share,
                bb,
                bd,
                m_share - R * bs,
                dd - 1.0 / s**2,
                -R * ds,
                R * (R * ss - spread),
            ]
        )

    return _by_rows(moments, 10, R, s, log_ratio)


def softplus(u: Floats) -> tuple[Floats, Floats]:
    """ln(1 + e^u) and ln(1 + e^-u), without overflow."""
    small = np.abs(u)
    np.negative(small, out=small)
    np.exp(small, out=small)
    np.log1p(small, out=small)
    return small + np.maximum(u, 0.0), small - np.minimum(u, 0.0)


def _log_integrand(u: Floats, R: Floats, s: float, log_ratio: Floats) -> Floats:
    die, rest = softplus(u)
    return np.asarray(-rest - s * die - R * softplus(u - log_ratio)[0])


def _by_rows(
    function: Callable[..., Floats], width: int, R: Floats, s: float, log_ratio: Floats
) -> Floats:
    """Table of `function` of the nodes and weights of each row, in blocks that fit the cache.

    The nodes of a row depend on the row only, so its result is the same among any other rows.
    """
    window = trapezoid_window(R, s, log_ratio)
    out = np.empty((len(R), width))
    for rows, n in _blocks(window[3] - window[2]):
        middle, bend, first, last = (each[rows, None] for each in window)
        step = (last - first) / (n - 1)
        u, weight = double_sinh(first + step * np.arange(n), middle, bend)
        weight *= step
        out[rows] = function(u, weight, R[rows, None], log_ratio[rows, None])
    return out


def _blocks(length: Floats) -> Iterator[tuple[npt.NDArray[np.int64], int]]:
    """Rows that take the same number of nodes, and this number."""
    n_nodes = _ROUND * np.ceil((length / _STEP + 1.0) / _ROUND).astype(np.int64)
    for n in np.unique(n_nodes).tolist():
        same, size = np.flatnonzero(n_nodes == n), max(1, _BLOCK // n)
        for start in range(0, len(same), size):
            yield same[start : start + size], n


def trapezoid_window(R: Floats, s: float, log_ratio: Floats) -> Window:
    """Map and ends for the whole line: outside, the integrand is e^-34 of its top or less."""
    top = _mode(R, s, log_ratio, 0.0)
    floor = _log_integrand(top, R, s, log_ratio) - _DEPTH
    slowest = np.maximum(R + s, _LEAST)
    far = np.maximum(log_ratio, 0.0) + (_DEPTH + 3.0) / slowest + 3.0
    right = top + 4.0
    for _ in range(5):  # Newton steps come from the right: the logarithm is concave
        fall = s - (s + 1.0) * _share(-right) + R * _share(right - log_ratio)
        above = _log_integrand(right, R, s, log_ratio) - floor
        right = np.minimum(right + above / np.maximum(fall, _LEAST), far)
    return _window(R, s, log_ratio, floor, right)


def _window(R: Floats, s: float, log_ratio: Floats, left: Floats, right: Floats) -> Window:
    """The map with its two bends between the ends, and the ends in y."""
    bends = [
        np.clip(at - np.log(steep) + _BEHIND * (1.0 - 1.0 / steep), left, right)
        for at, steep in ((log_ratio, np.maximum(R, 1.0)), (0.0, max(s + 1.0, 1.0)))
    ]
    middle, apart = (bends[0] + bends[1]) / 2.0, np.abs(bends[0] - bends[1]) / (2.0 * _WIDTH)
    ends = (_inverse((end - middle) / _WIDTH, apart) for end in (left, right))
    first, last = ends
    return middle, apart, first, last


def double_sinh(y: Floats, middle: Floats, apart: Floats) -> tuple[Floats, Floats]:
    """Nodes u = middle + w sinh(y) sqrt(1 + D^2 / cosh(y)^2), and du/dy."""
    sinh = np.sinh(y)
    cosh_square = 1.0 + sinh * sinh
    near = apart * apart / cosh_square
    root = np.sqrt(1.0 + near)
    slope = _WIDTH * np.sqrt(cosh_square) * (1.0 + near / cosh_square) / root
    root *= sinh
    root *= _WIDTH
    root += middle
    return root, slope


def _inverse(distance: Floats, apart: Floats) -> Floats:
    """The y of which sinh(y) sqrt(1 + D^2 / cosh(y)^2) is the distance."""
    half = (distance**2 - 1.0 - apart**2) / 2.0
    root = np.hypot(half, distance)
    square = np.where(half > 0, half + root, distance**2 / np.maximum(root - half, _LEAST))
    return np.asarray(np.copysign(np.arcsinh(np.sqrt(square)), distance))


def _mode(R: Floats, s: float, log_ratio: Floats, n: Floats | float) -> Floats:
    """Where the log integrand, with n purchases before death, is largest."""
    ratio = np.exp(np.clip(log_ratio, -600.0, 600.0))
    square, constant = np.maximum(R + s, _LEAST), (1.0 + n) * ratio
    linear = R - 1.0 + (s - n) * ratio
    large = np.abs(linear) + np.hypot(linear, 2.0 * np.sqrt(square) * np.sqrt(constant))
    at = np.where(linear > 0, 2.0 * constant / large, large / (2.0 * square))
    return np.asarray(np.log(np.maximum(at, _LEAST)))


def _share(u: Floats) -> Floats:
    """e^u / (1 + e^u)."""
    return np.asarray(np.exp(-softplus(u)[1]))


def purchases_before_death(
    n: Floats, R: Floats, s: float, log_ratio: Floats, log_horizon: Floats
) -> Floats:
    """Probability of n purchases and of death after them, both before a horizon of b e^h.

    The integral over the time of death, of its density times a negative binomial probability; the
    window follows the peak that many purchases make, and Gauss-Legendre nodes fill it.
    """
    out = np.empty(len(n))
    size = _BLOCK // len(_GAUSS)
    for start in range(0, len(n), size):
        part = slice(start, start + size)
        row = n[part], R[part], log_ratio[part]
        end = log_horizon[part]
        top = np.minimum(_mode(row[1], s, row[2], row[0]), end)
        height = _log_count(top, s, *row)
        left, right = (_edge(top, height, side, s, *row) for side in (-1.0, 1.0))
        window = _window(row[1], s, row[2], left, np.minimum(right, end))
        middle, apart, first, last = (each[:, None] for each in window)
        half = (last - first) / 2.0
        u, weight = double_sinh(first + half * (_GAUSS + 1.0), middle, apart)
        columns = (each[:, None] for each in row)
        logs = _log_count(u, s, *columns) - height[:, None]
        total = np.sum(weight * half * _GAUSS_WEIGHTS * np.exp(logs), axis=1)
        count = log_negative_binomial(row[0], row[1], np.exp(top - row[2]))
        die, rest = softplus(top)
        out[part] = s * total * np.exp(count - rest - s * die)
    return out


def _log_count(u: Floats, s: float, n: Floats, R: Floats, log_ratio: Floats) -> Floats:
    (die, rest), (buy, none) = softplus(u), softplus(u - log_ratio)
    return np.asarray(-rest - s * die - R * buy - n * none)


def _edge(
    top: Floats, height: Floats, side: float, s: float, n: Floats, R: Floats, log_ratio: Floats
) -> Floats:
    """Where the concave log integrand has fallen by 34, by Newton steps from outside."""
    far = np.abs(log_ratio) + np.abs(top) + (_DEPTH + 3.0) / np.maximum(R + s, _LEAST) + 40.0
    at = top + 4.0 * side
    for _ in range(6):
        slope = 1.0 + n - (s + 1.0) * _share(at) - (R + n) * _share(at - log_ratio)
        above = _log_count(at, s, n, R, log_ratio) - height + _DEPTH
        at = np.clip(at + side * above / np.maximum(-side * slope, _LEAST), top - far, top + far)
    return at
