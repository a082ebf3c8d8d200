"""The mathematics of BG/BB: formulas to many digits, derivatives, limits."""

from math import comb

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmkit.clv._distinct import distinct_rows
from crmkit.clv._opportunities import (
    bgbb_objective,
    by_silence,
    dropout_log_odds,
    log_beta_binomial,
    log_likelihood,
    more_than,
    opportunities_if_alive,
    pmf_if_alive,
    sigmoid,
    stays,
)
from tests.oracles import beta_geo_beta_binomial as exact

wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)
params = st.tuples(wide, wide, wide, wide)


@st.composite
def histories(draw, most=60):
    n = draw(st.integers(0, most))
    t = draw(st.integers(0, n))
    return (draw(st.integers(1, t)) if t else 0), t, n


def column(*values):
    return [np.array([float(value)]) for value in values]


@given(params, histories())
def test_likelihood_and_odds_to_many_digits(params, history):
    found = log_likelihood(params, *column(*history))[0]
    assert found == pytest.approx(
        float(exact.log_likelihood(params, *history)), rel=1e-12, abs=1e-13
    )
    with mp.workdps(40):
        there, gone = exact.parts(params, *history)
        odds = float(mp.log(gone / there))
    assert dropout_log_odds(params, *column(*history))[0] == pytest.approx(
        odds, rel=1e-12, abs=1e-12
    )


def test_a_history_by_hand():
    """All parameters 1, no purchase at the one opportunity: 1/2 gone before it, 1/4 silent."""
    assert np.exp(log_likelihood((1, 1, 1, 1), *column(0, 0, 1))[0]) == pytest.approx(0.75)
    assert np.exp(log_likelihood((1, 1, 1, 1), *column(1, 1, 1))[0]) == pytest.approx(0.25)
    assert log_likelihood((1, 1, 1, 1), *column(0, 0, 0))[0] == pytest.approx(0.0, abs=1e-15)


def test_the_histories_of_five_opportunities_are_all_there_is():
    rows = [(0, 0, 1)] + [(x, t, comb(t - 1, x - 1)) for t in range(1, 6) for x in range(1, t + 1)]
    x, t, ways = np.array(rows, dtype=float).T
    p = np.exp(log_likelihood((1.2, 0.7, 0.6, 2.8), x, t, np.full(len(x), 5.0)))
    assert ways @ p == pytest.approx(1.0, rel=1e-13)


@given(wide, wide, st.integers(0, 3000), st.floats(0, 1))
def test_the_beta_binomial_to_many_digits(a, b, n, part):
    x = round(n * part)
    found = log_beta_binomial(*column(x, n), a, b)[0]
    with mp.workdps(50):
        A, B = mp.mpf(a), mp.mpf(b)
        value = mp.log(mp.binomial(n, x) * mp.beta(A + x, B + n - x) / mp.beta(A, B))
    assert found == pytest.approx(float(value), rel=1e-11, abs=1e-11)


@settings(max_examples=60)
@given(wide, wide, st.integers(0, 60), st.sampled_from([1, 3, 40, 400]), st.sampled_from([0, 0.01]))
def test_opportunities_to_many_digits(gamma, delta, n, horizon, rate):
    with mp.workdps(40):
        total, stays, worth = mp.mpf(0), mp.mpf(1), mp.exp(-mp.mpf(rate))
        for k in range(horizon):
            total += stays * worth**k
            stays *= (mp.mpf(delta) + n + 1 + k) / (mp.mpf(gamma) + mp.mpf(delta) + n + 1 + k)
    found = opportunities_if_alive((1.0, 1.0, gamma, delta), *column(n, horizon), rate)[0]
    assert found == pytest.approx(float(total), rel=1e-11)


@pytest.mark.parametrize("gamma", [1 - 1e-9, 1.0, 1 + 1e-9])
def test_gamma_of_one_is_no_gap(gamma):
    """The closed form divides by gamma - 1; at 1 the sum is that of (delta+1) / (delta+1+k)."""
    found = opportunities_if_alive((1.0, 1.0, gamma, 2.0), *column(6, 50))[0]
    assert found == pytest.approx(np.sum(9.0 / (9.0 + np.arange(50))), rel=1e-7)


