"""Hybrid: what all recommenders made of other recommenders have in common.

Members are fitted on one and the same `Interactions`, so that items have one order. A hybrid that
tunes does so in two steps: members that know nothing of the last window are judged on it, then
members that know everything take their places:

`_tune(members, window)`
    Sets what is tuned, from members fitted on `window.known`; `window` is None where the log
    holds none.
`_join(members, known)`
    Sets `members_` and what else depends on everything that is known.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from crmkit._progress import heard
from crmkit.exceptions import DataError
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._history import Histories
from crmkit.recommend._inner_window import Window, inner_window, read_horizon
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._reasons import Contributions
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._scorer import Scorer
from crmkit.recommend._top_items import Scores

Members = list[Recommender]
Named = list[tuple[str, Recommender]]


class Hybrid(Recommender):
    """Base of recommenders made of others: an event log in, a long frame of offers out.

    What is alike tells the first member that has an opinion of it, else common customers do.
    """

    _needs_window: ClassVar[bool] = False

    def _named(self) -> Named:
        raise AttributeError(f"{type(self).__name__} does not name its members.")

    def _tunes(self) -> bool:
        """Whether anything is tuned, so that members must be fitted before the window too."""
        return False

    def _tune(self, members: Members, window: Window | None) -> None:
        """Tune on a window; a hybrid without anything to tune does nothing."""

    def _check_parameters(self) -> None:
        for _, member in self._named():
            member._check_parameters()
        if hasattr(self, "horizon"):
            read_horizon(self.horizon, type(self).__name__)

    def _leaves_out_seen(self) -> bool:
        return all(member._leaves_out_seen() for _, member in self._named())

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        named = self._named()
        if self._tunes():
            horizon = read_horizon(getattr(self, "horizon", None), type(self).__name__)
            window = inner_window(known, horizon, "new" if self._leaves_out_seen() else "all")
            before = [] if window is None else learnt(named, window.known, catalogue)
            self._tune(before, window)
        self._join(learnt(named, known, catalogue), known)

    def _join(self, members: Members, known: Interactions) -> None:
        self.names_: list[str] = [name for name, _ in self._named()]
        self.members_: Members = members
        self.new_: npt.NDArray[np.bool_] = ~known.sold

    def _alike(self) -> Scorer | None:
        told = (member._alike() for member in self.members_)
        return next((model for model in told if model is not None), None)

    def _similar(self, items: Whole) -> Scores:
        model = self._alike()
        return super()._similar(items) if model is None else model._similar(items)

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> npt.NDArray[np.object_]:
        return np.where(self.new_[items], "content", "model").astype(object)

    def _contributions(
        self, histories: Histories, rows: Whole, items: Whole
    ) -> Contributions | None:
        return joint_contributions(self.members_, histories, rows, items)


def read_members(given: Any, owner: str, what: str = "member") -> Named:
    """Members by name: a list of recommenders or of (name, recommender) in, pairs out."""
    if not isinstance(given, list | tuple) or not len(given):
        raise DataError(
            f"{owner}: {what}s must be a list of recommenders or of (name, recommender) pairs, "
            f"got {given!r}."
        )
    pairs: Named = []
    for one in given:
        named = one if isinstance(one, tuple) and len(one) == 2 else (type(one).__name__, one)
        name, member = named
        if not isinstance(member, Recommender) or not isinstance(name, str):
            raise DataError(
                f"{owner}: a {what} must be a recommender or a (name, recommender) pair, got "
                f"{one!r}."
            )
        pairs.append((name, member))
    return numbered(pairs)


def numbered(pairs: Named) -> Named:
    """The same with a number behind names that stand more than once."""
    names = [name for name, _ in pairs]
    return [
        (name if names.count(name) == 1 else f"{name} {names[: i + 1].count(name)}", member)
        for i, (name, member) in enumerate(pairs)
    ]


def learnt(
    named: Named, known: Interactions, catalogue: Catalogue | None, verbose: int = 0
) -> Members:
    """Clones of the members, fitted on what is known."""
    made: Members = []
    for _, member in named:
        own: Recommender = heard(clone(member), verbose)
        own._learn(known, catalogue)
        made.append(own)
    return made


def stretched(scores: Scores) -> Scores:
    """Scores of each row from 0 for the worst to 1 for the best, in place; -inf stays."""
    there = scores > -np.inf
    low, high = (np.asarray(f(scores, axis=1)) for f in (np.min, np.max))
    holes = np.flatnonzero(low == -np.inf)
    low[holes] = np.min(scores[holes], axis=1, initial=np.inf, where=there[holes])
    wide = high > low
    scale = np.where(wide, high - low, 1.0).astype(np.float32)
    scores -= np.where(wide, low, 0.0).astype(np.float32)[:, None]
    scores /= scale[:, None]
    scores[~wide] = np.where(there[~wide], np.float32(1.0), np.float32(-np.inf))
    return scores


def joint_contributions(
    members: Sequence[Recommender], histories: Histories, rows: Whole, items: Whole
) -> Contributions | None:
    """Sums over the members of each item's share in the score, so that scales do not matter."""
    parts = [m._contributions(histories, rows, items) for m in members]
    told = [shares(part, len(rows)) for part in parts if part is not None]
    if not told:
        return None
    pair, item, value = (np.concatenate(column) for column in zip(*told, strict=True))
    keys = pair.astype(np.int64) * histories.n_items + item
    distinct, place = np.unique(keys, return_inverse=True)
    total = np.bincount(place, weights=value, minlength=len(distinct))
    return distinct // histories.n_items, distinct % histories.n_items, total


def shares(part: Contributions, n_pairs: int) -> Contributions:
    """Contributions as shares of all that speaks for a pair."""
    pair, item, value = part
    total = np.bincount(pair, weights=np.maximum(value, 0.0), minlength=n_pairs)
    return pair, item, value / np.where(total > 0, total, 1.0)[pair]
