"""BG/BB without end: the probability that a customer who is there never buys again.

Such a customer is there for exactly k >= 1 more opportunities and buys at none of them. With
leaving Beta(g, d) and buying Beta(a, b), as they are given the history,

    f(k) = B(g+1, d+k-1) / B(g, d)  B(a, b+k) / B(a, b),

which falls like k^-(1+g+a): the sum over k takes for ever where g and a are small. So the first
terms are added one by one, the others by the Euler-Maclaurin formula around half-integers, with
the integral over the logarithm of k, and from where f is a power of k in closed form.
"""

import numpy as np
from scipy.special import psi

from crmkit._validation import Floats
from crmkit.clv._negative_binomial import stirling_error

_FIRST = 64  # terms added one by one
_FAR = 1e8  # times the largest parameter: from here f is a power to eight digits
_BLOCK = 1 << 10
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)


def silent_for_ever(g: Floats, d: Floats, a: Floats, b: Floats) -> Floats:
    """Probability to buy nothing before leaving, for a customer there at the next opportunity."""
    blocks = range(0, len(g), _BLOCK)
    parts = [_silent(*(p[i : i + _BLOCK, None] for p in (g, d, a, b))) for i in blocks]
    return np.concatenate(parts) if parts else np.empty(0)


def _silent(g: Floats, d: Floats, a: Floats, b: Floats) -> Floats:
    k = np.arange(1.0, _FIRST)
    leave, pass_ = g / (g + d + k - 1.0), (b + k - 1.0) / (a + b + k - 1.0)
    stay = np.cumprod(pass_[:, :-1] * (1.0 - leave[:, :-1]), axis=1)
    terms = np.column_stack([np.ones_like(g), stay]) * leave * pass_
    total = terms.sum(axis=1)
    middle = np.full_like(g, _FIRST - 0.5)
    slope = psi(d + middle - 1.0) - psi(g + d + middle) + psi(b + middle) - psi(a + b + middle)
    total += (np.exp(log_silence(middle, g, d, a, b)) * slope).ravel() / 24.0
    far = _FAR * max(1.0, *(float(np.max(p)) for p in (g, d, a, b)))
    n_panels = int(np.ceil(np.log(far / middle[0, 0])))
    edges = np.linspace(np.log(middle[0, 0]), np.log(far), n_panels + 1)
    half = (edges[1] - edges[0]) / 2.0
    for start in edges[:-1]:
        at = np.exp(start + half * (_NODES + 1.0))[None, :]
        total += np.exp(log_silence(at, g, d, a, b)) @ (half * _WEIGHTS * at[0])
    last = np.exp(log_silence(np.full_like(g, far), g, d, a, b)) * (far / (g + a))
    return np.asarray(np.minimum(total + last.ravel(), 1.0))


def log_silence(k: Floats, g: Floats, d: Floats, a: Floats, b: Floats) -> Floats:
    """Log-probability of exactly k more opportunities without a purchase; k may be broken."""
    leave = np.log(g) + log_growth(d, g) - log_growth(d + k - 1.0, g + 1.0)
    return np.asarray(leave + log_growth(b, a) - log_growth(b + k, a))


def log_growth(z: Floats, a: Floats) -> Floats:
    """Log of Gamma(z+a) / Gamma(z), also where both are huge."""
    size = (z - 0.5) * np.log1p(a / z) + a * np.log(z + a) - a
    return np.asarray(size + stirling_error(z + a) - stirling_error(z))
