"""Histories that come with a call: a frame or an event log, read by the rules of the fitted log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit.events._event_log import EventLog
from crmkit.events._instants import midnight_after, on_log_clock, read_instant, read_zone
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.recommend._asked import PAIR
from crmkit.recommend._ids import Codes, Ids, find
from crmkit.recommend._interactions import Interactions, last_day_before, read_interactions

RULES = ("tz", "min_amount")
"""What a model keeps of the log beside the names of columns."""


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
    for part in PAIR:
        if columns[part] not in names:
            raise DataError.missing_column(owner, columns[part], names)
    if columns["when"] not in names or not _frames.has_rows(history, owner):
        return None
    return _named_log(history, columns, names)


def present(
    fitted_at: str, zone: str | None, log: EventLog | None, as_of: Any, owner: str
) -> datetime:
    """The instant at and after which events are unknown, not before that of the fit.

    It is the one that is asked for, else the later of the fit's and midnight after the last event
    of `log`, on the clock `zone` of the fitted log.
    """
    clock = None if zone is None else read_zone(zone, owner)
    fitted = datetime.fromisoformat(fitted_at)
    if clock is not None:
        fitted = fitted.astimezone(clock)
    if as_of is not None:
        asked = on_log_clock(read_instant(as_of, "as_of", owner), clock, owner)
        if asked < fitted:
            raise DataError(
                f"{owner}: as_of={str(as_of)!r} is before that of the fit ({fitted_at}), "
                "which knows more than was known then. Fit with the earlier as_of."
            )
        return asked
    if log is not None and (log.tz is None) != (zone is None):
        kinds = ("timezone-aware", "naive") if zone is None else ("naive", "timezone-aware")
        raise DataError(
            f"{owner}: the times of history= are {kinds[0]}, but those of the fitted log are "
            f"{kinds[1]}. Bring them to one clock."
        )
    return fitted if log is None else max(fitted, midnight_after(log.last_event, owner))


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
    return _of_known(read, known, place, last_day_before(cutoff))


def told_by(
    log: EventLog, known: Interactions, cutoff: datetime, owner: str
) -> Interactions | None:
    """What a log tells of known items before an instant on its clock; None where it is nothing.

    Lines without an item and those of other items are left out in silence.
    """
    read = read_interactions(log, cutoff, owner, may_be_empty=True, quiet=True)
    place = find(known.items, read.items, repr(log.item), owner)
    told = _of_known(read, known, place, read.last_day)
    return told if len(told.item) else None


def _of_known(read: Interactions, known: Interactions, place: Codes, last_day: int) -> Interactions:
    """Purchases of the items that are known, by their places among these."""
    item = place[read.item]
    there = item >= 0
    return Interactions(
        customers=read.customers,
        items=known.items,
        customer=read.customer[there],
        item=item[there].astype(np.int32),
        day=read.day[there],
        orders=read.orders[there],
        amount=None if read.amount is None else read.amount[there],
        last_day=last_day,
    )


def given_customers(history: Any, columns: Mapping[str, Any], owner: str) -> Ids:
    """Distinct customers of a history, ascending, those of whom it tells no purchase too."""
    name = columns["customer"]
    if isinstance(history, EventLog):
        history, name = history.data, history.customer
    table = _frames.to_eager(history)
    gone = _frames.missing_values(table, name, owner)
    table = _frames.drop_rows(table, gone, owner) if gone.any() else table
    return np.sort(_frames.id_codes(table, name, owner)[1])


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


def _named_log(history: Any, columns: Mapping[str, Any], names: list[str]) -> EventLog:
    """Event log of a frame that has some of the columns of the fitted log, by the same rules."""
    told: dict[str, Any] = {part: columns.get(part) for part in RULES}
    for part, name in columns.items():
        if part not in RULES:
            told[part] = name if name in names else None
    if told["amount"] is None:
        told["min_amount"] = None
    return EventLog(history, **told)
