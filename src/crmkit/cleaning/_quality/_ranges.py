"""Numbers and dates far outside what their column holds.

The distance of a value above the median is counted in widths of the upper tail (from the median
to the 95th percentile), below it in those of the lower tail; positive numbers that are skewed are
taken by their logarithms. Up to one row in twenty may be wrong on either side without moving the
scale. In a normal column five widths are more than eight standard deviations, in an exponential
one the largest of a million values is at five.

One wrong value among many thousand must be farther: some times as far as the largest of so many
would be, had the tail gone on as it does from the 95th to the 99th percentile (by a power, which
is never less than what an exponential tail does). Counts of few values are judged by that alone,
and by their sign where nearly none is negative though zeros are common.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._normal._date import is_date
from crmkit.cleaning._normal._kinds import DATES, NUMBERS
from crmkit.cleaning._quality._signs import Signs, no_signs
from crmkit.cleaning._quality._table import Floats, TextColumn

FAR, VERY_FAR = 6.0, 10.0  # widths of the tail
FEWEST_ROWS, FEWEST_VALUES = 50, 20
TAIL, FAR_TAIL = 0.05, 0.01
BEYOND, TIMES_LARGEST = 15.0, 5.0  # widths, and times the largest that is to be expected
MANY_ROWS, FEWEST_BEHIND = 200, 3
ALONE = 0.001  # share of the rows that gross errors have at most
ZEROS = 0.01  # share of zeros from which a count that is below zero is an error
OFTEN, GROSS = 2, 3
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
    few = bool((counts > 0).sum() < FEWEST_VALUES)
    if counts.sum() < (MANY_ROWS if few else FEWEST_ROWS):
        return {}
    rows = np.repeat(values, counts)
    negative = float((rows < 0).mean())
    log = bool(column.kind not in DATES and (rows > 0).mean() > 1.0 - TAIL and _is_skewed(rows))
    scaled = np.log(rows[rows > 0]) if log else rows
    low, middle, high = np.quantile(scaled, [TAIL, 0.5, 1.0 - TAIL])
    if few or _are_whole(rows):
        low, high = min(low, middle - 1.0), max(high, middle + 1.0)
    if high <= middle or low >= middle:
        return {}
    model = {"log": log, "low": float(low), "middle": float(middle), "high": float(high)}
    widths = _widths(rows, model)
    above = _is_above(rows, model)
    return {
        **model,
        "few": few,
        "beyond": [_beyond(widths[above == side], len(rows)) for side in (False, True)],
        "counts": bool(
            column.kind not in DATES
            and negative <= ALONE
            and (rows == 0).mean() >= ZEROS
            and _are_whole(rows)
            and len(rows) >= MANY_ROWS
        ),
    }


def range_signs(column: TextColumn, model: Mapping[str, Any], as_of: int | None) -> Signs:
    """Signs on the values of a column by the range that was learnt; `as_of` in days since 1970."""
    signs = no_signs(len(column.texts))
    values = as_numbers(column)
    if values is None:
        return signs
    if model:
        for place, level in enumerate(_levels(column, values, model).tolist()):
            if level:
                signs.levels[place] = level
                signs.reasons[place] = "far outside the range of the column"
    if column.kind == "birth_date":
        _born(signs, values, as_of)
    return signs


def _levels(column: TextColumn, values: Floats, model: Mapping[str, Any]) -> npt.NDArray[np.int8]:
    """How far outside each value is."""
    widths = _widths(values, model)
    limit = np.where(_is_above(values, model), model["beyond"][1], model["beyond"][0])
    n_rows = max(int(column.counts.sum()), 1)
    alone = column.counts <= max(OFTEN, ALONE * n_rows)
    levels = np.zeros(len(values), dtype=np.int8)
    if not model["few"]:
        levels[widths > FAR], levels[widths > VERY_FAR] = 1, 2
    signs = model["log"] & (values < 0)
    few_signs = column.counts[signs].sum() <= max(OFTEN, ALONE * n_rows)
    levels[(widths > limit) & alone & (few_signs | ~signs)] = GROSS
    if model["counts"]:
        levels[(values < 0) & alone] = GROSS
    return levels


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
        signs.levels[place] = GROSS
        signs.reasons[place] = "a birth date that has not come yet"
    for place in np.flatnonzero(values < as_of - OLDEST_YEARS * DAYS_A_YEAR).tolist():
        signs.levels[place] = GROSS
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


def _is_above(values: Floats, model: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """Tell which values are above the median."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.log(values) if model["log"] else values
    return np.asarray(scaled >= model["middle"])


def _beyond(widths: Floats, n_rows: int) -> float:
    """Widths beyond which no value of a tail is to be expected, by how the tail goes on."""
    behind = max(int(np.ceil(FAR_TAIL * n_rows)), FEWEST_BEHIND)
    if n_rows < MANY_ROWS:
        return np.inf
    if len(widths) <= behind:
        return BEYOND
    far = max(float(np.partition(widths, len(widths) - behind - 1)[len(widths) - behind - 1]), 1.0)
    power = np.log(far) / np.log(TAIL * n_rows / behind)
    return max(BEYOND, float(TIMES_LARGEST * np.exp(power * np.log(TAIL * n_rows))))


def _are_whole(rows: Floats) -> bool:
    return bool((rows == np.round(rows)).mean() >= 1.0 - ALONE)


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
