"""offers_holdout: the recipe as it would have been carried out, judged by what was bought."""

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.pipelines import _customer_offers, _offers_holdout, offers_holdout
from crmkit.recommend import BuyAgain, HybridRecommender, ItemKNN, evaluate
from tests.contracts.frame_kinds import FRAMES
from tests.pipelines._quick import shop
from tests.pipelines._shop_of_items import names, shop_of_items

DAY = "2024-10-20"
FRAME = shop_of_items()
LOG = EventLog(FRAME, item="item")
BEGIN = pd.Timestamp("2024-09-20")


def scores(found):
    return found.table(found.tables[0])


@pytest.fixture(scope="module")
def found():
    return offers_holdout(LOG, DAY, BuyAgain(), n_resamples=20)


def test_it_is_the_evaluation_at_one_cutoff(found):
    same = evaluate(BuyAgain(), LOG, [BEGIN], modes="all", n_given=(), n_resamples=20)
    assert found.tables == ("all purchases",)
    assert found.cutoffs == (BEGIN.to_pydatetime(),)
    pd.testing.assert_frame_equal(scores(found), scores(same))


def test_a_recommender_of_new_items_is_judged_by_new_items():
    found = offers_holdout(LOG, DAY, ItemKNN(), horizon="14D", n=5, n_resamples=20)
    assert found.tables[0] == "new items"
    assert "all purchases" not in found.tables
    assert (found.horizon, found.n) == (14, 5)
    assert found.cutoffs[0] == pd.Timestamp("2024-10-06")


def test_the_horizon_is_that_of_the_recommender():
    model = HybridRecommender(horizon="20D", n_trees=0)
    found = offers_holdout(LOG, DAY, model, n_resamples=5)
    assert found.horizon == 20
    assert not hasattr(model, "items_")


def test_what_was_bought_before_is_judged_by_repeat_purchases():
    model = HybridRecommender(mode="repeat", n_trees=0)
    assert offers_holdout(LOG, DAY, model, n_resamples=5).tables == ("repeat purchases",)


def test_nothing_after_the_end_matters(found):
    known = EventLog(FRAME[FRAME["timestamp"] < DAY], item="item")
    again = offers_holdout(known, DAY, BuyAgain(), n_resamples=20)
    pd.testing.assert_frame_equal(scores(again), scores(found))


def test_within_a_day_the_test_ends_at_its_beginning(found):
    again = offers_holdout(LOG, f"{DAY}T15:30", BuyAgain(), n_resamples=20)
    pd.testing.assert_frame_equal(scores(again), scores(found))


def test_the_default_chooses_items_before_the_test(monkeypatch):
    monkeypatch.setattr(_offers_holdout, "MOST_ITEMS", 12)
    monkeypatch.setattr(_customer_offers, "HybridRecommender", lambda *_, **__: BuyAgain())
    found = offers_holdout(LOG, DAY, items=names(FRAME), n_resamples=5)
    assert found.n_candidates == (12,)
    best = (
        FRAME[FRAME["timestamp"] < BEGIN]
        .groupby("item")["customer_id"]
        .nunique()
        .sort_values(ascending=False, kind="stable")
        .index[:12]
    )
    window = FRAME[(FRAME["timestamp"] >= BEGIN) & (FRAME["timestamp"] < DAY)]
    pairs = window[window["item"].isin(best)][["customer_id", "item"]].drop_duplicates()
    assert found.counts["pairs"] == len(pairs)


def test_many_customers_are_drawn_whatever_the_order_of_lines():
    shuffled = EventLog(FRAME.sample(frac=1.0, random_state=1), item="item")
    one, two = (
        offers_holdout(log, DAY, BuyAgain(), max_customers=60, n_resamples=5)
        for log in (LOG, shuffled)
    )
    pd.testing.assert_frame_equal(scores(one), scores(two))
    other = offers_holdout(LOG, DAY, BuyAgain(), max_customers=60, n_resamples=5, random_state=1)
    assert not scores(other).equals(scores(one))
    every = offers_holdout(LOG, DAY, BuyAgain(), max_customers=None, n_resamples=5)
    assert scores(every)["n_customers"].iloc[0] > scores(one)["n_customers"].iloc[0]


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same(kind, found):
    log = EventLog(FRAMES[kind](FRAME), item="item")
    again = offers_holdout(log, DAY, BuyAgain(), max_customers=149, n_resamples=20)
    whole = offers_holdout(log, DAY, BuyAgain(), n_resamples=20)
    assert scores(again)["n_customers"].iloc[0] <= scores(found)["n_customers"].iloc[0]
    pd.testing.assert_frame_equal(scores(whole), scores(found))


def test_a_clock_with_a_zone_is_kept():
    utc = FRAME.assign(timestamp=FRAME["timestamp"].dt.tz_localize("UTC"))
    log = EventLog(utc, item="item", tz="Asia/Shanghai")
    found = offers_holdout(log, DAY, BuyAgain(), n_resamples=5)
    assert found.cutoffs[0].isoformat() == "2024-09-20T00:00:00+08:00"


def test_a_short_log_is_refused():
    first = FRAME["timestamp"].min().normalize()
    text = rf"the log is too short. A test of the 30 days .* first one is of {first:%Y-%m-%d}"
    with pytest.raises(DataError, match=text):
        offers_holdout(LOG, first + pd.Timedelta("29D"), BuyAgain())


@pytest.mark.parametrize(
    ("log", "more", "text"),
    [
        (EventLog(shop()), {}, "there is nothing to test without a recommender and a column of"),
        (LOG, {"recommender": None}, "there is nothing to test without a recommender"),
        (LOG, {"recommender": "best"}, "offers_holdout: recommender must be a recommender"),
        (LOG, {"horizon": "12h"}, "must be a whole number of days"),
        (LOG, {"max_customers": 0, "recommender": BuyAgain()}, "max_customers must be a whole"),
        (LOG, {"random_state": -1}, "random_state must be a whole number"),
        (FRAME, {}, "an EventLog is needed"),
    ],
)
def test_what_cannot_be_tested_is_refused(log, more, text):
    with pytest.raises(DataError, match=text):
        offers_holdout(log, DAY, **more)


def test_nobody_who_came_back_is_said():
    frame = pd.DataFrame(
        {
            "customer_id": list("abcdef"),
            "timestamp": pd.to_datetime(["2024-01-01", "2024-06-30"] * 3),
            "amount": 1.0,
            "item": np.arange(6),
        }
    )
    with pytest.raises(DataError, match="nobody bought anything within 30 days"):
        offers_holdout(EventLog(frame, item="item"), recommender=BuyAgain())
