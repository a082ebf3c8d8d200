"""Maximum likelihood by damped Newton steps, with a weak prior and words for what went wrong.

Nearly every parameter is positive, so the search runs over its logarithm (or that of its distance
to a lower bound): steps are relative, times may be in any unit, and no bound can be crossed. A
parameter without a lower bound, such as the effect of a covariate, is searched as it is. Each
Newton step takes the eigenvalues of the Hessian by size, so it climbs even where the likelihood
is not concave, is at most 2 long in log units and is halved until it gains enough (Armijo).

The weak prior is a normal on each log-parameter with standard deviation 3, centred at the start:
a factor of 20 up or down costs half a unit of log-likelihood. It joins only where the likelihood
alone leaves a parameter open, and keeps it finite there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from crmkit._validation import Floats

Objective = Callable[[Floats], tuple[float, Floats, Floats]]
"""Parameters in; log-likelihood, its gradient and its Hessian out."""

PRIOR_SD = 3.0
_LONGEST_STEP = 2.0
_FLATTEST = 1e-10
_ARMIJO = 1e-4
_HALVINGS = 40
_ROUNDING = 1e-13
_OPEN = 1e-4  # curvature of a direction with a standard deviation of 100 log units
_TOUCHED = 0.05  # share that a parameter must have in such a direction


@dataclass(frozen=True)
class Optimum:
    """Where the search ended, in logs: the point, value, gradient and Hessian there."""

    point: Floats
    value: float
    gradient: Floats
    hessian: Floats
    n_iter: int
    converged: bool


def to_search_scale(params: Floats, lower: Floats) -> Floats:
    """Point of the search: ln(parameter - lower), and the parameter itself without a bound."""
    free = np.isneginf(lower)
    with np.errstate(invalid="ignore"):
        return np.where(free, params, np.log(np.where(free, 1.0, params - lower)))


def from_search_scale(theta: Floats, lower: Floats) -> Floats:
    """Parameters at points of the search, along the last axis; the inverse of the above."""
    free = np.isneginf(lower)
    return np.where(free, theta, np.where(free, 0.0, lower) + np.exp(np.where(free, 0.0, theta)))


def on_log_scale(objective: Objective, lower: Floats) -> Objective:
    """Objective of theta = ln(parameters - lower), by the chain rule; unbounded as is."""
    bounded = ~np.isneginf(lower)

    def of_logs(theta: Floats) -> tuple[float, Floats, Floats]:
        slope = np.exp(np.where(bounded, theta, 0.0))
        value, gradient, hessian = objective(from_search_scale(theta, lower))
        hessian = slope[:, None] * hessian * slope + np.diag(gradient * slope * bounded)
        return value, gradient * slope, hessian

    return of_logs


def with_prior(objective: Objective, centre: Floats, sd: float | Floats = PRIOR_SD) -> Objective:
    """Add the log density of independent normals, without its constant; sd may be infinite."""

    def posterior(theta: Floats) -> tuple[float, Floats, Floats]:
        value, gradient, hessian = objective(theta)
        scale = np.broadcast_to(sd, theta.shape)
        off = (theta - centre) / scale
        hessian = hessian - np.diag(1.0 / scale**2)
        return value - 0.5 * float(off @ off), gradient - off / scale, hessian

    return posterior


def summed(*parts: tuple[float, Floats, Floats]) -> tuple[float, Floats, Floats]:
    """Sum of several log-likelihoods, gradients and Hessians."""
    value, gradient, hessian = 0.0, np.zeros_like(parts[0][1]), np.zeros_like(parts[0][2])
    for part in parts:
        value, gradient, hessian = value + part[0], gradient + part[1], hessian + part[2]
    return value, gradient, hessian


def maximise(
    objective: Objective, start: Floats, *, size: float, tol: float, max_iter: int
) -> Optimum:
    """Climb from `start` until no slope per customer (of `size`) is steeper than `tol`."""
    point = np.asarray(start, dtype=np.float64)
    value, gradient, hessian = objective(point)
    for n_iter in range(max_iter + 1):
        if np.max(np.abs(gradient)) <= tol * size:
            return Optimum(point, value, gradient, hessian, n_iter, True)
        if n_iter == max_iter:
            break
        step = newton_step(gradient, hessian)
        gain = float(gradient @ step)
        for _ in range(_HALVINGS):
            tried = objective(point + step)
            if tried[0] >= value + _ARMIJO * gain - _ROUNDING * abs(value):
                break
            step, gain = step / 2.0, gain / 2.0
        else:
            break
        point = point + step
        value, gradient, hessian = tried
    return Optimum(point, value, gradient, hessian, n_iter, False)


def newton_step(gradient: Floats, hessian: Floats) -> Floats:
    """Step uphill: the Newton step of a Hessian made negative definite, at most 2 long."""
    sizes, directions = np.linalg.eigh(hessian)
    sizes = np.abs(sizes)
    sizes = np.maximum(sizes, max(_FLATTEST * sizes.max(), np.finfo(np.float64).tiny))
    step = directions @ ((directions.T @ gradient) / sizes)
    longest = float(np.max(np.abs(step)))
    return np.asarray(step * min(1.0, _LONGEST_STEP / longest) if longest > 0 else step)


def covariance_of(hessian: Floats) -> Floats:
    """Inverse of the negative Hessian, NaN for parameters that no curvature holds."""
    sizes, directions = np.linalg.eigh(-hessian)
    held = sizes > _OPEN
    covariance = (directions[:, held] / sizes[held]) @ directions[:, held].T
    loose = np.any(np.abs(directions[:, ~held]) > _TOUCHED, axis=1)
    covariance[loose, :] = covariance[:, loose] = np.nan
    return np.asarray(covariance)
