"""Recipes that join the answers: short enough to copy out and change."""

from crmkit.pipelines._churn import ChurnPipeline
from crmkit.pipelines._churn_holdout import churn_holdout
from crmkit.pipelines._customer_scorer import CustomerScorer
from crmkit.pipelines._customer_value import CustomerValuePipeline
from crmkit.pipelines._holdout import holdout_report
from crmkit.pipelines._holdout_report import HoldoutReport
from crmkit.pipelines._offers_holdout import offers_holdout

__all__ = [
    "ChurnPipeline",
    "CustomerScorer",
    "CustomerValuePipeline",
    "HoldoutReport",
    "churn_holdout",
    "holdout_report",
    "offers_holdout",
]
