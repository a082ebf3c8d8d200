"""Pictures of results: plot_x(result, *, ax=None) draws on matplotlib axes and returns them."""

from crmkit.plotting._alive_path import plot_alive_path
from crmkit.plotting._calibration import plot_calibration_frequency
from crmkit.plotting._cohorts import plot_cohorts
from crmkit.plotting._conditional import plot_conditional_expectations
from crmkit.plotting._coverage_accuracy import plot_coverage_accuracy
from crmkit.plotting._drift import plot_drift
from crmkit.plotting._drivers import plot_drivers
from crmkit.plotting._entity_sizes import plot_entity_sizes
from crmkit.plotting._gain import plot_gain, plot_lift
from crmkit.plotting._heat_maps import plot_expected_purchases, plot_probability_alive
from crmkit.plotting._history_length import plot_history_length
from crmkit.plotting._holdout import plot_holdout
from crmkit.plotting._intervals import plot_intervals
from crmkit.plotting._lifecycle import plot_lifecycle
from crmkit.plotting._lorenz import plot_lorenz
from crmkit.plotting._match_evidence import plot_match_evidence
from crmkit.plotting._match_thresholds import plot_match_thresholds
from crmkit.plotting._migration import plot_migration
from crmkit.plotting._posterior import plot_posterior
from crmkit.plotting._profile import plot_profile
from crmkit.plotting._profit import plot_profit
from crmkit.plotting._quality import plot_quality
from crmkit.plotting._ranking_scores import plot_ranking_scores
from crmkit.plotting._recency_frequency import plot_recency_frequency
from crmkit.plotting._reliability import plot_calibration
from crmkit.plotting._risk_tiers import plot_risk_tiers
from crmkit.plotting._roc import plot_precision_recall, plot_roc
from crmkit.plotting._rules import plot_rules
from crmkit.plotting._segment_flow import plot_segment_flow
from crmkit.plotting._segment_profile import plot_segment_profile
from crmkit.plotting._segment_sizes import plot_segment_sizes
from crmkit.plotting._segment_stability import plot_segment_stability
from crmkit.plotting._segments import plot_segments
from crmkit.plotting._spend import plot_spend_density
from crmkit.plotting._survival import plot_survival
from crmkit.plotting._tiers import plot_tiers
from crmkit.plotting._tracking import plot_tracking
from crmkit.plotting._unusual import plot_unusual
from crmkit.plotting._values import plot_concentration, plot_value_distribution

__all__ = [
    "plot_alive_path",
    "plot_calibration",
    "plot_calibration_frequency",
    "plot_cohorts",
    "plot_concentration",
    "plot_conditional_expectations",
    "plot_coverage_accuracy",
    "plot_drift",
    "plot_drivers",
    "plot_entity_sizes",
    "plot_expected_purchases",
    "plot_gain",
    "plot_history_length",
    "plot_holdout",
    "plot_intervals",
    "plot_lifecycle",
    "plot_lift",
    "plot_lorenz",
    "plot_match_evidence",
    "plot_match_thresholds",
    "plot_migration",
    "plot_posterior",
    "plot_precision_recall",
    "plot_probability_alive",
    "plot_profile",
    "plot_profit",
    "plot_quality",
    "plot_ranking_scores",
    "plot_recency_frequency",
    "plot_risk_tiers",
    "plot_roc",
    "plot_rules",
    "plot_segment_flow",
    "plot_segment_profile",
    "plot_segment_sizes",
    "plot_segment_stability",
    "plot_segments",
    "plot_spend_density",
    "plot_survival",
    "plot_tiers",
    "plot_tracking",
    "plot_unusual",
    "plot_value_distribution",
]
