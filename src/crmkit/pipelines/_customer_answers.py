"""What a CustomerValuePipeline tells beside its table: lists of offers, a bare copy."""

from collections.abc import Callable
from typing import Any, Self

from sklearn.base import clone

from crmkit import _frames
from crmkit.base import Estimator, check_is_fitted
from crmkit.cleaning import Deduplicator, GoldenRecord
from crmkit.clv import CustomerLifetimeValue
from crmkit.events import EventLog, summarize
from crmkit.events._event_log import check_log
from crmkit.events._summarize import EXTRAS
from crmkit.exceptions import DataError
from crmkit.pipelines._churn import ChurnPipeline
from crmkit.pipelines._customer_offers import offers_to
from crmkit.pipelines._customer_people import People, by_person, people_of, people_with
from crmkit.pipelines._customer_values import value_of
from crmkit.recommend._recommender import Recommender
from crmkit.segment import BehaviourSegmenter, LifecycleStager, RFMSegmenter, ValueTiers

OWNER = "CustomerValuePipeline"


class CustomerAnswers(Estimator):
    """What a `CustomerValuePipeline` holds once it is fitted, and its further answers."""

    unit: str
    value: CustomerLifetimeValue | None
    segmenter_: RFMSegmenter
    value_: CustomerLifetimeValue | None
    value_note_: str
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
    matcher_: Deduplicator | None
    golden_: GoldenRecord | None
    columns_: dict[str, Any]
    as_of_: str
    n_customers_: int

    _learn: Callable[..., tuple[Any, EventLog, Any]]
    _described: Callable[..., Any]

    def fit_transform(
        self,
        log: EventLog,
        y: None = None,
        *,
        as_of: Any = None,
        items: Any = None,
        records: Any = None,
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
        records : frame or None, default=None
            One row per record of a customer, as in `fit`.

        Returns
        -------
        frame of customers
            As `transform` gives it.
        """
        customers, log, who = self._learn(log, as_of, items, records)
        return _frames.hand_back(self._described(customers, log, as_of, who), like=log.data)

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
        records: Any = None,
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
        records : frame or None, default=None
            New records, as in `transform`.

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
        log, _ = self._by_person(log, records)
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
            A copy whose recommender holds neither ids nor purchases, and which knows no records;
            the rest of the pipeline holds none anyway.

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
        for name, value in vars(self).items():
            if name.endswith("_"):
                setattr(bare, name, value)
        bare.matcher_ = bare.golden_ = None
        if self.recommender_ is not None:
            bare.recommender_ = self.recommender_.without_customers()
        return bare

    def _by_person(
        self, log: EventLog, records: Any = None, *, strict: bool = False
    ) -> tuple[EventLog, People | None]:
        """The log under the ids of people, and who they are; as it is where no records are."""
        check_log(log, OWNER)
        if self.golden_ is None or self.matcher_ is None:
            if records is not None:
                raise DataError(
                    f"{OWNER}: records were given, but not to fit, so no matcher was learnt. Pass "
                    "them there: fit(log, records=...)."
                )
            return log, None
        who = people_of(self.golden_)
        if records is not None:
            who = people_with(self.golden_, self.matcher_, records)
        return by_person(log, who, strict=strict), who

    def _customers(self, log: EventLog, as_of: Any) -> Any:
        """Summary of each customer as an eager frame, with the columns that the model needs."""
        extras = [extra for extra in EXTRAS if extra in value_of(self.value)._column_names()]
        seen = summarize(log, as_of, self.unit, extras=extras)  # type: ignore[arg-type]
        return _frames.to_eager(seen)
