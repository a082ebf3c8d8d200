"""RerankedRecommender: a recommender whose best candidates are re-ranked before they are shown."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from crmkit._validation import check_whole
from crmkit.exceptions import DataError
from crmkit.recommend._asked import Asked, ask
from crmkit.recommend._best import joined
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._ease import EASE
from crmkit.recommend._filters import Filters, Mask
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._prior import popularity_prior
from crmkit.recommend._ranked import first, of_rows, places, rest, widened, with_rest
from crmkit.recommend._reasons import Contributions
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._rerank_lists import Lists, lists_of
from crmkit.recommend._reranker import RerankerChain, read_steps
from crmkit.recommend._scorer import Scorer
from crmkit.recommend._top_items import Ranked, Scores

MOST_NEW = 20
"""New items of each customer that are candidates beside those of the base."""
SAMPLE = 1000
"""Customers who tell how much a new item is liked on average."""


class RerankedRecommender(Recommender):
    """Offer what re-rankers make of a recommender's lists: events in, offers out.

    The recommender finds candidates within all filters, the re-rankers choose among them. `score`
    and `predict` are those of the recommender: an item of a list has a place, no score of its own,
    so that scores need not fall along a list. Campaigns and hybrids see the scores alone.

    Parameters
    ----------
    base : Recommender or None, default=None
        What finds the candidates; None is `EASE`.
    rerankers : Reranker or sequence of Reranker, default=()
        What orders them, one after the other, as in `RerankerChain`.
    n_candidates : int, default=100
        Candidates of each customer that are re-ranked; longer lists go on as the base has them.
    new_items : Recommender or None, default=None
        What scores new items instead of the base, such as `ContentRecommender`: its best 20 of each
        customer stand behind the candidates of the base, where `ColdItemQuota` finds them. New are
        those of the quota, without one those that nobody bought. Customers of whom nothing is known
        get those with the highest mean score.

    Attributes
    ----------
    base_ : Recommender
        The fitted recommender.
    rerankers_ : RerankerChain
        The fitted re-rankers.
    new_items_ : Recommender or None
        The fitted recommender of new items.
    new_ : ndarray of bool of shape (n_items,)
        Which items are new.
    customers_, items_ : ndarray
        Ids of the fit, ascending.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ColdItemQuota, ContentRecommender, Popularity
    >>> from crmkit.recommend import RerankedRecommender
    >>> lines = pd.DataFrame({"customer": ["ann", "bob", "bob"], "item": ["tea", "tea", "jam"]})
    >>> log = ck.EventLog(
    ...     lines.assign(day=pd.Timestamp("2024-01-05")),
    ...     customer="customer", when="day", amount=None, item="item",
    ... )
    >>> names = {"tea": "green tea", "jam": "plum jam", "new": "black tea"}
    >>> items = pd.DataFrame({"item": names.keys(), "name": names.values()})
    >>> model = RerankedRecommender(
    ...     Popularity(), ColdItemQuota(places=[1]), new_items=ContentRecommender()
    ... )
    >>> model.fit(log, items).recommend(["ann"])[["item", "rank", "source"]]
      item  rank   source
    0  new     1  content
    1  jam     2  popular
    """

    def __init__(
        self,
        base: Recommender | None = None,
        rerankers: Any = (),
        n_candidates: int = 100,
        new_items: Recommender | None = None,
    ) -> None:
        self.base = base
        self.rerankers = rerankers
        self.n_candidates = n_candidates
        self.new_items = new_items

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        for name in ("base", "new_items"):
            model = getattr(self, name)
            if model is not None and not isinstance(model, Recommender):
                raise DataError(f"{owner}: {name} must be a recommender or None, got {model!r}.")
            if model is not None:
                model._check_parameters()
        for step in read_steps(self.rerankers, owner):
            step._check_parameters()
        check_whole(self.n_candidates, "n_candidates", owner, low=1)

    def _leaves_out_seen(self) -> bool:
        return (EASE() if self.base is None else self.base)._leaves_out_seen()

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        owner = type(self).__name__
        self.rerankers_ = RerankerChain([clone(step) for step in read_steps(self.rerankers, owner)])
        self.rerankers_._take_in(known, catalogue)
        self.base_ = learnt(EASE() if self.base is None else self.base, known, catalogue)
        self.new_items_ = None
        if self.new_items is not None:
            self.new_items_ = learnt(self.new_items, known, catalogue)
        told = [step.cold_ for step in self.rerankers_.steps_ if hasattr(step, "cold_")]
        self.new_: Mask = np.logical_or.reduce(told) if told else ~known.sold
        if self.new_items_ is not None and self.new_items_._needs_history:
            appeal = mean_scores(self.new_items_, known, owner)
            self.new_items_.popularity_ = np.where(self.new_ & (appeal > 0), appeal, -np.inf)

    def _scores(self, histories: Histories) -> Scores:
        return self._with_new(self.base_._scores(histories), histories, whole=False)

    def _all_scores(self, histories: Histories) -> Scores:
        return self._with_new(self.base_._all_scores(histories), histories, whole=True)

    def _with_new(self, scores: Scores, histories: Histories, *, whole: bool) -> Scores:
        """The same with the scores of new items, where another recommender tells them."""
        if self.new_items_ is not None:
            ask = self.new_items_._all_scores if whole else self.new_items_._scores
            scores[:, self.new_] = ask(histories)[:, self.new_]
        return scores

    def _best(
        self, asked: Asked, filters: Filters, n: int
    ) -> Iterator[tuple[slice, Histories, Ranked]]:
        new = None
        if self.new_items_ is not None:
            new = best_among(self.new_items_, asked, filters, MOST_NEW, self.new_)
            filters = replace(filters, items=within(filters, ~self.new_))
        for rows, histories, found in self.base_._best(asked, filters, max(n, self.n_candidates)):
            more = None if new is None else of_rows(new, rows)
            lists = self._lists(asked, rows, found, more)
            width = lists.item.shape[1]
            needed = min(n, width) if n <= self.n_candidates else width
            place = self.rerankers_._order(lists, needed)
            item = np.take_along_axis(lists.item, place, axis=1)
            score = np.take_along_axis(lists.own, place, axis=1).astype(np.float32)
            row, column = np.nonzero(place >= 0)
            ranked = (row, item[row, column], score[row, column])
            yield rows, histories, first(with_rest(ranked, rest(found, self.n_candidates)), n)

    def _lists(self, asked: Asked, rows: slice, found: Ranked, more: Ranked | None) -> Lists:
        """Candidates of a block; new ones behind the others, with the lowest score of the list."""
        row, item, score = first(found, self.n_candidates)
        who, customer = asked.ids[rows], asked.known[rows]
        lists, _ = lists_of(row, item, score.astype(np.float64), who, customer, self.items_)
        if more is None:
            return lists
        count = lists.there.sum(axis=1)
        behind, item_behind, own_behind = more
        place = places(behind) + count[behind]
        n_added = np.bincount(behind, minlength=len(who))
        width = int((count + n_added).max(initial=0))
        items, own, level = (
            widened(part, width, empty)
            for part, empty in ((lists.item, -1), (lists.own, np.nan), (lists.score, np.nan))
        )
        items[behind, place], own[behind, place] = item_behind, own_behind
        lowest = np.min(lists.score, axis=1, initial=np.inf, where=lists.there)
        level[behind, place] = np.where(count[behind] > 0, lowest[behind], own_behind)
        return replace(lists, item=items, own=own, score=level)

    def _alike(self) -> Scorer | None:
        return self.base_._alike()

    def _similar(self, items: Whole) -> Scores:
        model = self._alike()
        return super()._similar(items) if model is None else model._similar(items)

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> Any:
        told = self.base_._sources(histories, rows, items)
        if self.new_items_ is None:
            return told
        source = np.full(len(rows), "model", dtype=object) if told is None else told.copy()
        new = np.flatnonzero(self.new_[items])
        if not len(new):
            return source
        told = self.new_items_._sources(histories, rows[new], items[new])
        source[new] = "model" if told is None else told
        return source

    def _source(
        self, asked: Asked, rows: slice, histories: Histories, row: Whole, item: Whole
    ) -> npt.NDArray[Any]:
        """The same; new items that strangers are offered are not popular yet."""
        source = super()._source(asked, rows, histories, row, item)
        if self.new_items_ is not None:
            source[(source == "popular") & self.new_[item]] = "content"
        return source

    def _contributions(
        self, histories: Histories, rows: Whole, items: Whole
    ) -> Contributions | None:
        if self.new_items_ is None:
            return self.base_._contributions(histories, rows, items)
        is_new, made = self.new_[items], []
        for model, mine in (
            (self.base_, np.flatnonzero(~is_new)),
            (self.new_items_, np.flatnonzero(is_new)),
        ):
            if not len(mine):
                continue
            told = model._contributions(histories, rows[mine], items[mine])
            if told is None:
                return None
            made.append((mine[told[0]], told[1], told[2]))
        if not made:
            return rows, rows, np.zeros(0, dtype=np.float32)
        pair, item, value = (np.concatenate(part) for part in zip(*made, strict=True))
        return pair, item, value


def learnt(model: Recommender, known: Interactions, catalogue: Catalogue | None) -> Recommender:
    """A clone, fitted on what is known, that can answer for strangers."""
    own: Recommender = clone(model)
    own._learn(known, catalogue)
    own.popularity_ = popularity_prior(known)
    return own


def mean_scores(model: Recommender, known: Interactions, owner: str) -> Scores:
    """Mean score of each item over the customers, a thousand of them where there are more.

    It orders new items for customers of whom nothing is known. No candidate counts as 0.
    """
    some = known.customers[:: -(-known.n_customers // SAMPLE)]
    total = np.zeros(known.n_items)
    for _, histories in ask(known, some, None, known.last_day, owner).blocks():
        scores = model._all_scores(histories)
        total += np.where(scores > -np.inf, scores, 0.0).sum(axis=0)
    return (total / len(some)).astype(np.float32)


def best_among(model: Recommender, asked: Asked, filters: Filters, n: int, of: Mask) -> Ranked:
    """Best n of some items for each of the asked customers."""
    only = replace(filters, items=within(filters, of))
    found = model._best(asked, only, n)
    parts = [(row + rows.start, item, score) for rows, _, (row, item, score) in found]
    row, item, score = joined(parts, 3)
    return row, item, score


def within(filters: Filters, items: Mask) -> Mask:
    """Items that the filters allow, of some items."""
    return items if filters.items is None else items & filters.items
