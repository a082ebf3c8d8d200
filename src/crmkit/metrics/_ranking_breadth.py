"""What lists hold beyond hits: money, breadth of the catalogue, popularity, variety."""

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from scipy import sparse

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.metrics import _ranking_math as formulas
from crmkit.metrics._ranking_lists import Codes, Ranking, TopLists

Vectors: TypeAlias = "sparse.csr_array[Any]"


def revenue_recall(lists: TopLists, ranking: Ranking) -> Floats:
    """Part of the weight of each customer's relevant items that is in the list."""
    relevant = ranking.relevant
    total = np.bincount(relevant.customer, relevant.weight, minlength=relevant.n_customers)
    weight = np.append(0.0 if relevant.weight is None else relevant.weight, 0.0)
    held = weight[lists.pair].sum(axis=1)  # place -1 is the zero behind them
    return np.asarray(np.clip(held / np.where(total > 0, total, np.nan), 0.0, 1.0))


def standing(ranking: Ranking) -> tuple[Floats, Floats]:
    """Novelty in bits and percentile of popularity of each item; the latter of those for sale."""
    n_buyers, n_customers = ranking.popularity
    place = np.full(len(n_buyers), np.nan)
    place[ranking.for_sale] = formulas.percentile(n_buyers[ranking.for_sale])
    return formulas.self_information(n_buyers, n_customers), place


def coverage(lists: TopLists, ranking: Ranking, owner: str) -> dict[str, float]:
    """Part of the catalogue that is in anybody's list, where a catalogue is known."""
    if ranking.catalogue is None and ranking.known is None:
        return {}
    n_items = ranking.relevant.n_items
    listed = np.bincount(lists.items[lists.items >= 0], minlength=n_items) > 0
    outside = int((listed & ~ranking.for_sale).sum())
    if outside and ranking.catalogue is not None:
        raise DataError(
            f"{owner} recommends {outside:,} items that are not in the catalogue of "
            f"{ranking.for_sale.sum():,}. Give all items that could be recommended."
        )
    inside = (listed & ranking.for_sale).sum()
    return {"coverage": float(inside / max(ranking.for_sale.sum(), 1))}


def unit_vectors(features: Any, item: str, ranking: Ranking) -> "Vectors | None":
    """Features of every item as rows of length 1; all 0 where there are none."""
    if features is None or ranking.described is None:
        return None
    codes, owner = ranking.described, "features"
    if np.bincount(codes).max(initial=0) > 1:
        raise DataError(f"{owner}: an item has several rows. Keep one of each.")
    names = _frames.column_names(features, owner)
    places = [i for i, name in enumerate(names) if name != item]
    blocks = []
    for name, column in zip(
        (names[i] for i in places), _frames.mixed_columns(features, places, owner), strict=True
    ):
        if column.kind in ("instant", "nested"):
            raise DataError(f"{owner}: {name!r} holds neither numbers nor text. Leave it out.")
        if column.kind == "number":
            value, code = np.nan_to_num(column.values), np.zeros(len(codes), dtype=np.int64)
        else:
            code = np.asarray(pd.factorize(column.values)[0], dtype=np.int64)
            value = (code >= 0).astype(np.float64)
        blocks.append(column_block(codes, code, value, ranking.relevant.n_items))
    if not blocks:
        raise DataError(f"{owner}: no column describes the items. Columns: {names}.")
    return of_length_one(blocks)


def of_length_one(blocks: "list[Vectors]") -> "Vectors":
    """Columns side by side, every row scaled to length 1 unless it is 0."""
    stacked = sparse.hstack(blocks, format="csr")
    length = np.sqrt(np.asarray(stacked.multiply(stacked).sum(axis=1)).ravel())
    scale = sparse.diags_array(1.0 / np.where(length > 0, length, 1.0))
    return sparse.csr_array(scale @ stacked)


def column_block(item: Codes, code: Codes, value: Floats, n_items: int) -> Vectors:
    """One feature as columns of a sparse matrix: one for a number, one a value of text."""
    there = value != 0
    width = int(code.max(initial=0)) + 1
    place = (item[there], np.maximum(code[there], 0))
    return sparse.csr_array((value[there], place), shape=(n_items, width))


def diversity(lists: TopLists, vectors: Vectors) -> Floats:
    """One less the mean cosine over the pairs of each list; items without features left out."""
    described = np.append(np.diff(vectors.indptr) > 0, False)  # place -1 is the last
    listed = described[lists.items]
    row, place = np.nonzero(listed)
    shape = (len(lists.items), vectors.shape[0])
    chosen = sparse.csr_array((np.ones(len(row)), (row, lists.items[row, place])), shape=shape)
    total = chosen @ vectors
    sums: Floats = np.asarray(total.multiply(total).sum(axis=1)).ravel()
    return formulas.dissimilarity(sums, listed.sum(axis=1))
