"""NextOffer: the recommender's own offers, newcomers, new items, stock, margin, no leak, frames."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import crmkit as ck
from crmkit.exceptions import DataError
from crmkit.pipelines import NextOffer
from crmkit.recommend import (
    BuyAgain,
    HybridRecommender,
    ItemKNN,
    Popularity,
    RerankedRecommender,
    evaluate,
)
from tests.contracts import event_level
from tests.contracts.event_level import AS_OF, events
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.pipelines._shop_of_items import names, shop_of_items

DAY, LATER = "2024-10-20", "2024-10-24"
FRAME = shop_of_items()
LOG = ck.EventLog(FRAME, item="item")
ITEMS = pd.concat(
    [names(FRAME), pd.DataFrame({"item": [90, 91], "name": ["tea no. 90", "soap no. 91"]})],
    ignore_index=True,
).assign(margin=lambda t: 1.0 + t["item"] % 10)


@pytest.fixture(scope="module")
def fitted():
    return NextOffer(recommender=ItemKNN()).fit(LOG, ITEMS, as_of=DAY)


def test_offers_are_those_of_the_recommender(fitted):
    alone = ItemKNN().fit(LOG, ITEMS, as_of=DAY).recommend(n=3, explain=True)
    found = fitted.transform(LOG, as_of=DAY, n=3)
    pd.testing.assert_frame_equal(found, alone)
    assert (fitted.n_items_, fitted.n_new_items_) == (40, 2)
    assert fitted.as_of_ == "2024-10-20T00:00:00"


def test_fit_transform_is_fit_then_transform(fitted):
    one = NextOffer(recommender=ItemKNN()).fit_transform(LOG, ITEMS, as_of=DAY, n=2)
    pd.testing.assert_frame_equal(one, fitted.transform(LOG, as_of=DAY, n=2))


def test_the_default_is_the_hybrid_of_the_goal():
    made = NextOffer("explore").fit(LOG, as_of=DAY)
    assert isinstance(made.recommender_, HybridRecommender)
    assert made.recommender_.mode == "explore"
    offers = made.transform(LOG, as_of=DAY, n=2)
    known = FRAME[FRAME["timestamp"] < DAY]
    bought = set(zip(known["customer_id"], known["item"], strict=True))
    assert not bought & set(zip(offers["customer_id"], offers["item"], strict=True))


def test_everybody_is_served(fitted):
    found = fitted.transform(LOG, as_of=DAY, n=1, customers=["c003", "nobody"])
    assert found["customer_id"].tolist() == ["c003", "nobody"]
    assert found["source"].tolist() == ["model", "popular"]
    event = FRAME.head(1).assign(customer_id="fresh", timestamp=pd.Timestamp("2024-10-21"), item=3)
    fresh = ck.EventLog(event, item="item")
    later = fitted.transform(fresh, as_of=LATER, n=2)
    assert set(later["customer_id"]) == {"fresh"}
    assert set(later["source"]) == {"fold-in"}
    assert (later["item"] // 10 == 0).all()


def test_new_items_get_their_places():
    made = NextOffer(recommender=ItemKNN(), new_places=(2,)).fit(LOG, ITEMS, as_of=DAY)
    found = made.transform(LOG, as_of=DAY, n=3)
    second = found[found["rank"] == 2]
    assert second["item"].isin([90, 91]).mean() > 0.9
    assert set(second.loc[second["item"] > 50, "source"]) == {"content"}
    shelf = second["customer_id"].str[1:].astype(int) % 4
    tea = second.loc[shelf == 0, "item"]
    assert (tea == 90).mean() > 0.5


def test_margin_lifts_what_earns_more(fitted):
    made = NextOffer(recommender=ItemKNN(), margin="margin", margin_weight=1.0)
    made.fit(LOG, ITEMS, as_of=DAY)
    margin = ITEMS.set_index("item")["margin"]
    before, after = (
        margin.loc[each.transform(LOG, as_of=DAY, n=3)["item"]].mean() for each in (fitted, made)
    )
    assert after > before


def test_variety_makes_lists_wider():
    items = ITEMS.assign(shelf=(ITEMS["item"] // 10).astype(str)).drop(columns=["name"])
    model = Popularity()
    wide = NextOffer(recommender=model, variety=0.9).fit(LOG, items, as_of=DAY)
    assert isinstance(wide.recommender_, RerankedRecommender)
    plain = NextOffer(recommender=model).fit(LOG, items, as_of=DAY)
    shelves = [
        (offers := each.transform(LOG, as_of=DAY, n=5))
        .assign(shelf=offers["item"] // 10)
        .groupby("customer_id")["shelf"]
        .nunique()
        .mean()
        for each in (plain, wide)
    ]
    assert shelves[1] > shelves[0]


def test_stock_and_lists_are_kept(fitted):
    found = fitted.transform(LOG, as_of=DAY, n=5, stock={10: 0, 11: 3}, deny=[12])
    assert not found["item"].isin([10, 12]).any()
    allowed = fitted.transform(LOG, as_of=DAY, n=5, allow=[1, 2])
    assert set(allowed["item"]) <= {1, 2}


def test_of_many_items_those_of_most_buyers_and_new_ones():
    made = NextOffer(recommender=ItemKNN(), max_items=12).fit(LOG, ITEMS, as_of=DAY)
    known = FRAME[FRAME["timestamp"] < DAY]
    n_buyers = known.groupby("item")["customer_id"].nunique()
    best = n_buyers.sort_values(ascending=False, kind="stable").index[:12]
    assert made.recommender_.items_.tolist() == sorted([*best, 90, 91])
    assert (made.n_items_, made.n_new_items_) == (40, 2)


def test_the_future_changes_nothing(fitted):
    known = ck.EventLog(FRAME[FRAME["timestamp"] < DAY], item="item")
    other = NextOffer(recommender=ItemKNN()).fit(known, ITEMS, as_of=DAY)
    expected = fitted.transform(LOG, as_of=DAY)
    pd.testing.assert_frame_equal(other.transform(known, as_of=DAY), expected)
    late = FRAME.assign(item=FRAME["item"].where(FRAME["timestamp"] < DAY, 39))
    changed = NextOffer(recommender=ItemKNN()).fit(ck.EventLog(late, item="item"), ITEMS, as_of=DAY)
    pd.testing.assert_frame_equal(
        changed.transform(ck.EventLog(late, item="item"), as_of=DAY), expected
    )


def test_the_order_of_rows_is_free(fitted):
    turned = ck.EventLog(FRAME.sample(frac=1.0, random_state=1), item="item")
    items = ITEMS.sample(frac=1.0, random_state=2)
    other = NextOffer(recommender=ItemKNN()).fit(turned, items, as_of=DAY)
    pd.testing.assert_frame_equal(
        other.transform(turned, as_of=DAY), fitted.transform(LOG, as_of=DAY)
    )


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library(kind, fitted):
    given = FRAMES[kind](FRAME)
    log = ck.EventLog(given, item="item")
    made = NextOffer(recommender=ItemKNN()).fit(log, FRAMES[kind](ITEMS), as_of=DAY)
    found = made.transform(log, as_of=DAY)
    assert type(found) is type(given)
    pd.testing.assert_frame_equal(
        to_pandas(found), to_pandas(fitted.transform(LOG, as_of=DAY)), check_dtype=False
    )


@pytest.fixture(scope="module")
def contracted():
    log = ck.EventLog(events(seed=1, n_customers=200, n=1500), item="order_id")
    return NextOffer(recommender=ItemKNN()).fit(log, as_of=AS_OF)


@pytest.mark.parametrize(
    "contract",
    [c for c in event_level.ALL if c.__name__ != "check_ids_keep_their_type"],  # text is no number
    ids=lambda f: f.__name__,
)
def test_contract(contract, contracted):
    """The first offer to a customer is a function of the own events and of the fit."""
    contract(
        lambda log, as_of: contracted.transform(replace(log, item="order_id"), as_of=as_of, n=1)
    )


def test_ids_keep_their_type():
    for dtype in ("int32", "int64", "category", "Int64"):
        number = FRAME["customer_id"].str[1:].astype("int64")
        log = ck.EventLog(FRAME.assign(customer_id=number.astype(dtype)), item="item")
        found = NextOffer(recommender=ItemKNN()).fit_transform(log, as_of=DAY, n=1)
        assert found["customer_id"].dtype == dtype


def test_copies_agree(fitted, tmp_path):
    expected = fitted.transform(LOG, as_of=DAY)
    again = pickle.loads(pickle.dumps(fitted)).transform(LOG, as_of=DAY)
    pd.testing.assert_frame_equal(again, expected)
    loaded = ck.io.load(ck.io.save(fitted, tmp_path / "m", customers=True))
    pd.testing.assert_frame_equal(loaded.transform(LOG, as_of=DAY), expected)
    with pytest.raises(NotFittedError):
        clone(fitted).transform(LOG)


def test_input_untouched(fitted):
    before, items = FRAME.copy(deep=True), ITEMS.copy(deep=True)
    NextOffer(recommender=ItemKNN(), max_items=9).fit(LOG, ITEMS, as_of=DAY).transform(LOG)
    pd.testing.assert_frame_equal(FRAME, before)
    pd.testing.assert_frame_equal(ITEMS, items)


def test_a_test_on_the_past_stands_beside_simple_rules():
    made = NextOffer(recommender=ItemKNN(), margin="margin", margin_weight=0.9)
    found = made.evaluate(LOG, ITEMS, n_resamples=20, cold_min_buyers=10**9)
    table = found.new_items
    assert {"offers", "before re-ranking", "popularity"} <= set(table.index)
    assert table.loc["before re-ranking", "ndcg"] != table.loc["offers", "ndcg"]
    again = NextOffer(recommender=BuyAgain()).evaluate(LOG, n_resamples=20)
    assert "offers" in again.all_purchases.index


def test_the_test_is_of_the_items_that_the_recipe_learns_from():
    cut = "2024-09-20"
    made = NextOffer(recommender=ItemKNN(), max_items=12)
    found = made.evaluate(LOG, ITEMS, [cut], n_resamples=20)
    known = FRAME[FRAME["timestamp"] < cut]
    n_buyers = known.groupby("item")["customer_id"].nunique()
    best = n_buyers.sort_values(ascending=False, kind="stable").index[:12]
    some = ck.EventLog(FRAME[FRAME["item"].isin(best)], item="item")
    by_hand = evaluate({"offers": ItemKNN()}, some, [cut], n=5, modes="new", n_given=(),
                       n_resamples=20)  # fmt: skip
    assert found.n_candidates == (12,)
    pd.testing.assert_frame_equal(found.new_items, by_hand.new_items)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"goal": "sell"}, "NextOffer: goal must be"),
        ({"variety": 1.5}, "NextOffer: variety must be"),
        ({"variety": np.nan}, "NextOffer: variety must be"),
        ({"margin_weight": -0.1}, "NextOffer: margin_weight must be"),
        ({"max_items": 0}, "NextOffer: max_items must be"),
        ({"recommender": "als"}, "NextOffer: recommender must be a recommender"),
        ({"recommender": "repeat"}, "What the default offers is said by goal="),
        ({"variety": True}, "NextOffer: variety must be"),
        ({"margin": 3}, "NextOffer: margin must be the name of a column, got 3"),
        (
            {"new_places": 3},
            r"NextOffer: new_places must be a list of places, such as \(3,\), got 3",
        ),
        ({"new_places": None}, "NextOffer: new_places must be a list of places"),
        ({"margin": "margin"}, r"margin= needs a table of the items: fit\(log, items\)"),
        ({"new_places": (1,)}, r"new_places= needs a table of the items"),
    ],
)
def test_what_has_no_meaning_is_refused(changes, text):
    with pytest.raises(DataError, match=text):
        NextOffer(**changes).fit(LOG, as_of=DAY)


def test_a_log_without_items_is_refused(fitted):
    log = ck.EventLog(FRAME)
    with pytest.raises(DataError, match="item"):
        NextOffer(recommender=ItemKNN()).fit(log)
    with pytest.raises(DataError, match="NextOffer: the log names no items"):
        fitted.transform(log)


def test_the_day_before_the_fit_is_refused(fitted):
    with pytest.raises(DataError, match="as_of"):
        fitted.transform(LOG, as_of="2024-10-01")
