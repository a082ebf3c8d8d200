"""What can be expected of a report: its counts, with the rows of its findings."""

from datetime import datetime, timedelta

import numpy as np

from crmkit.cleaning._quality._expectations import OWNER, Outcome, judged_age
from crmkit.cleaning._quality._findings import Ints
from crmkit.cleaning._quality._measures import ColumnQuality
from crmkit.cleaning._quality._report import QualityReport
from crmkit.exceptions import DataError

ABSENT = ("missing", "no id", "empty column", "placeholder")
INVALID = ("unreadable", "unclear date", "rule")


def missing(report: QualityReport, name: str, most: float) -> Outcome:
    """Rows without a value, or with one that stands for nothing."""
    column, rows = column_of(report, name), rows_of(report, name, ABSENT)
    n = column.n_missing + column.n_placeholders
    return Outcome("no_missing", name, "have no value", n, column.n_rows, most, rows)


def invalid(report: QualityReport, name: str, at_least: float) -> Outcome:
    """Values that cannot be read as what the column holds, or break a rule of the report."""
    column, rows = column_of(report, name), rows_of(report, name, INVALID)
    what, n, of = f"cannot be read ({column.kind})", column.n_invalid, column.n_values
    return Outcome("valid", name, what, n, of, 1.0 - at_least, rows, unit="values")


def repeated(report: QualityReport, name: str, most: float) -> Outcome:
    """Rows whose value has been on an earlier row."""
    column, rows = column_of(report, name), rows_of(report, name, ("repeated id",))
    n, of = column.n_values - column.n_distinct, column.n_values
    return Outcome("unique", name, "repeat an earlier one", n, of, most, rows)


def copied(report: QualityReport, most: float) -> Outcome:
    """Rows that equal an earlier one in every column."""
    rows = rows_of(report, "", ("exact copy", "equal"))
    what = "equal an earlier one in every column"
    return Outcome("no_copies", "", what, len(rows), report.n_rows, most, rows)


def stale(report: QualityReport, name: str, within: timedelta, as_of: datetime) -> Outcome:
    """Whether the newest date of the report is older than allowed."""
    instants = report._found.instants
    if instants is None or report.time is None or report.time.column != name:
        raise DataError(
            f"{OWNER}: fresh: the report tells no age by {name!r}. Make it with when={name!r}, or "
            "pass the frame."
        )
    return judged_age(name, instants, within, as_of)


def column_of(report: QualityReport, name: str) -> ColumnQuality:
    """Counts of a column of a report."""
    return next(column for column in report.columns if column.name == name)


def rows_of(report: QualityReport, name: str, checks: tuple[str, ...]) -> Ints:
    """Rows of some findings on a column, in order."""
    parts = [f.rows for f in report.findings if f.column == name and f.check in checks]
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *parts]))
