"""Logistic regression of many rows and columns: Newton's method, one block of rows at a time.

Minimised is what `crmkit.churn._logistic` minimises. The design is made anew for each block and
never held whole, so that memory does not grow with it. A fit of every eighth row gives the start
of the fit of all, and few passes over all rows are left. The slope of the loss, which alone
decides where the minimum lies, is summed in double precision, its curvature in single precision.
Nocedal and Wright (2006), Numerical Optimization, sections 3.3 and 7.1.
"""

from collections.abc import Callable

import numpy as np
from scipy import special

from crmkit._validation import Floats
from crmkit.churn._logistic import newton_step
from crmkit.exceptions import ConvergenceWarning, warn_user

Design = Callable[[slice], Floats]

_BLOCK = 4096
_THINNER, _LEAST, _LEAST_OF_A_CLASS = 8, 4096, 100
_STEPS, _HALVINGS = 100, 40
_NEAR, _SETTLED = 1e-8, 1e-16
"""Expected fall of the mean loss after which one step is enough, and after which none is due."""
_RESOLVED = 1e7
"""Total weight up to which single precision still resolves a penalty of order one."""


def fit_by_blocks(
    design: Design, width: int, y: Floats, weight: Floats, C: float, owner: str
) -> tuple[Floats, float]:
    """Slopes and intercept of the log-odds of y = 1; `design` makes the rows of a slice.

    Rows must come in an order that does not depend on the caller.
    """
    share = float(weight @ y / weight.sum())
    theta = np.append(np.zeros(width), special.logit(share))
    for thinner in _thinners(y):
        part = slice(None, None, thinner)
        scaled = weight[part] * (weight.sum() / weight[part].sum())
        loss = _Loss(design, thinner, y[part], scaled, C)
        theta, settled = _minimised(theta, loss)
    if not settled:
        warn_user(
            f"{owner}: the logistic fit stopped after {_STEPS} steps. A smaller C helps where a "
            "column nearly tells the two classes apart.",
            ConvergenceWarning,
        )
    return theta[:-1], float(theta[-1])


class _Loss:
    """Penalised loss of every `thinner`-th row, with its slope and curvature."""

    def __init__(self, design: Design, thinner: int, y: Floats, weight: Floats, C: float) -> None:
        self.design, self.thinner, self.y, self.weight = design, thinner, y, weight
        self.penalty = 1.0 / C
        self.precision = np.float32 if weight.sum() <= _RESOLVED else np.float64

    def __call__(self, theta: Floats) -> tuple[float, Floats, Floats]:
        slopes, k = theta[:-1], len(theta)
        loss = 0.5 * self.penalty * float(slopes @ slopes)
        slope = np.append(self.penalty * slopes, 0.0)
        curve = np.diag(np.append(np.full(k - 1, self.penalty), 0.0))
        for start in range(0, len(self.y), _BLOCK):
            part = slice(start, min(start + _BLOCK, len(self.y)))
            step = self.thinner
            x = self.design(slice(part.start * step, (part.stop - 1) * step + 1, step))
            y, weight = self.y[part], self.weight[part]
            odds = x @ slopes + theta[-1]
            p = special.expit(odds)
            loss += float(weight @ (np.logaddexp(0.0, odds) - y * odds))
            off = weight * (p - y)
            slope[:-1] += x.T @ off
            slope[-1] += off.sum()
            root = np.empty((len(y), k), dtype=self.precision)
            root[:, -1] = np.sqrt(weight * p * (1.0 - p))
            np.multiply(x, root[:, -1:], out=root[:, :-1], casting="same_kind")
            curve += root.T @ root
        return loss, slope, curve


def _thinners(y: Floats) -> list[int]:
    """Every how many rows are read in each round: 1 in the last, eight times as many before."""
    found = [1]
    while len(y) // (found[0] * _THINNER) >= _LEAST:
        thinner = found[0] * _THINNER
        churned = float(y[::thinner].sum())
        if min(churned, len(y[::thinner]) - churned) < _LEAST_OF_A_CLASS:
            break
        found.insert(0, thinner)
    return found


def _minimised(theta: Floats, loss: _Loss) -> tuple[Floats, bool]:
    """Where the loss is least, from a start; and whether it was reached."""
    total = float(loss.weight.sum())
    value, slope, curve = loss(theta)
    for _ in range(_STEPS):
        step = newton_step(curve, slope)
        fall = 0.5 * float(slope @ step) / total
        if fall < _NEAR:
            return (theta - step if fall > _SETTLED else theta), True
        for _ in range(_HALVINGS):
            tried = theta - step
            found, slope_there, curve_there = loss(tried)
            if found < value:
                break
            step = step / 2.0
        else:
            return theta, True
        theta, value, slope, curve = tried, found, slope_there, curve_there
    return theta, False
