"""What customers did in the last days: orders, returns, bursts, amounts, hours; a number each.

An order is the lines of one order id, a return the returned lines of one order id on one day. In a
log without order ids an order is all that a customer bought on a day, a return all that came back
on one: rows may be lines of one basket, and are no independent deeds. A burst is the most of them
in any few days in a row.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.events import EventLog
from crmkit.events._ledger import begin_of_day
from crmkit.exceptions import DataError

Whole = npt.NDArray[Any]

RETURN_DAYS = 30
"""Days in which goods are usually brought back: orders of as long before the window count."""


@dataclass(frozen=True, eq=False)
class Deeds:
    """One entry per customer, in order of id; NaN where a log does not tell or nothing was done.

    `orders`, `returns`, `order_burst`, `return_burst`, `largest_order`, `largest_quantity`,
    `typical_order` (median) and `night` (orders) are of the window; `exposure` counts the orders
    that could be returned in it, `refund_share` is the money back of theirs, `even_orders` as how
    many orders of equal amount they count; `watched` is the days known of the customer in it.
    """

    orders: Whole
    returns: Whole
    order_burst: Whole
    return_burst: Whole
    exposure: Whole
    refund_share: Floats
    even_orders: Floats
    largest_order: Floats
    largest_quantity: Floats
    typical_order: Floats
    night: Floats
    watched: Floats

    def some(self, chosen: Whole) -> "Deeds":
        """The deeds of some customers."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of a log as numbers: customer, order, local day and hour, money, units, returned."""

    customer: Whole
    order: Whole
    day: Whole
    hour: Whole
    amount: Floats
    units: Floats
    returned: npt.NDArray[np.bool_]

    def some(self, chosen: Whole) -> "Lines":
        """Some of the lines."""
        return Lines(*(getattr(self, f.name)[chosen] for f in fields(self)))


def read_lines(
    log: EventLog, until: int, column: str | None, owner: str
) -> tuple[Any, Lines, Whole | None, list[Any]]:
    """Ids (as numbers or text), lines before a day, and codes and values of one more column."""
    ask = _frames.Reduction(
        columns=log.columns,
        as_of_us=_frames.microseconds(begin_of_day(until, log)),
        period="h",
        time_zone=log.tz,
        net_returns=True,
        min_amount=log.min_amount,
        sum_log_gaps=False,
    )
    extra = list(dict.fromkeys(name for name in (log.quantity, column) if name is not None))
    events = _frames.read_events(log.data, ask, extra, owner)
    n = len(events.customer)
    day, hour = local_clock(events.period, log.tz)
    unknown = np.full(n, np.nan)
    units = unknown
    if log.quantity is not None:
        values = np.append(np.asarray(events.values[log.quantity], dtype=np.float64), np.nan)
        units = np.abs(values[events.codes[log.quantity]])
    order = events.codes.get(None, day)
    amount = unknown if events.amount is None else events.amount
    returned = np.zeros(n, dtype=bool) if events.returned is None else events.returned
    ids = _frames.id_values(events.ids, repr(log.customer), owner)
    lines = Lines(events.customer, order, day, hour, amount, units, returned)
    if column is None:
        return ids, lines, None, []
    return ids, lines, events.codes[column], events.values[column]


def local_clock(hours: Whole, time_zone: str | None) -> tuple[Whole, Whole]:
    """Local day since 1970 and hour of the day of hours since 1970 in UTC."""
    if time_zone is None:
        return hours // 24, hours % 24
    import pandas as pd  # here, so that segment loads without it

    distinct, place = np.unique(hours, return_inverse=True)
    instants = pd.DatetimeIndex(distinct.astype("datetime64[h]").astype("datetime64[s]"))
    wall = instants.tz_localize("UTC").tz_convert(time_zone).tz_localize(None)
    local = wall.to_numpy().astype("datetime64[h]").astype(np.int64)[place]
    return local // 24, local % 24


