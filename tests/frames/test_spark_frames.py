"""Tables of arrow as frames of Spark: types, times without a zone, names."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from crmkit import _frames
from crmkit._frames._spark_frames import active_session, column_types, spark_frame, ticked
from tests.contracts.spark_session import local_spark, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

NAIVE = datetime(2024, 3, 10, 2, 30)  # an hour that New York, the session's zone, leaves out


def table():
    return pa.table(
        {
            "a.b": pa.array([1, None], pa.int32()),
            "`": pa.array(["x", "y"]).dictionary_encode(),
            "naive": pa.array([NAIVE, None], pa.timestamp("ns")),
            "aware": pa.array([NAIVE.replace(tzinfo=UTC), None], pa.timestamp("ms", "UTC")),
            "day": pa.array([date(2024, 1, 1), None]),
            "money": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
            "flag": [True, False],
            "large": pa.array([2**64 - 1, 0], pa.uint64()),
        }
    )


def test_types_and_values():
    local_spark()
    frame = spark_frame(table(), active_session(), {"a.b": "bigint", "elsewhere": "int"})
    types = {"a.b": "bigint", "`": "string", "naive": "timestamp_ntz", "aware": "timestamp"}
    types |= {"day": "date", "money": "decimal(9,2)", "flag": "boolean", "large": "decimal(20,0)"}
    assert column_types(frame) == types
    got = frame.toArrow()
    assert got["naive"].to_pylist() == [NAIVE, None]
    assert got["aware"].to_pylist() == [NAIVE.replace(tzinfo=UTC), None]
    assert got["large"].to_pylist() == [Decimal(2**64 - 1), Decimal(0)]
    for name in ("a.b", "`", "day", "money", "flag"):
        assert got[name].to_pylist() == table()[name].to_pylist()


def test_a_table_without_rows():
    frame = spark_frame(table().slice(0, 0), local_spark(), {})
    assert frame.count() == 0
    assert frame.columns == table().column_names


def test_names_in_ticks():
    assert ticked("a `b`.c") == "`a ``b``.c`"


def test_the_kind_of_a_frame_is_told_without_its_rows(monkeypatch):
    from pyspark.sql.classic.dataframe import DataFrame

    like, fetched = spark_frame(table(), local_spark(), {}), []
    fetch = DataFrame.toArrow

    def counted(frame):
        fetched.append(fetch(frame))
        return fetched[-1]

    monkeypatch.setattr(DataFrame, "toArrow", counted)
    made = _frames.new_frame({"x": [1, 2], "y": ["a", None]}, like=like, owner="me", text=["y"])
    assert made.to_pydict() == {"x": [1, 2], "y": ["a", None]}
    assert [each.num_rows for each in fetched] == [0]
