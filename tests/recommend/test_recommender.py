"""What all recommenders share: properties on random shops, histories, clocks, duckdb, items."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import EventLog
from crmkit.exceptions import DataError, DataWarning
from crmkit.recommend import EASE, BuyAgain, ItemKNN, Popularity, UserKNN
from crmkit.recommend._recommender import Recommender
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of, pairs_of

MODELS = [
    Popularity("7D"),
    BuyAgain(),
    EASE(regularization=3.0),
    ItemKNN(k=4, shrinkage=0.0),
    UserKNN(k=5, shrinkage=0.0),
]
ROWS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 9), st.integers(0, 30)), min_size=1, max_size=60
)
RULES = st.fixed_dictionaries(
    {
        "deny": st.none() | st.lists(st.integers(0, 11), max_size=5),
        "allow": st.none() | st.lists(st.integers(0, 11), max_size=9),
        "stock": st.none() | st.dictionaries(st.integers(0, 11), st.integers(-1, 2), max_size=6),
    }
)
PAIRS = st.none() | st.lists(st.tuples(st.integers(0, 9), st.integers(0, 11)), max_size=20)


def random_log(rows):
    frame = pd.DataFrame(rows, columns=["who", "what", "day"])
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"], unit="D")
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def frame_of(pairs):
    return None if pairs is None else pd.DataFrame(pairs, columns=["who", "what"], dtype="int64")


@settings(max_examples=40)
@given(st.sampled_from(MODELS), ROWS, RULES, PAIRS, st.booleans(), st.integers(1, 14))
def test_no_seen_and_no_denied_item_ever(model, rows, rules, pairs, exclude_seen, n):
    model.fit(random_log(rows))
    for own in ("allow", "deny"):
        given_rules = rules if pairs is None else {**rules, own: frame_of(pairs)}
        offers = model.recommend([*range(9)], n, exclude_seen=exclude_seen, **given_rules)
        offered = set(pairs_of(offers))
        if exclude_seen:
            assert not offered & {(who, what) for who, what, _ in rows}
        if pairs is not None:
            assert (offered <= set(pairs)) if own == "allow" else not (offered & set(pairs))
        if rules["deny"] is not None and (pairs is None or own == "allow"):
            assert not set(offers["what"]) & set(rules["deny"])
        if rules["allow"] is not None and (pairs is None or own == "deny"):
            assert set(offers["what"]) <= set(rules["allow"])
        if rules["stock"] is not None:
            sold_out = {item for item, left in rules["stock"].items() if left <= 0}
            assert not set(offers["what"]) & sold_out
        assert (np.diff(offers["score"])[np.diff(offers["rank"]) > 0] <= 0).all()
        for _, own_offers in offers.groupby("who"):
            assert own_offers["rank"].tolist() == list(range(1, len(own_offers) + 1))
            assert len(own_offers) <= n


@settings(max_examples=25)
@given(st.sampled_from(MODELS), ROWS, st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_scores_and_customers_do_not_depend_on_the_question(model, rows, asked):
    model.fit(random_log(rows))
    every = model.recommend([*range(10)], 20, exclude_seen=False)
    assert model.predict(every[["who", "what"]]).tolist() == every["score"].tolist()
    some = model.recommend(asked, 20, exclude_seen=False)
    for who in asked:
        left, right = (frame[frame["who"] == who].to_numpy().tolist() for frame in (some, every))
        assert left == right


@settings(max_examples=25)
@given(st.sampled_from(MODELS), ROWS)
def test_a_known_history_given_again_changes_nothing(model, rows):
    log = random_log(rows)
    model.fit(log)
    expected = model.recommend(exclude_seen=False)
    again = model.recommend(history=log, exclude_seen=False)
    assert pairs_of(again) == pairs_of(expected)
    assert again["score"].tolist() == expected["score"].tolist()
    assert set(again["source"]) <= {"fold-in", "popular"}


def test_a_hundred_customers_are_answered_like_one():
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.integers(0, 150, 2000), rng.integers(0, 40, 2000) ** 2 // 40])
    rows = [
        (who, what, day) for (who, what), day in zip(rows, rng.integers(0, 30, 2000), strict=True)
    ]
    for model in MODELS:
        model.fit(random_log(rows))
        every = model.recommend(n=5)
        for who in (0, 63, 64, 149):
            own = every[every["who"] == who].reset_index(drop=True)
            pd.testing.assert_frame_equal(model.recommend([who], 5), own)


@pytest.mark.parametrize("model", [ItemKNN(k=4), UserKNN(k=5)])
def test_sparse_and_filled_blocks_answer_alike(model, monkeypatch):
    model = model.fit(log_of(lines()), catalogue(), as_of=AS_OF)
    denied = pd.DataFrame({"who": ["c103", "c104"], "what": ["i11", "i13"]})
    allowed = pd.DataFrame([(c, i) for c in model.customers_ for i in model.items_[3:20]])
    rules = [
        {},
        {"deny": denied, "exclude_seen": False},
        {"allow": allowed.set_axis(["who", "what"], axis=1), "stock": {"i15": 0}},
        {"customers": ["stranger", "c103"], "deny": ["i12"], "n": 50},
    ]
    monkeypatch.setattr("crmkit.recommend._best.FULL", 0.0)
    filled = [model.recommend(**rule) for rule in rules]
    monkeypatch.setattr("crmkit.recommend._best.FULL", 2.0)
    for rule, expected in zip(rules, filled, strict=True):
        pd.testing.assert_frame_equal(model.recommend(**rule), expected)


def test_ages_count_from_the_present_and_late_events_are_unknown():
    model = BuyAgain("10D", only_bought=True).fit(log_of(lines()), as_of=AS_OF)
    now = model.recommend(["c103"], n=50)
    later = model.recommend(["c103"], n=50, as_of="2024-05-11")
    tie = model.prior_[np.searchsorted(model.items_, now["what"])] * 1e-3
    by_item = later.set_index("what")["score"][now["what"]].to_numpy()
    np.testing.assert_allclose(by_item - tie, (now["score"] - tie) / 2, rtol=1e-4, atol=1e-7)
    events = lines().query("who == 'c103'")[["who", "what", "when"]]
    given = model.recommend(["c103"], n=50, history=events, as_of=AS_OF)
    assert set(given["what"]) <= set(events[events["when"] < AS_OF]["what"])
    newest = model.recommend(["c103"], n=50, history=events)
    assert set(newest["what"]) == set(events["what"])


def test_a_zone_makes_days_local_and_is_kept():
    frame = lines().assign(when=lambda f: f["when"].dt.tz_localize("UTC"))
    model = BuyAgain().fit(log_of(frame, tz="Asia/Tokyo"), as_of="2024-05-01")
    assert model.as_of_ == "2024-05-01T00:00:00+09:00"
    assert len(model.recommend(["c103"], as_of="2024-05-02")) == 10
    with pytest.raises(DataError, match="is before that of the fit"):
        model.recommend(as_of="2024-04-30T23:59")
    history = frame.head(4)[["who", "what", "when"]]
    assert len(model.recommend(history=history))
    with pytest.raises(DataError, match="naive"):
        model.recommend(history=history.assign(when=history["when"].dt.tz_localize(None)))


def test_an_event_log_serves_as_history_with_names_of_its_own():
    model = EASE(regularization=5.0).fit(log_of(lines()), as_of=AS_OF)
    own = lines().query("who == 'c103' and when < @AS_OF")
    log = EventLog(
        own.rename(columns={"who": "id", "what": "sku"}).assign(id="new"),
        customer="id", when="when", amount="amount", item="sku",
    )  # fmt: skip
    got = model.recommend(history=log, as_of=AS_OF)
    assert list(got.columns[:2]) == ["who", "what"]
    assert got["what"].tolist() == model.recommend(["c103"])["what"].tolist()


def test_duckdb_answers_on_the_callers_connection():
    connection = duckdb.connect()
    frame = lines()
    connection.register("sales", frame)
    model = Popularity().fit(log_of(connection.sql("SELECT * FROM sales")))
    joined = model.recommend(["c103"], n=2).join(connection.table("sales"), "who")
    assert len(joined.to_arrow_table()) == 2 * (frame["who"] == "c103").sum()


def test_enums_keep_their_type_and_strangers_fit_in():
    frame = pl.from_pandas(lines())
    kinds = pl.Enum(sorted(frame["who"].unique()))
    model = Popularity().fit(log_of(frame.with_columns(pl.col("who").cast(kinds))))
    assert model.recommend(["c103"]).schema["who"] == kinds
    assert model.recommend(["stranger"], n=1).schema["who"] == pl.String
    narrow = frame.with_columns(pl.col("who").str.slice(1).cast(pl.Int16))
    model = Popularity().fit(log_of(narrow))
    assert model.recommend([103]).schema["who"] == pl.Int16
    assert model.recommend([2**40], n=1)["who"].to_list() == [2**40]


def test_pandas_types_give_way_to_ids_they_cannot_hold():
    small = lines().assign(who=lambda f: f["who"].str[1:].astype("int16"))
    model = Popularity().fit(log_of(small))
    assert model.recommend([103], n=1)["who"].dtype == "int16"
    assert model.recommend([2**40], n=1)["who"].tolist() == [2**40]
    kinds = lines().assign(who=lambda f: f["who"].astype("category"))
    model = Popularity().fit(log_of(kinds))
    assert model.recommend(["stranger"], n=1)["who"].tolist() == ["stranger"]


def test_names_of_the_answer_are_not_taken():
    with pytest.raises(DataError, match="column 'rank' is called like one of the answer"):
        Popularity().fit(log_of(lines().rename(columns={"what": "rank"}), item="rank"))


def test_a_frame_of_customers_is_read_in_its_customer_column():
    model = Popularity().fit(log_of(lines()))
    table = pd.DataFrame({"age": [3, 4], "who": ["c104", "c103"]})
    assert model.recommend(table, n=1)["who"].tolist() == ["c104", "c103"]
    renamed = table[["who"]].rename(columns={"who": "id"})
    assert model.recommend(renamed, n=1)["who"].tolist() == ["c104", "c103"]
    with pytest.raises(DataError, match="lacks an id in 1 rows"):
        model.recommend(pd.DataFrame({"who": ["c103", None]}))
    with pytest.raises(DataError, match="pairs must be a frame or a list"):
        model.predict([("c103", "i10", 1)])


def test_a_customer_of_nothing_but_missing_items_gets_what_is_popular():
    frame = lines()
    frame.loc[frame["who"] == "c103", "what"] = None
    with pytest.warns(DataWarning, match="have no 'what'"):
        model = ItemKNN().fit(log_of(frame))
    assert set(model.recommend(["c103"])["source"]) == {"popular"}


def test_scores_later_are_those_of_a_hand_made_ndcg():
    frame = pd.DataFrame(
        [
            *[("ann", "tea", 1), ("ann", "tea", 2), ("bob", "tea", 1), ("bob", "jam", 1)],
            *[("cid", "oil", 1), ("ann", "jam", 8), ("ann", "new", 8), ("cid", "oil", 8)],
            ("dan", "jam", 8),
        ],
        columns=["who", "what", "day"],
    )
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"], unit="D")
    log = EventLog(frame, customer="who", when="when", amount=None, item="what")
    model = Popularity().fit(log, as_of="2024-01-05")
    # ann may be offered jam and oil (1 each, in item order): jam at rank 1. cid bought nothing new.
    assert model.score(log) == 1.0
    # with repeats: tea (3), jam (1), oil (1). ann: jam is second, ideal first. cid: oil is third.
    again = BuyAgain(only_bought=True).fit(log, as_of="2024-01-05")
    assert again.score(log) == pytest.approx((0.0 + 1.0) / 2)
    Popularity._excludes_seen = False
    try:
        assert model.score(log) == pytest.approx((1 / np.log2(3) + 1 / np.log2(4)) / 2)
    finally:
        Popularity._excludes_seen = True


def test_a_model_without_hooks_says_so():
    with pytest.raises(AttributeError, match="does not say what it learns"):
        Recommender().fit(log_of(lines()))


def test_items_must_be_a_frame():
    with pytest.raises(DataError, match="items must be a frame with one row per item"):
        Popularity().fit(log_of(lines()), ["i10"])
    wrong = catalogue().assign(what=range(25))
    with pytest.raises(DataError, match="Convert one of them"):
        Popularity().fit(log_of(lines()), wrong)
