"""Rows by customer and period, sorted once: what lies before a period is then a look-up.

A period is an hour, a day, a week or a month, as a whole number. Sorting is done on numbers that
pack customer, period and place; look-ups of many periods are answered together by one count over
the rows. Look-ups go through blocks of customers that fit the cache: no temporary array of theirs
is as long as the log.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._runs import fresh_rows, runs

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[Any]  # whole numbers of 32 or 64 bits: a large log is held in few bytes

BLOCK = 2**18
"""Rows and customers that are worked on together."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Periods of customers, ascending; those of customer i are period[start[i]:start[i + 1]].

    `offset` is the first period of all, `span` the number of periods from it to the last of all.
    """

    start: Whole
    period: Whole
    offset: int
    span: int
    _before: dict[int, Whole] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.period)

    def before(self, period: int) -> Whole:
        """For each customer the place behind the last row before a period."""
        if period not in self._before:
            self.look_up([period])
        return self._before[period]

    def until(self, last: int | Whole) -> Whole:
        """For each customer the place behind the last row at or before a period, or one each."""
        if isinstance(last, np.ndarray):
            return first_not_before(self.period, self.start[:-1], self.start[1:], last + 1)
        return self.before(int(last) + 1)

    def look_up(self, periods: Iterable[int]) -> None:
        """Find what `before` tells of some periods at once: many cost little more than one."""
        asked = sorted(set(periods) - self._before.keys())
        if not asked:
            return
        bounds = np.array(asked, dtype=np.int64)
        if len(self.start) == 2:  # one customer
            ends = self.period.searchsorted(bounds).astype(self.start.dtype)[:, None]
            self._before.update(zip(asked, ends, strict=True))
            return
        ends = np.empty((len(bounds), len(self.start) - 1), dtype=self.start.dtype)
        passed = np.searchsorted(bounds, self.offset + np.arange(self.span), side="right")
        width = len(bounds) + 1
        for low, high in self.blocks():
            start = self.start[low : high + 1]
            cells = passed[self.period[start[0] : start[-1]] - self.offset]
            cells += np.repeat(np.arange(high - low) * width, np.diff(start))
            counts = np.bincount(cells, minlength=(high - low) * width)
            np.cumsum(counts, out=counts)
            counts += start[0]
            ends[:, low:high] = counts.reshape(-1, width)[:, :-1].T
        self._before.update(zip(bounds.tolist(), ends, strict=True))

    def blocks(self) -> Iterator[tuple[int, int]]:
        """Bounds of neighbouring customers that have few rows together."""
        n = len(self.start) - 1
        if self.start[-1] + n <= BLOCK:
            yield from [(0, n)] if n else []
            return
        sizes = self.start + np.arange(n + 1)
        bounds = np.searchsorted(sizes, np.arange(0, sizes[-1], BLOCK))
        yield from pairwise(np.unique([*bounds, n]).tolist())

    def part(self, low: int, high: int) -> "Rows":
        """The rows of the customers low:high, with what was looked up."""
        first, behind = self.start[low], self.start[high]
        known = {period: ends[low:high] - first for period, ends in self._before.items()}
        start = self.start[low : high + 1] - first
        return Rows(start, self.period[first:behind], self.offset, self.span, known)


def first_not_before(held: Whole, low: Whole, high: Whole, period: int | Whole) -> Whole:
    """First row at low:high that does not hold less than `period`, else high; all at once.

    The rows of a customer lie side by side, so that the search stays within what is at hand.
    """
    if len(low) == 1:
        some = held[low[0] : high[0]]
        return np.asarray(low + some.searchsorted(period), dtype=low.dtype)
    row: Whole = np.array(low)
    for power in reversed(range(int((high - low).max(initial=0)).bit_length())):
        ahead = row + ((1 << power) - 1)
        earlier = held.take(ahead, mode="clip") < period
        earlier &= ahead < high
        np.add(row, 1 << power, out=row, where=earlier)
    return row


def by_period(parts: list[Any], n: int) -> tuple[Rows, Floats | None, Whole]:
    """Rows of n customers, sums of the amounts (and a zero behind), counts of the lines.

    `parts` are customer, period and amount (or None) of each line; the list is emptied, to give
    the arrays back early. The amounts of a row are added in order of size: the order of the lines
    leaves no trace.
    """
    amount, period, customer = (parts.pop() for _ in range(3))
    if not len(period):
        nothing = np.empty(0, dtype=np.int32)
        rows = Rows(np.zeros(n + 1, dtype=np.int32), nothing, 0, 1)
        return rows, None if amount is None else np.zeros(1), nothing
    offset = int(period.min())
    span = int(period.max()) - offset + 1
    keys = customer * span
    keys += period
    del customer, period
    keys -= offset
    order, keys = sorted_keys(keys, need_order=amount is not None)
    fresh = fresh_rows(keys)
    begins, lines = runs(fresh)
    sums = None
    if amount is not None:
        amount = amount[order]
        del order
        if lines.max(initial=0) > 2:  # two numbers have one sum, whatever their order
            many = np.flatnonzero(np.repeat(lines > 2, lines))
            amount[many] = amount[many][np.lexsort((amount[many], keys[many]))]
        sums = np.zeros(len(begins) + 1)
        sums[:-1] = np.add.reduceat(amount, begins)
    del amount, begins
    keys = keys[fresh]
    start = in_few_bytes(keys.searchsorted(np.arange(n + 1) * span))
    keys %= span
    periods = keys.astype(np.int32)
    periods += offset
    return Rows(start, periods, offset, span), sums, lines.astype(np.int32)


def sorted_keys(keys: Whole, *, need_order: bool) -> tuple[Whole, Whole]:
    """Order that sorts whole numbers of at least 0, and the sorted numbers; `keys` is used up.

    Key and place share one number where they fit: sorting numbers is much faster than ranking.
    """
    places = bits(len(keys))
    if not need_order:
        keys.sort()
        return keys[:0], keys
    if bits(int(keys.max(initial=0))) + places > 63:
        order = np.argsort(keys, kind="stable")
        return order, keys[order]
    keys <<= places
    keys |= np.arange(len(keys))
    keys.sort()
    order = keys & ((1 << places) - 1)
    keys >>= places
    return order, keys


def running(counts: Whole) -> Whole:
    """Running totals with a zero before them; of counts of 32 bits there are below 2**31."""
    small = counts.dtype.itemsize <= 4
    totals = np.zeros(len(counts) + 1, dtype=np.int32 if small else np.int64)
    counts.cumsum(out=totals[1:])
    return totals


def in_few_bytes(places: Whole) -> Whole:
    """Ascending places as numbers of 32 bits where they fit."""
    return places.astype(np.int32) if places[-1] < 2**31 else places


def bits(number: Any) -> int:
    """Number of binary digits."""
    return int(number).bit_length()
