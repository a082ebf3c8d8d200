"""
Who wants the new products of a gift shop, what goes together, and what does a stranger see?
============================================================================================

Reads UCI Online Retail (https://archive.ics.uci.edu/dataset/352, a year of a British shop for
gifts, 541,909 lines), which is not installed: download "Online Retail.xlsx" there and name it, or
the same table as CSV or Parquet. Without a name it is looked for in the folder of the environment
variable CRMKIT_DATA. Takes out what is no product, finds pairs that belong together, writes to
customers about products that come in October, and tests each answer beside simple rules. Takes
about a minute. It needs that file, so this page shows no output.

It draws its pictures into PNG files of the second folder that is named, or of a new one::

    python examples/gift_shop_offers.py "Online Retail.xlsx" pictures
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import crmkit as ck
from crmkit import plotting
from crmkit.recommend import (
    EASE,
    ColdItemQuota,
    ContentRecommender,
    Evaluation,
    MappedFactors,
    MarketBasket,
    RerankedRecommender,
    evaluate,
)

CUT = "2011-10-01"
TOLD, LEAST = 100, 15
IN_DATA = Path("transactions") / "online_retail_2010_2011.parquet"

# sphinx_gallery_thumbnail_path = "_static/gallery/gift_shop_offers.png"


def main(path: Path, folder: Path) -> None:
    lines = products_only(read(path))
    names = lines.groupby("StockCode")["Description"].agg(lambda text: text.value_counts().index[0])
    items = names.rename("name").reset_index()
    columns = ("CustomerID", "InvoiceDate", "Amount", "InvoiceNo", "StockCode")
    log = ck.EventLog(lines, *columns)

    baskets = MarketBasket(max_size=2, min_support=0.005).fit(log, items)
    print_bundles(baskets)
    model = MappedFactors(64).fit(log, items, as_of=CUT)
    print_mailing(model, lines, names)
    print_lists(log, items, names)
    told = {"modes": "new", "n_resamples": 100}
    strangers = evaluate(EASE(), log, [CUT], **told)
    rivals = {"MappedFactors": MappedFactors(64), "content": ContentRecommender()}
    hidden = evaluate(rivals, log, [CUT], items=items, n_given=(), **told)
    print_tests(strangers, hidden)
    draw(folder, baskets.rules(), names, strangers, hidden)


def read(path: Path) -> pd.DataFrame:
    """The table as downloaded, or as CSV or Parquet."""
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype={"InvoiceNo": str, "StockCode": str})
    if path.suffix == ".csv":
        types = {"InvoiceNo": str, "StockCode": str}
        return pd.read_csv(path, dtype=types, parse_dates=["InvoiceDate"])
    return pd.read_parquet(path)


def products_only(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines of products that a known customer bought; what is left out is told."""
    print(f"{len(lines):,} lines")
    code = lines["StockCode"].str.upper().str.strip()
    lines = lines.assign(StockCode=code, Amount=lines["Quantity"] * lines["UnitPrice"])
    for why, kept in {
        "no customer": lambda t: t["CustomerID"].notna(),
        "returns and corrections": lambda t: t["Quantity"] > 0,
        "no price": lambda t: t["UnitPrice"] > 0,
        "postage, fees, vouchers": lambda t: t["StockCode"].str.match(r"\d{5}"),
    }.items():
        keep = kept(lines).to_numpy(dtype=bool)
        print(f"  {(~keep).sum():7,} left out: {why}")
        lines = lines[keep]
    lines = lines.assign(
        CustomerID=lines["CustomerID"].astype("int64"),
        Description=lines["Description"].str.strip(),
    )
    n_customers, n_products = lines["CustomerID"].nunique(), lines["StockCode"].nunique()
    print(f"  {len(lines):7,} kept: {n_customers:,} customers, {n_products:,} products")
    return lines


def print_bundles(baskets: MarketBasket) -> None:
    """Bundles, and how many times as often as in orders of such sizes by lot they are bought."""
    n_rules = len(baskets.rules())
    print(f"\nWhat goes together: {n_rules:,} rules in {baskets.n_baskets_:,} orders. Best bundles")
    print("(lift adjusted for the size of the orders):\n")
    for row in baskets.bundles(8).itertuples():
        print(f"{row.n_baskets:5} orders, lift {row.adjusted_lift:4.1f}  {row.bundle}")


def print_mailing(model: MappedFactors, lines: pd.DataFrame, names: pd.Series) -> None:
    """Whom to tell about the products of October, and who bought them."""
    past, later = lines[lines["InvoiceDate"] < CUT], lines[lines["InvoiceDate"] >= CUT]
    later = later[later["CustomerID"].isin(past["CustomerID"])]
    bought = later.groupby("StockCode")["CustomerID"].agg(set)
    bought = bought[~bought.index.isin(past["StockCode"]) & (bought.str.len() >= LEAST)]
    mailed = model.recommend_customers(list(bought.index), n=TOLD)
    lists = {
        "MappedFactors": mailed.groupby("StockCode")["CustomerID"].agg(set),
        "who bought most products": by_breadth(past, bought.index),
        "who bought like names": by_names(past, bought.index, names),
    }
    print(f"\nNew products after {CUT}: {len(bought)}, each bought by {LEAST} customers or more")
    print(f"Buyers among {TOLD} customers told, mean over the products:\n")
    print(f"{bought.str.len().mean() / past['CustomerID'].nunique() * TOLD:6.1f}  by lot")
    hits = {
        name: np.array([len(who & told[item]) for item, who in bought.items()])
        for name, told in lists.items()
    }
    for name, found in hits.items():
        print(f"{found.mean():6.1f}  {name}")
    best = bought.str.len().idxmax()
    print(f"\nThe five to tell first about {names[best]}: ", end="")
    print(*mailed.loc[mailed["StockCode"] == best, "CustomerID"].head(5), sep=", ")


