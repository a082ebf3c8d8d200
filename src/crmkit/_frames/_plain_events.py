"""Events held in a `PlainFrame`: their counts, and the rows that a reduction asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crmkit._frames._plain import PlainFrame, once
from crmkit.exceptions import DataError

if TYPE_CHECKING:
    from crmkit._frames._event_facts import EventColumns
    from crmkit._frames._reduce import Reduction

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class KnownEvents:
    """Columns of the events that count, in any order; `customer`, `order` and `extra` as they lie.

    `us` are instants in microseconds, `local` what the clock on the wall shows.
    """

    customer: Any
    us: Integers
    local: Integers
    amount: Floats | None
    order: Any
    returned: Flags
    extra: list[Any]

    def rows(self, kept: Flags) -> "KnownEvents":
        """Some of the events, where all columns are arrays."""
        parts = {name: each for name, each in vars(self).items() if each is not None}
        extra = [column[kept] for column in parts.pop("extra")]
        return replace(self, extra=extra, **{name: each[kept] for name, each in parts.items()})


def check_plain(data: PlainFrame, columns: "EventColumns", owner: str) -> None:
    """Refuse names that are not among the columns."""
    for part, name in columns.named().items():
        if name not in data.columns:
            raise DataError.missing_column(owner, name, data.columns, part)


def plain_facts(
    data: PlainFrame, columns: "EventColumns", min_amount: float | None
) -> dict[str, Any]:
    """Counts over all events, under the names of `EventFacts`."""
    returned, us = returns_of(data, columns), data.microseconds(columns.when)
    facts = {
        "n_rows": len(data),
        "n_null_customers": 0,
        "n_returns": int(np.count_nonzero(returned)),
        "n_zero_amounts": 0,
        "n_below_min_amount": 0,
        "returns_amount": 0.0,
        "purchase_amount": 0.0,
        "first_us": int(us.min()),
        "last_us": int(us.max()),
        "column_time_zone": data.zones.get(columns.when),
    }
    if columns.amount is not None:
        amount = data.columns[columns.amount]
        facts["n_zero_amounts"] = int(np.count_nonzero(amount == 0))
        facts["returns_amount"] = -float(np.abs(amount[returned]).sum())
        facts["purchase_amount"] = float(amount[~returned].sum())
        if min_amount is not None:
            below = ~returned & (amount < float(min_amount))
            facts["n_below_min_amount"] = int(np.count_nonzero(below))
    return facts


def plain_events(data: PlainFrame, ask: "Reduction", extra: Sequence[str]) -> KnownEvents:
    """The events that a `Reduction` asks for, with further columns."""
    columns = ask.columns
    us, returned = data.microseconds(columns.when), returns_of(data, columns)
    zone = None if ask.period == "h" else ask.time_zone
    local = data.local_microseconds(columns.when, zone)
    amount = None
    if columns.amount is not None:
        amount = data.columns[columns.amount]
        if columns.quantity is not None:
            amount = np.where(returned, -np.abs(amount), amount)
    keep = us < ask.as_of_us
    if not ask.net_returns:
        keep = keep & ~returned
    if ask.min_amount is not None and amount is not None:
        keep = keep & (returned | (amount >= float(ask.min_amount)))
    known = KnownEvents(
        customer=data.columns[columns.customer],
        us=us,
        local=local,
        amount=amount,
        order=None if columns.order is None else data.columns[columns.order],
        returned=returned,
        extra=[data.columns[name] for name in extra],
    )
    return known if keep.all() else known.rows(keep)


def returns_of(data: PlainFrame, columns: "EventColumns") -> Flags:
    """Which events are returns: a negative amount or quantity; looked for once."""
    key = ("returns", columns.amount, columns.quantity)
    flags: Flags = once(data, key, lambda: _returns(data, columns))
    return flags


def _returns(data: PlainFrame, columns: "EventColumns") -> Flags:
    returned = np.zeros(len(data), dtype=bool)
    for name in (columns.amount, columns.quantity):
        if name is not None:
            returned |= data.columns[name] < 0
    return returned
