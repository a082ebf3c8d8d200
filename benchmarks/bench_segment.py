"""Segments of synthetic transactions: crmkit beside hand-written queries, in one run.

    python benchmarks/bench_segment.py movement --rows 1_000_000 --rounds 3
    python benchmarks/bench_segment.py movement --rows 10_000_000 --rounds 3
    python benchmarks/bench_segment.py clusters --rows 1_000_000 --rounds 3

Part `movement`: who is in which of eight RFM segments on the first of twelve months, the moves
between each two of them, and a cohort table of monthly retention. The segmenter is fitted before,
to the first date; the queries of polars read its edges. Everybody gets the same events, all take
turns within each round, and the best time of each counts: on the clock, and in seconds of all
processors, which a busy machine disturbs less. All numbers must be equal, or the run stops. Of the
two ways to write the moves in polars (twelve filtered group-bys, or one group-by with a filter in
every aggregate) the faster one counts.

Part `clusters`: six segments of customers (`--rows` of them) by k-means on ten skewed columns,
from a frame: BehaviourSegmenter with names, rules and profile beside a pipeline of scikit-learn
(logarithm, StandardScaler, KMeans) with its default of one start, and with the ten starts that
BehaviourSegmenter makes on a part of the customers. What is left between points and centres must
not be more than 1 % above the pipeline's.
"""

import argparse
import time
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
from bench_summarize import make_events
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import crmkit as ck
from crmkit.segment import BehaviourSegmenter, RFMSegmenter, cohort_table, migration_matrix

DATES = [f"2022-{month:02d}-01" for month in range(1, 13)]
END = "2022-12-31"


def moves_of_crmkit(frame, segmenter):
    return migration_matrix(segmenter, ck.EventLog(frame), DATES).counts


def cohorts_of_crmkit(frame):
    return cohort_table(ck.EventLog(frame), measure="customers", as_of=END).values


def segment(segmenter, date):
    """Number of the segment from the columns last, orders and money, by the frozen edges."""
    edges, limits = segmenter.scorer_.edges_, segmenter.thresholds_
    since = (pl.lit(date).str.to_date() - pl.col("last").dt.date()).dt.total_days()
    r = 1 + pl.sum_horizontal((since <= e).cast(pl.Int8) for e in edges["recency"])
    f = 1 + pl.sum_horizontal((pl.col("orders") >= e).cast(pl.Int8) for e in edges["frequency"])
    m = 1 + pl.sum_horizontal((pl.col("money") >= e).cast(pl.Int8) for e in edges["monetary"])
    low = [(x <= limit).cast(pl.Int8) for x, limit in zip((r, f, m), limits, strict=True)]
    return (1 + 4 * low[2] + 2 * low[0] + low[1]).cast(pl.Int8)


def moves_by_twelve_group_bys(frame, segmenter):
    named = [
        frame.lazy()
        .filter(pl.col("timestamp") < pl.lit(date).str.to_datetime())
        .group_by("customer_id")
        .agg(
            pl.col("timestamp").max().alias("last"),
            pl.len().alias("orders"),
            pl.col("amount").sum().alias("money"),
        )
        .select("customer_id", segment(segmenter, date).alias(date))
        for date in DATES
    ]
    pairs = [
        after.join(before, on="customer_id", how="left").group_by(a, b).len()
        for (a, before), (b, after) in pairwise(zip(DATES, named, strict=True))
    ]
    return counted(pl.collect_all(pairs))


def moves_by_one_group_by(frame, segmenter):
    parts = []
    for date in DATES:
        known = pl.col("timestamp") < pl.lit(date).str.to_datetime()
        parts += [
            pl.col("timestamp").filter(known).max().alias(f"last {date}"),
            known.sum().alias(f"orders {date}"),
            pl.col("amount").filter(known).sum().alias(f"money {date}"),
        ]
    wide = frame.lazy().group_by("customer_id").agg(parts).collect().lazy()
    named = []
    for date in DATES:
        renamed = [pl.col(f"{n} {date}").alias(n) for n in ("last", "orders", "money")]
        state = pl.when(pl.col("orders") > 0).then(segment(segmenter, date)).alias(date)
        named.append(wide.select(renamed).select(state))
    table = pl.concat(pl.collect_all(named), how="horizontal").lazy()
    pairs = [table.filter(pl.col(b).is_not_null()).group_by(a, b).len() for a, b in pairwise(DATES)]
    return counted(pl.collect_all(pairs))


def counted(pairs):
    """Counts as crmkit has them, from long tables of before, after and customers."""
    counts = np.zeros((len(pairs), 9, 9), dtype=np.int64)
    for i, pair in enumerate(pairs):
        before, after, n = (column.fill_null(0).to_numpy() for column in pair)
        counts[i, before, after] = n
    return counts


def cohorts_by_hand(frame):
    month = pl.col("timestamp").dt.year() * 12 + pl.col("timestamp").dt.month() - 1
    cells = (
        frame.lazy()
        .filter(pl.col("timestamp") < pl.lit(END).str.to_datetime())
        .select("customer_id", month.cast(pl.Int32).alias("month"))
        .unique()
        .with_columns(pl.col("month").min().over("customer_id").alias("cohort"))
        .group_by("cohort", (pl.col("month") - pl.col("cohort")).alias("age"))
        .len()
        .collect()
    )
    cohort = cells["cohort"].to_numpy() - cells["cohort"].min()
    n, n_ages = cohort.max() + 1, cells["age"].max() + 1
    values = np.zeros((n, n_ages))
    values[cohort, cells["age"].to_numpy()] = cells["len"].to_numpy()
    values[np.add.outer(np.arange(n), np.arange(n_ages)) >= n_ages] = np.nan
    return values


