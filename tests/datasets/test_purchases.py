"""The purchase processes: moments and distributions against their formulas, parameters recovered.

All seeds are fixed; a mean may differ by 4 standard errors, a distribution with p > 1e-4.
"""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import hyp2f1

from crmkit.datasets import _purchases
from crmkit.datasets._parameters import population
from crmkit.datasets._purchases import (
    Clock,
    Population,
    draw_orders,
    draw_population,
    draw_spend,
)
from crmkit.exceptions import DataError

STEADY = Clock(0.0, 0.0)
N, DAYS = 60_000, 365.0


def drawn(process, given=None, *, n=N, days=DAYS, acquisition_days=0.0, shares=None, seed=1):
    numbers = population(process, given) | {"acquisition_days": acquisition_days}
    rng = np.random.default_rng(seed)
    people = draw_population(rng, n, numbers, shares or {1: 1.0})
    return numbers, people, draw_orders(rng, people, process, STEADY, days)


def alike(n, *, rate=0.1, dropout=0.0, k=1, joined=0.0):
    """Customers who are all the same."""
    whole = np.full(n, 1.0)
    return Population(
        joined * whole, rate * whole, dropout * whole, np.full(n, k), 20 * whole, 0.5 * whole
    )


def repeats(orders, n=N):
    return np.bincount(orders.customer, minlength=n) - 1


def close(sample, expected):
    return abs(sample.mean() - expected) < 4 * sample.std() / np.sqrt(len(sample))


def test_mean_repeat_purchases_of_pareto_nbd():
    p, _, orders = drawn("pareto_nbd")
    r, alpha, s, beta = (p[name] for name in ("r", "alpha", "s", "beta"))
    expected = r * beta / alpha / (s - 1) * (1 - (beta / (beta + DAYS)) ** (s - 1))
    assert close(repeats(orders), expected)


def test_mean_repeat_purchases_of_bg_nbd():
    p, _, orders = drawn("bg_nbd", {"a": 1.4})
    r, alpha, a, b = (p[name] for name in ("r", "alpha", "a", "b"))
    z = DAYS / (alpha + DAYS)
    tail = (1 - z) ** r * hyp2f1(r, b, a + b - 1, z)
    assert close(repeats(orders), (a + b - 1) / (a - 1) * (1 - tail))


def test_mean_repeat_purchases_of_mbg_nbd():
    p, _, orders = drawn("mbg_nbd", {"a": 1.4})
    r, alpha, a, b = (p[name] for name in ("r", "alpha", "a", "b"))
    z = DAYS / (alpha + DAYS)
    tail = (1 - z) ** r * hyp2f1(r, b + 1, a + b, z)
    assert close(repeats(orders), b / (a - 1) * (1 - tail))


def test_share_of_one_time_buyers():
    p, _, orders = drawn("bg_nbd")
    silent = (p["alpha"] / (p["alpha"] + DAYS)) ** p["r"]
    assert close(repeats(orders) == 0, silent)
    p, _, orders = drawn("mbg_nbd")
    gone = p["a"] / (p["a"] + p["b"])
    assert close(repeats(orders) == 0, gone + (1 - gone) * silent)


def test_share_alive_at_the_end():
    p, _, orders = drawn("pareto_nbd")
    expected = (p["beta"] / (p["beta"] + DAYS)) ** p["s"]
    assert close(np.isnan(orders.dropout_day), expected)


def test_gaps_of_a_poisson_customer_are_exponential():
    orders = draw_orders(np.random.default_rng(2), alike(5_000), "bg_nbd", STEADY, 400.0)
    second = orders.day[np.flatnonzero(np.diff(orders.customer, prepend=-1)) + 1]
    assert stats.kstest(second, stats.expon(scale=10).cdf).pvalue > 1e-4


def test_gaps_of_a_regular_customer_are_erlang():
    people = alike(5_000, k=3)
    orders = draw_orders(np.random.default_rng(3), people, "pareto_nbd", STEADY, 900.0)
    joins = np.flatnonzero(np.diff(orders.customer, prepend=-1))
    for place in (1, 2):
        gap = orders.day[joins + place] - orders.day[joins + place - 1]
        assert stats.kstest(gap, stats.gamma(3, scale=10).cdf).pvalue > 1e-4


def test_purchases_until_dropout_are_geometric():
    people = alike(20_000, rate=1.0, dropout=0.5)
    for process, least in (("bg_nbd", 1), ("mbg_nbd", 0)):
        orders = draw_orders(np.random.default_rng(4), people, process, STEADY, 60.0)
        counts = np.bincount(repeats(orders, 20_000), minlength=least + 5)[least : least + 5]
        expected = 20_000 * 0.5 ** np.arange(1, 6)
        assert least == 1 or counts[0] > 0
        assert np.abs(counts - expected).max() < 4 * np.sqrt(20_000 / 4)
        assert not np.isnan(orders.dropout_day).any()


def test_lifetime_of_pareto_customers_is_exponential():
    people = alike(5_000, dropout=0.05, joined=10.0)
    orders = draw_orders(np.random.default_rng(5), people, "pareto_nbd", STEADY, 1_000.0)
    assert stats.kstest(orders.dropout_day - 10.0, stats.expon(scale=20).cdf).pvalue > 1e-4


