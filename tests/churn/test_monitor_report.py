"""What follows from which alarms, and what is said."""

import pandas as pd
import pytest

from crmkit.churn._monitor_report import advice_of


def table(*loud):
    kinds = {
        "days": "feature",
        "score": "score",
        "level": "calibration",
        "gap in groups": "calibration",
        "auc": "ranking",
        "lift": "lift",
    }
    rows = [(name, kind, 1.0, 2.0, 0.5, 0.1, name in loud) for name, kind in kinds.items()]
    columns = ["name", "kind", "reference", "now", "change", "limit", "alarm"]
    return pd.DataFrame(rows, columns=columns)


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
    rows = [(f"x{i}", "feature", 1.0, 2.0, 0.1 * i, 0.1, True) for i in range(8)]
    report = advice_of(pd.DataFrame(rows, columns=table().columns), 10, labelled=False)
    assert "'x7' has shifted" in report.text.splitlines()[1]
    assert "3 more features have shifted" in report.text
