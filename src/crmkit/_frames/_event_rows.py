"""The events of a frame as numbers that still know their rows: for whoever takes a log apart."""

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from crmkit._frames._event_facts import wrap_events
from crmkit._frames._id_columns import id_values
from crmkit._frames._native import eager, refuse_spark
from crmkit._frames._reduce import (
    Floats,
    Integers,
    Reduction,
    _encode,
    _local,
    _relevant_rows,
    period_numbers,
)

ROW, ITEM = "crmkit_row", "item"


@dataclass(frozen=True, eq=False)
class EventRows:
    """One entry per event that counts, in the order of the frame.

    `row` is its number in the frame; `customer` and `item` are places in the ascending ids, the
    item -1 where it is missing; `us` is the instant in microseconds, `day` its local day since
    1970; `order` numbers the orders in order of their id, a missing one has a number of its own.
    """

    customers: npt.NDArray[Any]
    items: npt.NDArray[Any]
    row: Integers
    customer: Integers
    item: Integers
    us: Integers
    day: Integers
    order: Integers | None
    amount: Floats | None
    returned: npt.NDArray[np.bool_]


def event_rows(data: Any, ask: Reduction, item: str, owner: str) -> EventRows:
    """Read the events of an eager frame that a `Reduction` asks for, and their items."""
    held = wrap_events(data, ask.columns)
    refuse_spark(held, owner)
    frame = eager(held).with_row_index(ROW)
    table = _relevant_rows(frame, ask, {ROW: nw.col(ROW), ITEM: nw.col(item)})
    customers, customer = _ranked(table["customer"], owner)
    items, code = _ranked(table[ITEM], owner)
    order = None
    if ask.columns.order is not None:
        order = _numbered(table["order"])
    amount = None
    if ask.columns.amount is not None:
        amount = np.asarray(table["amount"].to_numpy(), dtype=np.float64)
    us = np.asarray(table["us"].to_numpy(), dtype=np.int64)
    return EventRows(
        customers=customers,
        items=items,
        row=np.asarray(table[ROW].to_numpy(), dtype=np.int64),
        customer=customer,
        item=code,
        us=us,
        day=period_numbers(_local(table, us), "D"),
        order=order,
        amount=amount,
        returned=np.asarray(table["returned"].to_numpy(), dtype=bool),
    )


def _ranked(series: "nw.Series[Any]", owner: str) -> tuple[npt.NDArray[Any], Integers]:
    """Distinct ids, ascending, and the place of each row, -1 where the id is missing."""
    codes, distinct = _encode(series)
    ids = id_values(distinct, repr(series.name), owner)
    return np.sort(ids), np.append(_ranks(ids), -1)[np.minimum(codes, len(ids))]


def _numbered(series: "nw.Series[Any]") -> Integers:
    """Numbers of orders by id, those of missing ids behind."""
    codes, distinct = _encode(series)
    ids = distinct if distinct.dtype.is_numeric() else distinct.cast(nw.String)
    ranks = _ranks(np.asarray(ids.to_list()))
    missing = codes >= len(ranks)
    return np.where(missing, codes, np.append(ranks, 0)[np.where(missing, 0, codes)])


def _ranks(values: npt.NDArray[Any]) -> Integers:
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks
