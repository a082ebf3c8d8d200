"""From events to one row per customer: what is asked, what comes out, and the in-memory route.

The in-memory route works on integers. A customer is a code, a period a whole number, and one
sorted array of ``code * span + period`` holds every distinct purchase period: its runs give
counts, first, last and gaps. Sums are weighted counts of codes. Sorting integers is the fastest
thing numpy does, so this beats a group-by of any frame library and needs few copies of a column.
"""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from crmkit._frames._event_facts import EventColumns, is_return, wrap_events
from crmkit._frames._native import Frame, eager

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Period = Literal["h", "D", "W", "M"]

MICROSECONDS_A_DAY = 86_400_000_000
MICROSECONDS_AN_HOUR = 3_600_000_000


@dataclass(frozen=True)
class Reduction:
    """What is asked of an event frame.

    `as_of_us` and `column_time_zone` follow `EventFacts`: instants are UTC for an aware column.
    `time_zone` is where days begin, None for a naive column. `skip` names what may be left out
    because the facts show that there is nothing to drop.
    """

    columns: EventColumns
    as_of_us: int
    period: Period
    time_zone: str | None
    net_returns: bool
    min_amount: float | None
    sum_log_gaps: bool
    nothing_to_drop: bool


@dataclass(frozen=True)
class CustomerTotals:
    """One entry per customer with a purchase before `as_of`, in ascending order of the id.

    Periods are whole numbers since 1970; instants are microseconds as in `Reduction`.
    """

    ids: "nw.Series[Any]"
    n_periods: Integers
    first_period: Integers
    last_period: Integers
    n_orders: Integers
    first_us: Integers
    last_us: Integers
    total: Floats | None
    first_total: Floats | None
    sum_log_gaps: Floats | None


def reduce_in_memory(data: object, ask: Reduction) -> CustomerTotals:
    """Reduce events held in memory (a lazy frame is collected, its needed columns only)."""
    table = _relevant_rows(wrap_events(data, ask.columns), ask)
    codes, ids = _encode(table["customer"])
    moments = np.asarray(table["us"].to_numpy(), dtype=np.int64)
    periods = _whole_periods(table, ask, moments)
    amounts = None
    if ask.columns.amount is not None:
        amounts = np.asarray(table["amount"].to_numpy(), dtype=np.float64)
    orders = _encode(table["order"])[0] if ask.columns.order is not None else None
    if not ask.net_returns:
        purchases = codes, periods, moments, orders
        return in_id_order(_totals(ids, *purchases, (codes, periods, amounts), ask))
    bought = ~np.asarray(table["returned"].to_numpy(), dtype=bool)
    orders = orders if orders is None else orders[bought]
    purchases = codes[bought], periods[bought], moments[bought], orders
    return in_id_order(_totals(ids, *purchases, (codes, periods, amounts), ask))


def _relevant_rows(frame: Frame, ask: Reduction) -> nw.DataFrame[Any]:
    """Needed columns under fixed names, without rows that must not count."""
    columns = ask.columns
    when = nw.col(columns.when).cast(nw.Datetime("us", _zone_of(frame, columns.when)))
    wanted = {"customer": nw.col(columns.customer), "us": when.dt.timestamp("us")}
    if ask.time_zone is not None and ask.period != "h":
        local = when.dt.convert_time_zone(ask.time_zone).dt.replace_time_zone(None)
        wanted["local_us"] = local.dt.timestamp("us")
    if columns.amount is not None:
        wanted["amount"] = nw.col(columns.amount).cast(nw.Float64)
    if columns.order is not None:
        wanted["order"] = nw.col(columns.order)
    returned = is_return(columns)
    if returned is not None and not ask.nothing_to_drop:
        wanted["returned"] = returned
    table = frame.select(**wanted)
    if not ask.nothing_to_drop:
        keep = ~nw.col("customer").is_null() & (nw.col("us") < ask.as_of_us)
        if returned is not None and not ask.net_returns:
            keep &= ~nw.col("returned")
        if ask.min_amount is not None:
            keep &= (nw.col("amount") >= ask.min_amount) | (nw.col("amount") < 0)
        table = table.filter(keep)
    return eager(table)


def _zone_of(frame: Frame, name: str) -> str | None:
    return getattr(frame.collect_schema()[name], "time_zone", None)


def _whole_periods(table: nw.DataFrame[Any], ask: Reduction, moments: Integers) -> Integers:
    """Whole number of the period of each row, since 1970."""
    local = moments
    if "local_us" in table.columns:
        local = np.asarray(table["local_us"].to_numpy(), dtype=np.int64)
    return period_numbers(local, ask.period)


