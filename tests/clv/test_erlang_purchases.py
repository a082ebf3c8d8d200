"""Purchases of regular buyers to come: many digits, both ways alike, limits, distributions."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from crmkit.clv import _erlang_purchases as erlang
from crmkit.clv._beta_geo_likelihood import Kind
from crmkit.clv._beta_mean import purchases_if_alive
from crmkit.clv._erlang_purchases import (
    erlang_pmf,
    erlang_purchases,
    leaving,
    phase_shares,
    pmf_by_phase,
    purchases_in_phase,
)
from tests.oracles import beta_geo_family

PARAMS = (0.8, 9.0, 0.7, 2.3)
wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def one(params, kind, phase, x, h):
    return purchases_in_phase(params, kind, phase, np.array([float(x)]), np.array([float(h)]))[0]


def draws(n, seed):
    """Parameters over eight powers of ten, for which the sum over arrivals is not too long."""
    random = np.random.default_rng(seed)
    made = 0
    while made < n:
        r, alpha, a, b = 10.0 ** random.uniform(-4, 4, 4)
        x, k = random.choice([0, 0, 1, 2, 10, 300]), int(random.choice([2, 3, 4, 8, 30]))
        T, horizon = 10.0 ** random.uniform(0, 3.5), 10.0 ** random.uniform(-2, 3.5)
        h, early, phase = horizon / (alpha + T), int(random.integers(2)), int(random.integers(k))
        if (r + k * x) * h < 1000 and h < 100:
            made += 1
            yield (r, alpha, a, b), Kind(early, k), phase, x, h


def test_two_arrivals_by_hand():
    """All leave at once (a huge): one purchase, if 2 - j arrivals come."""
    h, q = 0.5, 1.0
    for phase, q_now in ((0, q), (1, q + 1)):
        none = 1.5**-q_now
        single = q_now * (0.5 / 1.5) * none
        expected = 1 - none - single if phase == 0 else 1 - none
        found = one((1.0, 9.0, 1e9, 1e-3), Kind(0, 2), phase, 0, h)
        assert found == pytest.approx(expected, rel=1e-7)


def test_against_many_digits():
    both = set()
    for params, kind, phase, x, h in draws(150, seed=1):
        _, _, a, b = params
        exact = beta_geo_family.purchases_by_phase(
            a, b + kind.early + x, params[0] + kind.k * int(x), h, kind.k, phase
        )
        found = one(params, kind, phase, x, h)
        if exact > 1e-300:
            assert abs(float(found / exact - 1)) < 1e-11, (params, kind, phase, x, h)
        few = erlang._by_arrivals(
            params, kind, phase, np.array([float(x)]), np.array([h]), 160 + kind.k
        )
        both.add(bool(few[1][0]))
    assert both == {True, False}, "both ways are looked at"


@pytest.mark.parametrize(("k", "phase", "h"), [(2, 0, 30.0), (3, 2, 1e3), (4, 1, 1e6)])
def test_long_horizons_against_many_digits(k, phase, h):
    r, a, b = 0.4, 0.6, 1.7
    exact = beta_geo_family.purchases_by_quadrature(a, b + 3, r + 2 * k, h, k, phase)
    assert one((r, 5.0, a, b), Kind(1, k), phase, 2, h) == pytest.approx(float(exact), rel=1e-10)


@pytest.mark.parametrize("b", [1e-6, 0.05, 0.7, 30.0])
@pytest.mark.parametrize("k", [2, 3, 4])
def test_both_ways_agree_where_both_hold(b, k):
    params, kind, x = (2.0, 5.0, 0.8, b), Kind(0, k), np.array([0.0, 1.0, 6.0, 20.0])
    h = np.array([1.2, 1.0, 0.8, 0.9])
    for phase in range(k):
        sums, enough = erlang._by_arrivals(params, kind, phase, x, h, 400)
        assert enough.all()
        assert_allclose(erlang._by_roots(params, kind, phase, x, h), sums, rtol=2e-11)


def test_a_single_arrival_a_purchase_is_random_timing():
    x, T = np.array([0.0, 3.0, 40.0]), np.array([10.0, 30.0, 300.0])
    h = 50.0 / (PARAMS[1] + T)
    sums = purchases_in_phase(PARAMS, Kind(0, 1), 0, x, h)
    r, _, a, b = PARAMS
    assert_allclose(sums, purchases_if_alive(a, b, r, x, h), rtol=1e-11)


def test_without_dropout_and_alike_it_is_the_renewal_function():
    """Erlang-2 gaps with mean 1: m(t) = t - 1/4 + e^(-4t)/4 purchases after one at 0."""
    size = 1e7
    for t in (0.3, 2.0, 15.0):
        found = one((size, size, 1e-7, 1e7), Kind(0, 2), 0, 0, 2 * t / size)
        assert found == pytest.approx(t - 0.25 + np.exp(-4 * t) / 4, rel=1e-4)


@given(
    wide, wide, wide, wide, st.integers(0, 1), st.integers(2, 12), st.integers(0, 5000),
    st.floats(1e-9, 1e7), st.floats(1, 10), st.data(),
)  # fmt: skip
def test_it_is_finite_and_grows_with_horizon_and_phase(
    r, alpha, a, b, early, k, x, h, factor, data
):
    phase = data.draw(st.integers(0, k - 2))
    kind, params = Kind(early, k), (r, alpha, a, b)
    short, long = one(params, kind, phase, x, h), one(params, kind, phase, x, factor * h)
    assert 0 <= short <= long * (1 + 1e-9) < np.inf
    assert short <= one(params, kind, phase + 1, x, h) * (1 + 1e-9)
    assert short <= (r + k * x + phase) * h, "no more than arrivals"


def test_a_customer_does_not_depend_on_the_others():
    x, T = np.arange(3000.0) % 60, np.linspace(50, 90, 3000)
    t, horizon = np.where(x > 0, 0.7 * T, 0.0), np.linspace(0, 400, 3000)
    together = erlang_purchases(PARAMS, Kind(1, 3), x, t, T, horizon)
    for i in (7, 1234, 2999):
        part = slice(i, i + 1)
        alone = erlang_purchases(PARAMS, Kind(1, 3), x[part], t[part], T[part], horizon[part])
        assert together[i] == alone[0]


def test_phase_shares_are_those_of_arrivals_without_a_purchase():
    random = np.random.default_rng(1)
    r, alpha, _, _ = PARAMS
    x, t, T, k = 2.0, 20.0, 30.0, 3
    rate = random.gamma(r + k * x, 1 / (alpha + t), 400_000)
    arrivals = random.poisson(rate * (T - t))
    seen = np.bincount(arrivals[arrivals < k]) / (arrivals < k).sum()
    shares = phase_shares(PARAMS, Kind(1, k), *np.array([[x], [t], [T]]))[0]
    assert_allclose(seen, shares, atol=4e-3)
    now = phase_shares(PARAMS, Kind(1, k), *np.array([[x], [T], [T]]))[0]
    assert now.tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("early", [0, 1])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_pmf_sums_to_one_and_has_the_mean(k, early):
    x, T, n = np.array([0.0, 1.0, 4.0, 12.0]), np.array([30.0, 40, 50, 60]), np.arange(300.0)
    rows = (x, np.where(x > 0, 0.7 * T, 0.0), T)
    pmf = erlang_pmf(PARAMS, Kind(early, k), rows, n, 35.0)
    mean = erlang_purchases(PARAMS, Kind(early, k), *rows, np.full(4, 35.0))
    assert_allclose(pmf.sum(axis=1), 1.0, rtol=1e-12)
    assert_allclose(pmf @ n, mean, rtol=1e-11)


@settings(max_examples=60)
@given(
    wide, wide, wide, st.integers(0, 1), st.integers(1, 4), st.sampled_from([0, 1, 7, 300]),
    st.floats(1e-6, 1e3), st.sampled_from([0, 1, 2, 25]),
)  # fmt: skip
def test_pmf_to_many_digits(r, a, b, early, k, x, h, n):
    found = pmf_by_phase((r, 1.0, a, b), Kind(early, k), np.array([x * 1.0]), np.array([h]),
                         np.array([n * 1.0]))  # fmt: skip
    with mp.workdps(60):
        B, share = mp.mpf(b) + early + x, mp.mpf(h) / (1 + mp.mpf(h))
        stay = mp.beta(a, B + n) / mp.beta(a, B)
        left = mp.beta(a, B + n - 1) / mp.beta(a, B) - stay if n else mp.mpf(0)
        for phase, chance in enumerate(found):
            q = mp.mpf(r) + k * x + phase

            def arrivals(m, q=q, share=share):
                return mp.rf(q, m) / mp.factorial(m) * share**m * (1 - share) ** q

            more = 1 - mp.fsum(arrivals(m) for m in range(k * n - phase))
            assume(more > mp.mpf(10) ** -40)
            exactly = mp.fsum(
                arrivals(m) for m in range(k * n - phase, k * n - phase + k) if m >= 0
            )
            exact = stay * exactly + left * more
            if exact > 1e-280:
                assert abs(float(chance[0, 0] / exact - 1)) < 1e-9


def test_leaving_by_hand():
    stay, leave = leaving(2.0, np.array([3.0]), np.array([0.0, 1.0, 2.0]))
    assert_allclose(stay, [[1.0, 3 / 5, 3 / 5 * 4 / 6]])
    assert_allclose(leave, [[0.0, 2 / 5, 3 / 5 * 2 / 6]])


def test_each_leaves_as_if_alone():
    n, begun = np.array([0.0, 1.0, 9.0, 3.0]), np.array([3.0, 0.2, 40.0])
    stay, leave = leaving(2.0, begun, n)
    for row, each in enumerate(begun):
        alone = leaving(2.0, np.array([each]), n)
        assert_array_equal([stay[row], leave[row]], [alone[0][0], alone[1][0]])
    assert [part.shape for part in leaving(2.0, np.empty(0), n)] == [(0, 4), (0, 4)]
