"""Discounted purchases: streams whose present value is known by formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import exp1

from crmkit.clv._discounting import discounted_total

ROW = np.zeros((1, 1))


@given(st.just(0.0) | st.floats(1e-6, 3), st.floats(1e-3, 1e4), st.floats(1e-6, 1e6))
def test_a_steady_stream_is_discounted_by_the_formula(rate, horizon, scale):
    found = discounted_total(lambda rows, t: t, ROW, horizon, rate / horizon, np.array([scale]))
    expected = horizon * -np.expm1(-rate) / rate if rate else horizon
    assert found[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("scale", [0.01, 3.0, 500.0])
@pytest.mark.parametrize("rate", [1e-4, 2e-3])
def test_a_fading_stream_is_discounted_by_the_formula(scale, rate):
    horizon, s = 3000.0, np.array([scale])
    found = discounted_total(lambda rows, t: np.log1p(t / scale), ROW, horizon, rate, s)
    expected = np.exp(rate * scale) * (exp1(rate * scale) - exp1(rate * (scale + horizon)))
    assert found[0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("scale", [0.01, 3.0, 500.0])
@pytest.mark.parametrize("rate", [1e-4, 2e-3, 0.1])
def test_a_fading_stream_without_end_is_discounted_by_the_formula(scale, rate):
    s = np.array([scale])
    found = discounted_total(lambda rows, t: np.log1p(t / scale), ROW, np.inf, rate, s)
    assert found[0] == pytest.approx(np.exp(rate * scale) * exp1(rate * scale), rel=1e-9)


def test_many_rows_in_blocks_are_the_rows_one_by_one():
    scale = np.linspace(1.0, 5.0, 10_000)
    rows = scale[:, None]
    found = discounted_total(lambda r, t: np.log1p(t / r[:, 0]), rows, 50.0, 0.1, scale)
    for i in (0, 4095, 4096, 9_999):
        part = slice(i, i + 1)
        one = discounted_total(
            lambda r, t: np.log1p(t / r[:, 0]), rows[part], 50.0, 0.1, scale[part]
        )
        assert found[i] == pytest.approx(one[0], rel=1e-13)


def test_nobody_has_nothing():
    none = discounted_total(lambda r, t: t, np.empty((0, 1)), 5.0, 0.1, np.empty(0))
    assert none.shape == (0,)
