"""Runs by hand and against groups of Python."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit._runs import fresh_rows, runs

PAIRS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2))).map(sorted)


def test_by_hand():
    customer, day = np.array([1, 1, 1, 2, 2]), np.array([5, 5, 6, 6, 6])
    assert fresh_rows(customer).tolist() == [True, False, False, True, False]
    assert fresh_rows(customer, day).tolist() == [True, False, True, True, False]
    first, lengths = runs(fresh_rows(customer, day))
    assert (first.tolist(), lengths.tolist()) == ([0, 2, 3], [2, 1, 2])


@given(PAIRS)
def test_runs_are_the_groups_of_equal_rows(pairs):
    columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    first, lengths = runs(fresh_rows(*columns))
    groups = [(key, len(list(rows))) for key, rows in groupby(pairs)]
    assert [(pairs[row], n) for row, n in zip(first, lengths, strict=True)] == groups


@pytest.mark.parametrize("n", [0, 1])
def test_text_and_few_rows(n):
    first, lengths = runs(fresh_rows(np.array(["tea"] * n)))
    assert (first.tolist(), lengths.tolist()) == ([0] * n, [1] * n)
