"""What can be expected of a list, as functions of its columns: what failed, and in which rows."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit.cleaning._matching._coded import joint_codes, sorted_codes
from crmkit.cleaning._normal._forms import traced
from crmkit.cleaning._normal._kinds import IGNORE
from crmkit.cleaning._quality._findings import FIRST, Flags, Ints, example_of
from crmkit.cleaning._quality._inspect import How
from crmkit.cleaning._quality._judged import Judged, judged
from crmkit.cleaning._quality._quality_drift import Limits
from crmkit.cleaning._quality._report import QualityReport, report_of
from crmkit.cleaning._quality._row_checks import later
from crmkit.cleaning._quality._time_checks import Instants, instants_of
from crmkit.cleaning._quality._value_checks import breaks
from crmkit.exceptions import DataError, nearest

OWNER = "expect"
NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Outcome:
    """How an expectation came out: `n` of `of` failed, a share of `most` may."""

    expectation: str
    column: str
    what: str
    n: int
    of: int
    most: float = 0.0
    rows: Ints = field(default_factory=lambda: NONE)
    example: str = ""
    unit: str = "rows"

    @property
    def share(self) -> float:
        """Part that failed."""
        return self.n / self.of if self.of else 0.0

    @property
    def passed(self) -> bool:
        """Whether no more failed than may; of nothing, nothing fails."""
        return self.n <= self.most * self.of * (1.0 + 1e-12)

    @property
    def first_rows(self) -> str:
        """The first rows that failed, in words."""
        shown = ", ".join(str(row) for row in self.rows[:FIRST].tolist())
        return f"{shown}, ..." if len(self.rows) > FIRST else shown

    def told(self) -> str:
        """The failure as a line of text."""
        column = f"{self.column!r}: " if self.column else ""
        if self.unit == "":
            return f"{column}{self.what}."
        line = f"{column}{self.n:,} of {self.of:,} {self.unit} ({self.share:.2%}) {self.what}"
        line += f", at most {self.most:.2%} may" if self.most else ""
        rows = "row" if len(self.rows) == 1 else "rows"
        line += f" (first in {rows} {self.first_rows})" if len(self.rows) else ""
        return f"{line}, such as {self.example}." if self.example else f"{line}."


class Lookup:
    """Columns of a frame, judged when they are first asked for."""

    def __init__(self, data: Any, kinds: dict[str, str], how: How) -> None:
        self.data = data
        self.frame = _frames.held(getattr(data, "data", data), OWNER)
        self.names = _frames.column_names(self.frame, OWNER)
        self.kinds = kinds
        self.how = how
        self.library = _frames.id_types(getattr(data, "data", data), [], OWNER)
        self._judged: dict[str, Judged] = {}

    @property
    def n_rows(self) -> int:
        """Rows of the frame."""
        return len(self.column(self.names[0]).raw.codes) if self.names else 0

    def column(self, name: str) -> Judged:
        """A column with what is wrong with it."""
        if name not in self._judged:
            raw = _frames.coded_columns(self.frame, [name], OWNER)
            (self._judged[name],) = judged(raw, self.kinds, {}, self.how.settings())
        return self._judged[name]

    def report(self) -> QualityReport:
        """The report that drift is told by."""
        return report_of(self.data, self.how)


@dataclass(frozen=True, eq=False)
class Expectation:
    """One expectation: the columns it reads, and its test; `of_report` is that of a report."""

    name: str
    columns: tuple[str, ...]
    test: Callable[[Lookup], list[Outcome]]
    of_report: Callable[[QualityReport], list[Outcome]] | None = None


def check_columns(expected: Iterable[Expectation], names: Sequence[str]) -> None:
    """Refuse columns that are not there, all in one error."""
    wanted = dict.fromkeys(name for each in expected for name in each.columns)
    unknown = [name for name in wanted if name not in names]
    if unknown:
        told = []
        for name in unknown:
            near = nearest(str(name), names)
            told.append(repr(name) + ("" if near is None else f" (did you mean {near!r}?)"))
        n = f"{len(unknown)} column{'s' if len(unknown) > 1 else ''} not found"
        raise DataError(f"{OWNER}: {n}: {', '.join(told)}. Columns: {list(names)[:30]}.")


def values_failed(
    column: Judged, failed: Flags, name: str, what: str, at_least: float
) -> list[Outcome]:
    """Outcome of a test of the values that are there."""
    failed = failed & column.flags.there
    rows = np.flatnonzero(column.rows_with(failed))
    example = column.commonest(failed) if len(rows) else ""
    n_there = int(column.there.sum())
    most = 1.0 - at_least
    return [Outcome(name, column.name, what, len(rows), n_there, most, rows, example, "values")]


def missing(column: Judged, most: float) -> list[Outcome]:
    """Rows without a value, or with one that stands for nothing."""
    rows = np.flatnonzero(~column.there)
    placeholder = column.flags.placeholder
    example = column.commonest(placeholder) if placeholder.any() else ""
    what = "have no value"
    return [
        Outcome("no_missing", column.name, what, len(rows), len(column.there), most, rows, example)
    ]


def invalid(column: Judged, at_least: float) -> list[Outcome]:
    """Values that cannot be read as what the column holds."""
    what = f"cannot be read ({column.kind})"
    return values_failed(column, column.flags.bad, "valid", what, at_least)


def repeated(columns: Sequence[Judged], most: float) -> list[Outcome]:
    """Rows whose values, all there, have been on an earlier row."""
    there = np.logical_and.reduce([column.there for column in columns])
    known = np.flatnonzero(there)
    rows = known[later(joint_codes([column.raw.codes[known] for column in columns]))]
    example = ""
    if len(rows):
        cells = [column.raw.values[int(column.raw.codes[rows[0]])] for column in columns]
        example = " with ".join(example_of(cell) for cell in cells)
    name = " with ".join(column.name for column in columns)
    what = "repeat an earlier one"
    return [Outcome("unique", name, what, len(rows), len(known), most, rows, example)]


def copied(columns: Sequence[Judged], most: float) -> list[Outcome]:
    """Rows that equal an earlier one in every column."""
    rows = later(joint_codes([column.raw.codes for column in columns])) if columns else NONE
    n_rows = len(columns[0].raw.codes) if columns else 0
    what = "equal an earlier one in every column"
    return [Outcome("no_copies", "", what, len(rows), n_rows, most, rows)]


def broken_rule(column: Judged, rule: Any, name: str, what: str, at_least: float) -> list[Outcome]:
    """Values that break bounds, a list of allowed values, or a regular expression."""
    failed = breaks(column.raw.values, rule, column.flags.settings)
    return values_failed(column, failed, name, what, at_least)


def tested(
    column: Judged, test: Callable[[Any], bool], what: str, at_least: float
) -> list[Outcome]:
    """Values for which a function does not say yes; it sees only those that are there.

    One that it fails on is no yes either, and the other expectations are still told.
    """
    failed = np.zeros(len(column.raw.values), dtype=bool)
    errors: dict[str, int] = {}
    for place in np.flatnonzero(column.flags.there).tolist():
        try:
            failed[place] = not test(column.raw.values[place])
        except Exception as error:
            failed[place] = True
            name = type(error).__name__
            errors[name] = errors.get(name, 0) + int(column.counts[place])
    if errors:
        told = ", ".join(f"{name} for {n:,} values" for name, n in errors.items())
        what = f"{what} (the test itself raised {told})"
    return values_failed(column, failed, "holds", what, at_least)


def undetermined(left: Sequence[Judged], right: Judged, at_least: float) -> list[Outcome]:
    """Rows whose value differs from what most rows with the same others have."""
    parts = [_forms(column) for column in left]
    codes = _forms(right)
    known = np.flatnonzero(np.logical_and.reduce([part >= 0 for part in [*parts, codes]]))
    group, value = joint_codes([part[known] for part in parts]), codes[known]
    width = int(value.max(initial=0)) + 1
    pairs, place, counts = np.unique(group * width + value, return_inverse=True, return_counts=True)
    order = np.lexsort((pairs, -counts, pairs // width))
    first = np.append(True, np.diff(pairs[order] // width) != 0)[: len(pairs)]
    usual = np.zeros(len(pairs), dtype=bool)
    usual[order[first]] = True
    rows = known[~usual[place.reshape(-1)]]
    name = " with ".join(column.name for column in left)
    cells = [column.raw for column in (*left, right)]
    example = (
        " with ".join(example_of(raw.values[int(raw.codes[rows[0]])]) for raw in cells)
        if len(rows)
        else ""
    )
    what = f"differ from most rows of one {name!r}"
    most = 1.0 - at_least
    return [Outcome("depends", right.name, what, len(rows), len(known), most, rows, example)]


def stale(column: Judged, within: timedelta, as_of: datetime) -> list[Outcome]:
    """Whether the newest date before an instant is older than allowed."""
    return [judged_age(column.name, instants_of(column), within, as_of)]


def judged_age(name: str, instants: Instants, within: timedelta, as_of: datetime) -> Outcome:
    """Outcome of a test of the newest instant before another one."""
    if len(instants.values) and instants.has_zone != (as_of.tzinfo is not None):
        raise DataError(
            f"{OWNER}: fresh: as_of={as_of.isoformat()} and the times in {name!r} must both have "
            "a time zone, or neither."
        )
    newest = instants.newest_before(as_of)
    if newest is None:
        what = f"has no date before {as_of:%Y-%m-%d %H:%M}"
        return Outcome("fresh", name, what, 1, 1, unit="")
    end = as_of if as_of.tzinfo is None else as_of.astimezone(UTC)
    failed = end.replace(tzinfo=None) - newest > within
    what = f"newest is {newest:%Y-%m-%d %H:%M}, more than {within} before {end:%Y-%m-%d %H:%M}"
    return Outcome("fresh", name, what if failed else "", int(failed), 1, unit="")


def drifted(report: QualityReport, earlier: Any, limits: Limits) -> list[Outcome]:
    """Measures that changed by more than chance and enough to matter, one each."""
    told = report.drifts(earlier, limits)
    failed = [each for each in told if each.drifted]
    if not failed:
        return [Outcome("at_most_drift", "", "", 0, len(told), unit="measures")]
    return [
        Outcome("at_most_drift", d.column, f"{d.measure} drifted: {d.what}", 1, 1, unit="")
        for d in failed
    ]


def compiled(pattern: str) -> None:
    """Refuse what is no regular expression."""
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        raise DataError(
            f"{OWNER}: matches needs a regular expression, got {pattern!r}: {error}."
        ) from None


def _forms(column: Judged) -> Ints:
    kind = "text" if column.kind == IGNORE else column.kind
    forms = traced(column.raw.values, kind, column.flags.settings).forms
    return sorted_codes(column.raw.codes, forms)[0]
