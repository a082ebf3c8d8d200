"""Deeds: orders, returns, bursts, shares, medians and nights by hand."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.exceptions import DataError
from crmkit.segment._deeds import (
    RETURN_DAYS,
    check_window,
    deeds_of,
    local_clock,
    middle,
    read_lines,
)
from crmkit.segment._unusual import most_common

UNTIL = (pd.Timestamp("2024-04-01") - pd.Timestamp(0)).days
ROWS = [
    # customer, time, order, amount, units
    ("a", "2024-03-01 10:00", 1, 20.0, 2),
    ("a", "2024-03-01 10:00", 1, 10.0, 1),
    ("a", "2024-03-04 03:00", 2, 30.0, 1),
    ("a", "2024-03-20 12:00", 3, 60.0, 4),
    ("a", "2024-03-21 12:00", 1, -10.0, -1),
    ("a", "2024-03-21 13:00", 1, -20.0, -2),  # the same order on the same day: one return
    ("a", "2024-03-25 12:00", 3, -30.0, -2),
    ("b", "2023-12-25 12:00", 4, 50.0, 1),  # could be returned in the window
    ("b", "2024-01-15 12:00", 4, -50.0, -1),
    ("c", "2023-06-01 12:00", 5, 50.0, 1),
]


def deeds(rows=ROWS, **kwargs):
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "order", "amount", "units"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"])
    log = ck.EventLog(frame, order="order", quantity="units", **kwargs)
    ids, lines, _, _ = read_lines(log, UNTIL, None, "test")
    return ids.tolist(), deeds_of(lines, len(ids), UNTIL, 90, 10, (0, 5))


def test_by_hand():
    ids, got = deeds()
    assert ids == ["a", "b", "c"]
    assert got.orders.tolist() == [3, 0, 0]
    assert got.exposure.tolist() == [3, 1, 0]
    assert got.returns.tolist() == [2, 1, 0]
    assert got.order_burst.tolist() == [2, 0, 0]
    assert got.return_burst.tolist() == [2, 1, 0]
    np.testing.assert_allclose(got.refund_share, [0.5, 1.0, 0.0])
    np.testing.assert_allclose(got.even_orders, [120.0**2 / (30**2 + 30**2 + 60**2), 1.0, 0.0])
    np.testing.assert_array_equal(got.largest_order, [60.0, np.nan, np.nan])
    np.testing.assert_array_equal(got.largest_quantity, [4.0, np.nan, np.nan])
    np.testing.assert_array_equal(got.typical_order, [30.0, np.nan, np.nan])
    assert got.night.tolist() == [1, 0, 0]
    assert got.watched.tolist() == [31, 90, 90]
    assert RETURN_DAYS == 30


def test_an_order_that_comes_back_on_two_days_is_returned_twice():
    rows = [("a", "2024-03-01", 1, 30.0, 3)]
    rows += [("a", f"2024-03-{day}", 1, -10.0, -1) for day in (5, 5, 7)]
    _, got = deeds(rows)
    assert (got.returns.tolist(), got.return_burst.tolist()) == ([2], [2])


def test_a_burst_is_of_days_in_a_row():
    days = ["2024-03-01", "2024-03-10", "2024-03-11", "2024-03-20"]
    _, got = deeds([("a", day, i, 1.0, 1) for i, day in enumerate(days)])
    assert got.order_burst.tolist() == [2]  # the 1st and the 10th, the 10th and the 11th, ...


def test_bursts_do_not_reach_into_the_next_customer():
    rows = [("a", "2024-03-31", 1, 1.0, 1), ("b", "2024-01-02", 2, 1.0, 1)]
    _, got = deeds(rows)
    assert got.order_burst.tolist() == [1, 1]


def test_rows_of_a_day_are_one_order_without_order_ids():
    """They may be lines of one basket: four lines at night are one order at night."""
    times = ["2024-03-01 02:00"] * 4 + ["2024-03-01 20:00", "2024-03-02 12:00"]
    frame = pd.DataFrame({"customer_id": "a", "timestamp": pd.to_datetime(times)})
    back = frame.iloc[[4, 4, 5]].assign(amount=-5.0)
    log = ck.EventLog(pd.concat([frame.assign(amount=[1.0, 2, 3, 4, 5, 6]), back]))
    ids, lines, _, _ = read_lines(log, UNTIL, None, "test")
    got = deeds_of(lines, len(ids), UNTIL, 90, 10, (0, 5))
    assert (got.orders.tolist(), got.returns.tolist()) == ([2], [2])
    assert (got.order_burst.tolist(), got.return_burst.tolist()) == ([2], [2])
    assert (got.night.tolist(), got.largest_order.tolist()) == ([1], [15.0])
    assert np.isnan(got.largest_quantity).all()


def test_hours_are_those_of_the_clock_on_the_wall():
    winter, summer = (
        pd.Timestamp(t).value // 3_600_000_000_000 for t in ("2024-01-01 23:00", "2024-07-01 23:00")
    )
    day, hour = local_clock(np.array([winter, summer]), "Europe/Berlin")
    assert hour.tolist() == [0, 1]
    assert [str(np.datetime64(int(d), "D")) for d in day] == ["2024-01-02", "2024-07-02"]
    assert local_clock(np.array([winter]), None)[1].tolist() == [23]


def test_medians_and_most_common_values():
    who = np.array([0, 0, 0, 2, 2])
    np.testing.assert_array_equal(middle(who, np.array([9.0, 1, 4, 5, 8]), 3), [4, np.nan, 5])
    codes = np.array([1, 0, 1, 3, 2])
    assert most_common(who, codes, 3).tolist() == [1, -1, 2]
    assert most_common(who, np.full(5, -1), 3).tolist() == [-1, -1, -1]


def test_a_burst_is_shorter_than_the_window():
    check_window(90, 10, "test")
    with pytest.raises(DataError, match="test: burst is 30 days, longer than the window of 20"):
        check_window(20, 30, "test")
