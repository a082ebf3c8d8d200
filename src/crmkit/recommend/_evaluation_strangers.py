"""Customers nobody met in training, who have told one item, or three, or five.

A tenth of the customers with enough items lose all their purchases before the last cut-off; their
first items come with the question, and what else they bought before the cut-off is to be
foretold. The natural newcomers of a window are few, and their histories end where luck will.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from crmkit.events._event_log import EventLog
from crmkit.metrics._ranking_breadth import Vectors
from crmkit.model_selection import StrongGeneralisation
from crmkit.recommend._evaluation_cut import Cut, Part, cut_at, offered, scored

SHARE = 0.1


def held_out(
    cut: Cut, n_given: Sequence[int], random_state: int
) -> Iterator[tuple[int, Cut, EventLog]]:
    """The cut-off without some customers, and what is told of them; by number of items told.

    Nothing where too few customers have more items than the most that are told.
    """
    if not n_given or round(SHARE * (cut.history > max(n_given)).sum()) < 1:
        return
    splitter = StrongGeneralisation(tuple(n_given), SHARE, random_state=random_state)
    for n, stranger, told, rest in splitter._plan(cut.lines, cut.known):
        without = cut_at(cut.lines, cut.known & ~stranger, rest, cut.as_of)
        told &= without.sold[cut.lines.rows.item]  # another item tells nothing to anybody
        if told.any():
            yield n, without, cut.lines.part(told)


def stranger_part(
    cut: Cut, told: EventLog, fitted: dict[str, Any], n: int, allow: Any, vectors: "Vectors | None"
) -> Part | None:
    """Scores of recommenders that were fitted without the strangers."""
    asked = np.unique(cut.customer[cut.warm])
    lists = {
        name: offered(model, cut, asked, n, exclude_seen=True, allow=allow, history=told)
        for name, model in fitted.items()
    }
    every = np.ones(len(cut.history), dtype=bool)
    return scored(cut, asked, lists, cut.warm, every, cut.sold, vectors)
