"""RankFusion: reciprocal ranks of several recommenders, added up.

score of (u, i) = sum over the members of weight / (k + rank of i for u), rank 1 the best; an item
that is no candidate of a member gets nothing from it. Cormack, Clarke and Büttcher (2009),
Reciprocal rank fusion outperforms Condorcet and individual rank learning methods, SIGIR, 758-759.
"""

from typing import Any

import numpy as np

from crmkit._validation import Floats, check_real
from crmkit.recommend._history import Histories
from crmkit.recommend._members import Hybrid, Named, read_members
from crmkit.recommend._top_items import Scores
from crmkit.recommend._weighted_hybrid import read_weights


class RankFusion(Hybrid):
    """Mix recommenders by their ranks: a list of recommenders in, one that counts places out.

    It needs no tuning and no common scale of scores, and it is safe among members of equal
    strength only: one weak member spoils the list. `WeightedHybrid` finds out who is weak.

    Parameters
    ----------
    members : list of recommenders or of (name, recommender) pairs
        What is mixed.
    k : float, default=60.0
        Damps the difference between the first places, at least 0.
    weights : sequence of float or None, default=None
        One weight a member, at least 0; None counts all alike.

    Attributes
    ----------
    names_ : list of str
        Names of the members.
    members_ : list
        The fitted members.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ItemKNN, RankFusion, UserKNN
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> RankFusion([ItemKNN(), UserKNN()]).fit(log).recommend(["dan"])[["item", "rank"]]
      item  rank
    0  cup     1
    """

    def __init__(self, members: Any = None, k: float = 60.0, weights: Any = None) -> None:
        self.members = members
        self.k = k
        self.weights = weights

    def _named(self) -> Named:
        return read_members(self.members, type(self).__name__)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_real(self.k, "k", type(self).__name__, low=0.0)
        self._weights()

    def _weights(self) -> Floats:
        n = len(self._named())
        given = [1] * n if self.weights is None else self.weights
        return read_weights(given, n, type(self).__name__, otherwise="None")

    def _scores(self, histories: Histories) -> Scores:
        total = np.zeros((len(histories), histories.n_items), dtype=np.float32)
        for member, weight in zip(self.members_, self._weights(), strict=True):
            add_reciprocal_ranks(total, member._scores(histories), self.k, weight)
        total[total == 0.0] = -np.inf
        return total


def add_reciprocal_ranks(total: Scores, scores: Scores, k: float, weight: float) -> None:
    """Add weight / (k + rank) of each item to a block, in place; equal scores in item order."""
    order = np.argsort(-scores, axis=1, kind="stable")
    value = (weight / (k + 1.0 + np.arange(scores.shape[1]))).astype(np.float32)
    row = np.arange(len(scores))[:, None]
    total[row, order] += np.where(np.take_along_axis(scores, order, 1) > -np.inf, value, 0.0)
