"""Interpolated moments are those of the integrals, for any number of customers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from crmkit.clv._pareto_integral import death_first_moments
from crmkit.clv._pareto_table import chebyshev, interpolated, tabulated_moments


def test_a_polynomial_by_hand():
    points = chebyshev(3)
    x = np.array([-1.0, -0.3, 0.2, points[1], 1.0])
    values = interpolated(x, points, np.column_stack([points**3, 2 - points]))
    assert_allclose(values, np.column_stack([x**3, 2 - x]), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("s", "alpha", "beta", "spread", "most", "digits"),
    [
        (0.6, 30.0, 60.0, 0.0, 60, 1e-12),
        (0.6, 30.0, 60.0, 3.0, 3, 1e-12),
        (1e-3, 1.0, 1e4, 0.0, 60, 1e-10),
        (40.0, 1e-3, 1e5, 0.5, 300, 1e-9),  # alpha / beta far out: the integrals have ten digits
        (1e5, 3.0, 1e6, 0.2, 20, 1e-10),
    ],
)
def test_digits(s, alpha, beta, spread, most, digits):
    random = np.random.default_rng(0)
    x = np.floor(most * random.random(3000) ** 4)
    scales = np.exp(spread * random.normal(size=(2, 3000))) * [[alpha], [beta]]
    t = random.integers(0, 730, 3000)
    log_ratio = np.log((scales[0] + t) / (scales[1] + t))
    exact = death_first_moments(0.55 + x, s, log_ratio)
    found = tabulated_moments(0.55 + x, s, log_ratio)
    scale = np.maximum(np.abs(exact), 1e-3 * np.abs(exact).max(axis=0))
    assert np.max(np.abs(found - exact) / scale) < digits


def test_few_customers_and_equal_ones_are_computed_as_they_are():
    R, log_ratio = np.array([0.5, 0.5, 3.5]), np.array([0.1, -0.2, 0.0])
    assert_array_equal(tabulated_moments(R, 0.6, log_ratio), death_first_moments(R, 0.6, log_ratio))
    many = tabulated_moments(np.full(300, 0.5), 0.6, np.full(300, 0.1))
    one = death_first_moments(np.full(1, 0.5), 0.6, np.full(1, 0.1))
    assert_allclose(many, np.tile(one, (300, 1)), rtol=1e-8)
