"""Summarise synthetic transactions: crmkit beside lifetimes and hand-written queries, in one run.

    python benchmarks/bench_summarize.py --rows 1_000_000 --rounds 3
    python benchmarks/bench_summarize.py --rows 10_000_000 --rounds 3

Every contender gets the same events in the memory of its own library, and all take turns within
each round; the best time of each counts. Checksums must agree, or the run stops. Peak memory is
measured once for each, in a fresh process, as the growth over the loaded input.
"""

import argparse
import subprocess
import sys
import time
import warnings
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl

import crmkit as ck

AS_OF = "2023-01-01"


def make_events(n, text_ids=False, seed=0):
    """Three years of lines, 25 a customer, amounts gamma-distributed."""
    rng = np.random.default_rng(seed)
    seconds = rng.integers(0, 3 * 365 * 86_400, n)
    ids = rng.integers(0, n // 25, n)
    return pd.DataFrame(
        {
            "customer_id": ids.astype(str) if text_ids else ids,
            "timestamp": np.datetime64("2020-01-01", "us") + seconds.astype("m8[s]"),
            "amount": np.round(rng.gamma(2.0, 10.0, n), 2),
        }
    )


def with_crmkit(frame):
    customers = ck.summarize(ck.EventLog(frame), as_of=AS_OF)
    if isinstance(customers, pl.LazyFrame):
        customers = customers.collect()
    if isinstance(customers, duckdb.DuckDBPyRelation):
        customers = customers.to_arrow_table()
    return customers["frequency"], customers["monetary_value"]


def with_lifetimes(frame):
    from lifetimes.utils import summary_data_from_transaction_data

    summary = summary_data_from_transaction_data(
        frame,
        "customer_id",
        "timestamp",
        monetary_value_col="amount",
        observation_period_end="2022-12-31",
    )
    return summary["frequency"], summary["monetary_value"]


def with_pandas(frame):
    day = frame["timestamp"].dt.normalize()
    days = frame.groupby(["customer_id", day])["amount"].sum().reset_index()
    bounds = days.groupby("customer_id")["timestamp"].agg(["min", "max", "size"])
    stamps = frame.groupby("customer_id")["timestamp"].agg(["min", "max", "size"])
    first = days.drop_duplicates("customer_id").set_index("customer_id")["amount"]
    total = days.groupby("customer_id")["amount"].sum()
    frequency = bounds["size"] - 1
    repeat = ((total - first) / frequency.where(frequency > 0)).fillna(0.0)
    return frequency, repeat, stamps


def with_polars(frame):
    """One pass of group_by over the events, one over customer days."""
    customers = (
        frame.lazy()
        .group_by("customer_id", pl.col("timestamp").dt.date().alias("day"))
        .agg(
            pl.col("amount").sum(),
            pl.len().alias("lines"),
            pl.col("timestamp").min().alias("first"),
            pl.col("timestamp").max().alias("last"),
        )
        .group_by("customer_id")
        .agg(
            (pl.len() - 1).alias("frequency"),
            pl.col("amount").sum().alias("total"),
            pl.col("amount").get(pl.col("day").arg_min()).alias("first_spend"),
            pl.col("lines").sum(),
            pl.col("first").min(),
            pl.col("last").max(),
        )
        .with_columns(
            monetary=pl.when(pl.col("frequency") > 0)
            .then((pl.col("total") - pl.col("first_spend")) / pl.col("frequency"))
            .otherwise(0.0)
        )
        .sort("customer_id")
        .collect()
    )
    return customers["frequency"], customers["monetary"]


def with_duckdb(relation):
    customers = relation.query(
        "events",
        """
        WITH days AS (
            SELECT customer_id, CAST("timestamp" AS DATE) AS day, sum(amount) AS amount,
                   count(*) AS lines, min("timestamp") AS first, max("timestamp") AS last
            FROM events GROUP BY ALL)
        SELECT customer_id, count(*) - 1 AS frequency, sum(lines), min(first), max(last),
               CASE WHEN count(*) > 1 THEN (sum(amount) - arg_min(amount, day)) / (count(*) - 1)
                    ELSE 0 END AS monetary
        FROM days GROUP BY customer_id ORDER BY customer_id""",
    ).to_arrow_table()
    return customers["frequency"], customers["monetary"]


INPUTS = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "polars lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "pyarrow": lambda frame: pl.from_pandas(frame).to_arrow(),
    "duckdb": lambda frame: duckdb.from_arrow(pl.from_pandas(frame).to_arrow()),
}
CONTENDERS = [
    ("crmkit", "pandas", with_crmkit),
    ("lifetimes", "pandas", with_lifetimes),
    ("by hand", "pandas", with_pandas),
    ("crmkit", "polars", with_crmkit),
    ("by hand", "polars", with_polars),
    ("crmkit", "polars lazy", with_crmkit),
    ("crmkit", "pyarrow", with_crmkit),
    ("crmkit", "duckdb", with_crmkit),
    ("by hand", "duckdb", with_duckdb),
]


