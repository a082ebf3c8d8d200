"""What kind of customers they are: RFM scores, named segments and their sizes."""

from crmkit.segment._rfm_scorer import RFMScorer
from crmkit.segment._rfm_segmenter import RFMSegmenter
from crmkit.segment._summary import segment_summary

__all__ = ["RFMScorer", "RFMSegmenter", "segment_summary"]