def by_breadth(past: pd.DataFrame, items: pd.Index) -> dict[str, set[int]]:
    """The customers with the most different products, for every item alike."""
    pairs = past.drop_duplicates(["CustomerID", "StockCode"])
    told = set(pairs["CustomerID"].value_counts().index[:TOLD])
    return dict.fromkeys(items, told)


def by_names(past: pd.DataFrame, items: pd.Index, names: pd.Series) -> dict[str, set[int]]:
    """The customers with the most of the ten products that share the most words with the item."""
    pairs = past.drop_duplicates(["CustomerID", "StockCode"])
    words = names[pairs["StockCode"].unique()].str.lower().str.split().map(set)
    lists = {}
    for item in items:
        own = set(names[item].lower().split())
        shared = words.map(lambda other, own=own: len(own & other) / len(own | other))
        near = shared.nlargest(10).index
        told = pairs.loc[pairs["StockCode"].isin(near), "CustomerID"].value_counts()
        lists[item] = set(told.index[:TOLD])
    return lists


def print_lists(log: ck.EventLog, items: pd.DataFrame, names: pd.Series) -> None:
    """Lists for customers with two places kept for new products."""
    lists = RerankedRecommender(EASE(), ColdItemQuota((3, 7)), new_items=ContentRecommender()).fit(
        log, items, as_of=CUT
    )
    somebody = int(lists.customers_[len(lists.customers_) // 2])
    print(f"\nThe list of customer {somebody} and of a stranger on {CUT}\n")
    stranger = int(lists.customers_.max()) + 1
    for row in lists.recommend([somebody, stranger], n=4).itertuples():
        print(f"{row.CustomerID:6} {row.rank:2} {row.source:8} {names[row.StockCode]}")
    every = lists.recommend()
    new = every["source"] == "content"
    n_new = every.loc[new, "StockCode"].nunique()
    print(f"\n{new.mean():.0%} of all places show {n_new} new products")


def print_tests(strangers: Evaluation, hidden: Evaluation) -> None:
    """Strangers, and products whose purchases are hidden."""
    print("\nCustomers held out whole: NDCG@10 by the products they have told\n")
    print_ndcg(strangers.strangers, "n_given")
    print("\nProducts whose purchases are hidden: NDCG@10 among them, and in the whole catalogue\n")
    print_ndcg(hidden.cold_items, "candidates")


def print_ndcg(table: pd.DataFrame, by: str) -> None:
    """A row a recommender and a column a group."""
    wide = table.reset_index().pivot_table(
        "ndcg", index="recommender", columns=by, sort=False, dropna=False
    )
    print(wide.round(3).to_string())


def draw(
    folder: Path,
    rules: pd.DataFrame,
    names: pd.Series,
    strangers: Evaluation,
    hidden: Evaluation,
) -> None:
    """Pictures of the rules and of the tests."""
    called = rules.assign(
        StockCode=names[rules["StockCode"]].to_numpy(),
        then_item=names[rules["then_item"]].to_numpy(),
    )
    among = "cold: among themselves"
    pictures = {
        "rules": lambda ax: plotting.plot_rules(called, n=24, ax=ax),
        "strangers": lambda ax: plotting.plot_history_length(strangers, of="told", ax=ax),
        "new_products": lambda ax: plotting.plot_ranking_scores(hidden, among, ax=ax),
    }
    folder.mkdir(parents=True, exist_ok=True)
    print("\nPictures\n")
    for name, picture in pictures.items():
        figure = Figure(figsize=(9.0, 6.0), layout="constrained")
        ax = picture(figure.add_subplot())
        figure.savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {ax.get_title(loc='left')}")
    print(f"\n{len(pictures)} pictures in {folder}")


def data_file(arguments: list[str]) -> Path:
    """The file that is named, or the one in CRMKIT_DATA; without one, how to get it."""
    folder = os.environ.get("CRMKIT_DATA")
    path = Path(arguments[0]) if arguments else Path(folder) / IN_DATA if folder else None
    if path is None or not path.is_file():
        where = "no file was named" if path is None else f"there is no file {path}"
        raise SystemExit(
            f"gift_shop_offers: {where}. Download 'Online Retail.xlsx' from "
            "https://archive.ics.uci.edu/dataset/352 (CC BY 4.0; pandas reads it with openpyxl)\n"
            'and run: python examples/gift_shop_offers.py "Online Retail.xlsx" pictures'
        )
    return path


if __name__ == "__main__":
    pictures = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="crmkit-")
    main(data_file(sys.argv[1:]), Path(pictures))
