"""Labels: what happened after the cut-off, and when that is known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crmkit._validation import check_real
from crmkit.churn._feature import OWNER, whole_days
from crmkit.churn._moment import Moment, sums_in_segments
from crmkit.events import EventLog
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

    @property
    def text(self) -> str:
        """The label in words."""
        raise NotImplementedError

    def _check(self, log: EventLog, unit: str) -> None:
        """Refuse parameters without a meaning for a log."""

    def _end(self, day: int, unit: str) -> int | None:
        """Day before which the label of a cut-off is decided; None: as late as can be seen."""
        raise NotImplementedError

    def _holds(self, at: Moment, log: EventLog) -> npt.NDArray[np.bool_] | None:
        """Which customers the question can be put to; None is all."""
        return None

    def _outcome(self, at: Moment, observed: int, log: EventLog) -> Outcome:
        """What the customers did, as far as the days before `observed` tell."""
        raise NotImplementedError


@dataclass(frozen=True)
class NoPurchase(Label):
    """Label who stops buying: y = 1 for no purchase in the window after the cut-off, else 0.

    The window is [cut-off + gap, cut-off + gap + horizon): a customer who is not seen at all after
    the cut-off has churned. Returns are no purchases. `duration` is the time to the next purchase,
    watched until the window ends.

    Parameters
    ----------
    horizon : str or float, default="90D"
        Length of the window, such as "90D" or a number in the unit of the builder.
    gap : str or float, default="0D"
        Time between the cut-off and the window, in which nothing counts: the time that it takes
        to act on a score. It moves the whole window.
    min_amount : float or None, default=None
        Least money of a day for its purchases to count, in currency; None counts any.

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

    @property
    def text(self) -> str:
        """The label in words."""
        least = "" if self.min_amount is None else f" of at least {self.min_amount:g}"
        return f"no purchase{least} in {self.horizon}{after(self.gap)}"

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

    def _outcome(self, at: Moment, observed: int, log: EventLog) -> Outcome:
        """What the customers did, as far as the days before `observed` tell."""
        begin, end = begin_of(at.day, self.gap, at.unit), self._end(at.day, at.unit)
        first, behind = at.before(begin), at.before(end)
        if self.min_amount is None:
            bought = behind > first
        else:
            enough = np.asarray(at.money() >= self.min_amount, dtype=np.float64)
            enough[-1] = 0.0
            bought = sums_in_segments(enough, [first, behind])[0] > 0
        y = np.where(bought, 0.0, 1.0) if end <= observed else np.full(len(at), np.nan)
        return Outcome(y, min(end, observed), *next_purchase(at, min(end, observed)))


def next_purchase(at: Moment, until: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Time to the next purchase before day `until`, and whether there is one.

    In days the day of the cut-off is day 1: who buys on it has a duration of one day, and who is
    not seen before `until` has all the days until then.
    """
    some = at.before(until) > at.end
    days = np.full(len(at), until - at.day)
    days[some] = at.ledger.days.day[at.end[some]] - at.day + 1
    return days / at.per_unit, some


def begin_of(day: int, gap: str | float, unit: str) -> int:
    """Day on which the window of a label begins."""
    return day + whole_days(gap, unit, "gap", low=0)


def after(gap: str | float) -> str:
    """A gap in words."""
    nothing = not str(gap).strip("0.hDW ")
    return "" if nothing else f", from {gap} after the cut-off"
