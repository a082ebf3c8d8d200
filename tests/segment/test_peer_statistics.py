"""Chances among peers: against scipy, against simulation, and with abusers among the peers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crmkit.segment._peer_statistics import (
    count_tail,
    even_tail,
    fit_null,
    fit_rate,
    null_limit,
    null_tail,
    row_tail,
    slope_of,
    tempered,
)


def test_tails_are_those_of_scipy():
    k = np.arange(0.0, 12.0)
    mean = np.full(12, 2.5)
    np.testing.assert_allclose(count_tail(k, mean, np.zeros(12)), stats.poisson.sf(k - 1, 2.5))
    size = 1 / 0.7
    expected = stats.nbinom.sf(k - 1, size, size / (size + 2.5))
    np.testing.assert_allclose(count_tail(k, mean, np.full(12, 0.7)), expected)


@given(st.floats(0, 30), st.floats(0, 5), st.floats(1e-3, 20), st.floats(0, 4))
def test_more_is_never_likelier(k, more, mean, spread):
    few, many = (
        count_tail(np.array([x]), np.array([mean]), np.array([spread]))[0] for x in (k, k + more)
    )
    assert 0.0 <= many <= few + 1e-12 <= 1.0 + 2e-12


def test_rate_and_spread_are_found_again():
    random = np.random.default_rng(0)
    chances = random.integers(1, 20, 40_000).astype(float)
    own = random.gamma(2.0, 0.05 / 2.0, 40_000)
    k = random.poisson(own * chances).astype(float)
    rate, spread = fit_rate(k, chances)
    assert rate == pytest.approx(0.05, rel=0.05)
    assert spread == pytest.approx(0.5, abs=0.1)


def test_abusers_do_not_excuse_one_another():
    random = np.random.default_rng(1)
    chances = np.full(2000, 10.0)
    k = random.poisson(0.3, 2000).astype(float)
    k[:60] += 9
    rate, spread = fit_rate(k, chances)
    assert rate == pytest.approx(0.03, rel=0.2)
    tails = count_tail(k, rate * chances, np.full(2000, spread))
    assert tails[:60].max() < 1e-6


def test_a_small_group_leans_on_everybody():
    k, chances = np.array([2.0]), np.array([2.0])
    assert fit_rate(k, chances, 0.01)[0] < 0.02


@pytest.mark.parametrize("k", [3, 4, 5])
def test_rows_of_events_are_bounded(k):
    random = np.random.default_rng(2)
    days, burst, mean = 90.0, 10.0, 2.0
    hits, n = 0, 40_000
    for count in random.poisson(mean, n):
        times = np.sort(random.uniform(0, days, count))
        hits += count >= k and (times[k - 1 :] - times[: count - k + 1] < burst).any()
    bound = row_tail(np.array([k]), np.array([mean]), np.zeros(1), burst / days)[0]
    assert hits / n <= bound * 1.05
    assert hits / n >= bound * 0.4


def test_rows_of_those_who_differ_are_likelier():
    random = np.random.default_rng(9)
    days, burst, mean, spread, k, n = 90.0, 10.0, 1.0, 1.5, 4, 40_000
    hits = 0
    for count in random.poisson(random.gamma(1 / spread, mean * spread, n)):
        times = np.sort(random.uniform(0, days, count))
        hits += count >= k and (times[k - 1 :] - times[: count - k + 1] < burst).any()
    bound, alike = (
        row_tail(np.array([k]), np.array([mean]), np.array([v]), burst / days)[0]
        for v in (spread, 0.0)
    )
    assert alike < hits / n <= bound
    assert hits / n >= bound * 0.3


def test_even_rows_are_bounded():
    random = np.random.default_rng(3)
    times = np.sort(random.uniform(0, 90, (40_000, 8)), axis=1)
    hit = ((times[:, 4:] - times[:, :4]) < 10).any(axis=1).mean()
    bound = even_tail(np.array([5]), np.array([8]), np.array([10 / 90]))[0]
    assert bound * 0.4 <= hit <= bound
    assert even_tail(np.array([1, 0]), np.array([1, 0]), np.array([0.1, 0.1])).tolist() == [1, 1]


def test_flat_chances_are_tempered():
    p = np.random.default_rng(5).random(20_000)
    assert slope_of(p) == pytest.approx(1.0, abs=0.05)
    assert slope_of(p**2) == pytest.approx(2.0, abs=0.1)
    np.testing.assert_allclose(tempered(p**2, np.full(20_000, 2.0)), p)
    assert slope_of(np.empty(0)) == 1.0


def test_the_null_keeps_its_promise_and_its_limits():
    least = np.random.default_rng(6).random((100_000, 5)).min(axis=1)
    null = fit_null(least, 5)
    for rate in (0.02, 0.003):
        assert (null_tail(least, *null) < rate).mean() == pytest.approx(rate, rel=0.2)
        assert ((least < null_limit(rate, *null)) == (null_tail(least, *null) < rate)).all()
    many = np.where(np.arange(100_000) < 10_000, 1e-30, least)
    assert (null_tail(many, *fit_null(many, 5))[:10_000] < 1e-6).all()
    few = fit_null(least[:100], 5)
    assert null_tail(np.array([0.01]), *few)[0] == pytest.approx(0.05)  # Bonferroni: 5 x 0.01
    assert null_limit(0.05, *few) == pytest.approx(0.01)


def test_a_null_of_fewer_customers_is_judged_with_more_care():
    """Whoever knows a slope from few customers cannot promise much beyond them."""
    least = np.random.default_rng(7).random((40_000, 5)).min(axis=1)
    anchor, slope, backed = fit_null(least, 5)
    assert backed == pytest.approx(0.07 * 40_000)
    few, many = (null_tail(np.array([1e-5]), anchor, slope, n)[0] for n in (21.0, backed))
    assert few > 1.5 * many
    for rate in (0.1, 0.03, 0.001):
        limit = null_limit(rate, anchor, slope, 21.0)
        assert null_tail(np.array([limit]), anchor, slope, 21.0)[0] == pytest.approx(rate)
    shares = []  # 400 customers each: on fresh ones the rate holds
    for seed in range(40):
        own, fresh = np.random.default_rng(seed).random((2, 400, 5)).min(axis=2)
        shares.append((null_tail(fresh, *fit_null(own, 5)) < 0.01).mean())
    assert 0.005 < np.mean(shares) < 0.013
