"""The events of a frame line by line, as integers and amounts: for whoever needs more than sums."""

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from crmkit._frames._event_facts import wrap_events
from crmkit._frames._native import hand_back, quoted, wrap
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
class EventLines:
    """One entry per event that counts, in any order; customers are numbered in order of their id.

    `customer` is the place of the id in `ids`; `period` counts whole periods since 1970;
    `bought` is False for a return that is netted; `amount` is zero where there is no money.
    """

    ids: "nw.Series[Any]"
    customer: Integers
    period: Integers
    amount: Floats
    bought: npt.NDArray[np.bool_]


def event_lines(data: Any, ask: Reduction, owner: str) -> EventLines:
    """Read the events that a `Reduction` asks for, of any library, into arrays."""
    if wrap(data, owner).implementation.is_duckdb():
        wanted = ", ".join(quoted(name) for name in dict.fromkeys(ask.columns.named().values()))
        data = data.query("crmkit_events", f"SELECT {wanted} FROM crmkit_events").to_arrow_table()
    table = _relevant_rows(wrap_events(data, ask.columns), ask)
    codes, ids = _encode(table["customer"])
    keyed = (ids if ids.dtype.is_integer() else ids.cast(nw.String)).alias("id").to_frame()
    order = np.asarray(keyed.with_row_index("row").sort("id")["row"].to_numpy(), dtype=np.int64)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    moments = np.asarray(table["us"].to_numpy(), dtype=np.int64)
    amount = np.zeros(len(codes))
    if ask.columns.amount is not None:
        amount = np.asarray(table["amount"].to_numpy(), dtype=np.float64)
    return EventLines(
        ids=ids[order],
        customer=place[codes],
        period=period_numbers(_local(table, moments), ask.period),
        amount=amount,
        bought=~np.asarray(table["returned"].to_numpy(), dtype=bool),
    )


def beside_ids(
    data: Any, customer: str, ids: "nw.Series[Any]", columns: dict[str, npt.NDArray[Any]]
) -> Any:
    """Frame of ids and the columns beside them, in the library of the frame of events `data`."""
    table = nw.maybe_reset_index(ids.alias(customer).to_frame())
    made = [nw.new_series(k, v, backend=ids.implementation) for k, v in columns.items()]
    return hand_back(nw.to_native(table.with_columns(*made)), like=data)
