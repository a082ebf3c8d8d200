"""What an event frame holds, in two cheap looks: its schema, and one pass of counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from crmkit._frames._engines import is_pyspark
from crmkit._frames._native import Frame, eager, require_columns, wrap
from crmkit._frames._plain import PlainFrame
from crmkit._frames._plain_events import check_plain, plain_facts
from crmkit.exceptions import DataError

OWNER = "EventLog"
_EPOCH, _EPOCH_UTC = datetime(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class EventColumns:
    """Which column of an event frame plays which part; None where there is none."""

    customer: str
    when: str
    amount: str | None
    order: str | None
    item: str | None
    quantity: str | None

    def named(self) -> dict[str, str]:
        """The parts that a column plays, each with the name of its column."""
        return {part: name for part, name in vars(self).items() if name is not None}


@dataclass(frozen=True)
class EventFacts:
    """Counts over a whole event frame; amounts in the caller's currency."""

    n_rows: int
    n_null_customers: int
    n_returns: int
    n_zero_amounts: int
    n_below_min_amount: int
    returns_amount: float
    purchase_amount: float
    first_us: int
    last_us: int
    column_time_zone: str | None


def check_event_frame(data: object, columns: EventColumns) -> None:
    """Refuse what is no frame, and names that are not among its columns; reads no rows."""
    if isinstance(data, PlainFrame):
        check_plain(data, columns, OWNER)
        return
    wrap_events(data, columns)


def wrap_events(data: object, columns: EventColumns) -> Frame:
    """Wrap an event frame, checking that it is one and holds its columns."""
    frame = wrap(data, OWNER)
    require_columns(frame, {name: part for part, name in columns.named().items()}, OWNER)
    return in_utc(frame, columns.when)


def in_utc(frame: Frame, name: str) -> Frame:
    """Turn aware times of pandas to UTC: the same instants, no copy of other columns.

    Not every name of a zone of pandas is understood further on.
    """
    if frame.implementation.is_pandas():
        native = nw.to_native(frame)
        if _pandas_zone(native[name]) is not None:
            return wrap(native.assign(**{name: native[name].dt.tz_convert("UTC")}), OWNER)
    return frame


def column_time_zone(data: object, columns: EventColumns) -> str | None:
    """Name of the zone of the column of times, None if they are naive."""
    frame = wrap(data, OWNER)
    if frame.implementation.is_pandas():
        zone = _pandas_zone(nw.to_native(frame)[columns.when])
        if zone is not None:
            return str(zone)
    return getattr(frame.collect_schema()[columns.when], "time_zone", None)


def _pandas_zone(column: Any) -> Any:
    return getattr(column.dtype, "tz", None)


def event_facts(data: object, columns: EventColumns, min_amount: float | None) -> EventFacts:
    """Check an event frame and count what it holds; every fault is told in one error."""
    if isinstance(data, PlainFrame):
        return EventFacts(**plain_facts(data, columns, min_amount))
    frame = wrap_events(data, columns)
    schema_faults = list(_schema_faults(frame, columns))
    row = {} if schema_faults else _counts(frame, columns, min_amount)
    n_rows = _n_rows(frame) if schema_faults else row["n_rows"]
    if n_rows == 0:
        raise DataError(f"{OWNER}: the frame has no rows. Check the file or the filter before it.")
    _refuse(schema_faults or _value_faults(frame, columns, row), n_rows)
    if row["n_null_customers"] == n_rows:
        raise DataError(
            f"{OWNER}: all {n_rows:,} rows lack {columns.customer!r}. "
            "Without a customer id an event cannot be used: name the right column."
        )
    return EventFacts(
        n_rows=n_rows,
        **{name: int(row.get(name, 0)) for name in _COUNTED},
        returns_amount=float(row.get("returns_amount", 0.0)),
        purchase_amount=float(row.get("purchase_amount", 0.0)),
        first_us=microseconds(row["first"]),
        last_us=microseconds(row["last"]),
        column_time_zone=column_time_zone(data, columns),
    )


