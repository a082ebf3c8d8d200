"""From judged columns and findings to the numbers of a report: per column, and per dimension."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crmkit.cleaning._quality._findings import Finding, Flags
from crmkit.cleaning._quality._judged import Judged
from crmkit.cleaning._quality._time_checks import Timeliness

COPIES = ("exact copy", "copy", "same", "repeated id")
FEW_TELLING = 20  # different values that are few to tell a kind by
ROWWISE = ("born later", "not yet born", "too old", "dependency")  # inconsistent beside values


@dataclass(frozen=True)
class ColumnQuality:
    """Counts of one column; shares are of rows, or of the values that are there."""

    name: str
    kind: str
    n_rows: int
    n_missing: int
    n_placeholders: int
    n_values: int
    n_distinct: int
    n_invalid: int
    n_inconsistent: int
    should_differ: bool
    n_dated: int = 0
    n_old: int = 0
    kind_from: str = "name and values"

    @property
    def completeness(self) -> float:
        """Share of the rows that have a value which is no placeholder."""
        return _share(self.n_values, self.n_rows)

    @property
    def validity(self) -> float:
        """Share of the values that can be read and break no rule."""
        return _share(self.n_values - self.n_invalid, self.n_values)

    @property
    def uniqueness(self) -> float:
        """Share of the values that are no repetition; NaN for columns that may repeat."""
        return _share(self.n_distinct, self.n_values) if self.should_differ else float("nan")

    @property
    def consistency(self) -> float:
        """Share of the values that contradict nothing and are written like the others."""
        return _share(self.n_values - self.n_inconsistent, self.n_values)

    @property
    def timeliness(self) -> float:
        """Share of the dates that are at most a year old; NaN but for the column `when`."""
        return _share(self.n_dated - self.n_old, self.n_dated)


@dataclass(frozen=True)
class DimensionScore:
    """Share of what is good, with what was counted and how."""

    dimension: str
    n_good: int
    of: int
    unit: str
    definition: str

    @property
    def score(self) -> float:
        """Share of the good ones; NaN where there is nothing to count."""
        return _share(self.n_good, self.of)


def column_quality(
    column: Judged,
    findings: Sequence[Finding],
    time: Timeliness | None,
    *,
    should_differ: bool,
    is_stated: bool = False,
) -> ColumnQuality:
    """Count what is wrong in a column; a cell with several faults counts once."""
    odd: Flags = np.zeros(len(column.raw.codes), dtype=bool)
    flags = list(column.odd.values())
    if flags:
        odd |= column.rows_with(np.logical_or.reduce(flags))
    for finding in findings:
        if finding.column == column.name and finding.check in ROWWISE:
            odd[finding.rows] = True
    n_rows, n_there = len(column.raw.codes), int(column.there.sum())
    n_placeholders = column.n_with(column.flags.placeholder)
    own = time is not None and time.column == column.name
    return ColumnQuality(
        column.name, column.kind, n_rows, n_rows - n_there - n_placeholders, n_placeholders,
        n_there, int(column.flags.there.sum()), column.n_with(column.flags.bad), int(odd.sum()),
        should_differ,
        time.n_dated if own and time is not None else 0,
        sum(f.n for f in findings if f.check in ("old", "ahead")) if own else 0,
        "stated" if is_stated else "few values" if is_told_by_few(column) else "name and values",
    )  # fmt: skip


def is_told_by_few(column: Judged) -> bool:
    """Whether the kind was told by so few different values that it may be another."""
    return int(column.flags.there.sum()) < FEW_TELLING


def dimension_scores(
    columns: Sequence[ColumnQuality], findings: Sequence[Finding], n_rows: int, *, is_log: bool
) -> list[DimensionScore]:
    """Score of each dimension over all columns; an event may be old."""
    age = "" if is_log else "at most a year old, and "
    n_cells = sum(column.n_rows for column in columns)
    n_values = sum(column.n_values for column in columns)
    n_invalid = sum(column.n_invalid for column in columns)
    n_inconsistent = sum(column.n_inconsistent for column in columns)
    again = np.zeros(n_rows, dtype=bool)
    for finding in findings:
        if finding.check in COPIES:
            again[finding.rows] = True
    n_dated = sum(column.n_dated for column in columns)
    n_old = sum(column.n_old for column in columns)
    return [
        DimensionScore(
            "completeness", n_values, n_cells, "cells", "cells with a value that is no placeholder"
        ),
        DimensionScore(
            "validity", n_values - n_invalid, n_values, "values",
            "values that can be read as what their column holds, and break no rule",
        ),
        DimensionScore(
            "uniqueness", n_rows - int(again.sum()), n_rows, "rows",
            "rows that are no copy of an earlier row, once written alike, and repeat no id",
        ),
        DimensionScore(
            "consistency", n_values - n_inconsistent, n_values, "values",
            "values written like the others of their column that contradict no other column",
        ),
        DimensionScore(
            "timeliness", n_dated - n_old, n_dated, "dates",
            f"dates of {'the log' if is_log else 'the column when='} that are {age}before as_of",
        ),
    ]  # fmt: skip


OVERALL = "mean of the dimensions that could be measured"


def overall(scores: Sequence[DimensionScore]) -> float:
    """Mean of the scores that are numbers; NaN where none is."""
    known = [score.score for score in scores if score.of]
    return float(np.mean(known)) if known else float("nan")


def row_findings(findings: Sequence[Finding], n_rows: int) -> tuple[Any, Any, list[str]]:
    """Rows with a fault in order, how many faults each has, and all of them in words.

    Rows with the same faults share one text, made once.
    """
    faults = [f for f in findings if len(f.rows) and f.severity != "note"]
    count = np.zeros(n_rows, dtype=np.int64)
    pattern = np.zeros(n_rows, dtype=np.int64)  # number of the set of faults so far
    texts: list[tuple[str, ...]] = [()]
    for finding in faults:
        here = np.unique(finding.rows)
        count[here] += 1
        before, place = np.unique(pattern[here], return_inverse=True)
        pattern[here] = len(texts) + place.reshape(-1)
        told = f"{finding.column}: {finding.what}" if finding.column else finding.what
        texts += [(*texts[old], told) for old in before.tolist()]
    rows = np.flatnonzero(count)
    told_once = {number: "; ".join(texts[number]) for number in np.unique(pattern[rows]).tolist()}
    return rows, count[rows], [told_once[number] for number in pattern[rows].tolist()]


def chained(parts: Sequence[Sequence[Finding]]) -> list[Finding]:
    """All findings in one list."""
    return list(itertools.chain.from_iterable(parts))


def _share(part: int, of: int) -> float:
    return part / of if of else float("nan")
