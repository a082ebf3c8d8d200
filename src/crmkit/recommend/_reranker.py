"""Reranker: the one interface of all re-rankers, and the two hooks that make one.

A re-ranker derives from `Reranker`, stores its parameters in `__init__` and gives

`_learn(known: Interactions, catalogue: Catalogue | None) -> None`
    Sets what it has to know of items and customers, in the order of `known`.
`_order(lists: Lists, n: int) -> int array (n_customers, at most n)`
    Places of the candidates in their new order, -1 behind the end. A row depends on the list of
    its customer alone, the first places do not depend on n, and equals keep their order.

Optional: `_check_parameters()`.
"""

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.events._event_log import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._ids import Ids
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._refit import kept_if_refused
from crmkit.recommend._rerank_lists import Lists, ReadLists
from crmkit.recommend._shop import read_shop


class Reranker(BaseEstimator):
    """Base of all re-rankers: a long frame of candidates in, the same in a better order out.

    A re-ranker changes places and nothing else: every row keeps its score, its source and its
    reason, no item is added, and `rank` tells the new order.
    """

    _customer_data: ClassVar[tuple[str, ...]] = ("customers_",)
    _customer_rows: ClassVar[tuple[str, ...]] = ("customers_",)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        raise AttributeError(f"{type(self).__name__} does not say what it learns.")

    def _order(self, lists: Lists, n: int) -> Whole:
        raise AttributeError(f"{type(self).__name__} does not say how it orders.")

    def _check_parameters(self) -> None:
        """Refuse parameters without meaning; called by `fit` before anything is read."""

    def _needs_customers(self) -> bool:
        """Whether it orders by the purchases of other customers, and not by what it learnt."""
        return False

    def _holds_customers(self) -> bool:
        """Whether data of single customers are in it."""
        return bool(len(getattr(self, "customers_", ())))

    def fit(self, log: EventLog, items: Any = None, *, as_of: Any = None) -> Self:
        """Learn what items and customers are like: events (and items) in, the re-ranker out.

        Parameters
        ----------
        log : EventLog
            Purchases with an `item` column.
        items : frame or None, default=None
            One row per item, as in `fit` of a recommender.
        as_of : str, date, datetime or None, default=None
            Events at or after this instant are unknown; None is midnight after the last event.

        Returns
        -------
        Self
            The fitted re-ranker itself.

        Raises
        ------
        DataError
            If the log names no items, a parameter has no meaning, or what the re-ranker has to
            know of the items is not told; what was fitted before then stays.
        """
        with kept_if_refused(self):
            self._check_parameters()
            _, known, catalogue = read_shop(log, items, as_of, type(self).__name__)
            self.columns_: dict[str, str] = {"customer": log.customer, "item": str(log.item)}
            self._take_in(known, catalogue)
        return self

    def rerank(self, recommendations: Any, n: int | None = None) -> Any:
        """Order lists anew: a long frame of candidates in, its best rows out, ranks renewed.

        Give it more candidates than are to be shown, 100 for a list of 10: a re-ranker lifts what
        is there. For new items put those of another recommender behind, with higher ranks.

        Parameters
        ----------
        recommendations : frame
            One row per candidate, as from `recommend`: the customer and item columns of the log,
            `score`, and `rank`, which tells the order; without it the highest score is first. An
            item or a customer that the fit does not know is no error.
        n : int or None, default=None
            Most items that a customer keeps; None keeps all.

        Returns
        -------
        frame
            The rows that are kept in their new order, customers in the order in which they came,
            with all columns; `rank` goes from 1. The library is that of `recommendations`.

        Raises
        ------
        DataError
            If a column is missing, an item stands twice in a list, or a score is not finite.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        if n is not None:
            check_whole(n, "n", owner, low=1)
        table = _frames.to_eager(recommendations)
        read = ReadLists(table, self.columns_, self.items_, self.customers_, owner)
        kept, rank = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        for lists, rows, _ in read.blocks():
            width = lists.item.shape[1]
            place = self._order(lists, width if n is None else min(n, width))
            there = place >= 0
            kept.append(np.take_along_axis(rows, place, axis=1)[there])
            rank.append(np.nonzero(there)[1] + 1)
        made = _frames.take_rows(table, np.concatenate(kept), owner)
        made = _frames.with_column(made, "rank", np.concatenate(rank), owner)
        return _frames.hand_back(made, like=recommendations)

    def _take_in(self, known: Interactions, catalogue: Catalogue | None) -> None:
        """Learn from what has been read already."""
        self.customers_: Ids = known.customers
        self.items_: Ids = known.items
        self._learn(known, catalogue)


class RerankerChain(Reranker):
    """Re-rank in several steps: a long frame of candidates in, the same in a better order out.

    Each step reads the order that the one before it has made. Put what weighs scores first, what
    looks at the list as a whole (`MMR`, `CalibratedMix`) next, and `ColdItemQuota` last, for a
    later step may undo what an earlier one promised.

    Parameters
    ----------
    steps : sequence of Reranker
        The re-rankers in their order; none leaves the lists as they are.

    Attributes
    ----------
    steps_ : list of Reranker
        The fitted re-rankers.
    customers_, items_ : ndarray
        Ids of the fit, ascending.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import LongTailBoost, MMR, RerankerChain
    >>> lines = pd.DataFrame({"customer": ["ann", "bob", "bob"], "item": ["tea", "tea", "cup"]})
    >>> log = ck.EventLog(
    ...     lines.assign(day=pd.Timestamp("2024-01-05")),
    ...     customer="customer", when="day", amount=None, item="item",
    ... )
    >>> offers = pd.DataFrame(
    ...     {"customer": "cid", "item": ["tea", "cup"], "score": [0.9, 0.5], "rank": [1, 2]}
    ... )
    >>> chain = RerankerChain([LongTailBoost(0.8), MMR(0.2)]).fit(log)
    >>> chain.rerank(offers)
      customer item  score  rank
    0      cid  cup    0.5     1
    1      cid  tea    0.9     2
    """

    def __init__(self, steps: Any = ()) -> None:
        self.steps = steps

    def _check_parameters(self) -> None:
        for step in read_steps(self.steps, type(self).__name__):
            step._check_parameters()

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        self.steps_: list[Reranker] = []
        for step in read_steps(self.steps, type(self).__name__):
            own: Reranker = clone(step)
            own._take_in(known, catalogue)
            self.steps_.append(own)

    def _order(self, lists: Lists, n: int) -> Whole:
        whole, width = lists, lists.item.shape[1]
        place = np.where(lists.there, np.arange(width), -1)
        for step in self.steps_:
            moved = step._order(whole, n if step is self.steps_[-1] else width)
            whole = whole.take(moved)
            place = np.where(moved >= 0, np.take_along_axis(place, moved, axis=1), -1)
        return place[:, :n]


def read_steps(given: Any, owner: str) -> list[Reranker]:
    """One re-ranker or several, as a list."""
    steps = [given] if isinstance(given, Reranker) else given
    if not isinstance(steps, list | tuple) or not all(isinstance(s, Reranker) for s in steps):
        raise DataError(
            f"{owner}: a re-ranker or a list of re-rankers is needed, got {given!r}. The last of "
            "them has the last word."
        )
    return list(steps)
