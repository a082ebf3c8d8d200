"""Chance with basket sizes kept: margins, lots by swapping, false finds, planted finds."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import EventLog
from crmkit.recommend import MarketBasket
from crmkit.recommend._basket_sizes import logistic, logit, raised, spread
from crmkit.recommend._rule_mining import Limits, frequent_rules

N_BASKETS, N_ITEMS = 1500, 60


def shop(seed=0):
    """Baskets of very different sizes, of items that sell very differently, without any order."""
    random = np.random.default_rng(seed)
    eager = np.exp(random.normal(-2.6, 1.1, N_BASKETS))
    liked = 3.0 / np.arange(1, N_ITEMS + 1) ** 0.7
    odds = np.outer(eager, liked)
    return (random.random(odds.shape) < odds / (1 + odds)).astype(np.int32)


def swapped(held, random, rounds):
    """The same margins by lot: pairs of baskets share out anew what only one of them holds."""
    held = held.copy()
    for _ in range(rounds):
        for one, other in random.permutation(len(held) // 2 * 2).reshape(-1, 2):
            differ = np.flatnonzero(held[one] != held[other])
            own = random.permutation(differ)[: held[one, differ].sum()]
            held[one, differ], held[other, differ] = 0, 1
            held[one, own], held[other, own] = 1, 0
    return held


def mined(held, **more):
    row, item = np.nonzero(held)
    lines = pd.DataFrame({"order": row, "item": item, "customer": row})
    log = EventLog(
        lines.assign(day=pd.Timestamp("2024-01-05")),
        customer="customer",
        when="day",
        amount=None,
        order="order",
        item="item",
    )
    return MarketBasket(**{"min_support": 15, **more}).fit(log)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(2, 8), st.floats(0.1, 0.9))
def test_items_keep_their_counts_and_baskets_their_sizes(seed, n, n_items, share):
    held = (np.random.default_rng(seed).random((n, n_items)) < share).astype(np.int32)
    held = held[held.sum(axis=1) > 0]
    found = spread(sp.csr_matrix(held))
    chance = found.chance[:, found.of_basket][found.level]
    assert chance.min(initial=0.0) >= 0
    assert chance.max(initial=0.0) <= 1
    np.testing.assert_allclose(chance.sum(axis=1), held.sum(axis=0), atol=0.02 * len(held) + 1e-9)
    np.testing.assert_allclose(chance.sum(axis=0), held.sum(axis=1), rtol=1e-6, atol=1e-6)


def test_items_of_all_baskets_and_baskets_of_all_items_are_certain():
    held = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1], [1, 0, 0, 1]])
    found = spread(sp.csr_matrix(held))
    chance = found.chance[:, found.of_basket][found.level]
    np.testing.assert_allclose(chance[0], 1.0)
    np.testing.assert_allclose(chance[:, 2], 1.0)
    np.testing.assert_allclose(chance[1:, [0, 1, 3]], 1 / 3, rtol=1e-6)
    meetings = found.meetings(np.array([0, 1]), np.array([1, 2]))
    np.testing.assert_allclose(meetings, [2, 1], rtol=1e-6)  # the one place left holds one of three


def test_alike_items_meet_as_often_as_counted():
    held = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 1]] * 3)
    found = spread(sp.csr_matrix(held))
    np.testing.assert_allclose(found.meetings(np.array([0]), np.array([3])), 12 * (2 * 1) / (4 * 3))


def test_pairs_and_triples_meet_as_they_do_by_lot():
    random = np.random.default_rng(1)
    held = shop()
    state = swapped(held, random, 10)
    pairs, three = np.zeros((N_ITEMS, N_ITEMS)), np.zeros(4)
    triples = [(0, 1, 2), (0, 3, 7), (2, 4, 5), (1, 6, 8)]
    by_size, rounds = np.zeros(4), 60
    for _ in range(rounds):
        state = swapped(state, random, 2)
        pairs += state.T @ state / rounds
        found = spread(sp.csr_matrix(state))
        for k, (a, b, c) in enumerate(triples):
            both = state[:, a] * state[:, b]
            three[k] += (both * state[:, c]).sum()
            size = np.bincount(found.of_basket[both > 0], minlength=len(found.sizes))
            by_size[k] += size @ found.beside(*np.array([[c], [a], [b]]))[0]
    a, c = np.triu_indices(N_ITEMS, 1)
    expected = spread(sp.csr_matrix(held)).meetings(a, c)
    assert expected.sum() == pytest.approx(
        (held.sum(axis=1) ** 2 - held.sum(axis=1)).sum() / 2, rel=0.01
    )
    often = expected > 20
    assert often.sum() > 50
    np.testing.assert_allclose((pairs[a, c] / expected)[often].mean(), 1.0, atol=0.02)
    np.testing.assert_allclose(pairs[a, c][often], expected[often], rtol=0.15)
    np.testing.assert_allclose(three / by_size, 1.0, atol=0.08)


def test_sizes_alone_make_no_rules():
    plain = 0
    for seed in range(4):
        held = shop(seed)
        model = mined(held, max_fdr=0.05)
        assert len(model.rules()) == 0
        assert len(model.rules(3)) == 0
        rules = mined(held, max_size=2, max_fdr=1.0).rules()
        plain += (rules["lift"] > 1.5).sum()
    assert plain > 500  # lift alone would have made as many


def test_false_rules_stay_within_the_rate_beside_true_ones():
    false = true = 0
    for seed in range(4):
        held = shop(seed)
        random = np.random.default_rng(seed + 100)
        for one, other in ((20, 21), (30, 31), (40, 41)):
            joined = random.random(N_BASKETS) < 0.03
            held[joined, one] = held[joined, other] = 1
        rules = mined(held, max_size=2).rules()
        planted = (rules["item"] // 10 == rules["then_item"] // 10) & rules["item"].isin(
            [20, 21, 30, 31, 40, 41]
        )
        true += planted.sum()
        false += (~planted).sum()
        assert rules["adjusted_lift"].iloc[0] > 1.5
    assert true == 4 * 3 * 2
    assert false <= 0.05 * (true + false) + 1


def test_chance_is_never_less_than_with_baskets_that_are_all_alike():
    baskets = sp.csr_matrix(shop())
    rules, _ = frequent_rules(baskets, Limits(15, 0.0, 1.0, 3, 10**6), "test")
    assert (rules.adjusted_lift <= rules.lift * (1 + 1e-12)).all()
    assert (rules.second >= 0).any()


def test_odds_are_raised_until_the_sum_is_right():
    random = np.random.default_rng(2)
    chance, weights = random.random((50, 7)), random.integers(0, 9, (50, 7)).astype(float)
    wanted = weights.sum(axis=1) * random.random(50)
    shift = raised(chance, weights, wanted)
    got = (weights * logistic(logit(chance) + shift[:, None])).sum(axis=1)
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)
    certain = raised(np.full((1, 2), 0.5), np.ones((1, 2)), np.array([2.0]))
    assert logistic(certain) == pytest.approx(1.0)
