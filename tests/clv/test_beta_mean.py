"""Means over a dropout probability against forty digits, limits and bounds."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmkit.clv._beta_mean import beta_nodes, n_nodes, purchases_if_alive
from tests.oracles import beta_geo

MEANS = Path(__file__).parents[1] / "oracles" / "beta_geo_means.csv"

wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def draws(n, orders, seed):
    """Parameters over 2 * orders powers of ten; half the customers bought once."""
    random = np.random.default_rng(seed)
    r, alpha, a, b = 10.0 ** random.uniform(-orders, orders, (4, n))
    x = np.where(
        random.random(n) < 0.5, 0.0, np.floor(10.0 ** random.uniform(0, np.log10(5001), n))
    )
    T, horizon = 10.0 ** random.uniform(0, np.log10(5000), (2, n))
    return zip(a, b, r, x, horizon / (alpha + T), strict=True)


@pytest.mark.parametrize(("orders", "tolerance"), [(1, 1e-12), (2, 1e-10)])
def test_against_forty_digits(orders, tolerance):
    for a, b, r, x, h in draws(100, orders, seed=orders):
        exact = beta_geo.purchases_if_alive(a, b + x, r + x, h)
        found = purchases_if_alive(a, b, r, np.array([x]), np.array([h]))[0]
        assert abs(float(found / exact - 1)) < tolerance, (a, b, r, x, h)


def test_against_forty_digits_over_twelve_orders_of_magnitude():
    table = np.loadtxt(MEANS, delimiter=",", skiprows=1)
    assert len(table) > 150
    found = [
        purchases_if_alive(a, b, r, np.array([x]), np.array([h]))[0]
        for a, b, r, x, h in table[:, :5]
    ]
    assert_allclose(found, table[:, 5], rtol=1e-11)


@pytest.mark.parametrize("a", [1.0, 1.0 + 1e-13, 1.0 - 1e-9])
def test_nothing_happens_at_a_equal_to_one(a):
    near = beta_geo.purchases_if_alive(1 + 1e-13, 2.5 + 3, 0.5 + 3, 0.7)
    found = purchases_if_alive(a, 2.5, 0.5, np.array([3.0]), np.array([0.7]))
    assert found[0] == pytest.approx(float(near), rel=1e-8)


def test_without_dropout_it_is_the_nbd():
    found = purchases_if_alive(1e-6, 1e6, 0.5, np.array([0.0, 4.0]), np.array([0.2, 0.2]))
    assert_allclose(found, [0.5 * 0.2, 4.5 * 0.2], rtol=1e-6)


def test_one_sure_purchase_when_all_leave_after_it():
    found = purchases_if_alive(1e6, 1e-6, 3.0, np.array([0.0]), np.array([1e3]))
    assert_allclose(found, 1 - 1001.0**-3.0, rtol=1e-9)


@given(wide, wide, wide, st.integers(0, 5000), st.floats(1e-9, 1e7), st.floats(1, 10))
def test_it_is_finite_positive_and_grows_with_the_horizon(a, b, r, x, h, factor):
    x = np.array([x, x], dtype=float)
    short, long = purchases_if_alive(a, b, r, x, np.array([h, factor * h]))
    assert 0 <= short <= long * (1 + 1e-9) < np.inf
    assert short <= (r + x[0]) * h * (1 + 1e-9), "no more than without dropout"


@given(wide, wide, st.lists(st.integers(0, 5000), min_size=1, max_size=5))
def test_nodes_give_the_moments_of_the_beta(a, b, x):
    B = b + np.array(x, dtype=float)
    p, weight = beta_nodes(a, B, n_nodes(a, b))
    assert_allclose(weight.sum(axis=1), 1.0, rtol=1e-12)
    mean, square = a / (a + B), a * (a + 1) / ((a + B) * (a + B + 1))
    assert_allclose((weight * p).sum(axis=1), mean, rtol=1e-9)
    assert_allclose((weight * p**2).sum(axis=1), square, rtol=1e-9)


def test_a_customer_does_not_depend_on_the_others():
    x, h = np.arange(3000.0) % 40, np.linspace(0, 5, 3000)
    together = purchases_if_alive(0.8, 2.5, 0.55, x, h)
    alone = purchases_if_alive(0.8, 2.5, 0.55, x[1234:1235], h[1234:1235])
    assert together[1234] == alone[0]


def test_one_customer_has_the_bits_that_he_has_among_others():
    x, h = np.array([0.0, 3.0, 40.0]), np.array([0.4, 0.02, 7.0])
    together = purchases_if_alive(0.8, 2.5, 0.3, x, h)
    alone = [purchases_if_alive(0.8, 2.5, 0.3, x[[i]], h[[i]])[0] for i in range(3)]
    assert alone == together.tolist()
