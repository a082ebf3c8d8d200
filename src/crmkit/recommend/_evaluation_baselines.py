"""The simple rules that every recommender has to beat, their half-lives tuned before the cut-off.

The half-life that ranked best in the window of one horizon before the cut-off is taken; the window
after it, on which all are judged, is not looked at.
"""

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from crmkit.events._ledger import begin_of_day
from crmkit.metrics import _ranking_math as formulas
from crmkit.model_selection._log_split import Lines
from crmkit.recommend._buy_again import BuyAgain
from crmkit.recommend._evaluation_cut import Codes, Cut, Flags, cut_at
from crmkit.recommend._ids import find
from crmkit.recommend._popularity import Popularity
from crmkit.recommend._top_items import ranks

POPULAR, RECENT, AGAIN = "popularity", "recent popularity", "buy again"
BASELINES = (POPULAR, RECENT, AGAIN)
DAYS_RECENT = (3.0, 7.0, 14.0, 30.0, 60.0, 120.0)
DAYS_AGAIN = (7.0, 30.0, 60.0, 120.0, 240.0, None)
MOST = 1000  # customers that tune a half-life, evenly spread over the ids
UNTUNED = {RECENT: 30.0, AGAIN: 60.0}


@dataclass(frozen=True)
class HalfLives:
    """Half-lives in days, for new items and for repeat purchases; None is none.

    `tuned` is False where the past is too short for a window of its own.
    """

    recent_new: float
    recent_all: float
    again: float | None
    tuned: bool


def tuned_half_lives(lines: Lines, cut: Cut, day: int, horizon: int, n: int) -> HalfLives:
    """Half-lives that ranked best in the window before the cut-off at `day`."""
    known = lines.rows.day < day - horizon
    held = ~known & (lines.rows.day < day)
    if not (lines.bought & known).any():
        return HalfLives(UNTUNED[RECENT], UNTUNED[RECENT], UNTUNED[AGAIN], False)
    inner = cut_at(lines, known, held, begin_of_day(day - horizon, lines.log))
    some = inner.warm & (inner.history[inner.customer] > 0)
    if not (some & ~inner.again).any():
        return HalfLives(UNTUNED[RECENT], UNTUNED[RECENT], UNTUNED[AGAIN], False)
    recent = Popularity().fit(inner.log, as_of=inner.as_of)
    again = BuyAgain().fit(inner.log, as_of=inner.as_of)
    new = {h: ndcg_of(with_half_life(recent, h), inner, some, n, True) for h in DAYS_RECENT}
    whole = {h: ndcg_of(with_half_life(recent, h), inner, some, n, False) for h in DAYS_RECENT}
    repeat = {h: ndcg_of(with_half_life(again, h), inner, some, n, False) for h in DAYS_AGAIN}
    return HalfLives(best(new), best(whole), best(repeat), True)


def with_half_life(model: Any, days: float | None) -> Any:
    """A copy of the fitted rule with another half-life, learnt from what the rule has read."""
    other = copy(model).set_params(half_life=days)
    other._learn(other._known(), None)
    return other


def ndcg_of(model: Any, cut: Cut, some: Flags, n: int, exclude_seen: bool) -> float:
    """Mean NDCG over customers with `some` pairs to be foretold, at most `MOST` of them."""
    wanted = some & ~cut.again if exclude_seen else some
    asked = np.unique(cut.customer[wanted])
    asked = asked[:: -(-len(asked) // MOST)]
    wanted = wanted & np.isin(cut.customer, asked)
    row = np.searchsorted(asked, cut.customer[wanted])
    items = listed(model, cut, asked, n, exclude_seen)
    width = cut.lines.n_items + 1
    keys = row * width + cut.item[wanted]
    hits = np.isin(np.arange(len(asked))[:, None] * width + items, keys) & (items >= 0)
    return float(formulas.ndcg(hits, np.bincount(row), n).mean())


def listed(model: Any, cut: Cut, asked: Codes, n: int, exclude_seen: bool) -> Codes:
    """Best n items of the asked customers by a rule, as `offered` gives them, without frames."""
    served = model._ask(cut.lines.rows.customers[asked], None, cut.as_of)
    filters = model._filters(served, exclude_seen)
    place = find(cut.lines.rows.items, model.items_, "items", "evaluate")
    items = np.full((len(asked), n), -1)
    for rows, _, (row, item, _) in model._best(served, filters, n):
        items[row + rows.start, ranks(row) - 1] = place[item]
    return items


def best(scores: dict[Any, float]) -> Any:
    """The first key with the highest score."""
    return max(scores, key=lambda key: scores[key])


def baselines(cut: Cut, lives: HalfLives) -> dict[str, tuple[Any, Any]]:
    """Fitted rules by name, for lists of new items and for lists of everything."""
    popular = Popularity().fit(cut.log, as_of=cut.as_of)
    again = BuyAgain(half_life=lives.again).fit(cut.log, as_of=cut.as_of)
    recent = tuple(with_half_life(popular, h) for h in (lives.recent_new, lives.recent_all))
    return {POPULAR: (popular, popular), RECENT: (recent[0], recent[1]), AGAIN: (again, again)}
