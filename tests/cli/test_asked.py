"""What was asked of the command: parts of the job, and what contradicts itself."""

from pathlib import Path

import pytest

from crmkit.cli._asked import (
    check_records_asked,
    churn_job,
    log_of,
    offers_job,
    profile_job,
    records_job,
)
from crmkit.cli._transactions import Columns, CsvStyle
from crmkit.exceptions import DataError
from crmkit.report._churn_job import ChurnJob
from crmkit.report._offers_job import OffersJob
from crmkit.report._segment_job import ProfileJob


def test_parts_hold_what_was_asked():
    asked = churn_job(True, "60", 5.0, 1.0, 0.2)
    assert asked == ChurnJob(60.0, offer_cost=5.0, contact_cost=1.0, acceptance=0.2)
    assert churn_job(True, "90D", None, None, None) == ChurnJob("90D")
    assert offers_job(True, "explore", "sku", "text") == OffersJob("explore", "text")
    assert profile_job(True, "kind", "shop", "off") == ProfileJob("kind", "shop", "off")


def test_parts_that_are_left_away_are_none():
    assert churn_job(False, None, None, None, None) is None
    assert offers_job(False, "both", "sku", None) is None
    assert profile_job(False, None, None, None) is None
    assert records_job(None, "id", False, CsvStyle()) is None


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: churn_job(False, None, None, 1.0, None), "leave --no-churn away"),
        (lambda: churn_job(False, "60", None, None, None), "leave --no-churn away"),
        (lambda: offers_job(True, "both", None, "text"), "with --item, and leave --no-offers"),
        (lambda: offers_job(False, "repeat", "sku", None), "leave --no-offers away"),
        (lambda: profile_job(False, None, "shop", None), "leave --no-profile away"),
        (lambda: check_records_asked(None, "id", False), "name their file with --records"),
        (lambda: check_records_asked(None, None, True), "name their file with --records"),
    ],
)
def test_what_contradicts_itself_is_refused(ask, message):
    with pytest.raises(DataError, match=message):
        ask()


def test_records_that_are_named_may_be_joined():
    check_records_asked(Path("people.csv"), "id", True)


def test_the_first_factor_of_a_product_counts_units(tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text("who,day,n,price,sku\na,2024-01-01,2,1.5,x\na,2024-01-02,-1,1.5,x\n")
    log = log_of(
        path,
        Columns("who", "day", "n*price", item="sku"),
        CsvStyle(),
        date_format=None,
        returns="net",
        min_amount=None,
        tz=None,
    )
    assert (log.quantity, log.item, log.returns) == ("n", "sku", "net")
    assert log.data["n*price"].tolist() == [3.0, -1.5]
