"""Pauses between purchases: how long they last, where the last one of everybody has not ended.

With d_i pauses ending among the n_i at risk at time t_i, the Kaplan-Meier curve is
S(t) = product of (1 - d_i / n_i) over t_i <= t: Kaplan and Meier (1958), Journal of the American
Statistical Association 53, 457-481.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from crmkit.events._event_log import EventLog
from crmkit.events._windows import read_histories
from crmkit.exceptions import DataError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEW = 30
"""Pauses at risk below which a curve is no guide."""


class Lasting(NamedTuple):
    """Share that lasts longer than each time; of those at risk some ended, some were lost."""

    times: Floats
    at_risk: Ints
    ended: Ints
    lost: Ints
    survival: Floats


class Curve(Protocol):
    """Anything that has a Kaplan-Meier curve."""

    @property
    def times(self) -> Floats:
        """Times, rising."""

    @property
    def at_risk(self) -> Ints:
        """How many lasted until just before each time."""

    @property
    def survival(self) -> Floats:
        """Share that lasts longer than each time."""


def pauses(log: EventLog, as_of: Any, unit: Any, owner: str) -> tuple[Floats, Floats]:
    """Lengths of all pauses in whole periods, and 1 for each that ended."""
    histories = read_histories(log, as_of, unit, owner)
    rows = histories.purchases
    first = np.zeros(len(rows.period), dtype=bool)
    first[rows.start[:-1][np.diff(rows.start) > 0]] = True
    gaps = np.diff(rows.period)[~first[1:]]
    last = np.append(first[1:], True) if len(first) else first
    open_gaps = unfinished(rows.period[last], histories.whole)
    if not len(open_gaps):
        raise DataError(f"{owner}: there are no purchases before as_of. Choose a later one.")
    durations = np.concatenate([gaps, open_gaps]).astype(np.float64)
    return durations, np.repeat([1.0, 0.0], [len(gaps), len(open_gaps)])


def unfinished(last_purchase: npt.NDArray[np.int64], whole: int) -> npt.NDArray[np.int64]:
    """Periods without purchase since the last one, up to the last period that is known whole."""
    return np.maximum(whole - last_purchase, 0)


def kaplan_meier(durations: Floats, ended: Floats) -> Lasting:
    """Kaplan-Meier curve of durations and 1 for each that ended, 0 where it still lasts."""
    times, place = np.unique(durations, return_inverse=True)
    d = np.bincount(place, weights=ended, minlength=len(times)).astype(np.int64)
    gone = np.bincount(place, minlength=len(times)).astype(np.int64)
    n = len(durations) - np.concatenate([[0], np.cumsum(gone)[:-1]]).astype(np.int64)
    return Lasting(times, n, d, gone - d, np.asarray(np.cumprod(1.0 - d / n), dtype=np.float64))


def usual_pause(curve: Curve, share: float) -> float:
    """Time within which `share` of the pauses end that end while enough are at risk to tell."""
    told = enough_at_risk(curve)
    ended = 1.0 - curve.survival[told]
    if ended[-1] == 0:  # the few that ended did so late: take them all
        told = np.ones(len(curve.times), dtype=bool)
        ended = 1.0 - curve.survival
    reached = np.flatnonzero(ended >= share * ended[-1] - 1e-12)
    return float(curve.times[told][reached[0]])


def enough_at_risk(curve: Curve) -> npt.NDArray[np.bool_]:
    """Times at which enough pauses last for the curve to be a guide; at least the first."""
    few: npt.NDArray[np.bool_] = curve.at_risk >= min(FEW, int(curve.at_risk[0]))
    return few
