"""A frame of records to coded units: kinds of columns found, values in their normal forms."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit.cleaning._matching._coded import CodedColumn, Ints, Units, joint_codes, sorted_codes
from crmkit.cleaning._normal._date import likely_order
from crmkit.cleaning._normal._detect import Values, kind_of
from crmkit.cleaning._normal._forms import normalised
from crmkit.cleaning._normal._kinds import DATES, IGNORE
from crmkit.cleaning._normal._settings import DateOrder, NormalSettings
from crmkit.cleaning._normal._text import as_text

UNUSED = IGNORE
NO_SIGN = re.compile(r"[^a-z0-9\n]+")
LOCAL_DIGITS = 10  # last digits of a phone number that are compared: country codes come and go


def kinds_of(raw: list[_frames.RawColumn], given: Mapping[str, str]) -> dict[str, str]:
    """Kind of each column: as given, else as found by its name and content."""
    return {
        column.name: given.get(column.name)
        or kind_of(column.name, Values(column.values, _row_counts(column)))
        for column in raw
    }


def row_numbers(raw: list[_frames.RawColumn], kinds: Mapping[str, str]) -> list[str]:
    """Ids that no two rows of a list share, which `usable` leaves out, told without their forms.

    Where nothing else is there, none.
    """
    used = [column for column in raw if kinds[column.name] != UNUSED]
    numbers = [c.name for c in used if kinds[c.name] == "id" and _is_row_number(c)]
    return numbers if len(numbers) < len(used) else []


def _is_row_number(column: _frames.RawColumn) -> bool:
    """Whether ids differ in their letters and digits alone, whatever is between them."""
    if len(column.values) < max(int((column.codes >= 0).sum()), 1):
        return False
    text = "\n".join(map(as_text, column.values))
    plain = NO_SIGN.sub("", text.lower()).split("\n")
    return text.isascii() and len(plain) == len(set(plain)) == len(column.values)


def date_orders(raw: list[_frames.RawColumn], kinds: Mapping[str, str]) -> dict[str, DateOrder]:
    """Order of day and month in each column of dates, "DMY" where nothing tells.

    A date read the wrong way does no harm here as long as all are read alike: the comparison
    takes an exchange of day and month for a slip.
    """
    return {
        column.name: likely_order(map(as_text, column.values))
        for column in raw
        if kinds[column.name] in DATES
    }


def coded(raw: _frames.RawColumn, kind: str, date_order: DateOrder | None = None) -> CodedColumn:
    """A raw column in normal form; a value that means "missing" is missing.

    `date_order` is that of the list that was learnt from; None finds that of these values.
    """
    if kind in DATES and date_order is None:
        date_order = date_orders([raw], {raw.name: kind})[raw.name]
    forms = normalised(raw.values, kind, NormalSettings(date_order=date_order))
    if kind == "phone":
        forms = [form and form.removeprefix("+")[-LOCAL_DIGITS:] for form in forms]
    codes, values = sorted_codes(raw.codes, forms)
    return CodedColumn(raw.name, kind, codes, values)


def usable(columns: list[CodedColumn]) -> list[CodedColumn]:
    """Columns that tell something: no number of the row, no name written out once more."""
    kinds = {column.kind for column in columns if column.values}
    repeated = {"name"} if {"first_name", "last_name"} <= kinds else set()
    kept = []
    for column in columns:
        n = int(column.counts.sum())
        is_key = column.kind == "id" and len(column.values) == n
        if n and not is_key and column.kind not in repeated:
            kept.append(column)
    return kept


def known_units(known: Mapping[str, Any]) -> Units:
    """Units from what a fitted matcher keeps: see `kept`."""
    columns = [
        CodedColumn(
            name,
            known["kinds"][name],
            np.asarray(codes, dtype=np.int64),
            list(known["values"][name]),
        )
        for name, codes in known["codes"].items()
    ]
    return Units(columns, np.empty(0, dtype=np.int64), int(known["n"]))


def kept(units: Units) -> dict[str, Any]:
    """What a fitted matcher keeps of its records: normal forms and who has which."""
    return {
        "n": units.n,
        "kinds": {column.name: column.kind for column in units.columns},
        "values": {column.name: list(column.values) for column in units.columns},
        "codes": {column.name: column.codes.astype(np.int32) for column in units.columns},
    }


def joined(known: Units, columns: list[CodedColumn], n_rows: int) -> tuple[Units, Ints]:
    """Known units with the new ones of some rows behind them, and the unit of each row.

    A row that equals a known unit is that unit. Frequencies stay those of the known units.
    """
    by_name = {column.name: column for column in columns}
    merged, rows = [], []
    for old in known.columns:
        new = by_name[old.name]
        asked = set(new.values)
        place = {value: n for n, value in enumerate(old.values) if value in asked}
        more = [value for value in new.values if value not in place]
        place |= {value: len(old.values) + number for number, value in enumerate(more)}
        codes = np.array([*(place[value] for value in new.values), -1], dtype=np.int64)[new.codes]
        counts = np.concatenate([old.counts, np.zeros(len(more), dtype=np.int64)])
        rows.append(codes)
        merged.append(CodedColumn(old.name, old.kind, old.codes, [*old.values, *more], counts))
    unit_of_row, first = _matched(known, rows, n_rows)
    made = [
        CodedColumn(c.name, c.kind, np.concatenate([c.codes, row[first]]), c.values, c.counts)
        for c, row in zip(merged, rows, strict=True)
    ]
    return Units(made, unit_of_row, known.n + len(first)), unit_of_row


def _matched(known: Units, rows: list[Ints], n_rows: int) -> tuple[Ints, Ints]:
    """Unit of each row among known and new units, and the first row of each new unit."""
    alike = np.arange(known.n)
    for column, row in zip(known.columns, rows, strict=True):
        asked = np.zeros(int(max(row.max(initial=-1), len(column.values))) + 2, dtype=bool)
        asked[row] = True
        alike = alike[asked[column.codes[alike]]]
    both = [
        np.concatenate([column.codes[alike].astype(np.int64), row])
        for column, row in zip(known.columns, rows, strict=True)
    ]
    joint = joint_codes(both)
    old, new = joint[: len(alike)], joint[len(alike) :]
    unit = np.full(int(joint.max(initial=-1)) + 1, -1, dtype=np.int64)
    unit[old] = alike
    empty = np.logical_and.reduce([row < 0 for row in rows])
    fresh = np.unique(new[(unit[new] < 0) & ~empty])
    unit[fresh] = known.n + np.arange(len(fresh))
    unit_of_row = np.where(empty, -1, unit[new])
    first = np.full(len(fresh), -1, dtype=np.int64)
    behind = np.flatnonzero(unit_of_row >= known.n)[::-1]
    first[unit_of_row[behind] - known.n] = behind
    return unit_of_row, first


def _row_counts(column: _frames.RawColumn) -> Ints:
    return np.bincount(column.codes[column.codes >= 0], minlength=len(column.values))
