"""Duplicates first, then values: what customers are worth once each person is one customer.

The recipe: find the records of one person, give the events the person's id, fit and value. To see
what that changes, the same is done with the list as it stands, and, where it is known, by the
truth.
"""

from typing import Any, Self

from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._progress import Progress, heard
from crmkit.base import Estimator
from crmkit.cleaning import Deduplicator, GoldenRecord
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError
from crmkit.pipelines._cleaning_effect import CleaningEffect, effect_of
from crmkit.pipelines._customer_people import by_person, people_of, truth_of
from crmkit.pipelines._customer_value import CustomerValuePipeline
from crmkit.pipelines._customer_values import model_of

OWNER = "CleanThenValue"


class CleanThenValue(Estimator):
    """Value people instead of records: an event log and records in, one row per person out.

    Who is listed twice looks like two customers who each buy half as often: the best customers seem
    ordinary, and one-time buyers many. Use it where events are booked under record ids, and look at
    `compare` before you believe either list. Where everybody has one id for certain, take
    `CustomerValuePipeline` alone.

    Parameters
    ----------
    pipeline : CustomerValuePipeline or None, default=None
        What is done with customers. None is segments, stages, tiers and values:
        ``CustomerValuePipeline(churn=None, recommender=None)``.
    matcher : Deduplicator, "auto" or None, default="auto"
        Finds the records of one person. "auto" is what the pipeline holds, by default
        ``Deduplicator(record=<customer column of the log>)``.
    verbose : int, default=0
        1 tells the steps with counts and seconds, and those of the parts: logger "crmkit", level
        INFO, or standard error where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    listed_ : CustomerValuePipeline
        Fitted on the list as it stands.
    cleaned_ : CustomerValuePipeline
        Fitted on people.
    matcher_ : Deduplicator
        The fitted matcher.
    golden_ : GoldenRecord
        One record of each person; `golden_.id_map()` tells which person each record is.
    n_records_, n_people_ : int
        Records of the list, and people among them.
    as_of_ : str
        The cut-off of `fit`, in ISO 8601.

    See Also
    --------
    crmkit.cleaning.Deduplicator : How the records of one person are found.

    Examples
    --------
    >>> import crmkit as ck
    >>> shop = ck.datasets.make_customers(300, duplicates=0.5, returns=0.0, random_state=3)
    >>> log = ck.EventLog(shop.events, customer="record_id", order="order_id")
    >>> recipe = ck.pipelines.CleanThenValue().fit(log, shop.records, as_of="2024-07-01")
    >>> recipe.n_records_, recipe.n_people_
    (450, 301)
    >>> effect = recipe.compare(log, as_of="2024-07-01")
    >>> effect.table.index.tolist()
    ['as listed', 'cleaned']
    """

    listed_: CustomerValuePipeline
    cleaned_: CustomerValuePipeline
    matcher_: Deduplicator | None
    golden_: GoldenRecord | None
    n_records_: int
    n_people_: int
    as_of_: str

    def __init__(
        self,
        pipeline: CustomerValuePipeline | None = None,
        matcher: Deduplicator | str | None = "auto",
        verbose: int = 0,
    ) -> None:
        self.pipeline = pipeline
        self.matcher = matcher
        self.verbose = verbose

    def fit(self, log: EventLog, records: Any, *, as_of: Any = None) -> Self:
        """Find people and learn from them: an event log and records in, the fitted recipe out.

        Parameters
        ----------
        log : EventLog
            The events, with an amount column; their customers are record ids.
        records : frame
            One row per record.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.

        Returns
        -------
        CleanThenValue
            The fitted recipe itself.

        Raises
        ------
        DataError
            If the records have no ids of the log, either cannot be used, or too few bought again to
            learn what they are worth.

        Warns
        -----
        DataWarning
            If the list seems to hold no duplicates, or customers have no record.
        """
        check_log(log, OWNER)
        if not _frames.is_frame(records):
            raise DataError(f"{OWNER}: records must be a frame of one row per record.")
        progress = Progress(OWNER, self.verbose)
        made = heard(clone(self._pipeline()), self.verbose)
        self.cleaned_ = clone(made).fit(log, as_of=as_of, records=records)
        model_of(self.cleaned_, OWNER)
        progress.step(f"valued {self.cleaned_.n_customers_:,} people")
        self.listed_ = clone(made).set_params(matcher=None).fit(log, as_of=as_of)
        model_of(self.listed_, OWNER)
        progress.step(f"valued {self.listed_.n_customers_:,} customers as listed")
        golden: Any = self.cleaned_.golden_
        self.matcher_, self.golden_ = self.cleaned_.matcher_, golden
        self.n_records_, self.n_people_ = golden.n_records_, golden.n_entities_
        self.as_of_ = self.cleaned_.as_of_
        return self

    def transform(self, log: EventLog, *, as_of: Any = None, records: Any = None) -> Any:
        """Describe people: an event log of records in, one row per person out.

        Parameters
        ----------
        log : EventLog
            The events, as in `fit`.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.
        records : frame or None, default=None
            New records, as in `CustomerValuePipeline.transform`.

        Returns
        -------
        frame of customers
            As `CustomerValuePipeline.transform` gives it, with `n_records`.
        """
        check_is_fitted(self)
        return self.cleaned_.transform(log, as_of=as_of, records=records)

    def compare(self, log: EventLog, *, as_of: Any = None, truth: Any = None) -> CleaningEffect:
        """Tell what cleaning changed: an event log in, tables of both lists out.

        Parameters
        ----------
        log : EventLog
            The events, as in `fit`.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; None is midnight after the last event.
        truth : frame or None, default=None
            Who each record really is: the record id in the column called like that of the log, else
            the first, and the person in the other. Made-up data have it, and samples that somebody
            checked by hand. Values by the truth are fitted anew.

        Returns
        -------
        CleaningEffect
            `table` of the lists, `people` one by one, and both in words.
        """
        check_is_fitted(self)
        check_log(log, OWNER)
        golden: Any = self.golden_
        people = by_person(log, people_of(golden), strict=False)
        lists = {
            "as listed": (log, self.listed_.transform(log, as_of=as_of)),
            "cleaned": (people, self.cleaned_.transform(log, as_of=as_of)),
        }
        known = None if truth is None else truth_of(truth, log, OWNER)
        if known is not None:
            true = by_person(log, known, strict=True)
            fitted = heard(clone(self._pipeline()).set_params(matcher=None), self.verbose)
            lists["by the truth"] = (true, fitted.fit_transform(true, as_of=as_of))
        return effect_of(lists, people_of(golden), known, log)

    def _pipeline(self) -> CustomerValuePipeline:
        """The pipeline that the parameters mean."""
        made = self.pipeline
        if made is None:
            made = CustomerValuePipeline(churn=None, recommender=None)
        if not isinstance(made, CustomerValuePipeline):
            raise DataError(f"{OWNER}: pipeline must be a CustomerValuePipeline, got {made!r}.")
        if self.matcher == "auto":
            return made
        copied: CustomerValuePipeline = clone(made).set_params(matcher=self.matcher)
        return copied
