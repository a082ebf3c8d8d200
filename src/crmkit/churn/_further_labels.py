"""Spend, NextPurchaseTime and SubscriptionEnd: other questions to the time after a cut-off."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit.churn._feature import OWNER, told, whole_days
from crmkit.churn._label import Label, Outcome, after, begin_of, next_purchase
from crmkit.events import EventLog
from crmkit.events._ledger import Ledger
from crmkit.events._moment import Moment, net, sums_in_segments
from crmkit.exceptions import DataError

Floats = npt.NDArray[np.float64]

RUNS = np.inf
"""The end of a contract that runs."""


@dataclass(frozen=True)
class Spend(Label):
    """Label what customers spend: y = money spent in the window after the cut-off, in currency.

    The window is [cut-off + gap, cut-off + gap + horizon). Under `returns="net"` returns in the
    window are subtracted, but spend is not below zero. For values over a life use
    `crmkit.clv.CustomerLifetimeValue`.

    Parameters
    ----------
    horizon : str or float, default="90D"
        Length of the window, such as "90D" or a number in the unit of the builder.
    gap : str or float, default="0D"
        Time between the cut-off and the window, in which nothing counts.

    Examples
    --------
    >>> from crmkit.churn import Spend
    >>> Spend("30D").text
    'spend in 30D'
    """

    horizon: str | float = "90D"
    gap: str | float = "0D"

    def _text(self, unit: str) -> str:
        """The label in words, numbers with their unit."""
        return f"spend in {told(self.horizon, unit)}{after(self.gap, unit)}"

    def _check(self, log: EventLog, unit: str) -> None:
        """Refuse parameters without a meaning for a log."""
        self._end(0, unit)
        if log.amount is None:
            raise DataError(f"{OWNER}: the label Spend needs the amount= column of the EventLog.")

    def _end(self, day: int, unit: str) -> int:
        """Day before which the label of a cut-off is decided."""
        return begin_of(day, self.gap, unit) + whole_days(self.horizon, unit, "horizon")

    def _outcome(self, at: Moment, observed: int, known: Any) -> Outcome:
        """What the customers did, as far as the days before `observed` tell."""
        begin, end = begin_of(at.day, self.gap, at.unit), self._end(at.day, at.unit)
        y = sums_in_segments(at.money(), [at.before(begin), at.before(end)])[0]
        if at.nets_money:
            refunds, places = at.ledger.refunds, at.places
            edges = [refunds.before(day)[places] for day in (begin, end)]
            y = net(y, sums_in_segments(at.ledger.refunded, edges)[0])
            y = np.maximum(y, 0.0)
        if end > observed:
            y = np.full(len(at), np.nan)
        return Outcome(y, min(end, observed), *next_purchase(at, min(end, observed)))


@dataclass(frozen=True)
class NextPurchaseTime(Label):
    """Label when customers buy next: y = time from the cut-off to the next purchase, in units.

    For models of time such as `TimeToChurn`. Who is not seen again is censored: `event` is False
    and `duration`, like `y`, is as long as was watched. The day of the cut-off is the first, so
    that "longer than 30 days" is the same as "no purchase in 30 days".

    Parameters
    ----------
    horizon : str, float or None, default=None
        Longest time watched, such as "180D" or a number in the unit of the builder; None is until
        the end of what is observed. Without one the labels of all cut-offs are known at the end
        of the log only, so that none can be purged from another: give one to validate in time.

    Examples
    --------
    >>> from crmkit.churn import NextPurchaseTime
    >>> NextPurchaseTime("180D").text
    'time to the next purchase, watched for 180D'
    """

    horizon: str | float | None = None

    def _text(self, unit: str) -> str:
        """The label in words, numbers with their unit."""
        length = "as long as can be seen"
        if self.horizon is not None:
            length = f"for {told(self.horizon, unit)}"
        return f"time to the next purchase, watched {length}"

    def _check(self, log: EventLog, unit: str) -> None:
        """Refuse parameters without a meaning for a log."""
        self._last(0, unit)

    def _end(self, day: int, unit: str) -> int | None:
        """None: a label that is watched for a shorter time is censored, not unobserved."""
        return None

    def _last(self, day: int, unit: str) -> int | None:
        """Day before which a customer is watched; None without a bound."""
        return None if self.horizon is None else day + whole_days(self.horizon, unit, "horizon")

    def _outcome(self, at: Moment, observed: int, known: Any) -> Outcome:
        """What the customers did, as far as the days before `observed` tell."""
        last = self._last(at.day, at.unit)
        end = observed if last is None else min(last, observed)
        duration, event = next_purchase(at, end)
        return Outcome(duration, end, duration, event)


@dataclass(frozen=True, eq=False)
class SubscriptionEnd(Label):
    """Label whose contract ends: y = 1 if it ends in the window after the cut-off, else 0.

    For customers who say when they leave. The window is [cut-off, cut-off + horizon); contracts
    that ended before a cut-off are not looked at. `duration` is the time to the end.

    Parameters
    ----------
    ends : str or frame
        Where the end of each contract is told, missing where it runs: a column of the log's frame
        that holds one date per customer, or a frame with a row per customer.
    horizon : str or float, default="30D"
        Length of the window, such as "30D" or a number in the unit of the builder.
    when : str, default="end"
        Column of the dates in a frame `ends`; its ids are in the column that the log calls them.

    Examples
    --------
    >>> from crmkit.churn import SubscriptionEnd
    >>> SubscriptionEnd("cancelled_on", horizon="90D").text
    'contract ends in 90D'
    """

    ends: Any
    horizon: str | float = "30D"
    when: str = "end"

    is_binary = True
    _asked = ", whose contract runs"

    def _text(self, unit: str) -> str:
        """The label in words, numbers with their unit."""
        return f"contract ends in {told(self.horizon, unit)}"

    def _check(self, log: EventLog, unit: str) -> None:
        """Refuse parameters without a meaning for a log."""
        self._end(0, unit)

    def _end(self, day: int, unit: str) -> int:
        """Day before which the label of a cut-off is decided."""
        return day + whole_days(self.horizon, unit, "horizon")

    def _read(self, log: EventLog, ledger: Ledger) -> Floats:
        """Day on which the contract of each customer of the ledger ends.

        `RUNS` where it does not, NaN where the customer is not told of.
        """
        frame, when = (
            (log.data, self.ends) if isinstance(self.ends, str) else (self.ends, self.when)
        )
        frame = _frames.rows_with(frame, log.customer, [when], OWNER)
        ids = _frames.column_values(frame, log.customer, OWNER)
        days = _frames.local_days(frame, when, log.tz, OWNER)
        rows = pd.DataFrame({"id": ids, "day": np.where(np.isnan(days), RUNS, days)})
        rows = rows.drop_duplicates()
        twice = rows["id"].duplicated()
        if twice.any():
            raise DataError(
                f"{OWNER}: {twice.sum():,} customers have several ends in {when!r} (first "
                f"{rows['id'][twice].iloc[0]!r}). One date per customer is needed: give a frame "
                "with one row each."
            )
        places = pd.Index(rows["id"]).get_indexer(pd.Index(np.asarray(ledger.ids.to_numpy())))
        ends: Floats = np.append(rows["day"].to_numpy(dtype=np.float64), np.nan)[places]
        return ends

    def _holds(self, at: Moment, known: Any) -> npt.NDArray[np.bool_]:
        """Which customers have a contract at the cut-off."""
        return np.asarray(_told_of(at, known) >= at.day)

    def _outcome(self, at: Moment, observed: int, known: Any) -> Outcome:
        """What the customers did, as far as the days before `observed` tell."""
        ends, end = _told_of(at, known), self._end(at.day, at.unit)
        until = min(end, observed)
        event = ends < until
        y = event.astype(np.float64) if end <= observed else np.full(len(at), np.nan)
        duration = np.where(event, ends - at.day + 1, until - at.day) / at.per_unit
        return Outcome(y, until, duration, event)


def _told_of(at: Moment, ends: Floats) -> Floats:
    """Ends of the contracts of the customers of a moment, who must all be told of."""
    days = ends[at.places]
    lacking = np.isnan(days)
    if lacking.any():
        ids = np.asarray(at.ledger.ids.to_numpy())[at.places]
        raise DataError(
            f"{OWNER}: the ends of contracts lack {lacking.sum():,} of {len(ids):,} customers "
            f"(first {ids[lacking.argmax()]!r}). Add them, without a date if theirs run."
        )
    return days
