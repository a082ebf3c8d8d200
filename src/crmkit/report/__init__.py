"""A report for people: customers with their values in, one self-contained HTML page out."""

from crmkit.report._build import build_report, render_report
from crmkit.report._churn_content import ChurnContent
from crmkit.report._content import ReportContent
from crmkit.report._kinds_content import KindsContent
from crmkit.report._movement_content import MovementContent
from crmkit.report._offers_content import Bundle, Offer, OffersContent
from crmkit.report._profile_content import ProfileContent, UnusualContent

__all__ = [
    "Bundle",
    "ChurnContent",
    "KindsContent",
    "MovementContent",
    "Offer",
    "OffersContent",
    "ProfileContent",
    "ReportContent",
    "UnusualContent",
    "build_report",
    "render_report",
]
