"""The best n: the oracle is a full sort by falling score and item."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from crmkit.recommend._top_items import ranks, row_times_columns, top_entries, top_items

FEW = st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 2.0, 3.5])
SCORES = hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=FEW)


def full_sort(scores, n):
    found = []
    for row, line in enumerate(scores):
        order = np.lexsort((np.arange(len(line)), -line))[:n]
        found += [(row, item, line[item]) for item in order if line[item] > -np.inf]
    return found


def test_by_hand():
    scores = np.float32([[1, 3, 3, -np.inf, 2], [-np.inf, -np.inf, 0, -np.inf, -np.inf]])
    row, item, score = top_items(scores, 2)
    assert row.tolist() == [0, 0, 1]
    assert item.tolist() == [1, 2, 2]
    assert score.tolist() == [3, 3, 0]


@given(SCORES, st.integers(1, 12))
def test_dense_equals_a_full_sort(scores, n):
    before = scores.copy()
    assert list(zip(*top_items(scores, n), strict=True)) == full_sort(scores, n)
    assert np.array_equal(scores, before)


@given(SCORES, st.integers(1, 12))
def test_sparse_equals_dense(scores, n):
    there = scores > -np.inf
    row, item = np.nonzero(there)
    matrix = sp.csr_matrix((scores[there], (row, item)), shape=scores.shape)
    kept = np.ones(matrix.nnz, dtype=bool)
    assert list(zip(*top_entries(matrix, kept, n), strict=True)) == full_sort(scores, n)


@pytest.mark.parametrize("n_values", [2, 30, 10_000])
@pytest.mark.parametrize("n", [1, 3, 10, 40])
def test_long_rows_with_and_without_ties_equal_a_full_sort(n_values, n):
    rng = np.random.default_rng(n_values + n)
    scores = rng.integers(0, n_values, (5, 1003)).astype(np.float32)
    scores[rng.random(scores.shape) < 0.1] = -np.inf
    scores[1] = -np.inf
    scores[2, 7:] = -np.inf
    scores[3, :-2] = -np.inf
    assert list(zip(*top_items(scores, n), strict=True)) == full_sort(scores, n)


def test_nothing_to_choose_from():
    assert [len(part) for part in top_items(np.empty((2, 0), dtype=np.float32), 3)] == [0, 0, 0]
    assert [len(part) for part in top_items(np.empty((0, 2), dtype=np.float32), 3)] == [0, 0, 0]


def test_ranks_begin_anew_in_each_row():
    assert ranks(np.array([0, 0, 0, 2, 5, 5])).tolist() == [1, 2, 3, 1, 1, 2]
    assert ranks(np.array([], dtype=int)).tolist() == []


@pytest.mark.parametrize(("n_terms", "n_columns"), [(32, 501), (24, 26), (5, 3), (1, 1)])
@pytest.mark.parametrize("height", [1, 7, 63, 64])
def test_a_product_has_the_same_bits_wherever_its_row_stands(height, n_terms, n_columns):
    rng = np.random.default_rng(height)
    rows = rng.normal(size=(height, n_terms)).astype(np.float32)
    columns = rng.normal(size=(n_terms, n_columns)).astype(np.float32)
    whole = row_times_columns(rows, columns, np.empty((height, n_columns), dtype=np.float32))
    assert whole.shape == (height, n_columns)
    for i in range(height):
        assert np.array_equal(row_times_columns(rows[i : i + 1], columns)[0], whole[i])
        again = row_times_columns(rows[::-1], columns)
        assert np.array_equal(again[height - 1 - i], whole[i])
    np.testing.assert_allclose(whole, rows @ columns, rtol=1e-4, atol=1e-4)
