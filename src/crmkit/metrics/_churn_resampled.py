"""Scores of churn in many resamples at once."""

import numpy as np

from crmkit._validation import Floats
from crmkit.metrics._calibration import N_BINS, calibration_errors
from crmkit.metrics._empc import empc_of_groups
from crmkit.metrics._resampling import Falling, held_by_best

TOP = 0.1
EPS = np.finfo(np.float64).eps  # certainty that proves wrong costs 36, as in scikit-learn


class ChurnResampler:
    """Scores of forecasts with weights: a block of weights in, a column a score out, by name."""

    def __init__(self, true: Floats, forecasts: dict[str, Floats]) -> None:
        self.true, self.forecasts = true, forecasts
        self.sorted_by = {name: Falling(p, true) for name, p in forecasts.items()}

    def __call__(self, weight: Floats) -> dict[str, Floats]:
        """Scores of every forecast, of shape (n_resamples, n_scores) each."""
        return {
            name: np.column_stack(weighted_scores(self.true, p, self.sorted_by[name], weight))
            for name, p in self.forecasts.items()
        }


def weighted_scores(true: Floats, p: Floats, order: Falling, weight: Floats) -> list[Floats]:
    """All scores of one forecast, in the order of `CHURN_SCORES`."""
    n = weight.sum(axis=1)
    size, churned = order.grouped(weight)
    said = np.clip(np.where(true == 1, p, 1.0 - p), EPS, 1.0 - EPS)
    profit = [empc_of_groups(*groups) for groups in zip(size, churned, strict=True)]
    one_class = (churned.sum(axis=1) == 0) | (churned.sum(axis=1) == n)
    return [
        roc_area(size, churned),
        mean_precision(size, churned),
        weight @ -np.log(said) / n,
        weight @ (p - true) ** 2 / n,
        calibration_errors(order, p, weight, N_BINS),
        held_by_best(size, churned, TOP) / TOP,
        np.where(one_class, np.nan, profit),
        weight @ true / n,
    ]


def roc_area(size: Floats, churned: Floats) -> Floats:
    """Share of pairs of a churner and one who stayed in the right order, ties half."""
    above = np.cumsum(churned, axis=1) - churned / 2.0
    stayed = size - churned
    pairs = churned.sum(axis=1) * stayed.sum(axis=1)
    return np.asarray((stayed * above).sum(axis=1) / np.where(pairs > 0, pairs, np.nan))


def mean_precision(size: Floats, churned: Floats) -> Floats:
    """Mean over churners of the share of churners among those at least as risky."""
    precision = np.cumsum(churned, axis=1) / np.maximum(np.cumsum(size, axis=1), 1.0)
    total = churned.sum(axis=1)
    return np.asarray((churned * precision).sum(axis=1) / np.where(total > 0, total, np.nan))
