"""The folder: events once only, files whole or not at all, every library, what does not fit."""

import os

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.exceptions import DataError
from crmkit.pipelines import _daily_state as state
from tests.contracts.event_level import events, log_of
from tests.contracts.frame_kinds import FRAMES


def rows(table):
    return sorted(map(tuple, table.to_pandas().astype(str).to_numpy()))


def test_rows_are_added_once_in_whatever_order():
    frame = events(n=50)
    kept, new = state.added(None, log_of(frame.head(30)))
    assert new.all()
    whole, new = state.added(kept, log_of(frame.sample(frac=1.0, random_state=0)))
    assert new.sum() == 20
    assert rows(whole) == rows(state.added(None, log_of(frame))[0])
    again, new = state.added(whole, log_of(frame.iloc[10:40]))
    assert not new.any()
    assert rows(again) == rows(whole)


def test_a_row_that_one_log_holds_twice_is_two_events():
    frame = events(n=5)
    twice = pd.concat([frame, frame.head(1)])
    kept, _ = state.added(None, log_of(twice))
    assert kept.num_rows == 6
    same, new = state.added(kept, log_of(twice))
    assert (same.num_rows, new.sum()) == (6, 0)
    one, _ = state.added(None, log_of(frame))
    more, new = state.added(one, log_of(twice))
    assert (more.num_rows, new.tolist()) == (6, [False] * 5 + [True])


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library_gives_the_same_rows(kind):
    frame = events(n=40)
    kept, _ = state.added(None, log_of(frame.head(30)))
    whole, new = state.added(kept, log_of(FRAMES[kind](frame)))
    assert (whole.num_rows, new.sum()) == (40, 10)


def test_missing_values_are_values():
    frame = events(n=6).assign(order_id=pd.array([1, None, 2, None, 3, 4], dtype="Int64"))
    kept, _ = state.added(None, log_of(frame))
    assert not state.added(kept, log_of(frame.iloc[[3, 1]]))[1].any()


def test_times_with_a_zone_are_kept():
    frame = events(n=6)
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    log = log_of(frame, tz="Europe/London")
    kept, _ = state.added(None, log)
    assert not state.added(kept, log)[1].any()
    assert kept.num_rows == state.since(kept, log, 0).num_rows


def test_other_columns_are_refused():
    kept, _ = state.added(None, log_of(events(n=5)))
    other = ck.EventLog(events(n=5))
    with pytest.raises(DataError, match="the events of the folder have the columns"):
        state.added(kept, other)
    text = events(n=5).assign(order_id=list("abcde"))
    with pytest.raises(DataError, match="do not fit those of the folder"):
        state.added(kept, log_of(text))


def test_events_of_the_last_days_alone():
    frame = events(n=60)
    kept, _ = state.added(None, log_of(frame))
    first = int((pd.Timestamp("2024-03-01") - pd.Timestamp("1970-01-01")).days)
    some = state.since(kept, log_of(frame), first).to_pandas()
    assert len(some) == (frame["timestamp"] >= "2024-03-01").sum()
    assert some["timestamp"].min() >= pd.Timestamp("2024-03-01")


def test_files_come_back(tmp_path):
    folder = state.opened(tmp_path / "new" / "folder")
    assert state.kept_events(folder) is None
    assert state.kept_nights(folder) == {}
    kept, _ = state.added(None, log_of(events(n=20)))
    state.write_events(folder, kept)
    night = {"fitted_as_of": "2024-01-01", "shares": {"tier": {"gold": 1}}}
    state.write_nights(folder, {"2024-01-01": night})
    assert rows(state.kept_events(folder)) == rows(kept)
    assert state.kept_nights(folder)["2024-01-01"]["shares"] == {"tier": {"gold": 1}}
    assert sorted(os.listdir(folder)) == ["events.parquet", "nights.json"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    state.write_nights(tmp_path, {})
    old = (tmp_path / "nights.json").read_bytes()

    def half(*_):
        raise RuntimeError("power")

    monkeypatch.setattr(os, "replace", half)
    with pytest.raises(RuntimeError, match="power"):
        state.write_nights(tmp_path, {"2024-01-01": {}})
    assert (tmp_path / "nights.json").read_bytes() == old
    assert os.listdir(tmp_path) == ["nights.json"]


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
def test_events_and_nights_are_for_their_owner_alone(tmp_path):
    kept, _ = state.added(None, log_of(events(n=20)))
    state.write_events(tmp_path, kept)
    state.write_nights(tmp_path, {})
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}


def test_what_killed_runs_left_is_swept_up(tmp_path):
    for name in (".events.parquet.ab.part", ".model.crmkit.cd.part", ".nights.json.ef.part"):
        (tmp_path / name).touch()
    (tmp_path / ".notes.part").touch()
    state.sweep_up(tmp_path)
    assert os.listdir(tmp_path) == [".notes.part"]


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "in it"):
        with pytest.raises(DataError, match="is a file, or in one"):
            state.opened(folder)
    assert state.opened(None) is None


def test_damaged_events_say_so(tmp_path):
    (tmp_path / "events.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match=r"events.parquet' cannot be read .* Put it back from a"):
        state.kept_events(tmp_path)


def test_amounts_that_were_whole_numbers_at_first_become_wider():
    whole = events(n=20).assign(amount=[float(n + 1) for n in range(20)])
    kept, _ = state.added(None, log_of(whole.astype({"amount": "int64"})))
    parts = whole.assign(amount=whole["amount"] + 0.5 * (whole.index >= 10))
    both, new = state.added(kept, log_of(parts))
    assert new.tolist() == [False] * 10 + [True] * 10
    assert both["amount"].to_pylist() == [*whole["amount"], *parts["amount"][10:]]
    back, new = state.added(both, log_of(whole.astype({"amount": "int64"})))
    assert not new.any()
    assert back.schema.equals(both.schema)


def test_a_log_without_rows_is_known():
    assert state.is_empty(log_of(events(n=5).head(0)))
    assert not state.is_empty(log_of(events(n=5)))
    kept, _ = state.added(None, log_of(events(n=5)))
    for empty in (events(n=5).head(0), pd.DataFrame({name: [] for name in events(n=5)})):
        same, new = state.added(kept, log_of(empty))
        assert (same.num_rows, len(new)) == (5, 0)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"nights": []}', '{"nights": {"a": {}}}'])
def test_damaged_nights_say_so(tmp_path, text):
    (tmp_path / "nights.json").write_text(text)
    with pytest.raises(DataError, match="cannot be read"):
        state.kept_nights(tmp_path)


def test_numbers_tell_equal_rows_apart():
    table, _ = state.added(None, log_of(pd.concat([events(n=3)] * 2)))
    found = state.numbered(table)
    assert len(np.unique(found)) == 6
