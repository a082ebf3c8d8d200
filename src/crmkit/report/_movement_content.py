"""What a report tells of movement: who was in which stage when, the sizes ahead, cohorts."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self

from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.report._numbers import plural
from crmkit.report._quiet import silence_is_told
from crmkit.segment import (
    CohortTable,
    LifecycleStager,
    Migration,
    SegmentForecast,
    cohort_table,
    migration_matrix,
)

OWNER = "MovementContent"
PERIODS = (91, 28, 7)  # days between the dates: a quarter, four weeks or a week
MOST, FEWEST = 5, 3  # dates; three are needed to check a forecast
COHORTS = ((2920, "Y"), (730, "Q"), (91, "M"), (21, "W"))  # days of a log, and a period for it


@dataclass(frozen=True, eq=False)
class MovementContent:
    """What a report tells of movement: stages at some dates and cohorts in, a section out.

    Parameters
    ----------
    moves : Migration, default=None
        From `crmkit.segment.migration_matrix` with a `LifecycleStager`; None where the log is too
        short.
    note : str, default=""
        Why there is none.
    forecast : SegmentForecast, default=None
        Sizes of the stages a period ahead: ``moves.forecast(1)``.
    cohorts : CohortTable, default=None
        Retention by cohort; None where the log is too short.
    cohorts_note : str, default=""
        Why there is none.

    Examples
    --------
    >>> import crmkit as ck
    >>> from crmkit.report import MovementContent
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> stager = ck.segment.LifecycleStager().fit(log)
    >>> movement = MovementContent.from_log(stager, log)
    >>> [f"{date:%Y-%m-%d}" for date in movement.moves.dates]
    ['1997-07-02', '1997-10-01', '1997-12-31', '1998-04-01', '1998-07-01']
    """

    moves: Migration | None = field(default=None, repr=False)
    note: str = ""
    forecast: SegmentForecast | None = field(default=None, repr=False)
    cohorts: CohortTable | None = field(default=None, repr=False)
    cohorts_note: str = ""

    @classmethod
    def from_log(cls, stager: LifecycleStager | None, log: EventLog, *, as_of: Any = None) -> Self:
        """Follow customers over the last quarters: a fitted stager and a log in, content out.

        Dates lie a quarter (91 days) apart, or four weeks or a week where the log is too short for
        three of them with as much history before the first.

        Parameters
        ----------
        stager : LifecycleStager or None
            Fitted: its rules stay as they are at every date. None tells the cohorts alone.
        log : EventLog
            The events.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off; the last date is the midnight at or before it. None is midnight after
            the last event.

        Returns
        -------
        MovementContent
            For ``ReportContent.from_pipeline(..., movement=...)``.

        Raises
        ------
        DataError
            If the log cannot be used.
        """
        day, first = log.cutoff(as_of, OWNER).date(), log.first_event.date()
        moves, note = moves_of(stager, log, dates_back(first, day), (day - first).days)
        forecast = None if moves is None else moves.forecast(1)
        cohorts, cohorts_note = cohorts_of(log, first, day)
        return cls(moves, note, forecast, cohorts, cohorts_note)


def dates_back(first: date, day: date) -> list[date]:
    """Equally distant dates up to a day, ascending; fewer than two where the log is too short."""
    for length in PERIODS:
        n = min(MOST, (day - first).days // length)
        if n >= FEWEST or length == PERIODS[-1]:
            break
    return [day - timedelta(days=length * i) for i in reversed(range(n))]


def moves_of(
    stager: LifecycleStager | None, log: EventLog, dates: list[date], days: int
) -> tuple[Migration | None, str]:
    """Who was in which stage at some dates, or None and the reason."""
    if stager is None:
        return None, "there are no stages of life to follow"
    if len(dates) < 2:
        return None, f"the log covers {days} days, two weeks at least are needed"
    try:
        with silence_is_told():
            return migration_matrix(stager, log, dates), ""
    except DataError as error:
        return None, str(error).rstrip(".")


def cohorts_of(log: EventLog, first: date, day: date) -> tuple[CohortTable | None, str]:
    """Retention by cohort, in periods that suit the length of the log, or None and the reason."""
    days = (day - first).days
    period = next((period for least, period in COHORTS if days >= least), None)
    if period is None:
        return None, f"the log covers {plural(days, 'day')}, three weeks at least are needed"
    try:
        with silence_is_told():
            return cohort_table(log, period=period, as_of=day), ""
    except DataError as error:
        return None, str(error).rstrip(".")
