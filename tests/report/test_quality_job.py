"""Quality and records in the whole job: ids that fit, people joined, notes instead of faults."""

import pandas as pd
import pytest

import crmkit as ck
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from crmkit.report import _quality
from crmkit.report._quality_content import Merged, QualityContent
from crmkit.report._quality_job import RecordsJob, joined, quality_content

SHOP = make_customers(150, duplicates=0.2, random_state=3)
LOG = ck.EventLog(SHOP.events, customer="record_id")


def quiet(_):
    pass


def test_without_records_the_log_stays():
    assert joined(LOG, None, quiet) == (LOG, None)
    log, merged = joined(LOG, RecordsJob(SHOP.records, "record_id"), quiet)
    assert log is LOG
    assert merged is None


def test_people_are_joined_and_counted():
    steps = []
    log, merged = joined(LOG, RecordsJob(SHOP.records, "record_id", True), steps.append)
    assert merged.n_records == len(SHOP.records) == 180
    assert merged.n_customers == log.data["record_id"].nunique() < merged.n_ids
    assert abs(merged.n_people - 150) <= 8
    assert merged.n_unknown == 0
    assert steps == [f"joined 180 records into {merged.n_people} people"]
    assert LOG.data["record_id"].nunique() == merged.n_ids


def test_ids_that_do_not_fit_are_refused():
    other = SHOP.records.assign(record_id="X" + SHOP.records["record_id"])
    with pytest.raises(DataError, match=r"no id in 'record_id' .* with --record-id"):
        joined(LOG, RecordsJob(other, "record_id"), quiet)
    with pytest.raises(DataError, match="column 'customer' not found"):
        joined(LOG, RecordsJob(other, "customer"), quiet)
    empty = SHOP.records.assign(record_id=None)
    with pytest.raises(DataError, match="column 'record_id' of the records holds no ids"):
        joined(LOG, RecordsJob(empty, "record_id"), quiet)


def test_quality_is_told_of_log_and_records():
    found = quality_content(LOG, RecordsJob(SHOP.records, "record_id"), None, True, quiet)
    assert found.log.n_rows == len(SHOP.events)
    assert found.records.n_rows == 180
    assert quality_content(LOG, None, None, False, quiet) is None
    table = _quality.score_table(found.records, "records")
    good = {row[0]: row for row in table.rows}["completeness"]
    assert good[1].value == pytest.approx(good[2].value / good[3].value)
    issues = _quality.issue_table(found.records, "records")
    assert len(issues.rows) <= _quality.MOST
    assert issues.rows[0][1] in ("high", "medium")
    assert "Findings by weight: " in _quality.introduction(found.records, "records")[0]
    (said,) = _quality.duplicates_text(found)
    assert said.startswith("About ")


def test_what_joining_changed_is_told():
    merged = Merged(120, 100, 110, 95, n_unknown=3, precision=0.984)
    (said,) = _quality.duplicates_text(QualityContent(merged=merged))
    for part in ("120 records are 100 people", "110 ids became those of 95 customers"):
        assert part in said
    assert "98.4\N{NO-BREAK SPACE}% of the joined pairs are right" in said
    assert "3 ids of the purchases had no record" in said
    rows = _quality.merged_table(merged).rows
    assert [[cell.value for cell in row[1:]] for row in rows[:2]] == [[120, 100], [110, 95]]
    assert _quality.merged_table(None) is None


def test_clean_data_have_no_findings():
    clean = pd.DataFrame({"id": ["a", "b"], "city": ["York", "Bath"]})
    report = ck.cleaning.quality_report(clean, record="id", duplicates=False)
    assert _quality.introduction(report, "records") == [
        "2 rows of records were looked at in 2 columns. Nothing was found."
    ]
    assert _quality.issue_table(report, "records") is None
    assert _quality.duplicates_text(QualityContent()) == []


def test_notes_alone_are_said_to_be_notes():
    classes = pd.DataFrame({"id": range(40), "age": ["old", "young"] * 20, "kids": ["0", "1"] * 20})
    report = ck.cleaning.quality_report(classes, record="id", duplicates=False)
    said = "40 rows of records were looked at in 3 columns. Nothing was found but what is worth a"
    assert _quality.introduction(report, "records") == [f"{said} note."]
    (row,) = _quality.issue_table(report, "records").rows
    assert row[:2] == ["whole row", "note"]
    assert [row[4] for row in _quality.score_table(report, "records").rows][2] == (
        "rows that are no copy of an earlier row, once written alike, and repeat no id"
    )
