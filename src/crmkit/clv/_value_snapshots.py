"""Snapshots: customers as they were at a cut-off inside the log, and what they did afterwards.

Features read periods up to the cut-off only, the labels the `length` periods after it. Every time
is in units of the horizon and every count belongs to a window of the same length at each cut-off,
so that rows of different cut-offs can stand in one table. Nothing of one customer depends on
another.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit.events._rows import Rows
from crmkit.events._windows import Histories, sums_between

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

WINDOWS = (0.25, 0.5, 1.0, 2.0)
"""Lengths of the windows that features count in, as shares of the horizon."""

_ROUNDING = 1e-12  # of the summed sizes: a smaller sum of purchases and refunds is nothing


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Customers with a purchase up to the period `last`, in ascending order of the id.

    Attributes
    ----------
    last : int
        Last period that is known.
    places : ndarray of int
        Places of the customers among all of the histories.
    customers : DataFrame
        `frequency`, `recency`, `T` (in units of `per_unit` periods), `monetary_value` and
        `sum_log_gaps`, as `summarize` gives them.
    features : ndarray of shape (n_customers, n_features)
        What `FEATURES` names.
    """

    last: int
    places: Integers
    customers: pd.DataFrame
    features: Floats


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the customers of a snapshot did in the periods after it: purchase periods and spend.

    Spend is not below zero: a refund of earlier purchases is not counted against the future.
    """

    purchases: Floats
    spend: Floats


FEATURES = (
    "frequency",
    "age",
    "recency",
    "since_last",
    "since_last_in_gaps",
    "gap",
    "gap_spread",
    "monetary_value",
    "last_amount",
    "first_amount",
    *(f"purchases_{window:g}" for window in WINDOWS),
    *(f"spend_{window:g}" for window in WINDOWS),
)


def snapshot(histories: Histories, last: int, length: int, per_unit: int) -> Snapshot:
    """Customers at the end of period `last`, for a future of `length` periods."""
    purchases, money, spent = histories.purchases, histories.money, histories.spent
    begin, end = purchases.start[:-1], purchases.until(last)
    places = np.flatnonzero(end > begin)
    begin, end = begin[places], end[places]
    first, latest = purchases.period[begin], purchases.period[end - 1]
    paid_first, paid = money.until(_of_all(first, places, money))[places], money.until(last)[places]
    frequency = end - begin - 1
    repeat = _without_rounding(spent, paid_first, paid)
    gap, spread, sum_log_gaps = _gaps(purchases, begin, end)
    customers = pd.DataFrame(
        {
            "frequency": frequency.astype(np.float64),
            "recency": (latest - first) / per_unit,
            "T": (last - first) / per_unit,
            "monetary_value": np.where(frequency > 0, repeat / np.maximum(frequency, 1), 0.0),
            "sum_log_gaps": sum_log_gaps - frequency * np.log(per_unit),
        }
    )
    paid_before = money.until(_of_all(latest - 1, places, money))[places]
    since = (last - latest).astype(np.float64)
    columns = [
        customers["frequency"],
        (last - first) / length,
        (latest - first) / length,
        since / length,
        since / np.where(frequency > 0, gap, np.nan),
        gap / length,
        spread,
        np.where(frequency > 0, customers["monetary_value"], np.nan),
        sums_between(spent, paid_before, paid),
        sums_between(spent, money.start[:-1][places], paid_first),
    ]
    froms = [last - max(round(window * length), 1) for window in WINDOWS]
    columns += [end - np.maximum(purchases.until(since)[places], begin) for since in froms]
    columns += [sums_between(spent, money.until(since)[places], paid) for since in froms]
    return Snapshot(
        last, places, customers, np.column_stack([np.asarray(c, dtype=np.float64) for c in columns])
    )


def outcome(histories: Histories, seen: Snapshot, length: int) -> Outcome:
    """Purchase periods and spend of the seen customers in the `length` periods after."""
    now, later = seen.last, seen.last + length
    rows, money = histories.purchases, histories.money
    bought = (rows.until(later) - rows.until(now))[seen.places]
    spend = sums_between(histories.spent, money.until(now), money.until(later))[seen.places]
    return Outcome(bought.astype(np.float64), np.maximum(spend, 0.0))


def _of_all(periods: Integers, places: Integers, rows: Rows) -> Integers:
    """Periods of some customers as an array over all."""
    out = np.zeros(len(rows.start) - 1, dtype=np.int64)
    out[places] = periods
    return out


def _without_rounding(spent: Floats, begin: Integers, end: Integers) -> Floats:
    """Sums of spend, zero where purchases and refunds leave nothing but rounding."""
    total = sums_between(spent, begin, end)
    if spent.min(initial=0.0) < 0:
        total[np.abs(total) <= _ROUNDING * sums_between(np.abs(spent), begin, end)] = 0.0
    return total


def _gaps(rows: Rows, begin: Integers, end: Integers) -> tuple[Floats, Floats, Floats]:
    """Of the gaps between purchases the mean, the standard deviation over it, the sum of logs.

    Mean and deviation are NaN where there are too few gaps.
    """
    gap = np.diff(rows.period, prepend=0).astype(np.float64)  # first rows hold no gap: never read
    n = (end - begin - 1).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (rows.period[end - 1] - rows.period[begin]) / n
        square = sums_between(gap * gap, begin + 1, end) / n - mean**2
        spread = np.sqrt(np.maximum(square, 0.0)) / mean
    logs = sums_between(np.log(np.maximum(gap, 1.0)), begin + 1, end)
    return np.where(n > 0, mean, np.nan), np.where(n > 1, spread, np.nan), logs
