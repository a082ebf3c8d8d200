"""Units of time: which unit a customers frame is in, and durations such as "90D" in that unit.

Hours, days and weeks convert into one another; months and years do too. The two families never
mix: a month is not 30 days.
"""

import re
from datetime import timedelta
from functools import lru_cache
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit.exceptions import DataError

UNITS_PER_YEAR = {"h": 8766.0, "D": 365.25, "W": 365.25 / 7.0, "M": 12.0}
"""How many of each unit a year has: a year is 365.25 days or 12 months."""

HOURS = {"h": 1, "D": 24, "W": 168}
"""Length of the units that have one length, in hours."""

DAYS = {"h": 1.0 / 24.0, "D": 1.0, "W": 7.0, "M": 365.25 / 12.0}
"""Length of the units in days; a month has its mean length."""

_SLACK = {"h": 0.05, "D": 1.1, "W": 1.1, "M": 4.0}  # days: clock changes, months of any length
_CALENDAR = {"M": 1, "Y": 12}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")
_DATES = ("first_purchase", "last_purchase", "recency")

Spans = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""Of repeat buyers: the days between the first and the last purchase, and `recency`."""


def unit_of(customers: Any) -> str | None:
    """Unit of the ages of a customers frame: "h", "D", "W" or "M", None where it does not tell.

    An array, a frame without dates, a frame without repeat buyers and one whose ages fit several
    units (a few customers who came back within hours) do not tell.
    """
    spans = _spans(customers)
    fits = [unit for unit in DAYS if spans is not None and _explained(spans, unit) > 0.99]
    return fits[0] if len(fits) == 1 else None


def _explained(spans: Spans, unit: str) -> float:
    """Share of the repeat buyers whose `recency` a unit can explain.

    Between `first_purchase` and `last_purchase` lies an exact time, `recency` counts the periods
    between them: for the right unit the two differ by less than a period, and a day.
    """
    days, ages = spans
    length = DAYS[unit]
    near = np.abs(days - ages * length) <= length + _SLACK[unit]
    return np.count_nonzero(near) / len(ages)


def _spans(customers: Any) -> Spans | None:
    """Spans of a customers frame; None where it does not tell them or nobody bought again."""
    spans: Spans | None = _frames.once(customers, "spans", lambda: _read_spans(customers))
    return spans


def _read_spans(customers: Any) -> Spans | None:
    owner = "unit_of"
    if not _frames.is_frame(customers):
        return None
    if not set(_DATES) <= set(_frames.column_names(customers, owner)):
        return None
    table = _frames.to_eager(customers)
    first, last, recency = (_frames.column_values(table, name, owner) for name in _DATES)
    if first.dtype.kind == last.dtype.kind == "M":
        days = (last - first) / np.timedelta64(1, "D")
    else:
        since = pd.to_datetime(last, utc=True) - pd.to_datetime(first, utc=True)
        days = np.asarray(since / pd.Timedelta(days=1))
    ages = np.asarray(recency, dtype=np.float64)
    again = ages > 0
    return (days[again], ages[again]) if again.any() else None


def check_unit(unit: object, customers: Any, owner: str) -> str | None:
    """Unit of `customers`: the stated one unless the frame rules it out, else what it tells."""
    if unit is None:
        return unit_of(customers)
    if unit not in UNITS_PER_YEAR:
        raise DataError(f"{owner}: unit must be one of {list(UNITS_PER_YEAR)}, got {unit!r}.")
    spans = _spans(customers)
    if spans is not None and _explained(spans, str(unit)) < 0.5:
        seen = max(DAYS, key=lambda name: _explained(spans, name))
        raise DataError(
            f"{owner}: unit={unit!r} was stated, but first_purchase, last_purchase and recency of "
            f"these customers are in {seen!r}. Summarize the events with unit={unit!r}, or state "
            f"unit={seen!r}."
        )
    return str(unit)


def in_unit(duration: object, unit: str | None, owner: str, name: str = "horizon") -> float:
    """Length of a duration in `unit`: a number is in it already, text such as "90D" converts.

    Raises
    ------
    DataError
        If it is no finite, non-negative number and no text of a number and h, D, W, M or Y; if
        the unit is not known; or if days would have to become months.
    """
    found = _read(duration) if isinstance(duration, str) else None
    if found is None:
        if isinstance(duration, Real) and not isinstance(duration, bool):
            value = float(duration)
            if 0 <= value < np.inf:
                return value
        raise DataError(
            f"{owner}: {name} must be a finite number of at least 0 in the unit of T, or text such "
            f'as "90D", "26W" or "12M" (h, D, W, M, Y), got {duration!r}.'
        )
    number, given = found
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


@lru_cache(maxsize=256)
def _read(duration: str) -> tuple[float, str] | None:
    """Number and unit of a text; None for any other text."""
    found = _DURATION.fullmatch(duration)
    if found is None or found[2] not in {**HOURS, **_CALENDAR}:
        return None
    return float(found[1]), found[2]


def in_days(duration: object, owner: str, name: str) -> float:
    """Length of a duration above 0 in days: a number of them, a timedelta, or text as "90D".

    Raises
    ------
    DataError
        If it is none of these, not above 0, or in months or years, which differ in length.
    """
    days: object = duration
    if isinstance(duration, timedelta):
        days = duration / timedelta(days=1)
    elif isinstance(duration, str) and _DURATION.fullmatch(duration):
        days = in_unit(duration, "D", owner, name)
    if isinstance(days, Real) and not isinstance(days, bool) and 0 < float(days) < np.inf:
        return float(days)
    raise DataError(
        f"{owner}: {name} must be a number of days above 0, or text such as '90D' or '26W', got "
        f"{duration!r}."
    )
