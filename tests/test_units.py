"""Units: what a frame tells, durations by hand, texts."""

from datetime import UTC, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmkit as ck
from crmkit._units import UNITS_PER_YEAR, check_unit, in_days, in_unit, unit_of
from crmkit.exceptions import DataError


def events(tz=None):
    """Forty customers who buy about every nine days, at any time of the day."""
    random = np.random.default_rng(0)
    hours = np.cumsum(random.exponential(216, (40, 12)), axis=1).ravel()
    when = pd.Timestamp("2024-01-05 10:30", tz=tz) + pd.to_timedelta(hours, unit="h")
    return pd.DataFrame(
        {"customer_id": np.repeat(np.arange(40), 12), "timestamp": when, "amount": 1.0}
    )


@pytest.mark.parametrize("unit", ["h", "D", "W", "M"])
def test_a_summary_tells_its_unit(unit):
    assert unit_of(ck.summarize(ck.EventLog(events()), unit=unit)) == unit


@pytest.mark.parametrize(
    "convert", [pl.from_pandas, pa.Table.from_pandas, lambda f: pl.from_pandas(f).lazy()]
)
def test_any_frame_tells_it(convert):
    assert unit_of(convert(ck.summarize(ck.EventLog(events()), unit="W"))) == "W"


def test_time_zones_do_not_hide_it():
    log = ck.EventLog(events(UTC), tz="Europe/Berlin")
    assert unit_of(ck.summarize(log, unit="D")) == "D"


def test_what_does_not_tell_is_none():
    customers = ck.summarize(ck.EventLog(events()), unit="D")
    assert unit_of(np.ones((3, 3))) is None
    assert unit_of(customers[["frequency", "recency", "T"]]) is None
    assert unit_of(customers.assign(recency=0.0)) is None
    assert unit_of(customers.assign(recency=customers["recency"] / 2)) is None


def late_and_early(unit, period):
    """Customers who came back within two hours, across the end of a day, week and month."""
    when = pd.to_datetime(["2024-03-31 23:40", "2024-04-01 00:35"] * 3)
    frame = pd.DataFrame({"customer_id": list("aabbcc"), "timestamp": when, "amount": 1.0})
    return ck.summarize(ck.EventLog(frame), unit=unit, period=period)


@pytest.mark.parametrize(("unit", "period"), [("D", "D"), ("W", "W"), ("M", "M"), ("W", "D")])
def test_customers_who_came_back_at_once_rule_out_no_stated_unit(unit, period):
    customers = late_and_early(unit, period)
    assert (customers["recency"] > 0).all()
    assert check_unit(unit, customers, "Model") == unit
    assert unit_of(customers) in (None, unit)


def test_a_unit_that_cannot_be_is_refused_even_for_one_customer():
    customers = ck.summarize(ck.EventLog(events()), unit="W").head(1)
    with pytest.raises(DataError, match=r"unit='D' was stated, but .* are in 'W'"):
        check_unit("D", customers, "Model")


@pytest.mark.parametrize(
    ("duration", "unit", "expected"),
    [
        ("90D", "D", 90), ("90D", "W", 90 / 7), ("26W", "D", 182), ("2W", "h", 336),
        ("36h", "D", 1.5), ("12M", "M", 12), ("2Y", "M", 24), ("1.5 W", "W", 1.5),
        (7, "W", 7), (0, None, 0), (2.5, None, 2.5),
    ],
)  # fmt: skip
def test_durations_by_hand(duration, unit, expected):
    assert in_unit(duration, unit, "Model") == pytest.approx(expected, rel=1e-15)


@given(st.integers(1, 999), st.sampled_from("hDW"), st.sampled_from("hDW"))
def test_there_and_back(number, given_unit, unit):
    there = in_unit(f"{number}{given_unit}", unit, "Model")
    assert in_unit(f"{there:.12f}{unit}", given_unit, "Model") == pytest.approx(number)


@pytest.mark.parametrize(
    ("duration", "unit", "text"),
    [
        ("3M", "D", "months differ in length. Give it in h, D or W"),
        ("1Y", "W", "months differ in length"),
        ("90D", "M", "Give it in M or Y"),
        ("90D", None, 'State it (unit="D"), or give horizon as a number'),
        ("90 days", "D", 'text such as "90D"'),
        ("-3D", "D", "of at least 0"),
        (-1, "D", "of at least 0 in the unit of T"),
        (float("nan"), "D", "finite number"),
        (True, "D", "got True"),
        (None, "D", "got None"),
    ],
)
def test_impossible_durations_say_why(duration, unit, text):
    with pytest.raises(DataError) as error:
        in_unit(duration, unit, "Model")
    assert str(error.value).startswith("Model: horizon")
    assert text in str(error.value)


def test_a_stated_unit_is_checked():
    customers = ck.summarize(ck.EventLog(events()), unit="D")
    assert check_unit("D", customers, "Model") == check_unit(None, customers, "Model") == "D"
    assert check_unit("W", customers[["frequency", "recency", "T"]], "Model") == "W"
    with pytest.raises(DataError, match=r"Model: unit='W' was stated, but .* are in 'D'"):
        check_unit("W", customers, "Model")
    with pytest.raises(DataError, match=r"Model: unit must be one of .* got 'weeks'"):
        check_unit("weeks", customers, "Model")


def test_years():
    assert [UNITS_PER_YEAR[u] for u in "hDWM"] == pytest.approx([8766, 365.25, 52.178571, 12])


@pytest.mark.parametrize(
    ("duration", "days"),
    [(90, 90.0), ("90D", 90.0), ("12h", 0.5), (pd.Timedelta("36h"), 1.5), (timedelta(3), 3.0)],
)
def test_days_of_a_duration(duration, days):
    assert in_days(duration, "Model", "lost_after") == days


@pytest.mark.parametrize("duration", [0, -1, "0D", "abc", True, None, float("inf"), pd.NaT])
def test_what_is_no_length_of_time_is_refused(duration):
    with pytest.raises(DataError, match=r"^Model: lost_after must be a number of days above 0, or"):
        in_days(duration, "Model", "lost_after")
    with pytest.raises(DataError, match="months differ in length"):
        in_days("2M", "Model", "lost_after")
