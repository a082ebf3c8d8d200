"""Recommenders: quality on films, and time beside implicit's native code in the same process.

    CRMKIT_DATA=folder python benchmarks/bench_recommend.py movielens
    python benchmarks/bench_recommend.py speed [customers] [items]
    python benchmarks/bench_recommend.py fits

`movielens` sets a random quarter of each user's films aside, three times, and ranks all films that
he has not seen. `speed` asks for the best 10 of everybody by 64 factors. Times are seconds of the
processor on one thread: those of a clock tell more of the neighbours on the machine.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from crmkit import EventLog
from crmkit.metrics import ranking_scores
from crmkit.recommend import ALS, BPR, EASE, ItemKNN, Popularity, PureSVD, RP3beta, SparseEASE

FILMS = {
    "Popularity": Popularity(),
    "ItemKNN, k=400": ItemKNN(k=400),
    "BPR": BPR(),
    "RP3beta, k=400, beta=.5": RP3beta(beta=0.5, k=400),
    "RP3beta": RP3beta(),
    "PureSVD, 32": PureSVD(),
    "PureSVD, 16": PureSVD(16),
    "ALS, 32, reg 10, alpha 5": ALS(32, 10.0, 5.0),
    "ALS, 64, reg 30, alpha 5": ALS(64, 30.0, 5.0),
    "ALS": ALS(),
    "EASE, 200": EASE(200.0),
    "EASE": EASE(),
    "SparseEASE, k=200": SparseEASE(200),
}


def parted(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """MovieLens-100k: three quarters of each user's films, and the last quarter of known films."""
    file = Path(os.environ["CRMKIT_DATA"]) / "recommend" / "ml100k_ratings.parquet"
    ratings = pd.read_parquet(file)[["user_id", "item_id"]]
    order = ratings.sample(frac=1.0, random_state=seed)
    place = order.groupby("user_id").cumcount()
    aside = place < order.groupby("user_id")["item_id"].transform("size") * 0.25
    test = order[aside]
    train = order[~aside].assign(when=pd.Timestamp("2024-01-01"))
    return train, test[test["item_id"].isin(train["item_id"])]


def movielens() -> None:
    rows = []
    for seed in range(3):
        train, test = parted(seed)
        log = EventLog(train, customer="user_id", when="when", amount=None, item="item_id")
        for name, model in FILMS.items():
            start = time.process_time()
            model.fit(log)
            seconds = time.process_time() - start
            found = ranking_scores(model.recommend(), test, 10, customer="user_id", item="item_id")
            scores = found.iloc[0] if isinstance(found, pd.DataFrame) else pd.Series(found)
            rows.append({"model": name, "s": seconds, **scores[["ndcg", "recall"]]})
    table = pd.DataFrame(rows).groupby("model", sort=False)
    shown = table.mean().assign(spread=table["ndcg"].std())
    print(shown[["ndcg", "spread", "recall", "s"]].sort_values("ndcg").round(4).to_string())


def shop(n_customers: int, n_items: int, mean: int = 30, seed: int = 0) -> EventLog:
    """Customers of twenty kinds who buy about `mean` items of a long-tailed catalogue."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(n_customers), rng.poisson(mean, n_customers))
    popular = np.minimum(rng.pareto(0.7, len(who)) * n_items / 200, n_items - 1).astype(int)
    turned = (popular * 7919 + (who % 20) * (n_items // 20)) % n_items
    item = np.where(rng.random(len(who)) < 0.6, turned, rng.integers(0, n_items, len(who)))
    frame = pd.DataFrame({"who": who, "what": item, "when": pd.Timestamp("2024-01-01")})
    return EventLog(frame, customer="who", when="when", amount=None, item="what")


def measured(call) -> tuple[float, object]:
    start = time.process_time()
    answer = call()
    return time.process_time() - start, answer


def speed(n_customers: int = 100_000, n_items: int = 50_000) -> None:
    from implicit.cpu.als import AlternatingLeastSquares

    log = shop(n_customers, n_items)
    for model in (PureSVD(64), ALS(64, n_iter=2), ALS(64, n_iter=2, alpha=5.0)):
        fit, _ = measured(lambda model=model: model.fit(log))
        known = model._known()
        bought = known.matrix()
        native = AlternatingLeastSquares(factors=64, num_threads=1)
        native.item_factors = np.ascontiguousarray(model.item_factors_)
        blocks = [rows for _, rows in model._ask(None, None, None).blocks()]
        fold, parts = measured(
            lambda model=model, blocks=blocks: [model._customer_factors(rows) for rows in blocks]
        )
        native.user_factors = np.concatenate(parts)
        ours, offers = measured(model.recommend)
        theirs, answer = measured(lambda native=native, bought=bought: everybody(native, bought))
        same = np.mean(offers["what"].to_numpy().reshape(-1, 10) == known.items[answer])
        print(
            f"{model}: {known.n_customers:,} x {known.n_items:,}, fit {fit:.1f} s; best 10: "
            f"crmkit {ours:.1f} s (factors of customers {fold:.1f} s of it), implicit "
            f"{theirs:.1f} s, ratio {ours / theirs:.2f}; same item at same rank {same:.4f}",
            flush=True,
        )


def everybody(native, bought: sp.csr_matrix, size: int = 1000) -> np.ndarray:
    """implicit's best 10 of everybody, what was bought left out, a thousand at a time."""
    parts = []
    for begin in range(0, bought.shape[0], size):
        rows = np.arange(begin, min(begin + size, bought.shape[0]))
        parts.append(native.recommend(rows, bought[rows], N=10)[0])
    return np.concatenate(parts)


def fits() -> None:
    for n_customers, n_items, models in (
        (5_900, 4_600, (EASE(), SparseEASE(), SparseEASE(50), RP3beta(), PureSVD(), ALS())),
        (100_000, 50_000, (SparseEASE(50), RP3beta(k=50), ItemKNN(), PureSVD(64))),
    ):
        log = shop(n_customers, n_items, mean=80 if n_items < 10_000 else 30)
        for model in models:
            model_fit, _ = measured(lambda model=model, log=log: model.fit(log))
            known = model._known()
            learn, _ = measured(lambda model=model, known=known: model._learn(known, None))
            print(
                f"{model}: {known.n_customers:,} customers, {known.n_items:,} items, "
                f"{len(known.item):,} pairs: fit {model_fit:.1f} s, {learn:.1f} s of it the model",
                flush=True,
            )


if __name__ == "__main__":
    part, *sizes = sys.argv[1:]
    with threadpool_limits(1):
        {"movielens": movielens, "speed": speed, "fits": fits}[part](*map(int, sizes))
