"""Cutoffs: by hand, and what is refused."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from crmkit.churn import Cutoffs
from crmkit.exceptions import DataError


def test_rolling_ends_with_the_last():
    got = Cutoffs.rolling("2023-03-01", step="2W", n=3)
    assert list(got) == [datetime(2023, 2, 1), datetime(2023, 2, 15), datetime(2023, 3, 1)]
    assert len(got) == 3
    assert got[-1] == datetime(2023, 3, 1)
    assert list(Cutoffs.rolling("2023-03-01", 7, 2)) == [datetime(2023, 2, 22), got[-1]]


def test_months_keep_the_day_or_take_the_last():
    got = Cutoffs.rolling("2024-03-31", "1M", 4)
    assert [str(i.date()) for i in got] == ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"]
    assert [str(i.date()) for i in Cutoffs.rolling("2024-02-29", "1Y", 2)] == [
        "2023-02-28",
        "2024-02-29",
    ]


def test_any_dates_are_sorted():
    given = [
        date(2023, 5, 1),
        "2023-01-01",
        pd.Timestamp("2023-02-01"),
        np.datetime64("2023-03-01"),
    ]
    assert [i.month for i in Cutoffs(given)] == [1, 2, 3, 5]
    assert Cutoffs(given) == Cutoffs(given[::-1])
    assert hash(Cutoffs(given)) == hash(Cutoffs(given[::-1]))
    assert Cutoffs("2023-01-01") == [datetime(2023, 1, 1)]
    assert Cutoffs("2023-01-01") != "2023-01-01"


def test_days_of_the_clock_on_the_wall_are_counted():
    """The clocks change on 31 March: a day before and a day behind it are cut-offs at midnight."""
    zone = ZoneInfo("Europe/Berlin")
    expected = [datetime(2024, 3, 16, tzinfo=zone), datetime(2024, 4, 15, tzinfo=zone)]
    for last in (expected[-1], pd.Timestamp("2024-04-15", tz=zone)):
        got = Cutoffs.rolling(last, "30D", 2)
        assert [i.isoformat() for i in got] == [i.isoformat() for i in expected]


def test_one_date_is_one_cutoff():
    for one in (date(2023, 1, 1), pd.Timestamp("2023-01-01"), np.datetime64("2023-01-01")):
        assert list(Cutoffs(one)) == [datetime(2023, 1, 1)]


def test_some_cutoffs_are_cutoffs():
    got = Cutoffs.rolling("2023-03-01", "1M", 4)[::2]
    assert isinstance(got, Cutoffs)
    assert got == [datetime(2022, 12, 1), datetime(2023, 2, 1)]


def test_repr():
    assert repr(Cutoffs(["2023-01-01", "2023-02-01T12:00"])) == (
        "Cutoffs(['2023-01-01', '2023-02-01T12:00:00'])"
    )


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Cutoffs([]), "Cutoffs: none is given"),
        (lambda: Cutoffs(["2023-01-01", date(2023, 1, 1)]), "2023-01-01 is given twice"),
        (lambda: Cutoffs(["01.02.2023"]), "a cut-off='01.02.2023' is no ISO 8601 date"),
        (
            lambda: Cutoffs([datetime(2023, 1, 1, tzinfo=UTC), "2023-02-01"]),
            "some instants have a time zone, some have none",
        ),
        (
            lambda: Cutoffs(20230101),
            r"dates are needed, got 20230101. Give a list .* Cutoffs.rolling",
        ),
        (lambda: Cutoffs(np.array("2023-01-01", dtype="M8[D]")), "Cutoffs: dates are needed"),
        (lambda: Cutoffs(pd.NaT), "a cut-off must be a date, a datetime or ISO 8601 text, got NaT"),
        (
            lambda: Cutoffs.rolling("2023-01-01", "9999D", 100),
            "rolling: 100 cut-offs at steps of '9999D' reach back from 2023-01-01 to before all",
        ),
        (
            lambda: Cutoffs.rolling("2023-01-01", "12M", 2100),
            "reach back from 2023-01-01 to before",
        ),
        (lambda: Cutoffs.rolling("2023-01-01", 1e300, 2), "reach back from 2023-01-01 to before"),
        (lambda: Cutoffs.rolling("2023-01-01", n=0), "n must be a whole number of at least 1"),
        (lambda: Cutoffs.rolling("2023-01-01", step=0), "step must be above 0"),
        (lambda: Cutoffs.rolling("2023-01-01", step="1.5M"), "step must be above 0|whole"),
        (lambda: Cutoffs.rolling("2023-01-01", step="monthly"), "step must be a finite number"),
    ],
)
def test_what_has_no_meaning_is_refused(make, text):
    with pytest.raises(DataError, match=text):
        make()
