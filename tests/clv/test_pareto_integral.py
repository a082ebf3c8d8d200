"""Integrals over Pareto lifetimes: many digits, derivatives, extremes, independence of the rest."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from crmkit.clv._pareto_integral import (
    death_first_moments,
    double_sinh,
    log_death_first,
    purchases_before_death,
    softplus,
    trapezoid_window,
)
from tests.oracles import pareto_nbd

wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def one(R, s, a, b):
    return np.array([float(R)]), float(s), np.array([np.log(a / b)])


def log_pi(R, s, a, b):
    return log_death_first(*one(R, s, a, b))[0] + np.log(s)


def test_by_hand():
    """With a = b both wait alike: death is first with probability s / (R + s)."""
    assert log_pi(3, 1, 7, 7) == pytest.approx(np.log(0.25), rel=1e-14)
    assert log_pi(0.5, 0.1, 9, 9) == pytest.approx(np.log(1 / 6), rel=1e-14)


def test_many_digits():
    table = pareto_nbd.integrals()
    assert len(table) > 100
    found = np.array([log_pi(*row) for row in table[["R", "s", "a", "b"]].to_numpy()])
    moments = [
        death_first_moments(*one(*row))[0, 0] for row in table[["R", "s", "a", "b"]].to_numpy()
    ]
    scale = np.maximum(1.0, table["log_pi"].abs())
    assert np.max(np.abs(found - table["log_pi"]) / scale) < 1e-10
    assert np.median(np.abs(found - table["log_pi"]) / scale) < 1e-15
    assert_allclose(moments, found, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    ("R", "s", "log_ratio"),
    [(0.55, 0.6, 0.1), (7.5, 0.02, -2.0), (0.01, 3.0, 4.0), (80.0, 12.0, -0.5), (900.0, 0.6, 0.2)],
)
def test_derivatives_are_those_of_differences(R, s, log_ratio):
    def at(*point):
        return death_first_moments(np.array(point[:1]), point[1], np.array(point[2:]))[0]

    point = (R, s, log_ratio)
    table = at(*point)
    hessian = np.zeros((3, 3))
    hessian[np.triu_indices(3)] = table[4:]
    for i, size in enumerate((R, s, 1.0)):
        step = 1e-4 * size
        above, below = (
            at(*(v + side * step * (i == k) for k, v in enumerate(point))) for side in (1, -1)
        )
        assert_allclose((above[0] - below[0]) / (2 * step), table[1 + i], rtol=1e-6, atol=1e-9)
        assert_allclose(
            (above[1 + i : 4] - below[1 + i : 4]) / (2 * step), hessian[i, i:], rtol=1e-6, atol=1e-9
        )


@given(wide, wide, wide, wide, st.integers(0, 10_000_000))
def test_nothing_overflows(r, s, a, b, x):
    table = death_first_moments(*one(r + x, s, a, b))
    assert np.isfinite(table).all()
    assert table[0, 0] <= 1e-9
    # whichever comes first: the chances of death and of purchase, with their roles changed
    first = np.exp(table[0, 0]) + np.exp(log_pi(s, r + x, b, a))
    assert first == pytest.approx(1.0, abs=1e-9)


def test_a_row_does_not_depend_on_other_rows():
    random = np.random.default_rng(0)
    R, log_ratio = 0.3 + random.integers(0, 90, 4000), random.normal(size=4000)
    table = death_first_moments(R, 0.6, log_ratio)
    some = random.permutation(4000)[:37]
    assert_array_equal(death_first_moments(R[some], 0.6, log_ratio[some]), table[some])
    values = log_death_first(R, 0.6, log_ratio)
    assert_array_equal(log_death_first(R[some], 0.6, log_ratio[some]), values[some])
    assert death_first_moments(R[:0], 0.6, R[:0]).shape == (0, 10)


def test_the_map_reaches_its_ends_and_has_its_slope():
    R, s, log_ratio = np.array([0.4, 30.0, 2000.0]), 0.7, np.array([3.0, -2.0, 0.1])
    middle, apart, first, last = trapezoid_window(R, s, log_ratio)
    y = first + np.linspace(0, 1, 7)[:, None] * (last - first)
    u, slope = double_sinh(y, middle, apart)
    above, _ = double_sinh(y + 1e-6, middle, apart)
    below, _ = double_sinh(y - 1e-6, middle, apart)
    assert_allclose((above - below) / 2e-6, slope, rtol=1e-7)
    assert (np.diff(u, axis=0) > 0).all()
    for end in u[[0, -1]]:
        logs = [softplus(end)[1] + s * softplus(end)[0] + R * softplus(end - log_ratio)[0]]
        assert (np.min(logs) > 33).all()


@pytest.mark.parametrize(
    ("n", "R", "s", "a", "b", "H"),
    [
        (0, 1.3, 0.6, 12.0, 30.0, 40.0),
        (3, 1.3, 0.6, 12.0, 30.0, 40.0),
        (40, 50, 0.6, 12.0, 30.0, 40.0),
        (2, 0.01, 3.0, 100.0, 0.5, 4000.0),
        (0, 5000.0, 2.0, 1e-3, 1e3, 10.0),
        (300, 200, 0.5, 2.0, 5.0, 3.0),
        (1, 0.5, 1e-4, 0.01, 1e4, 1e4),
        (5, 0.5, 1e5, 3.0, 1e4, 1e4),
    ],
)
def test_purchases_before_death_to_many_digits(n, R, s, a, b, H):
    with mp.workdps(30):
        m, shape, die = mp.mpf(n), mp.mpf(R), mp.mpf(s)
        front = mp.gamma(shape + m) / mp.gamma(shape) / mp.factorial(m) * die / b

        def density(u):
            v = mp.exp(u)
            count = (a / (a + v)) ** shape * (v / (a + v)) ** m
            return v * front * (1 + v / b) ** (-die - 1) * count

        steps = (80, 60, 40, 30, 20, 16, 12, 9, 7, 6, 5, 4, 3, 2, 1.5, 1, 0.5, 0)
        exact = mp.quad(density, [mp.log(H) - k for k in steps])
    found = purchases_before_death(np.array([float(n)]), *one(R, s, a, b), np.log([H / b]))
    assert found[0] == pytest.approx(float(exact), rel=1e-11)
