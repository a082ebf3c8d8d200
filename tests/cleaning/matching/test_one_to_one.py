"""Links one to one: cases by hand, and the dense assignment of scipy as the oracle."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from crmkit.cleaning._matching._one_to_one import once, one_to_one


def links(*rows):
    left, right, values = (np.array(side) for side in zip(*rows, strict=True))
    places = one_to_one(left.astype(np.int64), right.astype(np.int64), values.astype(float))
    return [rows[place][:2] for place in places.tolist()]


def test_the_sum_counts_and_not_the_best_pair():
    assert links((0, 0, 9.0), (0, 1, 8.0), (1, 0, 8.0)) == [(0, 1), (1, 0)]
    assert links((0, 0, 9.0), (0, 1, 4.0), (1, 0, 4.0)) == [(0, 0)]


def test_a_pair_without_rivals_is_a_link():
    assert links((5, 2, 0.0), (0, 0, 3.0), (0, 1, 2.0)) == [(5, 2), (0, 0)]


def test_nobody():
    none = np.empty(0, dtype=np.int64)
    assert len(one_to_one(none, none, np.empty(0))) == 0


def test_numbers_that_occur_once():
    assert once(np.array([3, 1, 3, 0])).tolist() == [False, True, False, True]


@settings(max_examples=50)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 10_000))
def test_no_other_links_have_a_larger_sum(n, m, seed):
    random = np.random.default_rng(seed)
    table = np.where(random.random((n, m)) < 0.5, random.exponential(5.0, (n, m)), -1.0)
    left, right = np.nonzero(table >= 0)
    places = one_to_one(left, right, table[left, right])
    assert len(set(left[places])) == len(set(right[places])) == len(places)
    rows, columns = linear_sum_assignment(np.maximum(table, 0.0), maximize=True)
    best = np.maximum(table, 0.0)[rows, columns].sum()
    assert np.isclose(table[left, right][places].sum(), best)
