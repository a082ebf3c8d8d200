"""From events to one row per customer inside Spark: nothing but the plan leaves the driver.

The events are shuffled once, by customer; whatever follows (periods, orders, gaps) is done where
the rows of a customer lie together. The answer is a frame that has not been computed yet.
"""

from dataclasses import dataclass
from typing import Any

from crmkit._frames._event_facts import wrap_events
from crmkit._frames._reduce import ROUNDING, Reduction
from crmkit._frames._spark_events import day_of_moment, is_instant, spark_events
from crmkit._frames._spark_frames import ticked


@dataclass(frozen=True)
class Ages:
    """How a summary tells ages.

    `end` is the number of the last known period and `end_day` the local day of the cut-off;
    `per_unit` periods make a unit, None where days are told in calendar months; `log_scale` is
    the natural log of a period in units.
    """

    end: int
    end_day: int
    per_unit: float | None
    log_scale: float


def summarize_in_spark(frame: Any, ask: Reduction, ages: Ages) -> Any:
    """Customers frame of a Spark frame of events: lazy, its rows in no order."""
    events = spark_events(frame, ask)
    sql = f"""
    WITH events AS (SELECT * FROM {{events}} DISTRIBUTE BY customer),
    periods AS ({_periods(ask)}),
    customers AS ({_customers(ask)})
    SELECT {", ".join(_columns(frame, ask, ages))} FROM customers"""
    return events.sparkSession.sql(sql, events=events)


def somebody_bought(frame: Any, ask: Reduction) -> bool:
    """Whether any row that counts is a purchase; reads no more rows than it must."""
    return bool(spark_events(frame, ask).where("NOT returned").limit(1).count())


def _periods(ask: Reduction) -> str:
    """One row per customer and period."""
    bought = " FILTER (WHERE NOT returned)" if ask.net_returns else ""
    source, lines, size, first, last = "events", "count(*)", "abs(amount)", "moment", "moment"
    orders = lines
    if ask.columns.order is not None:
        source, lines, size, first, last = f"({_by_order(ask)})", "sum(lines)", "size", "a", "z"
        orders = "sum(opens)"
    money = f", sum(amount) AS spent, sum({size}) AS size" if ask.columns.amount is not None else ""
    grouped = f"""SELECT customer, period, coalesce({lines}{bought}, 0L) AS lines,
        coalesce({orders}{bought}, 0L) AS orders {money},
        min({first}){bought} AS first_at, max({last}){bought} AS last_at
        FROM {source} GROUP BY customer, period"""
    if not ask.net_returns and not ask.sum_log_gaps:
        return grouped
    return f"""SELECT *,
        min(CASE WHEN lines > 0 THEN period END) OVER (PARTITION BY customer) AS first_period,
        lag(CASE WHEN lines > 0 THEN period END) IGNORE NULLS
            OVER (PARTITION BY customer ORDER BY period) AS previous FROM ({grouped})"""


def _by_order(ask: Reduction) -> str:
    """One row per customer, order and period; an order opens once, lines without one each."""
    money = ", sum(amount) AS amount, sum(abs(amount)) AS size"
    return f"""SELECT *, CASE WHEN order_id IS NULL THEN lines WHEN period = min(period)
        OVER (PARTITION BY customer, order_id, returned) THEN 1L ELSE 0L END AS opens FROM (
            SELECT customer, order_id, period, returned, count(*) AS lines, min(moment) AS a,
            max(moment) AS z {money if ask.columns.amount is not None else ""}
            FROM events GROUP BY customer, order_id, period, returned)"""


def _customers(ask: Reduction) -> str:
    """One row per customer with a purchase."""
    bought = " FILTER (WHERE lines > 0)" if ask.net_returns else ""
    spend = ""
    if ask.columns.amount is not None:
        repeat = "sum(spent) - min_by(spent, period)"
        if ask.net_returns:
            later = "FILTER (WHERE period > first_period)"
            repeat = f"coalesce(sum(spent) {later}, 0D)"
            size = f"coalesce(sum(size) {later}, 0D)"
            repeat = f"CASE WHEN abs({repeat}) <= {ROUNDING!r}D * {size} THEN 0D ELSE {repeat} END"
        spend = f", sum(spent) AS total, {repeat} AS repeat_total"
    gaps = ", coalesce(sum(ln(period - previous)) FILTER (WHERE lines > 0), 0D) AS log_gaps"
    return f"""SELECT customer, count(*){bought} AS n_periods,
        min(period){bought} AS first_period, max(period){bought} AS last_period,
        sum(orders) AS n_orders, min(first_at) AS first_at, max(last_at) AS last_at
        {spend} {gaps if ask.sum_log_gaps else ""}
        FROM periods GROUP BY customer HAVING sum(lines) > 0"""


def _columns(frame: Any, ask: Reduction, ages: Ages) -> list[str]:
    """The columns of the customers frame, in order."""
    when = wrap_events(frame, ask.columns).collect_schema()[ask.columns.when]
    last_day = "last_period"
    if ask.period != "D":
        last_day = day_of_moment("last_at", ask.time_zone, instant=is_instant(when))
    columns = {
        ticked(ask.columns.customer).replace("{", "{{").replace("}", "}}"): "customer",
        "frequency": "n_periods - 1",
        "recency": _age("first_period", "last_period", ages),
        "T": _age("first_period", f"{ages.end}L", ages),
        "monetary_value": "CASE WHEN n_periods > 1 THEN repeat_total / (n_periods - 1) ELSE 0D END",
        "n_orders": "CAST(n_orders AS BIGINT)",
        "total_amount": "total",
        "first_purchase": "first_at",
        "last_purchase": "last_at",
        "days_since_last": f"{ages.end_day}L - {last_day}",
        "sum_log_gaps": f"log_gaps + (n_periods - 1) * CAST('{ages.log_scale!r}' AS DOUBLE)",
    }
    if ask.columns.amount is None:
        del columns["monetary_value"], columns["total_amount"]
    if not ask.sum_log_gaps:
        del columns["sum_log_gaps"]
    return [f"{expression} AS {name}" for name, expression in columns.items()]


def _age(start: str, end: str, ages: Ages) -> str:
    """Time from one period to another, in units."""
    if ages.per_unit is None:
        return f"{_month_position(end)} - {_month_position(start)}"
    return f"CAST({end} - {start} AS DOUBLE) / {float(ages.per_unit)!r}D"


def _month_position(day: str) -> str:
    """Where a day since 1970 lies on the axis of calendar months."""
    date = f"date_from_unix_date(CAST({day} AS INT))"
    months = f"(12 * (year({date}) - 1970) + month({date}) - 1)"
    return f"({months} + CAST(day({date}) - 1 AS DOUBLE) / day(last_day({date})))"
