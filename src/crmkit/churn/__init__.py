"""Who is leaving: snapshots of a log, calibrated risk with reasons, and what to do about it."""

from crmkit.churn._btyd_churn import BTYDChurn
from crmkit.churn._recency_rule import RecencyRule
from crmkit.churn._retention_value import RetentionValue
from crmkit.churn._rfm_logistic import RFMLogistic
from crmkit.churn._risk_tiers import RiskTiers

__all__ = [
    "BTYDChurn",
    "RFMLogistic",
    "RecencyRule",
    "RetentionValue",
    "RiskTiers",
]
