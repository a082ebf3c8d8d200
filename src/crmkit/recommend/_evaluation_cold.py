"""Items that nobody has bought yet, simulated: well sold items lose all their purchases.

A tenth of the items with enough buyers is drawn and every purchase of them before the cut-off is
taken away; whoever bought one of them and something else should be offered it. So there are many
new items and many customers to judge by, which launches in one window never give.
"""

from typing import Any

import numpy as np

from crmkit.metrics._ranking_breadth import Vectors
from crmkit.recommend._evaluation_baselines import BASELINES
from crmkit.recommend._evaluation_cut import Codes, Cut, Flags, Part, cut_at, offered, scored

AMONG, WHOLE = "among themselves", "whole catalogue"
RANDOM = "random order"


def stripped(cut: Cut, share: float, min_buyers: int, random: np.random.Generator) -> Cut | None:
    """The cut-off where some well sold items were never sold; None where none is sold so well.

    To be foretold are the purchases that were taken away.
    """
    lines = cut.lines
    known = lines.bought & cut.known
    n_buyers = np.bincount(lines.pairs(known) % lines.n_items, minlength=lines.n_items)
    often = np.flatnonzero(n_buyers >= min_buyers)
    n = round(share * len(often))
    if n < 1:
        return None
    cold = np.zeros(lines.n_items + 1, dtype=bool)
    cold[random.permutation(often)[:n]] = True
    gone = cut.known & cold[lines.rows.item]
    return cut_at(lines, cut.known & ~gone, gone, cut.as_of)


def cold_items_of(cut: Cut) -> Flags:
    """The items that were stripped."""
    return np.bincount(cut.item, minlength=cut.lines.n_items) > 0


def cold_parts(
    cut: Cut,
    fitted: dict[str, Any],
    n: int,
    vectors: "Vectors | None",
    random: np.random.Generator,
) -> dict[str, Part | None]:
    """Scores of recommenders that were fitted on what is left, by candidates.

    Among cold items the rule is chance: what counts sales has nothing to offer there.
    """
    cold, some = cold_items_of(cut), cut.history > 0
    asked = np.unique(cut.customer[some[cut.customer]])
    parts = {}
    for name, candidates in ((AMONG, cold), (WHOLE, cold | cut.sold)):
        allow = cut.lines.rows.items[candidates]
        lists = {
            who: offered(model, cut, asked, n, exclude_seen=True, allow=allow)
            for who, model in fitted.items()
        }
        if name == AMONG:
            lists = {who: each for who, each in lists.items() if who not in BASELINES}
            lists[RANDOM] = drawn_lists(np.flatnonzero(cold), len(asked), n, random)
        every = np.ones(len(cut.truth), dtype=bool)
        parts[name] = scored(cut, asked, lists, every, some, candidates, vectors)
    return parts


def drawn_lists(items: Codes, n_rows: int, n: int, random: np.random.Generator) -> Codes:
    """Lists in random order."""
    order = np.argsort(random.random((n_rows, len(items))), axis=1)[:, :n]
    lists = np.full((n_rows, n), -1)
    lists[:, : order.shape[1]] = items[order]
    return lists
