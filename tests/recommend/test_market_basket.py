"""MarketBasket: rules by hand and by brute force, significance, bundles, baskets at hand."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact, hypergeom

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend import MarketBasket, RerankedRecommender, WeightedHybrid
from crmkit.recommend import _baskets as baskets_file
from crmkit.recommend._association import adjusted, chance
from crmkit.recommend._baskets import frequent_pairs, frequent_triples
from crmkit.recommend._interactions import read_interactions
from crmkit.recommend._rule_mining import Limits, frequent_rules
from tests.contracts.frame_kinds import FRAMES, to_pandas

ORDERS = ["ac wp"] * 6 + ["ac fan"] * 2 + ["ac wp fan"] * 2 + ["fan lamp"] * 5 + ["tv"] * 15
SEEN = {"min_support": 2, "max_fdr": 1.0, "only_rules": True}
OFF = "2024-01-05"


def lines_of(orders, customer=None):
    rows = [(i, item) for i, items in enumerate(orders) for item in items.split()]
    frame = pd.DataFrame(rows, columns=["order", "item"])
    who = frame["order"] if customer is None else frame["order"].map(customer)
    return frame.assign(customer=who, day=pd.Timestamp(OFF))


def log_of(frame, **more):
    names = {"customer": "customer", "when": "day", "amount": None, "order": "order"}
    return EventLog(frame, **{**names, "item": "item", **more})


def fitted(orders=ORDERS, items=None, **more):
    return MarketBasket(**{**SEEN, **more}).fit(log_of(lines_of(orders)), items)


def rule_of(model, *items):
    table = model.rules(size=len(items))
    names = ["item", "and_item", "then_item"] if len(items) == 3 else ["item", "then_item"]
    found = table[(table[names] == list(items)).all(axis=1)]
    return found.iloc[0]


def among_others(orders, seed=0):
    """The orders with none to six of twenty other items, so that sizes say nothing of a set."""
    random = np.random.default_rng(seed)
    more = [random.choice(20, random.integers(0, 7), False) for _ in orders]
    return [" ".join([o, *(f"z{k}" for k in few)]) for o, few in zip(orders, more, strict=True)]


def test_measures_by_hand():
    rule = rule_of(fitted(), "ac", "wp")  # 10 with ac, 8 with wp, 8 with both, of 30
    assert rule["n_baskets"] == 8
    assert rule["support"] == pytest.approx(8 / 30)
    assert rule["confidence"] == pytest.approx(8 / 10)
    assert rule["lift"] == pytest.approx((8 / 10) / (8 / 30))
    assert rule["leverage"] == pytest.approx(8 / 30 - (10 / 30) * (8 / 30))
    assert rule_of(fitted(), "wp", "ac")["confidence"] == 1.0


def test_p_values_are_those_of_fisher_adjusted_for_all_pairs_that_could_be():
    model = fitted(max_size=2)
    assert model.n_tests_ == [5 * 4 // 2]  # ac, wp, fan, lamp, tv are all frequent
    tables = {
        ("ac", "wp"): [[8, 2], [0, 20]],
        ("fan", "lamp"): [[5, 4], [0, 21]],
        ("ac", "fan"): [[4, 6], [5, 15]],
    }
    raw = [fisher_exact(t, alternative="greater").pvalue for t in tables.values()]
    expected = false_discovery_control([*raw, *[1.0] * 7])
    for pair, p in zip(tables, expected, strict=False):
        assert rule_of(model, *pair)["p_value"] == pytest.approx(p, rel=1e-9)


def test_only_rules_beyond_chance_are_kept():
    random = np.random.default_rng(0)
    orders = [
        " ".join(f"i{k}" for k in np.flatnonzero(random.random(12) < 0.3)) for _ in range(400)
    ]
    independent = [o for o in orders if o]
    assert len(fitted(independent, max_fdr=0.05).rules()) == 0
    assert len(fitted(independent).rules()) > 5
    joined = independent + ["new_a new_b"] * 8
    rules = fitted(joined, max_fdr=0.05).rules()
    assert set(rules["item"]) == {"new_a", "new_b"}


def brute(orders, least):
    """Counts of all sets of one to three items, by counting."""
    held = [frozenset(o.split()) for o in orders if o.split()]
    items = sorted(set().union(*held))
    counts = {}
    for size in (1, 2, 3):
        for some in combinations(items, size):
            n = sum(set(some) <= h for h in held)
            if n >= (least if size > 1 else 1):
                counts[some] = n
    return counts, len(held)


basket = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=5).map(" ".join)


@settings(max_examples=40)
@given(st.lists(basket, min_size=3, max_size=40), st.integers(2, 4), st.booleans())
def test_rules_are_those_of_brute_force(orders, least, small_blocks):
    counts, n = brute(orders, least)
    size_of_block = 1 if small_blocks else baskets_file.BLOCK_ENTRIES
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baskets_file, "BLOCK_ENTRIES", size_of_block)
        model = fitted(orders, min_support=least, max_fdr=1.0)
    assert model.n_baskets_ == n
    raw, keys = [], []
    frequent = {k: v for k, v in counts.items() if len(k) > 1}
    for some, k in frequent.items():
        if len(some) == 2:
            raw.append(fisher(k, n, counts[some[:1]], counts[some[1:]]))
            keys.append((some, some[1]))
    for some, k in frequent.items():
        for then in some if len(some) == 3 else ():
            a, b = (i for i in some if i != then)
            n_ab = counts[(a, b)]
            parts = [
                fisher(k, n, n_ab, counts[(then,)]),
                fisher(k, counts[(a,)], n_ab, counts[tuple(sorted((a, then)))]),
                fisher(k, counts[(b,)], n_ab, counts[tuple(sorted((b, then)))]),
            ]
            raw.append(max(parts))
            keys.append((some, then))
    often = sum(v >= least for k, v in counts.items() if len(k) == 1)
    n_pairs = sum(len(k) == 2 for k in frequent)
    n_tests = [often * (often - 1) // 2, n_pairs * max(often - 2, 0)]
    assert model.n_tests_ == n_tests
    parts = [
        adjusted(np.array(raw[:n_pairs]), n_tests[0]),
        adjusted(np.array(raw[n_pairs:]), n_tests[1]),
    ]
    q = dict(zip(keys, np.concatenate(parts), strict=True))
    expected, told = {}, chances(orders, least)
    for (some, then), p in q.items():
        for last in some if len(some) == 2 else (then,):
            first = tuple(i for i in some if i != last)
            lift = counts[some] * n / (counts[first] * counts[(last,)])
            by_chance = told[(*first, last)]
            assert by_chance >= counts[some] / lift * (1 - 1e-9)
            if counts[some] > by_chance:
                numbers = counts[some] / counts[first], lift, counts[some] / by_chance
                expected[(*first, last)] = (*numbers, (counts[some] - by_chance) / n, p)
    got = {}
    for size in (2, 3):
        table = model.rules(size=size)
        names = ["item", "and_item", "then_item"] if size == 3 else ["item", "then_item"]
        for row in table.to_dict("records"):
            measures = ["confidence", "lift", "adjusted_lift", "leverage", "p_value"]
            got[tuple(row[name] for name in names)] = [row[name] for name in measures]
    assert set(got) == set(expected)
    for key, (*numbers, least_p) in expected.items():
        np.testing.assert_allclose(got[key][:-1], numbers, rtol=1e-9)
        assert got[key][-1] >= least_p * (1 - 1e-9)  # sizes of baskets only raise chance


def chances(orders, least):
    """Expected baskets of all frequent sets, kept or not."""
    held = [sorted(set(o.split())) for o in orders if o.split()]
    items = sorted(set().union(*held))
    matrix = sp.csr_matrix(np.array([[i in h for i in items] for h in held], dtype=np.int32))
    rules, _ = frequent_rules(matrix, Limits(least, 0.0, 1.0, 3, 10**6), "test")
    parts = zip(rules.left, rules.second, rules.right, rules.expected, strict=True)
    return {
        tuple(items[place] for place in places if place >= 0): expected
        for *places, expected in parts
    }


def fisher(k, n, n_left, n_right):
    table = [[k, n_left - k], [n_right - k, n - n_left - n_right + k]]
    return fisher_exact(table, alternative="greater").pvalue


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 30))
def test_adjustment_is_that_of_scipy_with_the_tests_not_told_at_one(p, more):
    expected = false_discovery_control([*p, *[1.0] * more])[: len(p)]
    np.testing.assert_allclose(adjusted(np.array(p), len(p) + more), expected, rtol=1e-12)


def test_tails_are_exact_far_out():
    p = chance(np.array([50]), np.array([2.5]), np.array([50]), np.array([50]))
    assert p[0] == pytest.approx(1.0556e-85, rel=1e-3)  # 1 / (1000 choose 50)
    p = chance(np.array([9]), np.array([4.0]), np.array([20]), np.array([30]))
    assert p[0] == pytest.approx(hypergeom.sf(8, 150, 20, 30))  # 20 * 30 / 150 = 4


def test_offers_follow_the_best_rule_of_the_basket_at_hand():
    model = fitted()
    hand = pd.DataFrame({"customer": [77, 77, 78, 79], "item": ["ac", "lamp", "wp", "tv"]})
    offers = model.recommend(history=hand, explain=True)
    own = offers[offers["customer"] == 77].set_index("item")["score"]
    assert own["wp"] == pytest.approx(0.8)
    assert own["fan"] == 1.0  # lamp -> fan
    assert "ac" not in own.index
    assert "lamp" not in own.index
    assert offers[offers["customer"] == 78]["item"].tolist()[0] == "ac"
    assert 79 not in set(offers["customer"])
    reasons = offers.set_index(["customer", "item"])["reason"]
    assert reasons[(77, "wp")] == "because you bought ac"
    assert reasons[(77, "fan")] == "because you bought lamp"


def test_best_sellers_follow_the_rules_and_say_so():
    hand = pd.DataFrame({"customer": [77, 78], "item": ["ac", "tv"]})
    offers = fitted(only_rules=False).recommend(history=hand)
    own = offers[offers["customer"] == 77]
    assert own["item"].tolist() == ["wp", "fan", "tv", "lamp"]
    assert own["source"].tolist() == ["fold-in", "fold-in", "popular", "popular"]
    assert (own["score"] > 0).tolist() == [True, True, False, False]
    assert set(offers[offers["customer"] == 78]["source"]) == {"popular"}


def test_two_items_lead_where_they_tell_more_than_each():
    orders = ["a b c"] * 30 + ["a"] * 40 + ["b"] * 40 + ["a c"] * 5 + ["b c"] * 5 + ["c"] * 20
    model = fitted(among_others(orders + ["d"] * 60), max_fdr=0.05)
    rule = rule_of(model, "a", "b", "c")
    assert rule["confidence"] == 1.0
    hand = pd.DataFrame({"customer": [1, 1], "item": ["a", "b"]})
    offer = model.recommend(history=hand, explain=True).iloc[0]
    assert offer[["item", "score"]].tolist() == ["c", 1.0]
    assert offer["reason"] == "because you bought a, b"
    needless = ["a b c"] * 30 + ["a c"] * 30 + ["b"] * 30 + ["d"] * 60
    assert (
        len(fitted(among_others(needless), max_fdr=0.05).rules(size=3).query("then_item == 'c'"))
        == 0
    )


def test_the_basket_is_the_last_day_or_the_whole_history():
    frame = lines_of(ORDERS)
    old = pd.DataFrame({"customer": [7, 7], "item": ["lamp", "wp"], "order": [90, 91]})
    days = pd.to_datetime(["2024-01-02", "2024-01-04"])
    log = log_of(pd.concat([frame.assign(customer=1), old.assign(day=days)]))
    last = MarketBasket(**SEEN).fit(log).recommend([7])["item"].tolist()
    every = MarketBasket(**SEEN, whole_history=True).fit(log).recommend([7])["item"].tolist()
    assert "fan" not in last
    assert "fan" in every


def test_bundles_are_apart_and_named():
    names = pd.DataFrame({"item": ["ac", "wp", "fan"], "name": ["空调", "净水器", "风扇"]})
    model = fitted(items=names)
    bundles = model.bundles(5)
    assert bundles["bundle"].tolist() == ["空调 + 净水器", "风扇 + lamp"]
    assert bundles[["item", "and_item"]].to_numpy().tolist() == [["ac", "wp"], ["fan", "lamp"]]
    assert bundles["leverage"].iloc[0] == pytest.approx(8 / 30 - 10 / 30 * 8 / 30)
    assert bundles["lift"].iloc[0] == pytest.approx(3.0)
    assert len(model.bundles(5, overlap=True)) == 3
    assert len(model.bundles(1)) == 1


def test_bundles_of_three_need_all_three():
    orders = ["a b c"] * 36 + ["a", "b", "c"] * 12 + ["a b", "b c", "a c"] * 3 + ["d"] * 120
    model = fitted(among_others(orders), max_fdr=0.05)
    table = model.bundles(size=3)
    assert table[["item", "and_item", "and_third_item"]].to_numpy().tolist() == [["a", "b", "c"]]
    n = len(orders)
    assert table["n_baskets"].item() == 36
    assert table["lift"].item() == pytest.approx((36 / n) / (54 / n) ** 3)
    rules = model.rules(3)
    assert table["expected"].item() == rules["expected"].max() >= 39 * 54 / n
    assert table["leverage"].item() == pytest.approx((36 - rules["expected"].max()) / n)
    assert table["adjusted_lift"].item() == pytest.approx(rules["adjusted_lift"].min())
    assert table["bundle"].item() == "a + b + c"


def test_without_orders_a_basket_is_a_day_of_a_customer():
    frame = lines_of(ORDERS)
    by_order, by_day = fitted(), MarketBasket(**SEEN).fit(log_of(frame, order=None))
    assert (by_order.basket_, by_day.basket_) == ("order", "customer and day")
    pd.testing.assert_frame_equal(by_day.rules(), by_order.rules())  # a customer an order here
    one = frame.assign(customer=1)
    assert MarketBasket(**SEEN).fit(log_of(one)).n_baskets_ == len(ORDERS)
    assert MarketBasket(**SEEN).fit(log_of(one, order=None)).n_baskets_ == 1


def test_lines_without_an_order_are_together_by_customer_and_day():
    frame = lines_of(["a b", "a c", "b"])
    frame["order"] = pd.array([0, 0, None, None, 2], dtype="Int64")
    model = MarketBasket(**SEEN).fit(log_of(frame.assign(customer=[1, 1, 2, 2, 3])))
    assert model.n_baskets_ == 3
    frame["day"] = pd.to_datetime([OFF, OFF, OFF, "2024-01-06", OFF])
    model = MarketBasket(**SEEN).fit(log_of(frame.assign(customer=[1, 1, 2, 2, 3])))
    assert model.n_baskets_ == 4


def test_a_member_of_another_model_reads_orders_too():
    frame = lines_of(ORDERS).assign(customer=1)  # one customer, one day: only orders part baskets
    alone = MarketBasket(**SEEN).fit(log_of(frame))
    hybrid = WeightedHybrid([MarketBasket(**SEEN)], weights=[1]).fit(log_of(frame))
    reranked = RerankedRecommender(MarketBasket(**SEEN)).fit(log_of(frame))
    for model in (hybrid.members_[0], reranked.base_):
        assert (model.basket_, model.n_baskets_) == ("order", len(ORDERS))
        for name, part in alone.rules_.items():
            np.testing.assert_array_equal(model.rules_[name], part)
    pd.testing.assert_frame_equal(reranked.similar_items(), alone.similar_items())
    assert len(alone.similar_items()) > 0


def test_orders_are_known_up_to_an_inner_window():
    frame = pd.concat([lines_of(["a b", "a b", "c"]), lines_of(["a c"]).assign(day="2024-01-06")])
    frame = frame.assign(order=[0, 0, 1, 1, 2, 9, 9], customer=7, day=pd.to_datetime(frame["day"]))
    log = log_of(frame)
    known = read_interactions(log, log.cutoff(None), "test")
    model = MarketBasket(**SEEN)
    model._learn(known.before(known.last_day), None)
    assert (model.basket_, model.n_baskets_) == ("order", 3)
    assert known.of_customers(np.array([0])).lines.order.tolist() == known.lines.order.tolist()
    more = known.with_items(np.array(["Z"]))  # before the others: places move
    assert more.items[more.lines.item].tolist() == known.items[known.lines.item].tolist()
    assert "lines" not in known.state()


def test_frames_come_back_as_they_came():
    expected = fitted(), lines_of(ORDERS)
    for convert in FRAMES.values():
        model = MarketBasket(**SEEN).fit(log_of(convert(expected[1])))
        for table, own in (
            (model.rules(), expected[0].rules()),
            (model.rules(size=3), expected[0].rules(size=3)),
            (model.bundles(), expected[0].bundles()),
        ):
            assert type(table) is type(convert(expected[1]))
            pd.testing.assert_frame_equal(to_pandas(table), own, check_dtype=False)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_support": 1}, "min_support must be a whole number of at least 2"),
        ({"min_support": 0.0}, "min_support must be a number between 0 and 1"),
        ({"min_support": 2.5}, "min_support must be a whole number of at least 2"),
        ({"min_confidence": 1.5}, "min_confidence must be at most 1"),
        ({"max_fdr": 0}, "max_fdr must be a finite number above 0"),
        ({"max_fdr": 1.1}, "max_fdr must be at most 1"),
        ({"max_size": 4}, "max_size must be 2 or 3, got 4"),
        ({"by": "lifts"}, "by must be one of .* Did you mean 'lift'"),
        ({"whole_history": 1}, "whole_history must be True or False"),
        (
            {"max_sets": 1},
            "more than 1 pairs of items are in at least 2 baskets. Raise min_support",
        ),
    ],
)
def test_parameters_are_checked(given, message):
    with pytest.raises(DataError, match=f"MarketBasket: {message}"):
        fitted(**given)


def test_questions_are_checked():
    model = fitted()
    for call, message in (
        (lambda: model.rules(size=4), "size must be 2 or 3, got 4"),
        (lambda: model.rules(by="p"), "by must be one of"),
        (lambda: model.bundles(0), "n must be a whole number"),
        (lambda: model.bundles(overlap="no"), "overlap must be True or False"),
    ):
        with pytest.raises(DataError, match=f"MarketBasket: {message}"):
            call()
    with pytest.raises(DataError, match="fitted with max_size=2 and knows no rules of three"):
        fitted(max_size=2).bundles(size=3)
    taken = lines_of(ORDERS).rename(columns={"item": "support"})
    with pytest.raises(DataError, match="column 'support' is called like one of the answer"):
        MarketBasket(**SEEN).fit(log_of(taken, item="support")).rules()


def test_a_shop_without_any_rule_answers_with_nothing():
    model = fitted(["a", "b", "c"] * 3)
    assert len(model.rules()) == len(model.rules(size=3)) == len(model.bundles()) == 0
    assert len(model.recommend()) == 0


def test_many_sets_are_refused_before_they_fill_the_memory():
    matrix = sp.csr_matrix(np.ones((4, 30), dtype=np.int32))
    with pytest.raises(DataError, match="more than 100 pairs of items are in at least 2 baskets"):
        frequent_pairs(matrix, 2, 100, "Test")
    pairs = frequent_pairs(matrix, 2, 1000, "Test")
    assert pairs.shape == (3, 435)
    with pytest.raises(DataError, match="more than 1,000 triples"):
        frequent_triples(matrix, pairs, 2, 1000, "Test")
