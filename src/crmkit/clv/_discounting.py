"""Discounted purchases: the integral of exp(-rate t) dE(t), where E(t) are expected purchases."""

from collections.abc import Callable

import numpy as np

from crmkit._validation import Floats

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_WORTHLESS = 60.0  # rate * wait of a purchase that is worth nothing today
_BLOCK = 1 << 12

Expected = Callable[[Floats, Floats], Floats]
"""Rows and, for each, a horizon in; expected purchases of each out."""


def discounted_total(
    expected: Expected, rows: Floats, horizon: float, rate: float, scale: Floats
) -> Floats:
    """Integral of exp(-rate t) dE(t) over (0, horizon], row by row; the horizon may be infinite.

    By parts it is E(H) exp(-rate H) + rate * integral of E(t) exp(-rate t) dt; with
    t = scale * (e^v - 1) the integrand is smooth in v, and 48 Gauss-Legendre nodes serve. A scale
    below a millionth of the horizon counts as that.
    """
    if rate > 0.0:
        horizon = min(horizon, _WORTHLESS / rate)
    if rate == 0.0 or horizon == 0.0:
        return expected(rows, np.full(len(rows), horizon))
    blocks = range(0, len(rows), _BLOCK)
    parts = [
        _total(expected, rows[i : i + _BLOCK], horizon, rate, scale[i : i + _BLOCK]) for i in blocks
    ]
    return np.concatenate(parts) if parts else np.empty(0)


def _total(expected: Expected, rows: Floats, horizon: float, rate: float, scale: Floats) -> Floats:
    """The same for one block: all nodes and the end are asked for in one call."""
    scale = np.maximum(scale, 1e-6 * horizon)[:, None]
    length = np.log1p(horizon / scale)
    growth = length * (_NODES + 1.0) / 2.0
    at = np.full((len(rows), len(_NODES) + 1), horizon)
    t = np.minimum(scale * np.expm1(growth), horizon, out=at[:, :-1])
    weight = np.full(at.shape, np.exp(-rate * horizon))
    weight[:, :-1] = rate * _WEIGHTS * length / 2.0 * scale * np.exp(growth - rate * t)
    purchases = expected(np.repeat(rows, at.shape[1], axis=0), at.ravel())
    return np.asarray(np.sum(weight * purchases.reshape(at.shape), axis=1))
