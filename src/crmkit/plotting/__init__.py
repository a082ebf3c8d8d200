"""Pictures of results: plot_x(result, *, ax=None) draws on matplotlib axes and returns them."""

from crmkit.plotting._holdout import plot_holdout
from crmkit.plotting._recency_frequency import plot_recency_frequency
from crmkit.plotting._segments import plot_segments
from crmkit.plotting._values import plot_concentration, plot_value_distribution

__all__ = [
    "plot_concentration",
    "plot_holdout",
    "plot_recency_frequency",
    "plot_segments",
    "plot_value_distribution",
]
