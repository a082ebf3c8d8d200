"""cohort_table: from events to cohorts by age, with what is unfinished marked."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import check_choice
from crmkit.events import EventLog
from crmkit.events._customers_at import warn_of_silence
from crmkit.events._event_log import check_log
from crmkit.events._ledger import Ledger, begin_of_day, day_of, read_ledger
from crmkit.exceptions import DataError
from crmkit.segment._cohort_cells import Members, count_cells
from crmkit.segment._cohort_table import CohortTable
from crmkit.segment._periods import PERIODS, first_days, period_names, period_of_days

OWNER = "cohort_table"
MEASURES = ("retention", "customers", "orders", "revenue")
MISSING = "(missing)"
"""Cohort of the customers whose first purchase has no value."""


def cohort_table(
    log: EventLog,
    *,
    by: str | None = None,
    period: str = "M",
    measure: str = "retention",
    per: str = "cohort",
    cumulative: bool = False,
    as_of: Any = None,
) -> CohortTable:
    """Follow those who came together: an event log in, a measure by cohort and age out.

    Use it to see whether later customers stay better than earlier ones, or those of one channel
    better than those of another. It describes; a purchase model foretells what is still empty.
    In the first periods of a log old customers look new: leave out what lies before.

    Parameters
    ----------
    log : EventLog
        The events. Returns are no purchases; with ``returns="net"`` they lower the revenue of
        their own period (before the first purchase: of age 0).
    by : str or None, default=None
        Column of text or whole numbers whose value at the first purchase makes the cohort, such
        as the channel; None makes cohorts of the period of the first purchase. Of several values
        at the same instant the first in ascending order counts.
    period : {"W", "M", "Q", "Y"}, default="M"
        Weeks from Monday, calendar months, quarters or years: of cohorts and of ages.
    measure : {"retention", "customers", "orders", "revenue"}, default="retention"
        Share of the customers who bought in a period (0 to 1), their number, their orders (each
        in the period of its first line), or their spend (currency).
    per : {"cohort", "customer"}, default="cohort"
        Sums, or means over the customers of a cell. A retention is a mean either way.
    cumulative : bool, default=False
        Add up orders or revenue from age 0 on, of the customers that the cell tells of: with
        ``per="customer"`` what one of them has brought by an age.
    as_of : str, date, datetime or None, default=None
        Exclusive cut-off, the beginning of a day; None is midnight after the last event. Unless it
        begins a period, the period before it is unfinished and marked as such.

    Returns
    -------
    CohortTable
        Long form by ``frame()``, wide form by ``wide()``. With `by`, customers of one cohort are
        not equally old: a cell tells of those whose period of this age is over, and counts them.

    Raises
    ------
    DataError
        If a parameter has no meaning, the column is missing or holds neither text nor whole
        numbers, the log has no amounts to sum up, or nobody bought before `as_of`.

    Warns
    -----
    DataWarning
        If `as_of` lies further behind the end of the log than the log was ever silent.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.segment import cohort_table
    >>> days = ["2024-01-05", "2024-02-20", "2024-01-10", "2024-02-08", "2024-03-20", "2024-04-09"]
    >>> frame = pd.DataFrame({"customer_id": list("aabcca"), "timestamp": pd.to_datetime(days),
    ...                       "amount": 10.0})
    >>> table = cohort_table(ck.EventLog(frame))
    >>> table.wide()
    age        0    1    2   3
    cohort
    2024-01  1.0  0.5  0.0 NaN
    2024-02  1.0  1.0  NaN NaN
    >>> int(table.frame()["complete"].sum())
    5
    """
    check_log(log, OWNER)
    check_choice(period, "period", PERIODS, OWNER)
    check_choice(measure, "measure", MEASURES, OWNER)
    check_choice(per, "per", ("cohort", "customer"), OWNER)
    if measure == "revenue" and log.amount is None:
        raise DataError(f"{OWNER}: measure='revenue' needs a log with amounts: name amount=.")
    if cumulative and measure not in ("orders", "revenue"):
        raise DataError(
            f"{OWNER}: cumulative adds up orders or revenue, not {measure}: who comes twice would "
            "count twice."
        )
    cutoff = log.cutoff(as_of, OWNER)
    day = day_of(cutoff, OWNER, "as_of")
    return _make(log, by, period, measure, per, cumulative, cutoff, day)


def _make(
    log: EventLog,
    by: str | None,
    period: str,
    measure: str,
    per: str,
    cumulative: bool,
    cutoff: datetime,
    day: int,
) -> CohortTable:
    """The table of a checked request."""
    if by is not None:
        check_column(log, by)
    ledger = read_ledger(log, day, OWNER)
    if not len(ledger.days):
        raise DataError(f"{OWNER}: nobody bought before {cutoff:%Y-%m-%d}: choose a later as_of.")
    warn_of_silence(log, cutoff, ledger.days, OWNER)
    who, cohorts, labels = members(log, ledger, by, period, day)
    counted = "customers" if measure == "retention" else measure
    cells = count_cells(ledger, who, counted, cumulative)
    values = cells.sums
    if measure == "retention" or per == "customer":
        values = np.divide(values, cells.n_customers, where=cells.n_customers > 0, out=values)
    return CohortTable(
        measure=measure,
        per=per,
        cumulative=cumulative,
        period=period,
        by=by,
        as_of=cutoff,
        unfinished=who.last > who.over,
        cohorts=cohorts,
        labels=labels,
        sizes=np.bincount(who.cohort[who.cohort >= 0], minlength=who.n_cohorts),
        values=values,
        n_customers=cells.n_customers,
        complete=cells.complete,
        library=_frames.id_types(log.data, [log.customer], OWNER)["library"],
    )


def members(
    log: EventLog, ledger: Ledger, by: str | None, period: str, day: int
) -> tuple[Members, npt.NDArray[Any], tuple[str, ...]]:
    """Who belongs to which cohort, the cohorts, and their names."""
    rows = ledger.days
    period_of = period_of_days(np.arange(rows.offset, day), period).astype(np.int32)
    last, after = period_of_days(np.array([day - 1, day]), period).tolist()
    bought = np.diff(rows.start) > 0
    first = np.zeros(len(bought), dtype=np.int32)
    first[bought] = period_of[rows.period[rows.start[:-1][bought]] - rows.offset]
    cohort = np.full(len(bought), -1, dtype=np.int32)
    if by is None:
        numbers, cohort[bought] = np.unique(first[bought], return_inverse=True)
        cohorts: npt.NDArray[Any] = first_days(numbers, period).astype("datetime64[us]")
        names = period_names(numbers, period)
    else:
        values, code = first_values(log, by, day)
        if MISSING in values:  # one cohort, not two of one name
            code = np.where(code == len(values), np.flatnonzero(values == MISSING)[0], code)
        found, cohort[bought] = np.unique(code[bought], return_inverse=True)
        known = found < len(values)
        cohorts = values[found[known]]
        if not known.all():
            cohorts = np.append(cohorts.astype(str), MISSING)
        names = [str(value) for value in cohorts]
    over = last if after > last else last - 1
    return Members(cohort, first, len(cohorts), period_of, last, over), cohorts, tuple(names)


def check_column(log: EventLog, by: str) -> None:
    """Refuse a column that is not there or holds neither text nor whole numbers."""
    names = _frames.column_names(log.data, OWNER)
    if by not in names:
        raise DataError.missing_column(OWNER, by, names, "by")
    try:
        _frames.check_id_type(log.data, by, OWNER)
    except DataError:
        raise DataError(
            f"{OWNER}: column {by!r} must hold text or whole numbers, such as a channel. Convert "
            "it to text first; without by= the period of the first purchase makes the cohorts."
        ) from None


def first_values(
    log: EventLog, by: str, day: int
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Values of a column, ascending, and the place of each customer's at the first purchase.

    A missing value has the place behind all others.
    """
    ask = _frames.Reduction(
        columns=replace(log.columns, order=None),
        as_of_us=_frames.microseconds(begin_of_day(day, log)),
        period="D",
        time_zone=log.tz,
        net_returns=True,
        min_amount=log.min_amount,
        sum_log_gaps=False,
    )
    if _frames.adds_up(log.data):
        return _frames.first_values(log.data, ask, by, OWNER)
    rows = _frames.event_rows(log.data, ask, by, OWNER)
    bought = ~rows.returned
    customer, instant = rows.customer[bought], rows.us[bought]
    place = np.where(rows.item < 0, len(rows.items), rows.item)[bought]
    first = np.full(len(rows.customers), np.iinfo(np.int64).max)
    np.minimum.at(first, customer, instant)
    at_first = instant == first[customer]
    found = np.full(len(rows.customers), len(rows.items))
    np.minimum.at(found, customer[at_first], place[at_first])
    return rows.items, found
