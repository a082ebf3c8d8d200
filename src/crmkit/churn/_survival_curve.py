"""The Kaplan-Meier curve: how long something lasts, where some have not ended yet.

With d_i ends among the n_i at risk at time t_i, S(t) = product of (1 - d_i / n_i) over t_i <= t.
Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481. The interval
is Greenwood's on the scale of log(-log S), which stays inside 0 and 1: Kalbfleisch and Prentice
(2002), The Statistical Analysis of Failure Time Data, section 1.4.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from crmkit._notebook import Told
from crmkit._units import HOURS
from crmkit._validation import Floats, check_share
from crmkit.churn._columns import vector
from crmkit.events._pauses import kaplan_meier
from crmkit.exceptions import DataError

Ints = npt.NDArray[np.int64]

ENDED = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Shares whose times a notebook shows."""

_SLACK = 1e-12  # products of shares such as .8 * .75 miss .6 by a rounding


@dataclass(frozen=True, eq=False)
class SurvivalCurve(Told):
    """Share that has lasted, by time: what `inter_purchase_time` gives.

    Parameters
    ----------
    times : ndarray of shape (n_times,)
        Times at which something ended or was lost from sight, rising, in `unit`.
    at_risk : ndarray of shape (n_times,)
        How many had lasted until just before each time.
    events : ndarray of shape (n_times,)
        How many ended at each time.
    censored : ndarray of shape (n_times,)
        How many were lost from sight at each time, after the ends of that time.
    survival : ndarray of shape (n_times,)
        Share that lasts longer than each time.
    lower, upper : ndarray of shape (n_times,)
        Interval of `survival` at `level`, each time for itself; NaN where all or none has ended.
    level : float
        Probability that the interval holds.
    unit : str
        Unit of the times: "h", "D", "W" or "M".

    Examples
    --------
    >>> from crmkit.churn import SurvivalCurve
    >>> curve = SurvivalCurve.fit([1, 2, 2, 4, 6], [1, 1, 0, 1, 0])
    >>> curve.survival.round(2).tolist()
    [0.8, 0.6, 0.3, 0.3]
    >>> curve.median, round(float(curve.survival_at(4, given=2)), 2)
    (4.0, 0.5)
    """

    times: Floats
    at_risk: Ints
    events: Ints
    censored: Ints
    survival: Floats
    lower: Floats
    upper: Floats
    level: float
    unit: str

    @classmethod
    def fit(
        cls,
        durations: npt.ArrayLike,
        events: npt.ArrayLike | None = None,
        level: float = 0.95,
        unit: str = "D",
    ) -> "SurvivalCurve":
        """Draw the curve: durations in, the curve out.

        Parameters
        ----------
        durations : array-like of shape (n,)
            How long each lasted or was seen to last, at least 0, in `unit`; time spans (timedelta)
            become hours, days or weeks by it.
        events : array-like of shape (n,), default=None
            1 where the end was seen, 0 where it is still to come; None means that all were seen.
        level : float, default=0.95
            Probability that the interval holds.
        unit : str, default="D"
            Unit of the durations.

        Returns
        -------
        SurvivalCurve
            The curve.

        Raises
        ------
        DataError
            If there are no durations, one is negative or not finite, lengths differ, or time
            spans are to become months.
        """
        check_share(level, "level", cls.__name__)
        length, ended = checked_durations(durations, events, cls.__name__, unit)
        curve = kaplan_meier(length, ended)
        lower, upper = greenwood(curve.ended, curve.at_risk, curve.survival, level)
        return cls(*curve, lower, upper, level, unit)

    def survival_at(self, times: npt.ArrayLike, given: npt.ArrayLike = 0.0) -> Floats:
        """Share that lasts longer than given times: times in, shares out.

        Parameters
        ----------
        times : array-like
            Times from the start, in `unit`.
        given : array-like, default=0.0
            Time that has been survived already: the share among those that lasted longer.

        Returns
        -------
        ndarray
            Shares, of the shape of `times` and `given` together; 1 for times before `given`, NaN
            where nothing lasted longer than `given`, or a time is NaN. Behind the last time the
            curve is flat, which says that nothing is known.
        """
        past = np.asarray(given, dtype=np.float64)
        later = np.maximum(np.asarray(times, dtype=np.float64), past)
        before, after = self._step(past), self._step(later)
        share: Floats = np.divide(
            after, before, out=np.full(np.shape(after), np.nan), where=before > 0
        )
        return share

    def quantile(self, share: float) -> float:
        """Time by which a share has ended: a share in, a time out.

        Parameters
        ----------
        share : float
            Share between 0 and 1; 0.5 gives the median.

        Returns
        -------
        float
            Least time with S(t) <= 1 - share, in `unit`; infinite where the curve stays above.
        """
        check_share(share, "share", type(self).__name__)
        ended = np.flatnonzero(self.survival <= 1.0 - share + _SLACK)
        return float(self.times[ended[0]]) if len(ended) else float("inf")

    @property
    def median(self) -> float:
        """Time by which half has ended; infinite where the curve stays above one half."""
        return self.quantile(0.5)

    def frame(self) -> pd.DataFrame:
        """Table of the curve: a pandas frame of one row per time."""
        names = ("times", "at_risk", "events", "censored", "survival", "lower", "upper")
        table = pd.DataFrame({name: getattr(self, name) for name in names})
        return table.rename(columns={"times": "time"})

    def _step(self, times: Floats) -> Floats:
        steps = np.concatenate([[1.0], self.survival])
        found = steps[np.searchsorted(self.times, times, side="right")]
        return np.asarray(np.where(np.isnan(times), np.nan, found))

    def _tables(self) -> dict[str, pd.DataFrame]:
        times = {share: self.quantile(share) for share in ENDED}
        known = [share for share, time in times.items() if np.isfinite(time)]
        place = np.searchsorted(self.times, [times[share] for share in known])
        table = self.frame().iloc[place][["time", "at_risk", "survival", "lower", "upper"]]
        table.insert(0, "ended", [f"{share:.0%}" for share in known])
        title = f"By when so many have ended (time in {self.unit}; interval {self.level:.0%})"
        return {title: table}

    def __repr__(self) -> str:
        n, ends = int(self.at_risk[0]), int(self.events.sum())
        return (
            f"SurvivalCurve({n:,} durations, {n - ends:,} ({(n - ends) / n:.0%}) not ended, "
            f"median {self.median:g} {self.unit})"
        )


