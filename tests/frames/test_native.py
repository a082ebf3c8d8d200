"""The narrow waist: columns out of any frame, columns back into the same kind of frame."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmkit import _frames
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES, to_pandas

CUSTOMERS = pd.DataFrame({"id": ["a", "b", "c"], "x": [1, 2, 3], "y": [0.5, 1.5, 2.5]})


@pytest.mark.parametrize("kind", FRAMES)
def test_columns_come_out_and_go_back_in_the_same_kind(kind):
    frame = FRAMES[kind](CUSTOMERS)
    assert _frames.is_frame(frame)
    assert _frames.column_names(frame, "test") == ["id", "x", "y"]
    assert _frames.column_values(frame, "x", "test").tolist() == [1, 2, 3]
    made = _frames.attach(
        frame,
        keep=["id"],
        add={"z": np.arange(3.0), "name": np.array(["p", "q", "r"])},
        owner="test",
    )
    assert type(made) is type(frame)
    assert to_pandas(made).to_dict("list") == {
        "id": ["a", "b", "c"],
        "z": [0.0, 1.0, 2.0],
        "name": ["p", "q", "r"],
    }


@pytest.mark.parametrize("kind", FRAMES)
def test_float_columns_are_picked_in_order(kind):
    picked = np.asarray(_frames.float_columns(FRAMES[kind](CUSTOMERS), ["y", "x"], "test"))
    np.testing.assert_array_equal(picked, [[0.5, 1], [1.5, 2], [2.5, 3]])


@pytest.mark.parametrize("kind", FRAMES)
def test_to_eager_collects_and_hand_back_returns_the_callers_kind(kind):
    frame = FRAMES[kind](CUSTOMERS)
    table = _frames.to_eager(frame)
    assert not isinstance(table, (pl.LazyFrame, duckdb.DuckDBPyRelation))
    assert type(_frames.hand_back(table, like=frame)) is type(frame)


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("large", [2**53 + 1, 2**63 + 1])
def test_whole_numbers_stay_whole_where_some_are_missing(kind, large):
    ids = np.array([large, None, 2], dtype=object)
    made = _frames.attach(FRAMES[kind](CUSTOMERS), keep=["id"], add={"z": ids}, owner="test")
    values = _frames.to_eager(made)["z"]
    held = values.to_pylist() if hasattr(values, "to_pylist") else list(values)
    assert [None if v is None or v is pd.NA else int(v) for v in held] == [large, None, 2]


def test_a_pandas_index_is_kept():
    labelled = CUSTOMERS.set_index(pd.Index([7, 7, 9], name="row"))
    made = _frames.attach(labelled, keep=["id"], add={"z": [1, 2, 3]}, owner="test")
    assert made.index.tolist() == [7, 7, 9]
    assert made["z"].tolist() == [1, 2, 3]


def test_a_kept_column_is_never_overwritten():
    with pytest.raises(DataError, match="column 'x' is called like a new column"):
        _frames.attach(CUSTOMERS, keep=["id", "x"], add={"x": [9, 9, 9]}, owner="test")


def test_two_columns_of_one_name_are_told():
    twice = pd.concat([CUSTOMERS, CUSTOMERS[["x"]]], axis=1)
    with pytest.raises(DataError, match="test: two columns have one name"):
        _frames.column_names(twice, "test")


def test_a_relation_comes_back_in_its_own_connection_with_its_own_types():
    connection = duckdb.connect()
    relation = connection.sql(
        "SELECT 'a'::ENUM('a', 'b') AS id, 170141183460469231731::HUGEINT AS n"
    )
    made = _frames.attach(relation, keep=["id", "n"], add={"z": [1.5]}, owner="test")
    assert [str(kind) for kind in made.types] == ["ENUM('a', 'b')", "HUGEINT", "DOUBLE"]
    joined = made.set_alias("m").join(relation.set_alias("r"), "m.id = r.id")
    assert joined.fetchall()[0][2] == 1.5
    views = connection.sql("SELECT count(*) FROM duckdb_views() WHERE NOT internal")
    assert views.fetchall() == [(0,)]


def test_a_new_column_has_its_own_type_whatever_the_callers_is_called():
    relation = duckdb.connect().sql("SELECT 1::SMALLINT AS id, 2::TINYINT AS z, 3::TINYINT AS x")
    made = _frames.attach(relation, keep=["x", "id"], add={"z": [1.5]}, owner="test")
    assert made.columns == ["x", "id", "z"]
    assert [str(kind) for kind in made.types] == ["TINYINT", "SMALLINT", "DOUBLE"]
    assert made.fetchall() == [(3, 1, 1.5)]
    table = pa.table({"id": [1], "z": [1.5]})
    types = {
        keep: [str(kind) for kind in _frames.hand_back(table, like=relation, keep=keep).types]
        for keep in (None, (), ("id", "z"))
    }
    assert types == {
        None: ["SMALLINT", "DOUBLE"],
        (): ["BIGINT", "DOUBLE"],
        ("id", "z"): ["SMALLINT", "TINYINT"],
    }


def test_arrays_pass_through_to_eager_untouched():
    array = np.ones((2, 2))
    assert _frames.to_eager(array) is array
    assert not _frames.is_frame(array)


@pytest.mark.parametrize("kind", FRAMES)
def test_flags_may_be_boolean(kind):
    frame = FRAMES[kind](CUSTOMERS.assign(left=[True, False, True]))
    picked = np.asarray(_frames.float_columns(frame, ["x", "left"], "test", flags=["left"]))
    np.testing.assert_array_equal(picked, [[1, 1], [2, 0], [3, 1]])


def test_faults_are_told_together():
    with pytest.raises(DataError, match=r"test: column 'X' not found\. Did you mean 'x'"):
        _frames.float_columns(CUSTOMERS, ["X"], "test")
    text = CUSTOMERS.assign(x=["1", "2", "3"], y=[True, False, True])
    with pytest.raises(DataError, match="must hold numbers, but 'x' is String, 'y' is Boolean"):
        _frames.float_columns(text, ["x", "y"], "test")


def test_missing_values_become_nan():
    table = pa.table({"x": [1, None, 3]})
    picked = np.asarray(_frames.float_columns(table, ["x"], "test"))
    np.testing.assert_array_equal(picked.ravel(), [1.0, np.nan, 3.0])


@pytest.mark.parametrize("kind", FRAMES)
def test_a_column_is_replaced_where_it_stands_or_added_behind(kind):
    frame = _frames.to_eager(FRAMES[kind](CUSTOMERS))
    made = _frames.with_column(frame, "x", np.array([7, 8, 9]), "test")
    assert _frames.column_names(made, "test") == ["id", "x", "y"]
    assert _frames.column_values(made, "x", "test").tolist() == [7, 8, 9]
    more = _frames.with_column(made, "z", np.array(["p", "q", "r"]), "test")
    assert _frames.column_names(more, "test") == ["id", "x", "y", "z"]
    assert _frames.column_values(frame, "x", "test").tolist() == [1, 2, 3]


def test_columns_of_one_name_pass_to_where_they_are_refused():
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert _frames.to_eager(twice) is twice
    with pytest.raises(DataError, match="x: two columns have one name"):
        _frames.column_names(twice, "x")


def test_half_a_letter_is_written_as_a_question_mark():
    like = pd.DataFrame({"a": [1]})
    made = _frames.new_frame({"t": ["\ud800b", None]}, like=like, owner="x", text=("t",))
    assert made["t"][0] == "?b"
    assert made["t"].isna().tolist() == [False, True]


@pytest.mark.parametrize("kind", FRAMES)
def test_whether_there_is_a_row(kind):
    table = pd.DataFrame({"x": [1, 2]})
    assert _frames.has_rows(FRAMES[kind](table), "me") is True
    assert _frames.has_rows(FRAMES[kind](table.head(0)), "me") is False
