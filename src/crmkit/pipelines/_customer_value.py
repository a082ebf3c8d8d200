"""From a log of purchases to one row per customer: segment, stage, value, churn risk, next offer.

The recipe: put the records of one person together; summarize the events, score and name the
customers by RFM, tell their stage of life; fit a purchase model and a spend model, multiply, and
sort the values into tiers; learn who leaves from cut-offs of the past, and weigh that with the
value. Where the log names items, learn what to offer next. Each step is a public part of crmkit and
can be used, or replaced, alone.
"""

from typing import Any, Self

from crmkit import _frames
from crmkit._progress import Progress
from crmkit.base import check_is_fitted
from crmkit.churn import RetentionValue
from crmkit.cleaning import Deduplicator
from crmkit.clv import CustomerLifetimeValue
from crmkit.events import EventLog
from crmkit.pipelines import _customer_churn as risk
from crmkit.pipelines import _customer_offers as offers
from crmkit.pipelines import _customer_people as people
from crmkit.pipelines import _customer_segments as kinds
from crmkit.pipelines import _customer_values as values
from crmkit.pipelines._churn import ChurnPipeline
from crmkit.pipelines._customer_answers import CustomerAnswers
from crmkit.pipelines._customer_parts import columns_of, parts_of
from crmkit.recommend._recommender import Recommender
from crmkit.segment import BehaviourSegmenter, LifecycleStager, RFMSegmenter, ValueTiers

OWNER = "CustomerValuePipeline"


