"""When a holdout period begins and ends: whole days (or hours), within the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

from crmkit import _frames
from crmkit._units import HOURS, in_unit
from crmkit.events import EventLog
from crmkit.exceptions import DataError

OWNER = "holdout_report"
PERIODS = {"h": "hour of UTC", "D": "day", "W": "day"}
"""What purchases merge by, in words."""


def holdout_period(
    log: EventLog, as_of: Any, horizon: float | str | None, unit: str
) -> tuple[datetime, datetime]:
    """Begin and exclusive end of the holdout period, checked to lie within the log."""
    end = log.cutoff(None, OWNER)
    try:
        length = None if horizon is None else whole_length(horizon, unit)
        if as_of is not None:
            start = log.cutoff(as_of, OWNER)
        elif length is not None:
            start = log.cutoff(after(last_whole(end, unit), -length, unit), OWNER)
        else:
            third = max((end - log.first_event) // 3 // timedelta(days=1), 1)
            start = log.cutoff(last_whole(after(end, -timedelta(days=third), unit), unit), OWNER)
        until = last_whole(end, unit) if length is None else after(start, length, unit)
    except OverflowError:
        raise DataError(f"{OWNER}: horizon={horizon!r} is longer than time itself.") from None
    if until > end or until <= start:
        raise DataError(
            f"{OWNER}: the holdout period from {start:%Y-%m-%d} to {until:%Y-%m-%d} does not lie "
            f"within the log, which ends on {end:%Y-%m-%d}. Choose an earlier as_of or a shorter "
            "horizon."
        )
    if start != last_whole(start, unit):
        raise DataError(
            f"{OWNER}: the holdout period must begin with a whole {PERIODS[unit]}, got "
            f"{start:%Y-%m-%d %H:%M:%S}. Purchases of one period would be torn apart."
        )
    return start, until


def whole_length(horizon: float | str, unit: str) -> timedelta:
    """Length of the holdout period, refused where it does not end with a whole period."""
    length = timedelta(hours=HOURS[unit] * in_unit(horizon, unit, OWNER))
    count, word = length / period_length(unit), "hour" if unit == "h" else "day"
    if not length:
        raise DataError(f"{OWNER}: horizon must be at least one {word}, got {horizon!r}.")
    if length % period_length(unit):
        raise DataError(
            f"{OWNER}: horizon must be a whole number of {word}s, got {horizon!r}, which is "
            f"{count:.6g}. Purchases of one {word} would be torn apart: take "
            f'horizon="{max(round(count), 1)}{"h" if unit == "h" else "D"}".'
        )
    return length


def earlier_cutoff(log: EventLog, start: datetime, length: float, unit: str) -> datetime | None:
    """Begin of a period that ends at `start`: as long, but at most the last third of the past.

    None where no whole day (or hour) lies in it, or no event lies before.
    """
    whole = period_length(unit)
    seen = length_of(log.first_event, start, unit)
    periods = timedelta(hours=HOURS[unit] * min(length, seen / 3.0)) // whole
    begin = after(start, -periods * whole, unit)
    if periods < 1 or _frames.microseconds(begin) <= log.facts.first_us:
        return None
    return begin


def period_length(unit: str) -> timedelta:
    """Time within which purchases merge into one."""
    return timedelta(hours=1 if unit == "h" else 24)


def last_whole(instant: datetime, unit: str) -> datetime:
    """Last begin of a whole period at or before an instant: of days here, of hours in UTC."""
    return after(instant, -((on_clock(instant, unit) - datetime.min) % period_length(unit)), unit)


def length_of(start: datetime, until: datetime, unit: str) -> float:
    """Time from one instant to another in `unit`, on the clock by which the unit counts."""
    return (on_clock(until, unit) - on_clock(start, unit)) / timedelta(hours=HOURS[unit])


def on_clock(instant: datetime, unit: str) -> datetime:
    """Naive instant on the clock by which the unit counts: UTC for hours, else the wall."""
    if instant.tzinfo is not None and unit == "h":
        instant = instant.astimezone(UTC)
    return instant.replace(tzinfo=None)


def after(instant: datetime, length: timedelta, unit: str) -> datetime:
    """Instant that lies `length` later on the clock by which the unit counts."""
    zone = instant.tzinfo
    if zone is not None and unit == "h":
        return (instant.astimezone(UTC) + length).astimezone(zone)
    return instant + length
