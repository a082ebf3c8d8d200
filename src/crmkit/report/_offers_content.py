"""What the offers of a report rest on: the recommender, the lists, the bundles, the test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.events import EventLog
from crmkit.pipelines import CustomerValuePipeline
from crmkit.recommend import Evaluation

OWNER = "OffersContent"
MOST, LENGTH = 100, 3  # customers with a list, and offers in it


class Offer(NamedTuple):
    """Hold one offer of a list: what, and why.

    Parameters
    ----------
    item : str
        What the item is called.
    reason : str
        Why it is offered, in words; "" where nothing is told.

    Examples
    --------
    >>> from crmkit.report import Offer
    >>> Offer("tea", "because you bought a pot").reason
    'because you bought a pot'
    """

    item: str
    reason: str


class Bundle(NamedTuple):
    """Hold products that belong together: in how many baskets, and how much beyond chance.

    Parameters
    ----------
    name : str
        The products in words.
    n_baskets : int
        Baskets that hold all of them.
    support : float
        Their share of all baskets, from 0 to 1.
    lift : float
        How many times as many they are as by chance, where it is 1; large baskets, in which
        anything meets, are taken into account (`adjusted_lift` of `MarketBasket.bundles`).

    Examples
    --------
    >>> from crmkit.report import Bundle
    >>> Bundle("tea + pot", n_baskets=12, support=0.25, lift=2.5).lift
    2.5
    """

    name: str
    n_baskets: int
    support: float
    lift: float


@dataclass(frozen=True, eq=False)
class OffersContent:
    """What a report tells of offers: a recommender, lists, bundles and a test in, a section out.

    Parameters
    ----------
    recommender : recommender, default=None
        Fitted; None where offers could not be learnt.
    note : str, default=""
        Why they could not be learnt.
    lists : mapping of str to sequence of Offer, default={}
        Offers by customer id as text, the best first: those of the most valuable customers.
    names : mapping of str to str, default={}
        What items are called, by id as text; the id itself where nothing is told.
    n_sold : int, default=0
        Items that were sold, those that are not offered included.
    bundles : sequence of Bundle or None, default=None
        Products that belong together, the best first; None leaves them out.
    basket : str, default="order"
        What a basket of the bundles is, in words.
    check : Evaluation, default=None
        The test of the offers, from `crmkit.pipelines.offers_holdout`; None leaves it out, and the
        report says so.
    check_note : str, default="this report was made without a test of the offers"
        Why there is none.

    Examples
    --------
    >>> from crmkit.report import OffersContent
    >>> OffersContent(note="No item is named.").check_note
    'this report was made without a test of the offers'
    """

    recommender: Any = field(default=None, repr=False)
    note: str = ""
    lists: Mapping[str, Sequence[Offer]] = field(default_factory=dict, repr=False)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    n_sold: int = 0
    bundles: Sequence[Bundle] | None = field(default=None, repr=False)
    basket: str = "order"
    check: Evaluation | None = field(default=None, repr=False)
    check_note: str = "this report was made without a test of the offers"

    @classmethod
    def from_pipeline(
        cls, pipeline: CustomerValuePipeline, log: EventLog, customers: Any, **more: Any
    ) -> Self:
        """Gather offers for the most valuable customers: the pipeline and its log in, content out.

        Parameters
        ----------
        pipeline : CustomerValuePipeline
            Fitted on the log, with a recommender.
        log : EventLog
            The events.
        customers : frame
            What the pipeline made of the log at the cut-off of its fit.
        **more : object
            Further parameters of `OffersContent`: `bundles`, `check` and so on.

        Returns
        -------
        OffersContent
            For ``ReportContent.from_pipeline(..., offers=...)``.

        Raises
        ------
        NotFittedError
            If the pipeline is not fitted.
        """
        check_is_fitted(pipeline)
        fitted = pipeline.recommender_
        if fitted is None:
            return cls(note=pipeline.recommender_note_, **more)
        table = _frames.to_eager(customers)
        by = "clv" if pipeline.value_ is not None else "total_amount"
        money = np.asarray(_frames.column_values(table, by, OWNER), dtype=np.float64)
        best = np.argsort(-money, kind="stable")[:MOST]
        ids = _frames.id_column(table, log.customer, OWNER)[best]
        found = pipeline.recommend(log, LENGTH, customers=ids, as_of=pipeline.as_of_)
        names = names_of(fitted)
        return cls(fitted, "", lists_of(found, fitted, names), names, pipeline.n_items_, **more)


def names_of(fitted: Any) -> dict[str, str]:
    """What the items of a recommender are called, by id as text."""
    ids = [str(one) for one in fitted.items_.tolist()]
    return dict(zip(ids, ids if fitted.labels_ is None else map(str, fitted.labels_), strict=True))


def lists_of(found: Any, fitted: Any, names: Mapping[str, str]) -> dict[str, list[Offer]]:
    """Offers of a long frame by customer, in its order."""
    table = _frames.to_eager(found)
    who, what = (
        _frames.id_column(table, fitted.columns_[part], OWNER) for part in ("customer", "item")
    )
    reasons = _frames.column_values(table, "reason", OWNER).tolist()
    lists: dict[str, list[Offer]] = {}
    for customer, item, reason in zip(who.tolist(), what.tolist(), reasons, strict=True):
        offer = Offer(names[str(item)], str(reason))
        lists.setdefault(str(customer), []).append(offer)
    return lists
