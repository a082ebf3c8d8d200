"""Who is asked for: known customers, unknown ones, and histories that come with the call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.events._event_log import EventLog
from crmkit.events._instants import on_log_clock
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.recommend._history import BLOCK, Histories
from crmkit.recommend._ids import Ids, find
from crmkit.recommend._interactions import (
    Interactions,
    Whole,
    last_day_before,
    read_interactions,
    spans,
)

COLUMNS = ("customer", "item")
RULES = ("tz", "min_amount")
"""What a model keeps of the log beside the names of columns."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Customers who are asked for, in the caller's order, and where their lines are.

    Attributes
    ----------
    ids : ndarray
        Raw ids, each once.
    known : ndarray of int
        Place among the fitted customers, -1 for unknown ones.
    given : ndarray of bool
        Whose history came with the call.
    lines : Interactions
        Where the lines of the customers are: row i of them starts at low[i] and ends at high[i].
    """

    ids: Ids
    known: Whole
    given: npt.NDArray[np.bool_]
    lines: Interactions
    low: Whole
    high: Whole
    last_day: int

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def kind(self) -> Whole:
        """0 for a customer of the fit, 1 for a history of the call, 2 where nothing is known."""
        return np.where(self.low == self.high, 2, np.where(self.given, 1, 0))

    def blocks(self, size: int = BLOCK) -> Iterator[tuple[slice, Histories]]:
        """Histories of `size` customers at a time, sharing one buffer for their scores."""
        shared = np.empty((0, 0), dtype=np.float32)
        for begin in range(0, len(self), size):
            rows = slice(begin, min(begin + size, len(self)))
            if size == BLOCK and not shared.size:
                shared = np.empty((min(size, len(self)), self.lines.n_items), dtype=np.float32)
            yield rows, self.histories(rows, [shared] if size == BLOCK else [])

    def histories(self, rows: Any, spare: list[npt.NDArray[np.float32]]) -> Histories:
        """Histories of some of the customers."""
        low, high = self.low[rows], self.high[rows]
        counts = high - low
        places = spans(low, counts)
        lines = self.lines
        return Histories(
            start=np.append(0, np.cumsum(counts)),
            item=lines.item[places],
            day=lines.day[places],
            orders=lines.orders[places],
            amount=None if lines.amount is None else lines.amount[places],
            last_day=self.last_day,
            n_items=lines.n_items,
            known=self.known[rows],
            _spare=spare,
        )


def ask(
    known: Interactions,
    customers: Ids | None,
    given: Interactions | None,
    last_day: int,
    owner: str,
) -> Asked:
    """Find customers: ids (None: those of `given`, else all known) in, where their lines are out.

    A history that is given replaces what is known of its customer, where it tells anything.
    """
    if customers is None:
        ids = known.customers if given is None else given.customers
    else:
        ids = customers[np.sort(np.unique(customers, return_index=True)[1])]
    place = find(known.customers, ids, "customers", owner)
    lines, low, high = known, *_bounds(known, place)
    is_given = np.zeros(len(ids), dtype=bool)
    if given is not None:
        find(known.customers, given.customers, "history", owner)
        new = find(given.customers, ids, "customers", owner)
        mine = _bounds(given, new)
        is_given = mine[1] > mine[0]
        lines = _behind(known, given)
        low, high = (
            np.where(is_given, len(known.item) + own, theirs)
            for own, theirs in zip(mine, (low, high), strict=True)
        )
    return Asked(ids, place, is_given, lines, low, high, last_day)


def read_given(
    history: Any, columns: Mapping[str, Any], known: Interactions, cutoff: datetime, owner: str
) -> Interactions:
    """Histories that come with a call: a frame or an event log in, lines of known items out."""
    log, clock = given_log(history, columns, owner), cutoff
    if log is None:
        clock = cutoff.replace(tzinfo=None)
        log = log_of_now(history, columns, clock, owner)
    if log is None:
        return known.of_customers(np.empty(0, dtype=np.int64))
    _ = log.facts  # checks the values before they are read
    clock = on_log_clock(clock, log.zone, owner, "as_of")
    read = read_interactions(log, clock, owner, may_be_empty=True)
    place = find(known.items, read.items, "the items of history", owner)
    if (place < 0).any():
        warn_user(
            f"{owner}: {(place < 0).sum():,} of {len(place):,} items in history= were not there at "
            "the fit and tell nothing. Fit again to learn them.",
            DataWarning,
        )
    there = place[read.item] >= 0
    return Interactions(
        customers=read.customers,
        items=known.items,
        customer=read.customer[there],
        item=place[read.item[there]].astype(np.int32),
        day=read.day[there],
        orders=read.orders[there],
        amount=None if read.amount is None else read.amount[there],
        last_day=last_day_before(cutoff),
    )


def log_of_now(
    history: Any, columns: Mapping[str, Any], present: datetime, owner: str
) -> EventLog | None:
    """Rows without times as a log of the instant before the present; None where there are none."""
    table = _frames.to_eager(history)
    n_rows = _frames.engine_name(table, owner)[1]
    if not n_rows:
        return None
    moment = np.full(n_rows, np.datetime64(present, "us") - np.timedelta64(1, "us"))
    table = _frames.with_column(table, columns["when"], moment, owner)
    return _named_log(table, {**columns, "tz": None}, _frames.column_names(table, owner))


def given_customers(history: Any, columns: Mapping[str, Any], owner: str) -> Ids:
    """Distinct customers of a history, ascending, those of whom it tells no purchase too."""
    name = columns["customer"]
    if isinstance(history, EventLog):
        history, name = history.data, history.customer
    table = _frames.to_eager(history)
    gone = _frames.missing_values(table, name, owner)
    table = _frames.drop_rows(table, gone, owner) if gone.any() else table
    return np.sort(_frames.id_codes(table, name, owner)[1])


def read_pairs(pairs: Any, columns: Mapping[str, Any], owner: str) -> tuple[Ids, Ids]:
    """Customers and items of a frame or of a list of pairs, row by row."""
    if _frames.is_frame(pairs):
        table = _frames.to_eager(pairs)
        who, what = (_frames.id_column(table, columns[part], owner) for part in COLUMNS)
        return who, what
    held = [tuple(pair) for pair in pairs]
    if any(len(pair) != 2 for pair in held):
        raise DataError(f"{owner}: pairs must be a frame or a list of (customer, item).")
    ids = [_frames.id_values([pair[i] for pair in held], "pairs", owner) for i in (0, 1)]
    return ids[0], ids[1]


def given_log(history: Any, columns: Mapping[str, Any], owner: str) -> EventLog | None:
    """The event log that a history is or can be read as; None for one without times or rows."""
    if isinstance(history, EventLog):
        return history
    if not _frames.is_frame(history):
        raise DataError(
            f"{owner}: history must be an EventLog or a frame with the columns "
            f"{columns['customer']!r}, {columns['item']!r} and, if known, {columns['when']!r}, got "
            f"{type(history).__name__}."
        )
    names = _frames.column_names(history, owner)
    for part in COLUMNS:
        if columns[part] not in names:
            raise DataError.missing_column(owner, columns[part], names)
    if columns["when"] not in names or not _frames.engine_name(_frames.to_eager(history), owner)[1]:
        return None
    return _named_log(history, columns, names)


def _named_log(history: Any, columns: Mapping[str, Any], names: list[str]) -> EventLog:
    """Event log of a frame that has some of the columns of the fitted log, by the same rules."""
    told: dict[str, Any] = {part: columns.get(part) for part in RULES}
    for part, name in columns.items():
        if part not in RULES:
            told[part] = name if name in names else None
    if told["amount"] is None:
        told["min_amount"] = None
    return EventLog(history, **told)


def _bounds(lines: Interactions, place: Whole) -> tuple[Whole, Whole]:
    """First line of each customer and the place behind the last; nothing for unknown ones."""
    low = np.where(place >= 0, lines.start[place], 0)
    return low, np.where(place >= 0, lines.start[place + 1], 0)


def _behind(known: Interactions, given: Interactions) -> Interactions:
    """The lines of both, those of `given` last; money that is not told is zero."""
    parts: dict[str, Any] = {
        name: np.concatenate([getattr(known, name), getattr(given, name)])
        for name in ("customer", "item", "day", "orders")
    }
    amount = None
    if known.amount is not None:
        new = np.zeros(len(given.item)) if given.amount is None else given.amount
        amount = np.concatenate([known.amount, new])
    return Interactions(
        customers=known.customers,
        items=known.items,
        amount=amount,
        last_day=given.last_day,
        **parts,
    )