@pytest.mark.parametrize("process", ["pareto_nbd", "bg_nbd", "mbg_nbd"])
def test_orders_are_in_time_and_end_with_the_dropout(process):
    _, people, orders = drawn(process, n=5_000, acquisition_days=200.0, shares={1: 0.5, 3: 0.5})
    assert (np.diff(orders.customer) >= 0).all()
    assert (np.diff(orders.day)[np.diff(orders.customer) == 0] >= 0).all()
    joins = np.flatnonzero(np.diff(orders.customer, prepend=-1))
    np.testing.assert_array_equal(orders.day[joins], people.joined)
    assert orders.day.max() < DAYS
    assert people.joined.max() < 200
    last = orders.day[np.append(joins[1:], len(orders.day)) - 1]
    gone = ~np.isnan(orders.dropout_day)
    assert (last[gone] <= orders.dropout_day[gone]).all()
    if process != "pareto_nbd":
        np.testing.assert_array_equal(last[gone], orders.dropout_day[gone])


def test_regularity_comes_in_the_asked_shares():
    _, people, _ = drawn("pareto_nbd", n=20_000, shares={1: 0.7, 4: 0.3})
    assert set(people.regularity) == {1, 4}
    assert close(people.regularity == 4, 0.3)


def test_lifetimes_recovers_the_parameters():
    lifetimes = pytest.importorskip("lifetimes", reason="lifetimes is the oracle of this test")
    truth = {"r": 0.55, "alpha": 30.0, "a": 0.8, "b": 2.5}
    _, people, orders = drawn("bg_nbd", truth, n=40_000, days=500, acquisition_days=250.0)
    last = orders.day[np.append(np.flatnonzero(np.diff(orders.customer)), len(orders.day) - 1)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = lifetimes.BetaGeoFitter().fit(
            repeats(orders, 40_000), last - people.joined, 500 - people.joined
        )
    errors = model.standard_errors_
    for name, value in truth.items():
        assert abs(model.params_[name] - value) < 4 * errors[name]
        assert errors[name] < 0.15 * value


def test_spend_follows_gamma_gamma():
    p, people, _ = drawn("pareto_nbd")
    mean = p["p"] * p["v"] / (p["q"] - 1)
    assert close(people.mean_spend, mean)
    value = draw_spend(np.random.default_rng(6), people, np.arange(N), p["p"])
    assert close(value, mean)
    assert abs(stats.spearmanr(people.rate, people.mean_spend).statistic) < 4 / np.sqrt(N)


def test_spend_of_one_customer_is_gamma():
    value = draw_spend(np.random.default_rng(7), alike(1), np.zeros(5_000, np.int64), 10.0)
    assert stats.kstest(value, stats.gamma(10, scale=2).cdf).pvalue > 1e-4


def test_a_still_clock_changes_nothing():
    day = np.array([0.0, 0.1, 364.9])
    assert STEADY.read(day) is day
    assert STEADY.day(day, 365.0) is day


@given(st.floats(0, 1), st.floats(-400, 400), st.lists(st.floats(0, 730), min_size=2))
def test_the_clock_runs_forward_and_back(strength, peak, days):
    clock, day = Clock(strength, peak), np.sort(days)
    reading = clock.read(day)
    assert (np.diff(reading) >= -1e-9).all()
    back = clock.day(reading, 730.0)
    np.testing.assert_allclose(clock.read(back), reading, atol=1e-4)


def test_speed_of_the_clock_by_hand():
    clock = Clock(0.5, 100.0)
    step = np.array([1e-3])
    for day, speed in ((100.0, 1.5), (100.0 + 365.25 / 2, 0.5), (100 + 365.25 / 4, 1.0)):
        rise = clock.read(day + step) - clock.read(day - step)
        assert rise[0] / 2e-3 == pytest.approx(speed, abs=1e-6)
    assert clock.read(np.zeros(1))[0] == 0.0


def test_purchases_swing_with_the_season():
    clock = Clock(0.8, 90.0)
    orders = draw_orders(np.random.default_rng(8), alike(2_000), "bg_nbd", clock, 365.25)
    day = orders.day[orders.day > 0]
    expected = clock.read(np.linspace(0, 365.25, 13))
    counts = np.histogram(day, np.linspace(0, 365.25, 13))[0]
    shares = np.diff(expected) / (expected[-1] - expected[0])
    assert stats.chisquare(counts, shares * counts.sum()).pvalue > 1e-4
    assert counts.max() > 3 * counts.min()


def test_far_too_many_purchases_are_refused(monkeypatch):
    monkeypatch.setattr(_purchases, "MOST_ARRIVALS", 100)
    with pytest.raises(DataError, match=r"ask for about 20,000 purchases.*or a larger alpha"):
        draw_orders(np.random.default_rng(0), alike(100), "bg_nbd", STEADY, 2_000.0)


def test_hardly_any_dropout_does_not_overflow():
    people = alike(10, dropout=5e-324)
    for process in ("pareto_nbd", "bg_nbd", "mbg_nbd"):
        orders = draw_orders(np.random.default_rng(0), people, process, STEADY, 100.0)
        assert np.isnan(orders.dropout_day).all()
        assert len(orders.day) > 50


def test_same_seed_same_orders():
    first, second = (drawn("pareto_nbd", n=500)[2] for _ in range(2))
    pd.testing.assert_frame_equal(
        pd.DataFrame({"day": first.day}), pd.DataFrame({"day": second.day})
    )
