"""Customers at many dates: what `summarize` tells at each of them, from one reading."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import crmkit as ck
from crmkit import datasets
from crmkit.events import _customers_at
from crmkit.events._customers_at import COLUMNS, read_customers_at
from crmkit.exceptions import DataError, DataWarning
from tests.contracts.event_level import events
from tests.contracts.frame_kinds import FRAMES, to_pandas

DATES = ["2024-02-01", "2024-03-15", "2024-06-28"]


def log_of(frame, **kwargs):
    return ck.EventLog(frame, order="order_id", **kwargs)


def same_as_summarize(log, dates, **tolerance):
    found = read_customers_at(log, dates, "test")
    for i, date in enumerate(dates):
        expected = to_pandas(ck.summarize(log, as_of=date))
        expected = expected[[log.customer, *(n for n in COLUMNS if n in expected.columns)]]
        got = to_pandas(found.frame(i))
        assert_frame_equal(got, expected, check_dtype=False, **tolerance)
    return found


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("returns", ["exclude", "net"])
def test_every_date_is_a_summary(kind, returns):
    same_as_summarize(log_of(FRAMES[kind](events()), returns=returns), DATES, rtol=1e-12)


@st.composite
def rows(draw):
    """A few customers, lines and returns of a few days, whole cents, orders that repeat."""
    n = draw(st.integers(1, 25))
    column = st.lists
    days = draw(column(st.integers(0, 40), min_size=n, max_size=n))
    return pd.DataFrame(
        {
            "customer_id": draw(column(st.integers(1, 5), min_size=n, max_size=n)),
            "timestamp": np.datetime64("2023-12-20T13:00", "us")
            + np.array(days) * np.timedelta64(1, "D"),
            "amount": np.array(draw(column(st.integers(-900, 2000), min_size=n, max_size=n))) / 100,
            "order_id": draw(column(st.integers(1, 9), min_size=n, max_size=n)),
        }
    )


@given(
    frame=rows(),
    days=st.lists(st.integers(1, 60), min_size=1, max_size=5),
    returns=st.sampled_from(["exclude", "net"]),
    min_amount=st.sampled_from([None, 5.0]),
)
@settings(max_examples=60)
def test_any_log_any_dates(frame, days, returns, min_amount):
    log = log_of(frame, returns=returns, min_amount=min_amount)
    dates, end = [], frame["timestamp"].max().normalize() + pd.Timedelta(days=1)
    bought = frame[frame["amount"] >= (min_amount or 0.0)]["timestamp"]
    for day in days:
        date = pd.Timestamp("2023-12-20") + pd.Timedelta(days=day)
        if len(bought) and bought.min() < date <= end:
            dates.append(date)
    if dates:
        same_as_summarize(log, dates, rtol=1e-9, atol=1e-9)


def test_cdnow():
    log = ck.EventLog(datasets.load_cdnow())
    found = same_as_summarize(log, ["1997-04-01", "1997-10-01", "1998-07-01"], rtol=1e-12)
    assert found.days == (9_952, 10_135, 10_408)


def test_one_reading_serves_all_dates(monkeypatch):
    calls = []
    monkeypatch.setattr(
        _customers_at,
        "read_ledger",
        lambda *a, read=_customers_at.read_ledger: (calls.append(a), read(*a))[1],
    )
    found = read_customers_at(log_of(events()), DATES, "test")
    for i in range(3):
        found.frame(i, ["n_orders"])
    assert len(calls) == 1


def test_columns_are_those_asked_for():
    found = read_customers_at(log_of(events()), DATES, "test")
    assert list(found.columns(0, ["total_amount", "T", "unheard of"])) == ["T", "total_amount"]
    assert list(found.frame(2, ["n_orders"]).columns) == ["customer_id", "n_orders"]
    bare = ck.EventLog(events().drop(columns="amount"), amount=None)
    assert "total_amount" not in read_customers_at(bare, DATES, "test").names()


def test_dates_that_cannot_be():
    log = log_of(events())
    for dates, text in [
        ("2024-02-01", "test: dates must be a list of dates, got '2024-02-01'"),
        ([], "test: dates must hold at least one date"),
        (["2024-02-01 12:00"], "test: each of dates must be the beginning of a day"),
        (["2023-12-31"], r"test: dates\[0\]='2023-12-31' is not after the first event"),
    ]:
        with pytest.raises(DataError, match=text):
            read_customers_at(log, dates, "test")
    with pytest.warns(DataWarning, match="test: 2024-07-20 lies 21 days behind the end of the log"):
        read_customers_at(log, ["2024-02-01", "2024-07-20"], "test")


def test_a_usual_silence_at_the_end_is_no_matter():
    days = pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-06"])
    log = ck.EventLog(pd.DataFrame({"customer_id": [1, 1, 2], "timestamp": days, "amount": 1.0}))
    read_customers_at(log, ["2024-01-07", "2024-01-10"], "test")  # three silent days, as before
    with pytest.warns(DataWarning, match="2024-01-11 lies 4 days behind the end .* never silent"):
        read_customers_at(log, ["2024-01-11"], "test")


def test_a_date_before_all_purchases_is_told():
    frame = (
        events()
        .head(2)
        .assign(timestamp=pd.to_datetime(["2024-01-05", "2024-02-10"]), amount=[-5.0, 9.0])
    )
    with pytest.raises(DataError, match="test: nobody bought before 2024-02-01"):
        read_customers_at(log_of(frame), ["2024-02-01", "2024-02-11"], "test")


def test_an_id_called_like_a_column_is_refused():
    log = ck.EventLog(events().rename(columns={"customer_id": "T"}), customer="T")
    with pytest.raises(DataError, match="the customer id is called 'T'"):
        read_customers_at(log, DATES, "test").frame(0)
