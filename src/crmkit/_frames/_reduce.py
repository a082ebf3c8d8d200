"""From events to one row per customer: what is asked, what comes out, and the in-memory route.

The in-memory route works on integers. A customer is a code, a period a whole number, and one
sorted array of ``code * span + period`` holds every distinct purchase period: its runs give
counts, first, last and gaps. Sums are weighted counts of codes. Sorting integers is the fastest
thing numpy does, so this beats a group-by of any frame library and needs few copies of a column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._frames._event_facts import EventColumns, is_return, spend, wrap_events
from crmkit._frames._id_columns import ascending
from crmkit._frames._native import Frame
from crmkit._frames._plain import PlainFrame, encoded
from crmkit._frames._plain_events import KnownEvents, plain_events
from crmkit._runs import fresh_rows

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Period = Literal["h", "D", "W", "M"]

MICROSECONDS_A_DAY = 86_400_000_000
MICROSECONDS_AN_HOUR = 3_600_000_000
LARGEST = np.int64(2**63 - 1)
ROUNDING = 1e-12
"""Share of the summed sizes below which a sum of purchases and returns is nothing but rounding."""


@dataclass(frozen=True)
class Reduction:
    """What is asked of an event frame.

    `as_of_us` is exclusive, in microseconds since 1970: UTC for an aware column. `time_zone` is
    where days begin, None for a naive column.
    """

    columns: EventColumns
    as_of_us: int
    period: Period
    time_zone: str | None
    net_returns: bool
    min_amount: float | None
    sum_log_gaps: bool


@dataclass(frozen=True)
class CustomerTotals:
    """One entry per customer with a purchase before `as_of`, in ascending order of the id.

    Periods are whole numbers since 1970; instants are microseconds as in `Reduction`.
    """

    ids: Any
    n_periods: Integers
    first_period: Integers
    last_period: Integers
    n_orders: Integers
    first_us: Integers
    last_us: Integers
    total: Floats | None
    repeat_total: Floats | None
    sum_log_gaps: Floats | None


def reduce_in_memory(data: object, ask: Reduction) -> CustomerTotals:
    """Reduce events held in memory (a lazy frame is collected, its needed columns only)."""
    known = known_events(data, ask)
    codes, ids = _encode(known.customer)
    amounts, moments = known.amount, known.us
    orders = None if known.order is None else _encode(known.order)[0]
    bought = ~known.returned if ask.net_returns else None
    periods = period_numbers(known.local, ask.period)
    del known
    money = (codes, periods, amounts)
    if bought is not None:
        codes, periods, moments = codes[bought], periods[bought], moments[bought]
        orders = None if orders is None else orders[bought]
    instants = _extremes(codes, moments, len(ids))
    del moments
    return in_id_order(_totals(ids, instants, codes, periods, orders, money, ask))


def known_events(data: Any, ask: Reduction, extra: Sequence[str] = ()) -> KnownEvents:
    """The events that count as columns; those named in `extra` beside them."""
    if isinstance(data, PlainFrame):
        return plain_events(data, ask, extra)
    named = {f"extra_{i}": nw.col(name) for i, name in enumerate(extra)}
    table = _relevant_rows(wrap_events(data, ask.columns), ask, named)
    amount = None
    if ask.columns.amount is not None:
        amount = np.asarray(table["amount"].to_numpy(), dtype=np.float64)
    us = np.asarray(table["us"].to_numpy(), dtype=np.int64)
    return KnownEvents(
        customer=table["customer"],
        us=us,
        local=_local(table, us),
        amount=amount,
        order=None if ask.columns.order is None else table["order"],
        returned=np.asarray(table["returned"].to_numpy(), dtype=bool),
        extra=[table[name] for name in named],
    )


def _relevant_rows(
    frame: Frame, ask: Reduction, extra: Mapping[str, nw.Expr] | None = None
) -> nw.DataFrame[Any]:
    """Needed columns under fixed names (and `extra` ones), without rows that must not count."""
    columns = ask.columns
    when = nw.col(columns.when)
    if frame.collect_schema()[columns.when] == nw.Date:
        when = when.cast(nw.Datetime("us"))
    wanted = {"customer": nw.col(columns.customer), "us": when.dt.timestamp("us")}
    if ask.time_zone is not None and ask.period != "h":
        local = when.dt.convert_time_zone(ask.time_zone).dt.replace_time_zone(None)
        wanted["local_us"] = local.dt.timestamp("us")
    if columns.amount is not None:
        wanted["amount"] = spend(columns)
    if columns.order is not None:
        wanted["order"] = nw.col(columns.order)
    wanted["returned"] = is_return(columns)
    wanted |= extra or {}
    keep = ~nw.col("customer").is_null() & (nw.col("us") < ask.as_of_us)
    if not ask.net_returns:
        keep &= ~nw.col("returned")
    if ask.min_amount is not None:
        keep &= nw.col("returned") | (nw.col("amount") >= float(ask.min_amount))
    table = frame.select(**wanted)
    if isinstance(table, nw.LazyFrame):
        return table.filter(keep).collect()
    kept = np.asarray(table.select(keep=keep)["keep"].to_numpy(), dtype=bool)
    return table if kept.all() else table[np.flatnonzero(kept)]


def _local(table: nw.DataFrame[Any], moments: Integers) -> Integers:
    """Microseconds that the clock on the wall shows, where it is not the clock of `moments`."""
    if "local_us" not in table.columns:
        return moments
    return np.asarray(table["local_us"].to_numpy(), dtype=np.int64)


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


def _extremes(codes: Integers, moments: Integers, n: int) -> tuple[Integers, Integers]:
    """First and last moment of each code."""
    first, last = np.full(n, LARGEST), np.full(n, -LARGEST)
    np.minimum.at(first, codes, moments)
    np.maximum.at(last, codes, moments)
    return first, last


def _totals(
    ids: Any,
    instants: tuple[Integers, Integers],
    codes: Integers,
    periods: Integers,
    orders: Integers | None,
    money: tuple[Integers, Integers, Floats | None],
    ask: Reduction,
) -> CustomerTotals:
    """Totals of customers with a purchase; `money` may hold returns that `codes` does not."""
    n = len(ids)
    offset = int(periods.min(initial=0))
    keys, span = _distinct_keys(codes, periods, offset)
    owner = keys // span
    n_periods = np.bincount(owner, minlength=n)
    gaps = _sum_log_gaps(owner, keys, n) if ask.sum_log_gaps else None
    del owner
    has = n_periods > 0
    ends = n_periods.cumsum()[has]
    bases = has.nonzero()[0] * span - offset
    first = keys[ends - n_periods[has]] - bases
    last = keys[ends - 1] - bases
    del keys
    n_orders = np.bincount(codes if orders is None else _owners(codes, orders), minlength=n)
    total, repeat_total = _sums(*money, has, first)
    return CustomerTotals(
        ids=ids if has.all() else ids[has.nonzero()[0]],
        n_periods=n_periods[has],
        first_period=first,
        last_period=last,
        n_orders=n_orders[has],
        first_us=instants[0][has],
        last_us=instants[1][has],
        total=total,
        repeat_total=repeat_total,
        sum_log_gaps=None if gaps is None else gaps[has],
    )


def _distinct_keys(codes: Integers, values: Integers, offset: int = 0) -> tuple[Integers, int]:
    """Distinct pairs of code and value as sorted keys ``code * span + value - offset``."""
    span = int(values.max(initial=0)) - offset + 1
    keys = codes * span
    keys += values
    keys -= offset
    keys.sort()
    return keys[fresh_rows(keys)], span


def _owners(codes: Integers, values: Integers) -> Integers:
    """The code of each distinct pair of code and value."""
    keys, span = _distinct_keys(codes, values)
    owners: Integers = keys // span
    return owners


def _sums(
    codes: Integers,
    periods: Integers,
    amounts: Floats | None,
    has: npt.NDArray[np.bool_],
    first: Integers,
) -> tuple[Floats | None, Floats | None]:
    """Sum of the amounts of each customer, and of those after the first period."""
    if amounts is None:
        return None, None
    n = len(has)
    first_of = np.full(n, LARGEST)
    first_of[has] = first
    late = periods > first_of[codes]
    late_codes, late_amounts = codes[late], amounts[late]
    repeat_total = _sum_by_code(late_codes, late_amounts, n)
    if late_amounts.min(initial=0.0) < 0:
        size = _sum_by_code(late_codes, np.abs(late_amounts), n)
        repeat_total[np.abs(repeat_total) <= ROUNDING * size] = 0.0
    return _sum_by_code(codes, amounts, n)[has], repeat_total[has]


def _sum_log_gaps(owner: Integers, keys: Integers, n: int) -> Floats:
    """Sum of the natural logs of the gaps between successive periods of each customer."""
    same = owner[1:] == owner[:-1]
    gaps = np.log((keys[1:] - keys[:-1])[same])
    return _sum_by_code(owner[1:][same], gaps, n)


def _sum_by_code(codes: Integers, values: Floats, n: int) -> Floats:
    return np.asarray(np.bincount(codes, values, minlength=n), dtype=np.float64)


def _encode(series: Any) -> tuple[Integers, Any]:
    """Codes 0 ... k - 1 of a column and the k distinct values, in the order of the codes.

    Every missing value gets a code of its own behind the others (k counts known values only).
    """
    if isinstance(series, np.ndarray):
        return encoded(series)
    n = len(series)
    if series.dtype.is_float():
        series = series.fill_nan(None)  # NaN is missing, in every library
    if n and series.dtype.is_integer() and not series.null_count():
        values = np.asarray(series.to_numpy())
        low = int(values.min())
        span = int(values.max()) - low + 1
        if span <= 4 * n + 1024:
            wide = values if values.dtype == np.uint64 else values.astype(np.int64, copy=False)
            return _encode_small_range(series, (wide - low).astype(np.int64, copy=False), span)
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
    if series.implementation.is_pandas() and series.dtype.is_integer():
        return np.asarray(pd.factorize(series.to_pandas())[0], dtype=np.int64)
    if find_spec("pyarrow") is not None:
        plain = series if series.dtype.is_integer() else series.cast(nw.String)
        encoded = plain.to_arrow().dictionary_encode()
        chunks = getattr(encoded, "chunks", [encoded])
        encoded = encoded.combine_chunks() if len(chunks) != 1 else chunks[0]
        return np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)
    return np.asarray(pd.factorize(np.array(series.to_list(), dtype=object))[0], dtype=np.int64)


def in_id_order(totals: CustomerTotals) -> CustomerTotals:
    """Sort by the id: numbers by size, text by code point."""
    ids = totals.ids
    if isinstance(ids, np.ndarray):  # numbered in order
        return totals
    order = ascending(ids)
    if (np.diff(order) == 1).all():
        return totals
    arrays = {
        name: value[order] for name, value in vars(totals).items() if isinstance(value, np.ndarray)
    }
    return replace(totals, ids=ids[order], **arrays)