def count_distinct(
    data: object, columns: EventColumns, min_amount: float | None
) -> tuple[int, int, int]:
    """Number of customers, of those with a purchase, and of rows that repeat an earlier one.

    Columns of lists and of Python objects do not count: they cannot be compared everywhere.
    """
    frame = wrap_events(data, columns)
    frame, columns = _plain_names(frame, columns)
    known = frame.filter(~nw.col(columns.customer).is_null())
    bought = known.filter(~is_return(columns))
    if min_amount is not None and columns.amount is not None:
        bought = bought.filter(nw.col(columns.amount).cast(nw.Float64) >= min_amount)
    n_customers, n_buyers = (
        _n_rows(rows.select(columns.customer).unique()) for rows in (known, bought)
    )
    schema = frame.collect_schema()
    flat = [name for name, dtype in schema.items() if not dtype.is_nested() and dtype != nw.Object]
    return n_customers, n_buyers, _n_rows(frame) - _n_rows(frame.select(flat).unique())


def _plain_names(frame: Frame, columns: EventColumns) -> tuple[Frame, EventColumns]:
    """A frame of Spark with numbered columns: dots and ticks in a name mean something there."""
    if not is_pyspark(frame):
        return frame, columns
    numbered = {name: f"c{i}" for i, name in enumerate(frame.collect_schema().names())}
    parts = {part: numbered.get(name) for part, name in vars(columns).items()}
    renamed = nw.to_native(frame).toDF(*numbered.values())
    return wrap(renamed, OWNER), EventColumns(**parts)  # type: ignore[arg-type]


_COUNTED = ("n_null_customers", "n_returns", "n_zero_amounts", "n_below_min_amount")


def is_return(columns: EventColumns) -> nw.Expr:
    """Expression that tells returns: a negative amount or quantity."""
    parts = [
        nw.col(name).cast(nw.Float64) < 0
        for name in (columns.amount, columns.quantity)
        if name is not None
    ]
    if not parts:
        return nw.col(columns.customer).is_null() & False
    return parts[0] if len(parts) == 1 else parts[0] | parts[1]


def spend(columns: EventColumns) -> nw.Expr:
    """Expression of the amount; that of a return is negative, however it was written."""
    amount = nw.col(columns.amount or "").cast(nw.Float64)
    if columns.quantity is None:
        return amount
    return nw.when(is_return(columns)).then(-amount.abs()).otherwise(amount)


def _schema_faults(frame: Frame, columns: EventColumns) -> Iterator[str]:
    """Sentences about columns whose type cannot serve."""
    schema = frame.collect_schema()
    customer, when = schema[columns.customer], schema[columns.when]
    if customer.is_float():
        yield (
            f"{columns.customer!r} is {str(customer).lower()} "
            f"(first {_first(frame, columns.customer)!r}): missing ids turn numbers into floats, "
            "read it as text."
        )
    elif customer in _HUGE or not (customer.is_integer() or customer in _TEXT):
        yield (
            f"{columns.customer!r} is {customer}: customer ids must be text or whole numbers of at "
            "most 64 bits, all of one type; convert the column to text."
        )
    if when == nw.String:
        yield (
            f"{columns.when!r} is text (first {_first(frame, columns.when)!r}): parse it first, "
            f"for example pd.to_datetime(frame[{columns.when!r}], format='%Y-%m-%d')."
        )
    elif when == nw.Object:
        yield (
            f"{columns.when!r} holds mixed Python objects (naive and tz-aware times together, or "
            "dates): convert it to one datetime type first."
        )
    elif when not in (nw.Datetime, nw.Date):
        yield f"{columns.when!r} is {when}: times must be datetimes or dates."
    for name in (columns.amount, columns.quantity):
        if name is not None and not schema[name].is_numeric():
            first, cure = "", ""
            if schema[name] == nw.String:
                first = f" (first {_first(frame, name)!r})"
                cure = f", for example pd.to_numeric(frame[{name!r}])"
            told = f"{name!r} is {schema[name]}{first}"
            yield f"{told}: it must hold numbers, convert it first{cure}."


_TEXT = (nw.String, nw.Categorical, nw.Enum)
_HUGE = (nw.Int128, nw.UInt128)


