"""Boosted value against its base on real logs: fitted before a cut-off, scored once after it.

    CRMKIT_DATA=folder python benchmarks/bench_boosted_value.py [cdnow] [retail] [retail_net] ...

Every row is an outer holdout period that no part of the fit has seen; the gate inside chose
before. Losses of the base, of each customer's own average and of the choice stand side by side.
"Gain" is the mean log ratio of three losses to the base (see `crmkit.clv._value_gate`) with its
standard error over customers: below zero is better. One order of 168,470 in "retail", cancelled
the same day, decides the spend losses of its autumn; "retail_net" subtracts cancellations.
"""

import os
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import crmkit as ck
from crmkit.clv import BoostedLifetimeValue
from crmkit.clv._value_gate import judge
from crmkit.clv._value_past import own_average
from crmkit.clv._value_snapshots import outcome, snapshot
from crmkit.clv._value_trees import Forecast
from crmkit.events._windows import read_histories
from crmkit.metrics import captured_share, spearman, total_bias

# log, as_of, horizon, window
CASES = [
    ("cdnow", "1997-10-01", "39W", None),
    ("cdnow", "1997-10-01", "39W", "13W"),
    ("cdnow", "1997-10-01", "13W", None),
    ("cdnow", "1998-01-01", "13W", None),
    ("cdnow", "1998-04-01", "13W", None),
    ("cdnow", "1998-05-06", "8W", None),
    ("cdnow", "1998-06-03", "4W", None),
    ("retail", "2011-09-01", "100D", None),
    ("retail", "2011-09-01", "100D", "8W"),
    ("retail", "2011-09-10", "13W", None),
    ("retail", "2011-08-20", "8W", None),
    ("retail", "2011-10-15", "8W", None),
    ("retail", "2011-11-12", "4W", None),
    ("retail_net", "2011-09-01", "100D", None),
    ("retail_net", "2011-09-10", "13W", None),
    ("retail_net", "2011-10-15", "8W", None),
    ("retail_net", "2011-11-12", "4W", None),
    ("journey", "2017-09-01", "123D", None),
    ("journey", "2017-09-01", "123D", "8W"),
    ("journey", "2017-10-01", "13W", None),
    ("journey", "2017-11-05", "8W", None),
    ("journey", "2017-12-03", "4W", None),
]


def load(name: str) -> ck.EventLog:
    if name == "cdnow":
        return ck.EventLog(ck.datasets.load_cdnow())
    folder = Path(os.environ["CRMKIT_DATA"])
    if name.startswith("retail"):
        lines = pd.read_parquet(folder / "transactions" / "online_retail_2010_2011.parquet")
        lines = lines[lines["CustomerID"].notna()]
        lines = lines.assign(Revenue=lines["Quantity"] * lines["UnitPrice"])
        returns = "net" if name == "retail_net" else "exclude"
        return ck.EventLog(
            lines, "CustomerID", "InvoiceDate", "Revenue", "InvoiceNo", returns=returns
        )
    lines = pd.read_parquet(folder / "completejourney" / "transactions.parquet")
    return ck.EventLog(lines, "household_id", "transaction_timestamp", "sales_value", "basket_id")


def run(log: ck.EventLog, name: str, as_of: str, horizon: str, window: str | None) -> None:
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = BoostedLifetimeValue(horizon=horizon, window=window).fit(log, as_of=as_of)
    fitted = time.perf_counter() - start
    table = model.predict(log, as_of=as_of)
    days = model.horizon_
    at = int(np.datetime64(as_of, "D").astype(int)) - 1
    histories = read_histories(log, None, "D", "bench")
    assert histories.whole >= at + days, "the holdout period is longer than the log"
    seen = snapshot(histories, at, days, 7)
    came = outcome(histories, seen, days)
    some = table["probability_any_purchase"].to_numpy()
    columns = {
        "base": ("base_purchases", "base_spend_total"),
        "chosen": ("expected_purchases", "expected_spend_total"),
    }
    forecasts = {
        label: Forecast(some, *(table[column].to_numpy() for column in pair))
        for label, pair in columns.items()
    }
    forecasts["own average"] = own_average(seen.customers, days / 7)
    verdicts = judge(forecasts, came, seed=0)
    print(
        f"\n{name} {as_of} {horizon} window={window}: {len(some):,} customers, fit {fitted:.1f} s"
    )
    print(f"  {model.reason_}")
    for label, verdict in verdicts.items():
        expected = forecasts[label]
        purchases, spend, rmse = verdict.losses
        print(
            f"  {label:12} gain {verdict.score:+.4f} +- {verdict.noise:.4f}"
            f"  purchases: deviance {purchases:.4f}"
            f" bias {total_bias(came.purchases, expected.purchases):+.1%}"
            f"  spend: deviance {spend:.3f} RMSE {rmse:.2f}"
            f" MAE {np.abs(came.spend - expected.spend).mean():.2f}"
            f" bias {total_bias(came.spend, expected.spend):+.1%}"
            f" Spearman {spearman(came.spend, expected.spend):.3f}"
            f" top 10 % {captured_share(came.spend, expected.spend):.1%}"
        )


def main() -> None:
    wanted = sys.argv[1:] or ["cdnow", "retail", "retail_net", "journey"]
    for name in wanted:
        log = load(name)
        for case in CASES:
            if case[0] == name:
                run(log, *case)


if __name__ == "__main__":
    main()
