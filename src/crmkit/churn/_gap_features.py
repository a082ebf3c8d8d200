"""Gaps: how regularly somebody buys, and how long the present silence is beside that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.churn._feature import Feature, ratio
from crmkit.events._moment import Moment

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Gaps(Feature):
    """Describe the time between purchase days: customers at a cut-off in, ten columns out.

    In the unit of the builder: `gap_mean`, `gap_sd`, `gap_median`, `gap_max`, `gap_min` and
    `gap_last`. Without a unit: `gap_cv` (sd over mean), `silence_over_gap_mean` and
    `silence_over_gap_max` (time since the last purchase beside the own rhythm) and
    `gap_last_over_mean`. NaN for one-time buyers; `gap_sd` and `gap_cv` need two gaps. Worth most
    where buying is regular: a silence of twice the mean gap tells little of an irregular buyer.

    Examples
    --------
    >>> from crmkit.churn import Gaps
    >>> Gaps()
    Gaps()
    """

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        n = at.n_days - 1
        some = n > 0
        mean = ratio(at.last_day - at.first_day, n)
        last = np.where(some, at.ledger.gaps[at.end - 1], np.nan)
        sd = _spread(at)
        low, median, high = _by_size(at, some)
        columns = {
            "gap_mean": mean / at.per_unit,
            "gap_sd": sd / at.per_unit,
            "gap_median": median / at.per_unit,
            "gap_max": high / at.per_unit,
            "gap_min": low / at.per_unit,
            "gap_last": last / at.per_unit,
        }
        return columns | {
            "gap_cv": sd / mean,
            "silence_over_gap_mean": at.since / mean,
            "silence_over_gap_max": at.since / high,
            "gap_last_over_mean": last / mean,
        }


def _spread(at: Moment) -> Floats:
    """Standard deviation of the gaps (divisor n - 1), NaN with fewer than two.

    Sums of whole numbers are exact: equal gaps have a deviation of zero.
    """
    n = (at.n_days - 1).astype(np.float64)
    totals = (at.last_day - at.first_day).astype(np.float64)
    squares = at.ledger.gap_squares
    square = (squares[at.end] - squares[at.begin + 1]).astype(np.float64)
    few = n < 2
    n = np.where(few, 2.0, n)
    return np.where(few, np.nan, np.sqrt((n * square - totals**2) / (n * (n - 1.0))))


def _by_size(at: Moment, some: npt.NDArray[np.bool_]) -> Floats:
    """Smallest, median and largest gap of those with some; NaN for the others.

    Of the gaps sorted by size once, those that ended before the cut-off are taken, in their order.
    """
    gap, day = at.ledger.gaps_by_size
    known = gap.compress(day < at.day - at.ledger.days.offset)
    begin, n = at.gaps_before[some], at.n_days[some] - 1
    out = np.full((3, len(at)), np.nan)
    out[0, some] = known[begin]
    out[1, some] = (known[begin + (n - 1) // 2].astype(np.float64) + known[begin + n // 2]) / 2.0
    out[2, some] = known[begin + n - 1]
    return out
