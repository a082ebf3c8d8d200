"""Tables of the guide on segments: what BehaviourSegmenter finds in two shops, and if it holds.

    CRMKIT_DATA=folder python benchmarks/segment_tables.py [name ...]

Names: complete_journey, online_retail; all by default. Writes docs/guide/segments/<name>.inc.
Complete Journey comes with the extra `data`; UCI Online Retail is read from CRMKIT_DATA and left
out with a word where it is not set. The number of segments is chosen with the seed and resamples
that come as defaults; what is told of stability is measured again with other seeds. Beside it stand
what five other seeds choose, how far segments agree that are learnt from two halves of the
customers without one in common, and how well rules that are learnt from one half tell the other.
"""

import csv
import io
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from holdout_tables import online_retail, transactions
from sklearn.metrics import adjusted_rand_score
from sklearn.tree import DecisionTreeClassifier

import crmkit as ck
from crmkit.segment import BehaviourSegmenter, segment_stability

OUT = Path(__file__).parents[1] / "docs" / "guide" / "segments"
ARI, SMALLEST, LARGEST, FIDELITY, FEWEST = 0.80, 0.03, 0.60, 0.85, 4
HALVES = 10


@dataclass(frozen=True)
class Case:
    """Customers, the columns that are segmented on, and what they are."""

    title: str
    about: str
    load: Callable[[], pd.DataFrame]
    columns: list[str]


def shop() -> pd.DataFrame:
    """Customers of UCI Online Retail and how many different articles each bought."""
    customers = ck.summarize(online_retail())
    lines = transactions("online_retail_2010_2011").dropna(subset=["CustomerID"])
    bought = lines[lines["Quantity"] * lines["UnitPrice"] > 0]
    n_items = bought.groupby(bought["CustomerID"].astype("int64"))["StockCode"].nunique()
    return customers.assign(n_items=customers["CustomerID"].map(n_items))


def groceries() -> pd.DataFrame:
    """Households of Complete Journey and in how many departments each shopped."""
    data = ck.datasets.load_complete_journey()
    lines = data.transactions
    log = ck.EventLog(
        lines,
        customer="household_id",
        when="transaction_timestamp",
        amount="sales_value",
        order="basket_id",
    )
    customers = ck.summarize(log)
    lines = lines.merge(data.products[["product_id", "department"]], on="product_id", how="left")
    n_departments = lines.groupby("household_id")["department"].nunique()
    return customers.assign(n_departments=customers["household_id"].map(n_departments))


CASES = {
    "complete_journey": Case(
        "Complete Journey",
        "Groceries of frequent shoppers, one year. Households by `summarize` (baskets are orders), "
        "on the columns `days_since_last`, `n_orders`, `total_amount` and `n_departments`, the "
        "number of departments shopped in. Age as a customer is no column here: nearly all came "
        "before the log begins.",
        groceries,
        ["days_since_last", "n_orders", "total_amount", "n_departments"],
    ),
    "online_retail": Case(
        "UCI Online Retail",
        "Gifts, many wholesalers, one year. Customers by `summarize`, on the columns "
        "`days_since_last`, `T` (age as a customer), `n_orders`, `total_amount` and `n_items`, the "
        "number of different articles bought.",
        shop,
        ["days_since_last", "T", "n_orders", "total_amount", "n_items"],
    ),
}


def fragment(case: Case) -> str:
    """The section of a case in reStructuredText."""
    customers = case.load()
    segmenter = BehaviourSegmenter(case.columns).fit(customers)
    fresh = fresh_stability(case, customers, segmenter.n_segments_)
    lines = [case.title, "-" * len(case.title), "", case.about, ""]
    lines += [f"{len(customers):,} customers. {segmenter.reason_}", ""]
    lines += [table("Numbers tried", tried_rows(segmenter))]
    lines += [table("The segments", segment_rows(segmenter))]
    lines += [table("Their main rules", rule_rows(segmenter))]
    lines += ["Aimed at before it was measured:", ""]
    lines += [f"* {text}" for text in verdicts(segmenter, fresh)]
    chosen = [BehaviourSegmenter(case.columns, random_state=s).fit(customers) for s in range(1, 6)]
    numbers = ", ".join(str(other.n_segments_) for other in chosen)
    told = other_half(segmenter, customers, case.columns)
    agreed = two_halves(case, customers, segmenter.n_segments_)
    lines += [
        "",
        f"With five other seeds the number chosen is {numbers}. The stability that counts is that "
        f"of five seeds which had no part in the choice: {fresh.min():.3f} to {fresh.max():.3f}; "
        "bootstrap samples share most of their customers. Segments learnt from two halves without "
        f"a customer in common agree on all customers by an adjusted Rand index of "
        f"{np.mean(agreed):.2f} ({min(agreed):.2f} to {max(agreed):.2f} over {HALVES} divisions). "
        "The rules are judged on the customers whom they describe: a tree of four levels that "
        f"learnt from one half says the segment of {100 * told:.1f} % of the other half.",
        "",
    ]
    return "\n".join(lines)


