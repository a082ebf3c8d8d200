"""SwitchingHybrid: which recommender serves a customer depends on how much is known of him.

A customer with h distinct items is served by the last member whose `least` is at most h. Burke
(2002), Hybrid recommender systems: survey and experiments, User Modeling and User-Adapted
Interaction 12, 331-370, section 2.2.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import check_whole
from crmkit.exceptions import DataError
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Whole
from crmkit.recommend._members import Hybrid, Named, joint_contributions, read_members
from crmkit.recommend._reasons import Contributions
from crmkit.recommend._top_items import Scores


class SwitchingHybrid(Hybrid):
    """Serve newcomers by one recommender and regulars by another: both in, one that switches out.

    Where little is known of a customer, best sellers or what goes with his one item are safer
    than a model that needs more. Customers of whom nothing is known get best sellers anyway.

    Parameters
    ----------
    members : list of recommenders or of (name, recommender) pairs
        Recommenders, that for the shortest histories first.
    least : sequence of int, default=(0, 5)
        Distinct items from which on each member serves, rising; the first is 0 or 1.

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
    >>> from crmkit.recommend import EASE, Popularity, SwitchingHybrid
    >>> baskets = {"ann": "tea cup jam", "bob": "tea cup jam", "cid": "oil jam", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = SwitchingHybrid([Popularity(), EASE(1.0, popularity=0.0)], least=(0, 2)).fit(log)
    >>> model.recommend(["cid", "dan"], n=1)
      customer item  score  rank   source
    0      cid  cup    0.2     1    model
    1      dan  jam    3.0     1  popular
    """

    def __init__(self, members: Any = None, least: Any = (0, 5)) -> None:
        self.members = members
        self.least = least

    def _named(self) -> Named:
        return read_members(self.members, type(self).__name__)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        owner, n = type(self).__name__, len(self._named())
        least = list(self.least) if isinstance(self.least, list | tuple) else []
        for number in least:
            check_whole(number, "least", owner, low=0)
        if len(least) != n or least[0] > 1 or any(b <= a for a, b in pairwise(least)):
            raise DataError(
                f"{owner}: least must hold {n} whole numbers, one a member, rising from 0 or 1, "
                f"got {self.least!r}."
            )

    def _scores(self, histories: Histories) -> Scores:
        scores = histories.buffer()
        for i, rows in self._served(histories):
            scores[rows] = self.members_[i]._scores(histories.take(rows))
        return scores

    def _served(self, histories: Histories) -> list[tuple[int, Whole]]:
        """Members and the rows that they serve."""
        of = np.searchsorted(np.asarray(self.least), histories.n_known, side="right") - 1
        of = np.maximum(of, 0)
        return [(int(i), np.flatnonzero(of == i)) for i in np.unique(of)]

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> npt.NDArray[np.object_]:
        source = super()._sources(histories, rows, items)
        for i, places, own in self._asked(histories, rows):
            told = self.members_[i]._sources(own[0], own[1], items[places])
            if told is not None:
                source[places] = told
        return source

    def _contributions(
        self, histories: Histories, rows: Whole, items: Whole
    ) -> Contributions | None:
        told = []
        for i, places, own in self._asked(histories, rows):
            part = joint_contributions([self.members_[i]], own[0], own[1], items[places])
            if part is not None:
                told.append((places[part[0]], part[1], part[2]))
        if not told:
            return None
        pair, item, value = (np.concatenate(column) for column in zip(*told, strict=True))
        return pair, item, value

    def _asked(
        self, histories: Histories, rows: Whole
    ) -> list[tuple[int, Whole, tuple[Histories, Whole]]]:
        """Members, places of the pairs that they serve, and histories and rows of their own."""
        found = []
        for i, served in self._served(histories):
            places = np.flatnonzero(np.isin(rows, served))
            own = np.searchsorted(served, rows[places])
            found.append((i, places, (histories.take(served), own)))
        return found
