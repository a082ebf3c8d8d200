"""Rates within periods: rows at risk by hand, known rates, that of all alike, times and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmkit._trees import Growth
from crmkit.churn import SurvivalCurve
from crmkit.churn._hazard import (
    AtRisk,
    at_risk,
    base_rates,
    cumulated,
    cumulated_at,
    grow,
    levelled,
    period_edges,
    rates_of,
    share_waited,
    tail_shares,
    time_of,
    time_step,
    tree_logs,
    without_empty_end,
)

HOW = Growth(0, 1)
EDGES = np.array([0.0, 2.0, 4.0, 8.0])
LENGTH = np.diff(EDGES)


def test_rows_at_risk_by_hand():
    # ends at 3 (second period), lost at 5 (a quarter of the third seen), lost at 4 (two seen
    # whole), ends at 2 (first), lasts beyond the edges, lost at once
    durations = np.array([3.0, 5.0, 4.0, 2.0, 9.0, 0.0])
    ended = np.array([1.0, 0, 0, 1, 1, 0])
    rows = at_risk(durations, ended, EDGES)
    assert rows.customer.tolist() == [0, 0, 1, 1, 1, 2, 2, 3, 4, 4, 4]
    assert rows.period.tolist() == [0, 1, 0, 1, 2, 0, 1, 0, 0, 1, 2]
    assert rows.y.tolist() == [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    assert rows.time.tolist() == [2, 1, 2, 2, 1, 2, 2, 2, 2, 2, 4]
    assert not rows.step.any()
    stepped = at_risk(durations, ended, EDGES, step=1.5)
    assert stepped.step.tolist() == [0, 1, 0, 0, 0, 0, 0, 1.5, 0, 0, 0]


def test_an_end_at_time_zero_is_in_the_first_period():
    for step, time in ((0.0, 2e-6), (1.0, 1.0)):
        rows = at_risk(np.array([0.0]), np.array([1.0]), EDGES, step)
        assert [rows.customer.tolist(), rows.period.tolist()] == [[0], [0]]
        assert [rows.y.tolist(), rows.time.tolist()] == [[1.0], [time]]


def test_edges_hold_equal_numbers_of_ends_and_reach_the_last_customer():
    durations = np.array([1.0, 2, 3, 4, 9])
    assert period_edges(durations, np.array([1.0, 1, 1, 1, 0]), 2).tolist() == [0, 3, 4, 9]


def test_a_last_period_that_was_hardly_watched_is_joined_with_the_one_before():
    edges = np.array([0.0, 3.0, 4.0, 9.0])
    # in (3, 4] one end in 2 units of time; behind 4 were seen 5: 2.5 ends were to be expected
    durations, ended = np.array([1.0, 3, 4, 9]), np.array([1.0, 1, 1, 0])
    assert without_empty_end(edges, durations, ended).tolist() == [0, 3, 9]
    # with 5 more units of time 4 of 3 units were to be expected: that none came tells something
    durations, ended = np.append(durations, 9.0), np.append(ended, 0.0)
    assert without_empty_end(edges, durations, ended).tolist() == edges.tolist()
    # periods stated beyond the data
    stated = np.array([0.0, 12.0, 24.0, 48.0, 96.0])
    assert without_empty_end(stated, np.array([5.0, 20, 24]), np.ones(3)).tolist() == [0, 12, 96]
    assert without_empty_end(stated, np.array([5.0, 13]), np.ones(2)).tolist() == [0, 12, 96]
    assert without_empty_end(EDGES, np.array([1.0, 7]), np.ones(2)).tolist() == EDGES.tolist()


def test_the_step_of_times():
    def step(ends):
        return time_step(np.append(ends, 3.3), np.append(np.ones(len(ends)), 0.0))

    assert step([2.0, 7.0, 11.0]) == 1.0
    assert step([14.0, 7.0, 35.0]) == 7.0
    assert step([0.0, 0.0]) == 0.0
    assert step([0.31, 2.7, 1.4]) == 0.0
    assert step(np.repeat([1, 2, 3, 4, 9], 3) / 7) == pytest.approx(1 / 7)


def test_the_time_waited_in_a_step():
    random = np.random.default_rng(0)
    for x in (1e-9, 0.3, 2.0):
        wait = random.exponential(1 / max(x, 1e-9), 2_000_000)
        seen = wait[wait < 1] if x > 1e-9 else np.array([0.5])
        assert share_waited(np.array([x]))[0] == pytest.approx(seen.mean(), abs=1e-3)


def test_rates_are_ends_by_time_at_risk():
    # ends at 1 and 3, lost at 3: 1 end in 2 + 2 + 1 units of time, then 1 in 1 + 1
    rows = at_risk(np.array([1.0, 3, 3]), np.array([1.0, 1, 0]), EDGES[:3])
    base, _ = base_rates(rows, 2)
    mean = 2 / 7
    assert_allclose(base, [(1 + 0.5) / (5 + 0.5 / mean), (1 + 0.5) / (2 + 0.5 / mean)])


@pytest.mark.parametrize("n_periods", [1, 2, 3, 12])
def test_known_rates_come_out_where_customers_are_lost_within_periods(n_periods):
    random = np.random.default_rng(0)
    life, watched = random.exponential(10, 20_000), random.uniform(0, 24, 20_000)
    durations, ended = np.minimum(life, watched), (life <= watched).astype(float)
    edges = np.linspace(0, 24, n_periods + 1)
    base, rows = base_rates(at_risk(durations, ended, edges), n_periods)
    error = 0.1 / np.sqrt(np.bincount(rows.period, weights=rows.y))
    assert (np.abs(base - 0.1) < 3.5 * error).all()


def test_the_base_is_kaplan_meier():
    random = np.random.default_rng(0)
    durations, ended = random.integers(1, 9, 3000).astype(float), random.random(3000) < 0.6
    rows = at_risk(durations, ended.astype(float), np.arange(9.0), step=1.0)
    base, _ = base_rates(rows, 8)
    curve = SurvivalCurve.fit(durations, ended)
    assert_allclose(np.exp(-np.cumsum(base)), curve.survival, atol=2e-3)


def test_a_wrong_level_of_a_period_is_set_right():
    random = np.random.default_rng(1)
    x = random.normal(size=(2000, 1))
    life = random.exponential(5 * np.exp(-x[:, 0]))
    rows = at_risk(np.minimum(life, 8.0), (life < 8).astype(float), EDGES)
    wrong = base_rates(rows, 3)[0] * np.exp([1.0, -2.0, 0.5])
    text = grow(x, rows, wrong, 5, HOW)
    base = levelled(x, rows, wrong, np.arange(2000), 5, HOW)
    rates = rates_of(text, x, base)[rows.customer, rows.period]
    for k in range(3):
        at = rows.period == k
        assert_allclose((rates * rows.time)[at].sum(), rows.y[at].sum(), rtol=0.05)


def test_trees_that_know_who_lasted_do_not_lift_the_level():
    """Ten columns of noise and many trees: the level of late periods is that of all alike."""
    random = np.random.default_rng(2)
    x, life = random.normal(size=(1500, 10)), random.exponential(10.0, 1500)
    rows = at_risk(np.minimum(life, 40.0), (life < 40).astype(float), np.arange(0.0, 41, 8))
    base, rows = base_rates(rows, 5)
    text, alone = grow(x, rows, base, 150, HOW), np.arange(1500)
    level = levelled(x, rows, base, alone, 150, HOW)
    rates = rates_of(text, random.normal(size=(4000, 10)), level)
    assert_allclose(rates.mean(axis=0), base, rtol=0.15)
    logs = tree_logs(text, x[rows.customer], rows.period)
    late = rows.period == 4
    within = rows.y[late].sum() / (base[4] * np.exp(logs) * rows.time)[late].sum()
    assert within > 1.05, "as it would be on the customers that were learnt from"


def test_the_rate_behind_the_end_is_that_of_the_last_twenty_ends():
    def tail(ends, time):
        period = np.arange(len(ends))
        rows = AtRisk(period, period, np.array(ends), np.array(time), np.zeros(len(ends)))
        return tail_shares(rows, len(ends)).tolist()

    assert tail([100.0, 30.0, 20.0], [1000.0, 300.0, 100.0]) == [0, 0, 1]
    assert tail([100.0, 19.0, 1.0], [1000.0, 30.0, 10.0]) == [0, 0.75, 0.25]
    assert tail([3.0, 2.0], [30.0, 10.0]) == [0.75, 0.25]
    assert tail([60.0, 0.0], [600.0, 400.0]) == [0, 1]  # 24 were to be expected: it tells enough


def test_log_survival_runs_straight_and_on_behind_the_last_edge():
    total = cumulated(np.log([[2.0, 1.0, 4.0]]) / LENGTH, EDGES)
    times = np.array([[0.0, 1.0, 2.0, 3.0, 6.0, 8.0, 12.0]])
    survival = np.exp(-cumulated_at(total, EDGES, times, np.array([np.log(3.0) / 4])))
    assert_allclose(survival[0], [1, np.sqrt(0.5), 0.5, 0.5, 0.25, 0.125, 0.125 / 3])


def test_times_back_from_survival():
    total = cumulated(np.log([[2.0, 1.0, 4.0]] * 4) / LENGTH, EDGES)
    wanted = -np.log([np.sqrt(0.5), 0.25, 1.0, 0.1])
    assert_allclose(time_of(total, EDGES, wanted), [1.0, 6.0, 0.0, np.inf])


@given(st.lists(st.floats(0.01, 3), min_size=3, max_size=3), st.floats(0, 8))
def test_a_time_and_its_survival_belong_together(rates, time):
    total, none = cumulated(np.array([rates]), EDGES), np.zeros(1)
    at = cumulated_at(total, EDGES, np.array([[time]]), none)[:, 0]
    back = time_of(total, EDGES, at)
    assert_allclose(cumulated_at(total, EDGES, back[:, None], none)[:, 0], at, atol=1e-9)
    assert_allclose(back, time, atol=1e-9)