def checked_durations(
    durations: npt.ArrayLike, events: npt.ArrayLike | None, owner: str, unit: str | None = None
) -> tuple[Floats, Floats]:
    """Durations and 1 for each that ended, as float64 arrays of one length."""
    length = lengths(durations, owner, unit)
    ended = np.ones(len(length)) if events is None else ends(events, owner)
    if not len(length) or ended.shape != length.shape:
        raise DataError(
            f"{owner}: durations and events must be two lists of one length above 0, got shapes "
            f"{length.shape} and {ended.shape}."
        )
    bad = ~np.isfinite(length) | (length < 0)
    if bad.any():
        raise DataError(
            f"{owner}: durations must be finite and at least 0, but {bad.sum():,} are not (first "
            f"at row {bad.argmax():,}: {length[bad.argmax()]:g})."
        )
    if not np.isin(ended, (0.0, 1.0)).all():
        raise DataError(f"{owner}: events must be 1 where the end was seen and 0 where not.")
    return length, ended


def lengths(durations: Any, owner: str, unit: str | None) -> Floats:
    """Durations as numbers; time spans are told in `unit` where it has one length."""
    given = np.asarray(durations)
    spans = given.dtype.kind == "m"
    if given.dtype == object and any(isinstance(value, timedelta) for value in given.ravel()):
        given, spans = pd.to_timedelta(given.ravel()).to_numpy(), True
    if spans and unit in HOURS:
        number: Floats = given / np.timedelta64(HOURS[unit], "h")
        return number
    if spans:
        raise DataError(
            f"{owner}: durations are time spans, and which number stands for one is not known. "
            "Divide them by the unit you mean, such as pandas.Timedelta(days=1)."
        )
    if given.dtype.kind == "M":
        raise DataError(f"{owner}: durations hold instants. Subtract the start of each first.")
    return vector(given, "durations", owner)


def ends(events: Any, owner: str) -> Floats:
    """Events as float64; words are refused."""
    try:
        return np.asarray(events, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"{owner}: events must be 1 where the end was seen and 0 where not, got such as "
            f"{np.asarray(events, dtype=object).ravel()[0]!r}. Compare with the word that means "
            "an end."
        ) from None


def greenwood(d: Ints, n: Ints, survival: Floats, level: float) -> tuple[Floats, Floats]:
    """Ends of the interval, from Greenwood's variance of log S on the scale of log(-log S)."""
    inside = (survival > 0) & (survival < 1)
    spread = np.divide(d, n * (n - d), out=np.zeros(len(n)), where=n > d)
    log_s = np.log(survival, out=np.full(len(n), -1.0), where=inside)
    half = float(stats.norm.ppf(0.5 + level / 2.0)) * np.sqrt(np.cumsum(spread)) / np.abs(log_s)
    ends = (np.exp(log_s * np.exp(side * half)) for side in (1.0, -1.0))
    lower, upper = (np.where(inside, end, np.nan) for end in ends)
    return lower, upper