def period_numbers(microseconds: Integers, period: Period) -> Integers:
    """Whole hours, days, weeks (from Monday) or months since 1970 at instants."""
    if period == "h":
        return microseconds // MICROSECONDS_AN_HOUR
    days = microseconds // MICROSECONDS_A_DAY
    if period == "D":
        return days
    if period == "W":
        return (days + 3) // 7
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _totals(
    ids: "nw.Series[Any]",
    codes: Integers,
    periods: Integers,
    moments: Integers,
    orders: Integers | None,
    spend: tuple[Integers, Integers, Floats | None],
    ask: Reduction,
) -> CustomerTotals:
    """Totals of customers with a purchase; `spend` may hold returns that `codes` does not."""
    n = len(ids)
    offset = int(periods.min(initial=0))
    keys = _distinct_sorted(codes, periods - offset)
    owner, period = keys
    n_periods = np.bincount(owner, minlength=n)
    ends = np.cumsum(n_periods)
    has = n_periods > 0
    starts = (ends - n_periods)[has]
    first = np.full(n, np.iinfo(np.int64).max)
    first[has] = period[starts] + offset
    last_period = period[ends[has] - 1] + offset
    first_us = np.full(n, np.iinfo(np.int64).max)
    last_us = np.full(n, np.iinfo(np.int64).min)
    np.minimum.at(first_us, codes, moments)
    np.maximum.at(last_us, codes, moments)
    total = first_total = None
    spend_codes, spend_periods, amounts = spend
    if amounts is not None:
        in_first = np.where(spend_periods <= first[spend_codes], amounts, 0.0)
        total = np.bincount(spend_codes, amounts, minlength=n)[has]
        first_total = np.bincount(spend_codes, in_first, minlength=n)[has]
    order_codes = codes if orders is None else _distinct_sorted(codes, orders)[0]
    return CustomerTotals(
        ids=ids if has.all() else ids[np.flatnonzero(has)],
        n_periods=n_periods[has],
        first_period=first[has],
        last_period=last_period,
        n_orders=np.bincount(order_codes, minlength=n)[has],
        first_us=first_us[has],
        last_us=last_us[has],
        total=total,
        first_total=first_total,
        sum_log_gaps=_sum_log_gaps(owner, period, n)[has] if ask.sum_log_gaps else None,
    )


def _distinct_sorted(codes: Integers, values: Integers) -> tuple[Integers, Integers]:
    """Distinct pairs of code and value (both not negative), ordered by code, then value."""
    span = int(values.max(initial=0)) + 1
    keys = codes * span
    keys += values
    keys.sort()
    fresh = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=fresh[1:])
    owner, value = np.divmod(keys[fresh], span)
    return owner, value


def _sum_log_gaps(owner: Integers, period: Integers, n: int) -> Floats:
    """Sum of the natural logs of the gaps between successive periods of each customer."""
    same = owner[1:] == owner[:-1]
    gaps = np.log((period[1:] - period[:-1])[same])
    return np.bincount(owner[1:][same], gaps, minlength=n)


def _encode(series: "nw.Series[Any]") -> tuple[Integers, "nw.Series[Any]"]:
    """Codes 0 ... k - 1 of a column and the k distinct values, in the order of the codes.

    Every missing value gets a code of its own behind the others (k counts known values only).
    """
    n = len(series)
    if n and series.dtype.is_integer() and not series.null_count():
        values = np.asarray(series.to_numpy())
        low = int(values.min())
        span = int(values.max()) - low + 1
        if span <= 4 * n + 1024:
            return _encode_small_range(series, (values - low).astype(np.int64, copy=False), span)
    codes = _factorize(series)
    known = np.flatnonzero(codes >= 0)
    n_known = int(codes.max(initial=-1)) + 1
    first = np.empty(n_known, dtype=np.int64)
    first[codes[known][::-1]] = known[::-1]
    missing = codes < 0
    if missing.any():
        codes = codes.copy()
        codes[missing] = n_known + np.arange(missing.sum())
    return codes, series[first]


def _encode_small_range(
    series: "nw.Series[Any]", shifted: Integers, span: int
) -> tuple[Integers, "nw.Series[Any]"]:
    """Codes of whole numbers 0 ... span - 1 by table look-up: no hashing."""
    last_row = np.full(span, -1)
    last_row[shifted] = np.arange(len(shifted))
    seen = last_row >= 0
    code_of = np.cumsum(seen) - 1
    return code_of[shifted], series[last_row[seen]]


def _factorize(series: "nw.Series[Any]") -> Integers:
    """Codes of values in order of first appearance, -1 where missing."""
    if find_spec("pyarrow") is not None and not series.dtype.is_integer():
        encoded = series.cast(nw.String).to_arrow().dictionary_encode()
        chunks = getattr(encoded, "chunks", [encoded])
        encoded = encoded.combine_chunks() if len(chunks) != 1 else chunks[0]
        return np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)
    import pandas as pd

    values = series.to_pandas() if series.implementation.is_pandas() else series.to_numpy()
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)


def in_id_order(totals: CustomerTotals) -> CustomerTotals:
    """Sort by the id: numbers by size, text by code point."""
    ids = totals.ids
    keyed = (ids if ids.dtype.is_integer() else ids.cast(nw.String)).alias("id").to_frame()
    order = np.asarray(keyed.with_row_index("row").sort("id")["row"].to_numpy(), dtype=np.int64)
    if (np.diff(order) == 1).all():
        return totals
    arrays = {
        name: value[order] for name, value in vars(totals).items() if isinstance(value, np.ndarray)
    }
    return replace(totals, ids=ids[order], **arrays)
