"""Units of time: which unit a customers frame is in, and durations such as "90D" in that unit.

Hours, days and weeks convert into one another; months and years do too. The two families never
mix: a month is not 30 days.
"""

import re
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from crmkit import _frames
from crmkit.exceptions import DataError

UNITS_PER_YEAR = {"h": 8766.0, "D": 365.25, "W": 365.25 / 7.0, "M": 12.0}
"""How many of each unit a year has: a year is 365.25 days or 12 months."""

HOURS = {"h": 1, "D": 24, "W": 168}
"""Length of the units that have one length, in hours."""

_DAYS = {"h": 1.0 / 24.0, "D": 1.0, "W": 7.0, "M": 365.25 / 12.0}
_CALENDAR = {"M": 1, "Y": 12}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")
_DATES = ("first_purchase", "last_purchase", "recency")


def unit_of(customers: Any) -> str | None:
    """Unit of the ages of a customers frame: "h", "D", "W" or "M", None where it does not tell.

    The days between `first_purchase` and `last_purchase` are compared with `recency`. An array, a
    frame without these columns and a frame without repeat buyers do not tell.
    """
    owner = "unit_of"
    if not _frames.is_frame(customers):
        return None
    if not set(_DATES) <= set(_frames.column_names(customers, owner)):
        return None
    first, last, recency = (_frames.column_values(customers, name, owner) for name in _DATES)
    since = pd.to_datetime(last, utc=True) - pd.to_datetime(first, utc=True)
    days = float(np.sum(since / pd.Timedelta(days=1)))
    return nearest_unit(days, float(np.sum(recency, dtype=np.float64)))


def nearest_unit(days: float, ages: float) -> str | None:
    """Unit in which `days` are `ages`, within a fifth; None where there is none."""
    if not (np.isfinite(days) and np.isfinite(ages) and days > 0 and ages > 0):
        return None
    off = {unit: abs(np.log(days / ages / length)) for unit, length in _DAYS.items()}
    unit = min(off, key=lambda name: off[name])
    return unit if off[unit] < np.log(1.2) else None


def check_unit(unit: object, customers: Any, owner: str) -> str | None:
    """Unit of `customers`: the stated one if it fits the frame, else the one the frame tells."""
    if unit is not None and unit not in UNITS_PER_YEAR:
        raise DataError(f"{owner}: unit must be one of {list(UNITS_PER_YEAR)}, got {unit!r}.")
    seen = unit_of(customers)
    if unit is not None and seen is not None and unit != seen:
        raise DataError(
            f"{owner}: unit={unit!r} was stated, but first_purchase, last_purchase and recency of "
            f"these customers are in {seen!r}. Summarize the events with unit={unit!r}, or state "
            f"unit={seen!r}."
        )
    return seen if unit is None else str(unit)


def in_unit(duration: object, unit: str | None, owner: str, name: str = "horizon") -> float:
    """Length of a duration in `unit`: a number is in it already, text such as "90D" converts.

    Raises
    ------
    DataError
        If it is no finite, non-negative number and no text of a number and h, D, W, M or Y; if
        the unit is not known; or if days would have to become months.
    """
    if isinstance(duration, Real) and not isinstance(duration, bool):
        value = float(duration)
        if np.isfinite(value) and value >= 0:
            return value
    found = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if found is None or found[2] not in {**HOURS, **_CALENDAR}:
        raise DataError(
            f"{owner}: {name} must be a finite number of at least 0 in the unit of T, or text such "
            f'as "90D", "26W" or "12M" (h, D, W, M, Y), got {duration!r}.'
        )
    number, given = float(found[1]), found[2]
    if unit is None:
        raise DataError(
            f"{owner}: {name}={duration!r} needs the unit of T, which these customers do not tell. "
            f'State it (unit="D"), or give {name} as a number in the unit of T.'
        )
    for family in (HOURS, _CALENDAR):
        if given in family and unit in family:
            return number * family[given] / family[unit]
    inside = "h, D or W" if unit in HOURS else "M or Y"
    raise DataError(
        f"{owner}: {name}={duration!r} cannot be told in {unit!r}, because months differ in "
        f"length. Give it in {inside}, or summarize the events in another unit."
    )
