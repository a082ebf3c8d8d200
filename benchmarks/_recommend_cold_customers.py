"""Cold customers: 500 are taken out of the training whole, and tell their first items.

Customers with more than ten distinct items are drawn; their first 1, 3, 5 or 10 by time come with
the question as something of today, and all others that they ever had are to be foretold. So the
truth is spread over the whole log: a recommender that follows the season is not helped by it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from _recommend_data import N, film_pairs, gaps, ndcg, shop_pairs, timed, timeless
from _recommend_text import Told, aim, between, table

from crmkit.recommend import ALS, EASE, HybridRecommender, ItemKNN, Popularity

GIVEN = (1, 3, 5, 10)
AIMED = (1, 3, 5)
STRANGERS = 500
REFERENCE = "reference"
DATA = {"online_retail": "Online Retail", "films": "MovieLens-100k, one day"}


@dataclass(frozen=True, eq=False)
class Found:
    """NDCG@10 by model, differences to the reference, and the number of customers."""

    scores: dict[str, float]
    gaps: dict[str, np.ndarray]
    n_customers: int


def cold_customers(inner: bool) -> list[Told]:
    """Tables and aims for both data sets."""
    told, aims = [], []
    for name, title in DATA.items():
        found = asked(name, inner)
        for model in ("EASE", "HybridRecommender"):
            for n in AIMED:
                ratio = found[n].scores[model] / found[n].scores[REFERENCE]
                aims.append(aim(f"{title}, {n} told: {model} over the reference", ratio, 1.0))
        n_customers = next(iter(found.values())).n_customers
        rows = [["recommender", *(f"{n} told" for n in GIVEN)]]
        for model in found[GIVEN[0]].scores:
            rows.append([model, *(f"{found[n].scores[model]:.4f}" for n in GIVEN)])
        told.append(Told(table(f"{title}: NDCG@10 of {n_customers:,} strangers", rows)))
        rows = [rows[0]]
        for model in found[GIVEN[0]].gaps:
            rows.append([model, *(between(*found[n].gaps[model]) for n in GIVEN)])
        told.append(Told(table(f"{title}: less the reference", rows)))
    return [*told, *aims]


def asked(name: str, inner: bool) -> dict[int, Found]:
    """What is found by the number of items told."""
    pairs = {"online_retail": shop_pairs, "films": film_pairs}[name]()
    if inner and name == "online_retail":
        pairs = pairs[pairs["when"] < "2011-08-12"]
    known, theirs = parted(pairs, seed=100 if inner else 0)
    log = timed(known) if name == "online_retail" else timeless(known)
    fitted = {label: model.fit(log) for label, model in models().items()}
    place = theirs.groupby("who").cumcount()
    found = {}
    for n in GIVEN:
        told, wanted = theirs[place < n][["who", "what"]], theirs[place >= n][["who", "what"]]
        told = told[told["what"].isin(known["what"])]
        wanted = wanted[wanted["what"].isin(known["what"])]
        who = np.unique(wanted["who"])
        lists = {
            label: model.recommend(who, history=told, exclude_seen=True)
            for label, model in fitted.items()
        }
        lists[REFERENCE] = reference(fitted["EASE alone"], known, who, told)
        found[n] = Found(ndcg(lists, wanted), gaps(lists, wanted, REFERENCE), len(who))
    return found


def models() -> dict[str, object]:
    return {
        "Popularity": Popularity(),
        "EASE alone": EASE(popularity=0.0),
        "ItemKNN": ItemKNN(),
        "ALS": ALS(),
        "EASE": EASE(),
        "HybridRecommender": HybridRecommender("explore"),
    }


def parted(pairs: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs of the customers who stay, and of those who are drawn."""
    many = pairs["who"].value_counts()
    many = np.sort(many.index[many > max(GIVEN)].to_numpy())
    drawn = np.random.default_rng(seed).permutation(many)[:STRANGERS]
    stranger = pairs["who"].isin(drawn)
    return pairs[~stranger], pairs[stranger]


def reference(ease: EASE, known: pd.DataFrame, who: np.ndarray, told: pd.DataFrame) -> pd.DataFrame:
    """Lists by EASE plus 0.3 times popularity, both from 0 to 1 within a customer."""
    counts = known["what"].value_counts().reindex(ease.items_).fillna(0.0).to_numpy()
    popular = (counts - counts.min()) / np.ptp(counts)
    grid = pd.MultiIndex.from_product([who, ease.items_], names=["who", "what"]).to_frame(False)
    score = ease.predict(grid, history=told).reshape(len(who), -1)
    low, high = score.min(axis=1, keepdims=True), score.max(axis=1, keepdims=True)
    score = (score - low) / np.maximum(high - low, 1e-12) + 0.3 * popular
    row = pd.Series(np.arange(len(who)), who)[told["who"]].to_numpy()
    score[row, np.searchsorted(ease.items_, told["what"])] = -np.inf
    best = np.argsort(-score, axis=1, kind="stable")[:, :N]
    lists = pd.DataFrame({"who": np.repeat(who, N), "what": ease.items_[best.ravel()]})
    return lists.assign(rank=lists.groupby("who").cumcount() + 1)
