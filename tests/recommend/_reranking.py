"""Lists to be re-ranked: candidates of the shop of the contract, with many equal scores."""

from functools import cache, lru_cache

import numpy as np
import pandas as pd
import polars as pl

from tests.recommend.contract.shop import catalogue, lines, log_of

ITEMS = np.char.add("i", (10 + np.arange(26)).astype(str))  # i35 is in no catalogue


def candidates(seed=0, n_customers=12, digits=1):
    """Lists of different lengths, one of them empty of known items; scores have many equals."""
    return _candidates(seed, n_customers, digits).copy(deep=True)


@lru_cache(8)
def _candidates(seed, n_customers, digits):
    rng = np.random.default_rng(seed)
    parts = []
    for i in range(n_customers):
        size = int(rng.integers(1, 15))
        part = pd.DataFrame({"who": f"c{99 + i}", "what": rng.permutation(ITEMS)[:size]})
        part["score"] = np.round(rng.normal(size=size), digits)
        part = part.sort_values("score", ascending=False, kind="stable")
        parts.append(part.assign(rank=np.arange(1, size + 1), source="model"))
    return pd.concat(parts, ignore_index=True)


@cache
def shop():
    """The log and the items, read once for all tests."""
    return log_of(lines()), pl.from_pandas(catalogue())


def fit(reranker):
    log, items = shop()
    return reranker.fit(log, items, as_of="2024-05-01")


def by_customer(frame):
    return {who: own["what"].tolist() for who, own in frame.groupby("who", sort=False)}


def relevance(scores):
    """Of a falling list of scores, from 1 for the first to 0 for the last."""
    low, high = min(scores), max(scores)
    return [(s - low) / (high - low) if high > low else 1.0 for s in scores]


def buyers():
    """Customers who bought each item before the cut-off."""
    frame = lines()
    frame = frame[(frame["when"] < "2024-05-01") & (frame["amount"] >= 0)]
    return frame.groupby("what")["who"].nunique().to_dict()


def bought(who):
    """Distinct days and items of a customer before the cut-off, as a list of items."""
    frame = lines()
    frame = frame[(frame["when"] < "2024-05-01") & (frame["amount"] >= 0) & (frame["who"] == who)]
    return frame.assign(day=frame["when"].dt.date)[["day", "what"]].drop_duplicates()
