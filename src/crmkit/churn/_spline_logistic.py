"""Spline-logistic regression: smooth curves of numbers, steps of words, one penalty.

The log-odds of churn are b + sum_j f_j(x_j). A number enters as its standardised value (on a log
scale where that is less skewed) and as cubic B-splines with 5 knots at its quartiles, flat beyond
the range that was seen; an unknown number enters as its median and a step of its own; a word
enters as one step per level. Slopes carry a ridge penalty 1 / (2 C), C = 0.3.
Eilers and Marx (1996), Flexible smoothing with B-splines and penalties, Statistical Science 11,
89-121.
"""

from typing import Any

import numpy as np
from scipy.interpolate import BSpline

from crmkit._validation import Floats
from crmkit.churn._logistic import fit_logistic
from crmkit.churn._table_encoder import Table, weighted_quantile

C = 0.3
DEGREE = 3

_SHARES = np.array([0.0, 0.25, 0.5, 0.75, 1.0])


def fit_spline_logistic(table: Table, y: Floats, weight: Floats, owner: str) -> dict[str, Any]:
    """Learn curves and slopes: encoded customers in, plain arrays out."""
    terms = [
        {"levels": levels} if levels else _learn_curve(column, weight)
        for column, levels in zip(table.x.T, table.levels, strict=True)
    ]
    parts = [_term(column, term) for column, term in zip(table.x.T, terms, strict=True)]
    stops = np.cumsum([part.shape[1] for part in parts])
    design = np.column_stack(parts)
    centre = np.asarray(weight @ design / weight.sum())
    design -= centre
    slopes, intercept = fit_logistic(design, y, weight, C, owner, ordered=True)
    return {
        "terms": terms,
        "stops": stops.astype(np.int64),
        "centre": centre,
        "slopes": slopes,
        "intercept": intercept,
    }


def spline_contributions(state: dict[str, Any], table: Table) -> Floats:
    """Log-odds that each feature adds to those of the average customer; they come last."""
    total = np.empty((len(table.x), len(state["terms"]) + 1))
    starts = np.concatenate([[0], state["stops"][:-1]])
    for j, term in enumerate(state["terms"]):
        part = slice(starts[j], state["stops"][j])
        design = _term(table.x[:, j], term) - state["centre"][part]
        total[:, j] = np.einsum("ij,j->i", design, state["slopes"][part])
    total[:, -1] = state["intercept"]
    return total


def _learn_curve(values: Floats, weight: Floats) -> dict[str, Any]:
    """Scale and knots of a number; an unknown one is filled with the median."""
    there = ~np.isnan(values)
    known, known_weight = values[there], weight[there]
    if len(known) == 0:
        known, known_weight = np.zeros(1), np.ones(1)
    logs = bool(known.min() >= 0.0) and (
        abs(_skewness(np.log1p(known), known_weight)) < abs(_skewness(known, known_weight))
    )
    known = np.log1p(known) if logs else known
    mean = float(known_weight @ known / known_weight.sum())
    scale = float(np.sqrt(known_weight @ (known - mean) ** 2 / known_weight.sum()))
    scale = scale if scale > 1e-12 * max(abs(mean), 1.0) else 1.0
    known = (known - mean) / scale
    quartiles = weighted_quantile(known, known_weight, _SHARES)
    knots = np.unique(quartiles)
    return {
        "levels": 0,
        "log": logs,
        "mean": mean,
        "scale": scale,
        "fill": float(quartiles[2]),
        "step": bool(not there.all()),
        "knots": knots if len(knots) > 2 else np.empty(0),
        "reach": quartiles[[0, -1]],
    }


def _term(values: Floats, term: dict[str, Any]) -> Floats:
    """Columns of the design for one feature."""
    if term["levels"]:
        return np.asarray(values[:, None] == np.arange(1.0, term["levels"] + 1), dtype=np.float64)
    unknown = np.isnan(values)
    z = np.log1p(np.maximum(values, 0.0)) if term["log"] else values
    z = np.clip((z - term["mean"]) / term["scale"], *term["reach"])
    z = np.where(unknown, term["fill"], z)
    parts = [z[:, None]]
    if term["step"]:
        parts.append(unknown[:, None].astype(np.float64))
    if len(term["knots"]):
        parts.append(_splines(z, term["knots"]))
    return np.column_stack(parts)


def _splines(z: Floats, knots: Floats) -> Floats:
    """B-splines at values within the knots; the outer knots go on at the outer distances."""
    before = knots[0] - (knots[1] - knots[0]) * np.arange(DEGREE, 0, -1)
    after = knots[-1] + (knots[-1] - knots[-2]) * np.arange(1, DEGREE + 1)
    all_knots = np.concatenate([before, knots, after])
    curve = BSpline(all_knots, np.eye(len(all_knots) - DEGREE - 1), DEGREE, extrapolate=False)
    return np.asarray(curve(np.clip(z, knots[0], knots[-1])))


def _skewness(values: Floats, weight: Floats) -> float:
    share = weight / weight.sum()
    off = values - share @ values
    square = off * off
    spread = float(share @ square)
    return float(share @ (square * off)) / spread**1.5 if spread > 0 else 0.0
