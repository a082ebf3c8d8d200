"""Labels: what happened after the cut-off, and when that is known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import check_real
from crmkit.churn._feature import OWNER, told, whole_days
from crmkit.events import EventLog
from crmkit.events._ledger import Ledger
from crmkit.events._moment import ROUNDING, Moment, Whole
from crmkit.exceptions import DataError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the customers of a moment did.

    `y` is the label, NaN where it could not be observed; `end` the day before which everything
    that `y`, `duration` and `event` tell has happened; `duration` is in units.
    """

    y: Floats
    end: int
    duration: Floats
    event: npt.NDArray[np.bool_]


class Label:
    """Base of labels: small frozen dataclasses."""

    is_binary = False
    _asked = ""  # whom alone the question can be put to, behind the words of the population

    @property
    def text(self) -> str:
        """The label in words."""
        return self._text("")

    def _text(self, unit: str) -> str:
        """The label in words, numbers with their unit."""
        raise NotImplementedError

    def _check(self, log: EventLog, unit: str) -> None:
        """Refuse parameters without a meaning for a log."""

    def _end(self, day: int, unit: str) -> int | None:
        """Day before which the label of a cut-off is decided; None: as late as can be seen."""
        raise NotImplementedError

    def _read(self, log: EventLog, ledger: Ledger) -> Any:
        """What is told elsewhere than in the events, read once for all cut-offs."""
        return None

    def _holds(self, at: Moment, known: Any) -> npt.NDArray[np.bool_] | None:
        """Which customers the question can be put to, of what was read; None is all."""
        return None

    def _outcome(self, at: Moment, observed: int, known: Any) -> Outcome:
        """What the customers did, as far as the days before `observed` tell."""
        raise NotImplementedError


@dataclass(frozen=True)
class NoPurchase(Label):
    """Label who stops buying: y = 1 for no purchase in the window after the cut-off, else 0.

    The window is [cut-off + gap, cut-off + gap + horizon): a customer who is not seen at all after
    the cut-off has churned. Returns are no purchases. `duration` is the time from the cut-off to
    the next purchase that counts, watched until the window ends: with a gap it may lie in the gap,
    and `event` is then true of a customer who is told as churned.

    Parameters
    ----------
    horizon : str or float, default="90D"
        Length of the window, such as "90D" or a number in the unit of the builder.
    gap : str or float, default="0D"
        Time between the cut-off and the window, in which nothing counts: the time that it takes
        to act on a score. It moves the whole window.
    min_amount : float or None, default=None
        Least money of a day for its purchases to count, in currency, all orders of the day
        together; None counts any. The `min_amount` of an `EventLog` judges each row alone.

    Examples
    --------
    >>> from crmkit.churn import NoPurchase
    >>> NoPurchase("30D", gap="7D").text
    'no purchase in 30D, from 7D after the cut-off'
    """

    horizon: str | float = "90D"
    gap: str | float = "0D"
    min_amount: float | None = None

    is_binary = True

    def _text(self, unit: str) -> str:
        """The label in words, numbers with their unit."""
        least = "" if self.min_amount is None else f" of at least {self.min_amount:g}"
        return f"no purchase{least} in {told(self.horizon, unit)}{after(self.gap, unit)}"

    def _check(self, log: EventLog, unit: str) -> None:
        """Refuse parameters without a meaning for a log."""
        self._end(0, unit)
        if self.min_amount is not None:
            check_real(self.min_amount, "NoPurchase(min_amount=)", OWNER, low=0.0)
            if log.amount is None:
                raise DataError(
                    f"{OWNER}: NoPurchase(min_amount=) needs the amount= column of the EventLog."
                )

    def _end(self, day: int, unit: str) -> int:
        """Day before which the label of a cut-off is decided."""
        return begin_of(day, self.gap, unit) + whole_days(self.horizon, unit, "horizon")

    def _outcome(self, at: Moment, observed: int, known: Any) -> Outcome:
        """What the customers did, as far as the days before `observed` tell."""
        begin, end = begin_of(at.day, self.gap, at.unit), self._end(at.day, at.unit)
        counts = None
        if self.min_amount is not None:  # lines of .1 and .7 are .8
            least = self.min_amount * (1.0 - ROUNDING)
            counts = np.flatnonzero(at.money()[:-1] >= least)
        bought = _next_row(at.before(begin), counts) < at.before(end)
        y = np.where(bought, 0.0, 1.0) if end <= observed else np.full(len(at), np.nan)
        until = min(end, observed)
        return Outcome(y, until, *next_purchase(at, until, counts))


def next_purchase(
    at: Moment, until: int, counts: Whole | None = None
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Time to the next purchase before day `until`, and whether there is one.

    In days the day of the cut-off is day 1: who buys on it has a duration of one day, and who is
    not seen before `until` has all the days until then. `counts` are the ascending rows of the
    ledger that count as purchases; None is all.
    """
    following = _next_row(at.end, counts)
    some = following < at.before(until)
    days = np.full(len(at), until - at.day)
    days[some] = at.ledger.days.period[following[some]] - at.day + 1
    return days / at.per_unit, some


def _next_row(rows: Whole, counts: Whole | None) -> Whole:
    """The first of the rows that count, ascending, at or behind each row; beyond all if none."""
    if counts is None:
        return rows
    padded = np.append(counts, np.iinfo(np.int64).max)
    return padded[np.searchsorted(counts, rows)]


def begin_of(day: int, gap: str | float, unit: str) -> int:
    """Day on which the window of a label begins."""
    return day + whole_days(gap, unit, "gap", low=0)


def after(gap: str | float, unit: str) -> str:
    """A gap in words."""
    nothing = not str(gap).strip("0.hDW ")
    return "" if nothing else f", from {told(gap, unit)} after the cut-off"
