"""Spline-logistic regression: smooth curves of numbers, steps of words, one penalty.

The log-odds of churn are b + sum_j f_j(x_j). A number enters as its standardised value (on a log
scale where that is less skewed) and as cubic B-splines with 5 knots at its quartiles, flat beyond
the range that was seen; an unknown number enters as its median and a step of its own; a word
enters as one step per level. Slopes carry a ridge penalty 1 / (2 C), C = 0.3, those of a number
1 / (2 C s), s the share of customers of whom it is known: a window that only a few have filled by
now may be full for everybody next month, and what few tell is believed little.
Eilers and Marx (1996), Flexible smoothing with B-splines and penalties, Statistical Science 11,
89-121.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.churn._block_logistic import fit_by_blocks
from crmkit.churn._spline_curves import DEGREE, curve, curves_of
from crmkit.churn._table_encoder import Table, weighted_quantile

C = 0.3

_ENOUGH = 10_000
_SHARES = np.array([0.0, 0.25, 0.5, 0.75, 1.0])


def fit_spline_logistic(table: Table, y: Floats, weight: Floats, owner: str) -> dict[str, Any]:
    """Learn curves and slopes: encoded customers in, plain arrays out."""
    terms = [
        {"levels": levels} if levels else _learn_curve(column, weight)
        for column, levels in zip(table.x.T, table.levels, strict=True)
    ]
    stops = np.cumsum([_width(term) for term in terms])
    shift = _centre(table.x[:: len(y) // _ENOUGH + 1], terms, stops)
    slopes, intercept = fit_by_blocks(
        lambda rows: _design(table.x[rows], terms, stops) - shift,
        int(stops[-1]),
        y,
        weight,
        C,
        owner,
    )
    state = {"terms": terms, "stops": stops.astype(np.int64), "slopes": slopes}
    parts = curves_of(state).added(table.x)
    centre = weight @ parts / weight.sum()
    return {
        **state,
        "centre": centre,
        "intercept": float(intercept + centre.sum() - shift @ slopes),
    }


def spline_contributions(state: dict[str, Any], table: Table) -> Floats:
    """Log-odds that each feature adds to those of the average customer; they come last."""
    total = np.empty((len(table.x), len(state["terms"]) + 1))
    total[:, :-1] = curves_of(state).added(table.x) - state["centre"]
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
        "trust": float(np.sqrt(weight[there].sum() / weight.sum())),
        "knots": knots if len(knots) > 2 else np.empty(0),
        "reach": quartiles[[0, -1]],
    }


def _width(term: dict[str, Any]) -> int:
    """Number of columns of the design for one feature."""
    if term["levels"]:
        return int(term["levels"])
    curved = len(term["knots"]) + DEGREE - 1 if len(term["knots"]) else 0
    return 1 + int(term["step"]) + curved


def _design(x: Floats, terms: list[dict[str, Any]], stops: npt.NDArray[np.int64]) -> Floats:
    """Columns of the design for all features, uncentred."""
    design = np.zeros((len(x), stops[-1]))
    rows = np.arange(len(x))
    for values, term, stop in zip(x.T, terms, stops.tolist(), strict=True):
        start = stop - _width(term)
        if term["levels"]:
            seen = values > 0
            design[rows[seen], start - 1 + values[seen].astype(np.intp)] = 1.0
            continue
        z, unknown = _standardised(values, term)
        design[:, start] = term["trust"] * z
        if term["step"]:
            design[:, start + 1] = term["trust"] * unknown
        if len(term["knots"]):
            basis = term["trust"] * _splines(z, term["knots"])
            design[:, stop - basis.shape[1] : stop] = basis
    return design


def _centre(
    x: Floats, terms: list[dict[str, Any]], stops: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Mean of the design: what it is measured from matters for rounding only."""
    return np.asarray(_design(x, terms, stops).mean(axis=0))


def _standardised(values: Floats, term: dict[str, Any]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """A number on its scale, kept within what was seen; and whether it is unknown."""
    unknown = np.isnan(values)
    z = np.log1p(np.maximum(values, 0.0)) if term["log"] else values
    low, high = term["reach"]
    z = np.minimum(np.maximum((z - term["mean"]) / term["scale"], low), high)
    return np.where(unknown, term["fill"], z), unknown


def _splines(z: Floats, knots: Floats) -> Floats:
    """B-splines at values within the knots, a column each."""
    every = curve(knots, np.eye(len(knots) + DEGREE - 1))
    return np.asarray(every(np.clip(z, knots[0], knots[-1])))


def _skewness(values: Floats, weight: Floats) -> float:
    share = weight / weight.sum()
    off = values - share @ values
    square = off * off
    spread = float(share @ square)
    return float(share @ (square * off)) / spread**1.5 if spread > 0 else 0.0
