"""Histories and rows: ends and sums by brute force, no trace of the order of the events."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit import EventLog
from crmkit.events._windows import merged, read_histories, sums_between
from tests.contracts.event_level import AS_OF, FRAMES, events, log_of

LINES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(-30, 30), st.floats(-1e6, 1e6)), max_size=40
)


@given(LINES, st.integers(-40, 40))
def test_rows_until_a_period_by_brute_force(lines, last):
    customer, period, amount = (np.array(x) for x in zip(*lines, strict=True)) if lines else (
        np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    )  # fmt: skip
    rows, sums = merged(customer.astype(np.int64), period.astype(np.int64), amount, 5)
    for i in range(5):
        mine = sorted({p for c, p, _ in lines if c == i})
        own = slice(rows.start[i], rows.start[i + 1])
        assert rows.period[own].tolist() == mine
        assert rows.until(last)[i] - rows.start[i] == sum(p <= last for p in mine)
        for p, total in zip(mine, sums[own], strict=True):
            expected = sum(a for c, q, a in lines if (c, q) == (i, p))
            assert total == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_each_customer_may_have_an_end_of_the_own():
    rows, _ = merged(np.array([0, 0, 1, 1]), np.array([3, 9, 3, 9]), None, 3)
    assert rows.until(np.array([9, 3, 3])).tolist() == [2, 3, 4]


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
    np.testing.assert_array_equal(one.purchases.keys, two.purchases.keys)


def test_many_lines_of_a_day_sum_to_the_same_bits_in_any_order():
    random = np.random.default_rng(0)
    amount = random.lognormal(0.0, 8.0, 500)
    customer, period = np.zeros(500, dtype=np.int64), np.repeat([3, 4], 250)
    order = random.permutation(500)
    _, one = merged(customer, period, amount, 1)
    _, two = merged(customer[order], period[order], amount[order], 1)
    assert one.tolist() == two.tolist()


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("returns", ["exclude", "net"])
def test_every_kind_of_frame_gives_the_same_bits(kind, returns):
    frame = events()
    expected = read_histories(log_of(frame, returns=returns), AS_OF, "D", "test")
    got = read_histories(log_of(FRAMES[kind](frame), returns=returns), AS_OF, "D", "test")
    assert got.ids.to_list() == expected.ids.to_list()
    np.testing.assert_array_equal(got.spent, expected.spent)
    for name in ("purchases", "money"):
        np.testing.assert_array_equal(getattr(got, name).keys, getattr(expected, name).keys)


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
