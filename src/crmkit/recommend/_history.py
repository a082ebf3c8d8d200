"""Histories: what is known of a block of customers, one row each, as sorted lines."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit.events._rows import running
from crmkit.recommend._interactions import Floats, Whole, spans, weigh

Entries = tuple[Whole, Whole, npt.NDArray[np.float32]]
BLOCK = 64
"""Customers that are scored together: 64 rows of scores stay near the processor."""


@dataclass(frozen=True, eq=False)
class Histories:
    """Purchases of a block of customers; the lines of row i are start[i]:start[i + 1].

    Attributes
    ----------
    start : ndarray of int
        One entry more than rows.
    item, day, orders, amount : ndarray
        As in `Interactions`, sorted by row, item and day.
    last_day : int
        The day from which ages count backwards.
    n_items : int
        Number of items, the columns of every matrix.
    known : ndarray of int
        Place of each customer among the fitted ones, -1 for one who was not there. The lines may
        be others than at the fit: a model scores the lines, not the customer.
    """

    start: Whole
    item: Whole
    day: Whole
    orders: Whole
    amount: Floats | None
    last_day: int
    n_items: int
    known: Whole
    _spare: list[npt.NDArray[np.float32]] = field(default_factory=list)
    _entries: dict[tuple[str, float], Entries] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.start) - 1

    @cached_property
    def customer(self) -> Whole:
        """Row of each line."""
        return np.repeat(np.arange(len(self)), self.start[1:] - self.start[:-1])

    @cached_property
    def is_told(self) -> npt.NDArray[np.bool_]:
        """Which rows have a line."""
        told: npt.NDArray[np.bool_] = self.start[1:] > self.start[:-1]
        return told

    @cached_property
    def ages(self) -> Whole:
        """Whole days from each line to the last known day."""
        return self.last_day - self.day.astype(np.int64)

    @cached_property
    def n_known(self) -> Whole:
        """Number of distinct items of each row."""
        return np.bincount(self.entries()[0], minlength=len(self))

    def entries(self, weight: str = "binary", half_life: float = np.inf) -> Entries:
        """Row, item and weight of each item of each row, weights as in `Interactions.matrix`."""
        asked = weight, half_life
        found = self._entries.get(asked)
        if found is None:
            first, values = weigh(self, weight, half_life)
            found = self._entries[asked] = self.customer[first], self.item[first], values
        return found

    @cached_property
    def _binary(self) -> sp.csr_matrix:
        return self._weighed("binary", np.inf)

    def matrix(self, weight: str = "binary", half_life: float = np.inf) -> sp.csr_matrix:
        """The same rows x items as a sparse matrix."""
        return self._binary if weight == "binary" else self._weighed(weight, half_life)

    def _weighed(self, weight: str, half_life: float) -> sp.csr_matrix:
        row, item, values = self.entries(weight, half_life)
        start = np.searchsorted(row, np.arange(len(self) + 1))
        return sp.csr_matrix((values, item, start), shape=(len(self), self.n_items))

    def lines_of(self, rows: Whole, items: Whole) -> tuple[Whole, Whole]:
        """Where the lines of some pairs of a row and an item begin and end."""
        wanted = rows * np.int64(self.n_items) + items
        return self._keys.searchsorted(wanted), self._keys.searchsorted(wanted, side="right")

    @cached_property
    def _keys(self) -> Whole:
        """Row and item of each line in one number, ascending."""
        return self.customer * np.int64(self.n_items) + self.item

    def buffer(self) -> npt.NDArray[np.float32]:
        """Array of rows x items to fill with scores; its content is not defined.

        The first who asks gets memory that is already there, any other a new array.
        """
        if self._spare:
            return self._spare.pop()[: len(self)]
        return np.empty((len(self), self.n_items), dtype=np.float32)

    def take(self, rows: Whole) -> "Histories":
        """Histories of some rows."""
        low, high = self.start[:-1][rows], self.start[1:][rows]
        return histories_of(self, low, high, self.last_day, self.known[rows])


def histories_of(
    lines: Any,
    low: Whole,
    high: Whole,
    last_day: int,
    known: Whole,
    spare: list[npt.NDArray[np.float32]] | None = None,
) -> Histories:
    """Histories whose rows are runs low[i]:high[i] of lines of `Interactions` or `Histories`."""
    counts = high - low
    is_run = len(low) > 0 and (low[1:] == high[:-1]).all()
    places = slice(low[0], high[-1]) if is_run else spans(low, counts)
    return Histories(
        start=running(counts),
        item=lines.item[places],
        day=lines.day[places],
        orders=lines.orders[places],
        amount=None if lines.amount is None else lines.amount[places],
        last_day=last_day,
        n_items=lines.n_items,
        known=known,
        _spare=[] if spare is None else spare,
    )
