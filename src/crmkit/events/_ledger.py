"""The days on which customers bought, sorted once: every cut-off and window is then a look-up.

A row is a customer and a local day with a purchase; what was bought that day is added up, so that
several orders of a day are one occasion and lines of an order leave no trace. A cut-off is a day d
and is exclusive: the days before d are known. Counts in a window are differences of running
counts, sums run over the rows of the window alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._runs import fresh_rows
from crmkit.events._event_log import EventLog
from crmkit.events._rows import (
    Floats,
    Rows,
    Whole,
    bits,
    by_period,
    first_not_before,
    in_few_bytes,
    running,
)
from crmkit.exceptions import DataError

NEVER = np.int32(2**31 - 1)
"""The day of what does not happen, after all days."""


@dataclass(frozen=True, eq=False)
class Visits:
    """Days on which a customer met a value of a column, sorted by customer, value and day.

    `again` is the next day on which the customer meets the value, or `NEVER`; `value` is the place
    of the value in `values`.
    """

    start: Whole
    day: Whole
    again: Whole
    value: Whole
    values: list[Any]

    @cached_property
    def owner(self) -> Whole:
        """Customer of each row."""
        return np.arange(len(self.start) - 1).repeat(self.start[1:] - self.start[:-1])

    def counts(self, chosen: npt.NDArray[np.bool_]) -> Whole:
        """Chosen rows of each customer."""
        return np.bincount(self.owner[chosen], minlength=len(self.start) - 1)

    def part(self, low: int, high: int) -> "Visits":
        """The visits of the customers low:high."""
        first, behind = self.start[low], self.start[high]
        return Visits(
            start=self.start[low : high + 1] - first,
            day=self.day[first:behind],
            again=self.again[first:behind],
            value=self.value[first:behind],
            values=self.values,
        )


@dataclass(frozen=True, eq=False)
class Ledger:
    """Purchases and returns of customers by day.

    Attributes
    ----------
    ids : series
        Ids of the customers, ascending, as the waist of frames holds them.
    days : Rows
        One row per customer and day with a purchase.
    spend : ndarray or None
        Amount bought on each row of `days`, in currency, and a number behind them.
    orders : ndarray of int
        Orders first seen on the rows before each row of `days`, one entry more than rows.
    refunds : Rows
        One row per customer and day with a return.
    refunded : ndarray
        Amount returned on each row of `refunds`, at least 0, and a number behind them.
    visits : dict
        For each further column that was asked for, who met which value when.
    net : bool
        Whether returns are subtracted from the spend on their day.
    item : str or None
        Column of product ids, where the log has one.
    """

    ids: Any
    days: Rows
    spend: Floats | None
    orders: Whole
    refunds: Rows
    refunded: Floats
    visits: dict[str, Visits]
    net: bool
    item: str | None
    _counts: dict[str, Whole] = field(default_factory=dict)

    def part(self, low: int, high: int) -> "Ledger":
        """The customers low:high alone; nothing is copied but what is short."""
        rows, back = self.days.start[[low, high]], self.refunds.start[[low, high]]
        known = slice(rows[0], rows[1] + 1)
        return replace(
            self,
            ids=self.ids[low:high],
            days=self.days.part(low, high),
            spend=None if self.spend is None else self.spend[known],
            orders=self.orders[known],
            refunds=self.refunds.part(low, high),
            refunded=self.refunded[back[0] : back[1] + 1],
            visits={name: visits.part(low, high) for name, visits in self.visits.items()},
            _counts={},
        )

    @cached_property
    def beyond_first(self) -> Floats:
        """Amount of each row less that of the customer's first row, and a zero behind them."""
        spend, start = self.spend, self.days.start
        if spend is None:
            raise AttributeError("a ledger without amounts was asked for spend")
        beyond = np.zeros(len(spend))
        beyond[:-1] = spend[:-1] - spend[start[:-1]].repeat(start[1:] - start[:-1])
        return beyond

    @cached_property
    def days_before(self) -> Whole:
        """Running totals of the days since the offset, one entry more than rows."""
        return running(self.days.period - np.int64(self.days.offset))

    def on_days(self, name: str, days: npt.NDArray[np.bool_]) -> Whole:
        """Rows before each row on some days, a flag for each day of the span; kept by name."""
        if name not in self._counts:
            self._counts[name] = running(days[self.days.period - self.days.offset])
        return self._counts[name]

    @cached_property
    def gaps(self) -> Whole:
        """Days since the row before of each row of `days`; no meaning at a customer's first."""
        gaps = self.days.period.copy()
        gaps[1:] -= self.days.period[:-1]
        return gaps

    @cached_property
    def gap_squares(self) -> Whole:
        """Running totals of the squared gaps, one entry more than rows."""
        return running(np.square(self.gaps, dtype=np.int64))

    @cached_property
    def gaps_by_size(self) -> tuple[Whole, Whole]:
        """Gaps of each customer in order of size, and the days since the offset when they ended."""
        start, span = self.days.start, self.days.span
        n = start[1:] - start[:-1]
        later = np.ones(start[-1], dtype=bool)
        later[start[:-1][n > 0]] = False
        gap, day = self.gaps[later], (self.days.period - self.days.offset)[later]
        keys = np.arange(len(n)).repeat(np.maximum(n - 1, 0))
        small = np.uint16 if span <= 2**16 else np.int32
        if bits(len(n)) + 2 * bits(span) <= 63:
            for part in (gap, day):
                keys *= span
                keys += part
            del gap, part
            keys.sort()
            day = (keys % span).astype(small)
            keys //= span
            keys %= span
            return keys.astype(small), day
        order = np.lexsort((day, gap, keys))
        return gap[order].astype(small), day[order].astype(small)


