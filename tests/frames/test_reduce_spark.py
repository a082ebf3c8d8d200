"""Summaries inside Spark: equal to those in memory, lazy, and deaf to the zone of the session."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import crmkit as ck
from crmkit.exceptions import DataError, DataWarning
from tests.contracts.event_level import AS_OF, events
from tests.contracts.spark_session import from_spark, local_spark, to_spark, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

MONEY = ["monetary_value", "total_amount", "sum_log_gaps"]


def equal(frame, as_of=AS_OF, unit="D", *, period=None, extras=(), **kwargs):
    """Whether Spark and pandas agree: sums to 12 digits, all else to the bit."""
    asked = {"as_of": as_of, "unit": unit, "period": period, "extras": extras}
    expected = ck.summarize(ck.EventLog(frame, **kwargs), **asked)
    got = from_spark(ck.summarize(ck.EventLog(to_spark(frame), **kwargs), **asked))
    assert got.columns.tolist() == expected.columns.tolist()
    exact = [name for name in expected.columns if name not in MONEY]
    assert_frame_equal(got[exact], expected[exact], check_exact=True, check_dtype=False)
    assert_frame_equal(got, expected, rtol=1e-12, atol=1e-12, check_dtype=False)
    whole = ["frequency", "n_orders", "days_since_last"]
    assert got[whole].dtypes.tolist() == [np.dtype("int64")] * 3


@pytest.mark.parametrize(
    ("unit", "period", "extras", "kwargs"),
    [
        ("D", None, (), {}),
        ("W", None, "sum_log_gaps", {"order": "order_id", "returns": "net"}),
        ("M", None, (), {"order": "order_id", "min_amount": 5.0}),
        ("M", "M", "sum_log_gaps", {"returns": "net", "min_amount": 5.0}),
        ("W", "W", (), {"order": "order_id"}),
        ("h", None, (), {"order": "order_id"}),
        ("D", None, (), {"amount": None}),
    ],
)
def test_as_in_memory(unit, period, extras, kwargs):
    frame = events()
    frame.loc[frame["customer_id"] == "101", "amount"] = -3.0
    frame["order_id"] = frame["order_id"].where(frame["order_id"] % 7 != 0).astype("Int64")
    equal(frame, unit=unit, period=period, extras=extras, **kwargs)


@pytest.mark.parametrize(
    ("tz", "unit", "period"),
    [("Europe/London", "D", None), ("Asia/Shanghai", "h", None), ("America/Sao_Paulo", "M", "M")],
)
def test_instants_have_days_where_the_log_says(tz, unit, period):
    frame = events()
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    equal(frame, unit=unit, period=period, tz=tz)


def test_clocks_that_the_zone_of_the_session_leaves_out():
    # New York's clocks went from 02:00 to 03:00 on 10 March 2024 and back on 3 November
    times = ["2024-03-10 02:30", "2024-03-10 03:30", "2024-11-03 01:30", "2024-11-03 23:59:59.9999"]
    frame = pd.DataFrame(
        {
            "customer_id": [1, 1, 1, 2],
            "timestamp": pd.to_datetime(times, format="ISO8601"),
            "amount": 1.0,
        }
    )
    equal(frame, "2024-11-04", "h")
    equal(frame, "2024-11-03 02:00", "D")


def test_long_ago_and_to_the_microsecond():
    times = ["1969-12-31 23:59:59.999999", "1970-01-01", "1969-11-30", "1970-01-01 00:00:00.000001"]
    frame = pd.DataFrame(
        {
            "customer_id": list("aaab"),
            "timestamp": pd.to_datetime(times, format="ISO8601"),
            "amount": 2.0,
        }
    )
    equal(frame, "1970-01-02", "W", period="W")
    equal(frame, "1970-01-01 00:00:00.000001", "M")
    equal(frame, "1970-01-02", "h")


def test_dates_and_numbers_of_customers():
    frame = events().astype({"customer_id": "int32"})
    frame["timestamp"] = frame["timestamp"].dt.normalize()
    days = frame.assign(timestamp=frame["timestamp"].dt.date)
    expected = ck.summarize(ck.EventLog(frame), AS_OF)
    answer = ck.summarize(ck.EventLog(to_spark(days)), AS_OF)
    assert dict(answer.dtypes)["customer_id"] == "int"
    assert_frame_equal(from_spark(answer), expected, rtol=1e-12, check_dtype=False)
    assert isinstance(days["timestamp"][0], date)


def test_any_name_of_a_column():
    names = {"customer_id": "who `is` {it}.", "timestamp": 'at "o\'clock"', "amount": "a.b"}
    frame = events().rename(columns=names)
    equal(frame, customer=names["customer_id"], when=names["timestamp"], amount=names["amount"])


def test_the_answer_is_lazy_and_its_checks_are_not():
    log = ck.EventLog(to_spark(events()))
    answer = ck.summarize(log, AS_OF)
    plan = answer._jdf.queryExecution().toString()
    assert plan.count("RepartitionByExpression") > 0  # still a plan, of one shuffle by customer
    assert plan.split("== Physical Plan ==")[1].count("Exchange hashpartitioning") == 1
    with pytest.raises(DataError, match=r"as_of='2023-01-01' is not after the first event"):
        ck.summarize(log, "2023-01-01")


def test_facts_and_report():
    frame = events()
    frame.loc[:4, "customer_id"] = None
    frame = pd.concat([frame, frame.tail(3)])
    logs = [ck.EventLog(f, min_amount=5.0) for f in (frame, to_spark(frame))]
    told = []
    for log in logs:
        with pytest.warns(DataWarning, match="5 of 603 rows"):
            told.append(vars(log.report()))
    money = ["returns_amount", "total_amount"]
    assert [told[1].pop(k) for k in money] == pytest.approx([told[0].pop(k) for k in money])
    assert told[0] == told[1]
    assert told[0]["n_duplicates"] == 3


def test_faults_are_told_together():
    frame = events()
    frame.loc[2, "amount"] = np.nan
    frame.loc[5, "amount"] = np.inf
    frame.loc[7, "timestamp"] = pd.NaT
    match = r"3 faults in 600 rows\. 'timestamp' is missing in 1 .*1 NaN or missing.*1 infinite"
    with pytest.raises(DataError, match=match):
        ck.summarize(ck.EventLog(to_spark(frame)), AS_OF)


def test_nan_of_spark_itself_is_refused():
    frame = to_spark(events()).selectExpr(
        "customer_id", "timestamp", "CAST('NaN' AS DOUBLE) AS amount"
    )
    with pytest.raises(DataError, match="'amount' has 600 NaN or missing"):
        _ = ck.EventLog(frame).facts


def test_instants_need_a_zone():
    frame = to_spark(events().assign(timestamp=pd.Timestamp("2024-01-01", tz="UTC")))
    with pytest.raises(DataError, match=r"is timezone-aware \(America/New_York\). Say where days"):
        _ = ck.EventLog(frame).facts


def test_nobody_bought():
    frame = events().assign(amount=-1.0)
    with pytest.raises(DataError, match="nobody bought before as_of=2024-05-01"):
        ck.summarize(ck.EventLog(to_spark(frame)), AS_OF)


def test_an_id_named_like_a_column():
    frame = events().rename(columns={"customer_id": "recency"})
    with pytest.raises(DataError, match="the customer id is called 'recency', as is a column"):
        ck.summarize(ck.EventLog(to_spark(frame), customer="recency"), AS_OF)


def test_a_log_over_spark_cannot_be_pickled():
    import pickle

    with pytest.raises(DataError, match=r"frame of Spark cannot be pickled.*frame.toArrow\(\)"):
        pickle.dumps(ck.EventLog(to_spark(events())))


def test_the_view_of_the_query_is_gone():
    ck.summarize(ck.EventLog(to_spark(events())), AS_OF)
    assert [view.name for view in local_spark().catalog.listTables()] == []
