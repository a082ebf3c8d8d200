"""From a log of purchases to what to offer next, with reasons: the recipe of recommendations.

The recipe: of the items that were sold keep those that most customers bought, learn from them what
goes together and what is bought again, put new items in by what is told of them, and order the best
candidates anew by margin and variety. Then test it on the past beside rules that need no model.
Each step is a public part of `crmkit.recommend` and can be used, or replaced, alone.
"""

from collections.abc import Sequence
from typing import Any, Self

from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._progress import Progress, heard
from crmkit.base import Estimator
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError
from crmkit.pipelines._customer_offers import buyers, offers_to, only_items
from crmkit.pipelines._next_offer_items import items_kept, tested_on, told_of, who_bought
from crmkit.pipelines._next_offer_plan import check_parameters, judged_by
from crmkit.recommend import (
    MMR,
    ColdItemQuota,
    ContentRecommender,
    Evaluation,
    HybridRecommender,
    RerankedRecommender,
    ValueWeighting,
    evaluate,
)
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._reranker import Reranker

OWNER = "NextOffer"
OFFERS, PLAIN = "offers", "before re-ranking"


class NextOffer(Estimator):
    """Tell what to offer next and why: an event log in, a long frame of offers per customer out.

    Everybody is served: customers of the fit, those with a history that came later, and strangers,
    who get what is popular. Items that nobody bought yet are offered where a table of items tells
    what they are like. For one offer beside segment and value take `CustomerValuePipeline`; for
    another model or another rule, `crmkit.recommend` has the parts.

    Parameters
    ----------
    goal : {"both", "explore", "repeat"}, default="both"
        What to offer: "explore" what is new to the customer alone, "repeat" what was bought before
        alone.
    recommender : Recommender or None, default=None
        What finds the candidates; a copy is fitted, and `goal` is not read. None is
        ``HybridRecommender(goal, n_trees=0)``.
    variety : float, default=0.0
        From 0 to 1: how much items of a list should differ, by `MMR`; 0.3 is a good begin.
    margin : str or None, default=None
        Column of `items` with what a sale earns: lifts what earns more, by `ValueWeighting`.
    margin_weight : float, default=0.5
        From 0, which does nothing, to 1, which orders by chance times margin. Read with `margin`.
    new_places : sequence of int, default=()
        Places of a list, from 1, that are kept for items that nobody bought, by `ColdItemQuota`.
        Which, and for whom, `ContentRecommender` tells from `items`.
    max_items : int or None, default=5000
        Most items that are learnt from, those with the most buyers; None takes all.
    verbose : int, default=0
        1 tells the steps with counts and seconds, and those of the recommender: logger "crmkit",
        level INFO, or standard error where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    recommender_ : Recommender
        The fitted copy, with re-rankers where there are any.
    n_items_ : int
        Items that were sold before the cut-off of `fit`.
    n_new_items_ : int
        Items that nobody bought and that may be offered.
    as_of_ : str
        The cut-off of `fit`, in ISO 8601.

    See Also
    --------
    offers_holdout : The test of the default offers of `CustomerValuePipeline`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ItemKNN
    >>> random = np.random.default_rng(0)
    >>> day = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 200, 1500), "D")
    >>> lines = pd.DataFrame({"day": day, "customer": random.integers(0, 60, 1500)})
    >>> lines["item"] = lines["customer"] % 4 * 10 + random.integers(0, 10, 1500)
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> recipe = ck.pipelines.NextOffer(recommender=ItemKNN()).fit(log)
    >>> recipe.transform(log, n=2).head(2)[["customer", "rank", "source"]]
       customer  rank source
    0         1     1  model
    1         1     2  model
    """

    recommender_: Recommender
    n_items_: int
    n_new_items_: int
    as_of_: str

    def __init__(
        self,
        goal: str = "both",
        recommender: Recommender | None = None,
        variety: float = 0.0,
        margin: str | None = None,
        margin_weight: float = 0.5,
        new_places: Sequence[int] = (),
        max_items: int | None = 5000,
        verbose: int = 0,
    ) -> None:
        self.goal = goal
        self.recommender = recommender
        self.variety = variety
        self.margin = margin
        self.margin_weight = margin_weight
        self.new_places = new_places
        self.max_items = max_items
        self.verbose = verbose

    def fit(self, log: EventLog, items: Any = None, *, as_of: Any = None) -> Self:
        """Learn what to offer: an event log (and items) in, the fitted recipe out.

        Parameters
        ----------
        log : EventLog
            Purchases with an `item` column.
        items : frame or None, default=None
            One row per item, the id in the column called like that of the log, else the first:
            texts, categories, prices, margins. Needed for `margin` and `new_places`. Its first text
            names items in reasons.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.

        Returns
        -------
        NextOffer
            The fitted recipe itself.

        Raises
        ------
        DataError
            If the log names no items, a parameter has no meaning, or what a re-ranker must know of
            the items is not told.
        """
        progress = Progress(OWNER, self.verbose)
        model = self._model(log, items)
        cutoff = log.cutoff(as_of, OWNER)
        sold, n_buyers = buyers(log, cutoff, OWNER)
        kept = items_kept(sold, n_buyers, self.max_items)
        told = told_of(items, str(log.item), sold, kept, OWNER)
        known = only_items(log, kept, OWNER) or log  # never without: some of them were sold
        progress.step(f"kept {len(kept):,} of {len(sold):,} items that were sold")
        self.recommender_ = model.fit(known, told, as_of=cutoff)
        progress.step("learnt what to offer")
        self.n_items_ = len(sold)
        self.n_new_items_ = len(self.recommender_.items_) - len(kept)
        self.as_of_ = cutoff.isoformat()
        return self

    def transform(
        self,
        log: EventLog,
        *,
        as_of: Any = None,
        n: int = 5,
        customers: Any = None,
        exclude_seen: bool | None = None,
        allow: Any = None,
        deny: Any = None,
        stock: Any = None,
    ) -> Any:
        """Offer: an event log in, a long frame of offers with reasons out.

        Parameters
        ----------
        log : EventLog
            What is known of the customers: the events of `fit`, later ones, or those of others.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, not before that of `fit`; None is midnight after the last event.
        n : int, default=5
            Most offers a customer gets.
        customers : list, array, series or frame of ids, or None, default=None
            Whom to serve, in this order; None is all who bought before `as_of`, ascending. Of whom
            nothing is known gets what is popular.
        exclude_seen : bool or None, default=None
            Leave out what a customer already bought; None is what `goal` is made for.
        allow, deny : list of item ids, dict, flags or frame, default=None
            What may and may not be offered, as in `crmkit.recommend`.
        stock : dict or frame of item and quantity, default=None
            Items of quantity 0 or less are not offered.

        Returns
        -------
        frame
            Customer id, item id, `score`, `rank` from 1, `source` ("model", "fold-in" for customers
            it does not know from its fit, "content" for new items, "popular") and `reason`, in the
            library of the log's frame.

        Raises
        ------
        DataError
            If a parameter has no meaning, or `as_of` is before that of the fit: the recommender
            knows more than was known then.
        """
        check_is_fitted(self)
        check_log(log, OWNER)
        if log.item is None:
            raise DataError(f"{OWNER}: the log names no items: EventLog(frame, ..., item=...).")
        if customers is None:
            customers = who_bought(log, as_of, OWNER)
        rules = {"exclude_seen": exclude_seen, "allow": allow, "deny": deny, "stock": stock}
        found = offers_to(self.recommender_, log, customers, n, as_of, **rules)
        return _frames.hand_back(found, like=log.data, keep=[log.customer, str(log.item)])

    def fit_transform(
        self, log: EventLog, items: Any = None, *, as_of: Any = None, n: int = 5
    ) -> Any:
        """Learn and offer: an event log (and items) in, a long frame of offers out.

        Parameters
        ----------
        log : EventLog
            Purchases with an `item` column.
        items : frame or None, default=None
            One row per item, as in `fit`.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.
        n : int, default=5
            Most offers a customer gets.

        Returns
        -------
        frame
            As `transform` gives it.
        """
        return self.fit(log, items, as_of=as_of).transform(log, as_of=as_of, n=n)

    def evaluate(
        self, log: EventLog, items: Any = None, cutoffs: Any = 1, **more: Any
    ) -> Evaluation:
        """Test the offers on the past: an event log (and items) in, an `Evaluation` out.

        Copies are fitted before each cut-off and compared with what was then bought, beside rules
        that need no model. Where margin, variety or new items order the lists, the same recommender
        without them stands beside: the difference is what they cost. Of the items those with the
        most buyers before the first cut-off are looked at, as many as `max_items`, and those that
        are sold later for the first time; what is bought of others is not counted.

        Parameters
        ----------
        log : EventLog
            Purchases with an `item` column.
        items : frame or None, default=None
            One row per item, as in `fit`.
        cutoffs : int, or sequence of dates, default=1
            When to cut, as in `crmkit.recommend.evaluate`.
        **more : keyword arguments
            Further parameters of `crmkit.recommend.evaluate`, such as ``horizon="60D"``.

        Returns
        -------
        Evaluation
            Its first table is the one that `goal` is judged by.
        """
        model = self._model(log, items)
        judged: dict[str, Any] = {OFFERS: model}
        if isinstance(model, RerankedRecommender):
            judged[PLAIN] = model.base
        usual = {"modes": judged_by(self, model), "horizon": "30D", "n": 5, "n_given": ()}
        asked: dict[str, Any] = usual | {"verbose": self.verbose} | more
        some, told = tested_on(log, items, cutoffs, asked["horizon"], self.max_items, OWNER)
        return evaluate(judged, some, cutoffs, items=told, **asked)

    def _model(self, log: EventLog, items: Any) -> Recommender:
        """The recommender with its re-rankers, not fitted."""
        check_log(log, OWNER)
        check_parameters(self, items)
        usual, own = HybridRecommender(self.goal, n_trees=0), self.recommender
        base: Recommender = heard(clone(usual if own is None else own), self.verbose)
        steps: list[Reranker] = []
        if self.margin is not None:
            steps.append(ValueWeighting(self.margin_weight, value=self.margin))
        if self.variety > 0:
            steps.append(MMR(self.variety))
        if len(self.new_places):
            steps.append(ColdItemQuota(list(self.new_places)))
        if not steps:
            return base
        new = ContentRecommender() if len(self.new_places) else None
        return RerankedRecommender(base, steps, new_items=new)
