"""A log in which nobody bought again: the command tells what is known, and why the rest is not."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from crmkit.cli import _app as cli

UNKNOWN = {"clv", "clv_rank", "expected_purchases", "tier", "stage", "probability_churn"}


def one_day(hours=False):
    """Orders of one single day, some customers with several."""
    rng = np.random.default_rng(1)
    day = pd.Timestamp("2025-03-03")
    times = day + pd.to_timedelta(rng.integers(8, 20, 180) if hours else np.zeros(180), "h")
    ids = [f"c{i:03d}" for i in rng.integers(0, 110, 180)]
    return pd.DataFrame(
        {"customer_id": ids, "timestamp": times, "amount": rng.integers(5, 90, 180)}
    )


def one_time_buyers():
    """One order of each customer, over more than a year."""
    rng = np.random.default_rng(2)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, 150), "D")
    ids, amounts = [f"c{i:03d}" for i in range(150)], rng.integers(5, 90, 150)
    return pd.DataFrame({"customer_id": ids, "timestamp": days, "amount": amounts})


LOGS = {"one day": one_day(), "hours of a day": one_day(hours=True), "once each": one_time_buyers()}


def report(lines, folder, *options):
    """Exit code and text of the command, the table and the page."""
    path, out = folder / "sales.csv", folder / "out"
    lines.to_csv(path, index=False)
    result = CliRunner().invoke(
        cli.app, ["report", str(path), "--out", str(out), "--format", "html", *options]
    )
    assert result.exit_code == 0, result.output
    page = (out / "report.html").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    return result, pd.read_csv(out / "customers.csv"), page


@pytest.mark.parametrize("kind", LOGS)
def test_what_is_known_is_told_and_what_is_missing_in_a_sentence_each(kind, tmp_path):
    lines = LOGS[kind]
    result, table, page = report(lines, tmp_path)
    n = lines["customer_id"].nunique()
    assert table["customer_id"].tolist() == sorted(lines["customer_id"].unique())
    assert table["total_amount"].sum() == lines["amount"].sum()
    assert table[["R", "F", "M"]].isin([1, 2, 3, 4, 5]).all(axis=None)
    assert table["segment"].notna().all()
    assert not UNKNOWN & set(table.columns)
    why = f"BetaGeoModel: none of the {n} customers bought again"
    for missing in (
        f"What customers will buy and what they are worth could not be learnt from this log. {why}",
        f"Who is about to leave could not be learnt from this log. {why}",
        "Stages of life could not be learnt from this log.",
        "Who moved cannot be told: there are no stages of life to follow.",
        "There is no forecast that could be checked.",
    ):
        assert missing in page, missing
    for known in (
        "Revenue so far",
        "Segments, best first",
        "with the highest revenue so far",
        "How good are the purchases?",
        "What customers are like",
    ):
        assert known in page, known
    assert "xpected value of" not in page
    assert "Valued as of" not in page
    assert not re.search(r"\bnan\b", page, re.IGNORECASE)
    assert f"described {n} customers; what they are worth cannot be told" in result.stderr
    assert "so the table has no values, and neither tiers of value nor churn risk" in result.stderr
    assert "with the highest revenue so far" in result.stdout
    assert "expected" not in result.stdout


@pytest.mark.parametrize(
    ("kind", "alike"),
    [("one day", "how lately"), ("once each", "how often")],
)
def test_the_page_says_in_what_all_customers_are_alike(kind, alike, tmp_path):
    assert f"All customers are alike in {alike} they bought" in report(LOGS[kind], tmp_path)[2]


def test_offers_and_machines_are_served_too(tmp_path):
    rng = np.random.default_rng(3)
    lines = one_day().assign(sku=lambda x: rng.integers(0, 12, len(x)))
    options = ["--item", "sku", "--churn-horizon", "30", "--format", "json", "--format", "parquet"]
    _, table, page = report(lines, tmp_path, *options)
    assert "next_offer" in table
    assert re.search(r"Offers for the \d+ customers with the highest revenue so far", page)
    told = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert told["facts"]["horizon"] == 0
    figures = {figure["id"] for figure in told["sections"][0]["figures"]}
    assert "revenue_so_far" in figures
    assert not {"expected_value", "expected_buyers"} & figures
    cells = pd.read_parquet(tmp_path / "out" / "report.parquet")
    assert not cells["column"].str.contains("expected").any()


def test_one_repeat_buyer_is_too_few_to_tell_how_spend_differs(tmp_path):
    lines = one_time_buyers()
    again = lines.tail(1).assign(timestamp=lines["timestamp"].max() - pd.Timedelta("40D"))
    _, table, page = report(pd.concat([lines, again]), tmp_path)
    assert "clv" not in table
    assert "GammaGammaModel: 1 of 150 customers bought again and paid" in page
