"""Rounding is forgiven: equal values are one value, edges give way by a last bit and no more."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crmkit.segment._rounding import ROUNDING, above, below, distinct


def test_values_that_rounding_parts_are_one():
    known, n = distinct(np.array([0.6, 0.6000000000000001, -0.6, -0.6000000000000001, 0.0, 0.601]))
    assert known.tolist() == [-0.6000000000000001, 0.0, 0.6, 0.601]
    assert n.tolist() == [2, 1, 2, 1]
    assert [part.tolist() for part in distinct(np.empty(0))] == [[], []]


def test_numbers_at_the_end_of_the_line():
    ends = np.array([-np.inf, -1.7e308, 0.0, 1.7e308, np.inf])
    assert (below(ends) <= ends).all()
    assert (above(ends) >= ends).all()
    assert distinct(ends[1:-1])[1].tolist() == [1, 1, 1]
    assert above(np.array([np.finfo(float).max])).tolist() == [np.inf]


@given(st.integers(-(10**6), 10**6), st.lists(st.floats(0.01, 1e6), min_size=1, max_size=50))
def test_sums_in_any_order_stand_on_the_same_side(seed, parts):
    shuffled = np.random.default_rng(abs(seed)).permutation(parts)
    one, other = sum(parts), float(sum(shuffled))
    assert below(np.array(one)) <= other <= above(np.array(one))
    assert len(distinct(np.array([one, other]))[0]) == 1
    cent = np.array([one, one * (1 + 10 * ROUNDING)])
    assert len(distinct(cent)[0]) == 2
