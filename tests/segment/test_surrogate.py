"""Rules: a tree by hand, its words, and what is told of how well each holds."""

import numpy as np
import pytest

from crmkit.segment._surrogate import (
    fidelity,
    fit_tree,
    number,
    rules_of,
    shortest_between,
    tree_matrix,
)

COLUMNS = [
    {"name": "n_orders", "kind": "number", "levels": [], "whole": True},
    {"name": "channel", "kind": "category", "levels": ["shop", "web"], "whole": False},
]


def test_rules_by_hand():
    x = np.array([[1, 1], [2, 2], [1, 1], [9, 1], [8, 1], [8, 2], [9, 2], [9, 2]], dtype=float)
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    tree = fit_tree(x, COLUMNS, labels, 4)
    assert fidelity(tree, tree_matrix(x, COLUMNS), labels) == 1.0
    told = rules_of(tree, COLUMNS)
    assert dict(zip(told["rule"], told["segment"], strict=True)) == {
        "n_orders <= 5": 0,
        "n_orders >= 6 and channel is shop": 1,
        "n_orders >= 6 and channel is not shop": 2,
    } or dict(zip(told["rule"], told["segment"], strict=True)) == {
        "n_orders <= 5": 0,
        "n_orders >= 6 and channel is not web": 1,
        "n_orders >= 6 and channel is web": 2,
    }
    assert told["precision"] == [1.0] * 3
    assert told["coverage"] == [1.0] * 3
    assert sum(told["share_of_customers"]) == pytest.approx(1.0)


def test_a_rule_that_errs_tells_how_often():
    x = np.column_stack([np.repeat([1.0, 9.0], 5), np.ones(10)])
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    told = rules_of(fit_tree(x, COLUMNS, labels, 1), COLUMNS)
    by = dict(
        zip(told["segment"], zip(told["precision"], told["coverage"], strict=True), strict=True)
    )
    assert by[0] == (pytest.approx(0.8), pytest.approx(1.0))
    assert by[1] == (pytest.approx(1.0), pytest.approx(5 / 6))


def test_nodes_below_which_all_is_one_segment_are_one_rule():
    told = rules_of(fit_tree(np.ones((6, 2)), COLUMNS, np.zeros(6, dtype=int), 4), COLUMNS)
    assert told["rule"] == ["everybody"]


def test_one_whole_number_is_told_as_such():
    x = np.column_stack([np.repeat([1.0, 2.0, 3.0], 4), np.ones(12)])
    told = rules_of(fit_tree(x, COLUMNS, np.repeat([0, 1, 0], 4), 3), COLUMNS)
    assert "n_orders = 2" in told["rule"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.123456, "0.123456"),
        (-887.94, "-887.94"),
        (1234567.0, "1,234,567"),
        (1000.0, "1,000"),
        (2.5e-7, "2.5e-07"),
        (1e30, "1e+30"),
    ],
)
def test_numbers_for_reading_lose_no_digit(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("low", "high", "cut"),
    [(2.0, 3.0, 2.0), (0.0, 1.0, 0.5), (480.3, 530.9, 500.0), (17.04, 17.06, 17.05), (-1, 1, 0.0)],
)
def test_cuts_are_as_short_as_can_be(low, high, cut):
    found = shortest_between(low, high)
    assert low <= found < high
    assert found == pytest.approx(cut, abs=0.5 if low == 2.0 else 1e-12)


def test_neighbours_without_a_number_between_them_are_cut_at_the_lower():
    assert shortest_between(1.0, np.nextafter(1.0, 2.0)) == 1.0


def test_rules_say_what_was_measured_for_large_numbers_too():
    moment = 1_700_000_000.0 + 128.0 * np.arange(200)
    labels = (np.arange(200) >= 70).astype(int)
    columns = [{"name": "paid_at", "kind": "number", "levels": [], "whole": True}]
    told = rules_of(fit_tree(moment[:, None], columns, labels, 2), columns)
    rules = dict(zip(told["segment"], told["rule"], strict=True))
    bound = int(rules[1].removeprefix("paid_at >= ").replace(",", ""))
    assert moment[69] < bound <= moment[70]
    assert rules[0] == f"paid_at <= {bound - 1:,}"


def test_numbers_beyond_single_precision_are_no_infinity():
    assert np.isfinite(tree_matrix(np.array([[1e300, 1.0]]), COLUMNS)).all()