def read_ledger(log: EventLog, until: int, owner: str, *, columns: Sequence[str] = ()) -> Ledger:
    """Sort the events before day `until` by customer and day: an event log in, the ledger out."""
    ask = _frames.Reduction(
        columns=log.columns,
        as_of_us=_frames.microseconds(begin_of_day(until, log)),
        period="D",
        time_zone=log.tz,
        net_returns=True,
        min_amount=log.min_amount,
        sum_log_gaps=False,
    )
    if not _frames.is_plain(log.data):
        return _ledger(log, ask, columns, owner)
    if log.item is not None:  # few rows, of which several models ask: read once, for all of them
        columns = tuple(dict.fromkeys([log.item, *columns]))
    key = ("ledger", ask, columns, log.returns)
    kept: Ledger = _frames.once(log.data, key, lambda: _ledger(log, ask, columns, owner))
    return kept


def _ledger(log: EventLog, ask: _frames.Reduction, columns: Sequence[str], owner: str) -> Ledger:
    """The ledger of the events that a `Reduction` asks for."""
    if _frames.adds_up(log.data):
        return _ledger_of_sums(log, _frames.read_period_sums(log.data, ask, columns, owner))
    events = _frames.read_events(log.data, ask, columns, owner)
    ids, codes, values, returned = events.ids, events.codes, events.values, events.returned
    parts: list[Any] = [events.customer, events.period, events.amount]
    del events
    back = [_at(slice(0) if returned is None else returned, part) for part in parts]
    refunds, refunded, _ = by_period(back, len(ids))
    if returned is not None:
        parts = [_at(~returned, part) for part in parts]
        codes = {name: code[~returned] for name, code in codes.items()}
    triples: dict[str | None, Any] = {k: (parts[0], code, parts[1]) for k, code in codes.items()}
    visits = {name: _visits(*triples[name], values=values[name], n=len(ids)) for name in columns}
    ordered = _distinct(*triples[None]) if None in triples else None
    del triples, codes
    days, spend, lines = by_period(parts, len(ids))
    return Ledger(
        ids=ids,
        days=days,
        spend=spend,
        orders=running(lines if ordered is None else _orders_by_day(*ordered, days)),
        refunds=refunds,
        refunded=np.zeros(len(refunds.period) + 1) if refunded is None else np.abs(refunded),
        visits=visits,
        net=log.returns == "net",
        item=log.item,
    )


