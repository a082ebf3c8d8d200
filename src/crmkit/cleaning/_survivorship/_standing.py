"""How records of an entity stand to each other: trust, age and gaps, and the columns they fill."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._frames import RawColumn
from crmkit.cleaning._normal._forms import normalised
from crmkit.cleaning._normal._kinds import DATES, IGNORE, NUMBERS
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._normal._text import as_text
from crmkit.exceptions import DataError

Ints: TypeAlias = npt.NDArray[np.int64]
NOTHING = -1
TYPED = frozenset(("birth_date", "date", "phone", "postcode", "id"))
"""Kinds whose placeholders databases store as dates and numbers: 1900-01-01, 9999999999."""
SHARED = frozenset(("first_name", "last_name", "city", "state", "country", "category"))
"""Kinds whose right values are likely to be those of other people as well."""


@dataclass(frozen=True, eq=False)
class Standing:
    """One entry a record; smaller is better but for `newness` and `filled`.

    `order` holds the rows by entity, best record first. `entity` is the place of the entity of a
    record, `newness` orders instants (-1 where unknown), `distrust` is
    the place of the source in the order of trust, `filled` counts known values, `rank` joins these
    three, and `place` is the order of the record ids, or of the rows where there are none.
    """

    entity: Ints
    n_entities: int
    newness: Ints
    distrust: Ints
    filled: Ints
    rank: Ints
    place: Ints
    order: Ints


@dataclass(frozen=True, eq=False)
class Field:
    """A column: the code of each record, -1 where missing or blank, and what the codes stand for.

    `forms` gives each value the code of the value whose normal form it shares, -1 for what says
    nothing ("N/A"); values that no choice depends on stand for themselves.
    """

    name: str
    kind: str
    codes: Ints
    values: list[Any]
    forms: Ints

    def text(self, code: int) -> str:
        """A value as text."""
        return shown(self.values[code])


def shown(value: Any) -> str:
    """A value as text, an instant with its time."""
    return str(value) if isinstance(value, datetime.datetime) else as_text(value)


def standing(
    entity: Ints,
    n_entities: int,
    columns: Sequence[RawColumn],
    place: Ints,
    newness: Ints | None,
    distrust: Ints | None,
) -> Standing:
    """How the records stand; without instants or sources these play no part."""
    n = len(entity)
    none = np.zeros(n, dtype=np.int64)
    newness = none if newness is None else newness
    distrust = none if distrust is None else distrust
    filled = none.copy()
    for column in columns:
        filled += column.codes >= 0
    order = np.lexsort((-filled, -newness, distrust))
    step = np.zeros(n, dtype=bool)
    for key in (distrust, newness, filled):
        held = key[order]
        step[1:] |= held[1:] != held[:-1]
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.cumsum(step)
    order = np.lexsort((place, rank, entity))
    return Standing(entity, n_entities, newness, distrust, filled, rank, place, order)


def has_text(values: Sequence[Any]) -> bool:
    """Tell whether some of the values are text."""
    return any(isinstance(value, str) for value in values)


def without_blanks(column: RawColumn) -> RawColumn:
    """A column whose empty texts are missing."""
    kept = [i for i, v in enumerate(column.values) if not isinstance(v, str) or v.strip()]
    if len(kept) == len(column.values):
        return column
    place = np.full(len(column.values) + 1, NOTHING)
    place[kept] = np.arange(len(kept))
    return RawColumn(column.name, place[column.codes], [column.values[i] for i in kept])


def field_of(
    column: RawColumn, kind: str, entity: Ints, n_entities: int, settings: NormalSettings
) -> Field:
    """A column with the forms of the values that a choice can depend on."""
    forms = np.arange(len(column.values), dtype=np.int64)
    seen = np.bincount(column.codes + 1, minlength=len(forms) + 1)[1:]
    forms[seen == 0] = NOTHING
    is_text = has_text(column.values)
    if kind == IGNORE or not (is_text or kind in TYPED):
        return Field(column.name, kind, column.codes, column.values, forms)
    rows = contested(column.codes, entity, n_entities)
    if len(rows) and not is_text:  # values of a type are the same only where they are equal
        asked = np.unique(column.codes[rows])
        texts = normalised([column.values[code] for code in asked], kind, settings)
        forms[asked[[text is None for text in texts]]] = NOTHING
    elif len(rows):
        asked = np.flatnonzero(seen) if kind in SHARED else np.unique(column.codes[rows])
        texts = normalised([column.values[code] for code in asked], kind, settings)
        first: dict[str, int] = {}
        for code, text in zip(asked.tolist(), texts, strict=True):
            forms[code] = NOTHING if text is None else first.setdefault(text, code)
    return Field(column.name, kind, column.codes, column.values, forms)


def contested(codes: Ints, entity: Ints, n_entities: int) -> Ints:
    """Rows with a value in entities whose records have different values."""
    rows = np.flatnonzero(codes >= 0)
    one = np.full(n_entities, NOTHING)
    one[entity[rows]] = codes[rows]  # any of them: another value differs from it
    differs = np.zeros(n_entities, dtype=bool)
    differs[entity[rows][codes[rows] != one[entity[rows]]]] = True
    return rows[differs[entity[rows]]]


def newness_of(column: RawColumn, owner: str) -> Ints:
    """Order of the instants of a column, -1 where missing; text must hold dates, year first.

    Texts such as "N/A" are missing. A date such as 9999-12-31 is an instant as any other: it is how
    databases write the end of what still holds.
    """
    if has_text(column.values):
        column = _read(column, owner)
    values = column.values
    instants = instants_of(values)
    if instants is not None:
        ranks = np.unique(instants, return_inverse=True)[1].astype(np.int64)
        return np.append(ranks, NOTHING)[column.codes]
    try:
        ordered = sorted(set(values))
    except TypeError:
        raise DataError(
            f"{owner}: when={column.name!r} holds values that cannot be put in order (such as "
            f"{values[0]!r}). Convert the column to one type of dates first."
        ) from None
    place = {value: i for i, value in enumerate(ordered)}
    return np.array([*(place[value] for value in values), NOTHING], dtype=np.int64)[column.codes]


def instants_of(values: Sequence[Any]) -> npt.NDArray[np.datetime64] | None:
    """Naive datetimes as an array, to the nanosecond; None for anything else."""
    if not values or not all(isinstance(v, datetime.datetime) and v.tzinfo is None for v in values):
        return None
    try:
        return pd.DatetimeIndex(list(values)).to_numpy()
    except ValueError:  # years that pandas cannot hold
        return None


def distrust_of(column: RawColumn, sources: Sequence[Any]) -> Ints:
    """Place of the source of each record in the order of trust; unnamed ones come last."""
    place = {source: i for i, source in enumerate(sources)}
    last = len(place)
    return np.array([*(place.get(v, last) for v in column.values), last], np.int64)[column.codes]


def size_order(values: Sequence[Any], kind: str, settings: NormalSettings) -> Ints:
    """Order of the values of dates or numbers by size, -1 for what cannot be read."""
    keys: list[Any] = list(values)
    if has_text(values):
        forms = normalised(values, kind, settings)
        keys = [_sized(form, kind) for form in forms]
    known = sorted({key for key in keys if key is not None})
    place = {key: i for i, key in enumerate(known)}
    return np.array([NOTHING if key is None else place[key] for key in keys], dtype=np.int64)


def _sized(form: str | None, kind: str) -> Any:
    if form is None:
        return None
    if kind in NUMBERS:
        return Decimal(form)  # exact: ids of 17 digits are numbers too
    try:
        return datetime.date.fromisoformat(form) if kind in DATES else None
    except ValueError:
        return None


def _read(column: RawColumn, owner: str) -> RawColumn:
    """A column of texts as one of instants, without those that say nothing."""
    instants = [_instant(value, column.name, owner) for value in column.values]
    kept = [i for i, instant in enumerate(instants) if instant is not None]
    place = np.full(len(instants) + 1, NOTHING)
    place[kept] = np.arange(len(kept))
    return RawColumn(column.name, place[column.codes], [instants[i] for i in kept])


def _instant(value: Any, name: str, owner: str) -> Any:
    try:
        return datetime.datetime.fromisoformat(value.strip())
    except (ValueError, AttributeError):
        if normalised([value], "date") == [None]:
            return None
        raise DataError(
            f"{owner}: when={name!r} holds {value!r}, which is no ISO 8601 date or time. Parse "
            f"the column first, for example with pd.to_datetime."
        ) from None
