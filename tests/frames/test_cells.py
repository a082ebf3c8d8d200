"""Cells of other rows, columns written anew and ids changed, in every library."""

import numpy as np
import pandas as pd
import pytest

from crmkit import _frames
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES, to_pandas

FRAME = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": ["p", None, "r"], "id": ["aa", None, "ba"]})
KINDS = {
    "text": pd.Series(["aa", "ab", None, "ba"], dtype="str"),
    "objects": pd.Series(["aa", "ab", None, "ba"], dtype=object),
    "categories": pd.Series(["aa", "ab", None, "ba"], dtype="category"),
    "nullable": pd.Series([10, 11, None, 20], dtype="Int64"),
    "small": pd.Series([10, 11, 20, 20], dtype="int32"),
    "unsigned": pd.Series([10, 11, 20, 2**63], dtype="uint64"),
}


def first_of(old):
    """The first letter of texts, the tens of numbers."""
    if old.dtype.kind == "U":
        return np.array([text[0] for text in old.tolist()])
    return old // 10 * 10


@pytest.mark.parametrize("kind", FRAMES)
def test_cells_come_from_rows_of_their_own(kind):
    rows = {"y": np.array([2, 1]), "x": np.array([0, 0])}
    taken = to_pandas(_frames.take_cells(FRAMES[kind](FRAME), rows, "Test"))
    assert taken.columns.tolist() == ["y", "x"]
    assert taken["x"].tolist() == [1.0, 1.0]
    assert taken["y"].isna().tolist() == [False, True]


@pytest.mark.parametrize("kind", FRAMES)
def test_columns_are_written_where_they_stand(kind):
    given = _frames.to_eager(FRAMES[kind](FRAME))
    new = np.array([None, None, None], dtype=object)
    written = to_pandas(_frames.write_columns(given, {"y": new}, "Test", text=["y"]))
    assert written.columns.tolist() == ["x", "y", "id"]
    assert written["y"].isna().all()
    assert to_pandas(given)["y"].tolist()[0] == "p"


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("column", KINDS.values(), ids=KINDS)
def test_ids_change_and_keep_type_place_and_gaps(kind, column):
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "id": column, "y": list("pqrs")})
    frame.index = [3, 5, 7, 9]
    given = FRAMES[kind](frame)
    changed = _frames.change_ids(given, "id", first_of, "Test")
    assert type(changed) is type(given)
    after, before = to_pandas(changed), to_pandas(given)
    if kind != "duckdb":
        assert after["id"].dtype.kind == before["id"].dtype.kind
    assert after.columns.tolist() == ["x", "id", "y"]
    after = after.sort_values("x")
    assert after["y"].tolist() == list("pqrs")
    known = column.notna().to_numpy()
    assert after["id"].notna().tolist() == known.tolist()
    old = column[known].astype(object).tolist()
    wanted = [v[0] for v in old] if isinstance(old[0], str) else [v // 10 * 10 for v in old]
    assert after["id"][known].tolist() == wanted
    if kind == "pandas":
        assert after.index.tolist() == [3, 5, 7, 9]


@pytest.mark.parametrize("kind", FRAMES)
def test_ids_can_become_text(kind):
    frame = pd.DataFrame({"id": [1, 2, 1]})
    changed = _frames.change_ids(
        FRAMES[kind](frame), "id", lambda old: np.array([f"k{v}" for v in old.tolist()]), "Test"
    )
    assert sorted(to_pandas(changed)["id"]) == ["k1", "k1", "k2"]


@pytest.mark.parametrize("kind", FRAMES)
def test_a_column_without_ids_stays(kind):
    frame = pd.DataFrame({"id": pd.Series([None, None], dtype="str"), "x": [1, 2]})
    changed = to_pandas(_frames.change_ids(FRAMES[kind](frame), "id", first_of, "Test"))
    assert changed["id"].isna().all()
    assert changed["x"].tolist() == [1, 2]


def test_ids_of_no_type_of_ids_are_refused():
    with pytest.raises(DataError, match="Test: 'x' is float64: missing ids turn numbers"):
        _frames.change_ids(FRAME, "x", first_of, "Test")
    with pytest.raises(DataError, match="Test: column 'idd' not found"):
        _frames.change_ids(FRAME, "idd", first_of, "Test")
