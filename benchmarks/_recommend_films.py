"""MovieLens-100k, a random quarter of each user's films set aside, three times."""

import numpy as np
import pandas as pd
from _recommend_data import N, film_items, film_pairs, gaps, timed, timeless
from _recommend_text import Told, aim, between, table

from crmkit.metrics import ranking_scores
from crmkit.recommend import (
    ALS,
    BPR,
    EASE,
    FeatureEASE,
    HybridRecommender,
    ItemKNN,
    Popularity,
    PureSVD,
    RP3beta,
    SparseEASE,
    UserKNN,
)

MODELS = {
    "Popularity": Popularity(),
    "ItemKNN, k=400": ItemKNN(k=400),
    "UserKNN": UserKNN(),
    "BPR": BPR(),
    "RP3beta": RP3beta(),
    "PureSVD, 16": PureSVD(16),
    "ALS": ALS(),
    "ALS, 64, reg 30, alpha 5": ALS(64, 30.0, 5.0),
    "SparseEASE, k=200": SparseEASE(200),
    "EASE": EASE(),
}
OURS, TRUE = "HybridRecommender", "HybridRecommender, true times"


def films(inner: bool) -> list[Told]:
    """Scores with their spread over the draws, differences to EASE, and aims."""
    scores: dict[str, list[tuple[float, float]]] = {}
    differences: dict[str, list[np.ndarray]] = {}
    for seed in (100,) if inner else (0, 1, 2):
        train, test = parted(seed)
        log, clock = timeless(train), timed(train)
        lists = {name: model.fit(log).recommend() for name, model in MODELS.items()}
        told = FeatureEASE(feature_weight=10.0).fit(log, film_items())
        lists["FeatureEASE, weight 10"] = told.recommend()
        lists[OURS] = HybridRecommender("explore").fit(log).recommend()
        lists[TRUE] = HybridRecommender("explore").fit(clock).recommend()
        found = ranking_scores(lists, test, N, customer="who", item="what")
        for name, row in found[["ndcg", "recall"]].iterrows():
            scores.setdefault(str(name), []).append((row["ndcg"], row["recall"]))
        for name, gap in gaps(lists, test, "EASE").items():
            differences.setdefault(name, []).append(gap)
    rows = [["recommender", "NDCG@10", "recall@10", "NDCG less EASE"]]
    means = {name: np.mean(each, axis=0) for name, each in scores.items()}
    for name in sorted(means, key=lambda name: means[name][0]):
        spread = np.std([ndcg for ndcg, _ in scores[name]], ddof=1) if not inner else 0.0
        gap = between(*np.mean(differences[name], axis=0)) if name in differences else ""
        rows.append([name, f"{means[name][0]:.4f} ± {spread:.4f}", f"{means[name][1]:.4f}", gap])
    title = "Mean of the draws ± their standard deviation (differences: mean of the intervals)"
    ease = float(means["EASE"][0])
    return [
        Told(table(title, rows)),
        aim("NDCG@10 of EASE", ease, 0.475, digits=4),
        aim("HybridRecommender over EASE, one day", float(means[OURS][0]) / ease, 1.0),
        aim("HybridRecommender over EASE, true times", float(means[TRUE][0]) / ease, 1.0),
    ]


def parted(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three quarters of each user's films, and the last quarter of known films."""
    order = film_pairs().sort_index().sample(frac=1.0, random_state=seed)
    place = order.groupby("who").cumcount()
    aside = place < order.groupby("who")["what"].transform("size") * 0.25
    train, test = order[~aside], order[aside]
    return train, test[test["what"].isin(train["what"])]
