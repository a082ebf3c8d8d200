"""Dates in an order that cannot be: an end before its start, a birth after the first purchase.

Pairs of columns of dates are given, or found: where nearly all rows have them in one order, the
others are suspect. Of the two dates of a row, the one farther from the middle of its column is the
likelier error.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from crmkit.cleaning._normal._kinds import DATES
from crmkit.cleaning._quality._ranges import as_numbers
from crmkit.cleaning._quality._table import Floats, Ints, TextColumn
from crmkit.exceptions import DataError

FEWEST_ROWS = 50
IN_ORDER = 0.98  # share of rows in one order that makes it a rule
FEWEST_APART = 0.5  # share of rows whose two dates differ
LIKELIER, LESS_LIKELY = 5.0, 2.5  # log-odds that the far and the near date of a pair are wrong
EQUALLY = 3.9


def date_pairs(columns: Sequence[TextColumn]) -> list[list[str]]:
    """Pairs of columns of dates of which the first is never later, but for a few rows."""
    dates = [(c, days_of(c)) for c in columns if c.kind in DATES]
    found = []
    for first, early in dates:
        for second, late in dates:
            if first is second:
                continue
            gap = late - early
            gap = gap[~np.isnan(gap)]
            born = first.kind == "birth_date" and second.kind != "birth_date"
            if (born and len(gap) and np.median(gap) > 0) or _is_rule(gap):
                found.append([first.name, second.name])
    return found


def _is_rule(gap: Floats) -> bool:
    """Tell whether two dates are in one order often enough to make it a rule."""
    if len(gap) < FEWEST_ROWS or (gap > 0).mean() < FEWEST_APART:
        return False
    return bool((gap >= 0).mean() >= IN_ORDER)


def given_pairs(pairs: Iterable[Any], columns: Mapping[str, str], owner: str) -> list[list[str]]:
    """Pairs that the user states, checked: each two names of columns of dates."""
    made = []
    for pair in pairs:
        if isinstance(pair, str) or len(list(pair)) != 2:
            raise DataError(
                f"{owner}: date_pairs must be pairs of columns such as [('start', 'end')], got "
                f"{pair!r}."
            )
        for name in pair:
            if name not in columns:
                raise DataError.missing_column(owner, name, columns)
            if columns[name] not in DATES:
                raise DataError(
                    f"{owner}: date_pairs: {name!r} is of kind {columns[name]!r}. If it holds "
                    f"dates, state kinds={{{name!r}: 'date'}}."
                )
        made.append(list(pair))
    return made


def order_signs(
    pairs: Sequence[Sequence[str]], columns: Mapping[str, TextColumn]
) -> list[tuple[str, Ints, Floats, str]]:
    """Signs on rows whose dates are in the wrong order: column, rows, log-odds and reason."""
    signs = []
    for first, second in pairs:
        early, late = days_of(columns[first]), days_of(columns[second])
        rows = np.flatnonzero(late < early)
        if not len(rows):
            continue
        far = [_unusual(days)[rows] for days in (early, late)]
        for name, own, other, text in (
            (first, far[0], far[1], f"later than {second!r}"),
            (second, far[1], far[0], f"earlier than {first!r}"),
        ):
            weight = np.where(own > other, LIKELIER, np.where(own < other, LESS_LIKELY, EQUALLY))
            signs.append((name, rows, weight, text))
    return signs


def days_of(column: TextColumn) -> Floats:
    """Days since 1970 of the rows of a column, NaN where there is no date."""
    values = as_numbers(column)
    assert values is not None
    return np.append(values, np.nan)[column.codes]


def _unusual(days: Floats) -> Floats:
    """Distance of each day from the middle of its column, in quartiles; 0 within three of them."""
    known = days[~np.isnan(days)]
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    width = max(high - low, 1.0)
    distance = np.abs(days - middle) / width
    return np.where(distance > 3.0, np.round(distance, 3), 0.0)
