"""Discrete hazards: rows at risk by hand, the curve of all alike, times and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmkit.churn import SurvivalCurve
from crmkit.churn._hazard import (
    at_risk,
    base_odds,
    cumulated,
    cumulated_at,
    grow,
    hazards,
    levelled,
    period_edges,
    time_of,
)

EDGES = np.array([0.0, 2.0, 4.0, 8.0])


def test_rows_at_risk_by_hand():
    # ends at 3 (second period), lost at 5 (a quarter of the third seen), lost at 4 (two seen
    # whole), ends at 2 (first), lasts beyond the edges, lost at once
    durations = np.array([3.0, 5.0, 4.0, 2.0, 9.0, 0.0])
    ended = np.array([1.0, 0, 0, 1, 1, 0])
    customer, period, y, weight = at_risk(durations, ended, EDGES)
    assert customer.tolist() == [0, 0, 1, 1, 1, 2, 2, 3, 4, 4, 4]
    assert period.tolist() == [0, 1, 0, 1, 2, 0, 1, 0, 0, 1, 2]
    assert y.tolist() == [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    assert weight.tolist() == [1, 1, 1, 1, 0.25, 1, 1, 1, 1, 1, 1]


def test_an_end_at_time_zero_is_in_the_first_period():
    customer, period, y, weight = at_risk(np.array([0.0]), np.array([1.0]), EDGES)
    assert [a.tolist() for a in (customer, period, y, weight)] == [[0], [0], [1.0], [1.0]]


def test_edges_hold_equal_numbers_of_ends_and_reach_the_last_customer():
    durations = np.array([1.0, 2, 3, 4, 9])
    assert period_edges(durations, np.array([1.0, 1, 1, 1, 0]), 2).tolist() == [0, 3, 4, 9]


def test_the_base_is_kaplan_meier():
    random = np.random.default_rng(0)
    durations, ended = random.integers(1, 9, 3000).astype(float), random.random(3000) < 0.6
    rows = at_risk(durations, ended.astype(float), np.arange(9.0))
    hazard = 1 / (1 + np.exp(-base_odds(*rows[1:], 8)))
    curve = SurvivalCurve.fit(durations, ended)
    assert_allclose(np.cumprod(1 - hazard), curve.survival, atol=1e-3)


def test_the_level_of_every_period_is_that_of_the_data():
    random = np.random.default_rng(1)
    x = random.normal(size=(400, 1))
    life = random.exponential(5 * np.exp(-x[:, 0]))
    ended, edges = (life < 8).astype(float), EDGES
    rows = at_risk(np.minimum(life, 8.0), ended, edges)
    wrong = base_odds(*rows[1:], 3) + np.array([1.0, -2.0, 0.5])
    text = grow(x, rows, wrong, np.arange(400), 5, 0, 1)
    right = levelled(text, x, rows, wrong)
    customer, period, y, weight = rows
    p = hazards(text, x, right)[customer, period]
    for k in range(3):
        at = period == k
        assert_allclose((weight * p)[at].sum(), (weight * y)[at].sum(), rtol=1e-9)


def test_log_survival_runs_straight_and_on_behind_the_last_edge():
    total = cumulated(np.array([[0.5, 0.0, 0.75]]))
    times = np.array([[0.0, 1.0, 2.0, 3.0, 6.0, 8.0, 12.0]])
    survival = np.exp(-cumulated_at(total, EDGES, times))
    assert_allclose(survival[0], [1, np.sqrt(0.5), 0.5, 0.5, 0.25, 0.125, 0.125 / 4])


def test_times_back_from_survival():
    total = cumulated(np.array([[0.5, 0.0, 0.75]] * 4))
    wanted = -np.log([np.sqrt(0.5), 0.25, 1.0, 0.1])
    assert_allclose(time_of(total, EDGES, wanted), [1.0, 6.0, 0.0, np.inf])


@given(st.lists(st.floats(0.01, 0.95), min_size=3, max_size=3), st.floats(0, 8))
def test_a_time_and_its_survival_belong_together(hazard, time):
    total = cumulated(np.array([hazard]))
    at = cumulated_at(total, EDGES, np.array([[time]]))[:, 0]
    back = time_of(total, EDGES, at)
    assert_allclose(cumulated_at(total, EDGES, back[:, None])[:, 0], at, atol=1e-9)
    assert_allclose(back, time, atol=1e-9)
