"""SharedList: one list of things to buy again and things to discover, in given shares.

The r-th best of what was bought stands at (r - 0.5) / (1 - share), the r-th best of what is new at
(r - 0.5) / share: a list of any length has the share of new items, as nearly as whole numbers allow
(the rule of Sainte-Laguë). The score is 1 / (1 + place).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from crmkit.recommend._history import Histories
from crmkit.recommend._inner_window import Window, chosen, judged
from crmkit.recommend._interactions import Interactions
from crmkit.recommend._members import Hybrid, Members
from crmkit.recommend._top_items import Scores

SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)


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
            both = [m._scores(histories) for m in members]
            for share in SHARES:
                yield shared(both[0], both[1], histories, share)

        self.share_ = SHARES[chosen(judged(window, variants), 1)]

    def _join(self, members: Members, known: Interactions) -> None:
        self.members_ = members
        self.new_ = ~known.sold
        if self.share != "tune":
            self.share_ = float(self.share)

    def _scores(self, histories: Histories) -> Scores:
        again, new = (member._scores(histories) for member in self.members_)
        return shared(again, new, histories, self.share_)


def shared(again: Scores, new: Scores, histories: Histories, share: float) -> Scores:
    """Scores of a block: by `again` for what was bought, by `new` for what was not."""
    bought = np.zeros(again.shape, dtype=bool)
    bought[histories.customer, histories.item] = True
    made = np.full(again.shape, -np.inf, dtype=np.float32)
    for scores, there, part in ((again, bought, 1.0 - share), (new, ~bought, share)):
        own = np.where(there, scores, -np.inf)
        order = np.argsort(-own, axis=1, kind="stable")
        place = (np.arange(own.shape[1]) + 0.5) / part if part else 1e4 + np.arange(own.shape[1])
        row = np.arange(len(own))[:, None]
        value = np.where(np.take_along_axis(own, order, 1) > -np.inf, 1.0 / (1.0 + place), 0.0)
        made[row, order] = np.maximum(made[row, order], np.where(value > 0, value, -np.inf))
    return made
