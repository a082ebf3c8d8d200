"""Reasons: what goes with an offer by hand, sentences, and work that is done once."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from crmkit import EventLog
from crmkit.recommend import (
    EASE,
    BuyAgain,
    FeatureEASE,
    MappedFactors,
    Popularity,
    WeightedHybrid,
)
from crmkit.recommend._dual_ease import DualEASE
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions
from crmkit.recommend._prior import unless_popular
from crmkit.recommend._reasons import POPULAR, because, co_purchases, goes_with
from tests.recommend._seasons import log_of, purchases

BASKETS = {"ann": "tea cup", "bob": "tea cup jam", "cid": "jam oil", "dan": "tea"}


@pytest.fixture
def model():
    lines = pd.DataFrame(
        [(who, item) for who, items in BASKETS.items() for item in items.split()],
        columns=["customer", "item"],
    ).assign(day=pd.Timestamp("2024-01-05"))
    log = EventLog(lines, customer="customer", when="day", amount=None, item="item")
    return Neighbourly().fit(log)


class Neighbourly(Popularity):
    """Best sellers told as an own choice, so that what goes along explains them."""

    def _sources(self, histories, rows, items):
        return None


def test_what_goes_along_is_the_cosine_of_buyers(model):
    """Items are cup (ann, bob), jam (bob, cid), oil (cid), tea (ann, bob, dan)."""
    histories = model._ask(["bob"], None, None).histories(slice(0, 1), [])
    pair, item, value = goes_with(model._known(), histories, np.array([0, 0]), np.array([0, 2]))
    assert pair.tolist() == [0, 0, 0, 1, 1, 1]
    assert item.tolist() == [0, 1, 3, 0, 1, 3]
    assert value == pytest.approx([0, 1 / 2, 2 / 6**0.5, 0, 1 / 2**0.5, 0])


def test_items_are_alike_by_the_cosine_of_buyers(model):
    alike = co_purchases(model._known(), np.array([0]))
    assert alike[0].tolist() == pytest.approx([1, 1 / 2, -np.inf, 2 / 6**0.5])


def test_the_reason_names_what_goes_along(model):
    offers = model.recommend(["dan"], explain=True)
    assert offers["item"].tolist() == ["cup", "jam", "oil"]
    assert offers["reason"].tolist() == ["goes with tea", "goes with tea", POPULAR]


def test_the_sentence_names_the_three_that_count_most():
    parts = (np.zeros(5, dtype=int), np.arange(5), np.array([0.1, 0.4, -1.0, 0.3, 0.2]))
    told = because(parts, np.array(list("abcde")), 2, "goes with")
    assert told.tolist() == ["goes with b, d, e", ""]


def test_what_is_bought_again_tells_when_it_was_bought():
    days = ["2024-01-05", "2024-02-04", "2024-03-05", "2024-03-05"]
    lines = pd.DataFrame({"customer": list("aaab"), "day": pd.to_datetime(days)})
    lines["item"] = ["oil", "tea", "tea", "jam"]
    log = EventLog(lines, customer="customer", when="day", amount=None, item="item")
    offers = BuyAgain().fit(log).recommend(["a"], explain=True)
    assert offers["reason"].tolist() == [
        "bought on 2 days, last 1 day ago",
        "bought 61 days ago",
        "popular with other customers",
    ]


def test_an_offer_for_which_no_purchase_speaks_is_popular():
    lines = pd.DataFrame({"customer": [1, 2, 3, 3], "item": ["tea", "oil", "jam", "oil"]})
    lines["day"] = pd.Timestamp("2024-01-05")
    log = EventLog(lines, customer="customer", when="day", amount=None, item="item")
    offers = EASE(popularity=0.5).fit(log).recommend([1], explain=True)
    assert offers["reason"].tolist() == ["popular with other customers"] * 2


def test_purchases_are_counted_once_however_many_are_explained(monkeypatch):
    model = Neighbourly().fit(log_of(purchases()))
    built = []
    matrix = Interactions.matrix
    monkeypatch.setattr(Interactions, "matrix", lambda *a, **k: built.append(1) or matrix(*a, **k))
    model.recommend(explain=True)
    model.similar_items()
    assert len(built) == 1


def test_a_refit_forgets_what_was_counted():
    frame = purchases()
    model = Neighbourly().fit(log_of(frame))
    model.recommend(["c3"], explain=True)
    half = frame.head(300)
    again = model.fit(log_of(half)).recommend(explain=True)
    fresh = Neighbourly().fit(log_of(half)).recommend(explain=True)
    pd.testing.assert_frame_equal(again, fresh)


def test_what_was_counted_is_not_saved():
    model = Neighbourly().fit(log_of(purchases()))
    before = set(model.__getstate__())
    model.recommend(["c3"], explain=True)
    assert set(model.__getstate__()) == before


@pytest.mark.parametrize(
    "model",
    [
        EASE(10.0, popularity=2.0),
        FeatureEASE(10.0, popularity=2.0),
        DualEASE(10.0, popularity=2.0),
        MappedFactors(4, popularity=2.0),
        WeightedHybrid([EASE(10.0, popularity=2.0)], weights=[1]),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_is_offered_for_being_popular_says_so(model):
    """Tea is with cups; nearly everybody else has oil, which no tea speaks for."""
    baskets = ["tea cup"] * 6 + ["oil jam", "oil rye", "oil fig"] * 10
    rows = [(who, item) for who, items in enumerate(baskets) for item in items.split()]
    lines = pd.DataFrame(rows, columns=["customer", "item"]).assign(day=pd.Timestamp("2024-01-05"))
    log = EventLog(lines, customer="customer", when="day", amount=None, item="item")
    kinds = pd.DataFrame({"item": ["tea", "cup"], "kind": ["drink", "drink"]})
    asked = pd.DataFrame({"customer": [99], "item": ["tea"]})
    offers = model.fit(log, kinds).recommend(history=asked, explain=True)
    reasons = offers.set_index("item")["reason"]
    assert reasons["oil"] == POPULAR
    pure = clone(model)
    for part in [m for m in [pure, *getattr(pure, "members", [])] if hasattr(m, "popularity")]:
        part.popularity = 0.0
    told = pure.fit(log, kinds).recommend(history=asked, explain=True).set_index("item")["reason"]
    assert told["cup"] == "because you bought tea"


def test_popularity_is_told_only_where_it_outweighs():
    parts = (np.array([0, 0, 1]), np.array([3, 4, 3]), np.array([0.2, 0.1, 0.4]))
    history = Histories(
        start=np.array([0, 2, 3]),
        item=np.array([3, 4, 3]),
        day=np.zeros(3, dtype=np.int64),
        orders=np.ones(3, dtype=np.int64),
        amount=None,
        last_day=0,
        n_items=5,
        known=np.array([-1, -1]),
    )
    pure = np.array([[0.0, 1.0, 0.5, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0, 0.0]], dtype=np.float32)
    prior = np.array([1.0, 0.5, 0.0, 0.0, 0.0], dtype=np.float32)
    asked = history, np.array([0, 1]), np.array([0, 0])
    told = unless_popular(parts, lambda: pure, prior, 0.5, *asked)  # 0.5 * 1 > 0.3, 0.25 < 0.4
    assert told[2].tolist() == [0.0, 0.0, 0.4]
    assert unless_popular(parts, lambda: pure, prior, 0.0, *asked)[2].tolist() == [0.2, 0.1, 0.4]
