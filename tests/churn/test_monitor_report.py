"""What follows from which alarms, and what is said."""

import pandas as pd
import pytest

from crmkit.churn._monitor_report import advice_of, missing_in_words

COLUMNS = ["name", "kind", "reference", "now", "change", "limit", "alarm"]
COLUMNS += ["missing_before", "missing_now"]


def table(*loud):
    kinds = {
        "days": "feature",
        "score": "score",
        "level": "calibration",
        "gap in groups": "calibration",
        "auc": "ranking",
        "lift": "lift",
    }
    rows = [
        (name, kind, 1.0, 2.0, 0.5, 0.1, name in loud, 0.1, 0.1) for name, kind in kinds.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.mark.parametrize(
    ("loud", "labelled", "advice"),
    [
        ((), True, "keep"),
        (("days",), False, "watch"),
        (("days", "score"), False, "retrain"),
        (("days", "score"), True, "watch"),
        (("level",), True, "recalibrate"),
        (("gap in groups", "lift"), True, "recalibrate"),
        (("lift",), True, "retrain"),
        (("level", "auc"), True, "retrain"),
    ],
)
def test_advice(loud, labelled, advice):
    report = advice_of(table(*loud), 1200, labelled)
    assert report.advice == advice
    assert report.retrain == (advice == "retrain")
    assert f"{len(loud)} of 6 comparisons raise an alarm" in report.text
    assert report.text.startswith("1,200 customers, with")
    assert len(report.text.splitlines()) == len(loud) + 2


def test_many_features_are_counted():
    rows = [(f"x{i}", "feature", 1.0, 2.0, 0.1 * i, 0.1, True, 0.0, 0.0) for i in range(8)]
    report = advice_of(pd.DataFrame(rows, columns=COLUMNS), 10, labelled=False)
    assert "'x7' has shifted" in report.text.splitlines()[1]
    assert "3 more features have shifted" in report.text


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (0.0, 0.1, "; 10% missing now, none before"),
        (0.3, 1.0, "; 100% missing now, 30% before"),
        (0.3, 0.0, "; none missing now, 30% before"),
        (0.3, 0.304, ""),
    ],
)
def test_missing_values_in_words(before, now, text):
    assert missing_in_words(before, now) == text
    row = ("days", "feature", 40.0, 41.0, 0.5, 0.1, True, before, now)
    report = advice_of(pd.DataFrame([row], columns=COLUMNS), 10, labelled=False)
    assert f"median 40 before, 41 now{text}." in report.text
