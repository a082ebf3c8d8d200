"""Columns of any kind, from every library, as numbers or words."""

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmkit._frames import array_column, mixed_columns

FRAME = pd.DataFrame(
    {
        "number": [1.5, np.nan, 3.0],
        "whole": [1, 2, 3],
        "flag": [True, False, True],
        "word": ["a", None, "b"],
        "day": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]),
    }
)


def arrow(frame):
    return pa.Table.from_pandas(frame, preserve_index=False)


KINDS = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "pyarrow": arrow,
    "duckdb": lambda frame: duckdb.from_arrow(arrow(frame)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_library_gives_the_same_columns(kind):
    frame = KINDS[kind](FRAME)
    number, whole, flag, word, day = mixed_columns(frame, None, "test")
    np.testing.assert_array_equal(number.values, [1.5, np.nan, 3.0])
    assert [c.kind for c in (number, whole, flag, word)] == ["number"] * 3 + ["text"]
    assert day.kind == "instant"
    assert [whole.whole, number.whole] == [True, False]
    assert flag.values.tolist() == [1.0, 0.0, 1.0]
    assert word.values.tolist() == ["a", None, "b"]


def test_places_pick_columns_in_order():
    word, number = mixed_columns(FRAME, [3, 0], "test")
    assert (word.kind, number.kind) == ("text", "number")


def test_columns_without_a_name_of_text():
    first, second = mixed_columns(pd.DataFrame(np.eye(2)), None, "test")
    assert first.values.tolist() == [1.0, 0.0]
    assert second.values.tolist() == [0.0, 1.0]


def test_nullable_numbers_and_flags_of_pandas():
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None], dtype="Int64"),
            "f": pd.array([True, None], dtype="boolean"),
            "o": pd.Series([1, None], dtype=object),
            "m": pd.Series([1, "x"], dtype=object),
        }
    )
    n, f, o, m = mixed_columns(frame, None, "test")
    for column in (n, f, o):
        np.testing.assert_array_equal(column.values, [1.0, np.nan])
    assert m.values.tolist() == ["1", "x"]


def test_categories_stay_words_and_durations_become_days():
    frame = pd.DataFrame(
        {"c": pd.Categorical([1, 2]), "d": pd.to_timedelta(["36h", "12h"]), "t": ["x", "y"]}
    )
    category, duration, _ = mixed_columns(frame, None, "test")
    assert (category.kind, category.values.tolist()) == ("category", ["1", "2"])
    assert duration.values.tolist() == [1.5, 0.5]


def test_lists_and_dates_are_told_apart():
    frame = pl.DataFrame({"l": [[1], [2]], "d": [dt.date(2024, 1, 1)] * 2, "t": [dt.time(1)] * 2})
    assert [c.kind for c in mixed_columns(frame, None, "test")] == ["nested", "instant", "instant"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1, 2], "number"), ([1.0, None], "number"), (["a", 1], "text"), ([None, None], "number")],
)
def test_columns_of_arrays_of_objects(values, kind):
    assert array_column(np.array(values, dtype=object)).kind == kind


def test_arrays_in_cells_are_there_and_numbers_beyond_floats_are_words():
    held = np.empty(2, dtype=object)
    held[0] = np.array([1, 2])
    (column,) = mixed_columns(pd.DataFrame({"x": held}), None, "x")
    assert (column.kind, column.values.tolist()) == ("text", ["[1 2]", None])
    large = pd.DataFrame({"x": pd.Series([10**400, 1], dtype=object)})
    (column,) = mixed_columns(large, None, "x")
    assert (column.kind, column.values.tolist()) == ("text", [str(10**400), "1"])
