"""Who customers are: records of one person found and put together."""

from crmkit.cleaning._deduplicator import Deduplicator
from crmkit.cleaning._expect import Expectations, expect
from crmkit.cleaning._golden_record import GoldenRecord
from crmkit.cleaning._mask import mask
from crmkit.cleaning._missing_value_imputer import MissingValueImputer
from crmkit.cleaning._pseudonyms import pseudonymize
from crmkit.cleaning._quality_report import QualityReport, quality_report
from crmkit.cleaning._record_linker import RecordLinker
from crmkit.cleaning._record_normalizer import RecordNormalizer
from crmkit.cleaning._wrong_value_detector import WrongValueDetector

__all__ = [
    "Deduplicator",
    "Expectations",
    "GoldenRecord",
    "MissingValueImputer",
    "QualityReport",
    "RecordLinker",
    "RecordNormalizer",
    "WrongValueDetector",
    "expect",
    "mask",
    "pseudonymize",
    "quality_report",
]
