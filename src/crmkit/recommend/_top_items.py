"""The best n of each row of scores, equal scores in item order: a row is a customer.

A row is cut into pieces. The n-th largest of the maxima of the pieces is a bound that the best n
reach, so that only pieces whose maximum reaches it are looked at: one pass over the scores and few
numbers to sort. -inf is no candidate, so that a row may have fewer than n.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._runs import fresh_rows, runs
from crmkit.recommend._interactions import Whole

Scores = npt.NDArray[np.float32]
Ranked = tuple[Whole, Whole, Scores]
"""Row, item and score of what was chosen, by row and falling score."""
WIDTH = 256  # scores of a piece


def top_items(scores: Scores, n: int) -> Ranked:
    """Best n items of each row of a dense matrix."""
    n_items = scores.shape[1]
    if n == 1 and n_items:
        return _first_items(scores)
    width = min(n_items // (4 * n), WIDTH)
    if width < 4:
        row, item = np.nonzero(scores > -np.inf)
    else:
        row, item = _candidates(scores, n, width)
    return _best(row, item, scores[row, item], n, len(scores))


def top_entries(matrix: sp.csr_matrix, kept: npt.NDArray[np.bool_], n: int) -> Ranked:
    """Best n of the stored entries of each row of a sparse matrix, of those that are `kept`."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[kept]
    item, score = matrix.indices[kept], matrix.data[kept]
    return _best(row, item, score, n, matrix.shape[0])


def ranks(row: Whole) -> Whole:
    """1, 2, ... within each run of equal rows."""
    first, lengths = runs(fresh_rows(row))
    return np.asarray(np.arange(1, len(row) + 1) - first.repeat(lengths))


def row_times_columns(rows: Scores, columns: Scores, out: Scores | None = None) -> Scores:
    """Product of a block of at most 64 rows and a matrix, the same bits wherever a row stands.

    Blocks are as high as rounds every row alike, and the last is filled up: a product of another
    height may round otherwise.
    """
    height = _height(*columns.shape)
    if out is None:
        out = np.empty((len(rows), columns.shape[1]), dtype=np.float32)
    whole = np.zeros((height, rows.shape[1]), dtype=np.float32)
    for first in range(0, len(rows), height):
        block = rows[first : first + height]
        if len(block) == height and block.flags.c_contiguous:
            np.dot(block, columns, out=out[first : first + height])
        else:
            whole[: len(block)] = block
            out[first : first + height] = np.dot(whole, columns)[: len(block)]
    return out


@lru_cache(maxsize=64)
def _height(n_terms: int, n_columns: int) -> int:
    """The most rows, up to 64, that a product rounds alike, tried on equal rows.

    The linear algebra below numpy adds up in an order that may depend on where a row stands in its
    block: that of OpenBLAS for Haswell and Zen does from 12 rows on.
    """
    draw = np.random.default_rng(0)
    columns = draw.random((n_terms, n_columns), dtype=np.float32)
    row = draw.random(n_terms, dtype=np.float32)
    for height in (64, 8, 4):
        product = np.dot(np.tile(row, (height, 1)), columns)
        if (product == product[0]).all():
            return height
    return 1


def _first_items(scores: Scores) -> Ranked:
    """The best item of each row, the first of equal ones."""
    item = scores.argmax(axis=1)
    score = scores[np.arange(len(scores)), item]
    row = (score > -np.inf).nonzero()[0]
    return row, item[row], score[row]


def _candidates(scores: Scores, n: int, width: int) -> tuple[Whole, Whole]:
    """Rows and items, ascending, among which the best n of each row are.

    What equals the bound of its row counts n times at most, the first items before the others.
    """
    n_rows, n_items = scores.shape
    whole = n_items // width
    pieces = scores[:, : whole * width].reshape(n_rows, whole, width)
    largest = pieces.max(axis=2)
    bound = np.partition(largest, whole - n, axis=1)[:, whole - n]
    row, piece = np.nonzero((largest >= bound[:, None]) & (largest > -np.inf))
    looked_at = pieces[row, piece]
    reach = (looked_at >= bound[row, None]) & (looked_at > -np.inf)
    place, offset = np.nonzero(reach)
    tail_row, tail = np.nonzero(
        (scores[:, whole * width :] >= bound[:, None]) & (scores[:, whole * width :] > -np.inf)
    )
    rows = np.concatenate([row[place], tail_row])
    items = np.concatenate([piece[place] * width + offset, tail + whole * width])
    if len(tail):
        order = np.argsort(rows, kind="stable")
        rows, items = rows[order], items[order]
    equal = scores[rows, items] == bound[rows]
    if equal.sum() <= 2 * n * n_rows:
        return rows, items
    so_far = np.cumsum(equal)
    start = np.searchsorted(rows, np.arange(n_rows))
    before = np.append(0, so_far)[start]
    kept = ~equal | (so_far - before[rows] <= n)
    return rows[kept], items[kept]


def _best(row: Whole, item: Whole, score: Scores, n: int, n_rows: int) -> Ranked:
    """Best n of some entries of each of n_rows rows."""
    order = np.lexsort((item, -score, row))
    row, item, score = row[order], item[order], score[order]
    start = np.searchsorted(row, np.arange(n_rows))
    best = np.arange(len(row)) - start[row] < n
    return row[best], item[best], score[best]
