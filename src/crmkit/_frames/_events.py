"""Events in the caller's frame to customers in the caller's frame; each engine by its own route."""

from typing import Any

import narwhals.stable.v2 as nw
import numpy.typing as npt

from crmkit._frames._native import SUPPORTED, hand_back, wrap
from crmkit._frames._plain import PlainFrame
from crmkit._frames._reduce import CustomerTotals, Reduction, reduce_in_memory
from crmkit._frames._reduce_duckdb import reduce_in_duckdb
from crmkit.exceptions import DataError


def reduce_events(data: object, ask: Reduction, owner: str) -> CustomerTotals:
    """Reduce events to one entry per customer: inside DuckDB, else on integers in memory."""
    if isinstance(data, PlainFrame):
        return reduce_in_memory(data, ask)
    engine = wrap(data, owner).implementation
    if engine.is_duckdb():
        return reduce_in_duckdb(data, ask)
    if engine.is_pandas() or engine.is_polars() or engine.is_pyarrow():
        return reduce_in_memory(data, ask)
    raise DataError(f"{owner}: frames of {engine} are not read yet; use {SUPPORTED}.")


def customers_like(
    data: object,
    customer: str,
    totals: CustomerTotals,
    columns: dict[str, npt.NDArray[Any]],
    time_zone: str | None,
) -> Any:
    """Frame of the ids and the columns, in the library of `data`; instants in `time_zone`."""
    if isinstance(data, PlainFrame):
        aware = [n for n, c in columns.items() if c.dtype.kind == "M" and time_zone is not None]
        zones = dict.fromkeys(aware, str(time_zone))
        return PlainFrame({customer: totals.ids, **columns}, zones)
    backend = totals.ids.implementation
    table = nw.maybe_reset_index(totals.ids.alias(customer).to_frame())
    made = []
    for name, values in columns.items():
        series = nw.new_series(name, values, backend=backend)
        if values.dtype.kind == "M" and time_zone is not None:
            series = series.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone)
        made.append(series)
    return hand_back(nw.to_native(table.with_columns(*made)), like=data)


def engine_name(data: object, owner: str) -> tuple[str, int | None]:
    """Name of the library of a frame, and its rows where counting them costs nothing."""
    if isinstance(data, PlainFrame):
        return "plain", len(data)
    frame = wrap(data, owner)
    n_rows = None if isinstance(frame, nw.LazyFrame) else len(frame)
    return frame.implementation.value, n_rows
