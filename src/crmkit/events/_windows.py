"""Sums per customer before any cut-off: the events are sorted once, every cut-off is a look-up.

A customer is a number, a period a whole number, and a sorted array of ``customer * span + period``
holds every row. The rows of a customer up to a period end where a binary search says; counts are
differences of such ends, and sums run over the rows between them. A cut-off is told by the last
period that is known at it: at midnight before day d that is day d - 1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.events._event_log import EventLog
from crmkit.events._instants import from_microseconds, wall_microseconds

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows sorted by customer and period; those of customer i are start[i]:start[i + 1]."""

    start: Integers
    period: Integers
    keys: Integers
    offset: int
    span: int

    def until(self, last: int | Integers) -> Integers:
        """For each customer, the place behind the last row at or before period `last`."""
        within = np.clip(np.asarray(last) - self.offset, -1, self.span - 1)
        bounds = np.arange(len(self.start) - 1) * self.span + within
        return np.asarray(np.searchsorted(self.keys, bounds, side="right"), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Histories:
    """What customers bought in every period before a cut-off, to be asked for earlier cut-offs.

    Attributes
    ----------
    ids : series
        Ids of the customers, ascending, as the waist of frames holds them.
    purchases : Rows
        One row per customer and period with a purchase.
    money : Rows
        One row per customer and period with a purchase or a netted return.
    spent : ndarray
        Amount of each row of `money`, in currency.
    first, last, whole : int
        First period with an event; the last that is known; the last that is known to its end.
    """

    ids: Any
    purchases: Rows
    money: Rows
    spent: Floats
    first: int
    last: int
    whole: int


def read_histories(log: EventLog, as_of: Any, period: _frames.Period, owner: str) -> Histories:
    """Sort the events before `as_of` by customer and period: an event log in, histories out."""
    cutoff = log.cutoff(as_of, owner)
    ask = _frames.Reduction(
        columns=log.columns,
        as_of_us=_frames.microseconds(cutoff),
        period=period,
        time_zone=log.tz,
        net_returns=log.returns == "net",
        min_amount=log.min_amount,
        sum_log_gaps=False,
    )
    lines = _frames.event_lines(log.data, ask, owner)
    n = len(lines.ids)
    money, spent = merged(lines.customer, lines.period, lines.amount, n)
    purchases = money
    if not lines.bought.all():
        bought = lines.bought
        purchases, _ = merged(lines.customer[bought], lines.period[bought], None, n)
    last, after = (period_of(ask.as_of_us - back, period, log) for back in (1, 0))
    return Histories(
        ids=lines.ids,
        purchases=purchases,
        money=money,
        spent=spent,
        first=int(purchases.period.min(initial=last)),
        last=last,
        whole=last if after > last else last - 1,
    )


def period_of(instant_us: int, period: _frames.Period, log: EventLog) -> int:
    """Number of the period that holds an instant, on the clock of the log."""
    if period != "h":
        instant_us = wall_microseconds(from_microseconds(instant_us, log.zone))
    return int(_frames.period_numbers(np.array([instant_us]), period)[0])


def merged(
    customer: Integers, period: Integers, amount: Floats | None, n: int
) -> tuple[Rows, Floats]:
    """Rows of n customers, one per customer and period, and the sums of their amounts.

    Equal keys are summed in order of the amount, so that the order of the events leaves no trace.
    """
    offset = int(period.min(initial=0)) if len(period) else 0
    span = int(period.max(initial=offset)) - offset + 1
    keys = customer * span + (period - offset)
    if amount is None:
        keys = np.unique(keys)
        sums = np.zeros(len(keys))
    else:
        order = np.lexsort((amount, keys))
        keys, amount = keys[order], amount[order]
        begins = np.flatnonzero(np.diff(keys, prepend=-1))
        keys = keys[begins]
        sums = np.add.reduceat(amount, begins) if len(begins) else np.zeros(0)
    start = np.searchsorted(keys, np.arange(n + 1) * span)
    return Rows(start, keys % span + offset, keys, offset, span), sums


def sums_between(values: Floats, begin: Integers, end: Integers) -> Floats:
    """Sums of values[begin:end] for each pair; 0 where nothing lies between.

    Each sum runs over its own values alone: a difference of running totals over all customers
    would lose digits to the largest of them.
    """
    sums = np.zeros(len(begin))
    some = np.flatnonzero(end > begin)
    if len(some):
        edges = np.column_stack([begin[some], end[some]]).ravel()
        sums[some] = np.add.reduceat(np.append(values, 0.0), edges)[::2]
    return sums
