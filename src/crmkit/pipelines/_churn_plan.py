"""How far ahead churn is asked, who is asked about, and at which cut-offs it is learnt."""

import warnings
from datetime import date, timedelta
from typing import Any

from crmkit._units import in_unit
from crmkit.churn import Cutoffs, suggest_horizon
from crmkit.events import EventLog
from crmkit.exceptions import DataError, DataWarning

WEEK, MONTH = 7, 28
PARTS = 4  # of a log: one for the labels of now, one for a history, two for forward tests


class TooLittleError(DataError):
    """The log is too short, or has too few who left or stayed, to learn churn from."""


def day_of(log: EventLog, as_of: Any, owner: str) -> date:
    """Local day that begins at or before `as_of`: snapshots are taken at midnight."""
    return log.cutoff(as_of, owner).date()


def days_in(duration: float | str, name: str, owner: str) -> int:
    """Days of a duration such as "90D" or 90: a whole number, at least 1."""
    length = in_unit(duration, "D", owner, name)
    if length != round(length) or length < 1:
        raise DataError(
            f"{owner}: {name}={duration!r} must be a whole number of days, at least 1, such as "
            '"90D".'
        )
    return round(length)


def choose_horizon(
    log: EventLog, day: date, given: float | str | None, owner: str
) -> tuple[int, str]:
    """Days within which no purchase is called churn, and why so many, in words."""
    if given is not None:
        return days_in(given, "horizon", owner), "as stated"
    room = max(WEEK, (day - log.first_event.date()).days // PARTS // WEEK * WEEK)
    usual = usual_pause(log, day)
    if usual is None:
        return room, "a quarter of the log, since nobody bought on two days"
    known = f"four in five pauses that end do so within {usual} days"
    if max(usual, MONTH) > room:
        return room, f"{known}, but more than a quarter of the log leaves no room to learn"
    if usual < MONTH:
        return MONTH, f"{known}, but less than four weeks leaves no time to act"
    return usual, known


def usual_pause(log: EventLog, day: date) -> int | None:
    """The pause that `suggest_horizon` calls churn, in days; None where no pause has ended."""
    with warnings.catch_warnings():  # a horizon too long for the log is cut, and that is told
        warnings.filterwarnings("ignore", "suggest_horizon: a horizon of", DataWarning)
        try:
            return days_in(suggest_horizon(log, as_of=day), "horizon", "suggest_horizon")
        except DataError:
            return None


def choose_cutoffs(
    first: date, day: date, horizon: int, step: int | None, n: int, owner: str
) -> Cutoffs:
    """Cut-offs to learn at, the last a horizon before `day`: every label was observed.

    `step` days lie between them, half a horizon unless stated. Those with less than a horizon of
    history are left out.
    """
    step = (horizon + 1) // 2 if step is None else step
    last = day - timedelta(days=horizon)
    days = [last - timedelta(days=step * i) for i in range(n)]
    kept = [each for each in days if (each - first).days >= horizon]
    if not kept:
        raise TooLittleError(
            f"{owner}: the log is too short. To learn who buys nothing in {horizon} days takes at "
            f"least {2 * horizon} days before as_of, and {PARTS * horizon} to test it forward in "
            f"time; there are {(day - first).days}. Take a longer log or a shorter horizon."
        )
    return Cutoffs(kept)
