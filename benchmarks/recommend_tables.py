"""How good are the recommenders? Tables at rolling cut-offs, beside the simple rules.

    python benchmarks/recommend_tables.py retail FOLDER [CUTOFFS]

`retail`: UCI Online Retail (UCI 352), one open year of a British gift shop, read from
FOLDER/transactions/online_retail_2010_2011.parquet. New items: the default hybrid beside EASE with
three penalties, of which the best at each cut-off counts as tuned. All purchases: the same beside
ALS and what a customer buys again. Everything is chosen by the recommenders themselves from what
lies before a cut-off; the windows after it are read once.
"""

import sys
import time
from pathlib import Path

import pandas as pd

from crmkit import EventLog
from crmkit.recommend import (
    ALS,
    EASE,
    Evaluation,
    HybridRecommender,
    PureSVD,
    TrendReweighter,
    evaluate,
)

CUTOFFS = 4
EASES = {f"EASE {penalty:g}": EASE(penalty) for penalty in (200.0, 500.0, 1000.0)}


def retail(folder: Path, cutoffs: int) -> None:
    """Tables of the gift shop."""
    lines = pd.read_parquet(folder / "transactions" / "online_retail_2010_2011.parquet")
    lines = lines[lines["CustomerID"].notna()]
    lines = lines.assign(Revenue=lines["Quantity"] * lines["UnitPrice"])
    names = ("CustomerID", "InvoiceDate", "Revenue", "InvoiceNo", "StockCode")
    log = EventLog(lines, *names)
    start = time.process_time()
    new = evaluate(
        {
            "hybrid": HybridRecommender("explore"),
            "trend": TrendReweighter(),
            "SVD": PureSVD(),
            **EASES,
        },
        log,
        cutoffs,
        modes="new",
        n_given=(),
    )
    tell(new, "new items", "hybrid", tuple(EASES))
    every = evaluate(
        {"hybrid": HybridRecommender("both"), "ALS": ALS(), "EASE": EASE()},
        log,
        cutoffs,
        modes=("all", "repeat"),
        n_given=(),
    )
    tell(every, "all purchases", "hybrid", ("ALS",))
    print(f"\n{time.process_time() - start:.0f} CPU seconds")


def tell(found: Evaluation, table: str, ours: str, rivals: tuple[str, ...]) -> None:
    """Print a table, the NDCG at each cut-off, and the ratios that count."""
    with pd.option_context("display.width", 200, "display.max_columns", 30):
        print(f"\n{table}\n{found.table(table).round(4)}")
        by_cut = found.by_cutoff(table)
        by_cut.columns = [f"{when:%Y-%m-%d}" for when in by_cut.columns]
        print(f"\nNDCG@{found.n} at each cut-off\n{by_cut.round(4)}")
    simple = [name for name in ("popularity", "recent popularity", "buy again") if name in by_cut.T]
    for what, names in (("simple rules", simple), (" / ".join(rivals), list(rivals))):
        best = by_cut.loc[names].max()
        ratio = by_cut.loc[ours] / best
        print(
            f"{ours} over the best of {what} at each cut-off: {ratio.round(3).tolist()}, "
            f"of the means {by_cut.loc[ours].mean() / best.mean():.3f}"
        )
    if "buy again" in simple:
        again = by_cut.loc["buy again"].mean() / by_cut.loc["ALS"].mean()
        print(f"buy again over ALS, of the means: {again:.3f}")


PARTS = {"retail": retail}

if __name__ == "__main__":
    part, folder = sys.argv[1:3]
    PARTS[part](Path(folder), int(sys.argv[3]) if len(sys.argv) > 3 else CUTOFFS)
