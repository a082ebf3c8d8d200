"""Offers in the customer table: columns, no leakage, every frame, ids, what cannot be learnt."""

import pickle
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skops.io as sio
from sklearn.base import clone

from crmkit import EventLog
from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning
from crmkit.pipelines import CustomerValuePipeline, _customer_offers
from crmkit.pipelines._customer_offers import best_sold, only_items, rows_of
from crmkit.recommend import EASE, BuyAgain, HybridRecommender, ItemKNN
from tests.contracts import event_level
from tests.contracts.event_level import AS_OF, events, log_of, same
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.pipelines._quick import quick, shop
from tests.pipelines._shop_of_items import names, shop_of_items

DAY = "2024-10-20"
LATER = "2024-10-24"
FRAME = shop_of_items()
LOG = EventLog(FRAME, item="item")
OFFER = ["next_offer", "next_offer_source", "next_offer_reason"]

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")


def pipe(**changes):
    return CustomerValuePipeline(**({"churn": None, "recommender": BuyAgain()} | changes))


@pytest.fixture(scope="module")
def fitted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return pipe().fit(LOG, as_of=DAY)


@pytest.fixture(scope="module")
def table(fitted):
    return fitted.transform(LOG, as_of=DAY)


def test_the_columns_are_behind_the_former_ones(table):
    plain = pipe(recommender=None).fit_transform(LOG, as_of=DAY)
    pd.testing.assert_frame_equal(table[plain.columns.tolist()], plain)
    assert table.columns[len(plain.columns) :].tolist() == OFFER


def test_without_items_nothing_changes():
    log = EventLog(shop())
    made = CustomerValuePipeline(churn=None).fit(log, as_of=DAY)
    assert (made.recommender_, made.recommender_note_, made.n_items_) == (None, "", 0)
    plain = pipe(recommender=None).fit_transform(log, as_of=DAY)
    pd.testing.assert_frame_equal(made.transform(log, as_of=DAY), plain)


