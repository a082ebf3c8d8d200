"""From a log of purchases to one row per customer: segment, stage, value, churn risk, next offer.

The recipe: summarize the events, score and name the customers by RFM, tell their stage of life; fit
a purchase model and a spend model, multiply, and sort the values into tiers; learn who leaves from
cut-offs of the past, and weigh that with the value. Where the log names items, learn what to offer
next. Each step is a public part of crmkit and can be used, or replaced, alone.
"""

from typing import Any, Self

from scipy.stats import rankdata
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.churn import RetentionValue
from crmkit.clv import CustomerLifetimeValue
from crmkit.events import EventLog, summarize
from crmkit.events._event_log import check_log
from crmkit.events._summarize import EXTRAS
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.pipelines._churn import ChurnPipeline
from crmkit.pipelines._churn_plan import TooLittleError
from crmkit.pipelines._customer_churn import (
    PURCHASES,
    check_offer,
    churn_columns,
    horizon_without,
    in_unit_of_ages,
    recipe_of,
    risk_of,
)
from crmkit.pipelines._customer_offers import (
    AUTO,
    MOST_ITEMS,
    learnt,
    offer_columns,
    offers_to,
    recommender_of,
)
from crmkit.pipelines._customer_segments import (
    behaviour_of,
    fitted_stager,
    segmenter_of,
    stage_columns,
    stager_of,
    tiers_of,
)
from crmkit.recommend._recommender import Recommender
from crmkit.segment import BehaviourSegmenter, LifecycleStager, RFMSegmenter, ValueTiers

OWNER = "CustomerValuePipeline"
RULES = ("returns", "min_amount", "tz")
SCORES = ("R", "F", "M")
VALUES = (
    "expected_purchases",
    "probability_alive",
    "probability_no_purchase",
    "expected_spend",
    "clv",
)


