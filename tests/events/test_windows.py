"""Histories and rows: ends and sums by brute force, no trace of the order of the events."""

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.events._windows import read_histories, sums_between
from tests.contracts.event_level import AS_OF, events, log_of
from tests.contracts.frame_kinds import FRAMES


def test_sums_between_by_hand():
    values = np.array([1.0, 2.0, 4.0, 8.0])
    begin, end = np.array([0, 1, 2, 2, 4, 0]), np.array([2, 4, 2, 3, 4, 4])
    assert sums_between(values, begin, end).tolist() == [3.0, 14.0, 0.0, 4.0, 0.0, 15.0]
    assert sums_between(np.zeros(0), np.zeros(1, int), np.zeros(1, int)).tolist() == [0.0]


def test_one_large_customer_does_not_blur_the_others():
    values = np.concatenate([np.full(1000, 1e12), [0.1, 0.2]])
    total = sums_between(values, np.array([1000]), np.array([1002]))
    assert total.tolist() == [0.1 + 0.2]


def test_the_order_of_the_events_leaves_no_trace():
    frame = events()
    one = read_histories(log_of(frame), AS_OF, "D", "test")
    two = read_histories(log_of(frame.sample(frac=1.0, random_state=1)), AS_OF, "D", "test")
    assert one.ids.to_list() == two.ids.to_list()
    np.testing.assert_array_equal(one.spent, two.spent)
    np.testing.assert_array_equal(one.purchases.period, two.purchases.period)
    np.testing.assert_array_equal(one.purchases.start, two.purchases.start)


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("returns", ["exclude", "net"])
def test_every_kind_of_frame_gives_the_same_bits(kind, returns):
    frame = events()
    expected = read_histories(log_of(frame, returns=returns), AS_OF, "D", "test")
    got = read_histories(log_of(FRAMES[kind](frame), returns=returns), AS_OF, "D", "test")
    assert got.ids.to_list() == expected.ids.to_list()
    np.testing.assert_array_equal(got.spent, expected.spent)
    for name in ("purchases", "money"):
        for part in ("start", "period"):
            mine, its = (getattr(getattr(h, name), part) for h in (got, expected))
            np.testing.assert_array_equal(mine, its)


@pytest.mark.parametrize(
    ("as_of", "whole"),
    [("2024-01-03", 2), ("2024-01-03T08:00", 2), ("2024-01-03T00:00:00.000001", 2)],
)
def test_a_torn_day_is_known_but_not_whole(as_of, whole):
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "a"],
            "timestamp": pd.to_datetime(["2024-01-01T09:00", "2024-01-09T00:00"]),
            "amount": [1.0, 1.0],
        }
    )
    day = int(np.datetime64("2024-01-01", "D").astype(int)) - 1
    histories = read_histories(EventLog(frame), as_of, "D", "test")
    assert histories.first == day + 1
    assert histories.whole == day + whole
    assert histories.last == day + (2 if as_of == "2024-01-03" else 3)


@pytest.mark.parametrize("kind", FRAMES)
def test_days_begin_in_the_zone_of_the_log(kind):
    frame = pd.DataFrame(
        {
            "customer_id": [1, 1],
            "timestamp": pd.to_datetime(["2024-06-30 23:30", "2024-07-01 12:00"], utc=True),
            "amount": [1.0, 2.0],
        }
    )
    log = EventLog(FRAMES[kind](frame), tz="Europe/London")
    histories = read_histories(log, "2024-07-02", "D", "test")
    assert np.diff(histories.purchases.start).tolist() == [1], "both are on 1 July in London"
    assert histories.spent.tolist() == [3.0]
