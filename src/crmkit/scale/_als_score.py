"""How good offers were in the light of later purchases, worked out where these lie."""

from typing import Any

import numpy as np

from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.scale._spark import SparkFrame, functions, named


def mean_ndcg_in_spark(
    model: Any, log: EventLog, known: SparkFrame, later: SparkFrame, n: int
) -> float:
    """Mean NDCG of the best n: what a model knows and what came later in, one number out.

    Relevant is what customers of the fit bought later of its items and had not bought before.
    """
    known = known.select("customer", "item").distinct()
    relevant = later.select("customer", "item").distinct()
    relevant = relevant.join(known.select("customer").distinct(), "customer", "leftsemi")
    relevant = relevant.join(known.select("item").distinct(), "item", "leftsemi")
    relevant = relevant.join(known, list(PAIR), "leftanti").persist()
    try:
        score = _mean_ndcg(model, log, relevant, n)
    finally:
        relevant.unpersist()
    if score is None:
        raise DataError(
            "SparkALS: no customer of the fit bought a relevant item on a day after it. Score with "
            "a log that holds later events."
        )
    return score


def _mean_ndcg(model: Any, log: EventLog, relevant: SparkFrame, n: int) -> float | None:
    """Mean NDCG of the best n by distinct pairs of customers and relevant items; None for none."""
    f = functions()
    names = [model.columns_["customer"], model.columns_["item"]]
    asked = relevant.select(f.col("customer").alias(names[0])).distinct()
    offers = model.recommend(asked, n, history=log, as_of=model.as_of_)
    offers = offers.select(
        *(named(name).alias(new) for name, new in zip(names, PAIR, strict=True)), "rank"
    )
    hits = relevant.join(offers, list(PAIR))
    gained = hits.groupBy("customer").agg(f.sum(1.0 / f.log2(f.col("rank") + 1.0)).alias("gain"))
    counts = relevant.groupBy("customer").agg(f.least(f.count("*"), f.lit(n)).alias("most"))
    ideal = np.cumsum(1.0 / np.log2(np.arange(2, n + 2))).tolist()
    best = f.element_at(f.array(*map(f.lit, ideal)), f.col("most").cast("int"))
    share = f.coalesce(f.col("gain"), f.lit(0.0)) / best
    found = counts.join(gained, "customer", "left").agg(f.avg(share).alias("ndcg")).toArrow()
    score: float | None = found.column("ndcg").to_pylist()[0]
    return score


PAIR = ("customer", "item")
