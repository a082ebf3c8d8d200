"""From a frame of records to the rows that give each entity its values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.cleaning._normal._change_report import records_with
from crmkit.cleaning._normal._detect import Values, kind_of
from crmkit.cleaning._normal._forms import for_column
from crmkit.cleaning._normal._settings import UNKNOWN, NormalSettings
from crmkit.cleaning._survivorship._choice import best_standing, chosen_rows
from crmkit.cleaning._survivorship._golden_ids import OWNER, check_records, place_of
from crmkit.cleaning._survivorship._made import made_values
from crmkit.cleaning._survivorship._rules import Part
from crmkit.cleaning._survivorship._standing import (
    Field,
    Ints,
    Standing,
    contested,
    field_of,
    has_text,
    shown,
)
from crmkit.exceptions import DataError

LOOKED_AT = 20_000  # records from which kinds of columns are told


@dataclass(frozen=True, eq=False)
class Ids:
    """Entity of each record, as a place in the ascending `entities`, and the ids of the records.

    `place` is the order of the records by id, or by row where they have no ids.
    """

    entity: Ints
    entities: npt.NDArray[Any]
    records: npt.NDArray[Any] | None
    place: Ints


@dataclass(frozen=True, eq=False)
class Chosen:
    """What was chosen: the row of each entity for each column, and values that are new."""

    ids: Ids
    at: Standing
    anyone: Ints
    fields: dict[str, Field]
    rows: dict[str, Ints]
    made: dict[str, list[Any]]


def read_ids(table: Any, entity: str, record: str | None) -> Ids:
    """Entities and records of a frame, checked."""
    codes, entities = _frames.id_codes(table, entity, OWNER)
    if not len(codes):
        raise DataError(f"{OWNER}: there are no records.")
    order = np.argsort(entities, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    of_row, entities = rank[codes], entities[order]
    records = None
    if record is not None:
        records = _frames.id_column(table, record, OWNER)
        check_records(records, of_row, entities, record)
    return Ids(of_row, entities, records, place_of(records, len(of_row)))


def found_kinds(
    raw: Sequence[_frames.RawColumn], given: Mapping[str, str], ids: Ids
) -> dict[str, str]:
    """Kind of each column; of a long list they are told from entities at equal distances."""
    step = max(len(ids.entity) // LOOKED_AT, 1)
    rows = np.flatnonzero(ids.entity % step == 0)
    return {c.name: given.get(c.name) or kind_of(c.name, _some(c, rows)) for c in raw}


def _some(column: _frames.RawColumn, rows: Ints) -> Values:
    """Values of a column in some rows."""
    if len(rows) == len(column.codes):
        return Values(column.values, records_with(column))
    codes = column.codes[rows]
    seen, counts = np.unique(codes[codes >= 0], return_counts=True)
    return Values([column.values[code] for code in seen.tolist()], counts.astype(np.int64))


def date_order(column: _frames.RawColumn) -> str:
    """Order of day and month of a column of dates."""
    if not has_text(column.values):
        return UNKNOWN
    texts = [shown(value) for value in column.values]
    return for_column(texts, "date", NormalSettings()).date_order or UNKNOWN


def choose(
    raw: Sequence[_frames.RawColumn],
    kinds: Mapping[str, str],
    orders: Mapping[str, Any],
    parts: Sequence[Part],
    ids: Ids,
    at: Standing,
) -> Chosen:
    """Follow the rules of the parts."""
    settings = {name: NormalSettings(date_order=orders.get(name)) for name in kinds}
    fields = {
        c.name: field_of(c, kinds[c.name], ids.entity, at.n_entities, settings[c.name]) for c in raw
    }
    anyone = best_standing(at, np.ones(len(ids.entity), dtype=bool))
    rows: dict[str, Ints] = {}
    made: dict[str, list[Any]] = {}
    for part in parts:
        name = part.names[0]
        if callable(part.rule):
            rows[name], values = made_values(
                part.rule, fields[name], at, anyone, ids.entities, OWNER
            )
            made |= {} if values is None else {name: values}
        else:
            own = [fields[each] for each in part.names]
            best = chosen_rows(part, own, at, anyone, settings[name])
            rows |= dict.fromkeys(part.names, best)
    return Chosen(ids, at, anyone, fields, rows, made)


def n_contested(field: Field, at: Standing) -> int:
    """Number of entities whose records differ in a column by more than the way of writing."""
    rows = contested(field.codes, at.entity, at.n_entities)
    entity, forms = at.entity[rows], field.forms[field.codes[rows]]
    return len(np.unique(entity[contested(forms, entity, at.n_entities)]))
