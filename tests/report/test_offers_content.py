"""OffersContent: lists, names and what was bought before, of a fitted pipeline."""

import warnings

import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from crmkit import EventLog
from crmkit.exceptions import ConvergenceWarning
from crmkit.pipelines import CustomerValuePipeline
from crmkit.recommend import BuyAgain
from crmkit.report import OffersContent, ReportContent
from tests.contracts.frame_kinds import FRAMES
from tests.pipelines._quick import shop
from tests.pipelines._shop_of_items import names, shop_of_items

DAY = "2024-10-20"
FRAME = shop_of_items()


def fitted(frame=FRAME, items=None, **kwargs):
    log = EventLog(frame, item="item")
    made = CustomerValuePipeline(**({"churn": None, "recommender": BuyAgain()} | kwargs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return made.fit(log, as_of=DAY, items=items), log


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("ids", ["int", "str"])
def test_lists_of_the_best_customers(kind, ids):
    frame = shop_of_items(ids)
    pipe, log = fitted(FRAMES[kind](frame))
    made = ReportContent.from_pipeline(pipe, log).offers
    assert made.recommender is pipe.recommender_
    assert made.n_sold == 40
    assert len(made.lists) == 100
    known = frame[frame["timestamp"] < DAY]
    days = known["timestamp"].dt.normalize()
    bought = days.groupby([known["customer_id"], known["item"].astype(str)])
    n_days, last = bought.nunique(), bought.max()
    n_again = 0
    for customer, offers in made.lists.items():
        assert len(offers) == 3
        for offer in offers:
            key = (customer, offer.item)
            if key in n_days:
                n_again += 1
                ago = (pd.Timestamp(DAY) - last[key]).days
                when = f"{ago} {'day' if ago == 1 else 'days'} ago"
                days = f"on {n_days[key]} days, last " if n_days[key] > 1 else ""
                assert offer.reason == f"bought {days}{when}"
    assert 0 < n_again < 300


def test_items_are_called_by_their_names():
    pipe, log = fitted(items=names(FRAME))
    made = ReportContent.from_pipeline(pipe, log).offers
    assert made.names["13"] == "soap no. 3"
    offers = [offer for own in made.lists.values() for offer in own]
    assert all(" no. " in offer.item for offer in offers)
    assert all(" no. " in offer.reason for offer in offers if "because you bought" in offer.reason)
    assert any(offer.reason.startswith("bought ") for offer in offers)


def test_a_pipeline_without_offers_has_no_section():
    for frame, item in ((FRAME, "item"), (shop(), None)):
        log = EventLog(frame, item=item)
        pipe = CustomerValuePipeline(churn=None, recommender=None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            pipe.fit(log, as_of=DAY)
        assert ReportContent.from_pipeline(pipe, log).offers is None


def test_a_note_is_kept_and_further_content_passes():
    pipe, log = fitted()
    pipe.recommender_, pipe.recommender_note_ = None, "No."
    made = OffersContent.from_pipeline(pipe, log, None, basket="order")
    assert (made.recommender, made.note, made.lists) == (None, "No.", {})


def test_unfitted_says_so():
    with pytest.raises(NotFittedError):
        OffersContent.from_pipeline(CustomerValuePipeline(), EventLog(FRAME, item="item"), None)
