"""Lorenz curve, Gini coefficient and share of the best: by hand, then their properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.metrics import gini, lorenz_curve, top_share
from crmkit.metrics._concentration import gini_of

VALUES = [30.0, 10.0, 60.0, 0.0]

some_values = st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any)


def test_curve_by_hand():
    customers, value = lorenz_curve(VALUES)
    np.testing.assert_allclose(customers, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(value, [0, 0, 0.1, 0.4, 1])


def test_gini_by_hand():
    # Trapezoids under the curve: 0.25 * (0/2 + 0.1/2 + 0.5/2 + 1.4/2) = 0.25.
    assert gini(VALUES) == pytest.approx(1 - 2 * 0.25)


def test_gini_in_an_order_that_puts_the_poor_first_is_negative():
    assert gini_of(np.array([1.0, 3.0]), by=np.array([2.0, 1.0])) == -0.25


def test_gini_of_one_owner_is_one_minus_one_nth():
    assert gini([0.0] * 9 + [3.0]) == pytest.approx(0.9)
    assert gini([7.0]) == 0.0


def test_top_share_by_hand():
    assert top_share(VALUES, share=0.25) == pytest.approx(0.6)
    assert top_share(VALUES, share=0.5) == pytest.approx(0.9)
    assert top_share(VALUES) == pytest.approx(0.1 * 4 * 0.6)  # four tenths of the best customer
    assert top_share(VALUES, share=1.0) == pytest.approx(1.0)


def test_values_as_large_as_floats_get_do_not_overflow():
    assert gini([1.5e308, 1.5e308, 0.0]) == pytest.approx(1 / 3)


@pytest.mark.parametrize("share", [0, -0.1, float("nan"), "0.1", True, None])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(DataError, match="top_share: share must be a finite number above 0"):
        top_share(VALUES, share=share)


def test_a_share_in_percent_is_refused():
    with pytest.raises(DataError, match=r"share must be at most 1, got 10\. A tenth is share=0"):
        top_share(VALUES, share=10)


@given(some_values)
def test_gini_equals_the_mean_difference_over_twice_the_mean(values):
    x = np.asarray(values, dtype=float)
    mean_difference = np.abs(x[:, None] - x).mean()
    assert gini(values) == pytest.approx(mean_difference / (2 * x.mean()), abs=1e-9)


@given(some_values)
def test_curve_climbs_below_the_diagonal(values):
    customers, value = lorenz_curve(values)
    assert (value[0], value[-1], customers[-1]) == (0, 1, 1)
    assert (np.diff(value) >= 0).all()
    assert (value <= customers + 1e-12).all()


@given(some_values, st.randoms(use_true_random=False), st.floats(0.01, 100))
def test_row_order_and_currency_do_not_matter(values, random, rate):
    shuffled = random.sample(values, len(values))
    assert gini(shuffled) == gini(values)
    assert gini([rate * v for v in values]) == pytest.approx(gini(values), abs=1e-9)


@given(some_values, st.floats(0.01, 1))
def test_the_best_hold_at_least_their_part(values, share):
    assert share - 1e-12 <= top_share(values, share) <= 1 + 1e-12