def checksum(result):
    frequency, monetary = (np.asarray(column, dtype=float) for column in result[:2])
    return frequency.sum(), monetary.sum()


def race(frame, rounds):
    """Best seconds of each contender; every round lets all of them run in turn."""
    inputs = {kind: convert(frame) for kind, convert in INPUTS.items()}
    best, sums = {}, {}
    for _ in range(rounds):
        for name, kind, run in CONTENDERS:
            begin = time.perf_counter()
            result = run(inputs[kind])
            seconds = time.perf_counter() - begin
            best[name, kind] = min(seconds, best.get((name, kind), np.inf))
            sums[name, kind] = checksum(result)
    np.testing.assert_allclose(list(sums.values()), [sums["crmkit", "pandas"]] * len(sums))
    return best


def peak_memory(kind, name, rows):
    """Peak of the resident set above the loaded input, as a multiple of the input's size."""
    code = f"import bench_summarize as b; b.print_growth({kind!r}, {name!r}, {rows})"
    command = [sys.executable, "-W", "ignore", "-c", code]
    folder = Path(__file__).parent
    out = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=True)
    return float(out.stdout.split()[-1])


def print_growth(kind, name, rows):
    """Measure in this process; Linux only, where the peak can be reset."""
    run = next(run for n, k, run in CONTENDERS if (n, k) == (name, kind))
    run(INPUTS[kind](make_events(1000)))
    frame = make_events(rows)
    size = int(frame.memory_usage(index=False, deep=True).sum())
    data = INPUTS[kind](frame)
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    run(data)
    print((resident("VmHWM") - before) / size)


def resident(field):
    """Bytes of a field of the process status."""
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if field in row)
    return int(line.split()[1]) * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--text-ids", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    frame = make_events(args.rows, args.text_ids)
    best = race(frame, args.rounds)
    print(
        f"{args.rows:,} events, {frame['customer_id'].nunique():,} customers, best of {args.rounds}"
    )
    for (name, kind), seconds in best.items():
        print(f"  {name:10} {kind:12} {seconds:7.3f} s")
    ours = best["crmkit", "pandas"]
    print(f"lifetimes / crmkit on pandas:       {best['lifetimes', 'pandas'] / ours:.1f}")
    for kind in ("pandas", "polars", "duckdb"):
        ratio = best["crmkit", kind] / best["by hand", kind]
        print(f"crmkit / by hand on {kind + ':':15} {ratio:.2f}")
    ratio = best["crmkit", "polars lazy"] / best["by hand", "polars"]
    print(f"crmkit / by hand on polars lazy:    {ratio:.2f}")
    for name, kind in (*[("crmkit", kind) for kind in INPUTS], ("by hand", "duckdb")):
        peak = 1 + peak_memory(kind, name, args.rows)
        print(f"peak memory of {name} on {kind + ':':13} {peak:.2f} x the input, itself included")


if __name__ == "__main__":
    main()
