"""DailyResult: ok, and what it prints."""

from dataclasses import replace

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


def test_the_repr_is_one_line_that_counts_alarms():
    assert repr(night()) == "<DailyResult of 2024-07-02, model of 2024-07-01: no alarms>"
    assert repr(night("No events.")).endswith("model of 2024-07-01: 1 alarm>")
    assert repr(night("No events.", "Churn: nobody.")).endswith(": 2 alarms>")


def test_the_card_shows_alarms_first():
    watch = pd.DataFrame({"what": ["events"], "usual": [31.0], "now": [2.0], "alarm": [True]})
    page = replace(night("No events."), watch=watch)._repr_html_()
    assert page.index("Alarms") < page.index("No events.") < page.index("Compared")
    assert "Alarms" not in replace(night(), watch=watch)._repr_html_()
