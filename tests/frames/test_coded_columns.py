"""Columns as codes and distinct values, alike for every library."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmkit._frames import coded_columns
from crmkit.exceptions import DataError
from tests.contracts.event_level import FRAMES

FRAME = pd.DataFrame(
    {
        "name": ["Ann", None, "Bob", "Ann"],
        "score": [2.0, np.nan, 2.0, 3.5],
        "day": pd.to_datetime(["2024-01-02", None, "2024-01-02", "2024-01-03"]),
    }
)


@pytest.mark.parametrize("kind", FRAMES)
def test_codes_and_values_by_hand(kind):
    name, score, day = coded_columns(FRAMES[kind](FRAME), ["name", "score", "day"], "Test")
    assert name.codes.tolist() == [0, -1, 1, 0]
    assert name.values == ["Ann", "Bob"]
    assert score.codes.tolist() == [0, -1, 0, 1]
    assert score.values == [2.0, 3.5]
    assert day.codes.tolist() == [0, -1, 0, 1]
    assert [pd.Timestamp(value).date() for value in day.values] == [
        datetime.date(2024, 1, 2),
        datetime.date(2024, 1, 3),
    ]


@pytest.mark.parametrize("kind", FRAMES)
def test_times_by_day(kind):
    times = pd.to_datetime(["2024-01-02 09:30", "2024-01-02 23:59", None, "2024-01-03 00:00"])
    frame = FRAMES[kind](pd.DataFrame({"day": times, "x": [1, 2, 3, 4]}))
    day, x = coded_columns(frame, ["day", "x"], "Test", by_day=True)
    assert day.codes.tolist() == [0, 0, -1, 1]
    assert [pd.Timestamp(value) for value in day.values] == [times[0].normalize(), times[3]]
    assert len(x.values) == 4


def test_days_are_those_of_the_zone():
    times = pd.to_datetime(["2024-01-02 23:30+05:00"]).tz_convert("Asia/Karachi")
    (day,) = coded_columns(pd.DataFrame({"day": times}), ["day"], "Test", by_day=True)
    assert str(day.values[0])[:10] == "2024-01-02"


def test_mixed_and_nested_values():
    frame = pd.DataFrame({"tags": [["a"], None, ["a"], {"b", "a"}], "x": [1, "1", None, 1]})
    tags, x = coded_columns(frame, ["tags", "x"], "Test")
    assert tags.codes.tolist() == [0, -1, 0, 1]
    assert tags.values == [("a",), ("a", "b")]
    assert x.codes.tolist() == [0, 1, -1, 0]
    lists = pl.DataFrame({"tags": [["a"], None, ["a"]]})
    assert coded_columns(lists, ["tags"], "Test")[0].codes.tolist() == [0, -1, 0]


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match=r"Test: column 'nam' not found\. Did you mean 'name'"):
        coded_columns(FRAME, ["nam"], "Test")


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["z", "b", "a"])])
def test_categories_of_polars_are_the_words_that_are_there(dtype):
    frame = pl.DataFrame({"w": pl.Series(["a", None, "b", "a"], dtype=dtype)})
    for table in (frame, frame.to_arrow(), frame.lazy()):
        (column,) = coded_columns(table, ["w"], "Test")
        assert column.codes.tolist() == [0, -1, 1, 0]
        assert column.values == ["a", "b"]


def test_what_is_nested_deeply_is_told_apart():
    lists = [[1, [2]], {"a": [1]}, [1, [2]], {"a": {"b": {1, 2}}}, np.array([[1], [2]]), [[1], [2]]]
    held = pd.DataFrame({"x": pd.Series(lists, dtype=object)})
    assert coded_columns(held, ["x"], "Test")[0].codes.tolist() == [0, 1, 0, 2, 3, 3]
    structs = pl.DataFrame({"x": [{"a": [1]}, None, {"a": [1]}, {"a": [2]}]})
    assert coded_columns(structs, ["x"], "Test")[0].codes.tolist() == [0, -1, 0, 1]


def test_python_objects_of_polars_are_themselves():
    frame = pl.DataFrame({"x": pl.Series([(1, 2), None, (1, 2)], dtype=pl.Object)})
    (column,) = coded_columns(frame, ["x"], "Test")
    assert (column.codes.tolist(), column.values) == ([0, -1, 0], [(1, 2)])


def test_true_is_not_one_whatever_the_order_of_rows():
    frame = pd.DataFrame({"x": pd.Series([True, 1, "1", 1.0, 0, False, None], dtype=object)})
    (x,) = coded_columns(frame, ["x"], "Test")
    assert x.codes.tolist() == [0, 1, 2, 1, 3, 4, -1]
    assert [repr(value) for value in x.values] == ["True", "1", "'1'", "0", "False"]
    (back,) = coded_columns(frame[::-1], ["x"], "Test")
    assert [repr(value) for value in back.values] == ["False", "0", "1.0", "'1'", "True"]


def test_names_of_columns_may_be_numbers():
    (x,) = coded_columns(pd.DataFrame({1: ["a", "b"], 0: [1, 2]}), [1], "Test")
    assert (x.name, x.values) == (1, ["a", "b"])
