"""WeightedHybrid: a weighted sum of what several recommenders think.

score of (u, i) = sum over the members m of w_m * (s_m(u, i) - min) / (max - min), with the least
and the largest score of m for u; an item that is no candidate of m gets nothing from it. Weights
are at least 0 and add up to 1. Burke (2002), Hybrid recommender systems: survey and experiments,
User Modeling and User-Adapted Interaction 12, 331-370, section 2.1; the weights are drawn at random
(Bergstra and Bengio (2012), Journal of Machine Learning Research 13, 281-305).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from crmkit._validation import Floats, check_whole
from crmkit.exceptions import DataError
from crmkit.recommend._history import Histories
from crmkit.recommend._inner_window import Window, chosen, judged_lists
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._members import Hybrid, Members, Named, read_members, stretched
from crmkit.recommend._ranker_features import distinct
from crmkit.recommend._top_items import Ranked, Scores, ranks, top_items
from crmkit.recommend._trend import scores_of_each

MOST = 1000  # customers that judge the mixtures, which are many
LENGTH = 10  # of the lists that are judged
DEPTH = 100  # best items of each member that a mixture orders anew while it is judged


class WeightedHybrid(Hybrid):
    """Mix recommenders by weights: a list of recommenders in, one that scores like their mean out.

    Each member alone is a special case, and is what the tuning keeps unless a mixture is better
    beyond noise: mixing weak members in costs accuracy. Where the order of time is known,
    `TwoStageRecommender` mixes better.

    Parameters
    ----------
    members : list of recommenders or of (name, recommender) pairs
        What is mixed.
    weights : {"tune"} or sequence of float, default="tune"
        One weight a member, at least 0; only their ratios matter. "tune" takes what is best on the
        last `horizon` of the log: a member alone, equal weights, or one of `n_draws` random ones.
    n_draws : int, default=40
        Random mixtures to try, at least 0.
    horizon : str or float, default="30D"
        Days that are held back for tuning; not read for given weights.
    random_state : int, default=0
        Seed of the random mixtures, at least 0.

    Attributes
    ----------
    weights_ : ndarray of float of shape (n_members,)
        Weights that are used; they add up to 1.
    tuning_ : dict of str to float
        Mean NDCG@10 on the window of each member alone, and as "mixture" the best of those of
        several members; empty where nothing was tuned. Without a window to tune on the weights are
        equal.
    names_ : list of str
        Names of the members.
    members_ : list
        The fitted members.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import EASE, Popularity, WeightedHybrid
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> members = [EASE(1.0, popularity=0.0), Popularity()]
    >>> WeightedHybrid(members, weights=[3, 1]).fit(log).recommend(["dan"], n=2).round(3)
      customer item  score  rank source
    0      dan  cup  0.875     1  model
    1      dan  jam  0.000     2  model
    """

    def __init__(
        self,
        members: Any = None,
        weights: Any = "tune",
        n_draws: int = 40,
        horizon: Any = "30D",
        random_state: int = 0,
    ) -> None:
        self.members = members
        self.weights = weights
        self.n_draws = n_draws
        self.horizon = horizon
        self.random_state = random_state

    def _named(self) -> Named:
        return read_members(self.members, type(self).__name__)

    def _tunes(self) -> bool:
        return isinstance(self.weights, str) and self.weights == "tune"

    def _check_parameters(self) -> None:
        super()._check_parameters()
        owner = type(self).__name__
        check_whole(self.n_draws, "n_draws", owner, low=0)
        check_whole(self.random_state, "random_state", owner, low=0)
        if not self._tunes():
            read_weights(self.weights, len(self._named()), owner)

    def _tune(self, members: Members, window: Window | None) -> None:
        n_members = len(self._named())
        self.weights_: Floats = np.full(n_members, 1.0 / n_members)
        self.tuning_: dict[str, float] = {}
        if window is None:
            return
        tried = mixtures(n_members, self.n_draws, self.random_state)

        def lists(histories: Histories) -> Iterator[Ranked]:
            item, short = shortlists(members, histories, window)
            return mixed_lists(item, short, tried)

        found = judged_lists(window, lists, LENGTH, most=MOST)
        means = found.mean(axis=1)
        self.weights_ = tried[chosen(found, n_members)]
        names = [name for name, _ in self._named()]
        self.tuning_ = dict(zip(names, means[:n_members].tolist(), strict=True))
        self.tuning_["mixture"] = float(means[n_members:].max())

    def _join(self, members: Members, known: Interactions) -> None:
        super()._join(members, known)
        if not self._tunes():
            self.weights_ = read_weights(self.weights, len(members), type(self).__name__)
            self.tuning_ = {}

    def _scores(self, histories: Histories) -> Scores:
        kept = np.flatnonzero(self.weights_)
        scores = scores_of_each([self.members_[i] for i in kept], histories)
        return mixed([stretched(each) for each in scores], self.weights_[kept])

    def _joint(self, scores: list[Scores], histories: Histories) -> Scores:
        return mixed([stretched(each) for each in scores], self.weights_)


def read_weights(given: Any, n_members: int, owner: str, otherwise: str = "'tune'") -> Floats:
    """Weights that add up to 1; `otherwise` is what the parameter may be too."""
    try:
        weights = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        weights = np.empty(0)
    good = weights.shape == (n_members,) and np.isfinite(weights).all() and (weights >= 0).all()
    if not good or not weights.sum() > 0:
        raise DataError(
            f"{owner}: weights must be {otherwise} or one number of at least 0 for each of "
            f"{n_members} members, not all 0, got {given!r}."
        )
    return np.asarray(weights / weights.sum())


def mixtures(n_members: int, n_draws: int, seed: int) -> Floats:
    """Each member alone, equal weights, and random weights, most of them near an edge."""
    drawn = np.random.default_rng(seed).dirichlet(np.full(n_members, 0.5), n_draws)
    return np.vstack([np.eye(n_members), np.full((1, n_members), 1.0 / n_members), drawn])


def shortlists(members: Members, histories: Histories, window: Window) -> tuple[Whole, Scores]:
    """The best items of each row by any member, ascending, and what each member thinks of them.

    Rows end in item -1 without a score: (n_rows, width) and (n_members, n_rows, width). Scores go
    from 0 to 1 over all items, as where the mixture serves, counted in the window or not.
    """
    n_items = np.int64(histories.n_items)
    found, keys = [], []
    for scores in scores_of_each(members, histories):
        found.append(window.mask(stretched(scores), histories))
        row, item, _ = top_items(found[-1], DEPTH)
        keys.append(row * n_items + item)
    key = distinct(np.concatenate(keys))
    row, item = key // n_items, key % n_items
    place = ranks(row) - 1
    shape = (len(histories), int(place.max(initial=0)) + 1)
    items = np.full(shape, -1)
    items[row, place] = item
    short = np.full((len(members), *shape), -np.inf, dtype=np.float32)
    for each, scores in zip(short, found, strict=True):
        each[row, place] = scores[row, item]
    return items, short


def mixed_lists(items: Whole, short: Scores, tried: Floats) -> Iterator[Ranked]:
    """The best of each row by one mixture after the other, of short lists as above."""
    n_members, n_rows, width = short.shape
    there = (short > -np.inf).astype(np.float32).reshape(n_members, -1)
    weights = tried.astype(np.float32)
    total = weights @ np.maximum(short, np.float32(0.0)).reshape(n_members, -1)
    total[(weights > 0).astype(np.float32) @ there == 0] = -np.inf
    row, place, score = top_items(total.reshape(-1, width), LENGTH)
    ends = np.searchsorted(row, np.arange(len(tried) + 1) * n_rows)
    for i, (low, high) in enumerate(pairwise(ends)):
        own = row[low:high] - i * n_rows
        yield own, items[own, place[low:high]], score[low:high]


def mixed(stretches: list[Scores], weights: Floats) -> Scores:
    """Weighted sum of scores from 0 to 1; -inf where nobody with a weight has a candidate."""
    total = np.zeros_like(stretches[0])
    there = np.zeros(total.shape, dtype=bool)
    for scores, weight in zip(stretches, weights, strict=True):
        if weight:
            there |= scores > -np.inf
            total += np.float32(weight) * np.maximum(scores, 0.0)
    total[~there] = -np.inf
    return total
