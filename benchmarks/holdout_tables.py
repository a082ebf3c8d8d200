"""Holdout tables of the guide: every purchase model on four logs, beside the simple baselines.

    CRMKIT_DATA=folder python benchmarks/holdout_tables.py [log ...]

Writes docs/guide/holdout/<log>.inc for each log (cdnow, online_retail, complete_journey, apparel;
all by default). CDNOW and Complete Journey come with the extra `data`; UCI Online Retail and the
simulated apparel cohort are read from the folder `transactions` in CRMKIT_DATA and are left out
with a word where it is not set. Cut-offs and horizons were chosen before any model was run.
"""

import csv
import io
import os
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import crmkit as ck
from crmkit import clv
from crmkit.clv._purchase_model import PurchaseModel

OUT = Path(__file__).parents[1] / "docs" / "guide" / "holdout"
HEADINGS = {
    "mean_absolute_error": "MAE",
    "root_mean_squared_error": "RMSE",
    "poisson_deviance": "deviance",
    "total_bias": "bias",
    "spearman": "Spearman",
    "normalized_gini": "Gini",
    "top_decile_share": "top 10 %",
}
PERCENT = ("total_bias", "top_decile_share")
COMPARED = ("poisson_deviance", "root_mean_squared_error", "mean_absolute_error")


@dataclass(frozen=True)
class Case:
    """A log, where it is cut, and how long the holdout period is."""

    title: str
    load: Callable[[], ck.EventLog]
    as_of: str
    horizon: str


def transactions(name: str) -> pd.DataFrame:
    folder = os.environ.get("CRMKIT_DATA")
    if folder is None:
        raise FileNotFoundError("CRMKIT_DATA is not set")
    return pd.read_parquet(Path(folder) / "transactions" / f"{name}.parquet")


def online_retail() -> ck.EventLog:
    lines = transactions("online_retail_2010_2011").dropna(subset=["CustomerID"])
    lines = lines.assign(
        CustomerID=lines["CustomerID"].astype("int64"),
        Revenue=lines["Quantity"] * lines["UnitPrice"],
        InvoiceDate=pd.to_datetime(lines["InvoiceDate"]),
    )
    lines = lines[lines["Revenue"] > 0]
    return ck.EventLog(
        lines, customer="CustomerID", when="InvoiceDate", amount="Revenue", order="InvoiceNo"
    )


def complete_journey() -> ck.EventLog:
    lines = ck.datasets.load_complete_journey().transactions
    names = {"household_id": "customer_id", "transaction_timestamp": "timestamp"}
    lines = lines.rename(columns=names | {"sales_value": "amount"})
    return ck.EventLog(lines[["customer_id", "timestamp", "amount"]])


def apparel() -> ck.EventLog:
    lines = transactions("apparel_transactions")
    lines["Date"] = pd.to_datetime(lines["Date"])
    return ck.EventLog(lines, customer="Id", when="Date", amount="Price")


CASES = {
    "cdnow": Case(
        "CDNOW, all customers (music shop, first purchases in one quarter)",
        lambda: ck.EventLog(ck.datasets.load_cdnow()),
        "1997-10-01",
        "273D",
    ),
    "online_retail": Case(
        "UCI Online Retail (gifts, many wholesalers, nine months of past)",
        online_retail,
        "2011-09-01",
        "100D",
    ),
    "complete_journey": Case(
        "Complete Journey (groceries of frequent shoppers)",
        complete_journey,
        "2017-09-01",
        "123D",
    ),
    "apparel": Case("Apparel (a simulated cohort of 600)", apparel, "2008-01-01", "1085D"),
}


def models() -> list[Any]:
    """One of each public model of purchases in continuous time; NBD is a baseline already."""
    read = {"frequency", "recency", "T", "sum_log_gaps"}
    classes = [getattr(clv, name) for name in clv.__all__]
    found = [
        kind()
        for kind in classes
        if isinstance(kind, type)
        and issubclass(kind, PurchaseModel)
        and kind.__name__ not in ("NBDModel", "BetaGeoBetaBinomialModel")
        and set(kind()._column_names()) <= read
    ]
    found.sort(key=lambda model: len(model._column_names()))  # of two that agree the simpler first
    return [*found, clv.BoostedLifetimeValue()]


def run(case: Case) -> tuple[Any, list[str], float]:
    """Report of a log, what the fits said, and the seconds it took."""
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        report = ck.pipelines.holdout_report(
            case.load(),
            case.as_of,
            case.horizon,
            "W",
            purchases=models(),
            spend=clv.GammaGammaModel(),
        )
    said = list(dict.fromkeys(str(w.message) for w in caught))
    return report, said, time.perf_counter() - start


