"""New items: a tenth of the well sold items lose their purchases, who wants them?

Of the items with at least 20 buyers a tenth is drawn; all but `kept` customers of each are taken
away, and the models learn from what is left. Asked are the customers who bought one of them and
something else. NDCG@10 of lists among these items alone, and in the whole catalogue, there also
with `ColdItemQuota`. Popularity and EASE offer no item that nobody bought: without a kept purchase
they have no list.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from _recommend_data import N, film_items, film_pairs, gaps, ndcg, shop_items, shop_pairs, timeless
from _recommend_text import Told, aim, between, table

from crmkit.recommend import (
    EASE,
    ColdItemQuota,
    ColdStartRecommender,
    ContentRecommender,
    FeatureEASE,
    MappedFactors,
    Popularity,
    RerankedRecommender,
)

KEPT = (0, 3, 10)
OURS = "ColdStartRecommender"
QUOTA = "EASE and new items on places 2 and 5"
RIVALS = ("FeatureEASE", "MappedFactors")


@dataclass(frozen=True, eq=False)
class Found:
    """NDCG@10 of each draw among the cold items and in the whole catalogue, by model."""

    among: dict[str, list[float]] = field(default_factory=dict)
    whole: dict[str, list[float]] = field(default_factory=dict)
    gaps: dict[str, list[np.ndarray]] = field(default_factory=dict)
    chosen: list[str] = field(default_factory=list)


def cold_items(inner: bool) -> list[Told]:
    """Tables and aims for both data sets."""
    told, aims = [], []
    for title, pairs, items in (
        ("Online Retail", shop_pairs(), shop_items()),
        ("MovieLens-100k", film_pairs(), film_items()),
    ):
        if inner and title == "Online Retail":
            pairs = pairs[pairs["when"] < "2011-08-12"]
        seeds = (100,) if inner else (0, 1, 2)
        found = {kept: drawn(pairs, items, kept, seeds) for kept in KEPT}
        told += [Told(text) for text in tables(title, found)]
        cold = found[0]
        best = max(np.mean(cold.among[name]) for name in RIVALS)
        aims.append(
            aim(
                f"{title}, nobody bought them: {OURS} less the better of FeatureEASE and "
                "MappedFactors, among them",
                float(np.mean(cold.among[OURS]) - best),
                0.0,
                digits=4,
            )
        )
        if title == "Online Retail":
            value = float(np.mean(cold.whole[QUOTA]))
            aims.append(aim(f"{title}, whole catalogue with the quota: NDCG@10", value, 0.07))
    return [*told, *aims]


def drawn(pairs: pd.DataFrame, items: pd.DataFrame, kept: int, seeds: tuple[int, ...]) -> Found:
    """Every model on every draw of cold items."""
    found = Found()
    for seed in seeds:
        left, gone, cold = stripped(pairs, kept, seed)
        log, who = timeless(left), np.unique(gone["who"])
        fitted = {name: model.fit(log, items) for name, model in models(kept).items()}
        some = [name for name in fitted if name != QUOTA]
        among = {name: fitted[name].recommend(who, allow=cold, exclude_seen=True) for name in some}
        whole = {name: m.recommend(who, N, exclude_seen=True) for name, m in fitted.items()}
        for lists, into in ((among, found.among), (whole, found.whole)):
            for name, value in ndcg(lists, gone).items():
                into.setdefault(name, []).append(value)
        for name, gap in gaps(among, gone, OURS).items():
            found.gaps.setdefault(name, []).append(gap)
        found.chosen.append(fitted[OURS].choice_)
    return found


def models(kept: int) -> dict[str, object]:
    quota = ColdItemQuota((2, 5), max_buyers=kept)
    return {
        "Popularity": Popularity(),
        "EASE": EASE(),
        "ContentRecommender": ContentRecommender(),
        "FeatureEASE": FeatureEASE(),
        "MappedFactors": MappedFactors(),
        "MappedFactors, 64": MappedFactors(64),
        OURS: ColdStartRecommender(),
        QUOTA: RerankedRecommender(EASE(), quota, new_items=ColdStartRecommender()),
    }


def stripped(
    pairs: pd.DataFrame, kept: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Pairs that are left, pairs that were taken away, and the items that lost theirs."""
    random = np.random.default_rng(seed)
    pairs = pairs[["who", "what"]]
    buyers = pairs["what"].value_counts()
    often = np.sort(buyers.index[buyers >= 20].to_numpy())
    cold = random.permutation(often)[: round(0.1 * len(often))]
    hit = pairs["what"].isin(cold)
    lost = pairs[hit].sample(frac=1.0, random_state=seed)
    keep = lost.groupby("what").cumcount() < kept
    left = pd.concat([pairs[~hit], lost[keep]])
    gone = lost[~keep]
    return left, gone[gone["who"].isin(left["who"])], cold


def tables(title: str, found: dict[int, Found]) -> list[str]:
    """Scores of both kinds of lists, and of those among cold items the differences to ours."""
    head = ["recommender"]
    head += [f"{kept} kept, {where}" for where in ("among them", "whole") for kept in found]
    rows, gap_rows = [head], [["recommender", *(f"{kept} kept" for kept in found)]]
    for name in found[0].whole:
        cells = [spread(found[kept].among.get(name)) for kept in found]
        rows.append([name, *cells, *(spread(found[kept].whole[name]) for kept in found)])
        if name in found[0].among and name != OURS:
            means = [np.mean(found[kept].gaps[name], axis=0) for kept in found]
            gap_rows.append([name, *(between(*mean) for mean in means)])
    picks = "; ".join(f"{kept} kept: {', '.join(found[kept].chosen)}" for kept in found)
    said = f"What *{OURS}* took, by its own trial inside the training: {picks}.\n"
    return [
        table(f"{title}: NDCG@10, mean of the draws ± their standard deviation", rows),
        table(f"{title}: among the cold items, less {OURS} (mean of the intervals)", gap_rows),
        said,
    ]


def spread(values: list[float] | None) -> str:
    if values is None:
        return ""
    return f"{np.mean(values):.4f}" + (f" ± {np.std(values, ddof=1):.3f}" if values[1:] else "")
