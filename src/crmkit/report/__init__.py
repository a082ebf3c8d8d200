"""A report for people: customers with their values in, one self-contained HTML page out."""

from crmkit.report._build import build_report, render_report
from crmkit.report._churn_content import ChurnContent
from crmkit.report._content import ReportContent
from crmkit.report._data import report_data
from crmkit.report._kinds_content import KindsContent
from crmkit.report._movement_content import MovementContent
from crmkit.report._offers_content import Bundle, Offer, OffersContent
from crmkit.report._profile_content import ProfileContent, UnusualContent
from crmkit.report._quality_content import Merged, QualityContent
from crmkit.report._value_content import ValueContent

__all__ = [
    "Bundle",
    "ChurnContent",
    "KindsContent",
    "Merged",
    "MovementContent",
    "Offer",
    "OffersContent",
    "ProfileContent",
    "QualityContent",
    "ReportContent",
    "UnusualContent",
    "ValueContent",
    "build_report",
    "render_report",
    "report_data",
]
