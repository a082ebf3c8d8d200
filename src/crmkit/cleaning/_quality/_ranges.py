"""Numbers and dates far outside what their column holds.

The distance of a value above the median is counted in widths of the upper tail (from the median
to the 95th percentile), below it in those of the lower tail; positive numbers that are skewed are
taken by their logarithms. Up to one row in twenty may be wrong on either side without moving the
scale. In a normal column five widths are more than eight standard deviations, in an exponential
one the largest of a million values is at five.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crmkit.cleaning._normal._date import is_date
from crmkit.cleaning._normal._kinds import DATES, NUMBERS
from crmkit.cleaning._quality._signs import Signs, no_signs
from crmkit.cleaning._quality._table import Floats, TextColumn

FAR, VERY_FAR = 6.0, 10.0  # widths of the tail
FEWEST_ROWS, FEWEST_VALUES = 50, 20
TAIL = 0.05
SKEWED = 2.0  # ratio of the tails from which the logarithm is tried
NUMERIC = 0.95  # share of readable numbers that makes a column of texts one of numbers
PARTLY = ("category", "text")
CODE_DIGITS = 4
OLDEST_YEARS = 120
DAYS_A_YEAR = 365.25


def learn_range(column: TextColumn) -> dict[str, Any]:
    """Median, tails and scale of a column of numbers or dates; nothing for any other."""
    values = as_numbers(column)
    if values is None:
        return {}
    counts = np.where(np.isnan(values), 0, column.counts)
    if counts.sum() < FEWEST_ROWS or (counts > 0).sum() < FEWEST_VALUES:
        return {}
    rows = np.repeat(values, counts)
    negative = float((rows < 0).mean())
    log = bool(column.kind not in DATES and (rows > 0).mean() > 1.0 - TAIL and _is_skewed(rows))
    scaled = np.log(rows[rows > 0]) if log else rows
    low, middle, high = np.quantile(scaled, [TAIL, 0.5, 1.0 - TAIL])
    if high <= middle or low >= middle:
        return {}
    return {
        "log": log,
        "low": float(low),
        "middle": float(middle),
        "high": float(high),
        "never_negative": column.kind not in DATES and negative == 0.0,
    }


def range_signs(column: TextColumn, model: Mapping[str, Any], as_of: int | None) -> Signs:
    """Signs on the values of a column by the range that was learnt; `as_of` in days since 1970."""
    signs = no_signs(len(column.texts))
    values = as_numbers(column)
    if values is None:
        return signs
    if model:
        widths = _widths(values, model)
        for level, limit in ((1, FAR), (2, VERY_FAR)):
            for place in np.flatnonzero(widths > limit).tolist():
                signs.levels[place] = level
                signs.reasons[place] = "far outside the range of the column"
    if column.kind == "birth_date":
        _born(signs, values, as_of)
    return signs


def as_numbers(column: TextColumn) -> Floats | None:
    """Values of a column as numbers (dates in days since 1970), None for a column of words."""
    if column.kind in DATES:
        return np.array([_day(form) for form in column.forms], dtype=np.float64)
    if column.kind in NUMBERS:
        return np.array([_number(form) for form in column.forms], dtype=np.float64)
    if column.kind in PARTLY:
        values = np.array([_number(text) for text in column.texts], dtype=np.float64)
        counts = np.where(column.is_nothing, 0, column.counts)
        numeric = counts[~np.isnan(values)].sum() >= NUMERIC * counts.sum()
        if counts.sum() and numeric and not _are_codes(column.texts):
            return values
    return None


def _are_codes(texts: Sequence[str]) -> bool:
    """Tell whether texts are digits of one length, such as 10018: numbers in name only."""
    lengths = [len(text) for text in texts if text.isdecimal()]
    usual = max(set(lengths), key=lambda n: (lengths.count(n), n), default=0)
    return usual >= CODE_DIGITS and lengths.count(usual) >= NUMERIC * len(lengths)


def _born(signs: Signs, values: Floats, as_of: int | None) -> None:
    """Birth dates after the day of the list, or more than 120 years before it."""
    if as_of is None:
        return
    for place in np.flatnonzero(values >= as_of).tolist():
        signs.levels[place] = 2
        signs.reasons[place] = "a birth date that has not come yet"
    for place in np.flatnonzero(values < as_of - OLDEST_YEARS * DAYS_A_YEAR).tolist():
        signs.levels[place] = 2
        signs.reasons[place] = f"a birth date more than {OLDEST_YEARS} years ago"


def _widths(values: Floats, model: Mapping[str, Any]) -> Floats:
    """Distance of values from the median, in widths of the tail on their side."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.log(values) if model["log"] else values
        up = (scaled - model["middle"]) / (model["high"] - model["middle"])
        down = (model["middle"] - scaled) / (model["middle"] - model["low"])
        widths = np.where(scaled >= model["middle"], up, down)
    if model["log"]:
        widths[values == 0] = 0.0
        widths[values < 0] = np.inf
    return np.asarray(np.nan_to_num(widths, nan=0.0, posinf=np.inf))


def _is_skewed(rows: Floats) -> bool:
    low, middle, high = np.quantile(rows, [TAIL, 0.5, 1.0 - TAIL])
    return bool((high - middle) > SKEWED * (middle - low))


def _day(form: str | None) -> float:
    if form is None or not is_date(form):
        return np.nan
    return float((datetime.date.fromisoformat(form) - datetime.date(1970, 1, 1)).days)


def _number(text: str | None) -> float:
    if text is None or len(text) > 40:
        return np.nan
    try:
        number = float(text)
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan
