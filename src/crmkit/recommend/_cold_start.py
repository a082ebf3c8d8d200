"""ColdStartRecommender: the recommender that serves new items best, found by trial.

Which model foretells best who wants an item that nobody bought yet depends on the features: where
texts tell variants of a product apart it is one, where genres are all that is known another. So a
tenth of the well sold items lose all their purchases, every candidate learns from what is left, and
its NDCG decides: of lists of 10 among these items alone, over the customers who bought one of them
and something else, or of lists of 100 customers, over the items. The best candidate learns again
from everything.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from crmkit._validation import check_choice, check_real, check_whole, generator
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.recommend._asked import ask
from crmkit.recommend._best import best_customers, best_items, joined
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._content import ContentRecommender
from crmkit.recommend._feature_ease import FeatureEASE
from crmkit.recommend._filters import Filters
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._later import mean_ndcg
from crmkit.recommend._mapped_factors import MappedFactors
from crmkit.recommend._members import Named, read_members
from crmkit.recommend._reasons import Contributions
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import Scores, ranks
from crmkit.recommend._weighted_hybrid import WeightedHybrid

N, TOLD = 10, 100  # items in the list of a customer, customers that are told of an item


class ColdStartRecommender(Recommender):
    """Offer new items by the model that does it best here: events and items in, offers out.

    It tries its candidates on items whose purchases it hides, takes the best and is from then on
    that model. Use it for "we have a new product: who wants it?", with `recommend_customers`, or
    for lists among new items with `allow`; for one list of old and new items, mix it with others.
    What is best for lists need not be best for a mailing, where scores of different customers are
    compared: say `by="item"` for that.

    Parameters
    ----------
    candidates : list of recommenders or of (name, recommender) pairs, or None, default=None
        What to choose from; names that stand more than once are numbered. None tries `FeatureEASE`,
        `MappedFactors` with 256 and with 64 factors, `ContentRecommender`, and the "mixture" of the
        three in equal parts.
    share : float, default=0.1
        Share of the well sold items that are hidden, above 0 and at most 0.5.
    min_buyers : int, default=20
        Customers from whom on an item is well sold.
    n_trials : int, default=1
        Times that items are drawn; more cost more and choose more surely.
    random_state : int, Generator, RandomState or None, default=0
        Source of the draws.
    by : {"customer", "item"}, default="customer"
        Whose lists the trial judges: what to show each customer (`recommend`), or whom to tell
        about each item (`recommend_customers`). In a gift shop in October 2011 (Online Retail) 100
        customers told of a new product held 10.8 buyers with `MappedFactors` of 64 factors, 9.4
        with `ContentRecommender`, 6.8 with `FeatureEASE` and with the mixture that serves lists
        best; the trial by item took the second.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending; those of items never sold are among them.
    choice_ : str
        Name of the chosen candidate.
    ndcg_ : dict
        Name -> NDCG among the hidden items, mean over the trials, from 0 to 1: of 10 items over
        customers, or of 100 customers over items; empty where too few items sold well to try.
    best_ : recommender
        The chosen candidate, which learned from everything.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ColdStartRecommender
    >>> who = [f"c{i}" for i in range(40)]
    >>> lines = pd.DataFrame(
    ...     [(c, f"{'tea' if i % 2 else 'jam'} {k}") for i, c in enumerate(who) for k in range(6)],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> names = [f"{kind} {k}" for kind in ("tea", "jam") for k in range(7)]
    >>> items = pd.DataFrame({"item": names, "name": names})
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = ColdStartRecommender(min_buyers=10, share=0.25).fit(log, items)
    >>> sorted(model.ndcg_)
    ['ContentRecommender', 'FeatureEASE', 'MappedFactors', 'MappedFactors 64', 'mixture']
    >>> model.recommend(["c0", "c1"], n=1)["item"].tolist()
    ['jam 6', 'tea 6']
    """

    def __init__(
        self,
        candidates: Sequence[Any] | None = None,
        share: float = 0.1,
        min_buyers: int = 20,
        n_trials: int = 1,
        random_state: Any = 0,
        by: str = "customer",
    ) -> None:
        self.candidates = candidates
        self.share = share
        self.min_buyers = min_buyers
        self.n_trials = n_trials
        self.random_state = random_state
        self.by = by

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_real(self.share, "share", owner, low=0.0, open_low=True)
        if self.share > 0.5:
            raise DataError(f"{owner}: share must be at most 0.5, got {self.share!r}.")
        check_whole(self.min_buyers, "min_buyers", owner, low=1)
        check_whole(self.n_trials, "n_trials", owner, low=1)
        generator(self.random_state, owner)
        check_choice(self.by, "by", ["customer", "item"], owner)
        for _, model in self._named():
            model._check_parameters()

    def _named(self) -> Named:
        given = self.candidates
        if given is None:
            several: list[Recommender] = [FeatureEASE(), MappedFactors(), ContentRecommender()]
            mixture = WeightedHybrid(several, weights=[1, 1, 1])
            given = [*several, ("MappedFactors 64", MappedFactors(64)), ("mixture", mixture)]
        return read_members(given, type(self).__name__, "candidate")

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        source = generator(self.random_state, type(self).__name__)
        named = self._named()
        often = np.flatnonzero(buyers(known) >= self.min_buyers)
        n_cold = round(self.share * len(often))
        self.ndcg_: dict[str, float] = {}
        trials = []
        if len(named) > 1 and n_cold >= 2:
            for _ in range(self.n_trials):
                trials.append(source.permutation(often)[:n_cold])
        elif len(named) > 1:
            warn_user(
                f"{type(self).__name__}: only {len(often):,} items have {self.min_buyers:,} "
                f"buyers, too few to try new items on: {named[0][0]} was taken. Lower "
                "min_buyers or raise share.",
                DataWarning,
            )
        for name, model in named if trials else ():
            found = [cold_ndcg(clone(model), known, catalogue, cold, self.by) for cold in trials]
            self.ndcg_[name] = float(np.mean(found))
        self.choice_: str = max(self.ndcg_, key=self.ndcg_.__getitem__, default=named[0][0])
        self.best_: Recommender = clone(dict(named)[self.choice_])
        self.best_._learn(known, catalogue)

    def _scores(self, histories: Histories) -> Scores:
        return self.best_._scores(histories)

    def _similar(self, items: Whole) -> Scores:
        return self.best_._similar(items)

    def _contributions(
        self, histories: Histories, rows: Whole, items: Whole
    ) -> Contributions | None:
        return self.best_._contributions(histories, rows, items)

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> Any:
        return self.best_._sources(histories, rows, items)


def buyers(known: Interactions) -> npt.NDArray[np.int64]:
    """Customers who bought each item."""
    return np.bincount(known.matrix().indices, minlength=known.n_items)


def without(known: Interactions, cold: Whole) -> Interactions:
    """The purchases but those of some items; all ids are kept."""
    kept = ~np.isin(known.item, cold)
    parts = {name: getattr(known, name)[kept] for name in ("customer", "item", "day", "orders")}
    amount = None if known.amount is None else known.amount[kept]
    lines = known.lines
    if lines is not None:
        lines = lines.only(~np.isin(lines.item, cold))
    return replace(known, **parts, amount=amount, lines=lines)


def cold_ndcg(
    model: Recommender,
    known: Interactions,
    catalogue: Catalogue | None,
    cold: Whole,
    by: str = "customer",
) -> float:
    """Mean NDCG of a model among items whose purchases it did not see; 0 where nobody can tell.

    By customer, those are asked who bought one of them and something else; by item, all customers
    who bought anything else compete for a place in its list.
    """
    left = without(known, cold)
    model._learn(left, catalogue)
    gone = np.isin(known.item, cold)
    keys = np.unique(known.customer[gone] * np.int64(known.n_items) + known.item[gone])
    who, what = keys // known.n_items, keys % known.n_items
    there = np.diff(left.start)[who] > 0
    who, what = who[there], what[there]
    if not len(who):
        return 0.0
    allowed = np.zeros(known.n_items, dtype=bool)
    allowed[cold] = True
    filters = Filters(allowed, (), (), exclude_seen=True)
    if by == "item":
        some = np.flatnonzero(np.diff(left.start))
        asked = ask(left, known.customers[some], None, known.last_day, "trial")
        place, row, _ = best_customers(asked, filters, cold, TOLD, model._scores)
        mailing = (cold[place], asked.known[row], ranks(place))
        return mean_ndcg((what, who), mailing, TOLD, len(known.customers))
    asked = ask(left, known.customers[np.unique(who)], None, known.last_day, "trial")
    lists = best_items(asked, filters, N, model._scores)
    row, item = joined([(row + rows.start, item) for rows, _, (row, item, _) in lists], 2)
    return mean_ndcg((who, what), (asked.known[row], item, ranks(row)), N, known.n_items)
