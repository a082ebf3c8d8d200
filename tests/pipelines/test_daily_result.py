"""DailyResult: ok, and what it prints."""

import pandas as pd

from crmkit.pipelines import DailyResult
from crmkit.pipelines._daily_result import short


def night(*alarms):
    return DailyResult(
        pd.DataFrame(), "2024-07-02T00:00:00", "2024-07-01T00:00:00", False, {"known": 3},
        ("Read 3 events.", "Scored 2 customers."), alarms, pd.DataFrame(),
    )  # fmt: skip


def test_alarms_decide():
    assert night().ok
    assert not night("Churn: nobody is active any more.").ok


def test_it_prints_what_was_done_and_what_is_unusual():
    assert str(night("No events.")).splitlines() == [
        "2024-07-02, model of 2024-07-01",
        "  Read 3 events.",
        "  Scored 2 customers.",
        "! No events.",
    ]


def test_midnights_are_left_out():
    assert short("2024-07-02T00:00:00+02:00") == "2024-07-02"
    assert short("2024-07-02T06:30:00") == "2024-07-02T06:30:00"
