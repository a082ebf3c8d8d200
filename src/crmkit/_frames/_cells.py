"""Cells of a frame taken from other rows or written anew: columns keep library, type and place."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from crmkit._frames._id_columns import check_id_type, id_frame, id_types, id_values
from crmkit._frames._native import (
    _column,
    _text,
    eager,
    hand_back,
    quoted,
    require_columns,
    wrap,
)
from crmkit._frames._plain import PlainFrame, encoded
from crmkit._frames._reduce import Integers, _encode

Change = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]


def take_cells(data: Any, rows: Mapping[str, Integers], owner: str) -> Any:
    """Eager frame of some columns, each with rows of its own; all must be as many.

    A row below 0 makes a cell that is missing; a table without a row has none to take.
    """
    frame = wrap(data, owner)
    require_columns(frame, dict.fromkeys(rows), owner)
    table = eager(frame.select(*rows))
    made = []
    for name, place in rows.items():
        missing = place < 0
        cells = nw.maybe_reset_index(table[name][np.where(missing, 0, place)])
        made.append(_with_gaps(cells, missing).alias(name) if missing.any() else cells)
    front = made[0].to_frame()
    return nw.to_native(front.with_columns(*made[1:]))


def write_columns(
    data: Any, columns: Mapping[str, npt.ArrayLike], owner: str, *, text: Collection[str] = ()
) -> Any:
    """Eager frame with columns written anew where they stand; an index of pandas is kept."""
    table = eager(wrap(data, owner))
    backend = table.implementation
    made = [
        _text(name, values, backend) if name in text else _column(name, values, backend)
        for name, values in columns.items()
    ]
    return nw.to_native(table.with_columns(*made))


def change_ids(data: Any, name: str, change: Change, owner: str) -> Any:
    """Frame with other ids in one column: distinct ids in, one id for each out of `change`.

    Rows, their order and the other columns stay; missing ids stay missing. Where `change` gives
    ids of the kind that it gets, the column keeps its type.
    """
    if isinstance(data, PlainFrame):
        codes, distinct = encoded(data.column(name, owner))
        return data.with_columns({name: change(distinct)[codes]})
    frame = wrap(data, owner)
    require_columns(frame, {name: None}, owner)
    check_id_type(data, name, owner)
    if frame.implementation.is_duckdb():
        return _changed_in_duckdb(data, name, change, owner)
    table = eager(frame)
    series = table[name]
    codes, distinct = _encode(series)
    old = id_values(distinct, repr(name), owner)
    new = change(old)
    told = id_types(nw.to_native(table), [name], owner)
    if new.dtype.kind != old.dtype.kind and {new.dtype.kind, old.dtype.kind} != {"i", "u"}:
        told["types"] = {}
    typed = nw.from_native(id_frame({name: new}, told), eager_only=True)[name]
    if len(new):
        typed = nw.maybe_reset_index(typed[np.minimum(codes, len(new) - 1)])
    missing = codes >= len(new)
    if missing.any():
        typed = _with_gaps(typed, missing) if len(new) else series
    changed = table.with_columns(typed.alias(name))
    return hand_back(nw.to_native(changed), like=data, keep=table.columns)


def _with_gaps(series: "nw.Series[Any]", missing: npt.NDArray[np.bool_]) -> "nw.Series[Any]":
    """A series that is missing in some rows."""
    known = nw.new_series("known", ~missing, backend=series.implementation)
    table = series.alias("value").to_frame().with_columns(known)
    return table.select(nw.when(nw.col("known")).then(nw.col("value")))["value"]


def _changed_in_duckdb(relation: Any, name: str, change: Change, owner: str) -> Any:
    """The same inside duckdb: only distinct ids leave it."""
    import pyarrow as pa

    column = quoted(name)
    ids = f"SELECT DISTINCT {column} FROM crmkit_events WHERE {column} IS NOT NULL"
    old = id_values(relation.query("crmkit_events", ids).to_arrow_table(), repr(name), owner)
    new = change(old)
    kind = dict(zip(relation.columns, relation.types, strict=True))[name]
    told = {"crmkit_old": old, "crmkit_new": new}
    crmkit_ids = pa.table(  # the query finds it by this name
        {
            k: pa.array(v.tolist(), pa.string()) if v.dtype.kind == "U" else v
            for k, v in told.items()
        }
    )
    same = new.dtype.kind == old.dtype.kind
    if not crmkit_ids.num_rows:
        return relation
    made = f"CAST(crmkit_new AS {kind})" if same else "crmkit_new"
    columns = ", ".join(
        made + " AS " + column if c == name else quoted(c) for c in relation.columns
    )
    sql = (
        f"SELECT {columns} FROM crmkit_events LEFT JOIN crmkit_ids "
        f"ON crmkit_events.{column} = CAST(crmkit_ids.crmkit_old AS {kind})"
    )
    return relation.query("crmkit_events", sql)
