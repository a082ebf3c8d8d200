"""Gaps filled where they are, in every library; what columns can hold; rows before an instant."""

from datetime import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmkit._frames import Gaps, fill_gaps, rows_before, stored_kinds
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES, to_pandas


@pytest.mark.parametrize("kind", FRAMES)
def test_filled_where_they_are(kind):
    table = pd.DataFrame({"n": pd.array([1, None, 3], dtype="Int64"), "w": ["a", None, None]})
    gaps = {"n": Gaps(np.array([1]), [2.0]), "w": Gaps(np.array([1, 2]), ["b", "c"])}
    out = to_pandas(fill_gaps(FRAMES[kind](table), gaps, "x"))
    assert out["n"].tolist() == [1, 2, 3]
    assert out["w"].tolist() == ["a", "b", "c"]
    assert table["w"].isna().sum() == 2


def test_whole_numbers_stay_in_their_type():
    table = pl.DataFrame({"n": [1, None]}, schema={"n": pl.UInt8})
    out = fill_gaps(table, {"n": Gaps(np.array([1]), [300.0])}, "x")
    assert out["n"].to_list() == [1, 255]
    big = pd.DataFrame({"n": pd.array([2**63 - 1, None], dtype="Int64")})
    out = fill_gaps(big, {"n": Gaps(np.array([1]), [float(2**63)])}, "x")
    assert out["n"].tolist() == [2**63 - 1, 2**63 - 1]


def test_closed_sets_open_for_a_new_word():
    gaps = {"w": Gaps(np.array([1]), ["new"])}
    enum = pl.DataFrame({"w": ["a", None]}, schema={"w": pl.Enum(["a"])})
    out = fill_gaps(enum, gaps, "x")
    assert out["w"].to_list() == ["a", "new"]
    assert out["w"].dtype == pl.Enum(["a", "new"])
    out = fill_gaps(pd.DataFrame({"w": pd.Categorical(["a", None])}), gaps, "x")
    assert out["w"].tolist() == ["a", "new"]
    coded = pa.table({"w": pa.array(["a", None]).dictionary_encode()})
    assert fill_gaps(coded, gaps, "x")["w"].to_pylist() == ["a", "new"]


def test_nothing_to_fill_is_the_same_frame():
    table = pd.DataFrame({"n": [1]})
    assert fill_gaps(table, {"n": Gaps(np.array([], dtype=int), [])}, "x") is table


def test_what_columns_hold():
    table = pd.DataFrame(
        {
            "f": [1.5, None],
            "b": [True, False],
            "t": ["a", None],
            "c": pd.Categorical(["a", None]),
            "d": pd.to_datetime(["2024-01-01", None]),
            "p": pd.to_timedelta(["1h", None]),
            "ob": np.array([True, None], dtype=object),
            "on": np.array([1, 2.5], dtype=object),
            "ox": np.array([1, "a"], dtype=object),
            "ol": [[1], None],
            "oe": np.array([None, None], dtype=object),
        }
    )
    assert stored_kinds(table, "x") == {
        "f": "number",
        "b": "flag",
        "t": "text",
        "c": "category",
        "d": "dates",
        "p": "durations",
        "ob": "flag",
        "on": "number",
        "ox": "values of several types",
        "ol": "objects of type list",
        "oe": "text",
    }
    nested = pl.DataFrame({"s": [{"a": 1}], "l": [[1]], "raw": [b"x"]})
    assert stored_kinds(nested, "x") == {
        "s": "lists or records",
        "l": "lists or records",
        "raw": "values of type Binary",
    }


@pytest.mark.parametrize("kind", FRAMES)
def test_rows_before(kind):
    table = pd.DataFrame({"at": pd.to_datetime(["2024-01-01", "2024-01-02", None, "2023-05-01"])})
    before = rows_before(FRAMES[kind](table), "at", datetime(2024, 1, 2), "x")
    assert before.tolist() == [True, False, False, True]
    aware = table.assign(at=table["at"].dt.tz_localize("Europe/Berlin"))
    cut = pd.Timestamp("2024-01-01T23:00", tz="UTC").to_pydatetime()
    assert rows_before(FRAMES[kind](aware), "at", cut, "x").tolist() == [True, False, False, True]
    with pytest.raises(DataError, match=r"x: 'at' has a time zone and as_of=.* has none"):
        rows_before(FRAMES[kind](aware), "at", datetime(2024, 1, 2), "x")
