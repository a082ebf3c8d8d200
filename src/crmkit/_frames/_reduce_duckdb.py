"""From events to one row per customer inside DuckDB: the events stay where they are.

The session time zone plays no part: instants become UTC microseconds, and days begin in the zone
that was asked for, whatever the connection believes. Amounts become DOUBLE before they are
summed, so that neither integers overflow nor sums turn into decimals.
"""

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from crmkit._frames._event_facts import wrap_events
from crmkit._frames._native import quoted
from crmkit._frames._reduce import (
    MICROSECONDS_AN_HOUR,
    ROUNDING,
    CustomerTotals,
    Period,
    Reduction,
    in_id_order,
)


def reduce_in_duckdb(relation: Any, ask: Reduction) -> CustomerTotals:
    """Reduce a duckdb relation of events: only one row per customer leaves the engine."""
    schema = wrap_events(relation, ask.columns).collect_schema()
    sql = f"""
    WITH events AS ({relevant_events(ask, schema)}),
    periods AS ({_periods(ask)}),
    customers AS ({_customers(ask)})
    {_with_orders(ask)}
    """
    table = nw.from_native(relation.query("crmkit_events", sql).to_arrow_table(), eager_only=True)
    columns: dict[str, Any] = {"total": None, "repeat_total": None, "sum_log_gaps": None}
    columns |= {name: np.asarray(table[name].fill_null(0).to_numpy()) for name in table.columns[1:]}
    size = columns.pop("repeat_size", None)
    if size is not None:
        rounding = np.abs(columns["repeat_total"]) <= ROUNDING * size
        columns["repeat_total"] = np.where(rounding, 0.0, columns["repeat_total"])
    return in_id_order(CustomerTotals(ids=table["customer"], **columns))


def relevant_events(ask: Reduction, schema: Any, extra: Mapping[str, str] | None = None) -> str:
    """One row per event that counts, under fixed names; `extra` maps further ones to columns."""
    columns = ask.columns
    when, local, known = _clocks(ask, schema[columns.when])
    parts = [quoted(part) for part in (columns.amount, columns.quantity) if part is not None]
    returned = " OR ".join(f"{part} < 0" for part in parts) or "false"
    keep = [f"{quoted(columns.customer)} IS NOT NULL", known]
    if not ask.net_returns:
        keep.append(f"NOT ({returned})")
    amount = "NULL" if columns.amount is None else f"CAST({quoted(columns.amount)} AS DOUBLE)"
    if ask.min_amount is not None:
        keep.append(f"({returned} OR {amount} >= CAST({float(ask.min_amount)!r} AS DOUBLE))")
    signed = f"CASE WHEN {returned} THEN -abs({amount}) ELSE {amount} END"
    order = ""
    if columns.order is not None:
        order = f"{_without_nan(columns.order, schema)} AS order_id,"
    for name, column in (extra or {}).items():
        order += f" {_without_nan(column, schema)} AS {name},"
    return f"""SELECT {quoted(columns.customer)} AS customer, {when} AS moment, {order}
        {amount if len(parts) < 2 else signed} AS amount,
        {_period_key(local, ask.period)} AS period, ({returned}) AS returned
        FROM crmkit_events WHERE {" AND ".join(keep)}"""


def _without_nan(name: str, schema: Any) -> str:
    """A column whose NaN are missing values."""
    column = quoted(name)
    return f"CASE WHEN NOT isnan({column}) THEN {column} END" if schema[name].is_float() else column


def _clocks(ask: Reduction, dtype: Any) -> tuple[str, str, str]:
    """The instant of an event, the clock where days begin, and whether it is known, as SQL."""
    column = quoted(ask.columns.when)
    if getattr(dtype, "time_zone", None) is not None:
        zone = "UTC" if ask.period == "h" or ask.time_zone is None else ask.time_zone
        local = f"timezone({_text(zone)}, {column})"
        return column, local, f"epoch_us({column}) < {ask.as_of_us}"
    if getattr(dtype, "time_unit", None) == "ns":  # a cast would round up across a cut-off
        ns = f"epoch_ns({column})"
        column = f"make_timestamp(({ns} - (({ns} % 1000 + 1000) % 1000)) // 1000)"
    else:
        column = f"CAST({column} AS TIMESTAMP)"
    return column, column, f"{column} < make_timestamp({ask.as_of_us})"


