"""A report for people: customers with their values in, one self-contained HTML page out."""

from crmkit.report._build import build_report, render_report
from crmkit.report._churn_content import ChurnContent
from crmkit.report._content import ReportContent
from crmkit.report._offers_content import Bundle, Offer, OffersContent

__all__ = [
    "Bundle",
    "ChurnContent",
    "Offer",
    "OffersContent",
    "ReportContent",
    "build_report",
    "render_report",
]
