"""A small made-up result with offers: six customers, lists for five of them, a tested rule."""

from functools import cache
from types import SimpleNamespace

import numpy as np

from crmkit import EventLog
from crmkit.pipelines import offers_holdout
from crmkit.recommend import BuyAgain
from crmkit.report import Bundle, Offer, OffersContent
from tests.pipelines._shop_of_items import shop_of_items
from tests.report._made import CUSTOMERS, content

SOURCE = ["model", "model", "model", "popular", "popular", ""]
NAMES = {"1": "tea", "2": "cup", "3": "pot"}


def recommender(**changes):
    """What a fitted recommender tells of itself."""
    told = {
        "items_": np.array([1, 2, 3]),
        "mode": "both",
        "reason_": "what a customer bought of late, as nothing is better. Of 9: 0.5.",
    }
    return SimpleNamespace(**(told | changes))


def offers(**changes):
    """Content of the section on offers."""
    lists = {
        "007": [Offer("tea", "bought on 12 days, last 1 day ago"), Offer("cup", "goes with tea")],
        "b": [Offer("cup", "bought 30 days ago")],
        "c": [Offer("pot", "")],
        "d": [Offer("tea", "popular with other customers")],
    }
    made = {"recommender": recommender(), "lists": lists, "names": NAMES, "n_sold": 3}
    return OffersContent(**(made | changes))


def with_offers(customers=CUSTOMERS, **changes):
    """Content of a report with offers."""
    table = customers.assign(
        next_offer=np.array([1, 2, 3, 1, 1, None], dtype=object),
        next_offer_source=SOURCE,
        next_offer_reason=["because"] * 5 + [""],
    )
    return content(table, **({"offers": offers()} | changes))


BUNDLES = [Bundle("tea + cup", 1200, 0.125, 3.44), Bundle("pot + cup", 8, 0.0008, 1.25)]


@cache
def check():
    """A test of a rule on a made-up shop."""
    log = EventLog(shop_of_items(), item="item")
    return offers_holdout(log, "2024-10-20", BuyAgain(), n_resamples=20)
