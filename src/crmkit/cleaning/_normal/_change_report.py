"""What normalising changed: for each column and rule, how many values and records, with a case."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from crmkit import _frames
from crmkit.cleaning._normal._date import is_date
from crmkit.cleaning._normal._forms import Traced
from crmkit.cleaning._normal._kinds import DATES
from crmkit.cleaning._normal._text import as_text

UNREAD = "not read"  # a date that is none of the calendar


class Changed(NamedTuple):
    """A column as it came, its kind, and its normal forms."""

    raw: _frames.RawColumn
    kind: str
    traced: Traced


def change_table(columns: Iterable[Changed]) -> dict[str, Any]:
    """Columns of the report: one row per column and rule, in the order of columns and steps."""
    rows = [row for column in columns for row in _rows(column)]
    texts = {
        name: np.array([row[place] for row in rows], dtype=object)
        for place, name in ((0, "column"), (1, "kind"), (2, "rule"), (5, "before"), (6, "after"))
    }
    counts = {
        name: np.array([row[place] for row in rows], dtype=np.int64)
        for place, name in ((3, "n_values"), (4, "n_records"))
    }
    both = texts | counts
    return {name: both[name] for name in REPORTED}


REPORTED = ("column", "kind", "rule", "n_values", "n_records", "before", "after")
TEXT_COLUMNS = ("column", "kind", "rule", "before", "after")


def unread_dates(kind: str, forms: Sequence[str | None]) -> list[int]:
    """Places of the values of a column of dates that are no date in normal form."""
    if kind not in DATES:
        return []
    return [n for n, form in enumerate(forms) if form is not None and not is_date(form)]


def records_with(raw: _frames.RawColumn) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Number of records that have each value."""
    return np.bincount(raw.codes[raw.codes >= 0], minlength=len(raw.values))


def _rows(column: Changed) -> Iterable[tuple[Any, ...]]:
    counts = records_with(column.raw)
    unread = unread_dates(column.kind, column.traced.forms)
    places = column.traced.changed | ({UNREAD: np.array(unread)} if unread else {})
    for rule, changed in places.items():
        texts = {int(place): as_text(column.raw.values[place]) for place in changed}
        most = min(texts, key=lambda place: (-counts[place], texts[place]))
        yield (
            column.raw.name,
            column.kind,
            rule,
            len(changed),
            int(counts[changed].sum()),
            texts[most],
            column.traced.forms[most],
        )
