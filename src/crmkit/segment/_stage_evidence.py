"""What stages rest on besides silence: the pace of purchases, and returns from long pauses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from crmkit._validation import Floats
from crmkit.events._moment import Moment
from crmkit.events._rows import first_not_before

Whole = npt.NDArray[Any]


def returns(
    at: Moment, loyal_from: int, levels_passed: Callable[[Whole, Floats, Whole], Whole]
) -> tuple[Whole, Floats]:
    """Purchases since a return from a long pause, at most `loyal_from` - 1, and its length in days.

    `levels_passed` tells how many levels of silence a pause passed, of repeat purchases, the age
    at the last one, and the days of silence.
    """
    days = at.ledger.days.period
    back, pause = np.zeros(len(at), dtype=np.int64), np.full(len(at), np.nan)
    since = np.arange(loyal_from - 1, 0, -1)
    some, place = np.nonzero(at.n_days[:, None] > since)
    j = since[place]
    row = at.end[some] - j
    recency = (days[row - 1] - at.first_day[some]).astype(np.float64)
    length = (days[row] - days[row - 1]).astype(np.int64)
    long = levels_passed(at.n_days[some] - j - 1, recency, length) >= 2
    back[some[long]], pause[some[long]] = j[long], length[long]  # of several the last one counts
    return back, pause


def paces(at: Moment, period: int) -> tuple[Whole, Whole]:
    """Purchase days in the last period and in as long before, after the first day.

    The period is half of the age where that is shorter.
    """
    half = np.minimum(period, at.age // 2)
    days, first = at.ledger.days.period, at.begin + 1
    edge, edge_before = (first_not_before(days, first, at.end, at.day - n * half) for n in (1, 2))
    return at.end - edge, edge - edge_before


def at_least(recent: Whole, both: Whole) -> Floats:
    """Chance that so many of `both` fall in the last period, each as likely in either one."""
    some = recent > 0
    tail = betainc(np.where(some, recent, 1), both - recent + 1, 0.5)
    return np.where(some, tail, 1.0)
