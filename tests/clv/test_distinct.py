"""Distinct rows: cases by hand, weights against repeated rows, order, and keys that overflow."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from crmkit.clv import _distinct
from crmkit.clv._distinct import distinct_rows, on_distinct, row_codes

TABLE = np.array([[2.0, 0.5], [0.0, 9.0], [2.0, 0.5], [0.0, 1.0], [2.0, 0.25]])

rows = st.lists(
    st.tuples(st.integers(0, 4), st.floats(0, 3), st.sampled_from([0.0, 0.1, 1e6])), min_size=1
)


def test_rows_by_hand():
    found = distinct_rows(TABLE)
    assert [column.tolist() for column in found.columns] == [[0, 0, 2, 2], [1, 9, 0.25, 0.5]]
    assert found.weight.tolist() == [1, 1, 1, 2]
    assert found.total == 5
    assert found.mean(0) == pytest.approx(6 / 5)


def test_sums_by_a_column_by_hand():
    found = distinct_rows(TABLE)
    values, customers, spend = found.by(0, found.weight, found.weight * found.columns[1])
    assert values.tolist() == [0, 2]
    assert customers.tolist() == [2, 3]
    assert spend.tolist() == [10, 1.25]


def test_blocks_hold_every_row_once(monkeypatch):
    monkeypatch.setattr(_distinct, "_BLOCK", 3)
    found = distinct_rows(TABLE)
    blocks = list(found.blocks())
    assert [len(block.weight) for block in blocks] == [3, 1]
    assert_array_equal(np.concatenate([b.columns[1] for b in blocks]), found.columns[1])


@given(rows, st.randoms(use_true_random=False))
def test_distinct_rows_are_the_groups_of_pandas_in_any_order(table, random):
    x = np.array(table, dtype=float)
    expected = pd.DataFrame(x).groupby([0, 1, 2]).size().reset_index(name="n").to_numpy()
    random.shuffle(table)
    for order in (x, np.array(table, dtype=float)):
        found = distinct_rows(order)
        assert_array_equal(np.column_stack([*found.columns, found.weight]), expected)


@given(rows, st.data())
def test_weights_are_repeated_rows(table, data):
    x = np.array(table, dtype=float)
    weight = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(x), max_size=len(x))))
    weighted = distinct_rows(x, weight.astype(float))
    repeated = distinct_rows(np.repeat(x, weight, axis=0))
    assert_array_equal(weighted.weight, repeated.weight)
    assert_array_equal(np.column_stack(weighted.columns), np.column_stack(repeated.columns))


@given(rows)
def test_codes_lead_back_to_the_rows(table):
    x = np.array(table, dtype=float)
    codes, first = row_codes(*x.T)
    assert_array_equal(x[first][codes], x)
    assert len(np.unique(x, axis=0)) == len(first)


def test_keys_too_large_for_64_bits_are_renumbered(monkeypatch):
    x = np.random.default_rng(0).integers(0, 9, (500, 4)) / 7.0
    expected = distinct_rows(x)
    monkeypatch.setattr(_distinct, "_LARGEST", 100)
    found = distinct_rows(x)
    assert_array_equal(np.column_stack(found.columns), np.column_stack(expected.columns))
    assert_array_equal(found.weight, expected.weight)


def test_a_function_sees_each_row_once():
    seen = []

    def product(a, b):
        seen.append(len(a))
        return a * b

    assert on_distinct(product, *TABLE.T).tolist() == [1, 0, 1, 0, 0.5]
    assert seen == [4]
