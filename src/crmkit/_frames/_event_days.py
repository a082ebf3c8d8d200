"""The events of a frame as whole numbers: customers, local days and codes, for whoever sorts them.

Unlike a reduction this keeps returns apart from purchases and reads further columns, so that one
reading serves every cut-off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from crmkit._frames._event_facts import wrap_events
from crmkit._frames._native import eager, quoted, require_columns, wrap
from crmkit._frames._reduce import (
    Floats,
    Integers,
    Reduction,
    _encode,
    _local,
    _relevant_rows,
    period_numbers,
)


@dataclass(frozen=True)
class EventDays:
    """One entry per event that counts, in any order; customers are numbered in order of their id.

    `customer` is the place of the id in `ids`; `day` counts local days since 1970; `returned`
    tells returns, whose amount is not above zero, and is None where there are none. `codes` number
    the values of the order column (under None) and of further columns; a missing order has a code
    of its own, other missing values have -1. `values` are what the codes of a column stand for.
    """

    ids: "nw.Series[Any]"
    customer: Integers
    day: Integers
    amount: Floats | None
    returned: npt.NDArray[np.bool_] | None
    codes: Mapping[str | None, Integers]
    values: Mapping[str, list[Any]]


def event_days(data: Any, ask: Reduction, extra: Sequence[str], owner: str) -> EventDays:
    """Read the events that a `Reduction` asks for, and `extra` columns, into arrays."""
    require_columns(wrap(data, owner), dict.fromkeys(extra), owner)
    if wrap(data, owner).implementation.is_duckdb():
        parts = dict.fromkeys([*ask.columns.named().values(), *extra])
        wanted = ", ".join(quoted(name) for name in parts)
        data = data.query("crmkit_events", f"SELECT {wanted} FROM crmkit_events").to_arrow_table()
    named = {f"extra_{i}": nw.col(name) for i, name in enumerate(extra)}
    table = _relevant_rows(wrap_events(data, ask.columns), ask, named)
    codes, ids = _encode(table["customer"])
    place = _places(ids)
    if place is not None:
        ids, codes = ids[np.argsort(place)], place[codes]
    returned = np.asarray(table["returned"].to_numpy(), dtype=bool)
    amount = None
    if ask.columns.amount is not None:
        amount = np.asarray(table["amount"].to_numpy(), dtype=np.float64)
    moments = np.asarray(table["us"].to_numpy(), dtype=np.int64)
    numbers: dict[str | None, Integers] = {}
    if ask.columns.order is not None:
        numbers[None] = _encode(table["order"])[0]
    values: dict[str, list[Any]] = {}
    for name, column in zip(extra, named, strict=True):
        found, distinct = _encode(table[column])
        numbers[name] = np.where(found < len(distinct), found, -1)
        values[name] = distinct.to_list()
    return EventDays(
        ids=ids,
        customer=codes,
        day=period_numbers(_local(table, moments), "D"),
        amount=amount,
        returned=returned if returned.any() else None,
        codes=numbers,
        values=values,
    )


def _places(ids: "nw.Series[Any]") -> Integers | None:
    """Place of each id in ascending order; None where they are in it already."""
    keyed = (ids if ids.dtype.is_integer() else ids.cast(nw.String)).alias("id").to_frame()
    order = np.asarray(keyed.with_row_index("row").sort("id")["row"].to_numpy(), dtype=np.int64)
    if (np.diff(order) == 1).all():
        return None
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place


def matrix_frame(
    rows: Floats, names: Sequence[str], *, like: Any, owner: str, for_duckdb: str = "pandas"
) -> Any:
    """Eager frame of a matrix with one row per column, in the library of `like`."""
    backend: Any = wrap(like, owner).implementation
    if backend.is_duckdb():
        backend = for_duckdb
    return nw.to_native(nw.from_numpy(rows.T, schema=list(names), backend=backend))


def beside(
    ids: "nw.Series[Any]", customer: str, columns: Mapping[str, npt.NDArray[Any]], matrix: Any
) -> Any:
    """Eager frame of ids, columns and the columns of an eager frame, in the library of that."""
    table: nw.DataFrame[Any] = nw.from_native(matrix, eager_only=True)
    backend = table.implementation
    if ids.implementation != backend:
        ids = nw.from_native(ids.to_pandas(), series_only=True)
    front = nw.maybe_reset_index(ids.alias(customer).to_frame())
    made = [nw.new_series(k, v, backend=backend) for k, v in columns.items()]
    made += [table[name] for name in table.columns]
    return nw.to_native(front.with_columns(*made))


def take_rows(data: Any, rows: Integers, owner: str) -> Any:
    """Rows of an eager frame by number, in the library of the frame; an index is renewed."""
    return nw.to_native(nw.maybe_reset_index(eager(wrap(data, owner))[rows]))
