"""What a report tells: the tables that go in, and the numbers computed from them once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import Floats, check_finite
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.metrics import top_share
from crmkit.pipelines import CustomerValuePipeline
from crmkit.pipelines._customer_churn import CLASSIFIER
from crmkit.pipelines._customer_values import value_of
from crmkit.report._churn_content import ChurnContent
from crmkit.report._kinds_content import KindsContent
from crmkit.report._movement_content import MovementContent
from crmkit.report._offers_content import OffersContent
from crmkit.report._profile_content import ProfileContent, UnusualContent
from crmkit.report._quality_content import QualityContent
from crmkit.report._value_content import ValueContent
from crmkit.segment import segment_summary

SEEN = ("n_orders", "total_amount", "days_since_last")
EXPECTED = ("expected_purchases", "probability_no_purchase", "clv")
ENDS = ("clv_low", "clv_high")


@dataclass(frozen=True, eq=False)
class ReportContent:
    """Everything a customer value report shows: customers with their values in, a report out.

    Parameters
    ----------
    customers : frame
        One row per customer from `crmkit.pipelines.CustomerValuePipeline` (pandas, polars, pyarrow
        or duckdb): the id first, then at least `segment`, `n_orders`, `total_amount`,
        `days_since_last` (days) and, unless there is a `value_note`, `expected_purchases`,
        `probability_no_purchase` and `clv`.
    segments : frame
        One row per segment, best first, from `crmkit.segment.segment_summary`.
    events : EventReport
        What was found in the purchase log: `EventLog.report()`.
    as_of : datetime
        The instant of the valuation; events at or after it were not known.
    horizon : float
        Length of the forecast, in `unit`; 0 where there is none.
    unit : {"h", "D", "W", "M"}
        Unit of `horizon`.
    holdout : HoldoutReport, default=None
        Forecasts against what came, from `crmkit.pipelines.holdout_report`; None leaves the check
        out, and the report says so.
    holdout_note : str, default="this report was made without a holdout check"
        Why there is no check, shown when `holdout` is None.
    models : mapping of str to mapping of str to float, default={}
        Parameters of the fitted models by the name of the model.
    notes : sequence of str, default=()
        What the models warned of while they were fitted; shown with the method.
    spend_correlation : float, default=None
        Correlation of purchase frequency and mean spend, which the spend model takes as 0; None
        leaves it unsaid.
    discount_rate : float, default=0.0
        Discount of later value, per year.
    margin : float, default=1.0
        Part of revenue that counts as value.
    churn : ChurnContent, default=None
        What `probability_churn`, `churn_source`, `churn_reasons` and `value_at_risk` of the
        customers rest on, and with an offer also `expected_profit` and `treat`; None leaves churn
        out.
    offers : OffersContent, default=None
        What `next_offer` and `next_offer_source` of the customers rest on, and longer lists; None
        leaves offers out.
    kinds : KindsContent, default=None
        What `stage`, `tier` and `behaviour` of the customers rest on; None leaves them out.
    movement : MovementContent, default=None
        Who was in which stage when, and cohorts; None leaves movement out.
    profile : ProfileContent, default=None
        Tags of the customers; None leaves them out.
    unusual : UnusualContent, default=None
        Who behaves unlike the others; None leaves it out.
    worth : ValueContent, default=None
        How sure the totals of the expected value are; None leaves it out, and the report says so.
    quality : QualityContent, default=None
        How good the data are; None leaves it out.
    value_note : str, default=""
        Why it could not be learnt what customers will buy and are worth: the report then says so,
        and tells the rest. "" where it was learnt.
    level : float, default=None
        Probability that the value of a customer lies between `clv_low` and `clv_high` of the
        customers; None where there are no such columns.
    title : str, default="Customer value report"
        Title of the document.

    Examples
    --------
    >>> from datetime import datetime
    >>> import pandas as pd
    >>> customers = pd.DataFrame(
    ...     {
    ...         "id": ["a", "b"], "segment": ["Champions", "Lost"], "n_orders": [5, 1],
    ...         "total_amount": [90.0, 10.0], "days_since_last": [3, 200],
    ...         "expected_purchases": [4.0, 0.1], "probability_no_purchase": [0.1, 0.9],
    ...         "clv": [72.0, 1.0],
    ...     }
    ... )
    >>> content = ReportContent(
    ...     customers, segments=None, events=None, as_of=datetime(2025, 1, 1), horizon=52, unit="W"
    ... )
    >>> content.n_customers, round(content.top_tenth_of_revenue, 4)
    (2, 0.18)
    """

    customers: Any = field(repr=False)
    segments: Any = field(repr=False)
    events: Any = field(repr=False)
    as_of: Any
    horizon: float
    unit: str
    holdout: Any = field(default=None, repr=False)
    holdout_note: str = "this report was made without a holdout check"
    models: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    spend_correlation: float | None = None
    discount_rate: float = 0.0
    margin: float = 1.0
    churn: ChurnContent | None = field(default=None, repr=False)
    offers: OffersContent | None = field(default=None, repr=False)
    kinds: KindsContent | None = field(default=None, repr=False)
    movement: MovementContent | None = field(default=None, repr=False)
    profile: ProfileContent | None = field(default=None, repr=False)
    unusual: UnusualContent | None = field(default=None, repr=False)
    worth: ValueContent | None = field(default=None, repr=False)
    quality: QualityContent | None = field(default=None, repr=False)
    value_note: str = ""
    level: float | None = None
    title: str = "Customer value report"

    @classmethod
    def from_pipeline(
        cls, pipeline: CustomerValuePipeline, log: EventLog, customers: Any = None, **more: Any
    ) -> Self:
        """Gather the content of a report: a fitted pipeline and its event log in, content out.

        Parameters
        ----------
        pipeline : CustomerValuePipeline
            Fitted on the log.
        log : EventLog
            The events.
        customers : frame, default=None
            What the pipeline made of the log at the cut-off of its fit; None has it made.
        **more : object
            Further parameters of `ReportContent`: `holdout`, `title` and so on.

        Returns
        -------
        ReportContent
            What `render_report` and `build_report` take.

        Raises
        ------
        NotFittedError
            If the pipeline is not fitted.

        Examples
        --------
        >>> import crmkit as ck
        >>> from crmkit.report import ReportContent
        >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
        >>> pipeline = ck.pipelines.CustomerValuePipeline(unit="W", churn=None).fit(log)
        >>> content = ReportContent.from_pipeline(pipeline, log, title="CDNOW")
        >>> content.n_customers
        2357
        """
        check_is_fitted(pipeline)
        value = pipeline.value_
        models = () if value is None else (value.purchases_, value.spend_)
        asked = value_of(pipeline.value)
        if customers is None:
            customers = pipeline.transform(log, as_of=pipeline.as_of_)
        if pipeline.churn_horizon_ is not None or pipeline.churn_note_:
            more = {"churn": ChurnContent.from_pipeline(pipeline), **more}
        if "offers" not in more and (pipeline.recommender_ or pipeline.recommender_note_):
            more["offers"] = OffersContent.from_pipeline(pipeline, log, customers)
        more = {"kinds": KindsContent.from_pipeline(pipeline), **more}
        if "worth" not in more and value is not None:
            more["worth"] = ValueContent.from_pipeline(pipeline, customers)
        if set(ENDS) <= set(_frames.column_names(customers, "ReportContent")):
            more = {"level": getattr(pipeline, "level", None), **more}
        return cls(
            customers=customers,
            segments=segment_summary(customers, pipeline.segmenter_),
            events=log.report(),
            as_of=log.cutoff(pipeline.as_of_, "ReportContent"),
            horizon=0.0 if value is None else value.horizon_,
            unit=pipeline.unit,
            models={type(m).__name__: getattr(m, "params_", {}) for m in models},
            spend_correlation=getattr(
                None if value is None else value.spend_, "frequency_spend_correlation_", None
            ),
            discount_rate=asked.discount_rate,
            margin=asked.margin,
            value_note=pipeline.value_note_,
            **more,
        )

    @cached_property
    def table(self) -> Any:
        """The customers, collected once: a lazy frame may have no row order."""
        return _frames.to_eager(self.customers)

    @cached_property
    def numbers(self) -> dict[str, Floats]:
        """The numeric columns of the customers as arrays."""
        owner = "ReportContent"
        names = (*SEEN, *(EXPECTED if self.valued else ()))
        x = np.asarray(_frames.float_columns(self.table, names, owner))
        if len(x) == 0:
            raise DataError(f"{owner}: the frame has no customers. Pass at least one row.")
        check_finite(x, names, owner)
        return dict(zip(names, x.T, strict=True))

    @property
    def valued(self) -> bool:
        """Whether it was learnt what customers will buy and are worth."""
        return not self.value_note

    @property
    def worth_most(self) -> str:
        """What the best customers have most of, in words."""
        return "expected value" if self.valued else "revenue so far"

    def best(self, n: int) -> npt.NDArray[np.intp]:
        """Rows of the best customers: those of the highest `worth_most`.

        Parameters
        ----------
        n : int
            Most rows that are wanted.

        Returns
        -------
        ndarray of int
            Numbers of rows of `customers`, the best first.
        """
        by = self.numbers["clv" if self.valued else "total_amount"]
        return np.argsort(-by, kind="stable")[:n]

    @cached_property
    def ids(self) -> npt.NDArray[Any]:
        """Ids of the customers: the first column."""
        name = _frames.column_names(self.table, "ReportContent")[0]
        return _frames.column_values(self.table, name, "ReportContent")

    @cached_property
    def segment(self) -> npt.NDArray[Any]:
        """Segment of each customer."""
        return _frames.column_values(self.table, "segment", "ReportContent")

    @cached_property
    def ends(self) -> Floats | None:
        """Ends of the range of each customer's value, two columns; None where it has none."""
        if self.level is None:
            return None
        ends = np.asarray(_frames.float_columns(self.table, ENDS, "ReportContent"))
        check_finite(ends, ENDS, "ReportContent")
        return ends

    @cached_property
    def risk(self) -> dict[str, npt.NDArray[Any]]:
        """The columns of churn as arrays: those of an offer only where there is one."""
        owner = "ReportContent"
        names = ["probability_churn", "value_at_risk"]
        offered = self.churn is not None and self.churn.offer is not None
        names += ["expected_profit"] if offered else []
        x = np.asarray(_frames.float_columns(self.table, names, owner))
        check_finite(x, names, owner)
        words = ["churn_source", "churn_reasons", *(["treat"] if offered else [])]
        told = {name: _frames.column_values(self.table, name, owner) for name in words}
        return dict(zip(names, x.T, strict=True)) | told

    @cached_property
    def is_active(self) -> npt.NDArray[np.bool_]:
        """Whom the section on churn is about: the active, or all where churn was not learnt."""
        if self.churn is None or self.churn.recipe is None:
            return np.ones(self.n_customers, dtype=bool)
        return np.asarray(self.risk["churn_source"].astype(str) == CLASSIFIER)

    @property
    def whom(self) -> str:
        """One of those the section on churn is about, in words."""
        learnt = self.churn is not None and self.churn.recipe is not None
        return "active customer" if learnt else "customer"

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return len(self.numbers["n_orders"])

    @cached_property
    def revenue(self) -> Floats:
        """Past revenue per customer; where returns exceed purchases it counts as 0."""
        return np.maximum(self.numbers["total_amount"], 0.0)

    @cached_property
    def value(self) -> Floats:
        """Expected value per customer in the horizon; below 0 it counts as 0."""
        return np.maximum(self.numbers["clv"], 0.0)

    @property
    def top_tenth_of_revenue(self) -> float:
        """Share of past revenue of the best tenth by it; NaN without revenue."""
        return top_share(self.revenue) if self.revenue.any() else float("nan")

    @property
    def top_tenth_of_value(self) -> float:
        """Share of expected value of the best tenth by it; NaN without value."""
        return top_share(self.value) if self.value.any() else float("nan")
