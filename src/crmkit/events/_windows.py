"""Sums per customer before any cut-off: the events are sorted once, every cut-off is a look-up.

Counts are differences of places behind rows, and sums run over the rows between them. A cut-off
is told by the last period that is known at it: at midnight before day d that is day d - 1.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.events._event_log import EventLog
from crmkit.events._instants import from_microseconds, wall_microseconds
from crmkit.events._rows import Rows, by_period

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


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
        columns=replace(log.columns, order=None),
        as_of_us=_frames.microseconds(cutoff),
        period=period,
        time_zone=log.tz,
        net_returns=log.returns == "net",
        min_amount=log.min_amount,
        sum_log_gaps=False,
    )
    ids, money, spent, purchases = _rows_of(log, ask, owner)
    last, after = (period_of(ask.as_of_us - back, period, log) for back in (1, 0))
    return Histories(
        ids=ids,
        purchases=purchases,
        money=money,
        spent=np.zeros(len(money)) if spent is None else spent[:-1],
        first=int(purchases.period.min(initial=last)),
        last=last,
        whole=last if after > last else last - 1,
    )


def _rows_of(
    log: EventLog, ask: _frames.Reduction, owner: str
) -> tuple[Any, Rows, Floats | None, Rows]:
    """Ids, rows with money and their amounts, and rows with a purchase."""
    if _frames.adds_up(log.data):
        sums = _frames.read_period_sums(log.data, ask, (), owner)
        bought, back, n = sums.bought, sums.back, len(sums.ids)
        purchases, _, _ = by_period([bought.customer, bought.period, None], n)
        both = [_joined(getattr(bought, k), getattr(back, k)) for k in ("customer", "period")]
        money, spent, _ = by_period([*both, _joined(bought.amount, back.amount)], n)
        return sums.ids, money, spent, purchases
    events = _frames.read_events(log.data, ask, (), owner)
    n = len(events.ids)
    money, spent, _ = by_period([events.customer, events.period, events.amount], n)
    if events.returned is None:
        return events.ids, money, spent, money
    some = ~events.returned
    purchases, _, _ = by_period([events.customer[some], events.period[some], None], n)
    return events.ids, money, spent, purchases


def _joined(one: Any, other: Any) -> Any:
    return None if one is None else np.concatenate([one, other])


def period_of(instant_us: int, period: _frames.Period, log: EventLog) -> int:
    """Number of the period that holds an instant, on the clock of the log."""
    if period != "h":
        instant_us = wall_microseconds(from_microseconds(instant_us, log.zone))
    return int(_frames.period_numbers(np.array([instant_us]), period)[0])


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
