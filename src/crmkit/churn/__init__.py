"""Who is leaving: snapshots of a log, calibrated risk with reasons, and what to do about it."""

from crmkit.churn._basket_features import Basket, Mix, Variety
from crmkit.churn._btyd_churn import BTYDChurn
from crmkit.churn._churn_monitor import ChurnMonitor
from crmkit.churn._churn_report import ChurnReport
from crmkit.churn._classifier import ChurnClassifier
from crmkit.churn._cutoffs import Cutoffs
from crmkit.churn._further_labels import NextPurchaseTime, Spend, SubscriptionEnd
from crmkit.churn._gap_features import Gaps
from crmkit.churn._inter_purchase import inter_purchase_time, suggest_horizon
from crmkit.churn._label import NoPurchase
from crmkit.churn._leakage import leakage_check
from crmkit.churn._model_features import ModelScores
from crmkit.churn._monitor_report import MonitorReport
from crmkit.churn._population import Active
from crmkit.churn._recency_rule import RecencyRule
from crmkit.churn._report_run import churn_report
from crmkit.churn._retention_value import RetentionValue
from crmkit.churn._rfm_features import RFM
from crmkit.churn._rfm_logistic import RFMLogistic
from crmkit.churn._risk_tiers import RiskTiers
from crmkit.churn._snapshot_builder import SnapshotBuilder
from crmkit.churn._snapshots import Snapshots
from crmkit.churn._spending_features import Returns, Spending
from crmkit.churn._survival_curve import SurvivalCurve
from crmkit.churn._time_features import Season, Tenure, Trend
from crmkit.churn._time_to_churn import TimeToChurn
from crmkit.churn._window_features import Windows

__all__ = [
    "RFM",
    "Active",
    "BTYDChurn",
    "Basket",
    "ChurnClassifier",
    "ChurnMonitor",
    "ChurnReport",
    "Cutoffs",
    "Gaps",
    "Mix",
    "ModelScores",
    "MonitorReport",
    "NextPurchaseTime",
    "NoPurchase",
    "RFMLogistic",
    "RecencyRule",
    "RetentionValue",
    "Returns",
    "RiskTiers",
    "Season",
    "SnapshotBuilder",
    "Snapshots",
    "Spend",
    "Spending",
    "SubscriptionEnd",
    "SurvivalCurve",
    "Tenure",
    "TimeToChurn",
    "Trend",
    "Variety",
    "Windows",
    "churn_report",
    "inter_purchase_time",
    "leakage_check",
    "suggest_horizon",
]
