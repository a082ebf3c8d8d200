"""MMR: lists without twins. Relevance less likeness to what stands above, place by place.

The next item of a list is the candidate i with the highest

    (1 - strength) relevance(i) - strength max over the items j above of cos(i, j)

with relevance from 0 for the customer's last candidate to 1 for the first. Carbonell and Goldstein
(1998), The use of MMR, diversity-based reranking, SIGIR, 335-336.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._validation import Floats, check_choice
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._item_features import check_features, features_of, of_length_one
from crmkit.recommend._rerank_lists import Lists
from crmkit.recommend._reranker import Reranker
from crmkit.recommend._strength import check_strength

MOST = 4096
"""Distinct items whose likeness to one another is held at a time: 64 megabytes. A list of more is
compared with one of its items at a time."""


Likeness = Callable[[Whole], npt.NDArray[np.float32]]


class MMR(Reranker):
    """Offer different things in one list: a long frame of candidates in, it in a new order out.

    Use it where lists fill with variants of one product. It costs some accuracy on purchases that
    come anyway; look at `ndcg` and `diversity` of `crmkit.metrics.ranking_scores` together.

    Parameters
    ----------
    strength : float, default=0.3
        From 0, which leaves the lists as they are, to 1, which looks at likeness alone.
    by : {"features", "purchases"} or None, default=None
        What makes items alike: what `items` tells of them, or common customers. None is the former
        where `fit` gets `items`, else the latter.
    text, category, number : list of str or None, default=None
        Columns of the items to read as text, category or number, as in `ContentRecommender`.
    characters : float, default=0.5
        Share of runs of characters in the weight of a text, from 0 (words alone) to 1.

    Attributes
    ----------
    vectors_ : csr matrix of float32 of shape (n_items, n_columns)
        What each item is like, rows of length one; empty where nothing is known.
    by_ : {"features", "purchases"}
        What makes items alike.
    customers_, items_ : ndarray
        Ids of the fit, ascending.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import MMR
    >>> lines = pd.DataFrame({"customer": ["ann"], "day": ["2024-01-05"], "item": ["tea"]})
    >>> log = ck.EventLog(
    ...     lines.assign(day=pd.Timestamp("2024-01-05")),
    ...     customer="customer", when="day", amount=None, item="item",
    ... )
    >>> items = pd.DataFrame(
    ...     {"item": ["mug red", "mug blue", "jam", "tea"], "kind": ["mug", "mug", "food", "food"]}
    ... )
    >>> offers = pd.DataFrame(
    ...     {"customer": "ann", "item": ["mug red", "mug blue", "jam"], "score": [0.9, 0.8, 0.5]}
    ... )
    >>> MMR(0.6, category=["kind"]).fit(log, items).rerank(offers, n=2)
      customer     item  score  rank
    0      ann  mug red    0.9     1
    1      ann      jam    0.5     2
    """

    def __init__(
        self,
        strength: float = 0.3,
        by: str | None = None,
        text: Sequence[str] | None = None,
        category: Sequence[str] | None = None,
        number: Sequence[str] | None = None,
        characters: float = 0.5,
    ) -> None:
        self.strength = strength
        self.by = by
        self.text = text
        self.category = category
        self.number = number
        self.characters = characters

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_strength(self.strength, owner)
        check_features(self, owner)
        if self.by is not None:
            check_choice(self.by, "by", ("features", "purchases"), owner)

    def _needs_customers(self) -> bool:
        return getattr(self, "by_", "") == "purchases"

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        by_features = self.by == "features" or (self.by is None and catalogue is not None)
        self.by_: str = "features" if by_features else "purchases"
        if not by_features:
            self.vectors_: sp.csr_matrix = of_length_one(known.matrix().T.tocsr())
            return
        self.vectors_ = features_of(self, catalogue)

    def _order(self, lists: Lists, n: int) -> Whole:
        made = np.full((len(lists.who), n), -1)
        relevance, there = lists.relevance, lists.there
        known = self.vectors_
        start = np.append(known.indptr, known.indptr[-1])  # an empty row behind the others
        shape = (known.shape[0] + 1, known.shape[1])
        vectors = sp.csr_matrix((known.data, known.indices, start), shape=shape)
        item = np.minimum(lists.item, len(self.items_))  # -1 is the empty row, too
        for rows in few_items(item, MOST):
            distinct, local = np.unique(item[rows], return_inverse=True)
            local = local.reshape(item[rows].shape)
            likeness = likenesses(vectors[distinct], local)
            made[rows] = marginal_order(relevance[rows], there[rows], likeness, self.strength, n)
        return made


def likenesses(vectors: sp.csr_matrix, item: Whole) -> Likeness:
    """How alike the candidates of each row are to that at a place; `item` holds rows of `vectors`.

    All pairs at once, where they are few.
    """
    across, rows = vectors.T.tocsr(), np.arange(len(item))
    if vectors.shape[0] > MOST:
        return lambda best: (vectors[item[rows, best]] @ across).toarray()[rows[:, None], item]
    alike = (vectors @ across).toarray()
    return lambda best: alike[item[rows, best][:, None], item]


def few_items(item: Whole, most: int) -> Iterator[slice]:
    """Runs of rows with at most `most` distinct items, by halves; one row is never cut."""
    waiting = [slice(0, len(item))]
    while waiting:
        rows = waiting.pop()
        size = rows.stop - rows.start
        if size > 1 and len(np.unique(item[rows])) > most:
            middle = rows.start + size // 2
            waiting += [slice(middle, rows.stop), slice(rows.start, middle)]
        elif size:
            yield rows


def marginal_order(
    relevance: Floats,
    there: npt.NDArray[np.bool_],
    likeness: Likeness,
    strength: float,
    n: int,
) -> Whole:
    """Places of the first n by relevance less likeness to what is chosen; -1 behind the end."""
    rows = np.arange(len(relevance))
    left, nearest = there.copy(), np.zeros(relevance.shape)
    made = np.full((len(rows), n), -1)
    for step in range(n):
        value: Any = (1.0 - strength) * relevance - strength * nearest
        best = np.where(left, value, -np.inf).argmax(axis=1)
        some = left[rows, best]
        made[some, step] = best[some]
        left[rows, best] = False
        np.maximum(nearest, likeness(best), out=nearest)
    return made
