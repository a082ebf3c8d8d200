"""Rhythm: pauses and shrinkage by hand, chances that fall, levels, a truth that is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmkit as ck
from crmkit.events._customers_at import read_customers_at
from crmkit.events._pauses import kaplan_meier
from crmkit.segment._rhythm import (
    GRID,
    all_pauses,
    best_weight,
    chances,
    learn_rhythm,
    level_silences,
    levels_passed,
    own_rhythm,
)

LEVELS = np.array([0.5, 0.3, 0.15])


def moment_of(rows, as_of):
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp"]).assign(amount=1.0)
    log = ck.EventLog(frame.assign(timestamp=pd.to_datetime(frame["timestamp"])))
    return read_customers_at(log, [as_of], "test").moment(0)


def renewals(n=3000, shape=1.0, mean=(10.0, 40.0), seed=0):
    """Customers of two rhythms who pause for a gamma time and never leave."""
    random = np.random.default_rng(seed)
    own = random.choice(mean, n)
    steps = random.gamma(shape, own[:, None] / shape, (n, 80))
    ages = np.cumsum(np.column_stack([random.uniform(0, 100, n), steps]), axis=1)
    who, when = np.repeat(np.arange(n), ages.shape[1]), ages.ravel()
    start = pd.Timestamp("2022-01-01")
    frame = pd.DataFrame({"customer_id": who, "timestamp": start + pd.to_timedelta(when, "D")})
    return ck.EventLog(frame[when < 500].assign(amount=1.0)), own


def test_pauses_by_hand():
    rows = [("a", "2024-01-01"), ("a", "2024-01-04"), ("a", "2024-01-10"), ("b", "2024-01-08")]
    every = all_pauses(moment_of(rows, "2024-01-14"))
    assert every.days.tolist() == [3, 6, 3, 5]  # the 13th is the last day known
    assert every.ended.tolist() == [True, True, False, False]
    assert every.nth.tolist() == [0, 1, 2, 0]
    assert every.passed.tolist() == [0, 3, 9, 0]


def test_a_rhythm_is_shrunk_towards_the_usual_gap():
    rhythm = own_rhythm(np.array([0.0, 30.0, 900.0]), np.array([0, 2, 90]), 10.0, 2.0)
    np.testing.assert_allclose(rhythm, [10.0, 12.5, 10.0])


def test_who_differs_much_is_shrunk_less():
    alike, _ = renewals(400, mean=(20.0, 20.0))
    differing, _ = renewals(400, shape=30.0, mean=(5.0, 60.0))
    weights = [
        best_weight(all_pauses(read_customers_at(log, ["2023-03-01"], "test").moment(0)), 20.0)
        for log in (alike, differing)
    ]
    assert weights[0] > weights[1] == 0.5


def test_without_memory_the_chance_does_not_fall():
    random = np.random.default_rng(1)
    curve = kaplan_meier(random.exponential(1.0, 20_000), np.ones(20_000))
    window, silence, chance = chances(curve)
    assert window == pytest.approx(np.log(2), abs=0.03)
    early = silence < 3
    assert np.abs(chance[early] - 0.5).max() < 0.05


def test_where_some_have_left_the_chance_falls_as_it_should():
    """Half leave, the others pause for an exponential time of mean 1; watched for 20."""
    random = np.random.default_rng(2)
    stays = random.random(40_000) < 0.5
    pause = random.exponential(1.0, 40_000)
    curve = kaplan_meier(np.where(stays, pause, 20.0), stays.astype(float))
    window, silence, chance = chances(curve)
    alive = np.exp(-silence) / (1 + np.exp(-silence))
    truth = alive * (1 - np.exp(-window))
    assert np.abs(chance - truth).max() < 0.02
    reached = level_silences(silence, chance, window, LEVELS)
    by_hand = [-np.log(x / (2 - x)) for x in LEVELS]
    np.testing.assert_allclose(reached, by_hand, atol=0.3)


def test_levels_that_a_short_log_does_not_show_lie_behind_its_end():
    silence, chance = np.linspace(0.0, 4.0, GRID), np.linspace(0.8, 0.36, GRID)
    reached = level_silences(silence, chance, 1.0, LEVELS)
    assert reached[0] == pytest.approx(silence[np.argmax(chance <= 0.4)])
    assert reached[1:].tolist() == [2 * reached[0], 4 * reached[0]]
    assert level_silences(silence, np.zeros(GRID), 1.0, LEVELS).tolist() == [5.0, 10.0, 20.0]
    assert level_silences(silence, np.zeros(GRID), 1.0, LEVELS, 2.0).tolist() == [2.0, 5.0, 10.0]


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=80),
    st.lists(st.booleans(), min_size=80, max_size=80),
)
def test_chances_fall_and_levels_rise(lengths, ended):
    days, flags = np.array(lengths, float), np.array(ended[: len(lengths)], float)
    window, silence, chance = chances(kaplan_meier(days, flags))
    assert ((chance >= 0) & (chance <= 1)).all()
    assert (np.diff(chance) <= 1e-12).all()
    reached = level_silences(silence, chance, window, LEVELS)
    assert (np.diff(reached) >= 0).all()
    assert reached[0] > 0


def test_first_pauses_have_a_curve_of_their_own_where_both_have_thirty_ended():
    begin = pd.Timestamp("2024-01-01")

    def rules(n):
        lives = [(i, [0, 20]) for i in range(100)] + [
            (i, [0, 2, 6, 10]) for i in range(100, 100 + n)
        ]
        rows = [(who, begin + pd.Timedelta(days=day)) for who, days in lives for day in days]
        return learn_rhythm(moment_of(rows, "2024-01-22"), LEVELS)

    assert rules(14).window[0] == rules(14).window[1]  # 28 later pauses ended
    assert rules(15).window[0] != rules(15).window[1]


def test_few_first_pauses_share_a_curve_with_later_ones():
    rows = [("a", f"2024-01-{d:02d}") for d in (1, 3, 5, 9)] + [("b", "2024-01-02")]
    rules = learn_rhythm(moment_of(rows, "2024-01-13"), LEVELS)
    assert rules.thresholds[0].tolist() == rules.thresholds[1].tolist()
    assert rules.usual_gap == 2.0
    passed = levels_passed(rules.thresholds, np.array([0.0, 1e9]), np.array([0, 1]))
    assert passed.tolist() == [0, 3]
