"""Ranking scores: by hand, against a plain oracle and scikit-learn, properties, frames, texts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sklearn.metrics import ndcg_score

from crmkit.exceptions import DataError, DataWarning
from crmkit.metrics import ranking_scores, ranking_scores_by_customer
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.metrics._shown import BOUGHT, SHOWN, long_frame, made, pairs
from tests.oracles import ranking as oracle

ACCURACY = ["ndcg", "recall", "precision", "map", "mrr", "hit_rate"]
LOG3 = np.log2(3)


def test_by_hand():
    """Ann: hit at place 2 of 2 relevant; Bob: hit at place 1 of 1; Cid: no list; Eve: aside."""
    scores = ranking_scores(SHOWN, BOUGHT, k=3).loc["recommended"]
    ann = (1 / LOG3) / (1 + 1 / LOG3)
    assert scores["ndcg"] == pytest.approx((ann + 1.0 + 0.0) / 3)
    assert scores["recall"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert scores["precision"] == pytest.approx((1 / 3 + 1 / 3 + 0) / 3)
    assert scores["map"] == pytest.approx((1 / 2 / 2 + 1 + 0) / 3)
    assert scores["mrr"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert scores["hit_rate"] == pytest.approx(2 / 3)
    assert scores[["n_customers", "n_without_list", "n_left_aside"]].tolist() == [3, 1, 1]
    assert "revenue_recall" not in scores.index
    assert "coverage" not in scores.index


def test_revenue_by_hand():
    """Ann: 40 of 100 (two rows of y are added up); Bob: all of 5; Cid: none of 7."""
    scores = ranking_scores(SHOWN, BOUGHT, k=3, weight="amount").loc["recommended"]
    assert scores["revenue_recall"] == pytest.approx((0.4 + 1.0 + 0.0) / 3)


def test_a_customer_without_revenue_is_not_in_its_mean():
    free = BOUGHT.assign(amount=[30.0, 60.0, 0.0, 7.0, 10.0])
    each = ranking_scores_by_customer(SHOWN, free, k=3, weight="amount")
    assert each["revenue_recall"].tolist() == pytest.approx([0.4, np.nan, 0.0], nan_ok=True)
    scores = ranking_scores(SHOWN, free, k=3, weight="amount")
    assert scores["revenue_recall"].item() == pytest.approx(0.2)


def test_breadth_by_hand():
    """Of four customers 3 bought x, 2 y, 1 z, none w; w counts as bought by one."""
    known = pd.DataFrame(
        {"customer": [1, 2, 3, 1, 4, 2, 2], "item": ["x", "x", "x", "y", "y", "z", "z"]}
    ).assign(customer=lambda t: t["customer"].astype(str))
    catalogue = ["x", "y", "z", "w", "v"]
    asked = {"known": known, "catalogue": catalogue}
    scores = ranking_scores(SHOWN, BOUGHT, k=3, **asked).loc["recommended"]
    bits = {"x": np.log2(4 / 3), "y": 1.0, "z": 2.0, "w": 2.0}
    assert scores["coverage"] == pytest.approx(4 / 5)  # Eve is aside, Ann and Bob hold x y z w
    ann = (bits["x"] + bits["y"] + bits["z"]) / 3
    assert scores["novelty"] == pytest.approx((ann + 2.0) / 2)
    place = {"x": 4.5 / 5, "y": 3.5 / 5, "z": 2.5 / 5, "w": 1 / 5}  # w and v: equals, half of two
    ann = (place["x"] + place["y"] + place["z"]) / 3
    expected = (ann + (place["z"] + place["w"]) / 2) / 2
    assert scores["popularity_percentile"] == pytest.approx(expected)


def test_without_a_catalogue_coverage_is_of_the_known_items():
    known = pd.DataFrame({"customer": ["ann"] * 4, "item": ["x", "y", "q", "r"]})
    scores = ranking_scores(SHOWN, BOUGHT, k=3, known=known)
    assert scores["coverage"].item() == 0.5  # z and w are shown, but not known
    assert scores["popularity_percentile"].item() == 0.5  # all known items have one buyer


def test_diversity_by_hand():
    """Ann: x y red, z blue: one pair of three alike. Bob: only z is described: one item, NaN."""
    colours = pd.DataFrame({"item": ["x", "y", "z"], "colour": ["red", "red", "blue"]})
    each = ranking_scores_by_customer(SHOWN, BOUGHT, k=3, features=colours)
    assert each["diversity"].tolist() == pytest.approx([2 / 3, np.nan, np.nan], nan_ok=True)
    assert ranking_scores(SHOWN, BOUGHT, k=3, features=colours)["diversity"].item() == (
        pytest.approx(2 / 3)
    )


def test_opposite_numbers_are_as_unlike_as_can_be_told():
    shown = pd.DataFrame({"customer": 1, "item": ["tea", "jam"], "rank": [1, 2]})
    numbers = pd.DataFrame({"item": ["tea", "jam"], "x": [1.0, -1.0]})
    scores = ranking_scores(shown, shown[["customer", "item"]], k=2, features=numbers)
    assert scores["diversity"].item() == 1.0


def test_diversity_of_numbers_is_one_less_the_cosine():
    random = np.random.default_rng(1)
    vectors = random.random((30, 4))
    features = pd.DataFrame(vectors).rename(columns=str).assign(item=np.arange(30))
    lists, wanted = made()
    each = ranking_scores_by_customer(long_frame(lists), pairs(wanted), k=6, features=features)
    unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    for who, got in zip(each["customer"], each["diversity"], strict=True):
        top = unit[lists.get(who, [])[:6]]
        cosines = [a @ b for i, a in enumerate(top) for b in top[:i]]
        assert got == pytest.approx(1 - np.mean(cosines) if cosines else np.nan, nan_ok=True)


@pytest.mark.parametrize("k", [1, 3, 10, 25, 10_000])
def test_an_oracle_agrees(k):
    lists, wanted = made()
    each = ranking_scores_by_customer(long_frame(lists), pairs(wanted), k=k)
    expected = pd.DataFrame.from_dict(oracle.scores(lists, wanted, k), orient="index")
    got = each.set_index("customer")[ACCURACY].rename_axis(None)
    assert_frame_equal(got, expected.loc[got.index], atol=1e-12)
    whole = ranking_scores(long_frame(lists), pairs(wanted), k=k).loc["recommended"]
    assert whole[ACCURACY].tolist() == pytest.approx(expected.mean().tolist())


@pytest.mark.parametrize("k", [1, 4, 12])
def test_ndcg_is_that_of_scikit_learn_where_all_items_are_ranked(k):
    random = np.random.default_rng(3)
    order = np.argsort(random.random((40, 12)), axis=1)
    true = (random.random((40, 12)) < 0.3).astype(float)
    true[:, 0] = 1.0
    score = np.empty((40, 12))
    np.put_along_axis(score, order, np.arange(12.0, 0.0, -1.0)[None, :], axis=1)
    lists = {c: order[c].tolist() for c in range(40)}
    wanted = {c: np.flatnonzero(true[c]).tolist() for c in range(40)}
    got = ranking_scores(long_frame(lists), pairs(wanted), k=k)["ndcg"].item()
    assert got == pytest.approx(ndcg_score(true, score, k=k))


few = st.integers(0, 7)
some_lists = st.dictionaries(few, st.lists(few, unique=True, max_size=8), max_size=6)
some_wanted = st.dictionaries(few, st.sets(few, min_size=1), min_size=1, max_size=6)


@pytest.mark.filterwarnings("ignore:.*none of whom has relevant items")
@given(some_lists, some_wanted, st.integers(1, 20), st.randoms(use_true_random=False))
def test_any_lists_agree_with_the_oracle_and_stay_in_range(lists, wanted, k, random):
    shown = long_frame(lists)
    rows = list(range(len(shown)))
    random.shuffle(rows)
    each = ranking_scores_by_customer(shown.iloc[rows], pairs(wanted), k=k)
    expected = oracle.scores(lists, wanted, k)
    for row in each.itertuples():
        for name in ACCURACY:
            assert 0.0 <= getattr(row, name) <= 1.0
            assert getattr(row, name) == pytest.approx(expected[row.customer][name])
        assert row.n_relevant == len(wanted[row.customer])
        assert row.n_recommended == min(k, len(lists.get(row.customer, [])))


@given(some_wanted, st.integers(1, 20))
def test_a_perfect_list_scores_one(wanted, k):
    lists = {who: sorted(items) for who, items in wanted.items()}
    scores = ranking_scores(long_frame(lists), pairs(wanted), k=k).loc["recommended"]
    assert scores[["ndcg", "map", "mrr", "hit_rate"]].tolist() == pytest.approx([1.0] * 4)
    assert scores[["ndcg", "map"]].max() <= 1.0


def test_scores_stand_in_for_ranks_and_ties_keep_the_order_of_rows():
    lists, wanted = made()
    ranked = long_frame(lists)
    scored = ranked.assign(score=-ranked["rank"] / 7.0).drop(columns="rank")
    assert_frame_equal(
        ranking_scores(scored.sample(frac=1, random_state=0), pairs(wanted)),
        ranking_scores(ranked, pairs(wanted)),
    )
    assert_frame_equal(
        ranking_scores(ranked.assign(rank=1), pairs(wanted)), ranking_scores(ranked, pairs(wanted))
    )


def test_gaps_in_ranks_are_no_places():
    assert_frame_equal(
        ranking_scores(SHOWN.assign(rank=SHOWN["rank"] * 10), BOUGHT, k=3),
        ranking_scores(SHOWN, BOUGHT, k=3),
    )


def test_several_recommenders_are_rows():
    turned = SHOWN.assign(rank=-SHOWN["rank"])
    table = ranking_scores({"one": SHOWN, "turned": turned}, BOUGHT, k=1)
    assert table.index.tolist() == ["one", "turned"]
    assert table["hit_rate"].tolist() == pytest.approx([1 / 3, 0.0])


def test_the_order_of_rows_and_of_ids_is_free():
    lists, wanted = made()
    shown, bought = long_frame(lists), pairs(wanted)
    expected = ranking_scores(shown, bought)
    again = bought.sample(frac=1, random_state=1)
    assert_frame_equal(ranking_scores(shown.sample(frac=1, random_state=2), again), expected)
    words = {"customer": lambda t: "c" + t["customer"].astype(str)}
    assert_frame_equal(ranking_scores(shown.assign(**words), again.assign(**words)), expected)


def test_customers_come_in_the_order_of_their_first_row():
    bought = pd.DataFrame({"customer": [7, 3, 7, 5], "item": [1, 1, 2, 1]})
    shown = pd.DataFrame({"customer": [5], "item": [1], "rank": [1]})
    each = ranking_scores_by_customer(shown, bought)
    assert each["customer"].tolist() == [7, 3, 5]
    assert each["hit_rate"].tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind):
    turn = FRAMES[kind]
    got = ranking_scores_by_customer(turn(SHOWN), turn(BOUGHT), k=3, weight="amount")
    expected = ranking_scores_by_customer(SHOWN, BOUGHT, k=3, weight="amount")
    assert_frame_equal(to_pandas(got), expected, check_dtype=False)
    assert type(got) is not pd.DataFrame or kind == "pandas"
    assert_frame_equal(
        ranking_scores(turn(SHOWN), turn(BOUGHT), k=3), ranking_scores(SHOWN, BOUGHT, k=3)
    )


def test_ids_keep_their_type():
    lists, wanted = made()
    shown, bought = long_frame(lists), pairs(wanted)
    expected = ranking_scores(shown, bought)
    for kind in ("int32", "Int64", "category", "str"):
        typed = bought.astype({"customer": kind, "item": kind})
        lists_typed = shown.astype({"customer": kind, "item": kind})
        if kind == "category":
            typed = bought.astype("str").astype("category")
            lists_typed = shown.astype({"customer": "str", "item": "str"})
        assert_frame_equal(ranking_scores(lists_typed, typed), expected)
        each = ranking_scores_by_customer(lists_typed, typed)
        assert each["customer"].dtype == typed["customer"].dtype


def test_input_is_untouched():
    shown, bought = SHOWN.copy(deep=True), BOUGHT.copy(deep=True)
    ranking_scores(shown, bought, weight="amount", known=bought)
    assert_frame_equal(shown, SHOWN)
    assert_frame_equal(bought, BOUGHT)


def test_an_empty_list_of_recommendations_scores_zero():
    scores = ranking_scores(SHOWN.head(0), BOUGHT).loc["recommended"]
    assert scores[ACCURACY].tolist() == [0.0] * 6
    assert scores["n_without_list"] == 3


def test_strangers_are_told():
    with pytest.warns(DataWarning, match="'recommended' has lists for 2 customers, none of whom"):
        scores = ranking_scores(
            SHOWN[SHOWN["customer"] != "ann"].assign(customer=["p", "p", "q"]), BOUGHT
        )
    assert scores["ndcg"].item() == 0.0


@pytest.mark.parametrize(
    ("shown", "bought", "asked", "text"),
    [
        (SHOWN, BOUGHT, {"k": 0}, "k must be a whole number of at least 1, got 0"),
        (SHOWN, BOUGHT.head(0), {}, "`relevant` has no rows"),
        (SHOWN, BOUGHT[["customer"]], {}, "needs a column of customers and one of items"),
        (SHOWN, BOUGHT, {"item": "product"}, "column 'product' not found"),
        (SHOWN, BOUGHT, {"item": "customer"}, "customer and item are both 'customer'"),
        (SHOWN.drop(columns="rank"), BOUGHT, {}, "need a column 'rank'"),
        (SHOWN.assign(rank=np.nan), BOUGHT, {}, "'rank' has 6 NaN"),
        (SHOWN.assign(item="x"), BOUGHT, {}, "names 3 items a second time for the same customer"),
        (SHOWN.assign(item=1), BOUGHT, {}, "'item' holds whole numbers in one frame and text"),
        (SHOWN.assign(customer=1.5), BOUGHT, {}, "'customer' is float64"),
        (SHOWN.assign(item=[None, *"yzzwx"]), BOUGHT, {}, "'item' has 1 missing ids .first at"),
        (SHOWN, BOUGHT.assign(amount=-1.0), {"weight": "amount"}, "'amount' has 5 weights that"),
        (SHOWN, BOUGHT, {"weight": "money"}, "column 'money' not found"),
        (SHOWN, BOUGHT, {"catalogue": ["x", "y"]}, "2 items that are not in the catalogue of 2"),
        (SHOWN, BOUGHT, {"catalogue": []}, "catalogue must hold one id an item"),
        ({}, BOUGHT, {}, "no recommendations are given"),
        (SHOWN, BOUGHT, {"features": BOUGHT[["item"]].head(2)}, "no column describes the items"),
        (SHOWN, BOUGHT, {"features": BOUGHT[["item", "amount"]]}, "an item has several rows"),
    ],
)
def test_faults_are_told(shown, bought, asked, text):
    with pytest.raises(DataError, match=text):
        ranking_scores(shown, bought, **asked)
