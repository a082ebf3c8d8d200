"""New items on open data: a tenth of the well sold items lose their purchases, who wants them?

    CRMKIT_DATA=folder python benchmarks/_cold_items.py [online_retail] [films] [--kept 0 3 10]

Of the items with at least 20 buyers a tenth is drawn; all but `kept` customers of each are taken
away, and the models learn from what is left. Asked are the customers who bought one of them and
something else. NDCG@10 of lists among these items alone, and in the whole catalogue. Popularity and
EASE offer no item that nobody bought: without a kept purchase they have no list. `chosen` is what
ColdStartRecommender took by its own trial inside the training data.
"""

import argparse
import os
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from crmkit import EventLog
from crmkit.recommend import (
    EASE,
    ColdStartRecommender,
    ContentRecommender,
    FeatureEASE,
    MappedFactors,
    Popularity,
)
from crmkit.recommend._later import mean_ndcg

MODELS = {
    "popularity": Popularity(),
    "EASE": EASE(),
    "content": ContentRecommender(),
    "FeatureEASE": FeatureEASE(),
    "FeatureEASE 1000": FeatureEASE(feature_weight=1000.0),
    "MappedFactors": MappedFactors(),
    "MappedFactors 64": MappedFactors(64),
    "ColdStart": ColdStartRecommender(),
}
DAY = pd.Timestamp("2024-01-01")


def online_retail() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Distinct customers and products of UCI Online Retail, and the most frequent text of each."""
    path = Path(os.environ["CRMKIT_DATA"]) / "transactions" / "online_retail_2010_2011.parquet"
    lines = pd.read_parquet(path)
    lines = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    lines = lines[lines["StockCode"].str.match(r"^\d{5}")]  # fees and postage have no digits
    text = lines.groupby("StockCode")["Description"].agg(lambda s: s.value_counts().index[0])
    pairs = lines[["CustomerID", "StockCode"]].drop_duplicates().set_axis(["who", "what"], axis=1)
    return pairs, pd.DataFrame({"what": text.index, "name": text.to_numpy()})


def films() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who rated what in MovieLens-100k; titles, genres and years."""
    folder = Path(os.environ["CRMKIT_DATA"]) / "recommend"
    pairs = pd.read_parquet(folder / "ml100k_ratings.parquet")[["user_id", "item_id"]]
    table = pd.read_parquet(folder / "ml100k_items.parquet")
    year = pd.to_numeric(table["release_date"].str[-4:])
    items = pd.DataFrame({"what": table["item_id"], "title": table["title"]})
    return pairs.set_axis(["who", "what"], axis=1), items.assign(genres=table["genres"], year=year)


def stripped(pairs: pd.DataFrame, kept: int, seed: int):
    """Pairs that are left, pairs that were taken away, and the items that lost theirs."""
    random = np.random.default_rng(seed)
    buyers = pairs["what"].value_counts()
    often = np.sort(buyers.index[buyers >= 20].to_numpy())
    cold = random.permutation(often)[: round(0.1 * len(often))]
    hit = pairs["what"].isin(cold)
    drawn = pairs[hit].sample(frac=1.0, random_state=seed)
    keep = drawn.groupby("what").cumcount() < kept
    left = pd.concat([pairs[~hit], drawn[keep]])
    gone = drawn[~keep]
    return left, gone[gone["who"].isin(left["who"])], cold


def ndcg(offers: pd.DataFrame, gone: pd.DataFrame) -> float:
    who, what = (pd.concat([offers[c], gone[c]]).factorize()[0] for c in ("who", "what"))
    n = len(offers)
    offered = (who[:n], what[:n], offers["rank"].to_numpy())
    return mean_ndcg((who[n:], what[n:]), offered, 10, int(what.max()) + 1)


def run(name: str, kept: list[int], seeds: list[int]) -> None:
    pairs, items = {"online_retail": online_retail, "films": films}[name]()
    for n in kept:
        found: dict[str, list[tuple[float, float, float]]] = {}
        chosen = []
        for seed in seeds:
            left, gone, cold = stripped(pairs, n, seed)
            log = EventLog(left.assign(day=DAY), "who", "day", None, item="what")
            who = np.unique(gone["who"])
            for model_name, model in MODELS.items():
                start = time.process_time()
                model.fit(log, items)
                seconds = time.process_time() - start
                lists = [model.recommend(who, allow=a, exclude_seen=True) for a in (cold, None)]
                told = [ndcg(offers, gone) for offers in lists]
                found.setdefault(model_name, []).append((told[0], told[1], seconds))
            chosen.append(model.choice_)
        print(f"\n{name}, {n} purchases kept, seeds {seeds}, {len(cold)} items; chosen: {chosen}")
        print(f"{'':18} {'cold only':>9} {'whole':>7} {'fit CPU s':>9}")
        for model_name, rows in found.items():
            inside, whole, seconds = np.mean(rows, axis=0)
            each = " ".join(f"{row[0]:.3f}" for row in rows)
            print(f"{model_name:18} {inside:9.4f} {whole:7.4f} {seconds:9.1f}   {each}", flush=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", nargs="*", default=["online_retail", "films"])
    parser.add_argument("--kept", nargs="*", type=int, default=[0, 3, 10])
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    told = parser.parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in told.data:
            run(name, told.kept, told.seeds)


if __name__ == "__main__":
    main()
