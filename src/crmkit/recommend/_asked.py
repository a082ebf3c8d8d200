"""Who is asked for: known customers, unknown ones, and those whose history comes with the call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.exceptions import DataError
from crmkit.recommend._history import BLOCK, Histories, histories_of
from crmkit.recommend._ids import Ids, find
from crmkit.recommend._interactions import (
    Interactions,
    Whole,
)

PAIR = ("customer", "item")


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
        low, high, known = self.low[rows], self.high[rows], self.known[rows]
        return histories_of(self.lines, low, high, self.last_day, known, spare)


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
        ids = each_once(customers)
    place = find(known.customers, ids, "customers", owner)
    lines, low, high = known, *_bounds(known, place)
    is_given = np.zeros(len(ids), dtype=bool)
    if given is not None:
        find(known.customers, given.customers, "history", owner)
        new = find(given.customers, ids, "customers", owner)
        mine = _bounds(given, new)
        is_given = mine[1] > mine[0]
        if (is_given | (low == high)).all():  # nothing that the fit knows is asked for
            return Asked(ids, place, is_given, _with_money(given, known), *mine, last_day)
        lines = _behind(known, given)
        low, high = (
            np.where(is_given, len(known.item) + own, theirs)
            for own, theirs in zip(mine, (low, high), strict=True)
        )
    return Asked(ids, place, is_given, lines, low, high, last_day)


def each_once(customers: Ids) -> Ids:
    """Distinct ids in the order asked."""
    if (customers[1:] > customers[:-1]).all():
        return customers
    return customers[np.sort(np.unique(customers, return_index=True)[1])]


def read_pairs(pairs: Any, columns: Mapping[str, Any], owner: str) -> tuple[Ids, ...]:
    """Customers and items of a frame or of a list of pairs, row by row."""
    if _frames.is_frame(pairs):
        table = _frames.to_eager(pairs)
        return tuple(_frames.id_column(table, columns[part], owner) for part in PAIR)
    held = [tuple(pair) for pair in pairs]
    if any(len(pair) != 2 for pair in held):
        raise DataError(f"{owner}: pairs must be a frame or a list of (customer, item).")
    return tuple(_frames.id_values([pair[i] for pair in held], "pairs", owner) for i in (0, 1))


def _bounds(lines: Interactions, place: Whole) -> tuple[Whole, Whole]:
    """First line of each customer and the place behind the last; nothing for unknown ones."""
    low = np.where(place >= 0, lines.start[place], 0)
    return low, np.where(place >= 0, lines.start[place + 1], 0)


def _with_money(given: Interactions, known: Interactions) -> Interactions:
    """The lines of `given`, with money where `known` has it; what is not told is zero."""
    if (given.amount is None) == (known.amount is None):
        return given
    return replace(given, amount=None if known.amount is None else np.zeros(len(given.item)))


def _behind(known: Interactions, given: Interactions) -> Interactions:
    """The lines of both, those of `given` last."""
    given = _with_money(given, known)
    parts: dict[str, Any] = {
        name: np.concatenate([getattr(known, name), getattr(given, name)])
        for name in ("customer", "item", "day", "orders")
    }
    amount = None
    if known.amount is not None:
        amount = np.concatenate([known.amount, given.amount])
    return Interactions(
        customers=known.customers,
        items=known.items,
        amount=amount,
        last_day=given.last_day,
        **parts,
    )
