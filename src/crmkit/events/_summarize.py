"""summarize: from events to one row per customer, the table that every model reads.

Ages count whole merge periods. With p(t) the number of the period that holds instant t, a customer
first seen in period f and last in period l has, at the exclusive cut-off `as_of`,

    recency = (l - f) / k        T = (p(last instant before as_of) - f) / k

in units of k periods: the exposure begins after the period of the first purchase. This is the
convention of Fader, Hardie and Lee (2005), Marketing Science 24, 275-284: with days as periods and
k = 7, a CDNOW customer of 1 January 1997 has T = 272 / 7 = 38.857 weeks on 1 October.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._units import HOURS
from crmkit._validation import check_choice
from crmkit.events._event_log import EventLog, check_log
from crmkit.events._instants import from_microseconds, wall_microseconds
from crmkit.exceptions import DataError

Unit = Literal["h", "D", "W", "M"]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PERIODS_OF_UNIT = {"h": ["h"], "D": ["D", "h"], "W": ["D", "W", "h"], "M": ["D", "M"]}
EXTRAS = ["sum_log_gaps"]


def summarize(
    log: EventLog,
    as_of: Any = None,
    unit: Unit = "D",
    *,
    period: Unit | None = None,
    extras: str | Sequence[str] = (),
) -> Any:
    """Reduce events to customers: an `EventLog` in, one row per customer out.

    The table that purchase models, RFM scores and value models read. Only events before `as_of`
    are seen. Customers without a purchase before it are absent.

    Parameters
    ----------
    log : EventLog
        The events.
    as_of : str, date, datetime or None, default=None
        Exclusive cut-off: an event at or after it is unknown. None is midnight after the last
        event. Without a time zone it is read on the clock of the log.
    unit : {"h", "D", "W", "M"}, default="D"
        Unit of `recency` and `T`: hours, days, weeks of 7 days, or calendar months. A date lies
        at month number + (day - 1) / (days of that month), so that ages in months are differences
        of such positions: 15 January to 15 March is 2 + 14/31 - 14/31 = 2 months.
    period : {"h", "D", "W", "M"} or None, default=None
        Purchases within one period merge into one. None is a day (an hour for ``unit="h"``).
        Days are those of the log's time zone, hours those of UTC, weeks begin on Monday.
    extras : {"sum_log_gaps"} or a sequence of it, default=()
        Further columns: `sum_log_gaps` is the sum of the natural logs of the gaps (in `unit`)
        between successive purchase periods, which models of regular buyers need.

    Returns
    -------
    frame of customers
        In the library of the log's frame, sorted by customer id (a frame of Spark is lazy and its
        rows have no order), with the columns

        * the customer id, under its name in the log and with its type,
        * `frequency`: number of repeat purchase periods,
        * `recency`: age at the last purchase, in `unit`,
        * `T`: age at `as_of`, in `unit`,
        * `monetary_value`: mean spend of a repeat period, in currency; 0 for one-time buyers,
        * `n_orders`: number of orders (distinct order ids, else rows),
        * `total_amount`: sum of spend, in currency,
        * `first_purchase`, `last_purchase`: instants,
        * `days_since_last`: calendar days from the last purchase to `as_of`.

        Without an amount column, `monetary_value` and `total_amount` are absent.

    Raises
    ------
    DataError
        If `as_of` is not after the first event, nobody bought before it, `period` does not divide
        `unit`, or the log itself cannot be used.

    Examples
    --------
    >>> import crmkit as ck
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "a", "b"],
    ...         "timestamp": pd.to_datetime(
    ...             ["2024-01-01 09:00", "2024-01-01 17:00", "2024-01-11 12:00", "2024-01-20 08:00"]
    ...         ),
    ...         "amount": [20.0, 5.0, 30.0, 15.0],
    ...     }
    ... )
    >>> customers = ck.summarize(ck.EventLog(frame), as_of="2024-02-01")
    >>> customers[["customer_id", "frequency", "recency", "T", "monetary_value"]]
      customer_id  frequency  recency     T  monetary_value
    0           a          1     10.0  30.0            30.0
    1           b          0      0.0  11.0             0.0
    """
    check_log(log, "summarize")
    check_choice(unit, "unit", PERIODS_OF_UNIT, "summarize")
    period = ("h" if unit == "h" else "D") if period is None else period
    check_choice(period, "period", PERIODS_OF_UNIT[unit], "summarize")
    extras = (extras,) if isinstance(extras, str) else extras
    for extra in extras:
        check_choice(extra, "extras", EXTRAS, "summarize")
    if extras and unit == "M" and period != "M":
        raise DataError(
            "summarize: sum_log_gaps has no single unit in calendar months. "
            "Use unit='D' or 'W', or period='M'."
        )
    cutoff = log.cutoff(as_of, "summarize")
    ask = _reduction(log, cutoff, period, extras)
    if _frames.is_spark(log.data):
        _check_somebody(_frames.somebody_bought(log.data, ask), cutoff)
        made = _frames.summarize_in_spark(log.data, ask, _ages_in_spark(log, cutoff, unit, period))
        _check_names(log.customer, made.columns[1:])
        return made
    totals = _frames.reduce_events(log.data, ask, "summarize")
    _check_somebody(len(totals.n_periods) > 0, cutoff)
    columns = _customer_columns(totals, log, cutoff, unit, period)
    _check_names(log.customer, list(columns))
    return _frames.customers_like(log.data, log.customer, totals, columns, log.tz)


def _check_somebody(bought: bool, cutoff: datetime) -> None:
    if not bought:
        raise DataError(
            f"summarize: nobody bought before as_of={cutoff:%Y-%m-%d %H:%M}. "
            "There are only returns or amounts that are too small: choose a later as_of."
        )


def _check_names(customer: str, columns: Sequence[str]) -> None:
    if customer in columns:
        raise DataError(
            f"summarize: the customer id is called {customer!r}, as is a column of the "
            f"summary ({', '.join(columns)}). Rename it first."
        )


def _reduction(
    log: EventLog, cutoff: datetime, period: Unit, extras: Sequence[str]
) -> _frames.Reduction:
    return _frames.Reduction(
        columns=log.columns,
        as_of_us=_frames.microseconds(cutoff),
        period=period,
        time_zone=log.tz,
        net_returns=log.returns == "net",
        min_amount=log.min_amount,
        sum_log_gaps="sum_log_gaps" in extras,
    )


def _customer_columns(
    totals: _frames.CustomerTotals, log: EventLog, cutoff: datetime, unit: Unit, period: Unit
) -> dict[str, npt.NDArray[Any]]:
    """The columns of the customers frame but the id, in order."""
    end = _last_period(log, cutoff, period)
    first = totals.first_period
    frequency = totals.n_periods - 1
    columns: dict[str, npt.NDArray[Any]] = {
        "frequency": frequency,
        "recency": ages(first, totals.last_period, unit, period),
        "T": ages(first, end, unit, period),
    }
    if totals.repeat_total is not None:
        mean = totals.repeat_total / np.maximum(frequency, 1)
        columns["monetary_value"] = np.where(frequency > 0, mean, 0.0)
    columns["n_orders"] = totals.n_orders
    if totals.total is not None:
        columns["total_amount"] = totals.total
    columns["first_purchase"] = totals.first_us.view("datetime64[us]")
    columns["last_purchase"] = totals.last_us.view("datetime64[us]")
    last_day = totals.last_period if period == "D" else _local_days(totals.last_us, log.tz)
    columns["days_since_last"] = _day(cutoff) - last_day
    if totals.sum_log_gaps is not None:
        columns["sum_log_gaps"] = totals.sum_log_gaps + frequency * _log_scale(unit, period)
    return columns


def _ages_in_spark(log: EventLog, cutoff: datetime, unit: Unit, period: Unit) -> _frames.Ages:
    """The same ages, told to an engine that computes them."""
    per_unit = 1.0 if period == "M" else None
    return _frames.Ages(
        end=int(_last_period(log, cutoff, period)[0]),
        end_day=_day(cutoff),
        per_unit=per_unit if unit == "M" else HOURS[unit] / HOURS[period],
        log_scale=_log_scale(unit, period),
    )


def _last_period(log: EventLog, cutoff: datetime, period: Unit) -> Integers:
    """Number of the period that holds the last instant that is known, as an array of one."""
    last_us = _frames.microseconds(cutoff) - 1
    if period != "h":
        last_us = wall_microseconds(from_microseconds(last_us, log.zone))
    return _frames.period_numbers(np.array([last_us]), period)


def _day(cutoff: datetime) -> int:
    return (cutoff.date() - date(1970, 1, 1)).days


def _log_scale(unit: Unit, period: Unit) -> float:
    """Natural log of the length of a period in units."""
    return float(np.log(1.0 if unit == "M" else HOURS[period] / HOURS[unit]))


def ages(start: Integers, end: Integers, unit: Unit, period: Unit) -> Floats:
    """Time from one period to another, in `unit`."""
    if unit != "M":
        return (end - start) * HOURS[period] / HOURS[unit]
    if period == "M":
        return (end - start).astype(np.float64)
    return month_position(end) - month_position(start)


def month_position(days: Integers) -> Floats:
    """Where days since 1970 lie on the axis of calendar months."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    begin = months.astype("datetime64[D]").astype(np.int64)
    end = (months + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64)
    return months.astype(np.float64) + (days - begin) / (end - begin)


def _local_days(microseconds: Integers, tz: str | None) -> Integers:
    """Whole days since 1970 of instants, in the zone of the log."""
    import pandas as pd

    instants = pd.DatetimeIndex(microseconds.view("datetime64[us]"))
    if tz is not None:
        instants = instants.tz_localize("UTC").tz_convert(tz).tz_localize(None)
    return instants.to_numpy().astype("datetime64[D]").astype(np.int64)
