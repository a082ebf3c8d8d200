"""Splits of training data that know time."""

from crmkit.model_selection._purged_forward import PurgedForwardSplit

__all__ = ["PurgedForwardSplit"]
