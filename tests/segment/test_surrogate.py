"""Rules: a tree by hand, its words, and what is told of how well each holds."""

import numpy as np
import pytest

from crmkit.segment._surrogate import fidelity, fit_tree, number, rules_of, tree_matrix

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
    [(0.123456, "0.1235"), (887.94, "887.9"), (3123.4, "3,123"), (1234567.0, "1,235,000")],
)
def test_numbers_for_reading(value, text):
    assert number(value) == text


def test_numbers_beyond_single_precision_are_no_infinity():
    assert np.isfinite(tree_matrix(np.array([[1e300, 1.0]]), COLUMNS)).all()
