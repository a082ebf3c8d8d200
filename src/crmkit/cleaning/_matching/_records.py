"""A frame of records to coded units: kinds of columns found, values in their normal forms."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit.cleaning._matching._coded import CodedColumn, Ints, Units, joint_codes, sorted_codes
from crmkit.cleaning._matching._column_kinds import kind_of
from crmkit.cleaning._matching._forms import forms
from crmkit.cleaning._matching._kind_rules import RULES
from crmkit.exceptions import DataError, nearest

UNUSED = "ignore"


def check_kinds(kinds: Mapping[str, str], names: list[str], owner: str) -> None:
    """Refuse kinds of columns that are not there, and unknown kinds, all in one error."""
    faults = []
    for name, kind in kinds.items():
        if name not in names:
            near = nearest(str(name), names)
            meant = "" if near is None else f" (did you mean {near!r}?)"
            faults.append(f"there is no column {name!r}{meant}")
        if kind != UNUSED and kind not in RULES:
            near = nearest(str(kind), RULES)
            meant = "" if near is None else f" (did you mean {near!r}?)"
            faults.append(f"{kind!r} of {name!r} is no kind{meant}")
    if faults:
        allowed = ", ".join([*RULES, UNUSED])
        raise DataError(f"{owner}: kinds: {'; '.join(faults)}. Kinds are {allowed}.")


def kinds_of(raw: list[_frames.RawColumn], given: Mapping[str, str]) -> dict[str, str]:
    """Kind of each column: as given, else as found by its name and content."""
    return {
        column.name: given.get(column.name)
        or kind_of(column.name, column.values, int((column.codes >= 0).sum()))
        for column in raw
    }


def coded(raw: _frames.RawColumn, kind: str) -> CodedColumn:
    """A raw column in normal form; a value that means "missing" is missing."""
    codes, values = sorted_codes(raw.codes, forms(raw.values, kind))
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
        place = {value: number for number, value in enumerate(old.values)}
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
    both = [
        np.concatenate([column.codes.astype(np.int64), row])
        for column, row in zip(known.columns, rows, strict=True)
    ]
    joint = joint_codes(both)
    old, new = joint[: known.n], joint[known.n :]
    unit = np.full(int(joint.max(initial=-1)) + 1, -1, dtype=np.int64)
    unit[old] = np.arange(known.n)
    empty = np.logical_and.reduce([row < 0 for row in rows])
    fresh = np.unique(new[(unit[new] < 0) & ~empty])
    unit[fresh] = known.n + np.arange(len(fresh))
    unit_of_row = np.where(empty, -1, unit[new])
    first = np.full(len(fresh), -1, dtype=np.int64)
    behind = np.flatnonzero(unit_of_row >= known.n)[::-1]
    first[unit_of_row[behind] - known.n] = behind
    return unit_of_row, first
