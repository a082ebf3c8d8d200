"""Where the earlier period lies on which rules are tuned."""

from datetime import datetime

import pandas as pd
import pytest

import crmkit as ck
from crmkit.pipelines._holdout_period import earlier_cutoff, length_of


def log(days, **more):
    stamps = pd.date_range("2024-01-01 08:00", periods=days, freq="D")
    return ck.EventLog(
        pd.DataFrame({"customer_id": "a", "timestamp": stamps, "amount": 1.0}), **more
    )


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (datetime(2024, 4, 1), 4.0, datetime(2024, 3, 4)),  # as long as the holdout period
        (datetime(2024, 4, 1), 20.0, datetime(2024, 3, 2)),  # a third of 90.7 days
        (datetime(2024, 1, 3), 20.0, None),  # a third of two days is no whole day
        (datetime(2024, 4, 1), 0.1, None),
    ],
)
def test_as_long_but_at_most_a_third_of_the_past(start, length, expected):
    assert earlier_cutoff(log(100), start, length, "W") == expected


def test_in_hours():
    assert earlier_cutoff(log(10), datetime(2024, 1, 3, 8), 5.0, "h") == datetime(2024, 1, 3, 3)


def test_lengths_count_the_clock_of_the_unit():
    zone = pd.Timestamp("2024-03-31", tz="Europe/Berlin").to_pydatetime()
    day_later = pd.Timestamp("2024-04-01", tz="Europe/Berlin").to_pydatetime()
    assert length_of(zone, day_later, "D") == 1.0
    assert length_of(zone, day_later, "h") == 23.0
