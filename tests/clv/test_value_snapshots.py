"""Snapshots: the customers of `summarize` at any cut-off, features by hand, no look ahead."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.clv._value_snapshots import FEATURES, outcome, snapshot
from crmkit.events._windows import read_histories
from tests.contracts.event_level import events, log_of

COLUMNS = ["frequency", "recency", "T", "monetary_value", "sum_log_gaps"]


def day(text):
    return int(np.datetime64(text, "D").astype(int))


@pytest.mark.parametrize("returns", ["exclude", "net"])
@pytest.mark.parametrize(("unit", "per_unit"), [("D", 1), ("W", 7)])
@pytest.mark.parametrize("cutoff", ["2024-01-05", "2024-03-01", "2024-06-29", "2025-01-01"])
def test_the_customers_are_those_of_summarize(returns, unit, per_unit, cutoff):
    log = log_of(events(), returns=returns)
    expected = ck.summarize(log, cutoff, unit, extras="sum_log_gaps")
    histories = read_histories(log, None, "D", "test")
    seen = snapshot(histories, day(cutoff) - 1, 30, per_unit)
    assert histories.ids[seen.places].to_list() == expected["customer_id"].tolist()
    np.testing.assert_allclose(seen.customers[COLUMNS], expected[COLUMNS], rtol=1e-12, atol=1e-12)


def test_hours_and_a_zone_are_those_of_summarize():
    frame = events()
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    log = log_of(frame, tz="America/New_York")
    for unit, period, per_unit in (("h", "h", 1), ("D", "D", 1)):
        expected = ck.summarize(log, "2024-05-01", unit, extras="sum_log_gaps")
        histories = read_histories(log, "2024-05-01", period, "test")
        seen = snapshot(histories, histories.last, 24, per_unit)
        np.testing.assert_allclose(seen.customers[COLUMNS], expected[COLUMNS], rtol=1e-12)


def test_a_refunded_spend_is_nothing_not_its_rounding():
    rows = [("a", "2024-01-01", 5.0), ("a", "2024-01-03", 0.1), ("a", "2024-01-04", 0.2)]
    rows += [("a", "2024-01-05", -0.3)]
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "amount"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"])
    histories = read_histories(ck.EventLog(frame, returns="net"), None, "D", "test")
    seen = snapshot(histories, histories.last, 10, 1)
    assert seen.customers["monetary_value"].tolist() == [0.0]


@pytest.fixture
def hand():
    rows = [
        ("a", "2024-01-01", 10.0),
        ("a", "2024-01-11", 20.0),
        ("a", "2024-01-11", 5.0),
        ("a", "2024-01-31", 40.0),
        ("a", "2024-02-10", 80.0),  # from here on, the future
        ("a", "2024-02-19", 1.0),
        ("a", "2024-02-20", 160.0),
        ("b", "2024-02-09", 7.0),
        ("c", "2024-02-10", 9.0),
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "amount"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"])
    return read_histories(ck.EventLog(frame), None, "D", "test")


def test_features_by_hand(hand):
    seen = snapshot(hand, day("2024-02-10") - 1, 10, 1)
    assert hand.ids[seen.places].to_list() == ["a", "b"]
    a, b = (dict(zip(FEATURES, row, strict=True)) for row in seen.features)
    assert (a["frequency"], a["age"], a["recency"], a["since_last"]) == (2, 3.9, 3.0, 0.9)
    assert (a["gap"], a["since_last_in_gaps"]) == (1.5, 0.6)
    assert a["gap_spread"] == pytest.approx(5 / 15)
    assert (a["monetary_value"], a["last_amount"], a["first_amount"]) == (32.5, 40.0, 10.0)
    windows = [a[f"{what}_{length}"] for what in ("purchases", "spend") for length in (0.25, 1, 2)]
    assert windows == [0, 1, 1, 0.0, 40.0, 40.0]
    assert (b["frequency"], b["age"], b["last_amount"], b["purchases_0.25"]) == (0, 0.0, 7.0, 1)
    assert np.isnan([b["gap"], b["gap_spread"], b["since_last_in_gaps"], b["monetary_value"]]).all()


def test_labels_by_hand(hand):
    seen = snapshot(hand, day("2024-02-10") - 1, 10, 1)
    came = outcome(hand, seen, 10)
    assert came.purchases.tolist() == [2.0, 0.0]
    assert came.spend.tolist() == [81.0, 0.0]


def test_a_refund_does_not_make_the_future_negative():
    rows = [("a", "2024-01-01", 10.0), ("a", "2024-01-05", -10.0), ("b", "2024-01-09", 1.0)]
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "amount"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"])
    histories = read_histories(ck.EventLog(frame, returns="net"), None, "D", "test")
    seen = snapshot(histories, day("2024-01-03"), 5, 1)
    assert outcome(histories, seen, 5).spend.tolist() == [0.0]


def test_features_know_nothing_of_the_future():
    frame = events()
    cutoff = "2024-04-01"
    late = frame["timestamp"] >= cutoff
    changed = frame.assign(
        amount=frame["amount"].where(~late, 9e5),
        customer_id=frame["customer_id"].where(~late, "100"),
    )
    whole, other = (read_histories(log_of(f), None, "D", "test") for f in (frame, changed))
    past = read_histories(log_of(frame), cutoff, "D", "test")
    expected = snapshot(past, past.last, 30, 7)
    for histories in (whole, other):
        seen = snapshot(histories, day(cutoff) - 1, 30, 7)
        assert histories.ids[seen.places].to_list() == past.ids[expected.places].to_list()
        np.testing.assert_array_equal(seen.features, expected.features)
        pd.testing.assert_frame_equal(seen.customers, expected.customers)


def test_the_same_life_later_has_the_same_features():
    frame = events()
    later = frame.assign(timestamp=frame["timestamp"] + pd.Timedelta(days=100))
    one, two = (read_histories(log_of(f), None, "D", "test") for f in (frame, later))
    expected = snapshot(one, one.last - 60, 30, 7)
    np.testing.assert_array_equal(snapshot(two, two.last - 60, 30, 7).features, expected.features)
