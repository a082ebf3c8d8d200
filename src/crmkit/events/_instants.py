"""Instants and cut-offs: read without guessing, compared exactly, days in the declared zone."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np

from crmkit._frames import microseconds
from crmkit.exceptions import DataError, nearest

EPOCH = datetime(1970, 1, 1)


def read_instant(value: Any, name: str, owner: str) -> datetime:
    """Read a cut-off: ISO 8601 text, date, datetime, or numpy's or pandas' own."""
    if type(value) is datetime:
        return value
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise DataError(
                f"{owner}: {name}={value!r} is no ISO 8601 date or time. "
                "Write it year first, such as '2011-10-01' or '2011-10-01T08:00'."
            ) from None
    if isinstance(value, datetime) and value == value:  # NaT differs from itself
        # pandas' own counts hours where a datetime with a zone counts days of the clock on the wall
        return value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    raise DataError(f"{owner}: {name} must be a date, a datetime or ISO 8601 text, got {value!r}.")


def read_zone(name: str, owner: str) -> ZoneInfo:
    """Time zone of the IANA data base, or an error with the nearest name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError, AttributeError):
        hint = nearest(str(name), available_timezones())
        meant = "" if hint is None else f" Did you mean {hint!r}?"
        raise DataError(
            f"{owner}: tz={name!r} is no time zone.{meant} Use names such as 'Europe/London'."
        ) from None


def on_log_clock(
    instant: datetime, zone: tzinfo | None, owner: str, name: str = "as_of"
) -> datetime:
    """Instant as the log tells time: naive for a naive log, else aware in the log's zone."""
    if zone is None:
        if instant.tzinfo is not None:
            raise DataError(
                f"{owner}: {name}={instant.isoformat()} has a time zone, the events have none. "
                f"Give {name} without one."
            )
        return instant
    return instant.replace(tzinfo=zone) if instant.tzinfo is None else instant.astimezone(zone)


def from_microseconds(value: int, zone: tzinfo | None) -> datetime:
    """Instant on the log's clock from microseconds (UTC for a log with a zone)."""
    naive = EPOCH + timedelta(microseconds=value)
    return naive if zone is None else naive.replace(tzinfo=UTC).astimezone(zone)


def midnight_after(instant: datetime, owner: str) -> datetime:
    """Begin of the next day on the same clock."""
    try:
        day = datetime(instant.year, instant.month, instant.day) + timedelta(days=1)
    except OverflowError:
        raise DataError(
            f"{owner}: the last event is at the end of all time ({instant:%Y-%m-%d}), which is no "
            "date of a purchase. Correct it, or give as_of."
        ) from None
    return day.replace(tzinfo=instant.tzinfo)


def wall_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 that the clock on the wall shows."""
    return microseconds(instant.replace(tzinfo=None))
