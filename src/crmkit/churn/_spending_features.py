"""Spending and Returns: how much a purchase day brings, and how much comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.churn._feature import OWNER, Feature, ratio, short, whole_days
from crmkit.events import EventLog
from crmkit.events._moment import Moment, sums_in_segments
from crmkit.exceptions import DataError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Spending(Feature):
    """Describe the spend of purchase days: customers at a cut-off in, seven columns out.

    In currency, per day with a purchase and before returns: `spend_mean`, `spend_sd` (NaN for
    one-time buyers), `spend_max`, `spend_min`, `spend_first`, `spend_last`; and
    `spend_last_over_mean`, NaN where nothing was spent.

    Examples
    --------
    >>> from crmkit.churn import Spending
    >>> Spending()
    Spending()
    """

    def _reads(self, log: EventLog) -> tuple[str, ...]:
        """Columns of the log that are needed beside customers, days, amounts and orders."""
        if log.amount is None:
            raise DataError(f"{OWNER}: Spending() needs the amount= column of the EventLog.")
        return ()

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        spend = at.money()
        mean = at.bought_ever / at.n_days
        flat, last = np.array([at.begin, at.end]).T.ravel(), spend[at.end - 1]
        nobody = np.zeros(0)
        return {
            "spend_mean": mean,
            "spend_sd": _spread(at),
            "spend_max": np.maximum.reduceat(spend, flat)[::2] if len(flat) else nobody,
            "spend_min": np.minimum.reduceat(spend, flat)[::2] if len(flat) else nobody,
            "spend_first": spend[at.begin],
            "spend_last": last,
            "spend_last_over_mean": ratio(last, mean),
        }


@dataclass(frozen=True)
class Returns(Feature):
    """Count and sum what came back: customers at a cut-off in, returns before it out.

    `return_days` (days with a return, a count), `returned_amount` (currency, at least 0),
    `returned_share` (of all money spent; NaN where none was), `days_since_return` (days, NaN
    without one) and `return_days_90d`, the count of a window. Returns are seen here whatever the
    log does with them otherwise.

    Parameters
    ----------
    window : str or float, default="90D"
        Length of the window, or a number in the unit of the builder.

    Examples
    --------
    >>> from crmkit.churn import Returns
    >>> Returns("30D")
    Returns(window='30D')
    """

    window: str | float = "90D"

    def _reads(self, log: EventLog) -> tuple[str, ...]:
        """Columns of the log that are needed beside customers, days, amounts and orders."""
        if log.amount is None and log.quantity is None:
            raise DataError(
                f"{OWNER}: Returns() needs the amount= or quantity= column of the EventLog."
            )
        return ()

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        back = whole_days(self.window, at.unit, "Returns(window=)")
        columns: dict[str, npt.NDArray[Any]] = {
            "return_days": at.return_days(),
            f"return_days_{short(self.window, at.unit)}": at.return_days(back),
            "days_since_return": at.day - at.last_refund_day,
        }
        if at.has_money:
            returned = at.refunded()
            columns["returned_amount"] = returned
            columns["returned_share"] = ratio(returned, at.bought_ever)
        return columns


def _spread(at: Moment) -> Floats:
    """Standard deviation of the spend of a day (divisor n - 1), NaN with one day.

    Taken about the first day's spend, not about zero, so that large like amounts keep their digits.
    """
    beyond = at.ledger.beyond_first
    n = at.n_days.astype(np.float64)
    total = sums_in_segments(beyond, [at.begin, at.end])[0]
    square = sums_in_segments(beyond * beyond, [at.begin, at.end])[0]
    one = n < 2
    n = np.where(one, 2.0, n)
    variance = np.maximum(square - total * total / n, 0.0) / (n - 1.0)
    return np.where(one, np.nan, np.sqrt(variance))