def deeds_of(
    lines: Lines, n: int, until: int, window: int, burst: int, night: tuple[int, int]
) -> Deeds:
    """What n customers did in the window of days before day `until`."""
    bought, back = (
        lines.some(~lines.returned),
        lines.some(lines.returned & (lines.day >= until - window)),
    )
    first = np.full(n, until)
    np.minimum.at(first, bought.customer, bought.day)
    orders = merged(bought, by_day=False)
    could = orders.some(orders.day >= until - window - RETURN_DAYS)
    recent = orders.some(orders.day >= until - window)
    returns = merged(back, by_day=True)
    spent, even = even_orders(could, n)
    refunds = sums(returns.customer, np.abs(returns.amount), n)
    share = np.divide(refunds, spent, out=np.where(refunds > 0, 1.0, 0.0), where=spent > 0)
    in_night = (recent.hour >= night[0]) & (recent.hour < night[1])
    return Deeds(
        orders=counts(recent.customer, n),
        returns=counts(returns.customer, n),
        order_burst=most_in_a_row(recent, n, burst),
        return_burst=most_in_a_row(returns, n, burst),
        exposure=counts(could.customer, n),
        refund_share=np.minimum(share, 1.0),
        even_orders=even,
        largest_order=largest(recent.customer, recent.amount, n),
        largest_quantity=largest(recent.customer, recent.units, n),
        typical_order=middle(recent.customer, recent.amount, n),
        night=counts(recent.customer[in_night], n).astype(np.float64),
        watched=np.clip(until - first, 1, window).astype(np.float64),
    )


def merged(lines: Lines, *, by_day: bool) -> Lines:
    """One line per customer and order (and day), at its first hour, with its sums."""
    day = lines.day if by_day else np.zeros_like(lines.day)
    order = np.lexsort(
        (lines.units, lines.amount, lines.hour, lines.day, day, lines.order, lines.customer)
    )
    held = Lines(*(getattr(lines, f.name)[order] for f in fields(lines)))
    keys = (held.customer, held.order, day[order])
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    begin = np.flatnonzero(fresh)
    if not len(begin):
        return held
    total = {k: np.add.reduceat(getattr(held, k), begin) for k in ("amount", "units")}
    return replace(held.some(fresh), **total)


def counts(customer: Whole, n: int) -> Whole:
    """Entries of each of n customers."""
    return np.bincount(customer, minlength=n)


def sums(customer: Whole, values: Floats, n: int) -> Floats:
    """Sum of the values of each of n customers, of lines in order of customer."""
    return np.bincount(customer, weights=values, minlength=n).astype(np.float64)


def even_orders(orders: Lines, n: int) -> tuple[Floats, Floats]:
    """Money of the orders, and as how many of equal amount they count: (sum a)^2 / sum a^2."""
    total = sums(orders.customer, orders.amount, n)
    squares = sums(orders.customer, orders.amount**2, n)
    even = np.divide(total**2, squares, out=np.zeros(n), where=squares > 0)
    return total, even


def most_in_a_row(lines: Lines, n: int, days: int) -> Whole:
    """Most lines of each customer within so many days in a row."""
    most = np.zeros(n, dtype=np.int64)
    if not len(lines.customer):
        return most
    span = int(lines.day.max() - lines.day.min()) + days + 1
    keys = np.sort(lines.customer.astype(np.int64) * span + (lines.day - lines.day.min()))
    found = np.searchsorted(keys, keys + days - 1, side="right") - np.arange(len(keys))
    np.maximum.at(most, keys // span, found)
    return most


def largest(customer: Whole, values: Floats, n: int) -> Floats:
    """Largest value of each of n customers, NaN without one."""
    most = np.full(n, -np.inf)
    np.fmax.at(most, customer, values)
    return np.where(np.isfinite(most), most, np.nan)


def middle(customer: Whole, values: Floats, n: int) -> Floats:
    """Median of the values of each of n customers (the lower of two), NaN without one."""
    order = np.lexsort((values, customer))
    size = counts(customer, n)
    begin = np.cumsum(size) - size
    found = np.full(n, np.nan)
    some = np.flatnonzero(size)
    found[some] = values[order][begin[some] + (size[some] - 1) // 2]
    return found


def check_window(window: int, burst: int, owner: str) -> None:
    """Refuse bursts that are longer than the window."""
    if burst > window:
        raise DataError(
            f"{owner}: burst is {burst} days, longer than the window of {window}. A burst is told "
            "within the window: make it shorter."
        )