class CustomerValuePipeline(CustomerAnswers):
    """Value customers: an event log in, one row per customer with segment, value and risk out.

    The whole job in one object: who is one person, what kind of customer each is and in which stage
    of life, how often each will buy, what each is worth and how sure that is, who is about to leave
    and why, whom it pays to make an offer, and what to offer next.
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
    level : float or None, default=0.9
        Probability of the interval of the value, between 0 and 1; None leaves it away. Below about
        0.9 the upper end of most one-time buyers is 0, which they are most likely to bring, though
        some bring much.
    matcher : Deduplicator, "auto" or None, default="auto"
        Finds the records of one person where `fit` gets records. "auto" is
        ``Deduplicator(record=<customer column of the log>)``. What it holds as `golden` chooses the
        values of a person.
    verbose : int, default=0
        1 tells the steps with counts and seconds, and those of the parts: logger "crmkit", level
        INFO, or standard error where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    segmenter_ : RFMSegmenter
        Fitted copy; its edges stay as they are for later customers.
    value_ : CustomerLifetimeValue or None
        Fitted copy; `value_.purchases_` and `value_.spend_` are the fitted models. None where too
        few customers bought again to learn from.
    value_note_ : str
        Why the value could not be learnt from the log; "" where it was.
    churn_ : ChurnPipeline or None
        Fitted copy; None where churn was left out or could not be learnt.
    churn_horizon_ : int or None
        Days without a purchase that are called churn; None where churn was left out, or where there
        is no value.
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
        Fitted copy; its edges stay as they are for later customers. None where tiers were left out
        or are of a value that could not be learnt.
    behaviour_ : BehaviourSegmenter or None
        Fitted copy.
    matcher_ : Deduplicator or None
        Fitted copy; None where there were no records.
    golden_ : GoldenRecord or None
        One record of each person: ``golden_.id_map()`` tells which customer each record is.
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

    def __init__(
        self,
        unit: str = "W",
        segmenter: RFMSegmenter | None = None,
        value: CustomerLifetimeValue | None = None,
        churn: ChurnPipeline | str | None = "auto",
        offer: RetentionValue | None = None,
        recommender: Recommender | str | None = "auto",
        stager: LifecycleStager | str | None = "auto",
        tiers: ValueTiers | str | None = "auto",
        behaviour: BehaviourSegmenter | str | None = None,
        level: float | None = 0.9,
        matcher: Deduplicator | str | None = "auto",
        verbose: int = 0,
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
        self.level = level
        self.matcher = matcher
        self.verbose = verbose

    def fit(
        self,
        log: EventLog,
        y: None = None,
        *,
        as_of: Any = None,
        items: Any = None,
        records: Any = None,
    ) -> Self:
        """Learn edges and parameters: an event log in, the fitted pipeline out.

        Parameters
        ----------
        log : EventLog
            The events, with an amount column; of records, where `records` are given.
        y : None
            Ignored.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.
        items : frame or None, default=None
            One row per item for the recommender, the id in the column called like that of the log,
            else the first. Its first text names items in reasons. Where items are
            left out, rows of others and of items never sold are not read.
        records : frame or None, default=None
            One row per record of a customer, the ids in the column that the matcher names. Records
            of one person are found first, and their events put together under the smallest id.

        Returns
        -------
        CustomerValuePipeline
            The fitted pipeline itself.

        Raises
        ------
        DataError
            If the log cannot be used.

        Warns
        -----
        DataWarning
            If too few customers bought again to learn what they are worth: the table then has no
            columns of value, of tiers of it, and of churn. If churn cannot be learnt, because the
            log is too short or too few left or stayed: the risk is then that of the purchase model,
            for everybody. Or if the default cannot learn what to offer, or the stages: the table
            then has none. Or if customers have no record.
        """
        self._learn(log, as_of, items, records)
        return self

    def transform(self, log: EventLog, *, as_of: Any = None, records: Any = None) -> Any:
        """Describe customers with what was learnt: an event log in, customers out.

        Parameters
        ----------
        log : EventLog
            The events: those of `fit`, later ones, or those of other customers.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.
        records : frame or None, default=None
            New records, such as those since `fit`: those of known people count as theirs. Events of
            the records of `fit` are put together without being told again.

        Returns
        -------
        frame of customers
            In the library of the log's frame, sorted by customer id: the columns of `summarize`,
            with records `n_records` (of the person; 0 for none), then `R`, `F`, `M` (1 to 5, high
            is good), `segment`, with stages `stage` (of life, at the midnight at or before the
            cut-off) and `stage_reason` (in words), with tiers `tier` (of value: the edges are
            amounts that were frozen in `fit`), where asked for `behaviour` (a segment found in the
            data). Then, where `value_` could be learnt:
            `expected_purchases` (purchase periods within the horizon), `probability_alive`,
            `probability_no_purchase` (within the horizon: the churn score), `expected_spend` (per
            purchase period, in currency), `clv` (present value within the horizon, in currency),
            `clv_low` and `clv_high` (what this one customer will bring, at `level`; chance is most
            of it) and `clv_rank` (1 is the most valuable); and, unless ``churn=None``:
            `probability_churn` (of no purchase within `churn_horizon_` days), `churn_source`
            ("classifier" for active customers, "purchase model" for those silent for longer),
            `churn_reasons` (in words; plus raises the risk) and `value_at_risk` (risk times `clv`,
            in currency). With an offer also `expected_profit` (of contacting the customer, in
            currency) and `treat` (whether that pays and the customer is active). What a customer is
            worth if kept is taken to be `clv`, which counts the chance that he has left already:
            the profit errs on the side of caution. With a recommender last `next_offer` (item id;
            missing where none may be made), `next_offer_source` ("model", "fold-in" for customers
            it does not know from its fit, "content", "popular" for those of whom it knows nothing)
            and `next_offer_reason`.

        Raises
        ------
        DataError
            If the log cannot be used, or `as_of` is before that of the fit and there are offers,
            for the recommender knows more than was known then.
        """
        check_is_fitted(self)
        log, who = self._by_person(log, records)
        customers = self._customers(log, as_of)
        return _frames.hand_back(self._described(customers, log, as_of, who), like=log.data)

    def _learn(self, log: EventLog, as_of: Any, items: Any, records: Any) -> tuple[Any, ...]:
        """Fit a copy of every part in turn; customers, the log they are of, who they are."""
        progress = Progress(OWNER, self.verbose)
        parts = parts_of(self, log, records)
        self.matcher_, self.golden_ = people.found(parts["matcher"], records)
        log, who = self._by_person(log, strict=True)
        if self.golden_ is not None:
            progress.step(f"put together {people.counts_of(self.golden_)}")
        customers = self._customers(log, as_of)
        self.n_customers_ = len(_frames.column_values(customers, "T", OWNER))
        progress.step(f"summarized {self.n_customers_:,} customers")
        self.segmenter_ = parts["segmenter"].fit(customers)
        self.value_, self.value_note_ = values.learnt_value(parts["value"], customers)
        self.stager_, self.stager_note_ = kinds.learnt_stages(
            parts["stager"], log, as_of, is_default=self.stager == "auto"
        )
        valued, _ = values.with_values(self.value_, customers)
        self.tiers_ = kinds.learnt_tiers(parts["tiers"], valued, valued=self.value_ is not None)
        self.behaviour_ = kinds.fitted(parts["behaviour"], customers)
        progress.step("learnt kinds of customers and their value")
        self.churn_, self.churn_horizon_, self.churn_note_ = risk.learnt_churn(
            parts["churn"], log, as_of, is_default=self.churn == "auto", unvalued=self.value_note_
        )
        if self.churn_ is not None:
            progress.step("learnt who leaves")
        self.recommender_, self.recommender_note_, self.n_items_ = offers.learnt_offers(
            parts["recommender"], log, items, as_of, is_default=isinstance(self.recommender, str)
        )
        if self.recommender_ is not None:
            progress.step(f"learnt what to offer of {self.n_items_:,} items")
        self.columns_ = columns_of(log)
        self.as_of_ = log.cutoff(as_of, OWNER).isoformat()
        progress.done(f"fitted on {self.n_customers_:,} customers before {self.as_of_[:10]}")
        return customers, log, who

    def _described(
        self, customers: Any, log: EventLog, as_of: Any, who: Any, seen: risk.Seen | None = None
    ) -> Any:
        """Put people, kinds, value, risk and offers beside the columns of the summary."""
        progress = Progress(OWNER, self.verbose)
        valued, outlook = values.with_values(self.value_, customers)
        add: dict[str, Any] = people.people_columns(who, customers, log.customer)
        add |= self.segmenter_._told(customers)
        if self.stager_ is not None:
            add |= kinds.stage_columns(self.stager_, customers, log, as_of)
        add |= kinds.labels(tier=(self.tiers_, valued), behaviour=(self.behaviour_, customers))
        progress.step("told kinds of customers")
        add |= values.value_columns(self.value_, valued, outlook, self.level)
        progress.step(f"valued {len(add.get('clv', ())):,} customers")
        if self.value_ is not None and self.churn_horizon_ is not None:
            model = self.value_.purchases_, risk.in_unit_of_ages(self.churn_horizon_, self.unit)
            seen = risk.seen_at(self.churn_, log, as_of) if seen is None else seen
            found = risk.risk_of(customers, log.customer, seen, self.churn_, model)
            add |= risk.churn_columns(customers, found, add["clv"], self.offer)
            progress.step("told who may leave")
        if self.recommender_ is not None:
            add |= offers.offer_columns(self.recommender_, customers, log, as_of)
            progress.step("made offers")
        return values.beside(customers, add)