def movement(rows, rounds):
    """Race the moves and the cohorts; ratios to the faster query by hand."""
    events = make_events(rows)
    events["amount"] = np.rint(100 * events["amount"])  # sums of whole cents have one answer
    inputs = {"polars": pl.from_pandas(events), "pandas": events}
    frame = inputs["polars"]
    first = ck.summarize(ck.EventLog(frame), as_of=DATES[0])
    segmenter = RFMSegmenter("cube8").fit(first)
    moves = {
        "crmkit polars": lambda: moves_of_crmkit(frame, segmenter),
        "crmkit pandas": lambda: moves_of_crmkit(events, segmenter),
        "12 group-bys": lambda: moves_by_twelve_group_bys(frame, segmenter),
        "one group-by": lambda: moves_by_one_group_by(frame, segmenter),
    }
    cohorts = {
        "crmkit polars": lambda: cohorts_of_crmkit(frame),
        "crmkit pandas": lambda: cohorts_of_crmkit(events),
        "by hand": lambda: cohorts_by_hand(frame),
    }
    print(f"{rows:,} events, {events['customer_id'].nunique():,} customers, best of {rounds}")
    best = [race(contenders, rounds) for contenders in (moves, cohorts)]
    for task, found in zip(("moves", "cohorts"), best, strict=True):
        for name, (clock, cpu) in found.items():
            print(f"  {task:8} {name:14} {clock:7.3f} s, {cpu:7.3f} s of processors")
    by_hand = [np.minimum.reduce([t for k, t in b.items() if "crmkit" not in k]) for b in best]
    for kind in inputs:
        ours = [b[f"crmkit {kind}"] for b in best]
        ratios = [*zip(ours, by_hand, strict=True), (sum(ours), sum(by_hand))]
        for task, (a, b) in zip(("moves", "cohorts", "both"), ratios, strict=True):
            clock, cpu = a / b
            print(f"crmkit {kind} / by hand, {task}: {clock:.2f}; of processors {cpu:.2f}")


def race(contenders, rounds):
    """Least seconds on the clock and of all processors; all answers must be equal."""
    best, answer = {}, None
    for _ in range(rounds):
        for name, run in contenders.items():
            begin = np.array([time.perf_counter(), time.process_time()])
            found = run()
            spent = np.array([time.perf_counter(), time.process_time()]) - begin
            best[name] = np.minimum(spent, best.get(name, np.inf))
            answer = found if answer is None else answer
            np.testing.assert_array_equal(found, answer, err_msg=name)
    return best


def make_customers(n):
    """Ten skewed columns of three hidden traits."""
    rng = np.random.default_rng(0)
    traits = rng.normal(size=(n, 3)) @ rng.normal(0.0, 0.6, (3, 10))
    values = np.exp(traits + rng.normal(0.0, 0.7, (n, 10)) + 3.0)
    return pd.DataFrame(values, columns=[f"column_{j}" for j in range(10)])


def pipeline(starts):
    return make_pipeline(
        FunctionTransformer(np.log1p), StandardScaler(), KMeans(6, n_init=starts, random_state=0)
    )


def left_over(labels, points):
    """Sum of squared distances to the mean of the own cluster."""
    sizes = np.bincount(labels)[:, None]
    sums = np.stack([np.bincount(labels, column) for column in points.T], axis=1)
    return (points**2).sum() - (sums**2 / sizes).sum()


def clusters(rows, rounds):
    """Race k-means with everything around it; ratios to scikit-learn."""
    customers = make_customers(rows)
    points = StandardScaler().fit_transform(np.log1p(customers.to_numpy()))
    contenders = {
        "crmkit": lambda: BehaviourSegmenter(n_segments=6).fit(customers).labels_,
        "one start": lambda: pipeline(1).fit(customers)[-1].labels_,
        "ten starts": lambda: pipeline(10).fit(customers)[-1].labels_,
    }
    best, left = {}, {}
    for _ in range(rounds):
        for name, run in contenders.items():
            begin = np.array([time.perf_counter(), time.process_time()])
            labels = run()
            spent = np.array([time.perf_counter(), time.process_time()]) - begin
            best[name] = np.minimum(spent, best.get(name, np.inf))
            left[name] = left_over(labels, points)
    print(f"{rows:,} customers, 10 columns, 6 segments, best of {rounds}")
    for name, (clock, cpu) in best.items():
        gap = left[name] / left["ten starts"] - 1.0
        print(f"  {name:10} {clock:7.3f} s, {cpu:7.3f} s of processors, left over {gap:+.2%}")
    assert left["crmkit"] < 1.01 * left["ten starts"]
    for name in ("one start", "ten starts"):
        clock, cpu = best["crmkit"] / best[name]
        print(f"crmkit / scikit-learn, {name}: {clock:.2f}; of processors {cpu:.2f}")


PARTS = {"movement": movement, "clusters": clusters}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    PARTS[args.part](args.rows, args.rounds)


if __name__ == "__main__":
    main()