def _periods(ask: Reduction) -> str:
    """One row per customer and period."""
    bought = " FILTER (NOT returned)" if ask.net_returns else ""
    size = ", sum(abs(amount)) AS size" if ask.net_returns else ""
    grouped = f"""SELECT customer, period, count(*){bought} AS lines, sum(amount) AS spent {size},
        min(moment){bought} AS first_at, max(moment){bought} AS last_at
        FROM events GROUP BY customer, period"""
    if not ask.net_returns and not ask.sum_log_gaps:
        return grouped
    return f"""SELECT *,
        min(period) FILTER (lines > 0) OVER (PARTITION BY customer) AS first_period,
        lag(CASE WHEN lines > 0 THEN period END IGNORE NULLS)
            OVER (PARTITION BY customer ORDER BY period) AS previous FROM ({grouped})"""


def _customers(ask: Reduction) -> str:
    """One row per customer with a purchase."""
    bought = " FILTER (lines > 0)" if ask.net_returns else ""
    spend = ""
    if ask.columns.amount is not None and ask.net_returns:
        later = "FILTER (period > first_period)"
        spend = f""", sum(spent) AS total, coalesce(sum(spent) {later}, 0) AS repeat_total,
            coalesce(sum(size) {later}, 0) AS repeat_size"""
    elif ask.columns.amount is not None:
        spend = ", sum(spent) AS total, sum(spent) - arg_min(spent, period) AS repeat_total"
    gap = f"{period_numbers_of('period', ask.period)} - {period_numbers_of('previous', ask.period)}"
    gaps = f", sum(ln({gap})) FILTER (lines > 0) AS sum_log_gaps"
    first, last = (
        period_numbers_of(f"({bound}(period){bought})", ask.period) for bound in ("min", "max")
    )
    return f"""SELECT customer, count(*){bought} AS n_periods, {first} AS first_period,
        {last} AS last_period, CAST(sum(lines) AS BIGINT) AS n_orders,
        epoch_us(min(first_at)) AS first_us, epoch_us(max(last_at)) AS last_us
        {spend} {gaps if ask.sum_log_gaps else ""}
        FROM periods GROUP BY customer HAVING sum(lines) > 0"""


def _with_orders(ask: Reduction) -> str:
    """The customers, their orders counted by the order id where there is one."""
    if ask.columns.order is None:
        return "SELECT * FROM customers"
    return """SELECT customers.* EXCLUDE (n_orders), orders.n_orders FROM customers JOIN (
        SELECT customer, count(DISTINCT order_id) + count(*) FILTER (order_id IS NULL) AS n_orders
        FROM events WHERE NOT returned GROUP BY customer) AS orders USING (customer)"""


def _period_key(local: str, period: Period) -> str:
    """The begin of the period that holds a timestamp, as SQL: cheap to group by."""
    if period == "D":
        return f"CAST({local} AS DATE)"
    part = {"h": "hour", "W": "week", "M": "month"}[period]
    return f"CAST(date_trunc('{part}', {local}) AS {'TIMESTAMP' if period == 'h' else 'DATE'})"


def period_numbers_of(key: str, period: Period) -> str:
    """Whole hours, days, weeks (from Monday) or months since 1970 of the begin of a period."""
    if period == "h":
        return f"(epoch_us({key}) // {MICROSECONDS_AN_HOUR})"
    if period == "M":
        return f"(12 * (year({key}) - 1970) + month({key}) - 1)"
    days = f"({key} - DATE '1970-01-01')"
    return days if period == "D" else f"(({days} + 3) // 7)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
