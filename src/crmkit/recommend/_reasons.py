"""Reasons: the items of a history that speak for an offer, in words."""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole, spans
from crmkit.recommend._top_items import Scores

Contributions = tuple[Whole, Whole, npt.NDArray[Any]]
"""Pair, item of the history, and what that item adds to the score of the pair."""
TOP = 3
POPULAR, UNSOLD = "popular with other customers", "new, nobody bought it yet"
FITTING = "fits what you bought"  # all that a model without customers knows, if it cannot say why


def history_pairs(matrix: sp.csr_matrix, rows: Whole) -> tuple[Whole, Whole, Scores]:
    """Pair, item and entry of all items of the histories of some rows, one pair for each row."""
    counts = np.diff(matrix.indptr)[rows]
    places = spans(matrix.indptr[rows], counts)
    return np.repeat(np.arange(len(rows)), counts), matrix.indices[places], matrix.data[places]


def entries_at(matrix: sp.csr_matrix, row: Whole, column: Whole) -> npt.NDArray[Any]:
    """Entries of a sparse matrix at some places, none of them too; 0 where nothing is stored."""
    if not len(row):
        return np.empty(0, dtype=matrix.dtype)
    return np.asarray(matrix[row, column]).ravel()


def because(parts: Contributions, names: npt.NDArray[Any], n: int, words: str) -> npt.NDArray[Any]:
    """A sentence for each of n offers: the items that add most to its score; else ""."""
    made = np.full(n, "", dtype=object)
    pair, item, value = parts
    order = np.lexsort((item, -value, pair))
    pair, item, value = pair[order], item[order], value[order]
    place = np.arange(len(pair)) - np.searchsorted(pair, pair)
    told = (value > 0) & (place < TOP)
    named: dict[int, list[str]] = {}
    for one, what in zip(pair[told].tolist(), names[item[told]].tolist(), strict=True):
        named.setdefault(one, []).append(str(what))
    for one, bought in named.items():
        made[one] = f"{words} {', '.join(bought)}"
    return made


def bought_before(histories: Histories, rows: Whole, items: Whole) -> npt.NDArray[Any]:
    """A sentence for each row and item of its history, on how many days and when last; else ""."""
    low, high = histories.lines_of(rows, items)
    n_days = high - low
    made = np.full(len(rows), "", dtype=object)
    again = n_days.nonzero()[0]
    since = (histories.ages[high[again] - 1] + 1).tolist()
    for i, n, ago in zip(again.tolist(), n_days[again].tolist(), since, strict=True):
        when = f"{ago} {'day' if ago == 1 else 'days'} ago"
        made[i] = f"bought on {n} days, last {when}" if n > 1 else f"bought {when}"
    return made


def goes_with(
    known: Interactions, histories: Histories, rows: Whole, items: Whole
) -> Contributions:
    """Cosine of each pair's item with the items of the customer's history, by common buyers.

    It explains models whose scores are no sums over the history: what goes with the offer.
    """
    bought = known.buyers
    size = np.sqrt(np.maximum(np.diff(bought.indptr), 1))
    lines = histories.matrix()
    offered, offer = np.unique(items, return_inverse=True)
    pair, item, _ = history_pairs(lines, rows)
    had, have = np.unique(item, return_inverse=True)
    shared = (bought[:, offered].T @ bought[:, had]).tocsr()
    common = entries_at(shared, offer[pair], have)
    same = item == items[pair]
    return pair, item, np.where(same, 0.0, common / (size[items[pair]] * size[item]))


def co_purchases(known: Interactions, items: Whole) -> Scores:
    """Cosine of the customers of each item with those of all others; -inf without any in common."""
    bought = known.buyers
    shared = (bought[:, items].T @ bought).toarray()
    size = np.sqrt(np.diff(bought.indptr))
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = shared / (size[items][:, None] * size)
    return np.where(shared > 0, cosine, -np.inf).astype(np.float32)
