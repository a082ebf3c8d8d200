"""quality_report: counted by hand, in every library, on the worst of tables; what is refused."""

import json
import pickle
import re
import sys
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit as ck
from crmkit.cleaning import QualityReport, expect, quality_report
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.contracts.spark_session import to_spark, why_not

CUSTOMERS = pd.DataFrame(
    {
        "id": [1, 2, 3, 3, 5, 6],
        "email": ["ann@post.example", "bob@post", "N/A", None, "eve@post.example", "  "],
        "city": ["Leeds", "York", "leeds", "Leeds", "York ", "Leeds"],
        "birth_date": ["1980-02-01", "1900-01-01", "31/12/1981", "1985-04-05", "2030-01-01", None],
        "age": [30.0, 40.0, np.nan, -1.0, 250.0, 20.0],
        "seen": pd.to_datetime(
            ["2024-03-01", "2022-05-05", "2024-02-01", "2024-03-02", "2024-01-01", None]
        ),
    }
)
HOW = {"record": "id", "when": "seen", "rules": {"age": (0, 120)}, "duplicates": False}


def found(report, column=None):
    table = to_pandas(report.issues())
    table = table if column is None else table[table["column"] == column]
    return {(r.column, r.check): (r.n, r.of) for r in table.itertuples()}


@pytest.fixture
def report():
    return quality_report(CUSTOMERS, **HOW)


def test_findings_by_hand(report):
    assert found(report) == {
        ("id", "repeated id"): (1, 6),
        ("email", "missing"): (2, 6),  # one of them is empty text
        ("email", "placeholder"): (1, 5),
        ("email", "unreadable"): (1, 3),
        ("city", "blanks"): (1, 6),
        ("city", "case"): (1, 6),
        ("city", "spellings"): (1, 6),
        ("birth_date", "missing"): (1, 6),
        ("birth_date", "placeholder"): (1, 5),
        ("birth_date", "formats"): (1, 4),
        ("birth_date", "born later"): (1, 4),
        ("age", "missing"): (1, 6),
        ("age", "rule"): (2, 5),
        ("seen", "missing"): (1, 6),
        ("seen", "old"): (1, 5),
    }


def test_columns_by_hand(report):
    table = report.to_frame().set_index("column")
    counts = ["n_rows", "n_missing", "n_placeholders", "n_values", "n_distinct"]
    assert table.loc["email", counts].tolist() == [6, 2, 1, 3, 3]
    assert table.loc["birth_date", [*counts, "n_invalid", "n_inconsistent"]].tolist() == [
        6, 1, 1, 4, 4, 0, 2,
    ]  # fmt: skip
    assert table.loc["city", "n_inconsistent"] == 2
    shares = ["completeness", "validity", "consistency"]
    assert table.loc["email", shares].tolist() == [3 / 6, 2 / 3, 1.0]
    assert table.loc["id", "uniqueness"] == 5 / 6
    assert table["uniqueness"].isna().sum() == 5
    assert table.loc["seen", "timeliness"] == 4 / 5


