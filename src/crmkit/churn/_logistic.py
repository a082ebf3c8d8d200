"""Logistic regression by Newton's method: few columns, exact, the same in any order of rows.

Minimised is sum_i w_i log(1 + exp(-s_i (b + x_i a))) + |a|^2 / (2 C), s_i = +-1, without a
penalty on b. With both classes present and finite C the minimum is unique and finite.
Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 4.4.1.
"""

import numpy as np
from scipy import linalg, special

from crmkit._validation import Floats
from crmkit.exceptions import ConvergenceWarning, warn_user

_STEPS, _TOL = 200, 1e-9


def fit_logistic(
    x: Floats, y: Floats, weight: Floats, C: float, owner: str, *, ordered: bool = False
) -> tuple[Floats, float]:
    """Slopes and intercept of the log-odds of y = 1.

    Rows are put into a canonical order first, unless they are `ordered` already.
    """
    if not ordered:
        order = np.lexsort((weight, y, *x.T))
        x, y, weight = x[order], y[order], weight[order]
    design = np.column_stack([x, np.ones(len(x))])
    ridge = np.append(np.full(x.shape[1], 1.0 / C), 0.0)
    share = float(weight @ y / weight.sum())
    theta = np.zeros(design.shape[1])
    theta[-1] = special.logit(share)
    loss = penalised_loss(theta, design, y, weight, ridge)
    for _ in range(_STEPS):
        p = special.expit(design @ theta)
        slope = design.T @ (weight * (p - y)) + ridge * theta
        if np.abs(slope).max() <= _TOL * weight.sum():
            break
        curve = (design * (weight * p * (1.0 - p))[:, None]).T @ design + np.diag(ridge)
        step = newton_step(curve, slope)
        theta, loss, moved = descended(theta, step, loss, design, y, weight, ridge)
        if not moved:
            break
    else:
        warn_user(
            f"{owner}: the logistic fit stopped after {_STEPS} steps. A smaller C helps where a "
            "column nearly tells the two classes apart.",
            ConvergenceWarning,
        )
    return theta[:-1], float(theta[-1])


def newton_step(curve: Floats, slope: Floats) -> Floats:
    """Solution of curve @ step = slope; the shortest one where rounding leaves no unique one."""
    try:
        return np.asarray(linalg.cho_solve(linalg.cho_factor(curve), slope))
    except linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(curve, slope, rcond=None)[0])


def descended(
    theta: Floats,
    step: Floats,
    loss: float,
    design: Floats,
    y: Floats,
    weight: Floats,
    ridge: Floats,
) -> tuple[Floats, float, bool]:
    """Go along a step, halved until the loss falls; says whether it did."""
    for _ in range(40):
        tried = theta - step
        found = penalised_loss(tried, design, y, weight, ridge)
        if found < loss:
            return tried, found, True
        step = step / 2.0
    return theta, loss, False


def penalised_loss(
    theta: Floats, design: Floats, y: Floats, weight: Floats, ridge: Floats
) -> float:
    """Negative log-likelihood with the penalty."""
    odds = design @ theta
    return float(weight @ (np.logaddexp(0.0, odds) - y * odds) + 0.5 * (ridge * theta) @ theta)
