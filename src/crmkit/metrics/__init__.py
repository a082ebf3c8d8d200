"""Scores and measures: numbers per customer in, one number (or a curve, or a table) out."""

from crmkit.metrics._bootstrap import score_intervals
from crmkit.metrics._calibration import calibration_table, expected_calibration_error
from crmkit.metrics._churn_scores import churn_scores
from crmkit.metrics._clusters import b_cubed, pairwise_scores
from crmkit.metrics._concentration import gini, lorenz_curve, top_share
from crmkit.metrics._deciles import decile_table
from crmkit.metrics._empc import empc
from crmkit.metrics._entity_scores import cluster_intervals, cluster_scores
from crmkit.metrics._gain import gain_curve, lift_at, lift_table
from crmkit.metrics._intervals import interval_coverage, interval_score
from crmkit.metrics._match_thresholds import expected_match_scores, match_threshold_curve
from crmkit.metrics._profit import profit_curve
from crmkit.metrics._ranking import ranking_scores, ranking_scores_by_customer
from crmkit.metrics._ranking_intervals import ranking_intervals
from crmkit.metrics._value import (
    captured_share,
    mean_poisson_deviance,
    normalized_gini,
    spearman,
    total_bias,
    value_scores,
)

__all__ = [
    "b_cubed",
    "calibration_table",
    "captured_share",
    "churn_scores",
    "cluster_intervals",
    "cluster_scores",
    "decile_table",
    "empc",
    "expected_calibration_error",
    "expected_match_scores",
    "gain_curve",
    "gini",
    "interval_coverage",
    "interval_score",
    "lift_at",
    "lift_table",
    "lorenz_curve",
    "match_threshold_curve",
    "mean_poisson_deviance",
    "normalized_gini",
    "pairwise_scores",
    "profit_curve",
    "ranking_intervals",
    "ranking_scores",
    "ranking_scores_by_customer",
    "score_intervals",
    "spearman",
    "top_share",
    "total_bias",
    "value_scores",
]
