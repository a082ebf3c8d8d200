"""Ids in and out: every library and type comes back as it was."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmkit import _frames
from crmkit.exceptions import DataError

TEXT = np.array(["a", "b"])
WHOLE = np.array([3, 4])


def back(frame, values, name="id"):
    told = _frames.id_types(frame, [name], "Model")
    columns = {name: values, "score": np.array([0.5, 0.25])}
    return _frames.id_frame(columns, told, like=frame if told["library"] == "duckdb" else None)


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint32", "Int64", "int32[pyarrow]"])
def test_whole_numbers_of_pandas(dtype):
    frame = pd.DataFrame({"id": pd.Series([3, 4], dtype=dtype)})
    assert back(frame, WHOLE)["id"].dtype == frame["id"].dtype


@pytest.mark.parametrize("dtype", ["object", "str", "string", "string[pyarrow]", "category"])
def test_text_of_pandas(dtype):
    frame = pd.DataFrame({"id": pd.Series(["a", "b"], dtype=dtype)})
    made = back(frame, TEXT)
    assert made["id"].dtype == frame["id"].dtype
    assert made["id"].tolist() == ["a", "b"]


def test_categories_keep_their_order_and_take_in_strangers():
    kinds = pd.CategoricalDtype(["z", "b", "a"], ordered=True)
    frame = pd.DataFrame({"id": pd.Series(["a"], dtype=kinds)})
    assert back(frame, TEXT)["id"].dtype == kinds
    new = back(frame, np.array(["a", "new"]))["id"]
    assert new.cat.categories.tolist() == ["z", "b", "a", "new"]
    numbers = pd.DataFrame({"id": pd.Series([3, 4], dtype="category")})
    assert back(numbers, WHOLE)["id"].dtype == numbers["id"].dtype


@pytest.mark.parametrize("dtype", [pl.Int16, pl.UInt64, pl.Int64])
def test_whole_numbers_of_polars(dtype):
    frame = pl.DataFrame({"id": [3, 4]}, schema={"id": dtype})
    assert back(frame, WHOLE).schema["id"] == dtype


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical, pl.Enum(["b", "a"])])
def test_text_of_polars(dtype):
    frame = pl.DataFrame({"id": ["a", "b"]}, schema={"id": dtype})
    assert back(frame, TEXT).schema["id"] == dtype
    lazy = back(frame.lazy(), TEXT)
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect()["id"].to_list() == ["a", "b"]


@pytest.mark.parametrize(
    "dtype", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
)
def test_text_of_pyarrow(dtype):
    frame = pa.table({"id": pa.array(["a", "b"]).cast(dtype)})
    assert back(frame, TEXT).schema.field("id").type == dtype


def test_duckdb_with_and_without_the_callers_connection():
    connection = duckdb.connect()
    relation = connection.sql("SELECT * FROM (VALUES (3::SMALLINT), (4::SMALLINT)) t(id)")
    told = _frames.id_types(relation, ["id"], "Model")
    assert told == {"library": "duckdb", "types": {"id": "SMALLINT"}}
    for like in (relation, None):
        made = _frames.id_frame({"id": WHOLE, "score": WHOLE * 0.5}, told, like=like)
        assert str(made.types[0]) == "SMALLINT"
        assert made.fetchall() == [(3, 1.5), (4, 2.0)]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"id": pd.Series([3], dtype="int8")}),
        pl.DataFrame({"id": [3]}, schema={"id": pl.Int8}),
        pa.table({"id": pa.array([3], pa.int8())}),
    ],
)
def test_ids_that_do_not_fit_keep_their_own_type(frame):
    made = back(frame, np.array([3, 2**40]))
    assert list(made["id"].to_pylist() if isinstance(made, pa.Table) else made["id"]) == [3, 2**40]


@pytest.mark.parametrize(
    "values",
    [
        ["a", "b"],
        ("a", "b"),
        np.array(["a", "b"]),
        np.array(["a", "b"], dtype=object),
        pd.Index(["a", "b"]),
        pd.Series(["a", "b"], dtype="category"),
        pl.Series(["a", "b"]),
        pa.chunked_array([["a"], ["b"]]),
        pd.DataFrame({"x": [1, 2], "id": ["a", "b"]}),
        pl.DataFrame({"first": ["a", "b"], "x": [1, 2]}).lazy(),
        (value for value in "ab"),
    ],
)
def test_ids_are_read_from_whatever_holds_them(values):
    assert _frames.id_values(values, "customers", "Model", "id").tolist() == ["a", "b"]


def test_whole_numbers_are_read_as_such():
    for values in ([3, 4], pd.Series([3, 4], dtype="Int64"), np.array([3, 4], dtype="uint8")):
        read = _frames.id_values(values, "customers", "Model")
        assert read.dtype == np.int64
        assert read.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ("ab", "customers must be a list of ids, got 'ab'"),
        (7, "customers must be a list of ids, got 7"),
        ([1.0, 2.0], "must hold text or whole numbers, all of one type, got"),
        ([True], "must hold text or whole numbers"),
        (["a", 1], "must hold text or whole numbers"),
        (pd.Series([1.5, 2.0]), "customers is float64: missing ids turn numbers into floats"),
        (pd.Series(["a", None]), "customers lacks an id in 1 rows"),
        (pd.Series(pd.to_datetime(["2024-01-01"])), "ids must be text or whole numbers"),
    ],
)
def test_what_is_no_id_is_refused(values, text):
    with pytest.raises(DataError, match=f"Model: .*{text}"):
        _frames.id_values(values, "customers", "Model")


def test_missing_values_and_rows():
    frame = pd.DataFrame(
        {"id": ["a", None, "c"], "n": [1.0, np.nan, 3.0], "flag": [True, None, False]}
    )
    assert _frames.missing_values(frame, "id", "Model").tolist() == [False, True, False]
    assert _frames.missing_values(frame, "n", "Model").tolist() == [False, True, False]
    lazy = pl.from_pandas(frame).lazy()
    kept = _frames.drop_rows(lazy, np.array([False, True, False]), "Model")
    assert kept["id"].to_list() == ["a", "c"]
    np.testing.assert_array_equal(_frames.named_numbers(frame, "n", "Model"), [1, np.nan, 3])
    with pytest.raises(DataError, match="it must hold numbers"):
        _frames.named_numbers(frame, "id", "Model")
