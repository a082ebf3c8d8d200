"""BG/BB without end: the hypergeometric function, long sums, limits."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln

from crmkit.clv._silent_for_ever import log_growth, silent_for_ever

wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def found(*params):
    return silent_for_ever(*(np.array([float(value)]) for value in params))[0]


def by_sum(g, d, a, b, n=300_000):
    """The first terms, one by one."""
    k = np.arange(1.0, n)
    leave, pass_ = g / (g + d + k - 1), (b + k - 1) / (a + b + k - 1)
    stay = np.concatenate([[1.0], np.cumprod((pass_ * (1 - leave))[:-1])])
    return np.sum(stay * leave * pass_)


def test_all_ones_by_hand():
    """f(k) = 1 / (k (k+1)) * 1 / (k+1): 1 / (k (k+1)) less 1 / (k+1)^2 add up to 2 - pi^2 / 6."""
    assert found(1, 1, 1, 1) == pytest.approx(2 - np.pi**2 / 6, rel=1e-10)


@pytest.mark.parametrize(
    "params",
    [(0.657, 9.783, 1.204, 0.75), (3, 2, 0.5, 8), (0.01, 5, 0.02, 4), (0.1, 20, 0.5, 1e-3)],
)
def test_it_is_the_hypergeometric_function(params):
    with mp.workdps(30):
        g, d, a, b = (mp.mpf(value) for value in params)
        first = g / (g + d) * b / (a + b)
        value = first * mp.hyp3f2(1, d, b + 1, g + d + 1, a + b + 1, 1)
    assert found(*params) == pytest.approx(float(value), rel=1e-8)


@pytest.mark.parametrize(
    "params",
    [
        (30, 40, 0.1, 3),
        (1e6, 1e6, 1, 1),
        (5, 1e4, 2, 1e4),
        (1e5, 1e6, 1e5, 9e5),
        (1e4, 1e6, 1e4, 9e5),
        (1e2, 1e6, 1e2, 9e5),
        (2.5e5, 1e6, 1e-6, 1e-6),
        (2, 1e4, 1e6, 1e5),
    ],
)
def test_it_is_the_sum_of_its_terms(params):
    assert found(*params) == pytest.approx(by_sum(*params), rel=1e-9)


def test_where_both_are_rare_the_likelier_comes_first():
    """Leaving at a rate far below all scales against buying at one: a race of two powers."""
    assert found(1e-6, 1, 1e-6, 1) == pytest.approx(1 / 2, abs=1e-5)
    assert found(2e-6, 3, 1e-6, 4) == pytest.approx(2 / 3, abs=1e-5)
    assert found(1e-6, 1, 1.0, 1) == pytest.approx(0.0, abs=1e-5)


@given(wide, wide, wide, wide)
def test_it_is_a_probability_that_falls_with_the_chance_to_buy(g, d, a, b):
    value = found(g, d + 1, a, b)
    assert 0 <= value <= 1
    assert found(g, d + 1, 2 * a, b) <= value * (1 + 1e-7)
    assert found(2 * g, d + 1, a, b) >= value * (1 - 1e-7)
    assert value <= b / (a + b) * (1 + 1e-7)  # the next opportunity at least goes by


def test_many_rows_are_each_row():
    random = np.random.default_rng(0)
    rows = 10.0 ** random.uniform(-2, 2, (4, 2100))
    every = silent_for_ever(*rows)
    for i in (0, 1023, 1024, 2099):
        assert every[i] == pytest.approx(found(*rows[:, i]), rel=1e-7)
    assert silent_for_ever(*np.empty((4, 0))).shape == (0,)


@given(wide, wide)
def test_the_growth_of_the_gamma_function(z, a):
    value = log_growth(np.array([z]), np.array([a]))[0]
    direct = gammaln(z + a) - gammaln(z)
    assert value == pytest.approx(direct, rel=1e-9, abs=1e-15 * abs(gammaln(z)) * 4 + 1e-13)
