"""Events to customers beside plain SQL: crmkit's way through Spark and DuckDB, and raw queries.

Run: python benchmarks/bench_spark.py [--rows 10000000] [--rounds 3] [--cores 2] [--memory 4g]
         [--table docs/guide/scale/events.inc]

The events are made by Spark and written as parquet files to a temporary folder, so that every way
reads the same. In each round the ways take turns in the same order. CPU seconds are those of this
process and of Spark's Java process; ratios are of the medians. "checks" is the one pass over the
log that counts and refuses, which the raw queries do without.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
from _recommend_text import table

import crmkit as ck

AS_OF = "2025-01-01"
RAW = """
WITH days AS (
    SELECT customer_id, CAST(timestamp AS DATE) AS day, count(*) AS n, sum(amount) AS spent,
        min(timestamp) AS a, max(timestamp) AS z
    FROM {events}
    WHERE customer_id IS NOT NULL AND amount >= 0
        AND timestamp < TIMESTAMP_NTZ '2025-01-01 00:00:00'
    GROUP BY customer_id, CAST(timestamp AS DATE))
SELECT customer_id, count(*) - 1 AS frequency,
    CAST({days} AS DOUBLE) AS recency,
    CAST({age} AS DOUBLE) AS T,
    CASE WHEN count(*) > 1 THEN (sum(spent) - min_by(spent, day)) / (count(*) - 1) ELSE 0 END
        AS monetary_value,
    sum(n) AS n_orders, sum(spent) AS total_amount, min(a) AS first_purchase,
    max(z) AS last_purchase, {since} AS days_since_last
FROM days GROUP BY customer_id"""
RAW_ORDERS = """
SELECT summary.*, orders.n_distinct FROM ({raw}) AS summary JOIN (
    SELECT customer_id, count(DISTINCT order_id) AS n_distinct FROM {events}
    WHERE customer_id IS NOT NULL AND amount >= 0
        AND timestamp < TIMESTAMP_NTZ '2025-01-01 00:00:00'
    GROUP BY customer_id) AS orders ON summary.customer_id = orders.customer_id"""
SPARK_DAYS = {
    "days": "datediff(max(day), min(day))",
    "age": "datediff(DATE '2024-12-31', min(day))",
    "since": "datediff(DATE '2025-01-01', max(day))",
}
DUCKDB_DAYS = {
    "days": "max(day) - min(day)",
    "age": "DATE '2024-12-31' - min(day)",
    "since": "DATE '2025-01-01' - max(day)",
}
SUMS = [
    f"sum({name}) AS {name}"
    for name in ("frequency", "recency", "T", "monetary_value", "n_orders", "days_since_last")
]
EVENTS = """
SELECT concat('c', pmod(xxhash64(id, 1), {customers})) AS customer_id,
    CAST(date_add(DATE '2022-01-01', CAST(pmod(xxhash64(id, 2), 1096) AS INT)) AS TIMESTAMP_NTZ)
        + make_dt_interval(0, 0, 0, CAST(pmod(xxhash64(id, 3), 86400) AS DECIMAL(18, 6)))
        AS timestamp,
    CASE WHEN pmod(xxhash64(id, 4), 50) = 0 THEN -1 ELSE 1 END
        * pmod(xxhash64(id, 5), 10000) / 100D AS amount,
    pmod(xxhash64(id, 6), {orders}) AS order_id