def fragment(case: Case, report: Any, said: list[str]) -> str:
    """The section of a log in reStructuredText."""
    came, until = report.actual, f"{report.until:%Y-%m-%d}"
    lines = [
        case.title,
        "-" * len(case.title),
        "",
        f"{report.n_customers:,} customers who had bought before {report.as_of:%Y-%m-%d}; holdout "
        f"until {until} ({report.horizon:.1f} weeks). {came.sum():,} purchase days came, "
        f"worth {report.actual_spend.sum():,.0f} in all; {(came == 0).mean():.0%} of the customers "
        "bought nothing.",
        "",
        table("Purchases per customer", score_rows(report, "purchases")),
        table(f"Differences to {best(report)}, the best model by deviance", compared_rows(report)),
    ]
    if report.intervals:
        lines.append(table("Intervals that should hold 80 %", interval_rows(report)))
    lines.append(table("Spend per customer", score_rows(report, "spend")))
    if report.hiatus_threshold is not None:
        lines += [
            f"Hiatus rule: the own rate of those who last bought at most "
            f"{report.hiatus_threshold:.1f} weeks before the cut-off, tuned on "
            f"{report.hiatus_tuned_from:%Y-%m-%d} until the cut-off.",
            "",
        ]
    boosted = report.models["BoostedLifetimeValue"]
    lines += [f"BoostedLifetimeValue chose “{boosted.chosen_}”: {boosted.reason_.rstrip('.')}.", ""]
    if said:
        lines += ["The fits said:", "", *(f"* {text}" for text in said), ""]
    return "\n".join(lines)


def score_rows(report: Any, of: str) -> list[list[str]]:
    """Headings and rows of the scores; baselines in brackets."""
    scores = report.scores(of)
    plain = "{:,.2f}" if of == "spend" else "{:.3f}"
    rows = [["forecast", *HEADINGS.values()]]
    for name, row in scores.iterrows():
        cells = []
        for column in HEADINGS:
            form = "{:+.0%}" if column == "total_bias" else plain
            form = "{:.0%}" if column == "top_decile_share" else form
            form = "{:.3f}" if column in ("spearman", "normalized_gini") else form
            value = round(float(row[column]), 2 if column in PERCENT else 3) + 0.0
            cells.append(form.format(value) if value == value else "")
        rows.append([shown(report, str(name)), *cells])
    return rows


def compared_rows(report: Any) -> list[list[str]]:
    """Paired differences of every prediction to the best, with 95 % intervals."""
    told = report.score_intervals(against=best(report))
    rows = [["forecast", *(HEADINGS[name] for name in COMPARED)]]
    for name in told.index.get_level_values(0).unique():
        cells = []
        for score in COMPARED:
            row = told.loc[(name, score)]
            lower, upper = float(row["lower"]), float(row["upper"])
            cells.append(
                f"{float(row['estimate']):+.3f} [{lower:+.3f}, {upper:+.3f}] {row['verdict']}"
            )
        rows.append([shown(report, name), *cells])
    return rows


def interval_rows(report: Any) -> list[list[str]]:
    """Coverage of the prediction intervals."""
    rows = [["forecast", "inside", "below", "above", "mean width", "score"]]
    for name, row in report.coverage().iterrows():
        shares = [f"{row[c]:.0%}" for c in ("coverage", "share_below", "share_above")]
        ends = [f"{row[c]:.2f}" for c in ("mean_width", "interval_score")]
        rows.append([shown(report, str(name)), *shares, *ends])
    return rows


def best(report: Any) -> str:
    """Name of the best of the models by deviance."""
    return str(report.scores().loc[list(report.models), "poisson_deviance"].round(6).idxmin())


def shown(report: Any, name: str) -> str:
    return name if name.split(" x ")[0] in report.models else f"({name})"


def table(title: str, rows: list[list[str]]) -> str:
    """Rows as a csv-table of reStructuredText."""
    made = io.StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    body = "\n".join(f"   {line}" for line in made.getvalue().splitlines())
    return f".. csv-table:: {title}\n   :header-rows: 1\n\n{body}\n"


def main(names: list[str]) -> None:
    OUT.mkdir(exist_ok=True)
    for name in names or list(CASES):
        try:
            report, said, seconds = run(CASES[name])
        except FileNotFoundError as error:
            print(f"{name}: left out: {error}")
            continue
        (OUT / f"{name}.inc").write_text(fragment(CASES[name], report, said), encoding="utf-8")
        print(f"{name}: {seconds:.1f} s\n{report}\n")
        print(report.score_intervals(against=best(report)).round(3).to_string())


if __name__ == "__main__":
    main(sys.argv[1:])
