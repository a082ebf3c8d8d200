"""Members of the default hybrid, and half-lives tuned on a window that they do not know."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone

from crmkit.recommend._buy_again import BuyAgain
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._content import ContentRecommender
from crmkit.recommend._dual_ease import DualEASE, gigabytes
from crmkit.recommend._ease import EASE
from crmkit.recommend._history import Histories
from crmkit.recommend._inner_window import Window, chosen, inner_window, judged
from crmkit.recommend._interactions import Interactions
from crmkit.recommend._popularity import Popularity
from crmkit.recommend._pure_svd import PureSVD
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import Scores
from crmkit.recommend._trend import TrendReweighter

RECENT = (3.0, 7.0, 14.0, 30.0, 60.0)  # days, of best sellers
AGAIN = (None, 240.0, 120.0, 60.0, 30.0, 7.0)  # days, of what a customer buys over and over
Fitted = dict[str, Recommender]


@dataclass(frozen=True)
class Tuned:
    """What is tuned before anything is mixed: half-lives in days and the power of the trend."""

    recent: float = 14.0
    again: float | None = 60.0
    power: float = 0.0


@dataclass(frozen=True, eq=False)
class Stage:
    """Members fitted on what was known at one time, and with what half-lives."""

    known: Interactions
    members: Fitted
    tuned: Tuned

    def only(self, names: list[str]) -> list[Recommender]:
        """Some of the members."""
        return [self.members[name] for name in names]


def collaborative(known: Interactions, given: Any, max_memory: float) -> Recommender:
    """The given model, else EASE by items or customers where either fits, else few directions."""
    if given is not None:
        own: Recommender = clone(given)
        return own
    n_items, n_customers = int(known.sold.sum()), known.n_customers
    if gigabytes(n_items) <= max_memory:
        return EASE()
    return DualEASE() if gigabytes(n_customers) <= max_memory else PureSVD(64)


def stage(
    known: Interactions,
    catalogue: Catalogue | None,
    model: Recommender,
    tuned: Tuned,
    *,
    is_told: bool,
) -> Stage:
    """Fit all members; the trend weighs the collaborative model that is already there."""
    own: Recommender = clone(model)
    own._learn(known, catalogue)
    season = TrendReweighter(model, power=tuned.power)
    season._join([own], known)
    members: Fitted = {"collaborative": own, "season": season}
    others: Fitted = {
        "recent": Popularity(tuned.recent),
        "again": BuyAgain(tuned.again),
        "often": BuyAgain(None),
    }
    if is_told:
        others["content"] = ContentRecommender()
    for member in others.values():
        member._learn(known, catalogue)
    return Stage(known, members | others, tuned)


def retuned(made: Stage, tuned: Tuned, model: Recommender) -> Stage:
    """The same stage with other half-lives and another power; nothing slow is fitted again."""
    if tuned == made.tuned:
        return made
    season = TrendReweighter(model, power=tuned.power)
    season._join([made.members["collaborative"]], made.known)
    others: Fitted = {"recent": Popularity(tuned.recent), "again": BuyAgain(tuned.again)}
    for member in others.values():
        member._learn(made.known, None)
    return Stage(made.known, made.members | {"season": season} | others, tuned)


def tune(
    made: Stage, known: Interactions, horizon: int, model: Recommender, back: int = 1
) -> Tuned:
    """Half-lives and power by the last window, or one before it, whose past the members know."""
    new, every = (inner_window(known, horizon, mode, back) for mode in ("new", "all"))
    recent, again, power = Tuned().recent, Tuned().again, Tuned().power
    if new is not None:
        recent = RECENT[best(new, [Popularity(h) for h in RECENT])]
        season = TrendReweighter(model, power="tune", horizon=horizon)
        season._tune([made.members["collaborative"]], new)
        power = season.power_
    if every is not None:
        again = AGAIN[best(every, [BuyAgain(h) for h in AGAIN])]
    return Tuned(recent, again, power)


def best(window: Window, models: list[Any]) -> int:
    """Place of the best of some models that are quickly fitted."""
    for model in models:
        model._learn(window.known, None)

    def variants(histories: Histories) -> Iterator[Scores]:
        for model in models:
            yield model._scores(histories)

    return chosen(judged(window, variants), len(models))


def no_candidates(scores: Scores) -> Any:
    """Where a block has no candidate."""
    return np.isneginf(scores)