FROM range({rows})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="4g")
    parser.add_argument("--table", type=Path)
    given = parser.parse_args()
    spark = session(given.cores, given.memory)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "events")
        spark.sql(
            EVENTS.format(rows=given.rows, customers=given.rows // 20, orders=given.rows // 2)
        ).write.parquet(path)
        print(f"{given.rows:,} events of {given.rows // 20:,} customers, {given.cores} threads")
        ways = spark_ways(spark, path) | duckdb_ways(path, given.cores)
        cost = measured(ways, given.rounds, java_process(spark))
    rows = beside_raw(cost)
    for name, seconds, ratio in rows:
        print(f"{name:32} {seconds:8.2f} CPU s   {ratio:5.2f} x raw SQL")
    if given.table is not None:
        given.table.write_text(as_table(rows, given.rows), encoding="utf-8")


def beside_raw(cost: dict[str, float]) -> list[tuple[str, float, float]]:
    """Each way, its seconds, and these over those of the like query in SQL."""
    rows = []
    for name, seconds in cost.items():
        engine, orders = name.partition(":")[0], ", order ids" if "order ids" in name else ""
        rows.append((name, seconds, seconds / cost[f"{engine}: raw SQL{orders}"]))
    return rows


def as_table(rows: list[tuple[str, float, float]], n: int) -> str:
    """The same as a table of the guide."""
    head = ["way", "CPU s a million events", "beside the like SQL"]
    told = [[name, f"{s / n * 1e6:.2f}", f"{ratio:.2f}"] for name, s, ratio in rows]
    made = table(f"Events to customers: {n:,} events of {n // 20:,} customers", [head, *told])
    return f".. Made by: python benchmarks/bench_spark.py --rows {n} --table ...\n\n{made}"


def session(cores: int, memory: str):
    """A local session of Spark."""
    settings = {"spark.sql.shuffle.partitions": 4 * cores}
    made = ck.scale.local_session(cores, memory, settings=settings)
    made.sparkContext.setLogLevel("ERROR")
    return made


def spark_ways(spark, path: str) -> dict:
    """What is done in Spark, by name; answers are computed and thrown away."""
    events = spark.read.parquet(path)
    log = ck.EventLog(events)
    by_order = ck.EventLog(events, order="order_id")
    _ = log.facts, by_order.facts

    raw, raw_orders = raw_queries("{events}", SPARK_DAYS)
    check_answers(
        spark.sql(raw, events=events).selectExpr(*SUMS).toArrow(),
        ck.summarize(log, AS_OF).selectExpr(*SUMS).toArrow(),
    )
    return {
        "spark: raw SQL": lambda: throw_away(spark.sql(raw, events=events)),
        "spark: crmkit": lambda: throw_away(ck.summarize(log, AS_OF)),
        "spark: raw SQL, order ids": lambda: throw_away(spark.sql(raw_orders, events=events)),
        "spark: crmkit, order ids": lambda: throw_away(ck.summarize(by_order, AS_OF)),
        "spark: checks": lambda: ck.EventLog(events).facts,
    }


def duckdb_ways(path: str, cores: int) -> dict:
    """What is done in DuckDB, by name; the answers are fetched."""
    connection = duckdb.connect(config={"threads": cores})
    events = connection.read_parquet(f"{path}/*.parquet")
    log = ck.EventLog(events)
    by_order = ck.EventLog(events, order="order_id")
    _ = log.facts, by_order.facts
    raw, raw_orders = raw_queries("events", DUCKDB_DAYS)
    raw, raw_orders = (
        f"{query.replace('TIMESTAMP_NTZ', 'TIMESTAMP')} ORDER BY 1" for query in (raw, raw_orders)
    )
    check_answers(
        events.query("events", raw).aggregate(", ".join(SUMS)).to_arrow_table(),
        ck.summarize(log, AS_OF).aggregate(", ".join(SUMS)).to_arrow_table(),
    )
    return {
        "duckdb: raw SQL": lambda: events.query("events", raw).to_arrow_table(),
        "duckdb: crmkit": lambda: ck.summarize(log, AS_OF).to_arrow_table(),
        "duckdb: raw SQL, order ids": lambda: events.query("events", raw_orders).to_arrow_table(),
        "duckdb: crmkit, order ids": lambda: ck.summarize(by_order, AS_OF).to_arrow_table(),
        "duckdb: checks": lambda: ck.EventLog(events).facts,
    }


def raw_queries(events: str, days: dict[str, str]) -> tuple[str, str]:
    """The summary in SQL, without and with distinct order ids."""
    raw = RAW.format(events=events, **days)
    plain = raw if events == "{events}" else raw.replace("min_by(", "arg_min(")
    return plain, RAW_ORDERS.format(raw=plain, events=events)


def check_answers(raw, ours) -> None:
    """Stop if the ways do not agree."""
    for name in raw.column_names:
        one, other = float(raw[name][0].as_py()), float(ours[name][0].as_py())
        if abs(one - other) > 1e-9 * abs(one):
            raise SystemExit(f"{name}: {one} by raw SQL, {other} by crmkit")


def throw_away(frame) -> None:
    frame.write.format("noop").mode("overwrite").save()


def measured(ways: dict, rounds: int, java: int) -> dict[str, float]:
    """Median CPU seconds of each way; a first round warms up and does not count."""
    cost: dict[str, list[float]] = {name: [] for name in ways}
    for lap in range(rounds + 1):
        for name, way in ways.items():
            before = time.process_time() + cpu_seconds(java)
            way()
            spent = time.process_time() + cpu_seconds(java) - before
            if lap:
                cost[name].append(spent)
    return {name: statistics.median(seconds) for name, seconds in cost.items()}


def java_process(spark) -> int:
    return spark.sparkContext._gateway.proc.pid


def cpu_seconds(process: int) -> float:
    """CPU seconds that a process has used so far (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
