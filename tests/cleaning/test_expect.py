"""expect: every expectation by hand, all failures in one error, in every library."""

import json
import pickle
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit as ck
from crmkit.cleaning import expect, quality_report
from crmkit.datasets import make_customers
from crmkit.exceptions import DataError, ExpectationError
from tests.contracts.frame_kinds import FRAMES, to_pandas

FRAME = pd.DataFrame(
    {
        "id": ["a", "b", "b", None, "c"],
        "email": ["ann@post.example", "N/A", "bob@post", None, "eve@post.example"],
        "age": [31.0, 260.0, np.nan, 40.0, -1.0],
        "status": ["new", "old", "gone", "old", "OLD"],
        "postcode": ["10001", "10001", "10001", "20002", None],
        "city": ["York", "york", "Leeds", "Leeds", "Leeds"],
        "seen": pd.to_datetime(
            ["2024-01-01", "2024-01-09 18:00", None, "2024-02-01", None], format="ISO8601"
        ),
        "born": ["1980-01-01", "31/12/1990", "2020-01-01", "x", None],
    }
)
KINDS = {"email": "email", "age": "number", "status": "category", "born": "date"}


def outcome(expected):
    """The only row of a result: passed, n_failed, of, first_rows, example."""
    (row,) = to_pandas(expected.result()).itertuples()
    return row.passed, row.n_failed, row.of, row.first_rows, row.example


def of(frame=FRAME):
    return expect(frame, kinds=KINDS)


