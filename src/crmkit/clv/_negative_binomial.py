"""The negative binomial distribution to many digits: counts of a Poisson process at a gamma rate.

With shape R and odds z (the length of the future over the scale of the rate), n events have the
probability

    Gamma(R+n) / (Gamma(R) n!) (1+z)^-R (z/(1+z))^n

Differences of log-gammas lose digits where R or n is large. So n and R are compared with their
means, N z/(1+z) and N/(1+z) for N = R + n, and Stirling's formula carries the rest (Loader 2000,
Fast and accurate computation of binomial probabilities).
"""

import numpy as np
from scipy.special import gammaln

from crmkit._validation import Floats

_LARGE = 12.0  # from here on five terms of Stirling's series give fifteen digits
_SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188)
_HALF_LOG = 0.5 * np.log(2.0 * np.pi)


def log_negative_binomial(n: Floats, shape: Floats, odds: Floats) -> Floats:
    """Log-probability of n events; the arguments broadcast, -inf where it is 0, as for n < 0."""
    some, likely = n > 0, odds > 0
    k, z = np.where(some, n, 1.0), np.where(likely, odds, 1.0)
    total, excess = shape + k, k - shape * z
    of_n, of_shape = k * ((1.0 + z) / z) / total, shape * (1.0 + z) / total
    off = deviance(of_n, excess / (total * z)) * (z / (1.0 + z))
    off = off + deviance(of_shape, -excess / total) / (1.0 + z)
    errors = stirling_error(total) - stirling_error(k) - stirling_error(shape)
    size = 0.5 * (np.log(shape) - np.log(total) - np.log(2.0 * np.pi * k))
    silent = np.where(n == 0, -shape * np.log1p(odds), -np.inf)
    return np.where(some & likely, size + errors - total * off, silent)


def deviance(ratio: Floats, less_one: Floats) -> Floats:
    """With a ratio u > 0 of a count and its mean: u ln u - (u - 1); u - 1 comes unrounded."""
    near = np.abs(less_one) < 0.5
    logs = np.where(near, np.log1p(np.where(near, less_one, 0.0)), np.log(ratio))
    return np.asarray(ratio * logs - less_one)


def stirling_error(x: Floats) -> Floats:
    """What ln Gamma(x + 1) has above Stirling's (x + 1/2) ln x - x + ln(2 pi)/2, for x > 0."""
    large = np.maximum(x, _LARGE)
    inverse = 1.0 / large**2
    series: Floats | float = _SERIES[-1]
    for term in reversed(_SERIES[:-1]):
        series = series * inverse + term
    small = np.minimum(x, _LARGE)
    direct = gammaln(small + 1.0) - (small + 0.5) * np.log(small) + small
    return np.where(x < _LARGE, direct - _HALF_LOG, series / large)