def fresh_stability(case: Case, customers: pd.DataFrame, k: int) -> np.ndarray:
    """Stability of the chosen number, with seeds that had no part in choosing it."""
    found = []
    for seed in range(101, 106):
        again = BehaviourSegmenter(case.columns, method="kmeans", random_state=seed)
        found.append(segment_stability(customers, [k], segmenter=again)["stability"].iloc[0])
    return np.array(found)


def other_half(segmenter: BehaviourSegmenter, customers: pd.DataFrame, columns: list[str]) -> float:
    """Share of one half of the customers whose segment a tree learnt from the other half says."""
    x, y = customers[columns].to_numpy(float), segmenter.labels_
    found = []
    for half in halves(len(customers)):
        least = int(0.005 * half.sum())
        tree = DecisionTreeClassifier(max_depth=4, min_samples_leaf=least, random_state=0)
        found.append(tree.fit(x[half], y[half]).score(x[~half], y[~half]))
    return float(np.mean(found))


def two_halves(case: Case, customers: pd.DataFrame, k: int) -> list[float]:
    """How far segments of two halves without a common customer agree on everybody."""
    found = []
    for half in halves(len(customers)):
        fitted = [
            BehaviourSegmenter(case.columns, n_segments=k).fit(customers[part])
            for part in (half, ~half)
        ]
        found.append(adjusted_rand_score(*(each.predict(customers) for each in fitted)))
    return found


def halves(n: int) -> list[np.ndarray]:
    """Random halves of so many customers."""
    return [np.random.default_rng(seed).permutation(n) % 2 == 0 for seed in range(HALVES)]


def tried_rows(segmenter: BehaviourSegmenter) -> list[list[str]]:
    names = ["segments", "ARI", "sd", "resamples", "silhouette", "smallest", "largest"]
    rows = [[*names, "rules tell", "misses"]]
    for row in pd.DataFrame(segmenter.stability_).itertuples():
        k = f"**{row.k}**" if row.k == segmenter.n_segments_ else str(row.k)
        scores = [f"{row.stability:.2f}", f"{row.stability_sd:.2f}", str(row.n_resamples)]
        scores.append(f"{row.silhouette:.2f}")
        shares = [row.smallest_share, row.largest_share, row.fidelity]
        rows.append([k, *scores, *(f"{100 * share:.0f} %" for share in shares), row.misses])
    return rows


def segment_rows(segmenter: BehaviourSegmenter) -> list[list[str]]:
    told = segmenter.describe()
    medians = [name for name in told.columns if name.startswith("median_")]
    rows = [["segment", "customers", "share", *(name[7:] for name in medians)]]
    for _, row in told.iterrows():
        size = [f"{row['n_customers']:,}", f"{100 * row['share_of_customers']:.0f} %"]
        rows.append([row["segment"], *size, *(f"{row[name]:,.0f}" for name in medians)])
    return rows


def rule_rows(segmenter: BehaviourSegmenter) -> list[list[str]]:
    rows = [["segment", "rule", "precision", "coverage"]]
    for row in segmenter.describe().itertuples():
        shares = [f"{100 * share:.0f} %" for share in (row.precision, row.coverage)]
        rows.append([row.segment, row.rule, *shares])
    return rows


def verdicts(segmenter: BehaviourSegmenter, fresh: np.ndarray) -> list[str]:
    """What was aimed at, what came, and whether it is enough."""
    small, large = segmenter.shares_.min(), segmenter.shares_.max()
    k, rules = segmenter.n_segments_, segmenter.fidelity_
    aims = [
        (f"at least {FEWEST} segments: {k}", k >= FEWEST),
        (
            f"mean adjusted Rand index at least {ARI:.2f}: {fresh.mean():.3f} (fresh seeds)",
            fresh.mean() >= ARI,
        ),
        (f"no segment below {SMALLEST:.0%}: smallest {100 * small:.1f} %", small >= SMALLEST),
        (f"no segment above {LARGEST:.0%}: largest {100 * large:.1f} %", large <= LARGEST),
        (
            f"rules of at most 4 levels tell at least {FIDELITY:.0%}: {100 * rules:.1f} %",
            rules >= FIDELITY,
        ),
    ]
    return [f"{text}, {'reached' if met else '**missed**'}." for text, met in aims]


def table(title: str, rows: list[list[str]]) -> str:
    """Rows as a csv-table of reStructuredText."""
    made = io.StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    body = "\n".join(f"   {line}" for line in made.getvalue().splitlines())
    return f".. csv-table:: {title}\n   :header-rows: 1\n\n{body}\n"


def main() -> None:
    warnings.simplefilter("ignore")
    for name in sys.argv[1:] or list(CASES):
        try:
            text = fragment(CASES[name])
        except FileNotFoundError as error:
            print(f"{name}: left out: {error}")
            continue
        print(text, flush=True)
        OUT.mkdir(parents=True, exist_ok=True)
        made = f".. Made by: python benchmarks/segment_tables.py {name}\n\n"
        (OUT / f"{name}.inc").write_text(made + text, encoding="utf-8")


if __name__ == "__main__":
    main()
