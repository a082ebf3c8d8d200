"""Which dates are followed, and what is said where the log is too short."""

from datetime import date

import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.report import MovementContent
from crmkit.report._movement_content import cohorts_of, dates_back
from crmkit.segment import LifecycleStager, migration_matrix
from tests.pipelines._quick import shop
from tests.report._moved import DAY, log_of_days, stager

END = date(2024, 12, 31)


@pytest.mark.parametrize(
    ("days", "n", "apart"),
    [
        (1000, 5, 91),
        (455, 5, 91),
        (454, 4, 91),
        (273, 3, 91),
        (272, 5, 28),
        (84, 3, 28),
        (83, 5, 7),
        (21, 3, 7),
        (14, 2, 7),
        (13, 1, 7),
        (3, 0, 7),
    ],
)
def test_dates_by_hand(days, n, apart):
    first = date.fromordinal(END.toordinal() - days)
    dates = dates_back(first, END)
    assert len(dates) == n
    assert dates == [date.fromordinal(END.toordinal() - apart * i) for i in range(n)][::-1]
    assert all((each - first).days >= apart for each in dates)


@pytest.mark.parametrize(
    ("days", "period"), [(20, None), (21, "W"), (91, "M"), (730, "Q"), (2920, "Y")]
)
def test_periods_of_cohorts_suit_the_log(days, period):
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "b", "a"],
            "timestamp": [
                pd.Timestamp(END) - pd.Timedelta(days=days),
                pd.Timestamp(END) - pd.Timedelta(days=days // 2),
                pd.Timestamp(END) - pd.Timedelta(days=1),
            ],
            "amount": 1.0,
        }
    )
    log = EventLog(frame)
    made, note = cohorts_of(log, log.first_event.date(), END)
    if period is None:
        assert (made, note) == (None, "the log covers 20 days, three weeks at least are needed")
    else:
        assert (made.period, note) == (period, "")


def test_the_stages_are_those_of_the_stager_at_each_date():
    log = EventLog(shop())
    made = MovementContent.from_log(stager(), log, as_of=DAY)
    expected = migration_matrix(stager(), log, [d.date() for d in made.moves.dates])
    assert (made.moves.codes == expected.codes).all()
    assert f"{made.moves.dates[-1]:%Y-%m-%d}" == DAY
    assert made.forecast.check is not None
    assert made.cohorts.period == "M"


def test_nothing_after_the_day_is_used():
    frame = shop()
    known = EventLog(frame[frame["timestamp"] < DAY])
    one = MovementContent.from_log(stager(), EventLog(frame), as_of=f"{DAY} 00:00")
    two = MovementContent.from_log(stager(), known, as_of=DAY)
    assert (one.moves.size_counts == two.moves.size_counts).all()
    assert one.cohorts.wide().equals(two.cohorts.wide())


def test_within_a_day_its_midnight_is_the_last_date():
    log = EventLog(shop())
    one = MovementContent.from_log(stager(), log, as_of=f"{DAY} 17:30")
    two = MovementContent.from_log(stager(), log, as_of=DAY)
    assert one.moves.dates == two.moves.dates
    assert (one.moves.size_counts == two.moves.size_counts).all()


def test_three_days_are_too_short_and_that_is_said():
    log = log_of_days(3)
    made = MovementContent.from_log(None, log)
    assert made.note == "there are no stages of life to follow"
    made = MovementContent.from_log(stager(), log)
    assert made.moves is None
    assert made.forecast is None
    assert made.note == "the log covers 3 days, two weeks at least are needed"
    assert made.cohorts_note == "the log covers 3 days, three weeks at least are needed"


def test_returns_before_the_first_purchase_are_no_customers():
    frame = log_of_days(20, first="2024-03-01").data
    early = frame.head(3).assign(timestamp=pd.Timestamp("2024-01-01"), amount=-1.0)
    log = EventLog(pd.concat([early, frame]))
    made = MovementContent.from_log(LifecycleStager().fit(log), log)
    assert made.moves is None
    assert made.note.startswith("migration_matrix: nobody bought before 2024-02-22")


def test_aware_times_are_followed_on_their_own_clock():
    frame = shop()
    aware = frame.assign(timestamp=frame["timestamp"].dt.tz_localize("UTC"))
    made = MovementContent.from_log(stager(), EventLog(aware, tz="UTC"), as_of=DAY)
    naive = MovementContent.from_log(stager(), EventLog(frame), as_of=DAY)
    assert (made.moves.size_counts == naive.moves.size_counts).all()