def _counts(frame: Frame, columns: EventColumns, min_amount: float | None) -> dict[str, Any]:
    """One row of counts over the frame, as a dict."""
    frame, columns = _plain_names(frame, columns)
    returned = is_return(columns).fill_null(False)
    is_spark = is_pyspark(frame)

    def count(flag: nw.Expr) -> nw.Expr:  # Spark adds up numbers alone, the others flags as well
        return (flag.cast(nw.Int64) if is_spark else flag).sum()

    wanted = {
        "n_rows": nw.len(),
        "n_null_customers": count(nw.col(columns.customer).is_null()),
        "n_null_times": count(nw.col(columns.when).is_null()),
        "first": nw.col(columns.when).min(),
        "last": nw.col(columns.when).max(),
        "n_returns": count(returned),
    }
    for part in ("amount", "quantity"):
        name = getattr(columns, part)
        if name is not None:
            value = nw.col(name).cast(nw.Float64)
            wanted[f"finite_{part}"] = count(value.is_finite().fill_null(False))
            wanted[f"infinite_{part}"] = count((value.abs() == np.inf).fill_null(False))
    if columns.amount is not None:
        amount = nw.col(columns.amount).cast(nw.Float64)
        nothing = nw.lit(0.0)
        wanted["n_zero_amounts"] = count((amount == 0).fill_null(False))
        wanted["returns_amount"] = nw.when(returned).then(-amount.abs()).otherwise(nothing).sum()
        wanted["purchase_amount"] = nw.when(~returned).then(amount).otherwise(nothing).sum()
        if min_amount is not None:
            below = ~returned & (amount < float(min_amount))
            wanted["n_below_min_amount"] = count(below.fill_null(False))
    return _row(frame.select(**wanted))


def _row(frame: Frame) -> dict[str, Any]:
    return next(iter(eager(frame).iter_rows(named=True)))


def _value_faults(frame: Frame, columns: EventColumns, row: dict[str, Any]) -> Iterator[str]:
    """Sentences about values that would make a wrong number later."""
    if row["n_null_times"]:
        where = _first_row(frame, nw.col(columns.when).is_null())
        yield (
            f"{columns.when!r} is missing in {row['n_null_times']:,} rows{where}: an event "
            "without a time cannot be placed, drop or fill them."
        )
    for part in ("amount", "quantity"):
        name = getattr(columns, part)
        if name is None:
            continue
        value = nw.col(name).cast(nw.Float64)
        infinite = row[f"infinite_{part}"]
        missing = row["n_rows"] - row[f"finite_{part}"] - infinite
        if missing:
            bad = ~value.is_finite().fill_null(False) & ~(value.abs() == np.inf).fill_null(False)
            where = _first_row(frame, bad)
            yield f"{name!r} has {missing:,} NaN or missing{where}: drop or fill them."
        if infinite:
            where = _first_row(frame, (value.abs() == np.inf).fill_null(False))
            yield f"{name!r} has {infinite:,} infinite values{where}: correct or drop them."


def _first_row(frame: Frame, condition: nw.Expr) -> str:
    """Where the condition first holds; an engine without row order tells no row."""
    if isinstance(frame, nw.LazyFrame):
        return ""
    flags = np.asarray(frame.select(flag=condition)["flag"].to_numpy(), dtype=bool)
    return f" (first at row {int(flags.argmax()):,})"


def _first(frame: Frame, name: str) -> object:
    """First value of a column that is not missing, to show in a message."""
    frame, columns = _plain_names(frame, EventColumns(name, name, None, None, None, None))
    name = columns.customer
    values = eager(frame.select(name).filter(~nw.col(name).is_null()).head(1))[name].to_list()
    return values[0] if values else None


def _n_rows(frame: Frame) -> int:
    return int(_row(frame.select(n=nw.len()))["n"])


def microseconds(instant: date | datetime) -> int:
    """Microseconds since 1970: of UTC for an aware instant, of its own clock for a naive one."""
    if not isinstance(instant, datetime):
        instant = datetime(instant.year, instant.month, instant.day)
    return (instant - (_EPOCH if instant.tzinfo is None else _EPOCH_UTC)) // _MICROSECOND


def _refuse(faults: Iterable[str], n_rows: int) -> None:
    told = list(faults)
    if told:
        n = f"{len(told)} fault{'s' if len(told) > 1 else ''} in {n_rows:,} rows"
        raise DataError(f"{OWNER}: {n}. {' '.join(told)}")
