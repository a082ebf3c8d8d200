"""Recipes that join the answers: short enough to copy out and change."""

from crmkit.pipelines._churn import ChurnPipeline
from crmkit.pipelines._churn_holdout import churn_holdout
from crmkit.pipelines._clean_then_value import CleanThenValue
from crmkit.pipelines._cleaning_effect import CleaningEffect
from crmkit.pipelines._customer_scorer import CustomerScorer
from crmkit.pipelines._customer_value import CustomerValuePipeline
from crmkit.pipelines._daily_result import DailyResult
from crmkit.pipelines._daily_scoring import DailyScoring
from crmkit.pipelines._holdout import holdout_report
from crmkit.pipelines._holdout_report import HoldoutReport
from crmkit.pipelines._next_offer import NextOffer
from crmkit.pipelines._offers_holdout import offers_holdout

__all__ = [
    "ChurnPipeline",
    "CleanThenValue",
    "CleaningEffect",
    "CustomerScorer",
    "CustomerValuePipeline",
    "DailyResult",
    "DailyScoring",
    "HoldoutReport",
    "NextOffer",
    "churn_holdout",
    "holdout_report",
    "offers_holdout",
]
