"""Scores of predicted values in many resamples at once."""

import numpy as np
from scipy import special

from crmkit._validation import Floats
from crmkit.metrics._resampling import Falling, gini_of_groups, held_by_best, middle_ranks
from crmkit.metrics._value import FLOOR, TOP


class ValueResampler:
    """Scores of forecasts with weights: a block of weights in, a column a score out, by name."""

    def __init__(self, true: Floats, forecasts: dict[str, Floats]) -> None:
        self.true, self.forecasts = true, forecasts
        self.actual = Falling(true, true)
        self.sorted_by = {name: Falling(pred, true) for name, pred in forecasts.items()}

    def __call__(self, weight: Floats) -> dict[str, Floats]:
        """Scores of every forecast, of shape (n_resamples, n_scores) each."""
        of_true, made = self.actual.grouped(weight), {}
        for name, pred in self.forecasts.items():
            order = self.sorted_by[name]
            level = weighted_errors(self.true, pred, weight)
            rank = weighted_order(order, self.actual, order.grouped(weight), of_true, weight)
            made[name] = np.column_stack([*level, *rank])
        return made


def weighted_errors(true: Floats, pred: Floats, weight: Floats) -> list[Floats]:
    """Mean absolute error, root mean squared error, deviance and bias of each resample."""
    n, error = weight.sum(axis=1), pred - true
    deviance = 2.0 * special.kl_div(true, np.maximum(pred, FLOOR))
    total = weight @ true
    with np.errstate(divide="ignore", invalid="ignore"):
        bias = np.where(total > 0, weight @ pred / total - 1.0, np.nan)
    absolute, squared = weight @ np.abs(error) / n, weight @ error**2 / n
    return [absolute, np.sqrt(squared), weight @ deviance / n, bias]


def weighted_order(
    order: Falling,
    actual: Falling,
    of_pred: tuple[Floats, Floats],
    of_true: tuple[Floats, Floats],
    weight: Floats,
) -> list[Floats]:
    """Rank correlation, normalised Gini coefficient and captured share of each resample."""
    best = gini_of_groups(*of_true)
    with np.errstate(divide="ignore", invalid="ignore"):
        gini = np.where(best > 1e-12, gini_of_groups(*of_pred) / best, np.nan)
    by_pred, by_true = middle_ranks(of_pred[0]), middle_ranks(of_true[0])
    together = np.einsum("ij,ij,ij->i", weight, by_pred[:, order.group], by_true[:, actual.group])
    own = (of_pred[0] * by_pred**2).sum(axis=1) * (of_true[0] * by_true**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.where(own > 0, together / np.sqrt(own), np.nan)
    return [correlation, gini, held_by_best(*of_pred, TOP)]