@pytest.mark.parametrize(("gamma", "delta", "rate"), [(0.657, 2.783, 0.1), (3.0, 0.4, 0.001)])
def test_for_ever_it_is_the_hypergeometric_function(gamma, delta, rate):
    found = opportunities_if_alive((1.0, 1.0, gamma, delta), *column(6, np.inf), rate)[0]
    D = delta + 7
    assert found == pytest.approx(float(mp.hyp2f1(1, D, gamma + D, mp.exp(-rate))), rel=1e-12)


@pytest.mark.parametrize(
    "params", [(1.2, 0.75, 0.66, 2.8), (0.05, 3.0, 4.0, 0.2), (30.0, 90.0, 0.01, 40.0)]
)
def test_gradient_and_hessian_are_those_of_differences(params):
    random = np.random.default_rng(0)
    n = random.integers(0, 12, 300)
    t = random.integers(0, n + 1)
    x = np.where(t > 0, random.integers(1, np.maximum(t, 1) + 1), 0)
    data = distinct_rows(np.column_stack([x, t, n]).astype(float))
    objective, params = bgbb_objective(data), np.array(params)
    value, gradient, hessian = objective(params)
    assert value == pytest.approx(data.weight @ log_likelihood(tuple(params), *data.columns))
    for i, step in enumerate(params * 1e-5):
        shift = np.zeros(4)
        shift[i] = step
        above, below = objective(params + shift), objective(params - shift)
        assert (above[0] - below[0]) / (2 * step) == pytest.approx(gradient[i], rel=1e-6, abs=1e-5)
        assert_allclose((above[1] - below[1]) / (2 * step), hessian[i], rtol=1e-6, atol=1e-4)
    assert_allclose(hessian, hessian.T)


@pytest.mark.parametrize("horizon", [1, 2, 25])
def test_the_distribution_is_that_of_its_story(horizon):
    """Sums to one, has the mean of the sum over opportunities, and nothing beyond the horizon."""
    params, x, n = (1.2, 0.75, 0.66, 2.8), np.array([0.0, 3.0, 6.0]), np.full(3, 6.0)
    count = np.arange(horizon + 3)
    p = pmf_if_alive(params, x, n, count, horizon)
    assert_allclose(p.sum(axis=1), 1.0, rtol=1e-13)
    there = opportunities_if_alive(params, n, np.full(3, float(horizon)))
    assert_allclose(p @ count, (1.2 + x) / (1.95 + n) * there, rtol=1e-12)
    assert (p[:, horizon + 1 :] == 0).all()


def test_one_opportunity_by_hand():
    p = pmf_if_alive((1.0, 2.0, 1.0, 1.0), np.array([3.0]), np.array([4.0]), np.arange(3), 1)
    assert_allclose(p[0], [3 / 7, 4 / 7, 0.0], rtol=1e-14)
    assert pmf_if_alive((1, 1, 1, 1), *column(0, 0), np.arange(2), 0).tolist() == [[1.0, 0.0]]


def test_small_tools():
    order, counts = by_silence(np.array([0.0, 2.0, 1.0, 2.0]))
    assert order.tolist() == [1, 3, 2, 0]
    assert counts == [4, 3, 2]
    assert more_than(np.array([0.0, 2.0, 3.0]), np.array([1.0, 5.0, 2.0])).tolist() == [7, 7, 2]
    assert_allclose(sigmoid(np.array([-800.0, 0.0, 800.0])), [np.exp(-800), 0.5, 1.0])


def test_how_long_customers_stay():
    random = np.random.default_rng(0)
    assert (stays(np.ones(5), random) == 0).all()
    assert np.isfinite(stays(np.array([0.0, 1e-320]), random)).all()
    found = stays(np.full(50_000, 0.3), random)
    assert abs(found.mean() - 0.7 / 0.3) < 4 * found.std() / np.sqrt(50_000)
