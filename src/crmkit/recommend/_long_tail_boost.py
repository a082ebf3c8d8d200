"""LongTailBoost: lift what few customers bought, since popular items are found anyway.

key of i = (1 - strength) relevance(i) + strength (1 - percentile of the customers of i)

with relevance from 0 for the customer's last candidate to 1 for the first, and the percentile among
the items that anybody bought. On what popularity does to lists: Abdollahpouri, Burke and Mobasher
(2019), Managing popularity bias in recommender systems with personalized re-ranking, FLAIRS,
413-418.
"""

import numpy as np

from crmkit._validation import Floats
from crmkit.metrics import _ranking_math as formulas
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._rerank_lists import Lists, best_first
from crmkit.recommend._reranker import Reranker
from crmkit.recommend._strength import check_strength


class LongTailBoost(Reranker):
    """Offer more of what few know: a long frame of candidates in, the same in a new order out.

    Use it where a shop lives of its width, or where the same best sellers fill all lists. Accuracy
    falls, `coverage` and `novelty` of `crmkit.metrics.ranking_scores` rise: choose by all three.

    Parameters
    ----------
    strength : float, default=0.2
        From 0, which leaves the lists as they are, to 1, which puts the rarest first.

    Attributes
    ----------
    tail_ : ndarray of float64 of shape (n_items,)
        0 for what most customers bought, near 1 for what fewest did, 1 where nobody did.
    customers_, items_ : ndarray
        Ids of the fit, ascending.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import LongTailBoost
    >>> lines = pd.DataFrame({"customer": ["ann", "bob", "bob"], "item": ["tea", "tea", "cup"]})
    >>> log = ck.EventLog(
    ...     lines.assign(day=pd.Timestamp("2024-01-05")),
    ...     customer="customer", when="day", amount=None, item="item",
    ... )
    >>> offers = pd.DataFrame({"customer": "cid", "item": ["tea", "cup"], "score": [0.9, 0.5]})
    >>> LongTailBoost(0.9).fit(log).rerank(offers)["item"].tolist()
    ['cup', 'tea']
    """

    def __init__(self, strength: float = 0.2) -> None:
        self.strength = strength

    def _check_parameters(self) -> None:
        check_strength(self.strength, type(self).__name__)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        n_buyers = np.bincount(known.matrix().indices, minlength=known.n_items)
        self.tail_: Floats = np.ones(known.n_items)
        self.tail_[known.sold] = 1.0 - formulas.percentile(n_buyers[known.sold])

    def _order(self, lists: Lists, n: int) -> Whole:
        tail = lists.of_items(self.tail_, 1.0)
        key = (1.0 - self.strength) * lists.relevance + self.strength * tail
        return best_first(key, lists.there, n)
