"""What a tracking picture shows: repeat purchases of a cohort over time, counted and expected.

Expected numbers are sums over customers of E(age), with E the expected purchases of a new customer.
Customers first seen in one period have one age at any time, so they are added up first. Only whole
periods are followed: of a month that the log or the picture cuts short, nothing is counted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.interpolate import PchipInterpolator

from crmkit import _frames
from crmkit._units import HOURS
from crmkit._validation import Floats, check_finite
from crmkit.events import EventLog
from crmkit.events._rows import Rows
from crmkit.events._summarize import Unit, ages
from crmkit.events._windows import period_of, read_histories
from crmkit.exceptions import DataError
from crmkit.plotting._models import further_columns, new_customer, period_begins

Integers = npt.NDArray[np.int64]
OWNER = "plot_tracking"
STEPS = {"D": "day", "W": "week", "M": "month"}
PERIODS = {"h": "hour"} | STEPS
N_AGES, SAME = 128, 1e-9
KINDS = ("numbers", "text")


@dataclass(frozen=True)
class Track:
    """Cumulative repeat purchases at instants; those up to place `seen` were in the calibration."""

    instants: npt.NDArray[np.datetime64]
    actual: Floats
    expected: Floats
    seen: int
    n_customers: int


def follow(
    model: Any,
    log: EventLog,
    window: tuple[datetime, datetime],
    clock: tuple[Unit, Unit, str],
    customers: Any = None,
) -> Track:
    """Follow the customers who bought before window[0] until window[1], by unit, period, step."""
    (as_of, until), (unit, period, step) = window, clock
    check_window(log, as_of, until)
    seen_to = period_of(_frames.microseconds(as_of), period, log) - 1
    histories = read_histories(log, until, period, OWNER)
    ends = step_ends(histories.first, seen_to, histories.whole, step, period)
    if len(ends) < 2:
        raise DataError(
            f"{OWNER}: until={until:%Y-%m-%d} leaves no whole {STEPS[step]} to draw. Choose a "
            "later until or a shorter step."
        )
    known, first, actual = cohort(histories.purchases, seen_to, ends)
    if not len(first):
        raise DataError(
            f"{OWNER}: nobody bought in a whole {PERIODS[period]} before as_of="
            f"{as_of:%Y-%m-%d %H:%M}. Choose a later as_of."
        )
    starts, code = np.unique(first, return_inverse=True)
    if further_columns(model):
        ids = np.asarray(histories.ids.to_list(), dtype=object)[known]
        together = with_covariates(model, log, customers, ids, code)
    else:
        new, number = new_customer(model, OWNER), np.bincount(code)

        def together(age: float) -> Floats:
            return np.asarray(model.predict(new, horizon=age)[0] * number)

    return Track(
        instants=period_begins(ends + 1, period),
        actual=actual,
        expected=expected_purchases(together, starts, ends, unit, period),
        seen=int(np.searchsorted(ends, seen_to)),
        n_customers=len(first),
    )


def check_window(log: EventLog, as_of: datetime, until: datetime) -> None:
    """Refuse a cut-off or an end of the picture where nothing was watched any more."""
    end = log.cutoff(None, OWNER)
    for name, instant in (("as_of", as_of), ("until", until)):
        if instant > end:
            raise DataError(
                f"{OWNER}: {name}={instant:%Y-%m-%d %H:%M} is after the end of the log "
                f"({end:%Y-%m-%d}): what came then is unknown. Choose an earlier {name}."
            )
    if until < as_of:
        raise DataError(
            f"{OWNER}: until={until:%Y-%m-%d %H:%M} is before as_of={as_of:%Y-%m-%d %H:%M}. Choose "
            "a later until."
        )


def cohort(
    purchases: Rows, seen_to: int, ends: Integers
) -> tuple[npt.NDArray[np.intp], Integers, Floats]:
    """Places and first periods of customers first seen up to `seen_to`; their repeat purchases."""
    begin, end = purchases.start[:-1], purchases.start[1:]
    bought = np.flatnonzero(end > begin)
    first = purchases.period[begin[bought]]
    known, first = bought[first <= seen_to], first[first <= seen_to]
    follows = np.zeros(len(begin), dtype=bool)
    follows[known] = True
    periods = np.sort(purchases.period[np.repeat(follows, end - begin)])
    total = np.searchsorted(periods, ends, side="right")
    begun = np.searchsorted(np.sort(first), ends, side="right")
    return known, first, (total - begun).astype(np.float64)


def expected_purchases(
    together: Callable[[float], Floats], starts: Integers, ends: Integers, unit: Unit, period: Unit
) -> Floats:
    """Repeat purchases expected by each of `ends`; `together` sums them by start, at one age."""

    def aged(end: int) -> Floats:
        return ages(starts[starts < end], np.array(end), unit, period)

    asked = asked_ages(aged(end) for end in ends)
    if not len(asked):
        return np.zeros(len(ends))
    table = np.array([np.zeros(len(starts)), *(together(float(age)) for age in asked)])
    curves = PchipInterpolator(np.append(0.0, asked), table, axis=0)
    return np.array([at_own_age(curves, aged(end)).sum() for end in ends])


def asked_ages(aged: Iterable[Floats]) -> Floats:
    """Ages at which to ask the model: all that there are, or `N_AGES` of more than so many."""
    distinct = np.zeros(0)
    for age in aged:
        distinct = np.union1d(distinct, age)
    distinct = distinct[np.diff(distinct, prepend=0.0) > SAME]
    if len(distinct) <= N_AGES:
        return distinct
    place = np.linspace(0.0, 1.0, N_AGES) ** 2 * (len(distinct) - 1)  # denser where answers bend
    return np.asarray(distinct[np.unique(np.ceil(place).astype(np.intp))])


def at_own_age(curves: PchipInterpolator, age: Floats) -> Floats:
    """The first curve at the first age, the second at the second, and so on."""
    place = np.clip(np.searchsorted(curves.x, age, side="right") - 1, 0, len(curves.x) - 2)
    pieces = curves.c[:, place, np.arange(len(age))]
    return np.asarray(np.polyval(pieces, age - curves.x[place]))


def with_covariates(
    model: Any, log: EventLog, customers: Any, ids: npt.NDArray[Any], start: npt.NDArray[np.intp]
) -> Callable[[float], Floats]:
    """Expected purchases by start, at one age, of customers who differ in covariates."""
    names = further_columns(model)
    if customers is None:
        raise DataError(
            f"{OWNER}: {type(model).__name__} also reads {', '.join(names)}: pass customers=, a "
            f"frame with {log.customer!r} and these columns."
        )
    customers = _frames.to_eager(customers)
    listed = pd.Index(_frames.column_values(customers, log.customer, OWNER))
    z = np.asarray(_frames.float_columns(customers, names, OWNER))
    place = places(ids, listed, log.customer)
    check_finite(z, names, OWNER)
    kinds, kind = np.unique(z[place], axis=0, return_inverse=True)
    columns = dict(zip(names, kinds.T, strict=True))
    wanted = [str(name) for name in model.feature_names_in_]
    new = pd.DataFrame({name: columns.get(name, np.zeros(len(kinds))) for name in wanted})
    kind = kind.ravel()

    def together(age: float) -> Floats:
        expected = np.asarray(model.predict(new, horizon=age))
        return np.asarray(np.bincount(start, weights=expected[kind]), dtype=np.float64)

    return together


def places(ids: npt.NDArray[Any], listed: pd.Index, name: str) -> npt.NDArray[np.intp]:
    """Rows of these customers among the listed ones, all of whom differ."""
    advice = "Pass the frame that the model was fitted on."
    if not listed.is_unique:
        first = listed[listed.duplicated()].tolist()[0]
        raise DataError(f"{OWNER}: {name!r} repeats in customers (first {first!r}). {advice}")
    found = listed.get_indexer(pd.Index(ids))
    if (found < 0).any():
        kinds = [KINDS[isinstance(next(iter(some), 0), str)] for some in (ids, listed)]
        if kinds[0] != kinds[1]:
            advice = f"Ids are {kinds[0]} in the log and {kinds[1]} in customers: make them alike."
        raise DataError(
            f"{OWNER}: {np.sum(found < 0):,} of {len(ids):,} customers who bought before as_of are "
            f"not in customers (first {ids[found < 0][0]!r}). {advice}"
        )
    return np.asarray(found)


def step_ends(start: int, seen_to: int, end: int, step: str, period: str) -> Integers:
    """Last periods of the steps around `seen_to`, from before `start` to at most `end`."""
    if step == "M" != period:
        per_day = 24 if period == "h" else 1
        anchor = np.datetime64((seen_to + 1) // per_day, "D")
        month, day = anchor.astype("datetime64[M]"), anchor - anchor.astype("datetime64[M]")
        reach = (end - start) // (28 * per_day) + 2
        months = month + np.arange(-reach, reach + 1)
        last_days = (months + 1).astype("datetime64[D]") - 1
        days = np.minimum(months.astype("datetime64[D]") + day, last_days).astype(np.int64)
        ends = days * per_day + (seen_to + 1) % per_day - 1
        return np.asarray(ends[(np.append(ends[1:], end) >= start) & (ends <= end)])
    length = 1 if step == period else HOURS[step] // HOURS[period]
    before = -(-(seen_to - start + 1) // length)
    return np.arange(seen_to - before * length, end + 1, length)