def test_kinds_that_few_values_told_are_said_to_be(tmp_path):
    frame = pd.DataFrame(
        {
            "age": ["12", "x", "N/A", "", "13"] * 5,
            "n": range(25),
            "status": ["a", "b"] * 12 + [None],
        }
    )
    report = quality_report(frame, kinds={"status": "category"}, duplicates=False)
    assert report.to_frame()["kind_from"].tolist() == ["few values", "name and values", "stated"]
    page = report.to_html(tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("(few values)") == 1


def test_scores_by_hand(report):
    table = report.scores().set_index("dimension")
    assert table.loc["completeness", ["n_good", "of"]].tolist() == [29, 36]
    assert table.loc["validity", ["n_good", "of"]].tolist() == [26, 29]
    assert table.loc["uniqueness", ["n_good", "of"]].tolist() == [5, 6]
    assert table.loc["consistency", ["n_good", "of"]].tolist() == [25, 29]
    assert table.loc["timeliness", ["n_good", "of"]].tolist() == [4, 5]
    five = [29 / 36, 26 / 29, 5 / 6, 25 / 29, 4 / 5]
    assert table["score"].tolist() == pytest.approx([*five, np.mean(five)])
    assert "mean of the dimensions" in table.loc["overall", "definition"]


def test_every_row_is_told_with_all_its_faults(report):
    rows = report.rows().set_index("row")
    assert rows.index.tolist() == [1, 2, 3, 4, 5]
    assert rows["id"].tolist() == [2, 3, 3, 5, 6]
    assert rows["n_findings"].tolist() == [3, 5, 3, 3, 3]
    for told in ("email: value that stands for nothing", "city: capitals", "city: rarer spelling"):
        assert told in rows.loc[2, "findings"]
    assert "birth date after another date" in rows.loc[4, "findings"]


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library_gets_its_own_frames(kind, report):
    frame = FRAMES[kind](CUSTOMERS)
    own = quality_report(frame, **HOW, earlier=report)
    for view in ("to_frame", "issues", "rows", "scores", "compare"):
        made = getattr(own, view)()
        assert type(made) is type(frame)
        expected = getattr(report, view)(report) if view == "compare" else getattr(report, view)()
        pd.testing.assert_frame_equal(to_pandas(made), expected, check_dtype=False)
    assert to_pandas(own.rows())["id"].dtype == np.int64


def test_input_is_not_changed():
    before = CUSTOMERS.copy(deep=True)
    quality_report(CUSTOMERS, **HOW)
    pd.testing.assert_frame_equal(CUSTOMERS, before)


def test_order_of_rows_changes_only_their_numbers(report):
    turned = quality_report(CUSTOMERS.iloc[::-1], **HOW)
    assert found(turned) == found(report)
    pd.testing.assert_frame_equal(turned.to_frame(), report.to_frame())


def test_pickle_round_trip(report):
    again = pickle.loads(pickle.dumps(report))
    pd.testing.assert_frame_equal(again.issues(), report.issues())
    pd.testing.assert_frame_equal(again.rows(), report.rows())


def test_repr_is_one_line(report):
    assert repr(report).startswith("<QualityReport of 6 rows, 6 columns; findings: 4 high, ")
    assert "\n" not in repr(report)


def test_as_of_tells_the_future():
    report = quality_report(CUSTOMERS, **HOW, as_of="2024-03-01")
    assert found(report, "birth_date")["birth_date", "not yet born"] == (1, 4)
    assert found(report, "seen")["seen", "ahead"] == (2, 5)
    assert (report.time.age, report.time.n_old, report.time.n_ahead) == (-2, 1, 2)


def test_the_day_after_the_newest_is_as_of(report):
    assert (report.time.as_of, report.time.newest, report.time.age) == (
        "2024-03-03",
        "2024-03-02",
        0,
    )


EMPTY = {
    "no rows": CUSTOMERS.iloc[:0],
    "one row": CUSTOMERS.iloc[:1],
    "no columns": pd.DataFrame(),
    "nothing at all": pd.DataFrame({"a": [None, None], "b": [None, None]}),
    "one column": CUSTOMERS[["city"]],
}


@pytest.mark.parametrize("name", EMPTY)
def test_little_or_nothing(name, tmp_path):
    frame = EMPTY[name]
    report = quality_report(frame)
    assert report.n_rows == len(frame)
    assert len(report.to_frame()) == frame.shape[1]
    for view in (report.issues(), report.rows(), report.scores(), report.compare(report)):
        assert isinstance(view, pd.DataFrame)
    assert report.to_html(tmp_path / "r.html").stat().st_size > 1_000
    assert "not looked for, since" in str(report.duplicates)


def test_columns_without_a_value_are_told_once():
    report = quality_report(EMPTY["nothing at all"])
    assert found(report) == {("a", "empty column"): (2, 2), ("b", "empty column"): (2, 2)}


def test_rows_without_a_value_are_told():
    frame = pd.DataFrame({"name": ["Ann Lee", None, "  "], "city": ["York", "N/A", None]})
    assert found(quality_report(frame, duplicates=False), "") == {("", "empty row"): (2, 3)}


def test_copies_are_told_once_each_by_the_clearest_name():
    frame = pd.DataFrame(
        {
            "id": [1, 1, 2, 3, 4],
            "name": ["Ann Lee", "Ann Lee", "Ann Lee", "LEE, ANN", "Bob Ray"],
            "city": ["York", "York", "York", "york", "York"],
        }
    )
    told = found(quality_report(frame, record="id", duplicates=False), "")
    assert told == {("", "exact copy"): (1, 5), ("", "copy"): (1, 5), ("", "same"): (1, 5)}


CLASSES = pd.DataFrame(
    {
        "household": range(200),
        "age": ["25-34", "35-44", "45-54", "65+"] * 50,
        "income": ["low", "high"] * 100,
        "kids": ["0", "0", "1", "2", "3+"] * 40,
    }
)


def test_equal_rows_of_classes_are_no_copies():
    report = quality_report(CLASSES, record="household", duplicates=False)
    n_distinct = len(CLASSES.drop(columns="household").drop_duplicates())
    assert found(report, "") == {("", "equal but id"): (200 - n_distinct, 200)}
    told = report.issues().iloc[0]
    assert (told["severity"], told["todo"]) == ("note", "keep them: many are of one class")
    uniqueness = report.scores().set_index("dimension").loc["uniqueness"]
    assert uniqueness[["n_good", "of"]].tolist() == [200, 200]
    without = found(quality_report(CLASSES.drop(columns="household"), duplicates=False), "")
    assert without == {("", "equal"): (200 - n_distinct, 200)}


def test_equal_rows_of_people_stay_copies_beside_classes():
    named = CLASSES.assign(email=[f"p{n}@post.example" for n in range(200)])
    assert found(quality_report(named, record="household", duplicates=False), "") == {}
    twice = pd.concat([named, named.head(3).assign(household=[900, 901, 902])], ignore_index=True)
    told = found(quality_report(twice, record="household", duplicates=False), "")
    assert told == {("", "copy"): (3, 203)}


def test_a_whole_row_with_its_id_is_a_copy_of_classes_too():
    twice = pd.concat([CLASSES, CLASSES.head(2)], ignore_index=True)
    told = found(quality_report(twice, record="household", duplicates=False), "")
    assert told["", "exact copy"] == (2, 202)


@pytest.mark.parametrize(
    ("more", "check"),
    [({}, "equal"), ({"order": "order"}, "exact copy"), ({"when": "instant"}, "exact copy")],
)
def test_equal_lines_are_copies_where_an_order_or_a_time_of_day_tells(more, check):
    lines = pd.DataFrame(
        {
            "customer_id": list("aab"),
            "timestamp": pd.to_datetime(["2024-01-05"] * 3),
            "instant": pd.to_datetime(["2024-01-05 10:30"] * 3),
            "amount": [5.0, 5.0, 7.0],
            "order": ["1", "1", "2"],
        }
    )
    named = ["customer_id", more.get("when", "timestamp"), "amount"]
    named += [more["order"]] if "order" in more else []
    report = quality_report(ck.EventLog(lines[named], **more))
    assert {c for (column, c) in found(report) if column == ""} == {check}
    assert report.snapshot()["n_copies"] == 1


def test_mixed_types_and_mixed_order_of_dates():
    frame = pd.DataFrame(
        {
            "phone": ["212-736-5000", "212-736-5001", 2127365002, "212-736-5003"],
            "joined": ["13/02/2020", "02/13/2020", "03/04/2020", "14.03.2020"],
        }
    )
    told = found(quality_report(frame, kinds={"joined": "date"}, duplicates=False))
    assert told["phone", "types"] == (1, 4)
    assert told["joined", "unclear date"] == (1, 4)
    assert told["joined", "formats"] == (1, 4)


def test_dependencies_between_columns():
    rng = np.random.default_rng(0)
    postcode = rng.integers(0, 40, 2_000)
    city = np.array([f"Town{n // 4}" for n in postcode], dtype=object)
    city[:7] = "Elsewhere"
    frame = pd.DataFrame({"postcode": [f"9{n:04d}" for n in postcode], "city": city})
    told = quality_report(frame, duplicates=False).issues()
    (row,) = told[told["check"] == "dependency"].itertuples()
    assert (row.column, row.n, row.of) == ("city", 7, 2_000)
    assert "'postcode'" in row.what
    assert "Elsewhere" in row.example


def test_strange_cells_take_bounded_time():
    huge = "x" * 1_000_000
    frame = pd.DataFrame(
        {
            "name": ["محمد علي", "עִבְרִית", "😀😀", "Ann\x00Lee", huge],
            "email": ["ann@post.example", huge, "a@b@c", "😀@post.example", huge + "@post.example"],
            "note": ["😀", "\u202eabc", huge, "a\nb", "!!!"],
        }
    )
    report = quality_report(frame, duplicates=False)
    told = found(report)
    assert told["name", "unreadable"][0] == 1  # a smile is no name
    assert told["note", "placeholder"][0] == 1
    assert max(len(text) for text in report.issues()["example"]) < 80
    assert len(report._repr_html_()) < 100_000


def test_likely_duplicates_of_all_rows():
    shop = make_customers(400, duplicates=0.25, random_state=3)
    report = quality_report(shop.records, record="record_id")
    assert 90 <= report.duplicates.n_pairs <= 130
    assert not report.duplicates.of_a_sample
    assert report.duplicates.low == report.duplicates.n_pairs == report.duplicates.high


def test_likely_duplicates_of_a_sample_are_scaled_with_an_interval():
    records = make_customers(2_000, duplicates=0.25, random_state=4).records
    made = quality_report(records, record="record_id", sample=1_000).duplicates
    assert made.of_a_sample
    assert made.n_compared == 1_000
    factor = made.n_records * (made.n_records - 1) / (1_000 * 999)
    assert made.n_pairs == pytest.approx(made.n_found * made.precision * factor)
    assert made.low < 530 < made.high
    assert "scaled from a sample of 1,000 of 2,500 rows" in str(made)


def test_no_duplicates_are_looked_for_among_purchases():
    report = quality_report(ck.EventLog(pd.DataFrame(EVENTS)))
    assert "rows of a log are purchases" in str(report.duplicates)


EVENTS = {
    "customer_id": ["a", "a", None, "b", "b", "b", "c"],
    "timestamp": pd.to_datetime(
        [f"2020-01-0{day}" for day in (1, 1, 2, 3, 4, 4)] + ["2023-01-01"]
    ),
    "amount": [5.0, 5.0, 3.0, -2.0, 0.0, np.nan, np.inf],
    "name": ["Ann Lee", "LEE, Ann", "Cy", "Bob Ray", "Bob Ray", "Robert Ray", "Dee"],
}  # fmt: skip


def test_a_log_by_hand():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = quality_report(ck.EventLog(pd.DataFrame(EVENTS)))
    told = found(report)
    assert told["customer_id", "no id"] == (1, 7)
    assert told["amount", "missing"] == (1, 7)
    assert told["amount", "unreadable"] == (1, 6)
    assert told["amount", "returns"] == (1, 6)
    assert told["amount", "zero amounts"] == (1, 6)
    assert told["name", "many names"] == (1, 3)
    assert ("timestamp", "old") not in told
    assert report.time.n_old == 6
    assert report.scores()["definition"][4] == "dates of the log that are before as_of"


def test_a_log_counts_what_its_own_report_counts():
    log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    told, own = found(quality_report(log)), log.report()
    assert told["", "equal"][0] == own.n_duplicates > 0
    assert told["amount", "zero amounts"][0] == own.n_zero_amounts


def test_days_on_which_a_shop_was_not_open_are_not_missed():
    days = pd.date_range("2024-01-01", periods=200)
    open_days = days[(days.day_of_week != 6) & (days != "2024-04-03")]
    frame = pd.DataFrame({"customer_id": "a", "timestamp": np.repeat(open_days, 20), "amount": 1.0})
    report = quality_report(ck.EventLog(frame))
    assert found(report)["timestamp", "days without"] == (1, 200)
    assert report.time.longest_gap == 1


@pytest.mark.parametrize("slips", [["2099-01-01"], ["2098-07-01", "2099-01-01"]])
def test_slips_far_ahead_are_not_the_day_that_ages_count_from(slips):
    dates = pd.date_range("2024-01-01", periods=400).astype(str).tolist()
    report = quality_report(pd.DataFrame({"when": [*dates, *slips]}), when="when", duplicates=False)
    assert report.time.as_of == "2025-02-04"
    assert found(report)["when", "ahead"] == (len(slips), 400 + len(slips))
    few = quality_report(
        pd.DataFrame({"x": [1, 2, 3], "when": ["2024-01-01", "2024-06-01", "2099-01-01"]}),
        when="when", duplicates=False,
    )  # fmt: skip
    assert few.time.as_of == "2024-06-02"
    assert few.time.n_old == 0


def test_newest_dates_of_many_rows_or_of_few_years_are_no_slips():
    for newest in (["2034-01-01"] * 9, ["2027-01-01"]):
        frame = pd.DataFrame({"when": [f"2024-01-{n:02}" for n in range(1, 29)] + newest})
        report = quality_report(frame, when="when", duplicates=False)
        assert report.time.newest == newest[0]
        assert report.time.n_ahead == 0


def test_outliers_are_beyond_a_fence_of_logarithms():
    amounts = np.exp(np.linspace(0, 2, 101)).tolist()
    frame = pd.DataFrame(
        {
            "customer_id": "a",
            "timestamp": pd.Timestamp("2024-01-01"),
            "amount": [*amounts, 1e4, 40.0],
        }
    )
    table = quality_report(ck.EventLog(frame)).issues().set_index("check")
    assert table.loc["outliers", ["n", "example"]].tolist() == [1, "10000.0"]


def test_snapshot_is_json_without_values_of_persons():
    records = make_customers(500, random_state=0).records
    report = quality_report(records, record="record_id", duplicates=False)
    text = json.dumps(report.snapshot())
    for name in ("first_name", "last_name", "email", "phone", "street", "record_id"):
        for value in records[name].dropna().unique()[:100]:
            assert f'"{value}"' not in text
    assert '"web_shop"' in text
    rare = quality_report(pd.DataFrame({"status": ["a"] * 30 + ["secret"]}), duplicates=False)
    assert "secret" not in json.dumps(rare.snapshot())


def test_a_snapshot_read_from_a_file_finds_no_drift_in_the_same_data():
    records = make_customers(500, random_state=0).records
    report = quality_report(records, record="record_id", duplicates=False)
    snapshot = json.loads(json.dumps(report.snapshot()))
    changes = report.compare(snapshot)
    assert len(changes) > 40
    assert not changes["drifted"].any()


def test_drift_is_found_and_told():
    records = make_customers(3_000, random_state=0).records
    half = np.random.default_rng(0).random(len(records)) < 0.5
    before, now = records[half], records[~half].reset_index(drop=True)
    now.loc[:400, "phone"] = None
    now.loc[now["source"] == "app", "source"] = "kiosk"
    report = quality_report(now, record="record_id", earlier=before, duplicates=False)
    table = report.compare()
    told = {(r.column, r.measure): r.what for r in table[table["drifted"]].itertuples()}
    assert ("phone", "missing") in told
    assert told["source", "new categories"].startswith("kiosk (")
    assert told["source", "vanished categories"].startswith("app (")
    assert {column for column, _ in told} == {"phone", "source"}


def test_columns_that_come_and_go_have_drifted():
    report = quality_report(CUSTOMERS, **HOW)
    before = quality_report(CUSTOMERS.drop(columns="city").assign(old=1), duplicates=False)
    told = report.compare(before)
    told = {(r.column, r.measure) for r in told[told["drifted"]].itertuples()}
    assert {("city", "new column"), ("old", "column gone")} <= told


def test_html_is_self_contained_and_escapes(tmp_path):
    frame = CUSTOMERS.assign(city=["<script>alert(1)</script>"] * 5 + ["York "])
    report = quality_report(frame, **HOW, earlier=CUSTOMERS)
    page = report.to_html(tmp_path / "quality.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    for foreign in ("http://", "https://", "<script", "@import", "url("):
        assert foreign not in page
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page
    assert "What changed?" in page
    assert "bob@post" in page


def test_the_card_takes_the_colours_of_the_page_that_it_stands_in(report):
    """A dark notebook on a light desktop, or the other way round, is told by no media query."""
    page = report._repr_html_()
    assert '<div class="crmkit-quality view">' in page
    own = re.search(r"\.crmkit-quality\.view \{([^}]*)\}", page).group(1)
    assert "--card: transparent" in own
    assert "--ink: currentcolor" in own
    named = set(re.findall(r"background(?:-color)?: ([^;]+);", page))
    assert named <= {"var(--card)"} | {f"var(--l{level})" for level in range(5)}
    assert 'class="l' not in page  # the levels, whose colours follow the desktop, are not shown


def test_without_jinja2_notebooks_show_text(monkeypatch, report):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert report._repr_html_() is None


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"record": "ids"}, "column 'ids' not found. Did you mean record='id'"),
        ({"when": "seem"}, "Did you mean when='seen'"),
        ({"kinds": {"city": "town"}}, "'town' of 'city' is no kind"),
        ({"rules": {"agee": (0, 1)}}, "column 'agee' not found. Did you mean 'age'"),
        ({"rules": {"age": 5}}, r"rules\['age'\] must be a pair of bounds"),
        ({"rules": {"city": "("}}, r"rules\['city'\] is no regular expression"),
        ({"as_of": "March"}, "as_of='March' is no ISO 8601"),
        ({"sample": 1}, "sample must be a whole number of at least 2"),
        ({"date_order": "YMD"}, "date_order must be one of"),
        ({"earlier": {"a": 1}}, "earlier must be what QualityReport.snapshot gave"),
        ({"earlier": 3}, "a frame is needed"),
    ],
)
def test_what_is_refused(how, message):
    with pytest.raises(DataError, match=message):
        quality_report(CUSTOMERS, **how, duplicates=False)


