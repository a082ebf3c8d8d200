"""SharedList: one list of things to buy again and things to discover, in given shares.

The r-th best of what was bought stands at (r - 0.5) / (1 - share), the r-th best of what is new at
(r - 0.5) / share: a list has the share of new items, as nearly as whole numbers allow (the rule of
Sainte-Laguë). The score is 1 / (1 + place). What is new and not among its best thousand follows
behind all, in its own order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from crmkit.recommend._history import Histories
from crmkit.recommend._inner_window import Window, chosen, judged
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._members import Hybrid, Members, stretched
from crmkit.recommend._top_items import Scores, ranks, top_items

SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)
DEEP = 1000  # new items of a customer that have a place


class SharedList(Hybrid):
    """One list by two members: events in, what to buy again and what to discover out.

    Parameters
    ----------
    share : {"tune"} or float, default="tune"
        Share of new items in a list, from 0 to 1; "tune" takes the best of some on a window.
    """

    def __init__(self, share: Any = "tune") -> None:
        self.share = share

    def _leaves_out_seen(self) -> bool:
        return False

    def _tune(self, members: Members, window: Window | None) -> None:
        self.share_: float = 0.0
        if window is None:
            return

        def variants(histories: Histories) -> Iterator[Scores]:
            again, new = (m._scores(histories) for m in members)
            standing = standings(again, new, histories)
            for share in SHARES:
                yield placed(standing, share)

        self.share_ = SHARES[chosen(judged(window, variants), 1)]

    def _join(self, members: Members, known: Interactions) -> None:
        self.members_ = members
        self.new_ = ~known.sold
        if self.share != "tune":
            self.share_ = float(self.share)

    def _scores(self, histories: Histories) -> Scores:
        return self._joint([member._scores(histories) for member in self.members_], histories)

    def _joint(self, scores: list[Scores], histories: Histories) -> Scores:
        return placed(standings(scores[0], scores[1], histories), self.share_)


@dataclass(frozen=True, eq=False)
class Standings:
    """Ranks from 0 of what was bought and of what is new in a block, and the order of the rest."""

    bought: tuple[Whole, Whole, Whole]
    new: tuple[Whole, Whole, Whole]
    rest: Scores


def standings(again: Scores, new: Scores, histories: Histories) -> Standings:
    """What was bought by `again`, what was not by `new`, which is written over."""
    matrix = histories.matrix()
    row = np.repeat(np.arange(len(histories)), np.diff(matrix.indptr))
    score = again[row, matrix.indices]
    new[row, matrix.indices] = -np.inf
    order = np.lexsort((matrix.indices, -score, row))
    order = order[score[order] > -np.inf]
    bought = (row[order], matrix.indices[order], ranks(row[order]) - 1)
    best, item, _ = top_items(new, DEEP)
    return Standings(bought, (best, item, ranks(best) - 1), stretched(new) - np.float32(2.0))


def placed(standing: Standings, share: float) -> Scores:
    """Scores of a block in which new items have a share."""
    made = standing.rest.copy()
    for (row, item, rank), part in ((standing.bought, 1.0 - share), (standing.new, share)):
        place = (rank + 0.5) / part if part else 1e4 + rank
        made[row, item] = 1.0 / (1.0 + place)
    return made
