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
    state.write_nights(folder, {"2024-01-01": {"shares": {"tier": {"gold": 1}}}})
    assert rows(state.kept_events(folder)) == rows(kept)
    assert state.kept_nights(folder)["2024-01-01"]["shares"] == {"tier": {"gold": 1}}
    assert sorted(os.listdir(folder)) == ["events.parquet", "nights.json"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "nights.json"
    path.write_text("old")

    def half(part):
        part.write_text("ha")
        raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        state.replace_file(path, half)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["nights.json"]


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_damaged_nights_say_so(tmp_path, text):
    (tmp_path / "nights.json").write_text(text)
    with pytest.raises(DataError, match="cannot be read"):
        state.kept_nights(tmp_path)


def test_numbers_tell_equal_rows_apart():
    table, _ = state.added(None, log_of(pd.concat([events(n=3)] * 2)))
    found = state.numbered(table)
    assert len(np.unique(found)) == 6
