"""The negative binomial distribution: small cases by hand, many digits by mpmath, its sum."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmkit.clv._negative_binomial import log_negative_binomial, stirling_error


def wide(low, high):
    return st.floats(low, high).map(lambda exponent: 10.0**exponent)


def test_by_hand():
    """With shape 1 it is the geometric distribution, with shape 2 its sum of two."""
    n = np.arange(6.0)
    assert_allclose(np.exp(log_negative_binomial(n, 1.0, 3.0)), 0.25 * 0.75**n, rtol=1e-14)
    assert_allclose(
        np.exp(log_negative_binomial(n, 2.0, 3.0)), (n + 1) * 0.25**2 * 0.75**n, rtol=1e-14
    )


def test_without_a_future_nothing_happens():
    assert log_negative_binomial(np.array([0.0, 1.0, 7.0]), 2.0, 0.0).tolist() == [
        0.0,
        -np.inf,
        -np.inf,
    ]


def test_fewer_than_none_is_impossible():
    assert log_negative_binomial(np.array([-2.0, -1.0]), 2.0, 3.0).tolist() == [-np.inf, -np.inf]


@settings(max_examples=200)
@given(wide(-6, 6), wide(-9, 9), st.integers(0, 5000), st.floats(0.3, 3.0), st.booleans())
def test_many_digits(shape, odds, n, near, at_the_mean):
    n = int(min(shape * odds * near, 1e14)) if at_the_mean else n
    found = log_negative_binomial(float(n), shape, odds)
    with mp.workdps(50):
        R, z = mp.mpf(shape), mp.mpf(odds)
        exact = mp.loggamma(R + n) - mp.loggamma(R) - mp.loggamma(n + 1) - R * mp.log1p(z)
        exact += n * mp.log(z / (1 + z))
        if exact > -700:
            assert float(found - exact) == pytest.approx(0.0, abs=5e-12)
        else:
            assert found == pytest.approx(float(exact), rel=1e-11)


def test_stirling_s_error_has_no_seam():
    x = np.array([0.001, 0.5, 3.0, 11.999999, 12.0, 12.000001, 40.0, 1e9])
    with mp.workdps(40):
        exact = [
            float(mp.loggamma(v + 1) - (v + 0.5) * mp.log(v) + v - mp.log(2 * mp.pi) / 2)
            for v in map(mp.mpf, x.tolist())
        ]
    assert_allclose(stirling_error(x), exact, atol=1e-14, rtol=1e-13)


@pytest.mark.parametrize(("shape", "odds"), [(0.3, 2.0), (40.0, 0.5), (900.0, 3.0)])
def test_it_sums_to_one_with_the_right_mean(shape, odds):
    n = np.arange(20_000.0)
    p = np.exp(log_negative_binomial(n, shape, odds))
    assert p.sum() == pytest.approx(1.0, rel=1e-12)
    assert n @ p == pytest.approx(shape * odds, rel=1e-12)
