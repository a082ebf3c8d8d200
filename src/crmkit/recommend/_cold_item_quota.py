"""ColdItemQuota: places of every list that are kept for new items.

With reserved places p1 < p2 < ... a list holds, down to place pj, at least j new items, as long as
there are so many candidates. New items that stand high enough by themselves count, and all other
items keep their order: Zehlike et al. (2017), FA*IR, a fair top-k ranking algorithm, CIKM,
1569-1578, with fixed numbers instead of a test.

Which new items of a customer are taken is told by their order, or by a draw: with fairness f the
j-th best of m has the key (1 - f) (1 - j / m) + f u, j from 0, where u is a number between 0 and 1
that depends on the customer, the item and the seed alone.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats, check_whole
from crmkit.exceptions import DataError
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._ids import Ids
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._rerank_lists import Lists, best_first
from crmkit.recommend._reranker import Reranker
from crmkit.recommend._strength import check_strength


class ColdItemQuota(Reranker):
    """Keep places for new items: a long frame of candidates in, the same in a new order out.

    Models of purchases know nothing of an item that nobody bought, so that it is never bought: this
    breaks the circle. The new items must be among the candidates; `RerankedRecommender` adds them
    from a recommender that can rank them, such as `ContentRecommender`.

    Parameters
    ----------
    places : sequence of int, default=(2, 5)
        Reserved places, counted from 1, rising; none leaves the lists as they are, and (1, 2, 3)
        begins every list with three new items.
    fairness : float, default=0.0
        From 0, which takes the best new items of each customer, to 1, which draws among them by
        chance, so that all get their turn. Lists stay the same from call to call.
    max_buyers : int, default=0
        An item is new where at most so many customers bought it; 0 is nobody.
    random_state : int, default=0
        Seed of the draw, at least 0.

    Attributes
    ----------
    cold_ : ndarray of bool of shape (n_items,)
        Which items are new.
    customers_, items_ : ndarray
        Ids of the fit, ascending.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ColdItemQuota
    >>> lines = pd.DataFrame({"customer": ["ann", "bob", "bob"], "item": ["tea", "jam", "oil"]})
    >>> log = ck.EventLog(
    ...     lines.assign(day=pd.Timestamp("2024-01-05")),
    ...     customer="customer", when="day", amount=None, item="item",
    ... )
    >>> offers = pd.DataFrame(
    ...     {"customer": "ann", "item": ["jam", "oil", "new"], "score": [0.9, 0.5, 0.1]}
    ... )
    >>> ColdItemQuota(places=[2]).fit(log).rerank(offers)
      customer item  score  rank
    0      ann  jam    0.9     1
    1      ann  new    0.1     2
    2      ann  oil    0.5     3
    """

    def __init__(
        self,
        places: Any = (2, 5),
        fairness: float = 0.0,
        max_buyers: int = 0,
        random_state: int = 0,
    ) -> None:
        self.places = places
        self.fairness = fairness
        self.max_buyers = max_buyers
        self.random_state = random_state

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        if not isinstance(self.places, list | tuple):
            raise DataError(
                f"{owner}: places must be a list or tuple of whole numbers, got {self.places!r}."
            )
        places: list[Any] = list(self.places)
        for place in places:
            check_whole(place, "each of places", owner, low=1)
        if any(b <= a for a, b in pairwise(places)):
            raise DataError(f"{owner}: places must rise, got {self.places!r}.")
        check_strength(self.fairness, owner, "fairness")
        check_whole(self.max_buyers, "max_buyers", owner, low=0)
        check_whole(self.random_state, "random_state", owner, low=0)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        n_buyers = np.bincount(known.matrix().indices, minlength=known.n_items)
        self.cold_: npt.NDArray[np.bool_] = n_buyers <= self.max_buyers

    def _order(self, lists: Lists, n: int) -> Whole:
        there = lists.there
        cold = lists.of_items(self.cold_, True) & there
        width = there.shape[1]
        every = np.broadcast_to(-np.arange(width, dtype=np.float64), there.shape)
        old = best_first(every, there & ~cold, width)
        new = best_first(every, cold, width)
        merged = with_reserved(old, new, np.asarray(self.places, dtype=np.int64), n)
        if self.fairness == 0.0:
            return merged
        drawn = self._drawn(lists, cold, new)
        order = np.cumsum(np.take_along_axis(cold, merged, axis=1) & (merged >= 0), axis=1) - 1
        is_new = np.take_along_axis(cold, merged, axis=1) & (merged >= 0)
        return np.where(is_new, np.take_along_axis(drawn, np.maximum(order, 0), axis=1), merged)

    def _drawn(self, lists: Lists, cold: npt.NDArray[np.bool_], new: Whole) -> Whole:
        """Places of the new candidates in the order of the draw."""
        number = np.maximum(cold.sum(axis=1), 1)[:, None]
        standing = 1.0 - np.maximum(np.cumsum(cold, axis=1) - 1, 0) / number
        luck = draws(lists, int(self.random_state))
        key = (1.0 - self.fairness) * standing + self.fairness * luck
        return best_first(key, cold, new.shape[1])


def with_reserved(old: Whole, new: Whole, places: Whole, n: int) -> Whole:
    """Merge places of old and new candidates, both rising and -1 behind the end, n of them.

    Down to each of the reserved `places` there is one new candidate more, as long as there are any.
    """
    rows = np.arange(len(old))
    end = np.full((len(old), 1), -1)
    old, new = np.hstack([old, end]), np.hstack([new, end])
    n_old, n_new = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    made = np.full((len(rows), n), -1)
    for step in range(n):
        next_old, next_new = old[rows, n_old], new[rows, n_new]
        due = np.searchsorted(places, step + 1, side="right") > n_new
        takes = (next_new >= 0) & (due | (next_old < 0) | (next_new < next_old))
        made[:, step] = np.where(takes, next_new, next_old)
        n_new += takes
        n_old += ~takes & (next_old >= 0)
    return made


def draws(lists: Lists, seed: int) -> Floats:
    """A number from 0 to 1 for each customer and candidate, the same whoever else is asked."""
    with np.errstate(over="ignore"):
        who = hashed(lists.who) * np.uint64(0x9E3779B97F4A7C15)
        asked, place = np.unique(lists.item, return_inverse=True)
        what = hashed(lists.ids[asked])[place].reshape(lists.item.shape)
        mixed = who[:, None] ^ (what + np.uint64(seed) * np.uint64(0xD1B54A32D192ED03))
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) / np.float64(2**64))


def hashed(ids: Ids) -> npt.NDArray[np.uint64]:
    """Each id as a number that looks like chance: the same in every process."""
    text = ids.astype(str).astype(object)
    return np.asarray(pd.util.hash_array(text, categorize=False), dtype=np.uint64)
