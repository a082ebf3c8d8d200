"""Pareto lifetimes: means, limits, draws, words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmkit.clv._pareto_lifetimes import lifetime_within, lifetimes, meaning_of_lifetime


def test_by_hand():
    """With s = 2 the survival is (1 + v)^-2, of which 1 - 1/(1 + H) is the integral."""
    assert_allclose(lifetime_within(2.0, np.array([1.0, 3.0])), [0.5, 0.75], rtol=1e-15)
    assert_allclose(lifetime_within(1.0, np.array([1.0, 3.0])), np.log([2.0, 4.0]), rtol=1e-15)
    assert_allclose(lifetime_within(1e-12, np.array([5.0])), 5.0, rtol=1e-11)
    assert lifetime_within(0.7, np.array([0.0]))[0] == 0.0


@given(st.floats(1e-9, 1e-3), st.floats(1e-6, 1e6))
def test_it_is_smooth_around_one(step, horizon):
    at = np.array([horizon])
    below, here, above = (lifetime_within(s, at)[0] for s in (1.0 - step, 1.0, 1.0 + step))
    assert below >= here * (1 - 1e-14)
    assert here >= above * (1 - 1e-14)
    assert (below + above) / 2 == pytest.approx(here, rel=40 * step**2 + 1e-7 * step + 1e-14)


@pytest.mark.parametrize("s", [1e-6, 0.3, 1.0, 40.0, 1e9])
def test_it_never_exceeds_the_horizon_or_the_mean(s):
    horizon = np.array([0.0, 1e-9, 1.0, 1e12])
    mean = lifetime_within(s, horizon)
    assert np.isfinite(mean).all()
    assert (mean <= horizon * (1 + 1e-14)).all()
    assert s <= 1 or (mean * (s - 1) <= 1 + 1e-14).all()


def test_draws_have_the_survival_of_the_formula():
    n = 200_000
    lived = lifetimes(np.full(n, 0.8), np.full(n, 10.0), np.random.default_rng(0))
    for age in (1.0, 10.0, 100.0):
        assert np.mean(lived > age) == pytest.approx((1 + age / 10) ** -0.8, abs=4 * 0.5 / n**0.5)


def test_nobody_dies_of_no_dropout():
    lived = lifetimes(np.full(100, 1e-9), np.full(100, 1.0), np.random.default_rng(0))
    assert np.isinf(lived).any()
    assert not np.isnan(lived).any()


@pytest.mark.parametrize(
    ("s", "age", "words"),
    [(0.01, 0.1, "No dropout seen"), (5.0, 9.0, "Nearly everyone"), (0.6, 1.0, "34 % of the")],
)
def test_words(s, age, words):
    assert meaning_of_lifetime(s, age).startswith(words)
