"""Who is leaving: snapshots of a log, calibrated risk with reasons, and what to do about it."""

from crmkit.churn._btyd_churn import BTYDChurn
from crmkit.churn._classifier import ChurnClassifier
from crmkit.churn._cutoffs import Cutoffs
from crmkit.churn._inter_purchase import inter_purchase_time, suggest_horizon
from crmkit.churn._label import NoPurchase
from crmkit.churn._population import Active
from crmkit.churn._recency_rule import RecencyRule
from crmkit.churn._retention_value import RetentionValue
from crmkit.churn._rfm_features import RFM
from crmkit.churn._rfm_logistic import RFMLogistic
from crmkit.churn._risk_tiers import RiskTiers
from crmkit.churn._snapshot_builder import SnapshotBuilder
from crmkit.churn._snapshots import Snapshots
from crmkit.churn._survival_curve import SurvivalCurve
from crmkit.churn._window_features import Windows

__all__ = [
    "Active",
    "BTYDChurn",
    "ChurnClassifier",
    "Cutoffs",
    "NoPurchase",
    "RFM",
    "RFMLogistic",
    "RecencyRule",
    "RetentionValue",
    "RiskTiers",
    "SnapshotBuilder",
    "Snapshots",
    "SurvivalCurve",
    "Windows",
    "inter_purchase_time",
    "suggest_horizon",
]
