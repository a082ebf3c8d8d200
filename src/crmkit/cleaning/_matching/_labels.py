"""What the caller tells of records: pairs of ids, answers on pairs, entities of records."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit.cleaning._matching._coded import Flags, Ints
from crmkit.cleaning._normal._text import as_text
from crmkit.exceptions import DataError

Ids = npt.NDArray[Any]
ANSWER = "match"
UNLABELLED = -1  # the mark of scikit-learn among labels that are whole numbers
MOST_NAMED = 5


def pairs_of_ids(given: Any, name: str, owner: str, sides: tuple[str, str]) -> tuple[Ids, Ids]:
    """Ids on both sides of pairs: a frame (columns `sides`, else its first two) or a list."""
    if _frames.is_frame(given):
        names = _frames.column_names(given, owner)
        if len(names) < 2:
            raise DataError(f"{owner}: {name} must have two columns of ids, got {names}.")
        chosen = sides if set(sides) <= set(names) else tuple(names[:2])
        one, other = (_frames.id_column(given, each, owner) for each in chosen)
        return one, other
    listed = list(given) if _is_listing(given) else [given]
    held = [list(pair) if _is_listing(pair) else [pair] for pair in listed]
    wrong = [pair for pair, parts in zip(listed, held, strict=True) if len(parts) != 2]
    if wrong:
        raise DataError(
            f"{owner}: {name} must be pairs of record ids, such as [('K1', 'K7')], got "
            f"{wrong[0]!r}."
        )
    one, other = (_frames.id_values([pair[side] for pair in held], name, owner) for side in (0, 1))
    return one, other


def answers(given: Any, owner: str) -> tuple[npt.NDArray[np.int64], Flags]:
    """Rows of a frame whose column `match` holds an answer, and the answers."""
    names = _frames.column_names(given, owner)
    if ANSWER not in names:
        raise DataError(
            f"{owner}: labelled pairs need a column {ANSWER!r} that is true for one person and "
            f"false for two. Columns: {names}."
        )
    (raw,) = _frames.coded_columns(given, [ANSWER], owner)
    wrong = [value for value in raw.values if value not in (True, False)]
    if wrong:
        raise DataError(
            f"{owner}: column {ANSWER!r} must be true, false or missing, got {wrong[0]!r}."
        )
    rows = np.flatnonzero(raw.codes >= 0)
    truth = np.array([*(bool(value) for value in raw.values), False])
    return rows, truth[raw.codes[rows]]


def rows_of(ids: Ids | None, wanted: Ids, n: int, name: str, owner: str) -> Ints:
    """Rows of records by their ids; where there are none, the ids are rows from 0."""
    if ids is None:
        rows = wanted if wanted.dtype.kind in "iu" else np.full(len(wanted), -1)
        rows = np.where((rows >= 0) & (rows < n), rows, -1).astype(np.int64)
    else:
        rows = _first_rows(ids, wanted)
    if (rows < 0).any():
        unknown = list(dict.fromkeys(wanted[rows < 0].tolist()))
        shown = ", ".join(map(repr, unknown[:MOST_NAMED]))
        more = f" and {len(unknown) - MOST_NAMED:,} more" if len(unknown) > MOST_NAMED else ""
        how = "rows from 0" if ids is None else "ids of records"
        raise DataError(f"{owner}: {name}: no {how} of the {n:,} known: {shown}{more}.")
    return rows


def entity_codes(y: Any, n: int, owner: str) -> Ints:
    """Entity of each record as codes, -1 where it is unknown: see `_are_unknown`."""
    if _frames.is_frame(y):
        names = _frames.column_names(y, owner)
        (raw,) = _frames.coded_columns(y, names[:1], owner)
        codes, values = raw.codes, list(raw.values)
    else:
        if not _is_listing(y) or getattr(y, "ndim", 1) != 1:
            shape = f" of shape {y.shape}" if hasattr(y, "shape") else ""
            raise DataError(
                f"{owner}: y must hold one label a record, or be a frame of pairs with a column "
                f"{ANSWER!r}, got {type(y).__name__}{shape}."
            )
        told = y.to_pylist() if hasattr(y, "to_pylist") else list(y)
        held = np.empty(len(told), dtype=object)
        held[:] = told
        found, distinct = pd.factorize(held)
        codes, values = np.asarray(found, dtype=np.int64), list(distinct)
    codes = np.append(np.where(_are_unknown(values), -1, np.arange(len(values))), -1)[codes]
    if len(codes) != n:
        raise DataError(
            f"{owner}: y has {len(codes):,} labels for {n:,} records. Give one a record, None "
            f"where it is unknown, or a frame of pairs with a column {ANSWER!r}."
        )
    return codes


def source_codes(values: Sequence[Any], known: list[str]) -> tuple[Ints, list[str]]:
    """Numbers of the sources that these values name, -1 for blank text, and all names.

    A source is known by one name whatever type a table gives it: 1, 1.0 and "1" are one, and so
    are a date and its midnight.
    """
    place = {name: number for number, name in enumerate(known)}
    words = [_name(value) for value in values]
    numbers = [place.setdefault(word, len(place)) if word else -1 for word in words]
    return np.array(numbers, dtype=np.int64), list(place)


def entities_of_units(codes: Ints, unit_of_row: Ints) -> tuple[Ints, Ints, int]:
    """Units whose entity is known, their entities, and how many units have more than one."""
    there = (codes >= 0) & (unit_of_row >= 0)
    told = np.unique(np.stack([unit_of_row[there], codes[there]]), axis=1)
    units, count = np.unique(told[0], return_counts=True)
    agreed = np.isin(told[0], units[count == 1])
    return told[0][agreed], told[1][agreed], int((count > 1).sum())


def chained(units: Ints, entities: Ints) -> tuple[Ints, Ints]:
    """Pairs of neighbours that tie all units of each entity together."""
    order = np.lexsort((units, entities))
    units, entities = units[order], entities[order]
    same = entities[1:] == entities[:-1]
    return units[:-1][same], units[1:][same]


def labelled_among(
    left: Ints, right: Ints, units: Ints, entities: Ints, n: int
) -> tuple[Ints, Flags]:
    """Places of the pairs of which both units have a known entity, and whether it is one."""
    entity = np.full(n, -1, dtype=np.int64)
    entity[units] = entities
    places = np.flatnonzero((entity[left] >= 0) & (entity[right] >= 0))
    return places, entity[left[places]] == entity[right[places]]


def _is_listing(given: Any) -> bool:
    return isinstance(given, Iterable) and not isinstance(given, (str, bytes))


def _are_unknown(labels: Sequence[Any]) -> Flags:
    """Labels that say nothing: blank text, and -1 where all others are whole numbers too."""
    said = [not (isinstance(label, str) and not label.strip()) for label in labels]
    numbers = all(_is_whole(label) for label, there in zip(labels, said, strict=True) if there)
    return np.array(
        [
            not there or (numbers and label == UNLABELLED)
            for label, there in zip(labels, said, strict=True)
        ],
        dtype=bool,
    )


def _is_whole(value: Any) -> bool:
    """Whether a number has no fraction, whatever its type."""
    return isinstance(value, (Real, Decimal)) and isfinite(value) and bool(value % 1 == 0)


def _name(value: Any) -> str:
    """Text of a source."""
    is_number = isinstance(value, (Real, Decimal)) and not isinstance(value, bool)
    return str(int(value)) if is_number and _is_whole(value) else as_text(value).strip()


def _first_rows(ids: Ids, wanted: Ids) -> Ints:
    """First row of each wanted id, -1 where there is none."""
    if (ids.dtype.kind == "U") != (wanted.dtype.kind == "U"):
        return np.full(len(wanted), -1, dtype=np.int64)
    distinct, first = np.unique(ids, return_index=True)
    place = np.minimum(np.searchsorted(distinct, wanted), max(len(distinct) - 1, 0))
    return np.where(distinct[place] == wanted, first[place], -1).astype(np.int64)
