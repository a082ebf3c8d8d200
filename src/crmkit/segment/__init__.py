"""What kind of customers they are: RFM scores, named segments and their sizes."""

from crmkit.segment._rfm_scorer import RFMScorer

__all__ = ["RFMScorer"]
