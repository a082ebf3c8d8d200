"""The events of a frame as whole numbers: customers, periods and codes, for whoever sorts them.

Unlike a reduction this keeps returns apart from purchases and reads further columns, so that one
reading serves every cut-off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._frames._event_facts import in_utc
from crmkit._frames._id_columns import ascending
from crmkit._frames._native import (
    eager,
    hand_back,
    quoted,
    refuse_spark,
    require_columns,
    wrap,
)
from crmkit._frames._plain import PlainFrame
from crmkit._frames._reduce import (
    MICROSECONDS_A_DAY,
    Floats,
    Integers,
    Reduction,
    _encode,
    known_events,
    period_numbers,
)
from crmkit.exceptions import DataError


@dataclass(frozen=True)
class Events:
    """One entry per event that counts, in any order; customers are numbered in order of their id.

    `customer` is the place of the id in `ids`; `period` counts local periods since 1970; `returned`
    tells returns, whose amount is not above zero, and is None where there are none. `codes` number
    the values of the order column (under None) and of further columns; a missing order has a code
    of its own from `n_orders` on, other missing values have -1. `values` are what the codes stand
    for, ascending. `clock` is the local time of day in microseconds, where it was asked for.
    """

    ids: Any
    customer: Integers
    period: Integers
    amount: Floats | None
    returned: npt.NDArray[np.bool_] | None
    codes: Mapping[str | None, Integers]
    values: Mapping[str, list[Any]]
    n_orders: int = 0
    clock: Integers | None = None


def read_events(
    data: Any, ask: Reduction, extra: Sequence[str], owner: str, *, clock: bool = False
) -> Events:
    """Read the events that a `Reduction` asks for, and `extra` columns, into arrays.

    The `clock` can be told where the period is not "h".
    """
    if not isinstance(data, PlainFrame):
        data = _in_memory(data, ask, extra, owner)
    known = known_events(data, ask, extra)
    codes, ids = _encode(known.customer)
    if not isinstance(ids, np.ndarray):  # arrays are numbered in order
        place = _places(ids)
        if (np.diff(place) != 1).any():
            ids, codes = ids[np.argsort(place)], place[codes]
    numbers: dict[str | None, Integers] = {}
    n_orders = 0
    if known.order is not None:
        numbers[None], orders = _encode(known.order)
        n_orders = len(orders)
    values: dict[str, list[Any]] = {}
    for name, column in zip(extra, known.extra, strict=True):
        found, distinct = _encode(column)
        if isinstance(distinct, np.ndarray):
            numbers[name], values[name] = found, distinct.tolist()
            continue
        place = np.append(_places(distinct), -1)
        numbers[name] = place[np.minimum(found, len(distinct))]
        values[name] = _listed(distinct[np.argsort(place[:-1])])
    return Events(
        ids=ids,
        customer=codes,
        period=period_numbers(known.local, ask.period),
        amount=known.amount,
        returned=known.returned if known.returned.any() else None,
        codes=numbers,
        values=values,
        n_orders=n_orders,
        clock=known.local % MICROSECONDS_A_DAY if clock else None,
    )


def _in_memory(data: Any, ask: Reduction, extra: Sequence[str], owner: str) -> Any:
    """The frame, or the needed columns of a relation."""
    frame = wrap(data, owner)
    require_columns(frame, dict.fromkeys(extra), owner)
    refuse_spark(frame, owner)
    if not frame.implementation.is_duckdb():
        return data
    parts = dict.fromkeys([*ask.columns.named().values(), *extra])
    wanted = ", ".join(quoted(name) for name in parts)
    return data.query("crmkit_events", f"SELECT {wanted} FROM crmkit_events").to_arrow_table()


def _listed(values: Any) -> list[Any]:
    listed: list[Any] = values.tolist() if isinstance(values, np.ndarray) else values.to_list()
    return listed


def _places(values: Any) -> Integers:
    """Place of each distinct value in ascending order."""
    order = ascending(values)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place


def matrix_frame(
    columns: Mapping[str, npt.NDArray[Any]],
    *,
    like: Any,
    owner: str,
    for_duckdb: Literal["pandas", "pyarrow"] = "pandas",
) -> Any:
    """Eager frame of columns, in the library of `like`; where they can be they are not copied."""
    if isinstance(like, PlainFrame):
        return PlainFrame(dict(columns))
    backend: Any = wrap(like, owner).implementation
    if backend.is_duckdb() or backend.is_pyspark() or backend.is_pyspark_connect():
        backend = for_duckdb
    if backend == "pandas" or getattr(backend, "is_pandas", bool)():
        return pd.DataFrame(columns, copy=False)
    return nw.to_native(nw.from_dict(columns, backend=backend))


def beside_ids(
    data: Any, customer: str, ids: "nw.Series[Any]", columns: dict[str, npt.NDArray[Any]]
) -> Any:
    """Frame of ids and the columns beside them, in the library of the frame of events `data`."""
    table = nw.maybe_reset_index(ids.alias(customer).to_frame())
    made = [nw.new_series(k, v, backend=ids.implementation) for k, v in columns.items()]
    return hand_back(nw.to_native(table.with_columns(*made)), like=data)


def beside(ids: Any, customer: str, columns: Mapping[str, npt.NDArray[Any]], matrix: Any) -> Any:
    """Eager frame of ids, columns and the columns of an eager frame, in the library of that."""
    if isinstance(matrix, PlainFrame):
        return PlainFrame({customer: np.asarray(ids), **columns, **matrix.columns})
    table: nw.DataFrame[Any] = nw.from_native(matrix, eager_only=True)
    backend = table.implementation
    if ids.implementation != backend:
        ids = nw.from_native(ids.to_pandas(), series_only=True)
    front = nw.maybe_reset_index(ids.alias(customer).to_frame())
    made = [nw.new_series(k, v, backend=backend) for k, v in columns.items()]
    made += [table[name] for name in table.columns]
    return nw.to_native(front.with_columns(*made))


def local_days(data: Any, name: str, time_zone: str | None, owner: str) -> Floats:
    """Days since 1970 of a column of instants or dates, local in a zone; NaN where missing.

    Dates are days already, in whatever zone.
    """
    if isinstance(data, PlainFrame):
        local = data.local_microseconds(name, time_zone)
        return period_numbers(local, "D").astype(np.float64)
    frame = wrap(data, owner)
    require_columns(frame, {name: None}, owner)
    column = eager(in_utc(frame.select(name), name))[name]
    if column.null_count() == len(column):
        return np.full(len(column), np.nan)
    if column.dtype == nw.Object:
        return _days_of_dates(column.to_list(), name, owner)
    if column.dtype == nw.Date:
        column, time_zone = column.cast(nw.Datetime("us")), None
    elif column.dtype != nw.Datetime:
        raise DataError(
            f"{owner}: {name!r} is {column.dtype}: it must hold dates or datetimes. Parse it first."
        )
    else:
        _check_clock(column, name, time_zone, owner)
    if time_zone is not None:
        column = column.dt.convert_time_zone(time_zone).dt.replace_time_zone(None)
    missing = np.asarray(column.is_null().to_numpy(), dtype=bool)
    days = np.full(len(missing), np.nan)
    known = column.filter(~column.is_null()).dt.timestamp("us").to_numpy()
    days[~missing] = period_numbers(np.asarray(known, dtype=np.int64), "D")
    return days


def _check_clock(column: "nw.Series[Any]", name: str, time_zone: str | None, owner: str) -> None:
    """Refuse naive instants beside aware events, and the other way round."""
    aware = getattr(column.dtype, "time_zone", None) is not None
    if aware is not (time_zone is not None):
        kinds = ("timezone-aware", "naive") if aware else ("naive", "timezone-aware")
        raise DataError(f"{owner}: {name!r} is {kinds[0]}, the events are {kinds[1]}: use one way.")


def _days_of_dates(values: list[Any], name: str, owner: str) -> Floats:
    """Days since 1970 of Python's dates; NaN where missing."""
    days = np.full(len(values), np.nan)
    for row, value in enumerate(values):
        if isinstance(value, date) and not isinstance(value, datetime):
            days[row] = value.toordinal() - date(1970, 1, 1).toordinal()
        elif not (value is None or value is pd.NA or value != value):
            raise DataError(
                f"{owner}: {name!r} holds Python objects that are no dates (first at row {row:,}: "
                f"{value!r}). Convert it first, for example with pd.to_datetime."
            )
    return days


def take_rows(data: Any, rows: Integers, owner: str) -> Any:
    """Rows of an eager frame by number, in the library of the frame; an index is renewed."""
    return nw.to_native(nw.maybe_reset_index(eager(wrap(data, owner))[rows]))