class CustomerValuePipeline(BaseEstimator):
    """Value customers: an event log in, one row per customer with segment, value and risk out.

    The whole job in one object: what kind of customer each is and in which stage of life, how often
    each will buy, what each is worth, who is about to leave and why, whom it pays to make an offer,
    and what to offer next.
    For one of these answers alone use its model; a purchase model of your own goes in by
    ``value=CustomerLifetimeValue(purchases=...)``. Not for subscriptions, where leaving is
    announced.

    Parameters
    ----------
    unit : {"D", "W", "M", "h"}, default="W"
        Unit of the ages in the customer table and of a `horizon` given as a number.
    segmenter : RFMSegmenter or None, default=None
        Names customers. None is ``RFMSegmenter()``, the grid of eleven names.
    value : CustomerLifetimeValue or None, default=None
        Values customers, with the horizon, margin and discount rate that it holds. None is
        ``CustomerLifetimeValue()``: the revenue of one year, discounted at 10 % a year.
    churn : ChurnPipeline, "auto" or None, default="auto"
        Tells who leaves, within the horizon that it holds. "auto" is ``ChurnPipeline()``; None
        leaves the columns of churn away, and most of the time of `fit`.
    offer : RetentionValue or None, default=None
        What it costs to keep a customer, and how often that succeeds: adds the profit of an offer.
        None adds nothing, for without costs no profit can be told.
    recommender : recommender, "auto", "explore", "repeat" or None, default="auto"
        Tells what to offer next, where the log names items. "auto" is
        ``HybridRecommender(n_trees=0)`` on the 5,000 items that most customers bought: seconds to
        a minute or two. "explore" and "repeat" are the same for items that are new to the customer
        alone and for those bought before alone. A recommender of your own gets all items. None
        leaves the offers away, and their time.
    stager : LifecycleStager, "auto" or None, default="auto"
        Tells the stage of life of each customer, and why. "auto" is ``LifecycleStager()``; None
        leaves the stages away.
    tiers : ValueTiers, "auto" or None, default="auto"
        Sorts customers into tiers of any number in the table. "auto" is
        ``ValueTiers(value="clv")``: what a customer will bring decides, since service and gifts
        are spent on the future, and since a tier of all past revenue never falls, however long a
        customer has been gone. For a reward of the past: ``ValueTiers(value="total_amount")``.
        None leaves the tiers away.
    behaviour : BehaviourSegmenter, "auto" or None, default=None
        Finds segments that the data themselves show, in the columns of `summarize`. "auto" looks at
        orders, silence and revenue; some ten seconds for the search for a stable number. None
        leaves them away.

    Attributes
    ----------
    segmenter_ : RFMSegmenter
        Fitted copy; its edges stay as they are for later customers.
    value_ : CustomerLifetimeValue
        Fitted copy; `value_.purchases_` and `value_.spend_` are the fitted models.
    churn_ : ChurnPipeline or None
        Fitted copy; None where churn was left out or could not be learnt.
    churn_horizon_ : int or None
        Days without a purchase that are called churn; None where churn was left out.
    churn_note_ : str
        Why churn could not be learnt from the log; "" where it was, or was left out.
    recommender_ : recommender or None
        Fitted copy, `items_` are those it may offer; None where the log names no items or offers
        were left out or could not be learnt.
    recommender_note_ : str
        Why offers could not be learnt from the log; "" where they were, or were left out.
    n_items_ : int
        Items that were sold before the cut-off of `fit`; 0 without a recommender.
    stager_ : LifecycleStager or None
        Fitted copy; its rules stay as they are for later customers. None where stages were left out
        or could not be learnt.
    stager_note_ : str
        Why stages could not be learnt from the log; "" where they were, or were left out.
    tiers_ : ValueTiers or None
        Fitted copy; its edges stay as they are for later customers.
    behaviour_ : BehaviourSegmenter or None
        Fitted copy.
    columns_ : dict
        How the log of `fit` was made: the names of its columns, `returns`, `min_amount` and `tz`.
    as_of_ : str
        The cut-off of `fit`, in ISO 8601.
    n_customers_ : int
        Customers that were fitted on.

    Examples
    --------
    >>> import crmkit as ck
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> pipeline = ck.pipelines.CustomerValuePipeline(unit="W").fit(log, as_of="1997-10-01")
    >>> table = pipeline.transform(log, as_of="1997-10-01")
    >>> len(table)
    2357
    >>> best = table.nsmallest(3, "clv_rank")
    >>> best[["customer_id", "segment", "clv_rank"]].to_string(index=False)
    'customer_id   segment  clv_rank...
    >>> table["churn_source"].value_counts().to_dict()
    {'purchase model': 1811, 'classifier': 546}
    >>> table["tier"].value_counts().to_dict()
    {'ordinary': 1188, 'silver': 698, 'gold': 353, 'diamond': 118}
    """

    segmenter_: RFMSegmenter
    value_: CustomerLifetimeValue
    churn_: ChurnPipeline | None
    churn_horizon_: int | None
    churn_note_: str
    recommender_: Recommender | None
    recommender_note_: str
    n_items_: int
    stager_: LifecycleStager | None
    stager_note_: str
    tiers_: ValueTiers | None
    behaviour_: BehaviourSegmenter | None
    columns_: dict[str, Any]
    as_of_: str
    n_customers_: int

    def __init__(
        self,
        unit: str = "W",
        segmenter: RFMSegmenter | None = None,
        value: CustomerLifetimeValue | None = None,
        churn: ChurnPipeline | str | None = AUTO,
        offer: RetentionValue | None = None,
        recommender: Recommender | str | None = AUTO,
        stager: LifecycleStager | str | None = AUTO,
        tiers: ValueTiers | str | None = AUTO,
        behaviour: BehaviourSegmenter | str | None = None,
    ) -> None:
        self.unit = unit
        self.segmenter = segmenter
        self.value = value
        self.churn = churn
        self.offer = offer
        self.recommender = recommender
        self.stager = stager
        self.tiers = tiers
        self.behaviour = behaviour

    def fit(self, log: EventLog, y: None = None, *, as_of: Any = None, items: Any = None) -> Self:
        """Learn edges and parameters: an event log in, the fitted pipeline out.

        Parameters
        ----------
        log : EventLog
            The events, with an amount column.
        y : None
            Ignored.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.
        items : frame or None, default=None
            One row per item for the recommender, the id in the column called like that of the log,
            else the first. Its first text names items in reasons. Where items are
            left out, rows of others and of items never sold are not read.

        Returns
        -------
        CustomerValuePipeline
            The fitted pipeline itself.

        Raises
        ------
        DataError
            If the log cannot be used, or too few customers bought again to learn from.

        Warns
        -----
        DataWarning
            If churn cannot be learnt, because the log is too short or too few left or stayed: the
            risk is then that of the purchase model, for everybody. Or if the default cannot learn
            what to offer, or the stages: the table then has none.
        """
        self._fit(self._customers(log, as_of), log, as_of, items)
        return self

    def transform(self, log: EventLog, *, as_of: Any = None) -> Any:
        """Describe customers with what was learnt: an event log in, customers out.

        Parameters
        ----------
        log : EventLog
            The events: those of `fit`, later ones, or those of other customers.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.

        Returns
        -------
        frame of customers
            In the library of the log's frame, sorted by customer id: the columns of `summarize`,
            then `R`, `F`, `M` (1 to 5, high is good), `segment`, with stages `stage` (of life, at
            the midnight at or before the cut-off) and `stage_reason` (in words), with tiers `tier`
            (of value: the edges are amounts that were frozen in `fit`), where asked for `behaviour`
            (a segment found in the data), `expected_purchases` (purchase
            periods within the horizon), `probability_alive`, `probability_no_purchase` (within
            the horizon: the churn score), `expected_spend` (per purchase period, in currency),
            `clv` (present value within the horizon, in currency) and `clv_rank` (1 is the most
            valuable). Then, unless ``churn=None``: `probability_churn` (of no purchase within
            `churn_horizon_` days), `churn_source` ("classifier" for active customers, "purchase
            model" for those silent for longer), `churn_reasons` (in words; plus raises the risk)
            and `value_at_risk` (risk times `clv`, in currency). With an offer also
            `expected_profit` (of contacting the customer, in currency) and `treat` (whether that
            pays and the customer is active). What a customer is worth if kept is taken to be
            `clv`, which counts the chance that he has left already: the profit errs on the side
            of caution. With a recommender last `next_offer` (item id; missing where none may be
            made), `next_offer_source` ("model", "fold-in" for customers it does not know from its
            fit, "content", "popular" for those of whom it knows nothing) and `next_offer_reason`.

        Raises
        ------
        DataError
            If the log cannot be used, or `as_of` is before that of the fit and there are offers,
            for the recommender knows more than was known then.
        """
        check_is_fitted(self)
        customers = self._customers(log, as_of)
        return _frames.hand_back(self._describe(customers, log, as_of), like=log.data)

    def fit_transform(
        self, log: EventLog, y: None = None, *, as_of: Any = None, items: Any = None
    ) -> Any:
        """Fit and describe the same customers: an event log in, customers out.

        Parameters
        ----------
        log : EventLog
            The events, with an amount column.
        y : None
            Ignored.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.
        items : frame or None, default=None
            One row per item for the recommender, the id in the column called like that of the log,
            else the first. Its first text names items in reasons.

        Returns
        -------
        frame of customers
            As `transform` gives it.
        """
        customers = self._customers(log, as_of)
        self._fit(customers, log, as_of, items)
        return _frames.hand_back(self._describe(customers, log, as_of), like=log.data)

    def recommend(
        self,
        log: EventLog,
        n: int = 10,
        *,
        customers: Any = None,
        as_of: Any = None,
        exclude_seen: bool | None = None,
        allow: Any = None,
        deny: Any = None,
        stock: Any = None,
    ) -> Any:
        """Tell what to offer next: an event log in, a long frame of n offers per customer out.

        Parameters
        ----------
        log : EventLog
            The events, as in `transform`: what is known of the customers.
        n : int, default=10
            Most offers a customer gets.
        customers : list, array, series or frame of ids, or None, default=None
            Whom to serve, in this order; None is all that `transform` has a row of.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, not before that of `fit`; None is midnight after the last event.
        exclude_seen : bool or None, default=None
            Leave out what a customer already bought; None is what the recommender is made for.
        allow, deny : list of item ids, dict, flags or frame, default=None
            What may and may not be offered, as in `crmkit.recommend`.
        stock : dict or frame of item and quantity, default=None
            Items of quantity 0 or less are not offered.

        Returns
        -------
        frame
            Customer id, item id, `score`, `rank` from 1, `source` and `reason`, in the library of
            the log's frame. The offer of rank 1 is `next_offer` of `transform`.

        Raises
        ------
        DataError
            If there is no recommender, or a parameter has no meaning.
        """
        check_is_fitted(self)
        check_log(log, OWNER)
        if self.recommender_ is None:
            why = self.recommender_note_ or "the log of the fit names no items, or recommender=None"
            raise DataError(f"{OWNER}: nothing was learnt to offer ({why.rstrip('.')}).")
        if customers is None:
            customers = _frames.id_column(self._customers(log, as_of), log.customer, OWNER)
        rules = {"exclude_seen": exclude_seen, "allow": allow, "deny": deny, "stock": stock}
        found = offers_to(self.recommender_, log, customers, n, as_of, **rules)
        keep = [log.customer, str(log.item)]
        return _frames.hand_back(found, like=log.data, keep=keep)

    def without_customers(self) -> Self:
        """The pipeline without its customers: a fitted one in, one for strangers out.

        Save this one for a service. It answers for whoever comes with his events, to the same bits;
        offers are "fold-in" for all.

        Returns
        -------
        CustomerValuePipeline
            A copy whose recommender holds neither ids nor purchases; the rest of the pipeline
            holds none anyway.

        Raises
        ------
        DataError
            If the recommender scores by the purchases of single customers.

        See Also
        --------
        crmkit.io.save : Refuses a pipeline with customers until told otherwise.
        """
        check_is_fitted(self)
        bare: Self = clone(self)
        fitted = {name: value for name, value in vars(self).items() if name.endswith("_")}
        vars(bare).update(fitted)
        if self.recommender_ is not None:
            bare.recommender_ = self.recommender_.without_customers()
        return bare

    def _value(self) -> CustomerLifetimeValue:
        value = CustomerLifetimeValue() if self.value is None else self.value
        if not isinstance(value, CustomerLifetimeValue):
            raise DataError(
                f"{OWNER}: value must be a CustomerLifetimeValue, got {value!r}. For another model "
                "of purchases: CustomerLifetimeValue(purchases=...)."
            )
        return value

    def _customers(self, log: EventLog, as_of: Any) -> Any:
        check_log(log, OWNER)
        extras = [extra for extra in EXTRAS if extra in self._value()._column_names()]
        seen = summarize(log, as_of, self.unit, extras=extras)  # type: ignore[arg-type]
        return _frames.to_eager(seen)

    def _fit(self, customers: Any, log: EventLog, as_of: Any, items: Any) -> None:
        segmenter, value = clone(segmenter_of(self.segmenter)), clone(self._value())
        stager, tiers, behaviour = (
            None if part is None else clone(part)
            for part in (stager_of(self.stager), tiers_of(self.tiers), behaviour_of(self.behaviour))
        )
        recipe = recipe_of(self.churn)
        check_offer(self.offer, recipe)
        model = recommender_of(self.recommender, log)
        if value.unit is None:
            value.set_params(unit=self.unit)
        self.segmenter_ = segmenter.fit(customers)
        self.value_ = value.fit(customers)
        self.n_customers_ = len(_frames.column_values(customers, "T", OWNER))
        self.stager_, self.stager_note_ = None, ""
        if stager is not None:
            self._learn_stages(stager, log, as_of)
        self.tiers_ = None if tiers is None else tiers.fit(self._with_values(customers))
        self.behaviour_ = None if behaviour is None else behaviour.fit(customers)
        self.churn_, self.churn_horizon_, self.churn_note_ = None, None, ""
        if recipe is not None:
            self._learn_churn(clone(recipe), log, as_of)
        self.recommender_, self.recommender_note_, self.n_items_ = None, "", 0
        if model is not None:
            self._learn_offers(model, log, items, as_of)
        self.columns_ = {**vars(log.columns), **{rule: getattr(log, rule) for rule in RULES}}
        self.as_of_ = log.cutoff(as_of, OWNER).isoformat()

    def _learn_stages(self, stager: LifecycleStager, log: EventLog, as_of: Any) -> None:
        """Fit the stager; where the default cannot be, say so and go on without stages."""
        try:
            self.stager_ = fitted_stager(stager, log, as_of)
        except DataError as error:
            if self.stager != AUTO:
                raise
            self.stager_note_ = str(error)
            warn_user(
                f"{OWNER}: stages of life cannot be learnt from this log, so there are none. "
                f"{error} Pass stager=None to leave them out.",
                DataWarning,
            )

    def _learn_churn(self, recipe: ChurnPipeline, log: EventLog, as_of: Any) -> None:
        """Fit the recipe of churn; where the log does not allow it, say so and go on without."""
        asked = TooLittleError if self.churn != AUTO else DataError
        try:
            self.churn_ = recipe.fit(log, as_of=as_of)
            self.churn_horizon_ = recipe.horizon_
        except asked as error:
            self.churn_horizon_ = horizon_without(recipe, log, as_of)
            self.churn_note_ = str(error)
            warn_user(
                f"{OWNER}: churn cannot be learnt from this log, so probability_churn is what the "
                f"{PURCHASES} says, for all customers. {error} Pass churn=None to leave it out.",
                DataWarning,
            )

    def _learn_offers(self, model: Recommender, log: EventLog, items: Any, as_of: Any) -> None:
        """Fit the recommender; where the default cannot be, say so and go on without offers."""
        is_auto = isinstance(self.recommender, str)
        try:
            made = learnt(model, log, items, as_of, MOST_ITEMS if is_auto else None)
            self.recommender_, self.n_items_ = made.recommender, made.n_sold
        except DataError as error:
            if not is_auto:
                raise
            self.recommender_note_ = str(error)
            warn_user(
                f"{OWNER}: what to offer cannot be learnt from this log, so there are no offers. "
                f"{error} Pass recommender=None to leave them out.",
                DataWarning,
            )

    def _with_values(self, customers: Any) -> Any:
        """Put what customers are worth beside the columns of the summary."""
        valued = self.value_.breakdown(customers, level=None)
        add = {name: _frames.column_values(valued, name, OWNER) for name in VALUES}
        add["clv_rank"] = rankdata(-add["clv"], method="min").astype("int64")
        keep = _frames.column_names(customers, OWNER)
        return _frames.attach(customers, keep=keep, add=add, owner=OWNER)

    def _describe(self, customers: Any, log: EventLog, as_of: Any) -> Any:
        """Put scores, kinds, value and risk beside the columns of the summary."""
        named, valued = self.segmenter_.predict_frame(customers), self._with_values(customers)
        add = {name: _frames.column_values(named, name, OWNER) for name in (*SCORES, "segment")}
        if self.stager_ is not None:
            add |= stage_columns(self.stager_, customers, log, as_of)
        if self.tiers_ is not None:
            add["tier"] = self.tiers_.predict(valued)
        if self.behaviour_ is not None:
            add["behaviour"] = self.behaviour_.predict(customers)
        add |= {n: _frames.column_values(valued, n, OWNER) for n in (*VALUES, "clv_rank")}
        if self.churn_horizon_ is not None:
            ahead = in_unit_of_ages(self.churn_horizon_, self.unit)
            purchases = self.value_.purchases_, ahead
            risk = risk_of(customers, log, as_of, self.churn_, purchases)
            add |= churn_columns(customers, risk, add["clv"], self.offer)
        if self.recommender_ is not None:
            add |= offer_columns(self.recommender_, customers, log, as_of)
        keep = _frames.column_names(customers, OWNER)
        return _frames.attach(customers, keep=keep, add=add, owner=OWNER)
