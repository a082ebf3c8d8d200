"""Scores and measures: numbers per customer in, one number (or a curve) out."""

from crmkit.metrics._concentration import gini, lorenz_curve, top_share
from crmkit.metrics._value import (
    captured_share,
    mean_poisson_deviance,
    normalized_gini,
    spearman,
    total_bias,
    value_scores,
)

__all__ = [
    "captured_share",
    "gini",
    "lorenz_curve",
    "mean_poisson_deviance",
    "normalized_gini",
    "spearman",
    "top_share",
    "total_bias",
    "value_scores",
]
