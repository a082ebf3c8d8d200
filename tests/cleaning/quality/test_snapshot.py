"""Snapshots name nobody, in whatever script; what changed is still seen."""

import json

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.cleaning import expect, quality_report
from crmkit.cleaning._quality._personal import tells_persons, way_of


def snapshot(frame, **how):
    how = {"duplicates": False} | how
    return quality_report(frame, **how).snapshot()


def drifted(now, before, **how):
    table = quality_report(now, duplicates=False, **how).compare(before)
    return {(r.column, r.measure) for r in table[table["drifted"]].itertuples()}


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("ÄÖÜ密码", "aaaaa"),
        ("０３０ １２３", "999 999"),
        ("٠٣٠-١٢٣", "999-999"),
        ("é", "a"),
        ("e\u0301", "a"),
        ("K-12/b", "a-99/a"),
        ("½Ⓐ🙂\U000e0041", "9aaa"),
        ("x" * 50, "a" * 30),
    ],
)
def test_ways_of_writing_hold_no_letter_or_digit_of_any_script(text, way):
    assert way_of(text) == way


def test_formats_of_any_script_do_not_stand_in_a_snapshot():
    frame = pd.DataFrame({"passport": ["ÄÖÜ密码"] * 12, "phone": ["٠٣٠١٢٣٤٥٦"] * 12})
    text = json.dumps(snapshot(frame, kinds={"passport": "id", "phone": "phone"}))
    assert '{"aaaaa": 12}' in text
    assert '{"999999999": 12}' in text


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ("sold", ["Jo Smith", "Ann Lee"]),
        ("sold", ["Smith, Jo", "J. van der Lee", "O'Neil, Ann"]),
        ("sold", ["Bob", "Sue", "Tom"]),
        ("contact", ["jo", "ann"]),
        ("salesPerson", ["x1", "x2"]),
        ("createdBy", ["x1", "x2"]),
        ("owner_name", ["x1", "x2"]),
        ("source", ["web", "jo@post.example"]),
        ("source", ["https://jo.example", "web"]),
        ("nr", ["1234567890", "2"]),
    ],
)
def test_columns_that_may_be_persons(column, texts):
    assert tells_persons(column, texts)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ("status", ["active", "closed"]),
        ("customer_type", ["Gold", "Silver"]),
        ("size", ["extra large", "S", "M"]),
        ("class", ["1", "2"]),
        ("empty", []),
    ],
)
def test_columns_that_are_no_persons(column, texts):
    assert not tells_persons(column, texts)


def test_persons_are_no_categories_of_a_snapshot():
    frame = pd.DataFrame({"sold": ["Jo Smith"] * 6 + ["Ann Lee"] * 6})
    state = snapshot(frame, kinds={"sold": "category"})
    assert state["columns"]["sold"]["spread"]["counts"] == {"aa aaaaa": 6, "aaa aaa": 6}
    assert not drifted(frame, state, kinds={"sold": "category"})
    other = pd.DataFrame({"sold": ["Jo Smith"] * 60 + ["Maximilian Lee"] * 60})
    assert ("sold", "vanished formats") in drifted(other, state, kinds={"sold": "category"})


def test_a_category_of_a_log_needs_five_customers():
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{n % 8}" for n in range(96)],
            "timestamp": pd.date_range("2024-01-01", periods=96),
            "amount": 1.0,
            "channel": ["web"] * 88 + ["kiosk"] * 8,
            "nick": [f"zz{'abcdefgh'[n // 8 % 8]}" for n in range(96)],
        }
    )
    frame.loc[frame["channel"] == "kiosk", "customer_id"] = "c1"
    log = ck.EventLog(frame)
    kinds = {"channel": "category", "nick": "category"}
    state = snapshot(log, kinds=kinds)
    assert state["columns"]["channel"]["spread"] == {
        "type": "categories", "counts": {"web": 88}, "rest": 8, "largest_of_rest": 8,
    }  # fmt: skip
    assert "zza" in json.dumps(state["columns"]["nick"])  # had by seven customers or more
    lone = frame.assign(nick=[f"zz{c[1:]}" for c in frame["customer_id"]])
    assert snapshot(ck.EventLog(lone), kinds=kinds)["columns"]["nick"]["spread"] is None
    assert not drifted(log, state, kinds=kinds)


def test_categories_beyond_the_hundred_that_are_named_are_no_news():
    frame = pd.DataFrame({"code": [f"c{n % 150:03}x" for n in range(6_000)]})
    kinds = {"code": "category"}
    state = snapshot(frame, kinds=kinds)
    assert len(state["columns"]["code"]["spread"]["counts"]) == 100
    assert not drifted(frame, state, kinds=kinds)


BIG = pd.DataFrame(
    {
        "email": [f"person{n}@post{n % 50}.example" for n in range(3_000)],
        "amount": np.random.default_rng(0).normal(50, 5, 3_000).round(2),
        "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(3_000) % 1_500, unit="D"),
        "born": pd.Timestamp("1950-01-01") + pd.to_timedelta(np.arange(3_000) * 6, unit="D"),
    }
)  # fmt: skip


@pytest.mark.parametrize("as_frame", [True, False])
@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda d: d.assign(amount=[f"{v} EUR or {v} USD" for v in d["amount"]]),
         ("amount", "kind")),
        (lambda d: d.assign(email="all@post.example"), ("email", "repeated")),
        (lambda d: pd.concat([d, d], ignore_index=True), ("", "copies")),
        (lambda d: pd.concat([d, d], ignore_index=True), ("email", "repeated")),
        (lambda d: d.assign(joined=d["joined"] + pd.DateOffset(years=27)), ("joined", "dates")),
        (lambda d: d.assign(joined=d["joined"] - pd.DateOffset(years=27)), ("joined", "dates")),
        (lambda d: d.assign(born=d["born"] + pd.DateOffset(years=27)), ("born", "distribution")),
        (lambda d: d.iloc[:3], ("", "rows")),
        (lambda d: d.iloc[:0], ("", "rows")),
    ],
)  # fmt: skip
def test_gross_changes_are_seen(change, seen, as_frame):
    now = change(BIG)
    before = BIG if as_frame else snapshot(BIG)
    assert seen in drifted(now, before)
    assert not expect(now).at_most_drift(before).result()["passed"].all()


@pytest.mark.parametrize("rows", [300, 1_000, 2_500])
def test_dates_that_move_on_and_parts_of_a_list_are_no_alarm(rows):
    now = BIG.assign(joined=BIG["joined"] + pd.DateOffset(years=1))
    now = now.sample(rows, random_state=rows)
    assert not drifted(now, snapshot(BIG))
    assert not drifted(BIG, snapshot(BIG.sample(rows, random_state=rows)))


def test_stated_kinds_hold_for_an_earlier_frame_too():
    kinds = {"amount": "number"}
    now = BIG.assign(amount=["much"] * len(BIG))
    assert ("amount", "invalid") in drifted(now, BIG, kinds=kinds)
    assert ("amount", "kind") not in drifted(now, BIG, kinds=kinds)


def test_repeated_values_of_another_number_of_rows_are_no_alarm():
    rng = np.random.default_rng(3)
    names = np.array([f"name{n}x" for n in range(2_000)])
    alarms = [
        drifted(
            pd.DataFrame({"name": rng.choice(names, m)}),
            pd.DataFrame({"name": rng.choice(names, n)}),
            kinds={"name": "last_name"},
        )
        for n, m in ((300, 300), (300, 2_500), (2_500, 300), (2_500, 2_500)) * 5
    ]
    assert not any(alarms)
