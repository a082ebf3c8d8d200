"""Open data of the tables on recommenders: purchases as logs, and what is told of the items.

Read from the folder that the environment variable CRMKIT_DATA names; Complete Journey comes with
the extra `data`.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd

import crmkit as ck
from crmkit.metrics import ranking_intervals, ranking_scores

N = 10
RESAMPLES = 500


def folder() -> Path:
    given = os.environ.get("CRMKIT_DATA")
    if given is None:
        raise FileNotFoundError("CRMKIT_DATA is not set")
    return Path(given)


def gift_shop() -> ck.EventLog:
    """UCI Online Retail: all lines of known customers; returns are no purchases."""
    lines = pd.read_parquet(folder() / "transactions" / "online_retail_2010_2011.parquet")
    lines = lines[lines["CustomerID"].notna()]
    lines = lines.assign(Revenue=lines["Quantity"] * lines["UnitPrice"])
    return ck.EventLog(lines, "CustomerID", "InvoiceDate", "Revenue", "InvoiceNo", "StockCode")


def groceries(before: str, households: int = 50) -> ck.EventLog:
    """Complete Journey: products that enough households had bought before an instant."""
    lines = ck.datasets.load_complete_journey().transactions
    lines = lines[lines["quantity"] > 0]
    early = lines[lines["transaction_timestamp"] < before]
    buyers = early.groupby("product_id")["household_id"].nunique()
    lines = lines[lines["product_id"].isin(buyers.index[buyers >= households])]
    return ck.EventLog(
        lines[["household_id", "transaction_timestamp", "product_id"]],
        customer="household_id",
        when="transaction_timestamp",
        amount=None,
        item="product_id",
    )


def shop_pairs() -> pd.DataFrame:
    """Distinct customers and products of UCI Online Retail, the earliest purchase first."""
    path = folder() / "transactions" / "online_retail_2010_2011.parquet"
    lines = pd.read_parquet(path)
    lines = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    lines = lines[lines["StockCode"].str.match(r"^\d{5}")]  # fees and postage have no digits
    named = {"CustomerID": "who", "StockCode": "what", "InvoiceDate": "when"}
    pairs = lines.rename(columns=named)[[*named.values(), "Description"]]
    return pairs.sort_values("when", kind="stable").drop_duplicates(["who", "what"])


def shop_items() -> pd.DataFrame:
    """The most frequent text of each product."""
    text = shop_pairs().groupby("what")["Description"].agg(lambda s: s.value_counts().index[0])
    return pd.DataFrame({"what": text.index, "name": text.to_numpy()})


def film_items() -> pd.DataFrame:
    """Titles, genres and years."""
    table = pd.read_parquet(folder() / "recommend" / "ml100k_items.parquet")
    items = pd.DataFrame({"what": table["item_id"], "title": table["title"]})
    year = pd.to_numeric(table["release_date"].str[-4:])
    return items.assign(genres=table["genres"], year=year)


def film_pairs() -> pd.DataFrame:
    """Who rated what when in MovieLens-100k, the earliest first."""
    pairs = pd.read_parquet(folder() / "recommend" / "ml100k_ratings.parquet")
    named = {"user_id": "who", "item_id": "what", "timestamp": "when"}
    pairs = pairs.rename(columns=named)[[*named.values()]]
    return pairs.sort_values("when", kind="stable")


def timeless(pairs: pd.DataFrame) -> ck.EventLog:
    """Pairs as a log where everything was bought on one day: nothing is told of time."""
    return ck.EventLog(pairs[["who", "what"]].assign(when=pd.Timestamp("2024-01-01")), *NAMES)


def timed(pairs: pd.DataFrame) -> ck.EventLog:
    return ck.EventLog(pairs[["who", "what", "when"]], *NAMES)


NAMES = ("who", "when", None, None, "what")


def ndcg(lists: dict[str, pd.DataFrame], wanted: pd.DataFrame) -> dict[str, float]:
    """Mean NDCG@10 of lists by name."""
    found = ranking_scores(lists, wanted, N, customer="who", item="what")
    return {str(name): float(value) for name, value in found["ndcg"].items()}


def gaps(lists: dict[str, pd.DataFrame], wanted: pd.DataFrame, to: str) -> dict[str, np.ndarray]:
    """Differences of NDCG@10 to one of the lists, and the ends of their 95 % intervals."""
    found = ranking_intervals(
        lists,
        wanted,
        N,
        against=to,
        customer="who",
        item="what",
        n_resamples=RESAMPLES,
        random_state=0,
    )
    rows = found.xs("ndcg", level="score")[["estimate", "lower", "upper"]]
    return {str(name): row.to_numpy(dtype=float) for name, row in rows.iterrows()}
