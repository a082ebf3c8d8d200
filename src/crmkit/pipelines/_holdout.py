"""Does the purchase model hold? Fit on the past, compare with what customers then did.

The model sees events before `as_of` only. What it expects in [as_of, as_of + horizon) is compared
with the purchases of that time, customer by customer, beside two baselines that need no model:
each customer's own past rate, and the mean rate of all.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone

from crmkit import _frames
from crmkit._units import HOURS, in_unit
from crmkit._validation import check_choice
from crmkit.clv import BetaGeoModel
from crmkit.events import EventLog, summarize
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError
from crmkit.metrics import value_scores

Floats = npt.NDArray[np.float64]

OWNER = "holdout_report"


@dataclass(frozen=True, eq=False)
class HoldoutReport:
    """Expected beside actual purchases of every customer in a period the models did not see.

    Made by `holdout_report`; all arrays have one entry per customer who bought before `as_of`.

    Attributes
    ----------
    as_of, until : datetime
        The period is [as_of, until).
    horizon : float
        Its length, in `unit`.
    unit : str
        "h", "D", "W" or "M".
    calibration_frequency : ndarray of int
        Repeat purchase periods before `as_of`.
    actual : ndarray of int
        Purchase periods within the holdout period.
    predictions : dict of str to ndarray
        Expected purchase periods by name: the model first, then "own rate" and "mean rate".
    """

    as_of: datetime
    until: datetime
    horizon: float
    unit: str
    calibration_frequency: npt.NDArray[np.int64] = field(repr=False)
    actual: npt.NDArray[np.int64] = field(repr=False)
    predictions: dict[str, Floats] = field(repr=False)

    @property
    def n_customers(self) -> int:
        """Number of customers who bought before `as_of`."""
        return len(self.actual)

    def scores(self) -> pd.DataFrame:
        """Errors of the model and the baselines: one row for each, the model first.

        Returns
        -------
        pandas.DataFrame
            The columns of `crmkit.metrics.value_scores`, indexed by the name of the prediction.
        """
        return pd.DataFrame(
            {
                name: value_scores(self.actual, expected)
                for name, expected in self.predictions.items()
            }
        ).T.rename_axis("prediction")


def holdout_report(
    log: EventLog,
    as_of: Any = None,
    horizon: float | str | None = None,
    unit: str = "W",
    purchases: Any = None,
) -> HoldoutReport:
    """Test a purchase model on the last part of a log: events in, expected beside actual out.

    Look at it before you trust a forecast. One split is one season: a shop with a strong
    Christmas is over- or underestimated by it.

    Parameters
    ----------
    log : EventLog
        The events.
    as_of : str, date, datetime or None, default=None
        Exclusive end of what the model may see. None leaves the last third of the log as the
        holdout period (or exactly `horizon`, where it is given).
    horizon : float, str or None, default=None
        Length of the holdout period, in `unit`, or text such as "26W". None is from `as_of` to
        the end of the log.
    unit : {"D", "W", "h"}, default="W"
        Unit of the ages and of `horizon`.
    purchases : purchase model or None, default=None
        Unfitted model of `crmkit.clv`; a copy is fitted. None is ``BetaGeoModel()``.

    Returns
    -------
    HoldoutReport
        Expected and actual purchases of each customer, and their scores.

    Raises
    ------
    DataError
        If the period is not wholly within the log, or nobody bought before `as_of`.

    Examples
    --------
    >>> import crmkit as ck
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> report = ck.pipelines.holdout_report(log, as_of="1997-10-01", horizon=39)
    >>> report.n_customers, int(report.actual.sum())
    (2357, 1882)
    >>> report.scores()["mean_absolute_error"].idxmin()
    'BetaGeoModel'
    """
    check_log(log, OWNER)
    check_choice(unit, "unit", HOURS, OWNER)
    start, until = holdout_period(log, as_of, horizon, unit)
    length = (on_clock(until, unit) - on_clock(start, unit)) / timedelta(hours=HOURS[unit])
    model = BetaGeoModel() if purchases is None else clone(purchases)
    seen = _frames.to_eager(summarize(log, start, unit))  # type: ignore[arg-type]
    frequency = _frames.column_values(seen, "frequency", OWNER)
    T = _frames.column_values(seen, "T", OWNER)
    model.fit(seen)
    return HoldoutReport(
        as_of=start,
        until=until,
        horizon=length,
        unit=unit,
        calibration_frequency=frequency,
        actual=later_purchases(log, seen, frequency, until, unit),
        predictions={
            type(model).__name__: model.predict(seen, length),
            "own rate": own_rate(frequency, T, length),
            "mean rate": mean_rate(frequency, T, length),
        },
    )


def holdout_period(
    log: EventLog, as_of: Any, horizon: float | str | None, unit: str
) -> tuple[datetime, datetime]:
    """Begin and exclusive end of the holdout period, checked to lie within the log."""
    end = log.cutoff(None, OWNER)
    try:
        length = timedelta(hours=HOURS[unit] * in_unit(horizon or 0, unit, OWNER))
        third = max((end - log.first_event) // 3 // timedelta(days=1), 1)
        start = after(end, -length if length else -timedelta(days=third), unit)
        start = log.cutoff(start if as_of is None else as_of, OWNER)
        until = after(start, length, unit) if length else end
    except OverflowError:
        raise DataError(f"{OWNER}: horizon={horizon!r} is longer than time itself.") from None
    if until > end or until <= start:
        raise DataError(
            f"{OWNER}: the holdout period from {start:%Y-%m-%d} to {until:%Y-%m-%d} does not lie "
            f"within the log, which ends on {end:%Y-%m-%d}. Choose an earlier as_of or a shorter "
            "horizon."
        )
    period = timedelta(hours=1 if unit == "h" else 24)
    if (on_clock(start, unit) - datetime.min) % period:
        raise DataError(
            f"{OWNER}: the holdout period must begin with a whole "
            f"{'hour' if unit == 'h' else 'day'}, got {start:%Y-%m-%d %H:%M:%S}. Purchases of one "
            "period would be torn apart."
        )
    return start, until


def on_clock(instant: datetime, unit: str) -> datetime:
    """Naive instant on the clock by which the unit counts: UTC for hours, else the wall."""
    if instant.tzinfo is not None and unit == "h":
        instant = instant.astimezone(UTC)
    return instant.replace(tzinfo=None)


def after(instant: datetime, length: timedelta, unit: str) -> datetime:
    """Instant that lies `length` later on the clock by which the unit counts."""
    zone = instant.tzinfo
    if zone is not None and unit == "h":
        return (instant.astimezone(UTC) + length).astimezone(zone)
    return instant + length


def later_purchases(
    log: EventLog, seen: Any, frequency: npt.NDArray[np.int64], until: datetime, unit: str
) -> npt.NDArray[np.int64]:
    """Purchase periods of the seen customers from the cut-off of `seen` to `until`."""
    later = _frames.to_eager(summarize(log, until, unit))  # type: ignore[arg-type]
    then, now = (pd.Index(_frames.column_values(c, log.customer, OWNER)) for c in (seen, later))
    total = _frames.column_values(later, "frequency", OWNER)[now.get_indexer(then)]
    return np.asarray(total - frequency, dtype=np.int64)


def own_rate(frequency: npt.NDArray[np.int64], T: Floats, horizon: float) -> Floats:
    """Purchases at the rate each customer had so far; none where nothing was observed."""
    rate: Floats = np.divide(frequency, T, out=np.zeros(len(T)), where=T > 0)
    return rate * horizon


def mean_rate(frequency: npt.NDArray[np.int64], T: Floats, horizon: float) -> Floats:
    """Purchases at the rate of all customers together, the same for each."""
    observed = float(T.sum())
    return np.full(len(T), frequency.sum() / observed * horizon if observed > 0 else 0.0)
