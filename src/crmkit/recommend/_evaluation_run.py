"""The recommenders of an evaluation at work: fitted on what is known, asked, scored.

At a cut-off, without some customers, or without some items: each time every recommender and every
simple rule is asked for the same customers and the same candidates.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone

from crmkit._progress import tell
from crmkit.metrics._ranking_breadth import Vectors
from crmkit.recommend._evaluation_baselines import AGAIN, HalfLives, baselines
from crmkit.recommend._evaluation_cold import cold_parts
from crmkit.recommend._evaluation_cut import Codes, Cut, Part, offered, scored
from crmkit.recommend._evaluation_strangers import held_out, stranger_part

TITLES = {"new": "new items", "all": "all purchases", "repeat": "repeat purchases"}
BANDS = (("0", 0, 0), ("1-2", 1, 2), ("3-5", 3, 5), ("6+", 6, np.inf))
Pairs = dict[str, tuple[Any, Any]]
"""Fitted recommenders by name: for lists of new items, and for lists of everything."""


@dataclass(frozen=True, eq=False)
class Run:
    """What is judged and how, the same at every cut-off."""

    models: dict[str, Any]
    items: Any
    n: int
    modes: tuple[str, ...]
    vectors: "Vectors | None"
    verbose: int

    def parts(self, cut: Cut, lives: HalfLives) -> dict[str, Part]:
        """Scores of the tables by mode and by history at a cut-off."""
        fitted = self.fitted(cut)
        pairs = {name: (model, model) for name, model in fitted.items()} | baselines(cut, lives)
        asked = np.unique(cut.customer[cut.warm])
        known = cut.history > 0
        made: dict[str, Part | None] = {}
        if "new" in self.modes:
            lists = self.lists(pairs, 0, cut, asked)
            wanted = cut.warm & ~cut.again
            made[TITLES["new"]] = self.scored(cut, asked, lists, wanted, known)
            for name, low, high in BANDS:
                band = (cut.history >= low) & (cut.history <= high)
                made[f"history {name}"] = self.scored(cut, asked, lists, wanted, band)
        if set(self.modes) & {"all", "repeat"}:
            lists = self.lists(pairs, 1, cut, asked)
            for mode, wanted in (("all", cut.warm), ("repeat", cut.again)):
                if mode in self.modes:
                    made[TITLES[mode]] = self.scored(cut, asked, lists, wanted, known)
        return {name: part for name, part in made.items() if part is not None}

    def of_strangers(
        self, cut: Cut, lives: HalfLives, n_given: int | Sequence[int] | None, random_state: int
    ) -> Iterator[tuple[str, Part]]:
        """Scores of customers who were held out whole, by the number of items told."""
        fitted: dict[str, Any] = {}
        numbers: list[Any] = [] if n_given is None else list(np.atleast_1d(n_given).tolist())
        for told, without, history in held_out(cut, numbers, random_state):
            fitted = fitted or self.fitted_with_rules(without, lives, "without some customers")
            allow = self.allowed(without)
            part = stranger_part(without, history, fitted, self.n, allow, self.vectors)
            if part is not None:
                yield f"told {told}", part

    def of_cold_items(
        self, cut: Cut, lives: HalfLives, random: np.random.Generator
    ) -> Iterator[tuple[str, Part]]:
        """Scores of items stripped of their purchases at a cut-off, by what they compete with."""
        fitted = self.fitted_with_rules(cut, lives, "without some items")
        for name, part in cold_parts(cut, fitted, self.n, self.vectors, random).items():
            if part is not None:
                yield f"cold: {name}", part

    def fitted(self, cut: Cut, how: str = "") -> dict[str, Any]:
        """Clones of the recommenders, fitted on what was known."""
        made = {}
        for name, model in self.models.items():
            began = time.perf_counter()
            made[name] = clone(model).fit(cut.log, self.items, as_of=cut.as_of)
            self.tell(name, f"learnt what was known at {cut.as_of:%Y-%m-%d} {how}".rstrip(), began)
        return made

    def fitted_with_rules(self, cut: Cut, lives: HalfLives, how: str) -> dict[str, Any]:
        """Recommenders and rules of new items, fitted without what is held out."""
        rules = {name: both[0] for name, both in baselines(cut, lives).items() if name != AGAIN}
        return self.fitted(cut, how) | rules

    def lists(self, pairs: Pairs, side: int, cut: Cut, asked: Codes) -> dict[str, Codes]:
        """Lists of the same customers by every recommender: of new items (0) or of all (1)."""
        made, allow = {}, self.allowed(cut)
        for name, both in pairs.items():
            if side == 0 and name == AGAIN:
                continue  # without what was bought, that rule has nothing to say
            began = time.perf_counter()
            made[name] = offered(
                both[side], cut, asked, self.n, exclude_seen=side == 0, allow=allow
            )
            if name in self.models:
                kind = ("new items", "everything")[side]
                self.tell(name, f"listed {kind} for {len(asked):,} customers", began)
        return made

    def allowed(self, cut: Cut) -> Any:
        """What may be offered; None where it is what the recommenders may know of anyway."""
        return None if self.items is None else cut.candidates()

    def scored(
        self, cut: Cut, asked: Codes, lists: dict[str, Codes], wanted: Any, of: Any
    ) -> Part | None:
        """Scores among the items that were sold before."""
        return scored(cut, asked, lists, wanted, of, cut.sold, self.vectors)

    def tell(self, name: str, what: str, began: float) -> None:
        """Tell progress where it is asked for."""
        if self.verbose:
            tell(f"evaluate: {name} {what} in {time.perf_counter() - began:.1f} s")