def test_data_that_are_no_frame_are_refused():
    with pytest.raises(DataError, match="quality_report: a frame is needed"):
        quality_report([1, 2])


def test_compare_needs_something(report):
    with pytest.raises(DataError, match="there is nothing to compare with"):
        report.compare()
    with pytest.raises(DataError, match="false_alarms must be a number between 0 and 1"):
        report.compare(report, false_alarms=0)


def test_other_frames_can_be_compared_with():
    report = quality_report(CUSTOMERS, **HOW)
    assert not report.compare(pl.from_pandas(CUSTOMERS))["drifted"].any()
    assert isinstance(report, QualityReport)


CELL = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(
        ["N/A", " York", "YORK", "york", "1900-01-01", "31/12/1999", "a@b.example", "999-999-9999"]
    ),
    st.integers(-5, 10**12),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.tuples(st.integers(0, 3), st.text(max_size=2)),
)
NAMES = (
    "name",
    "email",
    "phone",
    "birth_date",
    "joined date",
    "city",
    "postcode",
    "id",
    "x",
    "status",
)


@settings(max_examples=40)
@given(st.data())
def test_anything_has_a_report_that_adds_up(data):
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    n_rows = data.draw(st.integers(0, 8))
    cells = {n: data.draw(st.lists(CELL, min_size=n_rows, max_size=n_rows)) for n in names}
    frame = pd.DataFrame({n: pd.Series(v, dtype=object) for n, v in cells.items()})
    order = data.draw(st.permutations(range(n_rows)))
    report = quality_report(frame, duplicates=False)
    for finding in report.findings:
        assert 0 < finding.n <= finding.of
        assert np.array_equal(finding.rows, np.unique(finding.rows))
        assert not len(finding.rows) or 0 <= finding.rows[0] <= finding.rows[-1] < n_rows
    for column in report.columns:
        assert column.n_missing + column.n_placeholders + column.n_values == n_rows
        assert max(column.n_invalid, column.n_inconsistent, column.n_distinct) <= column.n_values
    scores = report.scores()["score"].dropna()
    assert scores.between(0, 1).all()
    assert not report.compare(json.loads(json.dumps(report.snapshot())))["drifted"].any()
    turned = quality_report(frame.iloc[list(order)], duplicates=False)
    assert sorted((f.check, f.column, f.n, f.of) for f in turned.findings) == sorted(
        (f.check, f.column, f.n, f.of) for f in report.findings
    )
    by_row = dict(report.rows()[["row", "n_findings"]].itertuples(index=False))
    for row, n in turned.rows()[["row", "n_findings"]].itertuples(index=False):
        if not any(f.dimension == "uniqueness" for f in report.findings):
            assert by_row[order[row]] == n


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_frames_of_spark_are_not_fetched():
    table = to_spark(pd.DataFrame({"customer_id": ["a"], "timestamp": ["2024-01-01"]}))
    for data in (table, ck.EventLog(table, amount=None)):
        for ask in (quality_report, lambda data: expect(data).has_rows().check()):
            with pytest.raises(DataError, match=r": the rows are read one by one.*toA"):
                ask(data)
