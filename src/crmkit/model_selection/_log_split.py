"""What a split of a log gives: what may be known, whom to ask, and what they bought in truth."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import check_choice
from crmkit.events._event_log import EventLog, check_log
from crmkit.exceptions import DataError, DataWarning, warn_user

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

MODES = ("new", "repeat", "all")
UNSEEN = ("exclude", "include")


@dataclass(frozen=True, eq=False)
class LogSplit:
    """Hold one split of an event log: what may be learnt from, and what was bought in truth.

    Fit on `known` with ``as_of=split.as_of``, recommend to `customers` with the same `as_of` (and
    with ``history=split.history``), and score the lists against `relevant`.

    Attributes
    ----------
    known : EventLog
        The events that may be known, and no others: nothing that is held out can leak.
    as_of : datetime
        The present of the split, on the clock of the log: ages count from it.
    relevant : frame of (customer, item)
        Distinct pairs that were held out and bought, in the library of the events, sorted by
        customer and item; with the amount spent, in currency, where the log has one.
    customers : ndarray
        Distinct customers of `relevant`, ascending: those to be asked.
    history : EventLog or None
        What is told of customers who are not in `known`; only of `StrongGeneralisation`.
    mode : {"new", "repeat", "all"}
        Whether items bought before are relevant: never, alone, or as well. Exclude what was seen
        from the lists in mode "new" only.
    n_given : int or None
        Items told of each customer in `history`.
    n_left_aside : int
        Customers with purchases held out, of whom too little is known (`min_history`).
    n_unseen : int
        Held out pairs of the others whose item nobody has bought in `known`; they are relevant
        only with ``unseen_items="include"``.
    """

    known: EventLog
    as_of: datetime
    relevant: Any
    customers: npt.NDArray[Any]
    history: EventLog | None
    mode: str
    n_given: int | None
    n_left_aside: int
    n_unseen: int

    def __repr__(self) -> str:
        given = "" if self.n_given is None else f", n_given={self.n_given}"
        return (
            f"LogSplit(as_of={self.as_of:%Y-%m-%d}, mode={self.mode!r}{given}, "
            f"{len(self.customers):,} customers, {self.n_left_aside:,} left aside, "
            f"{self.n_unseen:,} pairs with unseen items)"
        )


@dataclass(frozen=True, eq=False)
class Lines:
    """The events of a log as numbers, its frame collected, and the places of the purchases."""

    log: EventLog
    table: Any
    rows: _frames.EventRows
    end: datetime

    @property
    def n_items(self) -> int:
        """Distinct items of the log."""
        return max(len(self.rows.items), 1)

    @property
    def bought(self) -> Flags:
        """Which events are purchases of a named item."""
        return np.asarray(~self.rows.returned & (self.rows.item >= 0))

    def pairs(self, lines: Flags) -> Places:
        """Distinct pairs of customer and item of some events, as ascending keys."""
        keys = np.sort(self.rows.customer[lines] * self.n_items + self.rows.item[lines])
        return np.asarray(keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]])

    def part(self, lines: Flags) -> EventLog:
        """A log of some events, named as the whole is."""
        table = _frames.take_rows(self.table, np.sort(self.rows.row[lines]), "split")
        return replace(self.log, data=table)


def read_lines(log: Any, owner: str) -> Lines:
    """Read a log that names items: events in, numbers out; purchases without an item are told."""
    check_log(log, owner)
    if log.item is None:
        raise DataError(
            f"{owner}: the log does not say what was bought. Name the column of product ids: "
            "EventLog(frame, ..., item='product_id')."
        )
    end = log.cutoff(None, owner)
    _frames.check_id_type(log.data, log.item, owner)
    ask = _frames.Reduction(
        columns=log.columns,
        as_of_us=_frames.microseconds(end),
        period="D",
        time_zone=log.tz,
        net_returns=True,
        min_amount=log.min_amount,
        sum_log_gaps=False,
    )
    table = _frames.held(log.data, owner)
    rows = _frames.event_rows(table, ask, log.item, owner)
    n_nameless = int((~rows.returned & (rows.item < 0)).sum())
    if n_nameless:
        warn_user(
            f"{owner}: {n_nameless:,} of {(~rows.returned).sum():,} purchases have no {log.item!r} "
            "and are in no part. Drop or fill them first to silence this.",
            DataWarning,
        )
    return Lines(log, table, rows, end)


def check_rules(mode: object, unseen_items: object, owner: str) -> None:
    """Refuse words that are no mode or no rule for unseen items."""
    check_choice(mode, "mode", MODES, owner)
    check_choice(unseen_items, "unseen_items", UNSEEN, owner)


def made_split(
    lines: Lines,
    known: Flags,
    held: Flags,
    *,
    as_of: datetime,
    mode: str,
    unseen_items: str,
    min_history: int = 0,
    given: Flags | None = None,
    n_given: int | None = None,
) -> LogSplit:
    """Split with `known` events, of which `held` purchases are to be foretold.

    What is `given` tells of customers who are not known, and counts as bought before.
    """
    seen = lines.pairs(lines.bought & (known if given is None else known | given))
    truth = lines.pairs(lines.bought & held)
    known_items = np.bincount(lines.rows.item[lines.bought & known], minlength=lines.n_items) > 0
    history = np.bincount(seen // lines.n_items, minlength=len(lines.rows.customers))
    customer, item = truth // lines.n_items, truth % lines.n_items
    enough = history[customer] >= min_history
    again = np.isin(truth, seen, assume_unique=True)
    wanted = {"new": ~again, "repeat": again, "all": np.ones(len(truth), dtype=bool)}[mode]
    unseen = ~known_items[item]
    kept = enough & wanted & (~unseen if unseen_items == "exclude" else True)
    return LogSplit(
        known=lines.part(known),
        as_of=as_of,
        relevant=relevant_frame(lines, truth[kept], held),
        customers=lines.rows.customers[np.unique(customer[kept])],
        history=None if given is None else lines.part(given),
        mode=mode,
        n_given=n_given,
        n_left_aside=len(np.unique(customer[~enough])),
        n_unseen=int((unseen & enough & wanted).sum()),
    )


def relevant_frame(lines: Lines, pairs: Places, held: Flags) -> Any:
    """Frame of the pairs, with the amounts of their held purchases, in the library of the log."""
    rows, log = lines.rows, lines.log
    columns = {
        log.customer: rows.customers[pairs // lines.n_items],
        str(log.item): rows.items[pairs % lines.n_items],
    }
    if rows.amount is not None:
        some = lines.bought & held
        keys = rows.customer[some] * lines.n_items + rows.item[some]
        place = np.searchsorted(pairs, keys)
        there = place < len(pairs)
        there[there] = pairs[place[there]] == keys[there]
        place, amount = place[there], rows.amount[some][there]
        order = np.lexsort((amount, place))  # sums must not depend on the order of lines
        sums = np.bincount(place[order], amount[order], minlength=len(pairs))
        columns[str(log.amount)] = np.asarray(sums, dtype=np.float64)
    types = _frames.id_types(lines.table, [log.customer, str(log.item)], "split")
    return _frames.id_frame(columns, types)