def _ledger_of_sums(log: EventLog, sums: _frames.PeriodSums) -> Ledger:
    """The same ledger of what an engine has added up by customer and day."""
    n, bought, back = len(sums.ids), sums.bought, sums.back
    days, spend, _ = by_period([bought.customer, bought.period, bought.amount], n)
    refunds, refunded, _ = by_period([back.customer, back.period, back.amount], n)
    visits = {k: _visits(*met, values=sums.values[k], n=n) for k, met in sums.met.items()}
    return Ledger(
        ids=sums.ids,
        days=days,
        spend=spend,
        orders=running(sums.orders),
        refunds=refunds,
        refunded=np.zeros(len(refunds.period) + 1) if refunded is None else np.abs(refunded),
        visits=visits,
        net=log.returns == "net",
        item=log.item,
    )


def begin_of_day(day: int, log: EventLog) -> datetime:
    """Instant at which a local day begins, on the clock of the log."""
    return (datetime(1970, 1, 1) + timedelta(days=day)).replace(tzinfo=log.zone)


def day_of(instant: datetime, owner: str, name: str = "a cut-off") -> int:
    """Number of the local day that begins at an instant; any other instant is refused."""
    if (instant.hour, instant.minute, instant.second, instant.microsecond) != (0, 0, 0, 0):
        raise DataError(
            f"{owner}: {name} must be the beginning of a day, got {instant:%Y-%m-%d %H:%M:%S}. "
            "The purchases of one day would be torn apart: give the date alone."
        )
    return (instant.date() - date(1970, 1, 1)).days


def _at(rows: npt.NDArray[np.bool_] | slice, part: Any) -> Any:
    return None if part is None else part[rows]


def _orders_by_day(customer: Whole, order: Whole, day: Whole, days: Rows) -> Whole:
    """Orders of each row of `days`, of distinct triples; an order counts on its first day."""
    first = fresh_rows(customer, order)
    owner = customer[first]
    rows = first_not_before(days.period, days.start[owner], days.start[owner + 1], day[first])
    return np.bincount(rows, minlength=len(days.period)).astype(np.int32)


def _visits(customer: Whole, code: Whole, day: Whole, *, values: list[Any], n: int) -> Visits:
    """Who met which value on which days; missing values are nothing that one can meet."""
    known = code >= 0
    owner, value, when = _distinct(customer[known], code[known], day[known])
    when = when.astype(np.int32)
    again = np.full(len(when), NEVER)
    np.copyto(again[:-1], when[1:], where=~fresh_rows(owner, value)[1:])
    start = in_few_bytes(owner.searchsorted(np.arange(n + 1)))
    return Visits(start, when, again, value.astype(np.int32), values)


def _distinct(customer: Whole, code: Whole, day: Whole) -> tuple[Whole, Whole, Whole]:
    """Distinct triples of customer, code and day, sorted."""
    if not len(day):
        return customer, code, day
    offset, n_codes = int(day.min()), int(code.max()) + 1
    span = int(day.max()) - offset + 1
    if bits(customer.max()) + bits(n_codes) + bits(span) <= 63:
        keys = (customer * n_codes + code) * span + (day - offset)
        keys.sort()
        keys = keys[fresh_rows(keys)]
        pair = keys // span
        return pair // n_codes, pair % n_codes, keys - pair * span + offset
    order = np.lexsort((day, code, customer))
    customer, code, day = customer[order], code[order], day[order]
    kept = fresh_rows(customer, code, day)
    return customer[kept], code[kept], day[kept]
