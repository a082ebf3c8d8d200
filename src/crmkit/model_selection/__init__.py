"""Splits of training data that know time."""

from crmkit.model_selection._last_basket import LeaveLastBasketOut
from crmkit.model_selection._log_split import LogSplit
from crmkit.model_selection._purged_forward import PurgedForwardSplit
from crmkit.model_selection._rolling_time import RollingTimeSplit
from crmkit.model_selection._strong_generalisation import StrongGeneralisation

__all__ = [
    "LeaveLastBasketOut",
    "LogSplit",
    "PurgedForwardSplit",
    "RollingTimeSplit",
    "StrongGeneralisation",
]
