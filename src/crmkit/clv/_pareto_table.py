"""Moments of death before the next purchase for many customers, by interpolation.

For a given frequency they depend on one number, ln(a/b), in which they are analytic as far as the
strip of half-height pi (pi is a Stieltjes function of a/b, which has no zeros there). Polynomials
through some fifteen Chebyshev points then carry all digits (Trefethen 2013, Approximation theory
and approximation practice, chapters 5 and 8), whatever number of ages and covariates there are.
"""

import numpy as np

from crmkit._validation import Floats
from crmkit.clv._pareto_integral import death_first_moments

_DIGITS = 36.0  # natural logarithm of the precision
_STRIP = 0.9 * np.pi
_NARROWEST = 1e-9
_WORTH = 2  # customers for each point from which on interpolation pays
_BLOCK = 1 << 10  # small enough that no matrix product starts threads


def tabulated_moments(R: Floats, s: float, log_ratio: Floats) -> Floats:
    """The table of `death_first_moments`, the same to some 14 digits."""
    distinct, codes = np.unique(R, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    begins = np.searchsorted(codes[order], np.arange(len(distinct) + 1))
    low, high = (
        ufunc.reduceat(log_ratio[order], begins[:-1]) for ufunc in (np.minimum, np.maximum)
    )
    middle, half = (low + high) / 2.0, np.maximum((high - low) / 2.0, _NARROWEST)
    degree = np.ceil(_DIGITS / np.log((_STRIP + np.hypot(_STRIP, half)) / half)).astype(np.int64)
    degree += 2
    groups = np.flatnonzero(np.diff(begins) > _WORTH * (degree + 1)).tolist()
    points = [middle[g] + half[g] * chebyshev(int(degree[g])) for g in groups]
    shapes = [np.full(len(at), distinct[g]) for g, at in zip(groups, points, strict=True)]
    parts = [order[begins[g] : begins[g + 1]] for g in groups]
    alone = np.ones(len(R), dtype=bool)
    for rows in parts:
        alone[rows] = False
    table = death_first_moments(
        np.concatenate([R[alone], *shapes]), s, np.concatenate([log_ratio[alone], *points])
    )
    ends = np.cumsum([int(alone.sum()), *(len(at) for at in points)])
    out = np.empty((len(R), table.shape[1]))
    out[alone] = table[: ends[0]]
    for rows, at, start, stop in zip(parts, points, ends[:-1], ends[1:], strict=True):
        for first in range(0, len(rows), _BLOCK):
            some = rows[first : first + _BLOCK]
            out[some] = interpolated(log_ratio[some], at, table[start:stop])
    return out


def chebyshev(degree: int) -> Floats:
    """Chebyshev points of the second kind on [-1, 1]."""
    return np.cos(np.pi * np.arange(degree + 1) / degree)


def interpolated(x: Floats, points: Floats, values: Floats) -> Floats:
    """Polynomial through (points, values) at x, by the barycentric formula."""
    weight = np.where(np.arange(len(points)) % 2, -1.0, 1.0)
    weight[[0, -1]] /= 2.0
    apart = x[:, None] - points
    apart[apart == 0.0] = 1e-280  # the value of a point at the point
    share = weight / apart
    return np.asarray((share @ values) / share.sum(axis=1)[:, None])
