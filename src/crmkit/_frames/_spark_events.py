"""Events of a Spark frame under fixed names, as expressions of Spark SQL.

The session time zone plays no part. An instant (`timestamp`) is counted in microseconds of UTC
and shifted to the zone that was asked for; a clock on the wall (`timestamp_ntz`) and a date are
taken as they stand. Only the interface of frames is used, so that nothing asks for the engine's
own objects.
"""

from datetime import datetime, timedelta
from typing import Any

from crmkit._frames._event_facts import EventColumns, wrap_events
from crmkit._frames._reduce import (
    MICROSECONDS_A_DAY,
    MICROSECONDS_AN_HOUR,
    Period,
    Reduction,
)
from crmkit._frames._spark_frames import ticked


def spark_events(frame: Any, ask: Reduction, extra: dict[str, str] | None = None) -> Any:
    """Rows that count: customer, moment, day or period, amount, order, returned, `extra` columns.

    `extra` maps the fixed names of further columns to the caller's.
    """
    schema = wrap_events(frame, ask.columns).collect_schema()
    columns = ask.columns
    moment, known = _clock(ask, schema[columns.when])
    back = returned(columns)
    wanted = {
        "customer": ticked(columns.customer),
        "moment": moment,
        "period": period_of(moment, ask, is_instant(schema[columns.when])),
        "returned": back,
    }
    keep = [f"{ticked(columns.customer)} IS NOT NULL", known]
    if not ask.net_returns:
        keep.append(f"NOT ({back})")
    if columns.amount is not None:
        wanted["amount"] = spent(columns)
        if ask.min_amount is not None:
            least = f"{_number(columns.amount)} >= {float(ask.min_amount)!r}D"
            keep.append(f"({back} OR {least})")
    if columns.order is not None:
        wanted["order_id"] = without_nan(columns.order, schema)
    wanted |= {name: without_nan(column, schema) for name, column in (extra or {}).items()}
    named = [f"{expression} AS {name}" for name, expression in wanted.items()]
    return frame.where(" AND ".join(keep)).selectExpr(*named)


def is_instant(dtype: Any) -> bool:
    """Whether a column of times holds instants, rather than clocks on the wall or dates."""
    return getattr(dtype, "time_zone", None) is not None


def returned(columns: EventColumns) -> str:
    """Condition that tells returns: a negative amount or quantity."""
    parts = [_number(name) for name in (columns.amount, columns.quantity) if name is not None]
    return " OR ".join(f"{part} < 0" for part in parts) or "false"


def spent(columns: EventColumns) -> str:
    """Amount; that of a return is negative, however it was written."""
    amount = _number(columns.amount or "")
    if columns.quantity is None:
        return amount
    return f"CASE WHEN {returned(columns)} THEN -abs({amount}) ELSE {amount} END"


def period_of(moment: str, ask: Reduction, instant: bool) -> str:
    """Whole hours, days, weeks (from Monday) or months since 1970 of a moment, as a bigint."""
    if ask.period == "h":
        if instant:
            return _whole(f"unix_micros({moment})", MICROSECONDS_AN_HOUR)
        return f"(24 * {day_of_moment(moment, None, instant=False)} + hour({moment}))"
    day = day_of_moment(moment, ask.time_zone, instant=instant)
    return period_of_day(day, ask.period)


def period_of_day(day: str, period: Period) -> str:
    """Number of the day, week or month that holds a day."""
    if period == "W":
        return _whole(f"({day} + 3)", 7)
    if period == "M":
        date = f"date_from_unix_date(CAST({day} AS INT))"
        return f"CAST(12 * (year({date}) - 1970) + month({date}) - 1 AS BIGINT)"
    return day


def day_of_moment(moment: str, zone: str | None, *, instant: bool) -> str:
    """Local days since 1970 of a moment, as a bigint."""
    if not instant:
        return f"CAST(unix_date(CAST({moment} AS DATE)) AS BIGINT)"
    local = moment if zone is None else f"from_utc_timestamp({moment}, {text(zone)})"
    return _whole(f"unix_micros({local})", MICROSECONDS_A_DAY)


def text(value: str) -> str:
    """A value as text of Spark SQL."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def without_nan(name: str, schema: Any) -> str:
    """A column whose NaN are missing values."""
    column = ticked(name)
    return f"nanvl({column}, NULL)" if schema[name].is_float() else column


def _clock(ask: Reduction, dtype: Any) -> tuple[str, str]:
    """The moment of an event, and the condition that it lies before the cut-off."""
    column = ticked(ask.columns.when)
    if is_instant(dtype):
        return column, f"{column} < timestamp_micros({ask.as_of_us})"
    column = f"CAST({column} AS TIMESTAMP_NTZ)"
    cutoff = datetime(1970, 1, 1) + timedelta(microseconds=ask.as_of_us)
    return column, f"{column} < TIMESTAMP_NTZ '{cutoff.isoformat(' ', 'microseconds')}'"


def _number(name: str) -> str:
    return f"CAST({ticked(name)} AS DOUBLE)"


def _whole(value: str, size: int) -> str:
    """Whole sizes in a whole number, rounded down."""
    return f"(({value} - pmod({value}, {size}L)) DIV {size}L)"
