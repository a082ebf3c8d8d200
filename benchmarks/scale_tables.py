"""Tables of the guide "When one machine is not enough": what each way costs, and what it changes.

    python benchmarks/scale_tables.py sample [folder]    parameters learnt from a part of customers
    python benchmarks/scale_tables.py match [folder]     duplicates in SQL beside one machine
    python benchmarks/scale_tables.py predict [folder]   predictions by Spark beside one machine
    python benchmarks/scale_tables.py serve [folder]     descriptions, offers and factors by Spark

Each writes its `.inc` file into the folder (default docs/guide/scale). Seconds are of all
processors: of this process and, for Spark, of its Java process and its workers, after one run
that is not counted, since a session begins slowly.
"""

import atexit
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from _recommend_text import table

import crmkit as ck
from crmkit import scale
from crmkit.cleaning import Deduplicator
from crmkit.clv import BetaGeoModel
from crmkit.datasets import make_customers
from crmkit.metrics import pairwise_scores
from crmkit.pipelines import CustomerValuePipeline
from crmkit.recommend import ALS, EASE

HERE = Path(__file__).parent
PARAMETERS = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}  # of the CDNOW customers, weeks
CUSTOMERS, PARTS, REPEATS = 1_000_000, (0.1, 0.01, 0.001), 10
PEOPLE, SEED = 160_000, 901
ROWS = 2_000_000
EVENTS, ITEMS, TASTES, BUCKETS = (250_000, 1_000_000), 2_000, 40, 16
AS_OF = "2024-10-01"


