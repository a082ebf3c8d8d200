"""Events added up by customer and period where they lie: only what was added up is handed over.

Whatever asks a log about periods (days, weeks, months) needs no more than this of it: what a
customer bought and brought back in each, and which values of a column were met in each. DuckDB
and Spark answer by the same query; where a customer has several lines a day the answer is as many
times shorter than the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._frames._engines import is_pyspark, is_spark
from crmkit._frames._event_facts import wrap_events
from crmkit._frames._event_rows import _ranked
from crmkit._frames._id_columns import ascending
from crmkit._frames._native import require_columns, wrap
from crmkit._frames._plain import PlainFrame
from crmkit._frames._reduce import Floats, Integers, Reduction, _encode
from crmkit._frames._reduce_duckdb import period_numbers_of, relevant_events
from crmkit._frames._spark_events import spark_events


@dataclass(frozen=True, eq=False)
class Sums:
    """One entry per customer and period, ascending; `amount` is what it adds up to."""

    customer: Integers
    period: Integers
    amount: Floats | None


@dataclass(frozen=True, eq=False)
class PeriodSums:
    """Purchases and returns by customer and period, customers numbered in order of their id.

    `orders` counts, for each row of `bought`, the orders that begin there: order ids first met,
    and lines without one. `met` holds, for each further column, distinct triples of customer,
    place of the value in `values`, and period of a purchase.
    """

    ids: Any
    bought: Sums
    orders: npt.NDArray[np.int32]
    back: Sums
    met: Mapping[str, tuple[Integers, Integers, Integers]]
    values: Mapping[str, list[Any]]


def adds_up(data: object) -> bool:
    """Tell whether the engine of a frame adds its events up itself: DuckDB and Spark do."""
    if isinstance(data, (PlainFrame, pd.DataFrame)):
        return False
    given = nw.from_native(data, pass_through=True)
    if not isinstance(given, nw.LazyFrame):
        return False
    return given.implementation.is_duckdb() or is_pyspark(given)


def read_period_sums(data: Any, ask: Reduction, extra: Sequence[str], owner: str) -> PeriodSums:
    """Add up the events that a `Reduction` asks for, inside their engine, and fetch the sums."""
    require_columns(wrap(data, owner), dict.fromkeys(extra), owner)
    named = {f"extra_{i}": name for i, name in enumerate(extra)}
    events = _Events(data, ask, named)
    sums = events.fetch(_sums_by_period(ask))
    tables = [sums, *(events.fetch(_met(column)) for column in named)]
    codes, ids = _encode(nw.concat([table.select("customer") for table in tables])["customer"])
    order = ascending(ids)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    bounds = np.cumsum([len(table) for table in tables])[:-1]
    customers = np.split(place[codes], bounds)
    bought, back, orders = _parted(sums, customers[0], ask)
    met, values = {}, {}
    for name, table, customer in zip(extra, tables[1:], customers[1:], strict=True):
        found, distinct = _encode(table["value"])
        ranks = np.argsort(ascending(distinct))
        met[name] = (customer, ranks[found], _whole(table["period"]))
        values[name] = distinct[ascending(distinct)].to_list()
    return PeriodSums(ids[order], bought, orders, back, met, values)


def first_values(data: Any, ask: Reduction, column: str, owner: str) -> tuple[Any, Integers]:
    """Values of a column at first purchases, ascending, and the place of each customer's.

    Customers are in order of their id. Of several values at one instant the first counts; a
    missing one, and that of a customer without a purchase, has the place behind all.
    """
    packed = "struct_pack(a := moment, b := extra_0 IS NULL, c := extra_0)"
    if is_spark(data):
        packed = "named_struct('a', moment, 'b', extra_0 IS NULL, 'c', extra_0)"
    table = _Events(data, ask, {"extra_0": column}).fetch(
        f"""SELECT customer, min({packed}) FILTER (WHERE NOT returned) AS earliest
        FROM {EVENTS} GROUP BY customer""",
        "SELECT customer, earliest.c AS value",
    )
    values, place = _ranked(table["value"], owner)
    return values, np.where(place < 0, len(values), place)[ascending(table["customer"])]


EVENTS = "{events}"


class _Events:
    """The events of a frame under fixed names, to be asked in SQL."""

    def __init__(self, data: Any, ask: Reduction, extra: Mapping[str, str]) -> None:
        self.is_spark = is_spark(data)
        if self.is_spark:
            self.events = spark_events(data, ask, dict(extra))
            return
        self.relation = data
        schema = wrap_events(data, ask.columns).collect_schema()
        self.source = relevant_events(ask, schema, extra)
        self.period = period_numbers_of("period", ask.period)

    def fetch(self, sql: str, outer: str = "SELECT *") -> "nw.DataFrame[Any]":
        """Answer of a query about `EVENTS`, which is put into an outer one, as a table."""
        if self.is_spark:
            asked = f"{outer} FROM ({sql})"
            answer = self.events.sparkSession.sql(asked, events=self.events).toArrow()
        else:
            if " period" in sql:
                outer = f"{outer} REPLACE ({self.period} AS period)"
            asked = f"WITH events AS ({self.source}) {outer} FROM ({sql.format(events='events')})"
            answer = self.relation.query("crmkit_events", asked).to_arrow_table()
        return nw.from_native(answer, eager_only=True)


def _sums_by_period(ask: Reduction) -> str:
    """Lines, amount and orders of each customer and period, purchases apart from returns."""
    source, lines, amount = EVENTS, "count(*)", "amount"
    if ask.columns.order is not None:
        money = ", sum(amount) AS amount" if ask.columns.amount is not None else ""
        grouped = f"""SELECT customer, order_id, period, returned, count(*) AS lines {money}
            FROM {EVENTS} GROUP BY customer, order_id, period, returned"""
        source = f"""(SELECT *, CASE WHEN order_id IS NULL THEN lines WHEN period = min(period)
            OVER (PARTITION BY customer, order_id, returned) THEN 1 ELSE 0 END AS opens
            FROM ({grouped}))"""
        lines = "sum(opens)"
    money = f", sum({amount}) AS amount" if ask.columns.amount is not None else ""
    return f"""SELECT customer, period, returned, CAST({lines} AS BIGINT) AS orders {money}
        FROM {source} GROUP BY customer, period, returned"""


def _met(column: str) -> str:
    """Values of a column that were met by purchases."""
    return f"""SELECT DISTINCT customer, {column} AS value, period FROM {EVENTS}
        WHERE NOT returned AND {column} IS NOT NULL"""


def _parted(
    sums: "nw.DataFrame[Any]", customer: Integers, ask: Reduction
) -> tuple[Sums, Sums, npt.NDArray[np.int32]]:
    """Purchases, returns, and orders of the purchases, each by customer and period."""
    period = _whole(sums["period"])
    amount = None
    if ask.columns.amount is not None:
        amount = np.asarray(sums["amount"].to_numpy(), dtype=np.float64)
    returned = np.asarray(sums["returned"].to_numpy(), dtype=bool)
    order = np.lexsort((period, customer))
    parts = []
    for flags in (~returned, returned):
        rows = order[flags[order]]
        parts.append(Sums(customer[rows], period[rows], None if amount is None else amount[rows]))
    opened = np.asarray(sums["orders"].to_numpy(), dtype=np.int32)
    return parts[0], parts[1], opened[order[~returned[order]]]


def _whole(series: "nw.Series[Any]") -> Integers:
    return np.asarray(series.to_numpy(), dtype=np.int64)
