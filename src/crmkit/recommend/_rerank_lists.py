"""Lists: the candidates of some customers as tables, and frames turned into them and back.

A row is a customer, the best candidate first. What a re-ranker reads as relevance is the score of
the place: the k-th largest score of the customer belongs to whatever stands at place k. So one
re-ranker reads what another has made of the list, whatever the scores are of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.metrics._ranking_lists import check_no_repeats
from crmkit.recommend._ids import Ids, find
from crmkit.recommend._interactions import Whole

BLOCK = 256
"""Customers whose lists are re-ranked together."""


@dataclass(frozen=True, eq=False)
class Lists:
    """Candidates of a block of customers, a row a customer, best first.

    Attributes
    ----------
    who : ndarray
        Raw ids of the customers.
    customer : ndarray of int
        Their places among the fitted customers, -1 for unknown ones.
    ids : ndarray
        Raw ids of the items: the fitted ones, and behind them those that the fit does not know.
    item : ndarray of int of shape (n_customers, width)
        Places in `ids`, -1 behind the end of a list.
    score : ndarray of float64 of shape (n_customers, width)
        Score of each place, falling.
    own : ndarray of float64 of shape (n_customers, width)
        Score that the candidate came with.
    """

    who: Ids
    customer: Whole
    ids: Ids
    item: Whole
    score: Floats
    own: Floats

    @property
    def there(self) -> npt.NDArray[np.bool_]:
        """Which places hold a candidate."""
        return np.asarray(self.item >= 0)

    @property
    def relevance(self) -> Floats:
        """Score of each place from 0 for the last candidate to 1 for the first; 1 for equals."""
        there = self.there
        low = np.min(self.score, axis=1, initial=np.inf, where=there)[:, None]
        high = np.max(self.score, axis=1, initial=-np.inf, where=there)[:, None]
        wide = high > low
        with np.errstate(invalid="ignore"):
            share = (self.score - low) / np.where(wide, high - low, 1.0)
        return np.where(there, np.where(wide, share, 1.0), 0.0)

    def of_items(self, values: npt.NDArray[Any], otherwise: Any) -> npt.NDArray[Any]:
        """A value of the fitted items for each candidate; of another item, and of none, another."""
        padded = np.concatenate([values, np.asarray([otherwise], dtype=values.dtype)])
        return np.asarray(padded[np.minimum(self.item, len(values))])

    def take(self, place: Whole) -> Self:
        """The lists in another order: places of the candidates, -1 behind the end."""
        there = place >= 0
        return type(self)(
            who=self.who,
            customer=self.customer,
            ids=self.ids,
            item=np.where(there, np.take_along_axis(self.item, place, axis=1), -1),
            score=self.score[:, : place.shape[1]],
            own=np.take_along_axis(self.own, place, axis=1),
        )


def lists_of(
    row: Whole, item: Whole, score: Floats, who: Ids, customer: Whole, ids: Ids
) -> tuple[Lists, Whole]:
    """Candidates by row, best first, as lists; and the place of each within its list."""
    start = np.searchsorted(row, np.arange(len(who) + 1))
    place = np.arange(len(row)) - start[row]
    shape = (len(who), int(np.diff(start).max(initial=0)))
    items, own = np.full(shape, -1), np.full(shape, np.nan)
    items[row, place] = item
    own[row, place] = score
    falling = -np.sort(-own, axis=1)  # NaN stays behind the end
    return Lists(who, customer, ids, items, falling, own), place


def best_first(key: Floats, there: npt.NDArray[np.bool_], n: int) -> Whole:
    """Places of the n highest keys of each row, equals in their order; -1 behind the end."""
    falling = np.argsort(np.where(there, -key, np.inf), axis=1, kind="stable")[:, :n]
    return np.where(np.take_along_axis(there, falling, axis=1), falling, -1)


class ReadLists:
    """A long frame of recommendations as lists, block by block; `rows` tells the row of each."""

    def __init__(self, table: Any, columns: dict[str, str], ids: Ids, known: Ids, owner: str):
        names = _frames.column_names(table, owner)
        for name in (columns["customer"], columns["item"], "score"):
            if name not in names:
                raise DataError.missing_column(owner, name, names)
        who, customers = _frames.id_codes(table, columns["customer"], owner)
        what, items = _frames.id_codes(table, columns["item"], owner)
        scores = read_numbers(table, "score", owner)
        place = find(ids, items, f"{columns['item']!r}", owner)
        self.ids = _frames.joint_ids([ids, items[place < 0]], repr(columns["item"]), owner)
        new = np.cumsum(place < 0) + len(ids) - 1
        item = np.where(place >= 0, place, new)[what] if len(items) else what
        check_no_repeats(who * np.int64(len(self.ids) + 1) + item, f"{owner}: recommendations")
        first = np.unique(who, return_index=True)[1]
        turn = np.argsort(np.argsort(first))
        by = read_numbers(table, "rank", owner) if "rank" in names else -scores
        self.rows = np.lexsort((by, turn[who] if len(who) else who))
        self.row, self.item, self.score = turn[who][self.rows], item[self.rows], scores[self.rows]
        self.who = customers[np.argsort(turn)]
        self.customer = find(known, self.who, f"{columns['customer']!r}", owner)

    def blocks(self) -> Iterator[tuple[Lists, Whole, Whole]]:
        """Lists of some customers, and the row of the frame of each candidate."""
        for begin in range(0, len(self.who), BLOCK):
            end = min(begin + BLOCK, len(self.who))
            part = slice(*np.searchsorted(self.row, [begin, end]))
            row = self.row[part] - begin
            lists, place = lists_of(
                row,
                self.item[part],
                self.score[part],
                self.who[begin:end],
                self.customer[begin:end],
                self.ids,
            )
            rows = np.full(lists.item.shape, -1)
            rows[row, place] = self.rows[part]
            yield lists, rows, place


def read_numbers(table: Any, name: str, owner: str) -> Floats:
    """A column of finite numbers."""
    values = _frames.named_numbers(table, name, owner)
    bad = ~np.isfinite(values)
    if bad.any():
        raise DataError(
            f"{owner}: {name!r} has {bad.sum():,} values that are missing or infinite (first at "
            f"row {bad.argmax():,}). Drop these rows first."
        )
    return values
