"""Simple rules: by hand, and the threshold of the hiatus rule by brute force."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crmkit.pipelines._baselines import best_threshold, hiatus_rule, mean_rate, own_rate

FREQUENCY, T = np.array([4, 0, 1]), np.array([10.0, 20.0, 0.0])


def test_rates_by_hand():
    np.testing.assert_allclose(own_rate(FREQUENCY, T, 5.0), [2.0, 0.0, 0.0])
    np.testing.assert_allclose(mean_rate(FREQUENCY, T, 6.0), [1.0, 1.0, 1.0])
    np.testing.assert_allclose(mean_rate(FREQUENCY, np.zeros(3), 6.0), 0.0)


def test_the_hiatus_rule_by_hand():
    rule = hiatus_rule(np.array([2.0, 3.0, 4.0]), np.array([1.0, 5.0, 5.1]), 5.0)
    assert rule.tolist() == [2.0, 3.0, 0.0]


def test_the_best_threshold_by_hand():
    hiatus = np.array([1.0, 2.0, 3.0, 4.0])
    assert best_threshold(hiatus, np.array([True, True, False, False])) == 2.0
    assert best_threshold(hiatus, np.array([True, False, True, False])) == 3.0  # the longer of two
    assert best_threshold(hiatus, np.ones(4, dtype=bool)) == 4.0
    assert best_threshold(hiatus, np.zeros(4, dtype=bool)) == 1.0


@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=40))
def test_no_threshold_tells_more_customers_rightly(rows):
    hiatus, bought = (np.array(column) for column in zip(*rows, strict=True))
    found = best_threshold(hiatus.astype(float), bought)
    right = {limit: np.sum((hiatus <= limit) == bought) for limit in np.unique(hiatus)}
    assert right[found] == max(right.values())
    assert found == max(limit for limit, n in right.items() if n == right[found])
