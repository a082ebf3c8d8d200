"""RerankedRecommender: the limits, agreement with frames re-ranked outside, new items, filters."""

import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from sklearn.base import clone

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.metrics import ranking_scores
from crmkit.recommend import (
    EASE,
    MMR,
    BuyAgain,
    ColdItemQuota,
    ContentRecommender,
    ItemKNN,
    LongTailBoost,
    MarketBasket,
    Popularity,
    RerankedRecommender,
    RP3beta,
    SparseEASE,
    WeightedHybrid,
)
from tests.recommend._reranking import by_customer
from tests.recommend.contract import suite
from tests.recommend.contract.shop import AS_OF, catalogue, lines, log_of

MODEL = RerankedRecommender(EASE(5.0), [LongTailBoost(0.1), MMR(0.5)], n_candidates=12)
WITH_NEW = RerankedRecommender(
    EASE(5.0), ColdItemQuota((1, 3)), n_candidates=12, new_items=ContentRecommender()
)
LEFT_OUT = {
    "check_the_answer_has_its_shape",  # scores are those of the base, places are not
    "check_equal_scores_are_in_item_order",
    "check_scores_fall_for_any_question",
}
STRANGERS = {  # what is new is offered to them, too: see below
    "check_unknown_customers_get_what_is_popular",
    "check_unknown_items_are_told_and_score_no_candidate",
}


def fit(model, items=None):
    return clone(model).fit(log_of(lines()), catalogue() if items is None else items, as_of=AS_OF)


@pytest.mark.parametrize("base", [EASE(5.0), ItemKNN(k=5), BuyAgain(), Popularity("30D")],
                         ids=lambda m: type(m).__name__)  # fmt: skip
def test_without_rerankers_lists_are_those_of_the_base(base):
    expected = fit(base)
    for rerankers in ((), [MMR(0.0), LongTailBoost(0.0)]):
        model = fit(RerankedRecommender(base, rerankers))
        for terms in ({}, {"exclude_seen": False, "n": 30}, {"customers": ["x", "c103"]}):
            assert_frame_equal(model.recommend(**terms), expected.recommend(**terms))
        assert_frame_equal(model.recommend(explain=True), expected.recommend(explain=True))
        assert_frame_equal(model.similar_items(n=3), expected.similar_items(n=3))
        assert model.score(log_of(lines())) == expected.score(log_of(lines()))


