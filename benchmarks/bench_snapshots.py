"""Snapshots of synthetic transactions: crmkit beside hand-written queries, in one run.

    python benchmarks/bench_snapshots.py --rows 1_000_000 --rounds 5
    python benchmarks/bench_snapshots.py --rows 10_000_000 --rounds 3

38 features (recency, frequency and money; orders, days and spend in seven windows; ten statistics
of the gaps between purchase days) at one cut-off and at six, two months apart; crmkit tells the
coverage of the windows on top. Every contender gets the same events in the memory of its own
library, all take turns within each round, and the best time counts: on the clock, and in seconds
of all processors, which a busy machine disturbs less. The feature columns must agree, or the run
stops. The hand-written queries for six cut-offs make the table of purchase days with their gaps
once and read it six times. Peak memory is measured in a fresh process, as the growth over the
loaded input, and told beside the size of the result, which is part of it.
"""

import argparse
import subprocess
import sys
import time
import warnings
from itertools import product
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from bench_summarize import make_events, resident

import crmkit as ck
from crmkit.churn import RFM, Active, Gaps, NoPurchase, SnapshotBuilder, Windows

WINDOWS = (7, 14, 30, 60, 90, 180, 365)
CUTS = ["2021-11-01", "2022-01-01", "2022-03-01", "2022-05-01", "2022-07-01", "2022-09-01"]
FEATURES = [RFM(), Windows(young="coverage"), Gaps()]
CONTENDERS = ("crmkit pandas", "crmkit polars", "crmkit duckdb", "by hand duckdb", "by hand pandas")
ARRAYS = ("y", "groups", "cutoff", "label_end", "duration", "event", "ids")
MEASURED = [
    ("with_crmkit", "pandas"),
    ("with_crmkit_in_half", "pandas"),
    ("with_crmkit", "duckdb"),
    ("with_duckdb", "duckdb"),
    ("with_pandas", "pandas"),
]


def with_crmkit(frame, cuts, dtype="float64"):
    builder = SnapshotBuilder(FEATURES, NoPurchase("90D"), Active(within=None), dtype=dtype)
    return builder.build(ck.EventLog(frame), cuts)


def with_crmkit_in_half(frame, cuts):
    return with_crmkit(frame, cuts, dtype="float32")


def with_duckdb(relation, cuts):
    relation.create_view("events", replace=True)
    duckdb.execute("""
        CREATE OR REPLACE TEMP TABLE days AS
        SELECT *, day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap FROM (
            SELECT customer_id, CAST("timestamp" AS DATE) AS day, sum(amount) AS amount,
                   count(*) AS orders FROM events GROUP BY ALL)""")
    tables = [duckdb.sql(_query(cut)).df() for cut in cuts]
    return pd.concat(tables, ignore_index=True)


def _query(cut):
    day = f"DATE '{cut}'"
    windows = ",".join(
        f"""coalesce(sum(orders) FILTER (day >= {day} - {w}), 0) AS orders_{w}d,
            count(*) FILTER (day >= {day} - {w}) AS days_{w}d,
            coalesce(sum(amount) FILTER (day >= {day} - {w}), 0) AS spend_{w}d"""
        for w in WINDOWS
    )
    return f"""
    WITH known AS (SELECT * FROM days WHERE day < {day}),
    future AS (SELECT DISTINCT customer_id FROM days WHERE day >= {day} AND day < {day} + 90)
    SELECT customer_id, count(*) - 1 AS frequency, max(day) - min(day) AS recency,
        {day} - 1 - min(day) AS T,
        CASE WHEN count(*) > 1 THEN (sum(amount) - arg_min(amount, day)) / (count(*) - 1)
             ELSE 0 END AS monetary_value,
        {day} - max(day) AS days_since_last, sum(orders) AS n_orders, sum(amount) AS total_amount,
        {windows}, avg(gap) AS gap_mean, stddev_samp(gap) AS gap_sd, median(gap) AS gap_median,
        max(gap) AS gap_max, min(gap) AS gap_min, arg_max(gap, day) AS gap_last,
        stddev_samp(gap) / avg(gap) AS gap_cv, days_since_last / avg(gap) AS silence_over_gap_mean,
        days_since_last / max(gap) AS silence_over_gap_max,
        arg_max(gap, day) / avg(gap) AS gap_last_over_mean,
        CASE WHEN customer_id IN (SELECT customer_id FROM future) THEN 0 ELSE 1 END AS y
    FROM known GROUP BY customer_id ORDER BY customer_id"""


def with_pandas(frame, cuts):
    day = frame["timestamp"].dt.normalize().rename("day")
    days = frame.groupby(["customer_id", day])["amount"].agg(["sum", "size"]).reset_index()
    days.columns = ["customer_id", "day", "amount", "orders"]
    days["gap"] = days.groupby("customer_id")["day"].diff().dt.days
    return pd.concat([_pandas_at(days, pd.Timestamp(cut)) for cut in cuts], ignore_index=True)