def main(what: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    made = {"sample": sampled, "match": matched, "predict": predicted, "serve": served}[what]()
    head = f".. Made by: python benchmarks/scale_tables.py {what}\n\n"
    (folder / f"{what}.inc").write_text(head + made, encoding="utf-8")
    print(made)


def sampled() -> str:
    """How far parameters and forecasts of a part are from those of all customers."""
    random = np.random.default_rng(0)
    customers = simulated(CUSTOMERS, random)
    began = time.process_time()
    whole = BetaGeoModel().fit(customers)
    rows = [["customers learnt from", "CPU s of a fit", *PARAMETERS, "forecast of all, 52 weeks"]]
    total = whole.predict(customers, 52.0).sum()
    cost = time.process_time() - began
    truth = [f"{whole.params_[name]:.3f}" for name in PARAMETERS]
    rows.append([f"all {len(customers):,}", f"{cost:.2f}", *truth, f"{total:,.0f} purchases"])
    for part in PARTS:
        n, off, seconds = int(part * len(customers)), [], 0.0
        for _ in range(REPEATS):
            drawn = customers.iloc[random.choice(len(customers), n, replace=False)]
            began = time.process_time()
            model = BetaGeoModel().fit(drawn)
            seconds += (time.process_time() - began) / REPEATS
            found = [model.params_[name] / whole.params_[name] - 1.0 for name in PARAMETERS]
            off.append([*found, model.predict(customers, 52.0).sum() / total - 1.0])
        typical = np.sqrt(np.mean(np.square(off), axis=0))
        rows.append([f"{part:.1%}: {n:,}", f"{seconds:.2f}", *(f"± {x:.1%}" for x in typical)])
    return table("What a part of the customers teaches (typical distance from all)", rows)


def simulated(n: int, random: np.random.Generator) -> pd.DataFrame:
    """Customers of a BG/NBD, watched for 20 to 60 weeks, as `summarize` would tell them."""
    rate = random.gamma(PARAMETERS["r"], 1.0 / PARAMETERS["alpha"], n)
    leave = random.beta(PARAMETERS["a"], PARAMETERS["b"], n)
    age = random.integers(140, 420, n) / 7.0
    x, last, alive = np.zeros(n, dtype=np.int64), np.zeros(n), np.arange(n)
    while len(alive):
        when = last[alive] + random.exponential(1.0, len(alive)) / np.maximum(rate[alive], 1e-12)
        came = when <= age[alive]
        alive, when = alive[came], when[came]
        last[alive] = when
        x[alive] += 1
        alive = alive[random.random(len(alive)) >= leave[alive]]
    named = {"customer_id": np.arange(n), "frequency": x, "recency": last, "T": age}
    return pd.DataFrame(named)


def matched() -> str:
    """Duplicates by SQL beside `fit_predict`, with a matcher of all and of a part."""
    made = make_customers(PEOPLE, duplicates=0.3, random_state=SEED)
    records = made.records
    truth = made.truth.records.set_index("record_id")["customer_id"]
    born = records["birth_date"].fillna("").str[-2:]
    part = records[born.isin(["07", "17", "27"])]
    relation, rows = duckdb.from_df(records), []
    rows.append(["way", "CPU s", "F1", "equal to one machine"])
    began = processors()
    whole = Deduplicator(record="record_id").fit(records)
    rows.append([
        "one machine: fit_predict", f"{processors() - began:.1f}",
        f"{pairwise_scores(truth.loc[records['record_id']], whole.labels_)['f1']:.4f}", "",
    ])  # fmt: skip
    light = {"memory_limit": "1GB", "temp_directory": "/tmp/crmkit_scale_tables"}
    frame = in_spark(records)
    begin_spark(frame.limit(2000), whole)
    for name, given, learnt_from, settings in (
        ("DuckDB, learnt from all", relation, records, None),
        ("DuckDB, learnt from all, held to 1 GB", relation, records, light),
        (
            f"DuckDB, learnt from {len(part) / len(records):.0%}, by day of birth",
            relation, part, None,
        ),
        ("Spark, learnt from all", frame, records, None),
    ):  # fmt: skip
        matcher = Deduplicator(record="record_id").fit(learnt_from)
        began = processors()
        answer = scale.match_records(given, matcher, settings=settings)
        found = answer.df() if given is relation else answer.toArrow().to_pandas()
        seconds = processors() - began
        labels = found.set_index("record_id")["entity"].loc[records["record_id"]].to_numpy()
        scores = pairwise_scores(truth.loc[records["record_id"]], labels)
        same = pairwise_scores(whole.labels_, labels)["f1"]
        rows.append([name, f"{seconds:.1f}", f"{scores['f1']:.4f}", f"{same:.4f}"])
    return table(f"{len(records):,} records of {PEOPLE:,} people", rows)


def predicted() -> str:
    """A purchase model over Spark beside the call in memory."""
    customers = simulated(ROWS, np.random.default_rng(1))
    model = BetaGeoModel().fit(customers.head(20_000))
    began = time.process_time()
    local = model.predict(customers, 52.0).sum()
    seconds = time.process_time() - began
    spark = session()
    with tempfile.TemporaryDirectory() as folder:
        for part in range(8):
            customers.iloc[part::8].to_parquet(f"{folder}/{part}.parquet", index=False)
        frame = spark.read.parquet(folder)
        for _ in range(3):  # the first begins slowly
            began = processors()
            found = scale.predict(model, frame, horizon=52.0).agg({"prediction": "sum"}).toArrow()
            cost = processors() - began
    assert np.isclose(found.column(0).to_pylist()[0], local), "answers differ"
    rows = [["way", "CPU s a million customers"]]
    rows.append(["in memory", f"{seconds / ROWS * 1e6:.2f}"])
    rows.append(["Spark, from Parquet", f"{cost / ROWS * 1e6:.2f}"])
    return table(f"A year's purchases of {ROWS:,} customers by BG/NBD", rows)


def begin_spark(records, matcher: Deduplicator) -> None:
    """A first run, which is not counted."""
    scale.match_records(records, matcher).unpersist()


def served() -> str:
    """Descriptions, offers and factors by Spark beside one machine, at two sizes."""
    rows = [["what", "events", "one machine, CPU s", "Spark, CPU s", "how near"]]
    for n in (EVENTS[0] // 10, *EVENTS):  # the first begins slowly
        lines = shop_lines(n, np.random.default_rng(2))
        sample = log_of(lines[lines["customer_id"] % 10 == 0])
        frame = in_spark(lines)
        pipeline = CustomerValuePipeline(unit="W", churn=None, recommender=None).fit(
            sample, as_of=AS_OF
        )
        recommender = EASE().fit(sample, as_of=AS_OF)
        found = [
            ["`transform`: customers described", *described(pipeline, lines, frame)],
            ["`recommend`: 5 offers each by EASE", *offered(recommender, lines, frame)],
            ["fit of `ALS` and `SparkALS`", *factored(lines, frame)],
        ]
        if n in EVENTS:
            rows += [[what, f"{n:,}", *told] for what, *told in found]
    title = f"Customers of 20 events, {ITEMS:,} items, {BUCKETS} groups"
    return table(title, rows)


def described(pipeline, lines: pd.DataFrame, frame) -> list[str]:
    began = processors()
    local = pipeline.transform(log_of(lines), as_of=AS_OF)["clv"].sum()
    between = processors()
    answer = scale.transform(pipeline, log_of(frame), as_of=AS_OF, groups=BUCKETS, rank=False)
    total = answer.agg({"clv": "sum"}).toArrow().column(0).to_pylist()[0]
    assert np.isclose(total, local), "answers differ"
    return [f"{between - began:.1f}", f"{processors() - between:.1f}", "equal"]


def offered(model, lines: pd.DataFrame, frame) -> list[str]:
    began = processors()
    local = model.recommend(n=5, history=log_of(lines), as_of=AS_OF)["score"].sum()
    between = processors()
    answer = scale.recommend(model, n=5, history=log_of(frame), as_of=AS_OF, groups=BUCKETS)
    total = answer.agg({"score": "sum"}).toArrow().column(0).to_pylist()[0]
    assert np.isclose(total, local, rtol=1e-4), "answers differ"
    return [f"{between - began:.1f}", f"{processors() - between:.1f}", "equal"]


def factored(lines: pd.DataFrame, frame) -> list[str]:
    """Seconds of both fits; quality is the NDCG of 10 of purchases after the cut-off."""
    log, began = log_of(lines), processors()
    local = ALS(n_factors=32, regularization=3.0, alpha=2.0).fit(log, as_of=AS_OF)
    between = processors()
    found = scale.SparkALS(n_factors=32, blocks=4).fit(log_of(frame), as_of=AS_OF)
    ended = processors()
    twin = scale.SparkALS(n_factors=32, blocks=4)
    twin.__dict__.update({k: v for k, v in vars(local).items() if k not in twin.get_params()})
    twin._keep_factors(found.item_factors_)
    quality = f"NDCG {twin.score(log):.3f} beside {local.score(log):.3f}"
    return [f"{between - began:.1f}", f"{ended - between:.1f}", quality]


def shop_lines(n: int, random: np.random.Generator) -> pd.DataFrame:
    """Purchases of customers with tastes, over a year."""
    who = random.integers(0, n // 20, n)
    places = np.minimum(random.geometric(0.03, n) - 1, ITEMS // TASTES - 1)
    liked = np.where(random.random(n) < 0.7, who % TASTES, random.integers(0, TASTES, n))
    day = np.datetime64("2024-01-01", "us") + random.integers(0, 365 * 86_400, n) * 1_000_000
    paid = np.round(random.gamma(2.0, 10.0, n), 2)
    names = {"customer_id": who, "timestamp": day, "amount": paid, "item": liked + TASTES * places}
    return pd.DataFrame(names)


def log_of(frame) -> ck.EventLog:
    return ck.EventLog(frame, item="item")


def in_spark(table_: pd.DataFrame):
    """A table as files that Spark reads."""
    folder = tempfile.mkdtemp(prefix="crmkit-tables-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for part in range(8):
        held = pa.Table.from_pandas(table_.iloc[part::8], preserve_index=False)
        pq.write_table(held, f"{folder}/{part}.parquet")
    return session().read.parquet(folder)


def session():
    """A local session of Spark with two threads."""
    return scale.local_session(2, "2g")


def processors() -> float:
    """Seconds of this process and of all that it started, ended ones included."""
    times = [each.cpu_times() for each in psutil.Process().children(recursive=True)]
    ended = sum(each.children_user + each.children_system for each in times)
    return time.process_time() + ended + sum(each.user + each.system for each in times)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asked = sys.argv[1:] or [""]
    if asked[0] not in ("sample", "match", "predict", "serve"):
        sys.exit(__doc__)
    main(asked[0], Path(asked[1]) if len(asked) > 1 else HERE.parent / "docs" / "guide" / "scale")
