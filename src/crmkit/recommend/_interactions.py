"""Interactions: who bought what on which day, the purchase lines of a log as sorted arrays.

A row is a distinct (customer, item, day); customers and items are places in the ascending arrays
of their ids. Returns are never purchases, rows without an item are none either, and events at or
after the cut-off are unknown. Several lines of one day are one row: a day is an occasion.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit import _frames
from crmkit._runs import fresh_rows, runs
from crmkit.events._event_log import EventLog
from crmkit.events._rows import bits, sorted_keys
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.recommend._ids import Ids, find, union
from crmkit.recommend._order_lines import OrderLines

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[Any]
FIRST_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, eq=False)
class Interactions:
    """Purchases of customers, one row per distinct customer, item and local day.

    Attributes
    ----------
    customers, items : ndarray
        Ids, ascending, whole numbers or text. An item that nobody bought has no rows.
    customer, item : ndarray of int32
        Places in `customers` and `items`; rows are sorted by customer, item and day.
    day : ndarray of int32
        Local days since 1970.
    orders : ndarray of int32
        Orders of that day that hold the item; lines, where the log has no order ids.
    amount : ndarray of float64 or None
        Money spent, in the currency of the log; None for a log without money.
    last_day : int
        The last local day that is known: the day of the instant before the cut-off.
    lines : OrderLines or None
        The lines with their orders, where the log tells these; known while a model learns, and not
        kept with it.
    """

    customers: Ids
    items: Ids
    customer: Whole
    item: Whole
    day: Whole
    orders: Whole
    amount: Floats | None
    last_day: int
    lines: OrderLines | None = None

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return len(self.customers)

    @property
    def n_items(self) -> int:
        """Number of items, those that nobody bought among them."""
        return len(self.items)

    @cached_property
    def start(self) -> Whole:
        """Rows of customer i are start[i]:start[i + 1]."""
        return np.searchsorted(self.customer, np.arange(self.n_customers + 1))

    @cached_property
    def ages(self) -> Whole:
        """Whole days from each row to the last known day, at least 0."""
        return self.last_day - self.day.astype(np.int64)

    @cached_property
    def sold(self) -> npt.NDArray[np.bool_]:
        """Which items anybody bought."""
        return np.bincount(self.item, minlength=self.n_items) > 0

    @cached_property
    def buyers(self) -> sp.csc_matrix:
        """Customers x items as float32: 1 where a customer bought an item, a column an item."""
        return self.matrix().tocsc()

    def matrix(self, weight: str = "binary", half_life: float = np.inf) -> sp.csr_matrix:
        """Customers x items as float32: see `weigh` for what the entries are."""
        first, values = weigh(self, weight, half_life)
        start = np.searchsorted(self.customer[first], np.arange(self.n_customers + 1))
        shape = (self.n_customers, self.n_items)
        return sp.csr_matrix((values, self.item[first], start), shape=shape)

    def per_item(self, values: Whole) -> Floats:
        """Sums over the rows of each item; all rows of an item are added in one order."""
        sums = np.bincount(self.item, weights=values, minlength=self.n_items)
        return np.asarray(sums, dtype=np.float64)

    def with_items(self, ids: Ids) -> Self:
        """The same purchases where further items exist that nobody bought."""
        items = union(self.items, ids)
        place = find(items, self.items, "items", "recommend").astype(np.int32)
        lines = None if self.lines is None else self.lines.on_items(place)
        item = place[self.item] if len(place) else self.item
        return replace(self, items=items, item=item, lines=lines)

    def before(self, day: int) -> Self:
        """What is known at the beginning of a local day: the rows before it, all ids kept."""
        kept = self.day < day
        parts = {name: getattr(self, name)[kept] for name in ("customer", "item", "day", "orders")}
        amount = None if self.amount is None else self.amount[kept]
        lines = None if self.lines is None else self.lines.only(self.lines.day < day)
        last = min(self.last_day, day - 1)
        return replace(self, **parts, amount=amount, lines=lines, last_day=last)

    def of_customers(self, rows: Whole) -> Self:
        """Purchases of some customers, by ascending place; all items are kept."""
        counts = np.diff(self.start)[rows]
        places = spans(self.start[:-1][rows], counts)
        amount = None if self.amount is None else self.amount[places]
        return replace(
            self,
            customers=self.customers[rows],
            customer=np.repeat(np.arange(len(rows), dtype=np.int32), counts),
            item=self.item[places],
            day=self.day[places],
            orders=self.orders[places],
            amount=amount,
            lines=None if self.lines is None else self.lines.of_customers(rows),
        )

    def state(self) -> dict[str, Any]:
        """Plain arrays and numbers; `Interactions(**state)` is the same again."""
        return {name: getattr(self, name) for name in FIELDS}


FIELDS = ("customers", "items", "customer", "item", "day", "orders", "amount", "last_day")


def named_item(log: EventLog, owner: str) -> str:
    """Name of the column of items; a log without one is refused."""
    if log.item is None:
        raise DataError(
            f"{owner}: the log does not say what was bought. Name the column of product ids: "
            "EventLog(frame, ..., item='product_id')."
        )
    return log.item


def read_interactions(
    log: EventLog, cutoff: datetime, owner: str, *, may_be_empty: bool = False, quiet: bool = False
) -> Interactions:
    """Purchases of a log before an instant on its clock: events in, interactions out.

    It warns of purchases without an item, unless `quiet`.
    """
    item = named_item(log, owner)
    _frames.check_id_type(log.data, item, owner)
    events = read_purchases(log, cutoff, (item,), owner)
    known = events.codes[item] >= 0
    if not (quiet or known.all()):
        warn_user(
            f"{owner}: {(~known).sum():,} of {len(known):,} purchases have no {item!r} and were "
            "left out. Drop or fill them first to silence this.",
            DataWarning,
        )
    if not (may_be_empty or known.any()):
        raise DataError(f"{owner}: no purchase with {item!r} lies before {cutoff}.")
    order = events.codes.get(None)
    return sorted_interactions(
        customers=_frames.id_values(events.ids, "customer", owner),
        items=_frames.id_values(events.values[item], repr(item), owner),
        parts=[events.customer[known], events.codes[item][known], events.period[known]],
        order=None if order is None else order[known],
        amount=None if events.amount is None else events.amount[known],
        last_day=last_day_before(cutoff),
        n_orders=events.n_orders,
    )


def read_purchases(log: EventLog, cutoff: datetime, names: tuple[str, ...], owner: str) -> Any:
    """Lines of purchases before an instant: customer, day, and codes of the named columns."""
    ask = _frames.Reduction(
        columns=log.columns,
        as_of_us=_frames.microseconds(cutoff),
        period="D",
        time_zone=log.tz,
        net_returns=False,
        min_amount=log.min_amount,
        sum_log_gaps=False,
    )
    return _frames.read_events(log.data, ask, names, owner)


def last_day_before(cutoff: datetime) -> int:
    """The local day that the instant before a cut-off lies in, since 1970."""
    return (cutoff - timedelta(microseconds=1)).toordinal() - FIRST_DAY


def sorted_interactions(
    customers: Ids,
    items: Ids,
    parts: list[Whole],
    order: Whole | None,
    amount: Floats | None,
    last_day: int,
    n_orders: int | None = None,
) -> Interactions:
    """Interactions of lines (places of customer and item, day) in any order, merged by day.

    Numbers of `order` from `n_orders` on stand for missing ids, each for one.
    """
    customers, customer = _ascending(customers, parts[0])
    items, item = _ascending(items, parts[1])
    day = parts[2]
    place = _sorted_places(customer, item, day)
    customer, item, day = (part[place].astype(np.int32) for part in (customer, item, day))
    lines_of_orders = None
    if order is not None:
        order = order[place]
        named = order if n_orders is None else np.where(order < n_orders, order, -1)
        lines_of_orders = OrderLines(customer, item, day, named.astype(np.int32))
    first, lines = runs(fresh_rows(customer, item, day))
    return Interactions(
        customers=customers,
        items=items,
        customer=customer[first],
        item=item[first],
        day=day[first],
        orders=_orders(lines, order),
        amount=None if amount is None else _sums(first, lines, amount[place]),
        last_day=last_day,
        lines=lines_of_orders,
    )


def weigh(rows: Any, weight: str, half_life: float = np.inf) -> tuple[Whole, npt.NDArray[Any]]:
    """First row of each customer and item, and the weight of the pair as float32.

    `rows` has customer, item, ages, orders and amount, sorted by customer and item. The weight is
    1 for "binary", else the sum over the days of 1 ("days"), of the orders ("orders") or of the
    money ("amount"), each times 0.5 ** (age / half_life), the half-life in days.
    """
    first = fresh_rows(rows.item, rows.customer).nonzero()[0]
    if weight == "binary" or not len(first):
        return first, np.ones(len(first), dtype=np.float32)
    values = np.ones(len(rows.item)) if weight == "days" else getattr(rows, weight)
    if values is None:
        raise DataError("recommend: weights by amount need a log with amount=.")
    decayed = values * 0.5 ** (rows.ages / half_life)
    return first, np.add.reduceat(decayed, first).astype(np.float32)


def spans(low: Whole, counts: Whole) -> Whole:
    """Places low[0], low[0] + 1, ... of several runs, one behind the other."""
    ends = counts.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    places: Whole = np.arange(total) + np.repeat(low - (ends - counts), counts)
    return places


def _ascending(ids: Ids, codes: Whole) -> tuple[Ids, Whole]:
    """Ids in the order of numpy, whatever order of text the frame library has."""
    if (ids[1:] > ids[:-1]).all():
        return ids, codes
    place = np.argsort(ids, kind="stable")
    rank = np.empty(len(ids), dtype=np.int64)
    rank[place] = np.arange(len(ids))
    return ids[place], rank[codes]


def _sorted_places(customer: Whole, item: Whole, day: Whole) -> Whole:
    """Places that sort lines by customer, item and day; in one number where it is long enough."""
    if not len(day):
        return np.empty(0, dtype=np.int64)
    offset, n_items = int(day.min()), int(item.max()) + 1
    span = int(day.max()) - offset + 1
    if bits(customer.max()) + bits(n_items) + bits(span) > 63:
        return np.lexsort((day, item, customer))
    keys = (customer.astype(np.int64) * n_items + item) * span + (day - offset)
    return sorted_keys(keys, need_order=True)[0]


def _sums(first: Whole, lines: Whole, amount: Floats) -> Floats:
    """Sums of groups of lines, each added in order of size: the order of lines leaves no trace."""
    if lines.max(initial=0) > 2:  # two numbers have one sum
        many = np.repeat(lines > 2, lines).nonzero()[0]
        group = np.repeat(np.arange(len(lines)), lines)[many]
        amount[many] = amount[many][np.lexsort((amount[many], group))]
    return np.asarray(np.add.reduceat(amount, first), dtype=np.float64)


def _orders(lines: Whole, order: Whole | None) -> Whole:
    """Distinct orders of each group of lines; the lines, where there are no order ids."""
    counts = lines.astype(np.int32)
    if order is None or lines.max(initial=0) < 2:
        return counts
    many = np.repeat(lines > 1, lines).nonzero()[0]
    group, among = np.repeat(np.arange(len(lines)), lines)[many], order[many]
    place = np.lexsort((among, group))
    again = (np.diff(group[place]) == 0) & (np.diff(among[place]) == 0)
    repeats = np.bincount(group[place][1:][again], minlength=len(lines))
    return (counts - repeats).astype(np.int32)
