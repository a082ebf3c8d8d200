"""A report for people: customers with their values in, one self-contained HTML page out."""

from crmkit.report._build import build_report, render_report
from crmkit.report._churn_content import ChurnContent
from crmkit.report._content import ReportContent

__all__ = ["ChurnContent", "ReportContent", "build_report", "render_report"]
