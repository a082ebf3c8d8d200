"""Recipes that join the answers: short enough to copy out and change."""

from crmkit.pipelines._customer_value import CustomerValuePipeline
from crmkit.pipelines._holdout import HoldoutReport, holdout_report

__all__ = ["CustomerValuePipeline", "HoldoutReport", "holdout_report"]