BY_HAND = {
    "missing": (lambda e: e.no_missing("email"), (False, 2, 5, "1, 3", "N/A")),
    "some missing": (lambda e: e.no_missing("email", at_most=0.4), (True, 2, 5, "1, 3", "N/A")),
    "valid": (lambda e: e.valid("email"), (False, 1, 3, "2", "bob@post")),
    "mostly valid": (lambda e: e.valid("email", at_least=2 / 3), (True, 1, 3, "2", "bob@post")),
    "unique": (lambda e: e.unique("id"), (False, 1, 4, "2", "b")),
    "unique together": (
        lambda e: e.unique("postcode", "city", together=True),
        (True, 0, 4, "", ""),
    ),
    "range": (lambda e: e.in_range("age", 0, 120), (False, 2, 4, "1, 4", "260.0")),
    "one end": (lambda e: e.in_range("age", high=260), (True, 0, 4, "", "")),
    "dates": (
        lambda e: e.in_range("born", "1980-01-01", "2000-01-01"),
        (False, 2, 4, "2, 3", "2020-01-01"),
    ),
    "one of": (lambda e: e.one_of("status", ["new", "old"]), (False, 2, 5, "2, 4", "gone")),
    "matches": (lambda e: e.matches("postcode", r"1\d{4}"), (False, 1, 4, "3", "20002")),
    "holds": (
        lambda e: e.holds("age", lambda age: age > 0, "are not above 0"),
        (False, 1, 4, "4", "-1.0"),
    ),
    "depends": (
        lambda e: e.depends("postcode", "city"),
        (False, 1, 4, "2", "10001 with Leeds"),
    ),
    "depends on two": (
        lambda e: e.depends(["postcode", "city"], "status"),
        (False, 1, 4, "1", "10001 with york with old"),
    ),
    "copies": (lambda e: e.no_copies(), (True, 0, 5, "", "")),
    "fresh": (lambda e: e.fresh("seen", within="2D", as_of="2024-02-02"), (True, 0, 1, "", "")),
    "not fresh": (
        lambda e: e.fresh("seen", within=timedelta(hours=5), as_of="2024-01-10"),
        (False, 1, 1, "", ""),
    ),
    "no date": (lambda e: e.fresh("seen", within="2D", as_of="2020-01-01"), (False, 1, 1, "", "")),
    "rows": (lambda e: e.has_rows(5, 5), (True, 0, 1, "", "")),
    "few rows": (lambda e: e.has_rows(6), (False, 1, 1, "", "")),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    say, expected = BY_HAND[name]
    assert outcome(say(of())) == expected


def everything(frame):
    expected = of(frame)
    for say, _ in BY_HAND.values():
        say(expected)
    return expected


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library_has_the_same_answer(kind):
    frame = FRAMES[kind](FRAME)
    expected = everything(frame)
    result = expected.result()
    assert type(result) is type(frame)
    pd.testing.assert_frame_equal(to_pandas(result), everything(FRAME).result(), check_dtype=False)
    passed = of(frame).has_rows()
    assert passed.check() is frame


def test_one_error_lists_all_failures():
    with pytest.raises(ExpectationError) as caught:
        everything(FRAME).check()
    lines = str(caught.value).splitlines()
    n_failed = sum(not expected[0] for _, expected in BY_HAND.values())
    assert lines[0] == f"expect: {n_failed} of {len(BY_HAND)} expectations failed in 5 rows."
    assert len(lines) == 1 + n_failed
    assert (
        "- 'email': 2 of 5 rows (40.00%) have no value (first in rows 1, 3), such as N/A." in lines
    )
    assert (
        "- 'seen': newest is 2024-01-09 18:00, more than 5:00:00 before 2024-01-10 00:00." in lines
    )
    assert "- there are 5 rows, wanted at least 6." in lines
    assert len(caught.value.result) == len(BY_HAND)


def test_the_error_is_an_error_of_data_and_survives_pickling():
    with pytest.raises(DataError) as caught:
        of().unique("id").check()
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.result["n_failed"].tolist() == [1]


def test_all_unknown_columns_are_in_one_error():
    expected = of().unique("ids").valid("emial").depends("postcode", "town").in_range("age", 0)
    message = r"3 columns not found: 'ids' \(did you mean 'id'\?\), 'emial' .*'town'"
    for run in (expected.check, expected.result):
        with pytest.raises(DataError, match=message) as caught:
            run()
        assert not isinstance(caught.value, ExpectationError)


def test_no_column_named_is_every_column():
    result = of().no_missing().result()
    assert result["column"].tolist() == list(FRAME)


def test_methods_add_to_the_object():
    expected = of()
    expected.unique("id")
    assert repr(expected) == "Expectations(unique('id'))"
    with pytest.raises(ExpectationError):
        expected.check()


def test_nothing_expected_is_no_pass():
    with pytest.raises(DataError, match="nothing is expected"):
        of().check()


@pytest.mark.parametrize(
    ("say", "message"),
    [
        (lambda e: e.no_missing("id", at_most=2), "at_most must be a share from 0 to 1, got 2"),
        (lambda e: e.valid("id", at_least=True), "at_least must be a share from 0 to 1"),
        (lambda e: e.unique(), "unique needs the name of a column"),
        (lambda e: e.in_range("age"), "in_range needs a bound"),
        (lambda e: e.one_of("status", "new"), "one_of needs a list of values, got 'new'"),
        (lambda e: e.matches("postcode", "("), "matches needs a regular expression, got '\\('"),
        (lambda e: e.holds("age", 3, "x"), "holds needs a function of a value, got 3"),
        (lambda e: e.fresh("seen", within="long", as_of="2024-01-01"), "within must be a length"),
        (lambda e: e.fresh("seen", within="-1D", as_of="2024-01-01"), "within must be a length"),
        (lambda e: e.fresh("seen", within="1D", as_of="soon"), "as_of='soon' is no ISO 8601"),
        (lambda e: e.has_rows(-1), "at_least must be a whole number of at least 0"),
        (lambda e: e.has_rows(5, 4), "at_most must be a whole number of at least 5"),
        (lambda e: e.at_most_drift({"a": 1}).result(), "earlier must be what QualityReport.snap"),
        (
            lambda e: e.fresh("seen", within="1D", as_of=datetime(2024, 1, 1, tzinfo=UTC)).check(),
            "must both have a time zone, or neither",
        ),
    ],
)
def test_what_is_refused(say, message):
    with pytest.raises(DataError, match=message):
        say(of())


def test_wrong_kinds_and_data_are_refused():
    with pytest.raises(DataError, match="expect: kinds: there is no column 'mail'"):
        expect(FRAME, kinds={"mail": "email"})
    with pytest.raises(DataError, match="expect: a frame is needed"):
        expect([1])


def test_of_a_report():
    report = quality_report(
        FRAME, kinds=KINDS, record="id", when="seen", as_of="2024-02-02", duplicates=False
    )
    expected = expect(report).no_missing("email").valid("email").unique("id").no_copies()
    expected.has_rows(5).fresh("seen", within="2D", as_of="2024-02-02")
    frame = of().no_missing("email").valid("email").unique("id").no_copies()
    frame.has_rows(5).fresh("seen", within="2D", as_of="2024-02-02")
    pd.testing.assert_frame_equal(
        expected.result().drop(columns="example"), frame.result().drop(columns="example")
    )
    with pytest.raises(DataError, match="in_range need the values, which a report does not hold"):
        expect(report).in_range("age", 0).check()
    with pytest.raises(DataError, match="fresh: the report tells no age by 'born'"):
        expect(report).fresh("born", within="1D", as_of="2024-01-01").check()


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_date_ahead_does_not_make_a_list_fresh(zone):
    frame = pd.DataFrame(
        {"d": pd.to_datetime(["2020-01-01 10:00", "2024-01-01 18:00", "2030-01-01 00:00"])}
    )
    frame["d"] = frame["d"].dt.tz_localize(zone)
    report = quality_report(frame, when="d", duplicates=False)
    end = "" if zone is None else "+01:00"
    for as_of, within, passed in (
        ("2024-01-01T12:00", "2D", False),  # the day is that of as_of, the time is after it
        ("2024-01-01T19:00", "2h", True),
        ("2024-01-02T19:00", "2h", False),
        ("2019-01-01T00:00", "2D", False),
    ):
        results = [
            expect(data).fresh("d", within=within, as_of=as_of + end).result()
            for data in (frame, report)
        ]
        pd.testing.assert_frame_equal(*results)
        assert results[0]["passed"].tolist() == [passed]
    with pytest.raises(DataError, match="must both have a time zone, or neither"):
        expect(report).fresh("d", within="1D", as_of="2024-01-01" + ("T00:00Z" * (not end))).check()


def test_bounds_hold_for_numbers_of_any_size():
    big = 2**63 - 1
    for values in ([big], [str(big)]):
        frame = pd.DataFrame({"e": values})
        made = expect(frame, kinds={"e": "number"})
        made.in_range("e", 0, big - 1).in_range("e", 0, big).in_range("e", np.int64(big), None)
        assert made.result()["passed"].tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("a", "b"), (float("nan"), 1), (0, float("nan")), (2, 1), ("2024-01-02", "2024-01-01"),
        (0, "2024-01-01"), (True, 2), ([1], 2), (pd.NaT, None), (None, "soon"),
    ],
)  # fmt: skip
def test_bounds_that_cannot_be_are_refused(low, high):
    with pytest.raises(DataError, match="bounds of 'age'"):
        of().in_range("age", low, high)
    with pytest.raises(DataError, match="bounds of 'age'"):
        quality_report(FRAME, rules={"age": (low, high)}, duplicates=False)


