"""What a night starts from: new, repeated and late events, the days since the night before."""

from datetime import date

import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.pipelines import _daily_state as state
from crmkit.pipelines._daily_taken import last_of, take_in
from tests.contracts.event_level import events, log_of

FRAME = events()


def before(day):
    return FRAME[FRAME["timestamp"] < day]


def keep(folder, taken):
    state.write_events(folder, taken.table)


def test_the_last_night_before_a_day():
    nights = {"2024-01-01": {}, "2024-01-05": {}, "2024-02-01": {}}
    assert last_of(nights, date(2024, 1, 5)) == date(2024, 1, 1)
    assert last_of(nights, date(2024, 3, 1)) == date(2024, 2, 1)
    assert last_of(nights, date(2024, 1, 1)) is None


def test_without_a_folder_the_log_is_all(tmp_path):
    taken = take_in(None, log_of(FRAME), "2024-05-01", {}, None)
    assert taken.counts == {"known": 600}
    assert taken.table is None
    assert taken.text() == "Read 600 events."
    assert taken.day == date(2024, 5, 1)
    assert taken.end - taken.begin == 1


def test_new_repeated_and_late_events_are_told(tmp_path):
    first = take_in(tmp_path, log_of(before("2024-04-01").iloc[5:]), "2024-04-01", {}, None)
    keep(tmp_path, first)
    nights = {"2024-04-01": {}}
    taken = take_in(tmp_path, log_of(before("2024-04-04")), "2024-04-04", nights, None)
    n_new = len(before("2024-04-04")) - len(before("2024-04-01")) + 5
    assert taken.counts["new"] == n_new
    assert taken.counts["late"] == 5
    assert taken.counts["repeated"] == len(before("2024-04-01")) - 5
    assert taken.counts["known"] == len(before("2024-04-04"))
    assert "5 of them late" in taken.text()
    assert taken.end - taken.begin == 3
    assert taken.last_night == date(2024, 4, 1)


def test_nothing_new_writes_nothing(tmp_path):
    log = log_of(before("2024-04-01"))
    keep(tmp_path, take_in(tmp_path, log, "2024-04-01", {}, None))
    again = take_in(tmp_path, log, "2024-04-01", {"2024-04-01": {}}, None)
    assert again.table is None
    assert again.last_night is None  # the same night is none before it
    assert again.counts["repeated"] == len(before("2024-04-01"))


def test_old_events_are_dropped(tmp_path):
    taken = take_in(tmp_path, log_of(before("2024-05-01")), "2024-05-01", {}, "30D")
    recent = before("2024-05-01")["timestamp"] >= "2024-04-01"
    assert taken.counts["known"] == recent.sum() == len(taken.table)
    assert taken.log.first_event >= pd.Timestamp("2024-04-01")


def test_events_that_are_too_old_to_keep_are_not_counted(tmp_path):
    keep(tmp_path, take_in(tmp_path, log_of(before("2024-05-01")), "2024-05-01", {}, "30D"))
    nights = {"2024-05-01": {}}
    taken = take_in(tmp_path, log_of(before("2024-05-03")), "2024-05-03", nights, "30D")
    when = FRAME["timestamp"]
    known = ((when >= "2024-04-03") & (when < "2024-05-01")).sum()
    new = ((when >= "2024-05-01") & (when < "2024-05-03")).sum()
    assert taken.counts == {"known": known + new, "new": new, "repeated": known, "late": 0}
    with pytest.raises(DataError, match="keep='5D' leaves no event before 2025-01-01"):
        take_in(tmp_path, log_of(FRAME), "2025-01-01", nights, "5D")


def test_a_night_on_which_nothing_came(tmp_path):
    keep(tmp_path, take_in(tmp_path, log_of(before("2024-05-01")), "2024-05-01", {}, None))
    taken = take_in(tmp_path, log_of(FRAME.head(0)), "2024-05-02", {"2024-05-01": {}}, None)
    n = len(before("2024-05-01"))
    assert taken.counts == {"known": n, "new": 0, "repeated": 0, "late": 0}
    assert taken.table is None
    assert taken.days.numbers["events"][-1] == 0.0


def test_a_long_pause_is_not_looked_at_day_by_day():
    taken = take_in(None, log_of(FRAME), "2024-06-01", {"2024-01-15": {}}, None)
    assert taken.end - taken.begin == 31


def test_what_cannot_be_used_is_refused_before_anything_is_added(tmp_path):
    bad = FRAME.assign(amount=FRAME["amount"].where(FRAME.index != 3))
    with pytest.raises(DataError, match="NaN"):
        take_in(tmp_path, log_of(bad), "2024-05-01", {}, None)
    assert not list(tmp_path.iterdir())
