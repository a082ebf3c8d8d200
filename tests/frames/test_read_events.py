"""Events as whole numbers: codes in one order in every library, and days of other columns."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import crmkit as ck
from crmkit import _frames
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES

FRAME = pd.DataFrame(
    {
        "customer_id": [30, 4, 30, 100],
        "timestamp": pd.to_datetime(["2023-01-02", "2023-01-01", "2023-01-01", "2024-01-01"]),
        "amount": [1.0, -2.0, 3.0, 4.0],
        "order_id": ["z", None, "y", "y"],
        "shop": [9, 10, 10, 2],
        "channel": ["web", None, "app", "zoo"],
    }
)


def read(frame):
    log = ck.EventLog(frame, order="order_id")
    ask = _frames.Reduction(
        columns=log.columns,
        as_of_us=_frames.microseconds(pd.Timestamp("2023-06-01")),
        period="D",
        time_zone=None,
        net_returns=True,
        min_amount=None,
        sum_log_gaps=False,
    )
    return _frames.read_events(log.data, ask, ["shop", "channel"], "test")


@pytest.mark.parametrize("convert", FRAMES.values(), ids=FRAMES)
def test_by_hand(convert):
    days = read(convert(FRAME))
    assert days.ids.to_list() == [4, 30]
    rows = sorted(zip(days.customer, days.period - 19_358, days.amount, days.returned, strict=True))
    assert rows == [(0, 0, -2.0, True), (1, 0, 3.0, False), (1, 1, 1.0, False)]
    order = np.lexsort((days.period, days.customer))
    assert days.values == {"shop": [9, 10], "channel": ["app", "web"]}
    assert days.codes["shop"][order].tolist() == [1, 1, 0]
    assert days.codes["channel"][order].tolist() == [-1, 0, 1]
    assert len(set(days.codes[None])) == 3


def test_categories_of_whole_numbers_ascend_by_size():
    held = FRAME.astype({"customer_id": "category", "shop": "category", "channel": "category"})
    days = read(held)
    assert days.ids.to_list() == [4, 30]
    assert days.values == {"shop": [9, 10], "channel": ["app", "web"]}
    plain = read(FRAME)
    assert days.customer.tolist() == plain.customer.tolist()
    assert days.codes["shop"].tolist() == plain.codes["shop"].tolist()
    summary = ck.summarize(ck.EventLog(held), as_of="2024-02-01")
    assert summary["customer_id"].tolist() == [30, 100]
    levels = pd.cut(pd.Series([5, 15, 5, 25]), [0, 10, 20, 30])  # categories that are no numbers
    assert len(read(FRAME.assign(channel=levels)).values["channel"]) == 2


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
@pytest.mark.parametrize("convert", FRAMES.values(), ids=FRAMES)
def test_the_clock_is_local_and_only_told_when_asked_for(convert, zone):
    moments = pd.to_datetime(["2023-01-01 23:30", "2023-01-02 00:00"])
    frame = pd.DataFrame({"customer_id": [1, 2], "timestamp": moments, "amount": 1.0})
    if zone:
        frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    log = ck.EventLog(convert(frame), tz=zone)
    late = _frames.microseconds(pd.Timestamp("2023-06-01", tz="UTC" if zone else None))
    ask = _frames.Reduction(log.columns, late, "D", zone, True, None, False)
    assert _frames.read_events(log.data, ask, (), "test").clock is None
    days = _frames.read_events(log.data, ask, (), "test", clock=True)
    minutes = days.clock[np.argsort(days.customer)] // 60_000_000
    assert minutes.tolist() == ([510, 540] if zone else [1410, 0])
    assert sorted(days.period - 19_358) == ([1, 1] if zone else [0, 1])


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match=r"test: column 'shp' not found. Did you mean 'shop'"):
        _frames.read_events(FRAME, None, ["shp"], "test")


@pytest.mark.parametrize("convert", FRAMES.values(), ids=FRAMES)
def test_local_days(convert):
    told = pd.DataFrame({"end": pd.to_datetime(["2023-01-01 23:00", None])})
    got = _frames.local_days(_frames.to_eager(convert(told)), "end", None, "test")
    np.testing.assert_array_equal(got, [19_358, np.nan])
    aware = told.assign(end=told["end"].dt.tz_localize("UTC"))
    got = _frames.local_days(_frames.to_eager(convert(aware)), "end", "Asia/Tokyo", "test")
    np.testing.assert_array_equal(got, [19_359, np.nan])


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_dates_are_days_in_whatever_zone(zone):
    dates = [date(2023, 1, 1), None]
    for frame in (
        pd.DataFrame({"end": dates}),
        pl.DataFrame({"end": dates}),
        pa.table({"end": dates}),
    ):
        got = _frames.local_days(frame, "end", zone, "test")
        np.testing.assert_array_equal(got, [19_358, np.nan])


@pytest.mark.parametrize("zone", ["America/New_York", "America/Argentina/Buenos_Aires", "UTC"])
def test_instants_may_be_in_any_zone(zone):
    told = pd.Series(pd.to_datetime(["2023-01-01 16:00", None])).dt.tz_localize("UTC")
    frame = pd.DataFrame({"end": told.dt.tz_convert(zone)})
    got = _frames.local_days(frame, "end", "Asia/Tokyo", "test")
    np.testing.assert_array_equal(got, [19_359, np.nan])
    assert str(frame["end"].dt.tz) == zone


def test_ends_may_all_be_missing():
    for frame in (
        pd.DataFrame({"end": [None, None]}),
        pd.DataFrame({"end": [np.nan, np.nan]}),
        pl.DataFrame({"end": [None, None]}),
        pa.table({"end": [None, None]}),
        pl.DataFrame({"end": [None, None]}, schema={"end": pl.Datetime}),
    ):
        got = _frames.local_days(frame, "end", "Asia/Tokyo", "test")
        np.testing.assert_array_equal(got, [np.nan, np.nan])


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        (["2023-01-01", None], "'end' is String: it must hold dates or datetimes. Parse it first"),
        ([date(2023, 1, 1), "x"], r"no dates \(first at row 1: 'x'\). Convert .* pd.to_datetime"),
        ([None, datetime(2023, 1, 1)], "'end' is timezone-aware|naive, the events are timezone-a"),
        (pd.Series([datetime(2023, 1, 1)] * 2, dtype=object), r"no dates \(first at row 0"),
    ],
)
def test_what_is_no_date_is_refused(ends, text):
    with pytest.raises(DataError, match=text):
        _frames.local_days(pd.DataFrame({"end": ends}), "end", "UTC", "test")


def test_rows_by_number():
    frame = FRAME.set_index(pd.Index(list("abcd")))
    got = _frames.take_rows(frame, np.array([3, 0]), "test")
    assert got["customer_id"].tolist() == [100, 30]
    assert list(got.index) == [0, 1]