@pytest.mark.parametrize("check", suite.ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize("model", [MODEL, WITH_NEW], ids=["two steps", "new items"])
def test_contract_but_for_falling_scores(model, check):
    if check.__name__ not in LEFT_OUT | (STRANGERS if model is WITH_NEW else set()):
        check(model)


def test_what_the_contract_leaves_out_is_there():
    assert {check.__name__ for check in suite.ALL} >= LEFT_OUT | STRANGERS
    offers = fit(MODEL).recommend(n=4)
    assert list(offers.columns) == ["who", "what", "score", "rank", "source"]
    for _, own in offers.groupby("who"):
        assert own["rank"].tolist() == list(range(1, len(own) + 1))


def test_frames_reranked_outside_agree():
    base, model = fit(EASE(5.0)), fit(MODEL)
    outside = base.recommend(n=12)
    for step in (LongTailBoost(0.1), MMR(0.5)):
        outside = step.fit(log_of(lines()), catalogue(), as_of=AS_OF).rerank(outside)
    outside = outside[outside["rank"] <= 5].reset_index(drop=True)
    assert_frame_equal(model.recommend(n=5), outside)


def test_reasons_are_those_of_the_base():
    keys = ["who", "what"]
    told = fit(MODEL).recommend(n=6, explain=True).set_index(keys)["reason"]
    of_base = fit(EASE(5.0)).recommend(n=30, explain=True).set_index(keys)["reason"]
    assert told.to_dict() == of_base[told.index].to_dict()
    assert (told != "").mean() > 0.5


def test_what_lies_behind_the_candidates_follows_as_it_was():
    base, model = fit(EASE(5.0)), fit(RerankedRecommender(EASE(5.0), MMR(0.9), n_candidates=3))
    long, own = base.recommend(n=8), model.recommend(n=8)
    rest = own[own["rank"] > 3].reset_index(drop=True)
    assert_frame_equal(rest, long[long["rank"] > 3].reset_index(drop=True))
    assert {who: set(x[:3]) for who, x in by_customer(own).items()} == {
        who: set(x[:3]) for who, x in by_customer(long).items()
    }
    assert by_customer(own) != by_customer(long)


def test_new_items_stand_at_their_places_and_nowhere_else():
    model, base = fit(WITH_NEW), fit(EASE(5.0))
    new = set(model.items_[model.new_])
    assert new == set(catalogue()["what"]) - set(lines()["what"])
    offers = model.recommend(n=6)
    at = offers[offers["what"].isin(new)]
    assert set(at["rank"]) <= {1, 3}
    assert (at["rank"] == 1).mean() > 0.4
    assert set(at["source"]) == {"content"}
    others = offers[~offers["what"].isin(new)]
    expected = base.recommend(n=6)
    for who, own in by_customer(others).items():
        assert by_customer(expected)[who][: len(own)] == own
    content = fit(ContentRecommender())
    assert np.array_equal(content.predict(at[["who", "what"]]), at["score"])
    reasons = model.recommend(n=6, explain=True)["reason"]
    assert reasons.str.startswith("because you bought").mean() > 0.9


def test_what_is_alike_tells_the_base():
    base = WeightedHybrid([Popularity(), ItemKNN(k=5)], weights=[1, 1])
    alike = fit(RerankedRecommender(base)).similar_items(n=3)
    assert len(alike) > 0
    assert_frame_equal(alike, fit(base).similar_items(n=3))


def test_filters_reach_new_items():
    model = fit(WITH_NEW)
    new = model.items_[model.new_]
    kept = model.recommend(n=20, deny=new[:1])
    assert new[0] not in set(kept["what"])
    assert not set(model.recommend(n=20, stock=dict.fromkeys(new, 0))["what"]) & set(new)
    only = model.recommend(n=20, allow=new)
    assert set(only["what"]) <= set(new)
    assert (only["rank"].groupby(only["who"]).min() == 1).all()


def test_new_by_the_quota_are_taken_from_the_base():
    quota = ColdItemQuota((1,), max_buyers=6)
    model = fit(RerankedRecommender(EASE(5.0), quota, new_items=ContentRecommender()))
    assert model.new_.sum() > 2
    first = model.recommend(n=1)
    assert set(first["what"]) <= set(model.items_[model.new_])
    every = model.recommend(n=60)  # the base scores items of few buyers too: none comes twice
    assert not every.duplicated(["who", "what"]).any()
    new = every[every["what"].isin(model.items_[model.new_])]
    content = fit(ContentRecommender()).predict(new[["who", "what"]])
    np.testing.assert_array_equal(new["score"], content)


@pytest.mark.parametrize("rerankers", [(), MMR(0.0)], ids=["none", "by score"])
def test_without_a_quota_new_items_are_candidates_at_the_end(rerankers):
    model = RerankedRecommender(
        EASE(5.0), rerankers, n_candidates=50, new_items=ContentRecommender()
    )
    model = fit(model)
    offers = model.recommend(n=40)
    is_new = offers["what"].isin(model.items_[model.new_])
    assert is_new.any()
    for _, flags in is_new.groupby(offers["who"]):
        assert flags.is_monotonic_increasing


def test_parameters_without_meaning():
    for model, text in [
        (RerankedRecommender("EASE"), "RerankedRecommender: base must be a recommender or None"),
        (RerankedRecommender(new_items=MMR()), "new_items must be a recommender or None"),
        (RerankedRecommender(rerankers=[EASE()]), "a re-ranker or a list of re-rankers is needed"),
        (RerankedRecommender(n_candidates=0), "n_candidates must be a whole number"),
        (RerankedRecommender(EASE(-1.0)), "EASE: regularization"),
        (RerankedRecommender(rerankers=MMR(3)), "MMR: strength"),
    ]:
        with pytest.raises(DataError, match=text):
            fit(model)


def test_the_base_is_not_touched():
    base, step = EASE(5.0), MMR(0.3)
    RerankedRecommender(base, [step]).fit(log_of(lines()), catalogue())
    assert set(vars(base)) == set(base.get_params())
    assert set(vars(step)) == set(step.get_params())


@pytest.fixture(scope="module")
def launch(online_retail_lines):
    """A gift shop a month before its end where a tenth of what sells well was never sold."""
    lines = online_retail_lines[online_retail_lines["Revenue"] >= 0]
    before = lines[lines["InvoiceDate"] < "2011-11-09"]
    buyers = before.groupby("StockCode")["CustomerID"].nunique()
    often = buyers.index[buyers >= 20]
    new = set(np.random.default_rng(0).permutation(often)[: len(often) // 10])
    is_new = before["StockCode"].isin(new)
    columns = ("CustomerID", "InvoiceDate", "Revenue", "InvoiceNo", "StockCode")
    names = before.dropna(subset="Description").groupby("StockCode")["Description"].first()
    held = before[is_new & before["CustomerID"].isin(before["CustomerID"][~is_new])]
    return EventLog(before[~is_new], *columns), names.reset_index(), held


def test_new_items_are_seen_in_the_whole_catalogue(launch):
    log, items, held = launch
    model = RerankedRecommender(EASE(), ColdItemQuota(), new_items=ContentRecommender())
    offers = model.fit(log, items).recommend(held["CustomerID"].unique())
    at = offers[offers["StockCode"].isin(model.items_[model.new_])]
    assert set(at["rank"]) == {2, 5}
    wanted = held[["CustomerID", "StockCode"]].drop_duplicates()
    scores = ranking_scores({"quota": offers, "old": EASE().fit(log).recommend()}, wanted)
    assert scores.loc["quota", "ndcg"] > 0.11
    assert scores.loc["old", "ndcg"] == 0.0


def test_strangers_see_what_is_new_and_liked_on_average():
    model, content = fit(WITH_NEW), fit(ContentRecommender())
    offers = model.recommend(["stranger"], n=4, exclude_seen=False)
    assert offers["source"].tolist() == ["content", "popular", "content", "popular"]
    new = model.items_[model.new_]
    pairs = [(who, item) for who in model.customers_ for item in new]
    scores = content.predict(pairs).reshape(len(model.customers_), -1)
    mean = np.where(scores > -np.inf, scores, 0.0).mean(axis=0)
    at = offers[offers["source"] == "content"]
    assert at["what"].tolist() == new[np.argsort(-mean)].tolist()
    assert at["score"].tolist() == pytest.approx(sorted(mean, reverse=True))
    assert np.array_equal(model.predict(at[["who", "what"]]), at["score"])
    assert fit(MODEL).recommend(["stranger"])["source"].unique().tolist() == ["popular"]


@pytest.mark.parametrize("base", [EASE(5.0), ItemKNN(), SparseEASE(), RP3beta(), BuyAgain(),
                                  MarketBasket(), Popularity()],
                         ids=lambda m: type(m).__name__)  # fmt: skip
@pytest.mark.parametrize("new", [ContentRecommender(), ItemKNN()], ids=["content", "knn"])
def test_reasons_are_told_where_a_part_of_the_lists_is_empty(base, new):
    model = fit(RerankedRecommender(base, ColdItemQuota((2,)), new_items=new))
    for terms in (
        {"n": 1},
        {"customers": ["c100"], "deny": ["i34", "i35"]},
        {"customers": ["c100"], "allow": ["i34", "i35"]},
        {"customers": ["nobody"]},
        {"customers": ["c100", "nobody"]},
        {"customers": ["nobody", "c100"], "n": 2},
    ):
        told = model.recommend(**terms, explain=True)
        assert_frame_equal(told.drop(columns="reason"), model.recommend(**terms))
        strangers = told[told["who"] == "nobody"]
        fresh = strangers["source"] == "content"
        assert set(strangers["reason"][~fresh]) <= {"popular with other customers"}
        assert set(strangers["reason"][fresh]) <= {"new, nobody bought it yet"}
