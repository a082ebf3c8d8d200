"""Pauses: finished and unfinished ones by hand, the Kaplan-Meier curve, the usual pause."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.events._pauses import enough_at_risk, kaplan_meier, pauses, usual_pause
from crmkit.exceptions import DataError


def log_of(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "amount"])
    return ck.EventLog(frame.assign(timestamp=pd.to_datetime(frame["timestamp"], format="ISO8601")))


def test_pauses_by_hand():
    log = log_of(
        ("a", "2024-01-01 09:00", 5.0),
        ("a", "2024-01-03 10:00", 5.0),
        ("a", "2024-01-03 18:00", 5.0),  # the same day is no pause
        ("a", "2024-01-04 10:00", -5.0),  # a return is no purchase
        ("a", "2024-01-07 10:00", 5.0),
        ("b", "2024-01-02 10:00", 5.0),
        ("b", "2024-01-20 10:00", 5.0),  # not known yet
    )
    durations, ended = pauses(log, "2024-01-10", "D", "test")
    # the 9th is the last known day: a pauses since the 7th, b since the 2nd
    assert sorted(zip(durations, ended, strict=True)) == [(2, 0), (2, 1), (4, 1), (7, 0)]


def test_a_day_that_is_not_over_tells_of_purchases_only():
    log = log_of(("a", "2024-01-01", 1.0), ("b", "2024-01-01", 1.0), ("b", "2024-01-05 08:00", 1.0))
    durations, ended = pauses(log, "2024-01-05 12:00", "D", "test")
    assert sorted(zip(durations, ended, strict=True)) == [(0, 0), (3, 0), (4, 1)]


def test_without_purchases_there_are_no_pauses():
    log = log_of(("a", "2024-01-01", -1.0), ("b", "2024-02-01", 1.0))
    with pytest.raises(DataError, match="test: there are no purchases before as_of"):
        pauses(log, "2024-01-15", "D", "test")


def test_the_curve_by_hand():
    curve = kaplan_meier(np.array([1.0, 2, 2, 4, 6]), np.array([1.0, 1, 0, 1, 0]))
    assert curve.times.tolist() == [1, 2, 4, 6]
    assert curve.at_risk.tolist() == [5, 4, 2, 1]
    assert curve.ended.tolist() == [1, 1, 1, 0]
    assert curve.lost.tolist() == [0, 1, 0, 1]
    np.testing.assert_allclose(curve.survival, [0.8, 0.6, 0.3, 0.3])


def test_the_usual_pause_is_that_of_pauses_that_end():
    ended = np.repeat([1.0, 0.0], [40, 60])
    curve = kaplan_meier(np.r_[np.arange(1.0, 41.0), np.full(60, 90.0)], ended)
    assert usual_pause(curve, 0.5) == 20.0
    assert usual_pause(curve, 0.8) == 32.0
    assert enough_at_risk(curve).all()


def test_the_tail_that_few_tell_of_is_left_out():
    curve = kaplan_meier(np.arange(1.0, 101.0), np.ones(100))
    assert curve.times[enough_at_risk(curve)].max() == 71.0
    assert usual_pause(curve, 0.999) == 71.0
