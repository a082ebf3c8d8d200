"""Baskets: what was bought together, and the sets of items in it that are frequent.

A basket is an order of a customer; where the log tells no orders, it is what a customer bought on a
day. Sets are found size by size: a set can only be frequent if all its parts are (Agrawal and
Srikant 1994, Fast algorithms for mining association rules, VLDB 1994, 487-499). Counts come from
products of sparse matrices, a block of rows at a time.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit.exceptions import DataError
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._order_lines import OrderLines

BLOCK_ENTRIES = 20_000_000
"""Most entries of a product that are held at a time; 12 bytes each."""


def daily_baskets(known: Interactions) -> sp.csr_matrix:
    """Baskets x items as zeros and ones: what a customer bought on a day is one basket."""
    return _baskets([known.customer, known.day], known.item, known.n_items)


def order_baskets(lines: OrderLines, n_items: int) -> sp.csr_matrix:
    """Baskets x items as zeros and ones, one row an order of a customer.

    Lines without an order id are together where the customer and the day are the same.
    """
    keys = [lines.customer, lines.order, np.where(lines.order < 0, lines.day, 0)]
    return _baskets(keys, lines.item, n_items)


def frequent_pairs(baskets: sp.csr_matrix, least: int, limit: int, owner: str) -> Whole:
    """Pairs of items (columns a < b) in at least `least` baskets: rows a, b, count."""
    counts = np.bincount(baskets.indices, minlength=baskets.shape[1])
    often = np.flatnonzero(counts >= least)
    some = baskets[:, often]
    across = some.T.tocsr()
    size = np.diff(some.indptr).astype(np.float64)
    row = np.repeat(np.arange(across.shape[0]), np.diff(across.indptr))
    entries = np.bincount(row, weights=size[across.indices], minlength=across.shape[0])
    parts: list[Whole] = []
    found = 0
    for block in blocks(np.minimum(entries, some.shape[1])):
        shared = (across[block] @ some).tocoo()
        left, right = shared.row + block.start, shared.col
        kept = (shared.data >= least) & (left < right)
        parts.append(np.stack([often[left[kept]], often[right[kept]], shared.data[kept]]))
        found += int(kept.sum())
        check_number(found, limit, least, "pairs", owner)
    return _sorted(parts, 3)


def frequent_triples(
    baskets: sp.csr_matrix, pairs: Whole, least: int, limit: int, owner: str
) -> Whole:
    """Triples (a < b < c) in at least `least` baskets, from the frequent pairs: a, b, c, count."""
    n_items = np.int64(baskets.shape[1])
    keys = pairs[0].astype(np.int64) * n_items + pairs[1]
    columns = baskets.tocsc()
    parts: list[Whole] = []
    found = 0
    counts = np.bincount(baskets.indices, minlength=n_items)
    for block in blocks(counts[pairs[0]] + counts[pairs[1]] + n_items):
        a, b = pairs[0, block], pairs[1, block]
        both = columns[:, a].multiply(columns[:, b]).T.tocsr()
        shared = (both @ baskets).tocoo()
        left, right, third = a[shared.row], b[shared.row], shared.col.astype(np.int64)
        kept = (shared.data >= least) & (third > right)
        left, right, third, count = (part[kept] for part in (left, right, third, shared.data))
        kept = np.isin(left * n_items + third, keys) & np.isin(right * n_items + third, keys)
        parts.append(np.stack([left[kept], right[kept], third[kept], count[kept]]))
        found += int(kept.sum())
        check_number(found, limit, least, "triples", owner)
    return _sorted(parts, 4)


def check_number(found: int, limit: int, least: int, what: str, owner: str) -> None:
    """Refuse more frequent sets than the memory is meant for."""
    if found > limit:
        raise DataError(
            f"{owner}: more than {limit:,} {what} of items are in at least {least:,} baskets. "
            "Raise min_support, or max_sets if there is memory for them."
        )


def _baskets(keys: list[npt.NDArray[Any]], item: Whole, n_items: int) -> sp.csr_matrix:
    order = np.lexsort((item, *reversed(keys)))
    sorted_keys = [key[order] for key in keys]
    item = item[order]
    fresh = np.zeros(len(item), dtype=bool)
    fresh[:1] = True
    for key in sorted_keys:
        fresh[1:] |= key[1:] != key[:-1]
    other = fresh.copy()
    other[1:] |= item[1:] != item[:-1]
    item, basket = item[other], (np.cumsum(fresh) - 1)[other]
    start = np.searchsorted(basket, np.arange(int(fresh.sum()) + 1))
    ones = np.ones(len(item), dtype=np.int32)
    return sp.csr_matrix((ones, item, start), shape=(len(start) - 1, n_items))


def blocks(entries: npt.NDArray[Any]) -> list[slice]:
    """Slices of rows that need so many entries each, `BLOCK_ENTRIES` or one row at a time."""
    place = np.cumsum(entries) // BLOCK_ENTRIES
    edges = [*np.flatnonzero(np.diff(place, prepend=-1)).tolist(), len(entries)]
    return [slice(low, high) for low, high in pairwise(edges)]


def _sorted(parts: list[Whole], n: int) -> Whole:
    """All parts side by side, columns in ascending order of the items."""
    whole = np.concatenate([np.empty((n, 0), dtype=np.int64), *parts], axis=1).astype(np.int64)
    return whole[:, np.lexsort(whole[-2::-1])]
