"""Gaps: how regularly somebody buys, and how long the present silence is beside that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.churn._feature import Feature, ratio
from crmkit.churn._moment import Moment, sums_in_segments

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
        n, gaps = at.n_days - 1, at.ledger.gaps
        some = n > 0
        mean = ratio(at.last_day - at.first_day, n)
        high = _over_gaps(np.maximum, gaps, at, some)
        last = np.where(some, gaps[at.end - 1], np.nan)
        sd = _spread(at)
        columns = {
            "gap_mean": mean / at.per_unit,
            "gap_sd": sd / at.per_unit,
            "gap_median": _median(at) / at.per_unit,
            "gap_max": high / at.per_unit,
            "gap_min": _over_gaps(np.minimum, gaps, at, some) / at.per_unit,
            "gap_last": last / at.per_unit,
        }
        return columns | {
            "gap_cv": sd / mean,
            "silence_over_gap_mean": at.since / mean,
            "silence_over_gap_max": at.since / high,
            "gap_last_over_mean": last / mean,
        }


def _over_gaps(
    extreme: np.ufunc, gaps: npt.NDArray[Any], at: Moment, some: npt.NDArray[np.bool_]
) -> Floats:
    """Largest or smallest gap of each customer, NaN without a gap."""
    out = np.full(len(at), np.nan)
    edges = np.column_stack([at.begin[some] + 1, at.end[some]]).ravel()
    if len(edges):
        behind = edges[-1] >= len(gaps)
        found = extreme.reduceat(gaps, edges[:-1] if behind else edges)
        out[some] = found[::2]
    return out


def _spread(at: Moment) -> Floats:
    """Standard deviation of the gaps (divisor n - 1), NaN with fewer than two.

    Sums of whole numbers are exact: equal gaps have a deviation of zero.
    """
    n = (at.n_days - 1).astype(np.float64)
    totals = (at.last_day - at.first_day).astype(np.float64)
    squares = np.append(np.square(at.ledger.gaps, dtype=np.float64), 0.0)
    square = sums_in_segments(squares, np.column_stack([at.begin + 1, at.end]))[:, 0]
    few = n < 2
    n = np.where(few, 2.0, n)
    return np.where(few, np.nan, np.sqrt((n * square - totals**2) / (n * (n - 1.0))))


def _median(at: Moment) -> Floats:
    """Median gap: of the gaps sorted by size once, those that ended before the cut-off."""
    gap, day = at.ledger.gaps_by_size
    known = gap[day < at.day - at.ledger.days.offset]
    begin, n = at.gaps_before, at.n_days - 1
    some = n > 0
    low, high = (begin + (n - 1) // 2)[some], (begin + n // 2)[some]
    out = np.full(len(at), np.nan)
    out[some] = (known[low].astype(np.float64) + known[high]) / 2.0
    return out