def test_an_error_of_a_test_fails_its_values_and_hides_nothing():
    frame = pd.DataFrame({"v": pd.Series([1, 2, "secret", "secret", -1], dtype=object)})
    made = expect(frame, kinds={"v": "category"}).holds("v", lambda v: v > 0, "are not positive")
    holds, rows = made.has_rows(9).result().itertuples()
    assert (holds.passed, holds.n_failed, holds.of) == (False, 3, 5)
    assert holds.what == "are not positive (the test itself raised TypeError for 2 values)"
    assert not rows.passed


def test_of_a_log():
    log = ck.EventLog(ck.datasets.load_cdnow(sample=True), amount="amount")
    assert expect(log).no_missing().in_range("amount", 0).has_rows(6_919, 6_919).check() is log
    with pytest.raises(ExpectationError, match="equal an earlier one in every column"):
        expect(log).no_copies().check()


def test_drift():
    records = make_customers(2_000, random_state=0).records
    half = np.random.default_rng(1).random(len(records)) < 0.5
    before, now = records[half], records[~half].copy()
    snapshot = json.loads(
        json.dumps(quality_report(before, record="record_id", duplicates=False).snapshot())
    )
    assert expect(now).at_most_drift(snapshot).check() is now
    now.loc[now.index[:300], "email"] = None
    with pytest.raises(ExpectationError, match=r"'email': missing drifted: .* before, .* now"):
        expect(now).at_most_drift(snapshot).check()


def test_no_rows_meet_everything_but_a_number_of_rows():
    none = FRAME.iloc[:0]
    expected = of(none).no_missing().valid().unique("id").no_copies().depends("postcode", "city")
    assert expected.result()["passed"].all()
    with pytest.raises(ExpectationError, match="there are 0 rows"):
        expected.has_rows().check()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=30))
def test_dependencies_fail_in_as_few_rows_as_can_be(pairs):
    frame = pd.DataFrame(pairs, columns=["left", "right"], dtype=object)
    result = expect(frame, kinds={"left": "category", "right": "category"}).depends("left", "right")
    (row,) = result.result().itertuples()
    counts = frame.groupby(["left", "right"]).size()
    most = counts.groupby("left").max().sum() if len(frame) else 0
    assert row.n_failed == len(frame) - most
    assert row.of == len(frame)
