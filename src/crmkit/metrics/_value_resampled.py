"""Scores of predicted values in many resamples at once."""

from typing import NamedTuple

import numpy as np
from scipy import special

from crmkit._validation import Floats
from crmkit.metrics._resampling import Falling, gini_of_groups, held_by_best, middle_ranks
from crmkit.metrics._value import FLOOR, TOP


class ValueResampler:
    """Scores of forecasts with weights: a block of weights in, a column a score out, by name."""

    def __init__(self, true: Floats, forecasts: dict[str, Floats]) -> None:
        self.actual = Falling(true, true)
        self.sorted_by = {name: Falling(pred, true) for name, pred in forecasts.items()}
        self.errors = {name: errors_of(true, pred) for name, pred in forecasts.items()}

    def __call__(self, weight: Floats) -> dict[str, Floats]:
        """Scores of every forecast, of shape (n_resamples, n_scores) each."""
        truth, size = drawn_truth(self.actual, weight), weight.sum(axis=1)
        made = {}
        for name, order in self.sorted_by.items():
            level = weighted_errors(weight @ self.errors[name], size)
            rank = weighted_order(order, order.grouped(weight), truth)
            made[name] = np.column_stack([*level, *rank])
        return made


def errors_of(true: Floats, pred: Floats) -> Floats:
    """What the scores of the level are sums of, a row a customer."""
    error = pred - true
    deviance = 2.0 * special.kl_div(true, np.maximum(pred, FLOOR))
    return np.column_stack([np.abs(error), error**2, deviance, pred, true])


def weighted_errors(sums: Floats, n: Floats) -> list[Floats]:
    """Mean absolute error, root mean squared error, deviance and bias of each resample."""
    absolute, squared, deviance, pred, true = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        bias = np.where(true > 0, pred / true - 1.0, np.nan)
    return [absolute / n, np.sqrt(squared / n), deviance / n, bias]


class Truth(NamedTuple):
    """What the scores of the order need of the truth, a row a resample: computed once for all."""

    gini: Floats
    spread: Floats
    ranked: Floats
    """Middle rank of each customer, as often as the customer was drawn."""


def drawn_truth(actual: Falling, weight: Floats) -> Truth:
    """The truth of each resample, in its own order."""
    size, value = actual.grouped(weight)
    ranks = middle_ranks(size)
    spread = (size * ranks**2).sum(axis=1)
    return Truth(gini_of_groups(size, value), spread, weight * ranks[:, actual.group])


def weighted_order(order: Falling, of_pred: tuple[Floats, Floats], truth: Truth) -> list[Floats]:
    """Rank correlation, normalised Gini coefficient and captured share of each resample."""
    ranks = middle_ranks(of_pred[0])
    together = np.einsum("ij,ij->i", truth.ranked, ranks[:, order.group])
    own = (of_pred[0] * ranks**2).sum(axis=1) * truth.spread
    with np.errstate(divide="ignore", invalid="ignore"):
        gini = np.where(truth.gini > 1e-12, gini_of_groups(*of_pred) / truth.gini, np.nan)
        correlation = np.where(own > 0, together / np.sqrt(own), np.nan)
    return [correlation, gini, held_by_best(*of_pred, TOP)]
