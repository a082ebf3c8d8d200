"""The frame of plain arrays: every function of the waist answers as for pandas."""

import numpy as np
import pandas as pd
import pytest

from crmkit import _frames
from crmkit._frames._plain import PlainFrame, encoded, is_plain
from crmkit.exceptions import DataError

TABLE = pd.DataFrame({"id": ["b", "a", "b"], "x": [1.5, -2.0, 0.0], "n": [3, 1, 2]})
PLAIN = PlainFrame({"id": np.array(["b", "a", "b"]), "x": TABLE["x"].to_numpy(), "n": np.arange(3)})
PLAIN.columns["n"][:] = TABLE["n"]


def told(frame):
    """Columns of a frame as lists."""
    names = _frames.column_names(frame, "test")
    return {name: np.asarray(_frames.column_values(frame, name, "test")).tolist() for name in names}


@pytest.mark.parametrize(
    "question",
    [
        _frames.to_eager,
        lambda f: _frames.float_columns(f, ["n", "x"], "test"),
        lambda f: _frames.rows_with(f, "id", ["x"], "test"),
        lambda f: _frames.attach(f, keep=["id"], add={"y": [1, 2, 3]}, owner="test"),
        lambda f: _frames.change_ids(f, "id", lambda old: np.char.upper(old), "test"),
        lambda f: _frames.change_ids(f, "n", lambda old: old * 10, "test"),
        lambda f: _frames.with_column(f, "x", [7.0, 8.0, 9.0], "test"),
        lambda f: _frames.new_frame({"y": [1.0], "z": ["t"]}, like=f, owner="test"),
        lambda f: _frames.hand_back(_frames.drop_rows(f, np.array([1, 0, 0], bool), "t"), like=f),
        lambda f: _frames.id_frame({"id": np.array(["q"])}, _frames.id_types(f, ["id"], "test")),
    ],
)
def test_a_frame_comes_back_as_for_pandas(question):
    answer = question(PLAIN)
    assert is_plain(answer)
    assert told(answer) == told(question(TABLE))


@pytest.mark.parametrize("name", ["id", "n"])
def test_ids_are_read_as_from_pandas(name):
    for question in (_frames.id_column, _frames.missing_values):
        assert question(PLAIN, name, "t").tolist() == question(TABLE, name, "t").tolist()
    _frames.check_id_type(PLAIN, name, "t")
    for frame in (PLAIN, TABLE):
        codes, ids = _frames.id_codes(frame, name, "t")
        assert ids[codes].tolist() == TABLE[name].tolist()


def test_columns_of_any_kind_are_read_as_from_pandas():
    for got, want in zip(
        _frames.mixed_columns(PLAIN, [2, 0], "t"),
        _frames.mixed_columns(TABLE, [2, 0], "t"),
        strict=True,
    ):
        assert (got.kind, got.whole, got.flag) == (want.kind, want.whole, want.flag)
        assert got.values.tolist() == want.values.tolist()
    assert len(_frames.mixed_columns(PLAIN, None, "t")) == 3


def test_it_is_a_frame_with_rows_and_a_name():
    assert _frames.is_frame(PLAIN)
    assert _frames.engine_name(PLAIN, "t") == ("plain", 3)
    assert not _frames.is_spark(PLAIN)
    assert np.asarray(_frames.float_columns(PLAIN, ["x", "n"], "t")).tolist()[0] == [1.5, 3.0]


def test_faults_are_told_as_for_pandas():
    for frame in (PLAIN, TABLE):
        with pytest.raises(DataError, match=r"t: column 'ix' not found.* mean 'x'"):
            _frames.column_values(frame, "ix", "t")
        with pytest.raises(DataError, match="t: columns must hold numbers, but 'id' is "):
            _frames.float_columns(frame, ["id"], "t")
        with pytest.raises(DataError, match="t: column 'id' is called like a new column"):
            _frames.attach(frame, keep=["id"], add={"id": [1, 2, 3]}, owner="t")


def test_a_clock_on_the_wall_is_read_in_its_zone():
    when = np.array(["2024-03-31T00:30", "2024-03-31T01:30"], dtype="datetime64[us]")
    frame = PlainFrame({"when": when}, {"when": "Europe/London"})
    hours = np.diff(frame.local_microseconds("when", "Europe/London")) / 3.6e9
    assert hours.tolist() == [2.0]  # the clock was put forward between them
    assert frame.local_microseconds("when", None).tolist() == when.view(np.int64).tolist()
    days = _frames.local_days(PlainFrame({"when": when[:1]}), "when", None, "t")
    assert days.tolist() == [19813.0]


@pytest.mark.parametrize("values", [["b", "b"], ["b", "a", "b"], [5, 5, 2**62], []])
def test_codes_stand_for_ascending_values(values):
    array = np.array(values)
    codes, distinct = encoded(array)
    assert distinct[codes].tolist() == values
    assert distinct.tolist() == sorted(set(values))


def test_what_is_kept_is_made_once():
    made = []
    frame = PlainFrame({"n": np.arange(2)})
    for _ in range(2):
        assert _frames.once(frame, "sum", lambda: made.append(1) or 7) == 7
        assert _frames.once(TABLE, "sum", lambda: made.append(2) or 8) == 8
    assert made == [1, 2, 2]
