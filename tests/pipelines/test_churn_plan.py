"""Horizon and cut-offs: by hand, from stated numbers and from logs."""

from datetime import date, datetime

import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.churn import suggest_horizon
from crmkit.exceptions import DataError
from crmkit.pipelines._churn_plan import (
    TooLittleError,
    choose_cutoffs,
    choose_horizon,
    day_of,
    days_in,
)

OWNER = "Test"
END = date(2025, 1, 1)


def every(gap, n=40, customers=40):
    """A log of customers who buy every `gap` days, and then go silent."""
    days = pd.to_datetime("2024-01-01") + pd.to_timedelta([gap * i for i in range(n)], "D")
    rows = [(f"c{c}", day) for c in range(customers) for day in days[: n - c % 3]]
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp"])
    return EventLog(frame, amount=None)


def test_a_stated_horizon_is_taken():
    log = every(10)
    assert choose_horizon(log, date(2024, 12, 1), "8W", OWNER) == (56, "as stated")
    assert choose_horizon(log, date(2024, 12, 1), 45, OWNER) == (45, "as stated")


@pytest.mark.parametrize("given", ["1h", 0, "10.5D"])
def test_a_horizon_that_is_not_of_whole_days_is_refused(given):
    with pytest.raises(DataError, match=r"Test: horizon=.* must be a whole number of days"):
        days_in(given, "horizon", OWNER)


def test_the_usual_pause_is_the_horizon_where_it_fits():
    log, day = every(33), date(2027, 7, 1)
    assert suggest_horizon(log, as_of=day) == "35D"
    days, reason = choose_horizon(log, day, None, OWNER)
    assert (days, reason) == (35, "four in five pauses that end do so within 35 days")


def test_a_horizon_is_four_weeks_at_least():
    days, reason = choose_horizon(every(3), date(2024, 5, 1), None, OWNER)
    assert days == 28
    assert "within 7 days, but less than four weeks leaves no time to act" in reason


def test_a_horizon_is_a_quarter_of_the_log_at_most():
    days, reason = choose_horizon(every(60, n=4), date(2024, 8, 1), None, OWNER)
    assert days == 49  # 213 days / 4, whole weeks
    assert "within 63 days, but more than a quarter of the log" in reason


def test_without_a_second_purchase_it_is_a_quarter_of_the_log():
    days, reason = choose_horizon(EventLog(one_each(), amount=None), END, None, OWNER)
    assert days == 91  # 366 / 4, whole weeks
    assert reason.startswith("a quarter of the log, since nobody bought on two days")


def one_each():
    days = pd.date_range("2024-01-01", "2024-12-31", periods=30).floor("D")
    return pd.DataFrame({"customer_id": range(30), "timestamp": days})


def test_cutoffs_lie_half_a_horizon_apart_before_the_last_label():
    found = choose_cutoffs(date(2024, 1, 1), END, 91, None, 4, OWNER)
    assert [each.date().isoformat() for each in found] == [
        "2024-05-17",
        "2024-07-02",
        "2024-08-17",
        "2024-10-02",
    ]


def test_cutoffs_with_less_than_a_horizon_of_history_are_left_out():
    found = choose_cutoffs(date(2024, 6, 25), END, 91, 7, 4, OWNER)
    assert [each.date().isoformat() for each in found] == ["2024-09-25", "2024-10-02"]


def test_a_log_of_less_than_two_horizons_is_refused_with_numbers():
    text = (
        r"Test: the log is too short. .* 91 days takes at least 182 days before as_of, and 364 to "
        r"test it forward in time; there are 181\."
    )
    with pytest.raises(TooLittleError, match=text):
        choose_cutoffs(date(2024, 7, 4), END, 91, None, 4, OWNER)
    assert len(choose_cutoffs(date(2024, 7, 3), END, 91, None, 4, OWNER)) == 1


def test_the_day_begins_at_or_before_the_cutoff():
    log = every(10)
    assert day_of(log, datetime(2024, 3, 1, 15, 30), OWNER) == date(2024, 3, 1)
    assert day_of(log, "2024-03-01", OWNER) == date(2024, 3, 1)
