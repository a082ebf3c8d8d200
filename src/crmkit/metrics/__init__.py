"""Scores and measures: numbers per customer in, one number (or a curve, or a table) out."""

from crmkit.metrics._bootstrap import score_intervals
from crmkit.metrics._concentration import gini, lorenz_curve, top_share
from crmkit.metrics._deciles import decile_table
from crmkit.metrics._intervals import interval_coverage, interval_score
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
    "decile_table",
    "gini",
    "interval_coverage",
    "interval_score",
    "lorenz_curve",
    "mean_poisson_deviance",
    "normalized_gini",
    "score_intervals",
    "spearman",
    "top_share",
    "total_bias",
    "value_scores",
]
