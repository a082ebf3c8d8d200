"""Columns of a customer table as an imputer reads them: which it fills, and as what numbers.

Numbers stay numbers. Words and flags become places in a list of levels, the most frequent first;
a word that the list lacks has the place behind the last. What says who somebody is, or when
something was, is left alone: a made-up name or birth date is worse than none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._mixed_columns import (
    is_first_id,
    is_like_id,
    is_numeric_text,
    names_of,
    numbers_of,
    read_columns,
)
from crmkit._validation import Floats
from crmkit.cleaning._normal._detect import Values, kind_by_name, kind_of
from crmkit.exceptions import DataError

Flags = npt.NDArray[np.bool_]
Learnt = dict[str, Any]

PERSON = {
    "first_name": "given names",
    "last_name": "family names",
    "name": "names",
    "company": "names of firms",
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "street": "streets",
    "birth_date": "birth dates",
    "date": "dates",
    "latitude": "places on the map",
    "longitude": "places on the map",
    "id": "ids",
    "text": "free text",
    "ignore": "nothing of use",
}
"""Kinds of columns that are never filled, in words."""

MISSING_WORD = "(missing)"
LOOKS_LIKE_ID = ("is the customer id", "looks like the customer id")
FEW = 20


@dataclass(frozen=True, eq=False)
class Wanted:
    """What an imputer says of columns."""

    customer: str | None
    never: Sequence[str]
    kinds: Mapping[str, str]
    max_levels: int
    owner: str


@dataclass(frozen=True, eq=False)
class Read:
    """A table as numbers: the columns that are used, NaN where a value is missing."""

    x: Floats
    columns: list[MixedColumn]

    def gaps(self) -> Flags:
        """Which values are missing."""
        gone: Flags = np.isnan(self.x)
        return gone


def learn_columns(table: Any, wanted: Wanted) -> tuple[list[Learnt], Read]:
    """What the columns of an eager frame or an array are, and the values of those used."""
    names = names_of(table, wanted.owner)
    columns = read_columns(table, None, wanted.owner)
    stored = _stored(table, names, wanted.owner)
    raw = _raw_text(table, names, columns, stored, wanted)
    framed = _frames.is_frame(table)
    learnt = []
    for place, (name, column) in enumerate(zip(names, columns, strict=True)):
        why = _why_left(name, column, stored[name], raw.get(name), wanted)
        if why is None and framed and place == 0 and wanted.customer is None:
            why = _why_first(name, column)
        each: Learnt = {"name": name, "place": place, "stored": stored[name], "why": why or ""}
        learnt.append({**each, **_learn(column, stored[name], why, name, wanted)})
    return learnt, read_values(columns, learnt, wanted.owner)


def used(learnt: list[Learnt]) -> list[Learnt]:
    """Columns that are filled and used to fill others."""
    return [each for each in learnt if each["kind"] != "left"]


def read_values(columns: list[MixedColumn], learnt: list[Learnt], owner: str) -> Read:
    """Values of the columns that are used, as numbers."""
    kept = [(columns[each["place"]], each) for each in used(learnt)]
    x = np.empty((len(columns[0].values) if columns else 0, len(kept)), order="F")
    for j, (column, each) in enumerate(kept):
        if each["kind"] == "number":
            x[:, j] = numbers_of(column, each["name"], owner)
        else:
            x[:, j] = _places(column, each, owner)
    return Read(x, columns)


def words_of(column: MixedColumn) -> npt.NDArray[Any]:
    """Words of a column, None where it has none or only blanks; 3.0 and 3 are one word."""
    if column.flag:
        told = [None if flag != flag else str(bool(flag)) for flag in column.values.tolist()]
    elif column.kind == "number":
        told = [None if value != value else f"{value:.15g}" for value in column.values.tolist()]
    else:
        told = [
            None if value is None or not value.strip() else value
            for value in column.values.tolist()
        ]
    words = np.empty(len(told), dtype=object)
    words[:] = told
    return words


def value_of(number: float, each: Learnt) -> Any:
    """A filled number or place as the column has it: a number, a flag or a word."""
    if each["kind"] == "number":
        return f"{number:.15g}" if each["stored"] == "text" else number
    word = each["levels"][int(number)]
    return word == "True" if each["stored"] == "flag" else word


def _stored(table: Any, names: list[str], owner: str) -> dict[str, str]:
    """What columns can hold; those of an array by its type or their values."""
    if _frames.is_frame(table):
        return _frames.stored_kinds(table, owner)
    array = np.asarray(table)
    if array.dtype.kind in "biuf":
        return dict.fromkeys(names, "flag" if array.dtype.kind == "b" else "number")
    frame = pd.DataFrame({name: array[:, j] for j, name in enumerate(names)}, dtype=object)
    return _frames.stored_kinds(frame, owner)


def _raw_text(
    table: Any, names: list[str], columns: list[MixedColumn], stored: dict[str, str], wanted: Wanted
) -> dict[str, Values]:
    """Distinct values of columns whose kind has to be looked at, and how often each occurs."""
    skip = {wanted.customer, *wanted.never, *wanted.kinds}
    raw = {}
    for name, column in zip(names, columns, strict=True):
        if name in skip or stored[name] not in ("text", "category", "number"):
            continue
        if column.kind in ("text", "category"):
            found = pd.Series(words_of(column), dtype=object).dropna()
        elif column.kind == "number":
            found = pd.Series(column.values).dropna()
            small = column.whole and found.abs().lt(2.0**53).all()
            found = found.astype(np.int64) if small else found
        else:
            continue
        counts = found.value_counts(sort=False)
        raw[name] = Values(counts.index.tolist(), np.asarray(counts, dtype=np.int64))
    return raw


def _why_left(
    name: str, column: MixedColumn, stored: str, raw: Values | None, wanted: Wanted
) -> str | None:
    """Why a column is left alone, or None."""
    if name == wanted.customer:
        return LOOKS_LIKE_ID[0]
    if name in wanted.never:
        return "named in never"
    if stored not in ("number", "flag", "text", "category"):
        return f"holds {stored}"
    kind = wanted.kinds.get(name)
    if kind is not None:
        return f"holds {PERSON[kind]}" if kind in PERSON else None
    if raw is None or not len(raw.values):
        return None
    if kind_by_name(name) is None and _holds_numeric_text(column):
        return None
    kind = kind_of(name, raw)
    if stored == "number" and kind_by_name(name) != kind and kind != "date":
        return None
    few = kind == "id" and kind_by_name(name) != "id" and len(raw.values) < FEW
    return f"holds {PERSON[kind]}" if kind in PERSON and not few else None


def _why_first(name: str, column: MixedColumn) -> str | None:
    """Why the first column is taken for the customer id, or None."""
    if column.kind in ("instant", "nested") or len(column.values) < FEW:
        return LOOKS_LIKE_ID[1] if _is_named_id(name, column) else None
    if is_first_id(name, column) or (column.kind == "number" and is_like_id(column)):
        return LOOKS_LIKE_ID[1]
    return None


def _is_named_id(name: str, column: MixedColumn) -> bool:
    return column.kind == "number" and is_first_id(name, column)


def _learn(
    column: MixedColumn, stored: str, why: str | None, name: str, wanted: Wanted
) -> dict[str, Any]:
    """Kind, levels and range of a column; one that cannot be filled is left, with the reason."""
    if why is not None:
        return _as_left(why)
    words = stored in ("flag", "category") or wanted.kinds.get(name) in ("category", "postcode")
    words = words or (wanted.kinds.get(name) is None and kind_by_name(name) == "postcode")
    words = words or (column.kind == "text" and not is_numeric_text(column.values))
    if not words:
        numbers = numbers_of(column, name, wanted.owner)
        there = numbers[~np.isnan(numbers)]
        if not len(there):
            return _as_left("holds no value")
        low, high = float(there.min()), float(there.max())
        whole = bool((np.floor(there) == there).all())
        return {"kind": "number", "levels": [], "low": low, "high": high, "whole": whole}
    found = pd.Series(words_of(column), dtype=object).dropna()
    if not len(found):
        return _as_left("holds no value")
    counts = found.value_counts()
    if len(counts) > wanted.max_levels or (len(counts) > len(found) / 2 and len(counts) > FEW):
        return _as_left(f"holds {len(counts):,} different words")
    levels = [str(w) for w, _ in sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))]
    return {"kind": "words", "levels": levels, "low": 0.0, "high": 0.0, "whole": True}


def _holds_numeric_text(column: MixedColumn) -> bool:
    return column.kind == "text" and is_numeric_text(column.values)


def _as_left(why: str) -> dict[str, Any]:
    return {"kind": "left", "why": why, "levels": [], "low": 0.0, "high": 0.0, "whole": False}


def _places(column: MixedColumn, each: Learnt, owner: str) -> Floats:
    """Places of words among the levels of a column, NaN where missing."""
    if column.kind in ("instant", "nested"):
        raise DataError(
            f"{owner}: {each['name']!r} held words or flags in fit and now holds "
            f"{'instants' if column.kind == 'instant' else 'lists or records'}."
        )
    words = words_of(column)
    gone = np.asarray(pd.isna(words))
    found = pd.Index(each["levels"], dtype=object).get_indexer(pd.Index(words, dtype=object))
    places = np.where(found < 0, len(each["levels"]), found).astype(np.float64)
    places[gone] = np.nan
    return places
