"""Baskets: cents by hand, copying rule, choice against its formula, returns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crmkit.datasets._baskets import _copied_line, draw_lines, draw_returns, split_cents
from crmkit.datasets._parameters import population
from crmkit.datasets._purchases import Orders
from tests.datasets.test_catalogue import plain


def numbers(**given):
    return population("pareto_nbd", given) | {"n_clusters": 2.0}


def orders(customer, day):
    customer = np.asarray(customer)
    return Orders(customer, np.asarray(day, dtype=float), np.full(customer.max() + 1, np.nan))


def test_cents_by_hand():
    cents = split_cents(
        np.array([10.0, 0.05, 7.777]), np.array([0, 0, 0, 1, 1, 2]), np.array([1.0, 1, 2, 1, 3, 9])
    )
    # free cents 997 at 1/4, 2/4: upper 249, 498, 997; free 3 at 1/4: 0, 3; 778 as they are
    assert cents.tolist() == [250, 250, 500, 1, 4, 778]


def test_every_line_costs_a_cent_at_least():
    assert split_cents(np.array([0.01]), np.zeros(3, np.int64), np.ones(3)).tolist() == [1, 1, 1]


baskets = st.lists(
    st.tuples(st.floats(0.5, 1e5), st.lists(st.floats(0.01, 1e4), min_size=1, max_size=8)),
    min_size=1,
    max_size=20,
)


@given(baskets)
def test_lines_always_sum_to_the_order(drawn):
    value = np.array([v for v, _ in drawn])
    order = np.repeat(np.arange(len(drawn)), [len(w) for _, w in drawn])
    weight = np.concatenate([w for _, w in drawn])
    cents = split_cents(value, order, weight)
    assert cents.min() >= 1
    assert np.bincount(order, weights=cents).tolist() == np.rint(100 * value).tolist()
    share = weight / np.bincount(order, weights=weight)[order]
    assert np.abs(cents - share * 100 * value[order]).max() <= len(cents) + 2


def test_the_kth_of_m_lines_is_copied_with_2k_minus_1_over_m_squared():
    n = 20_000
    customer = np.repeat(np.arange(n), 4)
    count = np.ones(4 * n, np.int64)
    source = _copied_line(np.random.default_rng(0), customer, count, np.arange(4 * n), 0.95)
    second = source.reshape(n, 4)[:, 1] - 4 * np.arange(n)
    counts = np.bincount(second, minlength=2)
    assert stats.chisquare(counts, np.array([0.95, 0.05]) * n).pvalue > 1e-4
    # third line: own with .05, line 1 with .95 * 3/4 of lines that are themselves copies of 0
    third = np.bincount(source.reshape(n, 4)[:, 2] - 4 * np.arange(n), minlength=3)
    one = 0.95 * 0.75 * 0.05
    assert stats.chisquare(third, np.array([0.95 - one, one, 0.05]) * n).pvalue > 1e-4


def test_first_orders_copy_nothing_and_no_line_copies_its_own_order():
    customer = np.array([0, 0, 1, 1])
    count = np.array([2, 3, 1, 2])
    order = np.repeat(np.arange(4), count)
    for seed in range(50):
        source = _copied_line(np.random.default_rng(seed), customer, count, order, 0.95)
        assert source[[0, 1, 5]].tolist() == [0, 1, 5]
        assert set(source[2:5]) <= {0, 1, 2, 3, 4}
        later = source[2:5][source[2:5] != np.arange(2, 5)]
        assert (later < 2).all()
        assert all(s in (5, i) for i, s in zip((6, 7), source[6:8], strict=True))


def test_choice_follows_appeal_and_taste():
    n = 30_000
    shop = plain(cluster=np.array([0, 1, 1]))
    taste = np.repeat([0, 1], n // 2)
    lines = draw_lines(
        np.random.default_rng(1),
        orders(np.arange(n), np.zeros(n)),
        np.full(n, 20.0),
        taste,
        shop,
        numbers(lines=1, taste=5, loyalty=0),
    )
    for group, weights in ((0, [5, 2, 4]), (1, [1, 10, 20])):
        counts = np.bincount(lines.product[taste[lines.order] == group], minlength=3)
        expected = np.array(weights) / sum(weights) * n / 2
        assert stats.chisquare(counts, expected).pvalue > 1e-4


def test_choice_follows_the_week():
    n = 20_000
    shop = plain(launched=np.array([-10, 14, 700]))
    day = np.tile([13.99, 14.0], n // 2)
    lines = draw_lines(
        np.random.default_rng(2),
        orders(np.arange(n), day),
        np.full(n, 20.0),
        np.zeros(n, np.int64),
        shop,
        numbers(lines=1, novelty=3, loyalty=0),
    )
    before = lines.product[day[lines.order] < 14]
    after = np.bincount(lines.product[day[lines.order] >= 14], minlength=3)
    assert (before == 0).all()
    assert after[2] == 0
    assert stats.chisquare(after[:2], np.array([1, 8]) / 9 * n / 2).pvalue > 1e-4


def test_number_of_lines_and_quantities():
    n = 20_000
    rng = np.random.default_rng(3)
    many = 500
    shop = plain(
        **dict.fromkeys(("category", "subcategory", "noun", "style", "use", "brand", "cluster"),
                        np.zeros(many, np.int64)),
        price=np.full(many, 5.0), appeal=np.ones(many), season_peak=np.full(many, np.nan),
        season_strength=np.zeros(many), launched=np.full(many, -1), log_trend=np.zeros((1, many)),
    )  # fmt: skip
    lines = draw_lines(
        rng,
        orders(np.arange(n), np.zeros(n)),
        np.full(n, 100.0),
        np.zeros(n, np.int64),
        shop,
        numbers(lines=3, loyalty=0),
    )
    per_order = np.bincount(lines.order)
    assert per_order.min() == 1
    assert abs(per_order.mean() - 3) < 0.05  # less some pairs alike: 3 / 500 on average
    spent = np.bincount(lines.order, weights=5.0 * lines.quantity)
    few = per_order == 2
    assert abs(spent[few].mean() - 100) < 1


def test_a_product_is_in_an_order_once():
    n = 2_000
    lines = draw_lines(
        np.random.default_rng(4),
        orders(np.repeat(np.arange(n // 4), 4), np.tile([0.0, 1, 2, 3], n // 4)),
        np.full(n, 30.0),
        np.zeros(n // 4, np.int64),
        plain(),
        numbers(lines=5),
    )
    pairs = lines.order * 3 + lines.product
    assert len(np.unique(pairs)) == len(pairs)
    assert set(np.bincount(lines.order)) == {1, 2, 3}


def test_returns_come_1_to_30_days_later_and_before_the_end():
    day = np.linspace(0, 99.9, 50_000)
    chosen, back = draw_returns(np.random.default_rng(5), day, 0.2, 100.0)
    wait = back - day[chosen]
    assert (wait.min() >= 1, wait.max() <= 30, back.max() < 100) == (True, True, True)
    early = day < 70
    assert abs(np.isin(np.flatnonzero(early), chosen).mean() - 0.2) < 0.01
    assert draw_returns(np.random.default_rng(5), day, 0.0, 100.0)[0].size == 0


@pytest.mark.parametrize("share", [1.0])
def test_all_orders_can_come_back(share):
    chosen, _ = draw_returns(np.random.default_rng(6), np.zeros(100), share, 100.0)
    assert chosen.tolist() == list(range(100))