def test_the_offer_is_that_of_the_recommender(table):
    alone = BuyAgain().fit(LOG, as_of=DAY).recommend(n=1, explain=True)
    assert table["customer_id"].tolist() == alone["customer_id"].tolist()
    assert table["next_offer"].tolist() == alone["item"].tolist()
    assert table["next_offer_reason"].tolist() == alone["reason"].tolist()
    assert set(table["next_offer_source"]) == {"model"}
    assert table["next_offer"].dtype == np.int64
    shelf = table["customer_id"].str[1:].astype(int) % 4
    assert (table["next_offer"] // 10 == shelf).mean() > 0.95
    assert table["next_offer_reason"].str.startswith(("because you bought ", "bought ")).all()


def test_the_long_list_begins_with_the_offer(fitted, table):
    offers = fitted.recommend(LOG, 3, as_of=DAY)
    assert offers.columns.tolist() == ["customer_id", "item", "score", "rank", "source", "reason"]
    assert offers.groupby("customer_id").size().max() == 3
    first = offers[offers["rank"] == 1]
    assert first["item"].tolist() == table["next_offer"].tolist()
    some = fitted.recommend(LOG, 2, customers=["c003", "c001"], as_of=DAY, deny=[10, 11])
    assert some["customer_id"].unique().tolist() == ["c003", "c001"]
    assert not some["item"].isin([10, 11]).any()


def test_the_default_is_the_hybrid():
    made = CustomerValuePipeline(churn=None).fit(LOG, as_of=DAY)
    assert isinstance(made.recommender_, HybridRecommender)
    alone = HybridRecommender(n_trees=0).fit(LOG, as_of=DAY)
    assert made.recommender_.reason_ == alone.reason_
    assert made.n_items_ == 40
    offers = alone.recommend(n=1)
    assert made.transform(LOG, as_of=DAY)["next_offer"].tolist() == offers["item"].tolist()


@pytest.mark.parametrize(("word", "again"), [("explore", False), ("repeat", True)])
def test_new_items_or_those_of_old_alone(word, again):
    made = pipe(recommender=word).fit(LOG, as_of=DAY)
    assert made.recommender_.mode == word
    known = FRAME[FRAME["timestamp"] < DAY]
    bought = set(zip(known["customer_id"], known["item"], strict=True))
    offers = made.recommend(LOG, 3, as_of=DAY)
    pairs = zip(offers["customer_id"], offers["item"], strict=True)
    assert {pair in bought for pair in pairs} == {again}


def test_of_many_items_the_default_offers_those_of_most_buyers(monkeypatch):
    monkeypatch.setattr(_customer_offers, "MOST_ITEMS", 12)
    monkeypatch.setattr(_customer_offers, "HybridRecommender", lambda *_, **__: ItemKNN())
    told = names(FRAME)
    made = pipe(recommender="auto").fit(LOG, as_of=DAY, items=told)
    known = FRAME[FRAME["timestamp"] < DAY]
    n_buyers = known.groupby("item")["customer_id"].nunique()
    best = n_buyers.sort_values(ascending=False, kind="stable").index[:12]
    assert made.recommender_.items_.tolist() == sorted(best)
    assert made.n_items_ == 40
    found = made.transform(LOG, as_of=DAY)
    assert found["next_offer"].dropna().isin(best).all()
    reasons = found.loc[found["next_offer_source"] == "model", "next_offer_reason"]
    assert reasons.str.contains(r" no\. \d").all()


def test_the_future_changes_nothing(table):
    known = EventLog(FRAME[FRAME["timestamp"] < DAY], item="item")
    pd.testing.assert_frame_equal(pipe().fit_transform(known, as_of=DAY), table)


def test_the_default_chooses_items_by_the_past_alone(monkeypatch):
    monkeypatch.setattr(_customer_offers, "MOST_ITEMS", 5)
    monkeypatch.setattr(_customer_offers, "HybridRecommender", lambda *_, **__: ItemKNN())
    late = FRAME["timestamp"] >= DAY
    changed = FRAME.assign(item=FRAME["item"].where(~late, 39))
    one, two = (
        pipe(recommender="auto").fit(EventLog(frame, item="item"), as_of=DAY)
        for frame in (FRAME, changed)
    )
    assert one.recommender_.items_.tolist() == two.recommender_.items_.tolist()


def test_later_histories_count_at_a_later_day(fitted):
    later = fitted.transform(LOG, as_of=LATER)
    alone = fitted.recommender_.recommend(n=1, history=LOG, as_of=LATER)
    offers = dict(zip(alone["customer_id"], alone["item"], strict=True))
    had = later["customer_id"].isin(list(offers))
    assert later.loc[had, "next_offer"].tolist() == [
        offers[c] for c in later.loc[had, "customer_id"]
    ]
    new = ~later["customer_id"].isin(fitted.recommender_.customers_)
    assert set(later.loc[~new, "next_offer_source"]) == {"model"}


def test_customers_it_does_not_know_are_folded_in_or_get_best_sellers(fitted):
    there = FRAME[FRAME["customer_id"] == "c000"]
    strangers = pd.concat(
        [there.assign(customer_id="z1"), there.assign(customer_id="z2", item=777)]
    )
    made = fitted.transform(EventLog(strangers, item="item"), as_of=DAY)
    assert made["next_offer_source"].tolist() == ["fold-in", "popular"]
    assert made["next_offer_reason"].tolist()[1] == "popular with other customers"
    only = EventLog(strangers[strangers["item"] == 777], item="item")
    assert fitted.transform(only, as_of=DAY)["next_offer_source"].tolist() == ["popular"]


def test_an_earlier_day_is_refused(fitted):
    with pytest.raises(DataError, match=r"as_of='2024-06-01.*is before that of the fit"):
        fitted.transform(LOG, as_of="2024-06-01")


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same(kind, table):
    data = FRAMES[kind](FRAME)
    log = EventLog(data, item="item")
    made = pipe().fit(log, as_of=DAY)
    got = made.transform(log, as_of=DAY)
    assert type(got) is type(data)
    same(got, table)
    offers = made.recommend(log, 2, as_of=DAY)
    assert type(offers) is type(data)
    assert to_pandas(offers)["item"].dtype == np.int64


def test_ids_of_text_stay_text(table):
    log = EventLog(shop_of_items("str"), item="item")
    made = pipe().fit_transform(log, as_of=DAY)
    assert made["next_offer"].str.match(r"(tea|soap|wool|nail) \d$").all()
    told = r"(because you bought (tea|soap|wool|nail)|bought( on)?) \d"
    assert made["next_offer_reason"].str.match(told).all()


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("ids", ["int", "str"])
def test_who_bought_everything_has_no_offer_and_ids_stay_whole(kind, ids):
    few = shop_of_items(ids)
    first = sorted(few["item"].unique())[:3]
    few = few[few["item"].isin(first)]
    log = EventLog(FRAMES[kind](few), item="item")
    made = to_pandas(pipe(recommender=EASE()).fit_transform(log))
    had = few.groupby("customer_id")["item"].nunique().reindex(made["customer_id"]) == 3
    none = made["next_offer"].isna()
    assert none.tolist() == had.tolist()
    assert 0 < none.sum() < len(made)
    assert (made.loc[none, OFFER[1:]] == "").all(axis=None)
    if ids == "int":
        assert made.loc[~none, "next_offer"].astype(int).isin(first).all()
        if kind == "pandas":
            assert made["next_offer"].dtype == "Int64"


def test_large_ids_are_exact():
    large = 2**53 + 1
    frame = FRAME.assign(item=FRAME["item"] + large)
    few = frame[frame["item"] < large + 3]
    made = pipe(recommender=EASE()).fit_transform(EventLog(few, item="item"))
    offers = [int(v) for v in made["next_offer"].dropna()]
    assert set(offers) <= {large, large + 1, large + 2}
    unsigned = few.assign(item=few["item"].astype("uint64") + np.uint64(2**63))
    made = pipe(recommender=EASE()).fit_transform(EventLog(unsigned, item="item"))
    assert made["next_offer"].dtype == "UInt64"
    assert [int(v) - 2**63 for v in made["next_offer"].dropna()] == offers


def test_copies_describe_alike(fitted, table):
    data = sio.dumps(fitted)
    by_skops = sio.loads(data, trusted=sio.get_untrusted_types(data=data))
    refitted = clone(fitted).fit(LOG, as_of=DAY)
    for copy in (pickle.loads(pickle.dumps(fitted)), by_skops, refitted):
        pd.testing.assert_frame_equal(copy.transform(LOG, as_of=DAY), table)


def test_the_given_recommender_is_not_touched():
    model = ItemKNN()
    pipe(recommender=model).fit(LOG, as_of=DAY)
    assert not hasattr(model, "items_")


def test_with_churn_and_all(table):
    made = CustomerValuePipeline(churn=quick(), recommender=BuyAgain()).fit_transform(
        LOG, as_of=DAY
    )
    assert made.columns[-7:].tolist() == [
        "probability_churn",
        "churn_source",
        "churn_reasons",
        "value_at_risk",
        *OFFER,
    ]


def test_what_cannot_be_learnt_is_told_once_and_left_out(monkeypatch):
    monkeypatch.setattr(_customer_offers, "HybridRecommender", lambda *_, **__: ItemKNN())
    frame = FRAME.rename(columns={"item": "score"})
    log = EventLog(frame, item="score")
    made = pipe(recommender="auto")
    with pytest.warns(DataWarning) as heard:
        found = made.fit_transform(log, as_of=DAY)
    told = [str(w.message) for w in heard if issubclass(w.category, DataWarning)]
    assert len(told) == 1
    assert told[0].startswith(
        "CustomerValuePipeline: what to offer cannot be learnt from this log, so there are no "
        "offers. ItemKNN: column 'score' is called like one of the answer."
    )
    assert heard[0].filename == __file__
    assert made.recommender_ is None
    assert "next_offer" not in found.columns
    with pytest.raises(DataError, match=r"nothing was learnt to offer .*called like one of the"):
        made.recommend(log)
    with pytest.raises(DataError, match="column 'score' is called like"):
        pipe().fit(log, as_of=DAY)


def test_lines_without_an_item_are_told_and_left_out(table):
    frame = FRAME.assign(item=FRAME["item"].astype("Int64").where(FRAME.index % 7 > 0))
    with pytest.warns(DataWarning, match=r"\d+ of [\d,]+ purchases have no 'item' and were left"):
        made = pipe().fit(EventLog(frame, item="item"), as_of=DAY)
    got = made.transform(EventLog(frame, item="item"), as_of=DAY)
    assert got["customer_id"].tolist() == table["customer_id"].tolist()
    assert got["next_offer"].notna().all()


@pytest.mark.parametrize(
    ("recommender", "text"),
    [
        ("hybrid", r"recommender must be a recommender, \"auto\".* or None, got 'hybrid'"),
        (ItemKNN, "recommender must be a recommender"),
    ],
)
def test_what_is_no_recommender_is_refused(recommender, text):
    with pytest.raises(DataError, match=text):
        pipe(recommender=recommender).fit(LOG, as_of=DAY)


def test_a_recommender_without_items_is_refused():
    with pytest.raises(DataError, match="the log does not say what was bought"):
        pipe().fit(EventLog(shop()), as_of=DAY)


def test_without_a_recommender_there_is_no_list():
    made = pipe(recommender=None).fit(LOG, as_of=DAY)
    with pytest.raises(
        DataError, match=r"nothing was learnt to offer .the log of the fit names no"
    ):
        made.recommend(LOG)


def test_the_best_sold_by_hand():
    items, n_buyers = np.array(["a", "b", "c", "d"]), np.array([2, 5, 2, 1])
    assert best_sold(items, n_buyers, 2).tolist() == ["a", "b"]
    assert best_sold(items, n_buyers, 3).tolist() == ["a", "b", "c"]
    assert best_sold(items, n_buyers, 9).tolist() == ["a", "b", "c", "d"]


def test_lines_of_some_items_by_hand():
    frame = FRAME.head(4).assign(item=["x", "y", None, "x"], more=1)
    log = EventLog(frame, item="item", min_amount=1.0)
    some = only_items(log, np.array(["x"]), "test")
    assert some.data["timestamp"].tolist() == frame["timestamp"].iloc[[0, 3]].tolist()
    assert some.min_amount == 1.0
    assert only_items(log, np.array(["q"]), "test") is None


def test_rows_of_some_items_by_hand():
    frame = pd.DataFrame({"name": ["p", "q", "r"], "item": ["y", None, "x"]})
    assert rows_of(frame, "item", np.array(["x"]), "test")["name"].tolist() == ["r"]
    assert rows_of(frame[["item", "name"]], "sku", np.array(["y"]), "test")["name"].tolist() == [
        "p"
    ]


def test_a_log_of_other_columns_is_refused(fitted):
    with pytest.raises(DataError, match=r"item='item', this one customer='customer_id' and item=N"):
        fitted.transform(EventLog(FRAME), as_of=DAY)


@pytest.fixture(scope="module")
def contracted():
    log = log_of(events(seed=1, n_customers=200, n=1500), item="order_id")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return pipe(recommender=BuyAgain()).fit(log, as_of=AS_OF)


OTHERS = {
    "check_ids_keep_their_type",  # text and numbers never meet: refused, as the recommender does
    "check_other_customers_do_not_matter",  # the rank of value compares customers
}


@pytest.mark.parametrize(
    "contract", [c for c in event_level.ALL if c.__name__ not in OTHERS], ids=lambda f: f.__name__
)
def test_contract(contract, contracted):
    """What is offered to a customer is a function of the own events and of the fit."""

    def answer(log, as_of):
        return contracted.transform(replace(log, item="order_id"), as_of=as_of)

    contract(answer)


@pytest.mark.parametrize("kind", FRAMES)
def test_offers_come_in_the_library_of_the_log_that_asks(kind, fitted):
    data = FRAMES[kind](FRAME)
    offers = fitted.recommend(EventLog(data, item="item"), 2, as_of=DAY)
    assert type(offers) is type(data)
    same(offers, fitted.recommend(LOG, 2, as_of=DAY))
