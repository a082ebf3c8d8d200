"""The best n of each row of scores, equal scores in item order: a row is a customer.

The n-th best of a row is found by partition of a copy; what is above it is in, and of what equals
it the first items are. -inf is no candidate, so that a row may have fewer than n.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit.recommend._interactions import Whole

Scores = npt.NDArray[np.float32]
Ranked = tuple[Whole, Whole, Scores]
"""Row, item and score of what was chosen, by row and falling score."""


def top_items(scores: Scores, n: int, work: Scores | None = None) -> Ranked:
    """Best n items of each row; `work` is memory in the shape of `scores` that is written over."""
    n_rows, n_items = scores.shape
    if n_items == 0 or n_rows == 0:
        return _nothing()
    if n >= n_items:
        row, item = np.nonzero(scores > -np.inf)
        return _sorted(row, item, scores[row, item])
    if work is None:
        work = np.empty_like(scores)
    rows, items = [], []
    for i in range(n_rows):
        line = work[i]
        line[:] = scores[i]
        line.partition(n_items - n)
        edge = line[n_items - n]
        if edge == -np.inf:
            chosen = np.flatnonzero(scores[i] > edge)
        else:
            chosen = np.flatnonzero(scores[i] >= edge)
            if len(chosen) > n:
                chosen = _first_of_equals(scores[i], chosen, edge, n)
        rows.append(np.full(len(chosen), i))
        items.append(chosen)
    row, item = np.concatenate(rows), np.concatenate(items)
    return _sorted(row, item, scores[row, item])


def top_entries(matrix: sp.csr_matrix, kept: npt.NDArray[np.bool_], n: int) -> Ranked:
    """Best n of the stored entries of each row of a sparse matrix, of those that are `kept`."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[kept]
    item, score = matrix.indices[kept], matrix.data[kept]
    row, item, score = _sorted(row, item, score)
    start = np.searchsorted(row, np.arange(matrix.shape[0]))
    best = np.arange(len(row)) - start[row] < n
    return row[best], item[best], score[best]


def ranks(row: Whole) -> Whole:
    """1, 2, ... within each run of equal rows."""
    fresh = np.flatnonzero(np.diff(row, prepend=-1))
    return np.arange(len(row)) - np.repeat(fresh, np.diff(np.append(fresh, len(row)))) + 1


def row_times_columns(rows: Scores, columns: Scores, out: Scores | None = None) -> Scores:
    """Product of a block of at most 64 rows and a matrix, the same bits wherever a row stands.

    The block is filled up to 64 rows: a product of another height may round otherwise.
    """
    whole = np.zeros((64, rows.shape[1]), dtype=np.float32)
    whole[: len(rows)] = rows
    if out is not None and out.shape == (64, columns.shape[1]):
        return np.dot(whole, columns, out=out)
    product: Scores = np.dot(whole, columns)[: len(rows)]
    if out is None:
        return product
    out[:] = product
    return out


def _first_of_equals(scores: Scores, chosen: Whole, edge: np.float32, n: int) -> Whole:
    above = chosen[scores[chosen] > edge]
    equal = chosen[scores[chosen] == edge]
    return np.concatenate([above, equal[: n - len(above)]])


def _sorted(row: Whole, item: Whole, score: Scores) -> Ranked:
    order = np.lexsort((item, -score, row))
    return row[order], item[order], score[order]


def _nothing() -> Ranked:
    nothing = np.empty(0, dtype=np.int64)
    return nothing, nothing, np.empty(0, dtype=np.float32)
