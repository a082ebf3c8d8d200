"""Reasons: the items of a history that speak for an offer, in words."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._top_items import Scores

Contributions = tuple[Whole, Whole, npt.NDArray[Any]]
"""Pair, item of the history, and what that item adds to the score of the pair."""
TOP = 3


def because(
    parts: Contributions | None, names: npt.NDArray[Any], source: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """A sentence for each offer: the items that add most to its score, or where it comes from."""
    made = np.full(len(source), "", dtype=object)
    made[source == "popular"] = "popular with other customers"
    if parts is None:
        return made
    pair, item, value = parts
    order = np.lexsort((item, -value, pair))
    pair, item, value = pair[order], item[order], value[order]
    place = np.arange(len(pair)) - np.searchsorted(pair, pair)
    told = (value > 0) & (place < TOP)
    words: dict[int, list[str]] = {}
    for one, what in zip(pair[told].tolist(), names[item[told]].tolist(), strict=True):
        words.setdefault(one, []).append(str(what))
    for one, bought in words.items():
        made[one] = f"because you bought {', '.join(bought)}"
    return made


def co_purchases(known: Interactions, items: Whole) -> Scores:
    """Cosine of the customers of each item with those of all others; -inf without any in common."""
    bought = known.matrix()
    shared = (bought.T.tocsr()[items] @ bought).toarray()
    size = np.sqrt(np.bincount(bought.indices, minlength=known.n_items))
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = shared / (size[items][:, None] * size)
    return np.where(shared > 0, cosine, -np.inf).astype(np.float32)
