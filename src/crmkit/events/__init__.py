"""The front door: one table of purchase events in, one row per customer out."""

from crmkit.events._event_log import EventLog
from crmkit.events._report import EventReport
from crmkit.events._summarize import summarize

__all__ = ["EventLog", "EventReport", "summarize"]
