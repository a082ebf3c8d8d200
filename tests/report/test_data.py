"""The report for machines: what the page tells, with units, populations and cut-offs."""

import json
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.report import ValueContent, build_report, render_report, report_data
from tests.report._churned import OFFER, check, churn, with_churn
from tests.report._made import CUSTOMERS, content

UNITS = {"count", "share", "days", "score", "times", "purchases", "log-odds"}
UNITS |= {"currency of the data", "as the model states it"}


@pytest.fixture(scope="module")
def made():
    return with_churn(OFFER, churn=churn(offer=OFFER, check=check()))


@pytest.fixture(scope="module")
def told(made):
    return report_data(made)


class Tables(HTMLParser):
    """Captions and number of rows of the tables of a page."""

    def __init__(self, page):
        super().__init__()
        self.found, self.inside = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "caption":
            self.found.append(["", -1])
        self.inside = tag if tag in ("caption", "span") else ""
        if tag == "tr" and self.found:
            self.found[-1][1] += 1

    def handle_data(self, data):
        if self.inside == "span" and self.found and self.found[-1][1] < 0:
            self.found[-1][0] += data


def test_it_is_json_and_says_what_it_is(told):
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert (told["schema"], told["schema_version"]) == ("crmkit.report", 1)
    assert told["title"] == "Report of the shop"
    assert told["facts"]["as_of"] == "2025-01-01T00:00:00"
    assert told["facts"]["horizon_end"] == "2025-12-31T00:00:00"


def test_every_table_of_the_page_is_told(made, told):
    page = [(name.strip(), n) for name, n in Tables(render_report(made)).found]
    tables = [table for section in told["sections"] for table in section["tables"]]
    assert page == [(table["caption"], len(table["rows"])) for table in tables]
    assert len({table["id"] for table in tables}) == len(tables) > 8


def test_every_number_has_a_unit_a_population_and_a_cut_off(told):
    for section in told["sections"]:
        for figure in section["figures"]:
            assert figure["unit"] in UNITS, figure
        for table in section["tables"]:
            assert table["population"], table["id"]
            assert table["cut_off"] or section["id"] == "data", table["id"]
            for place, column in enumerate(table["columns"]):
                values = [row[place] for row in table["rows"]]
                if any(isinstance(value, int | float | list) for value in values):
                    assert column["unit"] in UNITS, (table["id"], column)


def test_numbers_are_those_of_the_content_and_not_rounded(told):
    sections = {section["id"]: section for section in told["sections"]}
    assert sections["figures"]["figures"][6]["value"] == CUSTOMERS["clv"].sum()
    best = sections["top"]["tables"][0]
    names = [column["name"] for column in best["columns"]]
    row = dict(zip(names, best["rows"][0], strict=True))
    assert row["customer"] == "007"
    assert (row["expected_purchases"], row["expected_value"]) == (6.0, 600.0)
    assert row["chance_of_no_purchase"] == pytest.approx(0.01)
    assert sections["check"]["cut_off"] == "2024-10-01T00:00:00"
    assert sections["check"]["until"] == "2025-01-01T00:00:00"


def test_sentences_and_pictures_of_the_page_are_told_in_words(made, told):
    page = render_report(made)
    n = sum(len(section["pictures"]) for section in told["sections"])
    assert n == page.count("<img ")
    sentences = [s for section in told["sections"] for s in section["sentences"]]
    assert any("Contacting pays for 4 customers" in sentence for sentence in sentences)


@pytest.mark.usefixtures("unpainted")
def test_a_row_for_each_number_as_parquet(made, told, tmp_path):
    frame = pd.read_parquet(build_report(made, tmp_path / "report.parquet"))
    assert frame.attrs["schema_version"] == 1
    own = frame[(frame["table"] == "best_customers") & (frame["label"] == "007")]
    assert own.set_index("column")["value"]["expected_value"] == 600.0
    assert own["cut_off"].unique().tolist() == [pd.Timestamp("2025-01-01")]
    lift = frame[(frame["table"] == "risk_lift") & frame["low"].notna()]
    assert (lift["low"] <= lift["high"]).all()
    assert len(lift) == 4
    cells = [
        cell
        for section in told["sections"]
        for table in section["tables"]
        for row in table["rows"]
        for cell in row
        if isinstance(cell, int | float)
    ]
    numbers = frame.loc[~frame["table"].isin(["key_figures"]), "value"].dropna()
    np.testing.assert_allclose(sorted(numbers), sorted(cells))


@pytest.mark.usefixtures("unpainted")
def test_json_is_written_by_its_ending(made, told, tmp_path):
    path = build_report(made, tmp_path / "report.json")
    assert json.loads(path.read_text(encoding="utf-8")) == told
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.usefixtures("unpainted")
def test_intervals_are_pairs_of_numbers():
    worth = ValueContent(total=(700.0, 900.0), segments={"Lost": (5.0, 40.0)}, level=0.9)
    told = report_data(content(worth=worth))
    (table,) = (t for s in told["sections"] for t in s["tables"] if t["id"] == "value_totals")
    assert [row[3] for row in table["rows"]] == [[700.0, 900.0], [5.0, 40.0]]
    assert table["columns"][3]["heading"] == "90\N{NO-BREAK SPACE}% interval"


@pytest.mark.usefixtures("unpainted")
def test_text_from_the_data_stays_text():
    evil = '"</script>\u2028'
    told = report_data(content(CUSTOMERS.assign(id=[evil, *"bcdef"])))
    (best,) = (t for s in told["sections"] for t in s["tables"] if t["id"] == "best_customers")
    assert best["rows"][0][0] == evil
    assert json.loads(json.dumps(told)) == told


def test_n_top_is_checked():
    with pytest.raises(DataError, match="report_data: n_top must be a whole number of at least 1"):
        report_data(content(), n_top=0)
