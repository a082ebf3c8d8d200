"""Rivals of the default hybrid: what may be mixed of its members, and which of all is taken."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from crmkit._trees import Lesson
from crmkit.recommend._history import Histories
from crmkit.recommend._hybrid_members import Stage, Tuned
from crmkit.recommend._inner_window import Window, beyond_noise, judged
from crmkit.recommend._interactions import Floats
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._shared_list import SharedList
from crmkit.recommend._top_items import Scores
from crmkit.recommend._trend import scores_of_each
from crmkit.recommend._two_stage import TwoStageRecommender
from crmkit.recommend._weighted_hybrid import WeightedHybrid

MODES = {"explore": "new", "repeat": "repeat", "both": "all"}
SIMPLE = {  # of equal ones the first is taken: that which is tuned anew on the last window
    "explore": ["season", "collaborative", "recent"],
    "repeat": ["again", "often"],
    "both": ["again", "often", "season", "collaborative", "recent"],
}
UNJUDGED = {"explore": "collaborative", "repeat": "again", "both": "again"}
WORDS = {
    "collaborative": "the collaborative model alone",
    "season": "the collaborative model weighed by trend",
    "recent": "best sellers of late",
    "again": "what a customer bought of late",
    "often": "what a customer buys most often",
    "shares": "buying again and discovering in fixed shares",
    "mixture": "the weighted mixture",
    "ranker": "boosted trees over all members",
}
FEW = 100  # customers: by fewer, rivals cannot be told from one another
SHORT = 10  # items: customers of fewer are newcomers, of whom a ranker learns too little
SPLIT = " Customers of fewer than 10 items are served by the collaborative model alone."
Past = tuple[Stage, Window]
"""Members, and a window of which they know nothing."""


@dataclass(frozen=True, eq=False)
class Rival:
    """A hybrid that may be the answer, the names of its members, and what windows taught it."""

    hybrid: Any
    members: list[str]
    lessons: dict[tuple[int, Tuned], Lesson] = field(default_factory=dict)

    def tuned(self, past: list[Past]) -> "Rival":
        """Tune it on windows, the last first, with members that do not know them."""
        if not isinstance(self.hybrid, TwoStageRecommender):
            made, window = past[0]
            self.hybrid._tune(made.only(self.members), window)
            return self
        told = []
        for made, window in past:
            key = (window.known.last_day, made.tuned)  # other half-lives are another lesson
            if key not in self.lessons:
                self.lessons[key] = self.hybrid._lesson(made.only(self.members), window)
            told.append(self.lessons[key])
        self.hybrid._tune_by(told)
        return self

    def joined(self, made: Stage) -> Recommender:
        """The hybrid with the members of a stage."""
        self.hybrid._join(made.only(self.members), made.known)
        model: Recommender = self.hybrid
        return model


@dataclass(frozen=True)
class Rules:
    """What decides which rivals there are."""

    mode: str
    share: Any
    n_trees: int
    random_state: int
    is_told: bool

    @cached_property
    def rivals(self) -> dict[str, Rival]:
        """What may be mixed, the simpler first."""
        every = ["season", "collaborative", "recent", *(["content"] if self.is_told else [])]
        if self.mode != "explore":
            every = ["again", "often", *every]
        pairs = [(name, Recommender()) for name in every]
        rivals = {}
        if self.mode == "both":
            rivals["shares"] = Rival(SharedList(self.share), ["again", "season"])
        if self.is_fixed:
            return rivals
        mixture = WeightedHybrid(pairs, random_state=self.random_state)
        rivals["mixture"] = Rival(mixture, every)
        if self.n_trees:
            trees = TwoStageRecommender(
                pairs, MODES[self.mode], n_trees=self.n_trees, random_state=self.random_state
            )
            rivals["ranker"] = Rival(trees, every)
        return rivals

    @property
    def is_fixed(self) -> bool:
        """Whether lists hold a given share of new items, whatever foretells best."""
        return bool(self.share != "tune")

    def unjudged(self) -> str:
        """What is taken where nothing could be judged."""
        return "shares" if self.is_fixed else UNJUDGED[self.mode]

    def judged(self, past: list[Past]) -> dict[str, Floats]:
        """NDCG of all rivals for the customers of the last window, tuned on those before it."""
        made, window = past[0]
        simple, rivals = SIMPLE[self.mode], {}
        if len(past) > 1:
            rivals = {name: rival.tuned(past[1:]) for name, rival in self.rivals.items()}
        elif self.is_fixed:
            rivals = self.rivals
        for rival in rivals.values():
            rival.joined(made)

        def variants(histories: Histories) -> Iterator[Scores]:
            names = list(made.members)
            scores = scores_of_each(made.only(names), histories)
            found = dict(zip(names, scores, strict=True))
            for rival in rivals.values():
                joint = [found[name].copy() for name in rival.members]
                yield rival.hybrid._joint(joint, histories)
            for name in simple:
                yield found[name]

        scores = dict(zip([*rivals, *simple], judged(window, variants), strict=True))
        return {name: scores[name] for name in [*simple, *rivals]}

    def chosen(self, found: dict[str, Floats], power: float) -> str:
        """Name of the rival that is taken, where the trend will have this power."""
        if self.is_fixed:
            return "shares"
        name = simplest_best(found, len(SIMPLE[self.mode]))
        return "collaborative" if name == "season" and not power else name

    def splits(self, chosen: str, found: dict[str, Floats], window: Window) -> bool:
        """Whether newcomers stay with the collaborative model.

        They do where it is better for them. A rival that learnt to rank from longer histories must
        be better beyond noise, by enough of them to judge.
        """
        if self.mode != "explore" or chosen == "collaborative":
            return False
        n_known = np.diff(window.known.matrix().indptr)[window.asked().known]
        gain = (found[chosen] - found["collaborative"])[n_known < SHORT]
        if chosen in self.rivals:
            return len(gain) < FEW or not beyond_noise(gain)
        return bool(gain.sum() < 0)

    def reason(self, chosen: str, found: dict[str, Floats]) -> str:
        """Why a rival was taken, in words."""
        told = ", ".join(f"{WORDS[name]} {each.mean():.4f}" for name, each in found.items())
        n_customers = len(next(iter(found.values())))
        why = "the simplest that none of the others beats beyond noise"
        return (
            f"{WORDS[chosen]}, {'as share= asks' if self.is_fixed else why}. NDCG@10 on the last "
            f"window, {n_customers:,} customers: {told}."
        )


def simplest_best(found: dict[str, Floats], n_simple: int) -> str:
    """The best of the simple rivals, or one that is not simple and better beyond noise.

    The others are in order: each must beat the one that holds the place.
    """
    names = list(found)
    place = max(names[:n_simple], key=lambda name: found[name].mean())
    for name in names[n_simple:]:
        if beyond_noise(found[name] - found[place]):
            place = name
    return place
