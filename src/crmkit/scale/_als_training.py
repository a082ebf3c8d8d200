"""From purchases in Spark to factors of items: numbers for ids, MLlib's ALS, factors back.

MLlib wants ids as numbers of 32 bits. Items are counted on one machine, for their factors must fit
there anyway. Customers are numbered where they lie: those of a bucket by their order within it, so
that no two have one number and the numbers depend on who is there, never on how Spark runs.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._frames._spark_events import spark_events
from crmkit._frames._spark_frames import active_session, spark_frame
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend._ids import Ids
from crmkit.recommend._prior import HALF_LIFE
from crmkit.recommend._top_items import Scores
from crmkit.scale._spark import (
    SparkFrame,
    bucket_of,
    functions,
    no_warning_of_pandas,
    require_spark,
)

BUCKETS = 1024
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """How MLlib is to learn."""

    n_factors: int
    regularization: float
    alpha: float
    n_iter: int
    seed: int
    blocks: int


@dataclass(frozen=True, eq=False)
class ItemFacts:
    """Items that were sold, ascending: distinct days of customers, and those weighed by age."""

    items: Ids
    n_lines: Floats
    recent: Floats
    n_customers: int


def purchases(log: EventLog, cutoff: datetime) -> SparkFrame:
    """Distinct customer, item and local day of the purchases of a log before an instant."""
    ask = _frames.Reduction(
        columns=log.columns,
        as_of_us=_frames.microseconds(cutoff),
        period="D",
        time_zone=log.tz,
        net_returns=False,
        min_amount=log.min_amount,
        sum_log_gaps=False,
    )
    rows = spark_events(log.data, ask, {"item": str(log.item)})
    bought = rows.where("NOT returned AND item IS NOT NULL")
    return bought.selectExpr("customer", "item", "period AS day").distinct()


def item_facts(lines: SparkFrame, owner: str) -> ItemFacts:
    """What is to be known of each item, and how many customers there are."""
    f = functions()
    told = lines.agg(f.max("day").alias("last"), f.countDistinct("customer").alias("n"))
    row = told.toArrow().to_pylist()[0]
    if not row["n"]:
        raise DataError(f"{owner}: no purchase with an item lies before the cut-off.")
    age = (f.lit(row["last"]) - f.col("day")).cast("double") / HALF_LIFE
    sums = lines.groupBy("item").agg(
        f.count("*").alias("lines"), f.sum(f.pow(f.lit(0.5), age)).alias("recent")
    )
    table = sums.toArrow()
    ids = _frames.id_values(table.column("item"), "items", owner)
    order = np.argsort(ids)
    lines_of, recent = (table.column(name).to_numpy()[order] for name in ("lines", "recent"))
    return ItemFacts(ids[order], lines_of.astype(np.float64), recent, int(row["n"]))


def ratings(lines: SparkFrame, items: Ids) -> SparkFrame:
    """Distinct pairs of customers and items as numbers of 32 bits."""
    import pyarrow as pa

    f, window = functions(), require_spark("pyspark.sql.window", "SparkALS").Window
    code = np.arange(len(items), dtype=np.int32)
    held = lines.schema["item"].dataType
    codes = spark_frame(pa.table({"item": items.tolist(), "i": code}), lines.sparkSession, {})
    codes = codes.withColumn("item", codes["item"].cast(held))
    within = f.row_number().over(window.partitionBy("bucket").orderBy("customer"))
    customers = lines.select("customer").distinct()
    customers = customers.withColumn("bucket", bucket_of("customer", BUCKETS))
    number = (within - 1) * BUCKETS + f.col("bucket")
    customers = customers.select("customer", number.cast("int").alias("u"))
    pairs = lines.select("customer", "item").distinct()
    pairs = pairs.join(f.broadcast(codes), "item").join(customers, "customer")
    return pairs.select("u", "i", f.lit(1.0).cast("float").alias("r"))


def learnt_factors(pairs: SparkFrame, n_items: int, plan: Plan) -> Scores:
    """Factors of the items by MLlib; zero for items without a pair."""
    recommendation = require_spark("pyspark.ml.recommendation", "SparkALS")
    with no_warning_of_pandas():
        learner = recommendation.ALS(
            rank=plan.n_factors,
            maxIter=plan.n_iter,
            regParam=plan.regularization,
            alpha=plan.alpha - 1.0,
            implicitPrefs=True,
            seed=plan.seed,
            numUserBlocks=plan.blocks,
            numItemBlocks=plan.blocks,
            userCol="u",
            itemCol="i",
            ratingCol="r",
        )
        found = learner.fit(pairs).itemFactors.toArrow()
    factors = np.zeros((n_items, plan.n_factors), dtype=np.float32)
    values = found.column("features").combine_chunks().flatten().to_numpy()
    factors[found.column("id").to_numpy()] = values.reshape(-1, plan.n_factors)
    return factors


def session_of(log: Any) -> Any:
    """Session of a log over Spark; for other logs the one that is there, or a local one."""
    if log is not None:
        return log.data.sparkSession
    return active_session()