def _pandas_at(days, cut):
    known = days[days["day"] < cut]
    by = known.groupby("customer_id")
    bounds = by["day"].agg(["min", "max", "size"])
    one = pd.Timedelta(days=1)
    out = pd.DataFrame({"frequency": bounds["size"] - 1})
    out["recency"] = (bounds["max"] - bounds["min"]) / one
    out["T"] = (cut - bounds["min"]) / one - 1
    out["total_amount"] = by["amount"].sum()
    first = known.drop_duplicates("customer_id").set_index("customer_id")["amount"]
    repeat = (out["total_amount"] - first) / out["frequency"].where(out["frequency"] > 0)
    out["monetary_value"] = repeat.fillna(0.0)
    out["days_since_last"] = (cut - bounds["max"]) / one
    out["n_orders"] = by["orders"].sum()
    for w in WINDOWS:
        recent = known[known["day"] >= cut - w * one].groupby("customer_id")
        sums = recent.agg({"orders": "sum", "day": "size", "amount": "sum"})
        sums.columns = [f"orders_{w}d", f"days_{w}d", f"spend_{w}d"]
        out = out.join(sums.reindex(out.index, fill_value=0))
    gaps = by["gap"].agg(["mean", "std", "median", "max", "min", "last"])
    gaps.columns = ["gap_mean", "gap_sd", "gap_median", "gap_max", "gap_min", "gap_last"]
    out = out.join(gaps)
    out["gap_cv"] = out["gap_sd"] / out["gap_mean"]
    out["silence_over_gap_mean"] = out["days_since_last"] / out["gap_mean"]
    out["silence_over_gap_max"] = out["days_since_last"] / out["gap_max"]
    out["gap_last_over_mean"] = out["gap_last"] / out["gap_mean"]
    later = days[(days["day"] >= cut) & (days["day"] < cut + 90 * one)]["customer_id"]
    return out.assign(y=(~out.index.isin(later)).astype(int))


INPUTS = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "duckdb": lambda frame: duckdb.from_arrow(pl.from_pandas(frame).to_arrow()),
}
BY_HAND = {"duckdb": with_duckdb, "pandas": with_pandas}


def race(frame, rounds):
    """Least seconds on the clock and of all processors, by contender and number of cut-offs."""
    inputs = {kind: convert(frame) for kind, convert in INPUTS.items()}
    best, ours = {}, {}
    for _ in range(rounds):
        for name in CONTENDERS:
            kind = name.split()[-1]
            run = with_crmkit if name.startswith("crmkit") else BY_HAND[kind]
            for cuts in (CUTS[-1:], CUTS):
                begin = np.array([time.perf_counter(), time.process_time()])
                result = run(inputs[kind], cuts)
                spent = np.array([time.perf_counter(), time.process_time()]) - begin
                key = (name, len(cuts))
                best[key] = np.minimum(spent, best.get(key, np.inf))
                agree(table(result), ours.setdefault(len(cuts), table(result)))
    return best


def table(result):
    """Features and label in pandas."""
    if isinstance(result, pd.DataFrame):
        return result
    X = result.X if isinstance(result.X, pd.DataFrame) else result.X.to_pandas()
    return X.assign(y=result.y)


def agree(result, ours):
    """Stop unless the columns of crmkit are those of the contender."""
    for name in ours.columns:
        if not name.startswith("coverage"):
            got = np.asarray(result[name], dtype=float)
            np.testing.assert_allclose(got, ours[name], rtol=1e-9, atol=1e-7, err_msg=name)


def memory(run, kind, rows, n_cuts):
    """Peak of the resident set with the loaded input, and the result, as multiples of the input."""
    code = f"import bench_snapshots as b; b.print_memory(b.{run}, {kind!r}, {rows}, {n_cuts})"
    command = [sys.executable, "-W", "ignore", "-c", code]
    out = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent)
    if out.returncode:
        sys.exit(f"the peak memory of {run} on {kind} was not measured:\n{out.stderr}")
    return map(float, out.stdout.split()[-2:])


def print_memory(run, kind, rows, n_cuts):
    """Measure in this process; Linux only, where the peak can be reset."""
    run(INPUTS[kind](make_events(1000)), CUTS[-n_cuts:])
    frame = make_events(rows)
    size = int(frame.memory_usage(index=False, deep=True).sum())
    data = INPUTS[kind](frame)
    if kind != "pandas":
        del frame
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    result = run(data, CUTS[-n_cuts:])
    peak = resident("VmHWM") - before
    held = [result]
    if not isinstance(result, pd.DataFrame):
        held = [result.X, *(pd.Series(getattr(result, name)) for name in ARRAYS)]
    print(1 + peak / size, sum(np.sum(part.memory_usage(index=False)) for part in held) / size)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    frame = make_events(args.rows)
    print(f"{args.rows:,} events, {frame['customer_id'].nunique():,} customers")
    best = race(frame, args.rounds)
    for (name, n_cuts), (clock, cpu) in best.items():
        print(f"  {name:15} {n_cuts} cut-offs {clock:7.3f} s, {cpu:7.3f} s of processors")
    for name in CONTENDERS:
        clock, cpu = best[name, 6] / best[name, 1]
        print(f"{name}: six cut-offs take {clock:.2f} times one; of processors {cpu:.2f}")
    for name, rival in product(CONTENDERS[:3], CONTENDERS[3:]):
        one, six = (best[rival, n][0] / best[name, n][0] for n in (1, 6))
        print(f"{rival} / {name}: {one:.1f} at one cut-off, {six:.1f} at six")
    for run, kind in MEASURED:
        for n_cuts in (1, 6):
            peak, held = memory(run, kind, args.rows, n_cuts)
            print(
                f"peak memory {run} on {kind}, {n_cuts} cut-offs: {peak:.2f} x the input, "
                f"of which {held:.2f} the result"
            )


if __name__ == "__main__":
    main()
