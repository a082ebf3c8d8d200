"""Expressions of Spark SQL: periods of moments before and after 1970, amounts, text."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from crmkit._frames import EventColumns, Reduction, period_numbers
from crmkit._frames._spark_events import (
    day_of_moment,
    period_of,
    returned,
    spark_events,
    spent,
    text,
)
from tests.contracts.event_level import events
from tests.contracts.spark_session import local_spark, to_spark, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

COLUMNS = EventColumns("customer_id", "timestamp", "amount", None, None, "quantity")
MOMENTS = [
    datetime(1969, 12, 31, 23, 59, 59, 999_999),
    datetime(1970, 1, 1),
    datetime(1900, 3, 1, 0, 0, 0, 1),
    datetime(2024, 3, 10, 2, 30),
    datetime(2200, 2, 28, 23, 59, 59, 999_999),
]


def ask(period, zone=None):
    return Reduction(COLUMNS, 2**53, period, zone, True, None, False)


def asked(expression, values):
    """What Spark says of a column x."""
    kind = "timestamp_ntz" if isinstance(values[0], datetime) and not values[0].tzinfo else None
    kind = kind or ("timestamp" if isinstance(values[0], datetime) else "double")
    frame = local_spark().createDataFrame(pa.table({"x": values}), f"x {kind}")
    return frame.selectExpr(f"{expression} AS y").toArrow()["y"].to_pylist()


@pytest.mark.parametrize("period", ["h", "D", "W", "M"])
@pytest.mark.parametrize("instant", [False, True])
def test_periods_as_in_memory(period, instant):
    moments = [m.replace(tzinfo=UTC) for m in MOMENTS] if instant else MOMENTS
    counted = np.array(MOMENTS, dtype="datetime64[us]").astype(np.int64)
    expected = period_numbers(counted, period).tolist()
    assert asked(period_of("x", ask(period), instant), moments) == expected


def test_days_of_a_zone():
    # 16:30 in UTC is the next day in Tokyo, 02:30 the day before in New York
    moments = [datetime(1970, 1, 1, hour, 30, tzinfo=UTC) for hour in (16, 2)]
    assert asked(day_of_moment("x", "Asia/Tokyo", instant=True), moments) == [1, 0]
    assert asked(day_of_moment("x", "America/New_York", instant=True), moments) == [0, -1]


def test_returns_by_amount_or_quantity():
    rows = pa.table({"amount": [5.0, -5.0, 5.0, 0.0], "quantity": [1.0, 1.0, -1.0, 0.0]})
    frame = local_spark().createDataFrame(rows, "amount double, quantity double")
    got = frame.selectExpr(f"{returned(COLUMNS)} AS r", f"{spent(COLUMNS)} AS s").toArrow()
    assert got["r"].to_pylist() == [False, True, True, False]
    assert got["s"].to_pylist() == [5.0, -5.0, -5.0, 0.0]
    bare = EventColumns("customer_id", "timestamp", None, None, None, None)
    assert returned(bare) == "false"


def test_what_counts():
    frame = events().assign(quantity=1.0, order=np.nan)
    frame.loc[0, ["customer_id", "amount"]] = [None, 7.0]
    frame.loc[1, ["amount", "order"]] = [0.5, 8.0]
    columns = EventColumns("customer_id", "timestamp", "amount", "order", None, "quantity")
    kept = Reduction(columns, 1_704_067_200_000_000, "D", None, False, 0.5, False)
    assert spark_events(to_spark(frame), kept).count() == 0  # nothing before 2024
    kept = Reduction(columns, 2**53, "D", None, False, 0.5, False)
    got = spark_events(to_spark(frame), kept, {"unit": "quantity"}).toArrow()
    expected = frame[frame["customer_id"].notna() & (frame["amount"] >= 0.5)]
    assert got.num_rows == len(expected)
    assert sorted(got["amount"].to_pylist()) == sorted(expected["amount"])
    assert [order for order in got["order_id"].to_pylist() if order is not None] == [8.0]
    assert set(got["unit"].to_pylist()) == {1.0}


@pytest.mark.parametrize("value", ["plain", "o'clock", "back\\slash", 'quote"', "\\'"])
def test_text(value):
    assert local_spark().sql(f"SELECT {text(value)} AS x").toArrow()["x"].to_pylist() == [value]
