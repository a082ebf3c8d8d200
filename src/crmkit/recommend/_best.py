"""Blocks of customers scored and ranked: what `recommend`, `predict` and campaigns have in common.

A scorer is anything with `scores(histories)`, the rows x items of a block, and perhaps
`entries(histories)`, the same as a sparse matrix whose missing entries are no candidates.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit.recommend._asked import Asked
from crmkit.recommend._filters import Filters
from crmkit.recommend._history import BLOCK, Histories
from crmkit.recommend._interactions import Whole
from crmkit.recommend._top_items import Ranked, Scores, top_entries, top_items

Score = Callable[[Histories], Scores]
Entries = Callable[[Histories], sp.csr_matrix]
SPARSE_BLOCK = 1024
FULL = 1 / 64  # share of entries from which dense blocks are less work than sorting them


def best_items(
    asked: Asked, filters: Filters, n: int, score: Score
) -> Iterator[tuple[slice, Histories, Ranked]]:
    """Best n items of each customer, a block at a time, by dense scores."""
    for rows, histories in asked.blocks():
        scores = score(histories)
        filters.mask(scores, rows, histories)
        yield rows, histories, top_items(scores, n)


def best_entries(
    asked: Asked, filters: Filters, n: int, entries: Entries
) -> Iterator[tuple[slice, Histories, Ranked]]:
    """Best n items of each customer, a block at a time, by sparse scores."""
    for rows, histories in asked.blocks(SPARSE_BLOCK):
        matrix = entries(histories)
        if matrix.nnz > FULL * matrix.shape[0] * matrix.shape[1]:
            yield from _filled(rows, histories, matrix, filters, n)
            continue
        row = np.repeat(np.arange(len(histories)), np.diff(matrix.indptr))
        kept = filters.keep(row, matrix.indices, rows, histories)
        yield rows, histories, top_entries(matrix, kept, n)


def _filled(
    rows: slice, histories: Histories, matrix: sp.csr_matrix, filters: Filters, n: int
) -> Iterator[tuple[slice, Histories, Ranked]]:
    """The same for a matrix with so many entries that dense blocks are less work."""
    for begin in range(0, len(histories), BLOCK):
        end = min(begin + BLOCK, len(histories))
        some = histories.take(np.arange(begin, end))
        scores = densified(matrix[begin:end], some.buffer())
        block = slice(rows.start + begin, rows.start + end)
        filters.mask(scores, block, some)
        yield block, some, top_items(scores, n)


def pair_scores(asked: Asked, row: Whole, item: Whole, score: Score) -> npt.NDArray[np.float64]:
    """Score of each pair of an asked customer and an item; items of -1 score -inf."""
    found = np.full(len(row), -np.inf)
    order = np.argsort(row, kind="stable")
    sorted_row = row[order]
    for rows, histories in asked.blocks():
        places = order[slice(*np.searchsorted(sorted_row, [rows.start, rows.stop]))]
        places = places[item[places] >= 0]
        if len(places):
            scores = score(histories)
            found[places] = scores[row[places] - rows.start, item[places]]
    return found


def best_customers(
    asked: Asked, filters: Filters, items: Whole, n: int, score: Score
) -> tuple[Whole, Whole, Scores]:
    """Best n customers of each of some items: place in `items`, row of the customer, score.

    Those of whom nothing is known are left out: their scores tell of the item alone.
    """
    kept: list[Any] = []
    waiting = 0
    for rows, histories in asked.blocks():
        scores = score(histories)
        filters.mask(scores, rows, histories)
        scores[np.diff(histories.start) == 0] = -np.inf
        row, place = np.nonzero(scores[:, items] > -np.inf)
        kept.append((place, row + rows.start, scores[row, items[place]]))
        waiting += len(row)
        if waiting > 1_000_000:
            kept = [_best_rows(kept, n)]
            waiting = len(kept[0][0])
    return _best_rows(kept, n)


def most_similar(places: Whole, n: int, similar: Callable[[Whole], Scores]) -> Ranked:
    """Best n other items of each of some: place in `places`, item and score, a block at a time."""
    parts: list[Ranked] = []
    for begin in range(0, len(places), BLOCK):
        block = places[begin : begin + BLOCK]
        scores = similar(block)
        scores[np.arange(len(block)), block] = -np.inf
        row, other, score = top_items(scores, n)
        parts.append((row + begin, other, score))
    row, other, score = joined(parts, 3)
    return row, other, score


def densified(matrix: sp.csr_matrix, out: Scores) -> Scores:
    """Sparse scores as a dense block, -inf where there is no entry."""
    out[:] = -np.inf
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    out[row, matrix.indices] = matrix.data
    return out


def joined(parts: list[tuple[Any, ...]], n: int) -> list[Any]:
    """The n arrays of all parts, each one behind the other; None where the parts have none."""
    if not parts:
        return [np.empty(0, dtype=np.int64) for _ in range(n)]
    columns = list(zip(*parts, strict=True))
    return [None if column[0] is None else np.concatenate(column) for column in columns]


def _best_rows(kept: list[Any], n: int) -> tuple[Whole, Whole, Scores]:
    if not kept:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, np.empty(0, dtype=np.float32)
    place, row, score = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    order = np.lexsort((row, -score, place))
    place, row, score = place[order], row[order], score[order]
    first = np.searchsorted(place, place)
    best = np.arange(len(place)) - first < n
    return place[best], row[best], score[best]
