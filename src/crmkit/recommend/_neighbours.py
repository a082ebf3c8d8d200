"""Neighbours: similarities of the columns of a matrix, the best k of each kept, a block at a time.

cosine: S_ij = x_i'x_j / (|x_i| |x_j| + shrinkage), which damps pairs with few customers in common.
bm25: the same on weights w_ui = idf(u) (K1 + 1) / (K1 (1 - B + B n_i / mean n) + 1), with n_i the
customers of item i and idf(u) = log(N) - log(1 + n_u) of the items of customer u: Robertson and
Zaragoza (2009), Foundations and Trends in Information Retrieval 3, 333-389.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit.recommend._top_items import top_items

K1, B = 1.2, 0.75
BLOCK = 128


def bm25(bought: sp.csr_matrix) -> sp.csr_matrix:
    """BM25 weights of a matrix of zeros and ones, customers x items."""
    n_items = bought.shape[1]
    per_customer = np.diff(bought.indptr)
    per_item = np.bincount(bought.indices, minlength=n_items)
    rarity = np.log(n_items) - np.log1p(per_customer)
    length = per_item / max(per_item[per_item > 0].mean(), 1.0) if per_item.any() else per_item
    damping = (K1 + 1.0) / (K1 * (1.0 - B + B * length) + 1.0)
    values = np.repeat(np.maximum(rarity, 0.0), per_customer) * damping[bought.indices]
    return sp.csr_matrix((values.astype(np.float32), bought.indices, bought.indptr), bought.shape)


def item_neighbours(weights: sp.csr_matrix, k: int, shrinkage: float) -> sp.csr_matrix:
    """Items x items: column j holds the k items most similar to j, and how similar they are."""
    columns = weights.T.tocsr()
    norm = norms(columns)
    parts: list[tuple[Any, ...]] = []
    for begin in range(0, columns.shape[0], BLOCK):
        block = slice(begin, begin + BLOCK)
        shared = (columns[block] @ weights).tocsr()
        near = cosines(shared, norm[block], norm, shrinkage)
        own = np.arange(near.shape[0])
        near[own, own + begin] = -np.inf
        row, other, value = top_items(near, k)
        parts.append((row + begin, other, value))
    target, item, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    kept = sp.csr_matrix((value, (item, target)), shape=(len(norm), len(norm)), dtype=np.float32)
    kept.sort_indices()
    return kept


def cosines(
    shared: sp.csr_matrix,
    left: npt.NDArray[Any],
    right: npt.NDArray[Any],
    shrinkage: float,
) -> npt.NDArray[np.float32]:
    """Dense similarities of products and norms; -inf where nothing is shared."""
    row = np.repeat(np.arange(shared.shape[0]), np.diff(shared.indptr))
    scale = left[row] * right[shared.indices] + shrinkage
    near = np.full(shared.shape, -np.inf, dtype=np.float32)
    there = shared.data > 0
    near[row[there], shared.indices[there]] = (shared.data[there] / scale[there]).astype(np.float32)
    return near


def norms(rows: sp.csr_matrix) -> npt.NDArray[np.float64]:
    """Euclidean length of each row."""
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    squares = np.bincount(row, weights=rows.data.astype(np.float64) ** 2, minlength=rows.shape[0])
    return np.asarray(np.sqrt(squares), dtype=np.float64)
