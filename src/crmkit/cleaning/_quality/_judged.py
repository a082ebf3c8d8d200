"""Columns with everything that is wrong with their values, and which rows that concerns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit.cleaning._normal._detect import Values, kind_of
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._quality._findings import CHECKS, Finding, Flags, Ints, example_of, found
from crmkit.cleaning._quality._oddities import oddities
from crmkit.cleaning._quality._value_checks import ValueFlags, as_days, value_flags

MOST_VALUES = 20_000  # distinct values by which the kind of a column is told


@dataclass(frozen=True, eq=False)
class Judged:
    """A column as it came, its kind, and what is wrong with each of its distinct values."""

    raw: _frames.RawColumn
    kind: str
    flags: ValueFlags
    odd: Mapping[str, Flags] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.raw.name

    @cached_property
    def counts(self) -> Ints:
        """Number of rows that have each value."""
        return counts_of(self.raw)

    @cached_property
    def there(self) -> Flags:
        """Rows that have a value which is no placeholder."""
        return self.rows_with(self.flags.there)

    @cached_property
    def days(self) -> "np.ndarray[Any, np.dtype[np.datetime64]]":
        """Date of each row, NaT where there is none."""
        of_values = self.flags.days
        if of_values is None:
            of_values = as_days(self.raw.values, self.flags.settings)
        return np.append(of_values, np.datetime64("NaT", "D"))[self.raw.codes]

    def rows_with(self, flags: Flags) -> Flags:
        """Flags of values as flags of rows."""
        return np.append(flags, False)[self.raw.codes]

    def n_with(self, flags: Flags) -> int:
        """Number of rows whose value has a flag."""
        return int(self.counts[flags].sum())

    def commonest(self, flags: Flags) -> str:
        """The value with a flag that most rows have, to show."""
        places = np.flatnonzero(flags)
        return example_of(self.raw.values[places[self.counts[places].argmax()]])


def counts_of(raw: _frames.RawColumn) -> Ints:
    """Number of rows that have each value."""
    return np.bincount(raw.codes[raw.codes >= 0], minlength=len(raw.values))


def judged(
    columns: Sequence[_frames.RawColumn],
    kinds: Mapping[str, str],
    rules: Mapping[str, Any],
    settings: NormalSettings,
) -> list[Judged]:
    """Judge columns; those without a stated kind are told by name and content."""
    made = []
    for raw in columns:
        counts = counts_of(raw)
        kind = kinds.get(raw.name) or kind_of(raw.name, _some(raw.values, counts))
        flags = value_flags(raw.values, kind, settings, rules.get(raw.name), counts)
        odd = oddities(raw.values, counts, kind, flags.there, flags.settings)
        made.append(Judged(raw, kind, flags, odd))
    return made


def _some(values: Sequence[Any], counts: Ints) -> Values:
    """Enough of the values to tell what they are."""
    if len(values) <= MOST_VALUES:
        return Values(values, counts)
    places = np.linspace(0, len(values) - 1, MOST_VALUES).astype(np.int64)
    return Values([values[place] for place in places.tolist()], counts[places])


def value_findings(column: Judged, *, is_id: bool = False) -> list[Finding]:
    """Findings on the values of a column, worst first within each dimension."""
    n_rows, flags = len(column.raw.codes), column.flags
    made = []
    gone = (column.raw.codes < 0) | column.rows_with(flags.blank)
    if gone.any():
        whole = "empty column" if gone.all() else "missing"
        blank = f" ({column.n_with(flags.blank):,} are empty text)" if flags.blank.any() else ""
        check = "no id" if is_id else whole
        made.append(found(check, column.name, _places(gone), n_rows, what=_what(check, blank)))
    for check, flag, of in (
        ("placeholder", flags.placeholder, int((column.raw.codes >= 0).sum())),
        ("unreadable", flags.unreadable, int(column.there.sum())),
        ("unclear date", flags.unclear, int(column.there.sum())),
        ("rule", flags.rule, int(column.there.sum())),
        *((check, flag, int(column.there.sum())) for check, flag in column.odd.items()),
    ):
        if flag.any():
            what = _what(check, _said(check, column))
            rows = _places(column.rows_with(flag))
            made.append(found(check, column.name, rows, of, column.commonest(flag), what))
    return made


def _what(check: str, more: str) -> str:
    return CHECKS[check].what + more


def _said(check: str, column: Judged) -> str:
    """What a finding adds to the words of its check."""
    return f" ({column.kind})" if check == "unreadable" else ""


def _places(flags: Flags) -> Ints:
    return np.flatnonzero(flags).astype(np.int64)
