"""What kinds of customers there are: segments, tiers, stages, movement, profiles, the unusual."""

from crmkit.segment._behaviour_segmenter import BehaviourSegmenter
from crmkit.segment._cohort_table import CohortTable
from crmkit.segment._cohorts import cohort_table
from crmkit.segment._compare_segments import compare_segments
from crmkit.segment._core_customers import CoreCustomers
from crmkit.segment._customer_description import CustomerDescription
from crmkit.segment._customer_profile import CustomerProfile
from crmkit.segment._describe_customers import describe_customers
from crmkit.segment._drivers import drivers
from crmkit.segment._lifecycle import LifecycleStager
from crmkit.segment._markov_check import MarkovCheck
from crmkit.segment._migration import Migration
from crmkit.segment._migration_matrix import migration_matrix
from crmkit.segment._rfm_scorer import RFMScorer
from crmkit.segment._rfm_segmenter import RFMSegmenter
from crmkit.segment._segment_comparison import SegmentComparison
from crmkit.segment._segment_forecast import SegmentForecast
from crmkit.segment._segment_stability import segment_stability
from crmkit.segment._summary import segment_summary
from crmkit.segment._target_groups import target_groups
from crmkit.segment._target_result import TargetGroups
from crmkit.segment._unusual import UnusualBehaviour
from crmkit.segment._value_tiers import ValueTiers

__all__ = [
    "BehaviourSegmenter",
    "CohortTable",
    "CoreCustomers",
    "CustomerDescription",
    "CustomerProfile",
    "LifecycleStager",
    "MarkovCheck",
    "Migration",
    "RFMScorer",
    "RFMSegmenter",
    "SegmentComparison",
    "SegmentForecast",
    "TargetGroups",
    "UnusualBehaviour",
    "ValueTiers",
    "cohort_table",
    "compare_segments",
    "describe_customers",
    "drivers",
    "migration_matrix",
    "segment_stability",
    "segment_summary",
    "target_groups",
]
