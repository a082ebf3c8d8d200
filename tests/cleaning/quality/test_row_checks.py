"""Whole rows: copies against a plain count, dates that contradict, dependencies, days without."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import _frames
from crmkit.cleaning._normal._forms import normalised
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._quality._judged import judged
from crmkit.cleaning._quality._row_checks import (
    alike_rows,
    birth_dates,
    copies,
    dependencies,
    later,
    repeated_ids,
    tells_apart,
)
from crmkit.cleaning._quality._time_checks import missing_days, timeliness


def columns_of(frame, **kinds):
    raw = _frames.coded_columns(frame, list(frame.columns), "test")
    return judged(raw, kinds, {}, NormalSettings())


def told(findings):
    return {f.check: f.rows.tolist() for f in findings}


def test_later_rows_of_each_code():
    assert later(np.array([3, 1, 3, 3, 0, 1])).tolist() == [2, 3, 5]
    assert later(np.array([], dtype=np.int64)).tolist() == []


CELLS = st.sampled_from(["Ann", "ann ", "ANN", "Bob", "N/A", None])


@settings(max_examples=50)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12))
def test_alike_rows_are_those_with_equal_forms_of_all_columns(rows):
    frame = pd.DataFrame(rows, columns=["first_name", "last_name", "city"], dtype=object)
    kinds = {"first_name": "first_name", "last_name": "last_name", "city": "city"}
    columns = columns_of(frame, **kinds)
    forms = pd.DataFrame(
        {
            name: normalised([None if v is None or v != v else v for v in frame[name]], kind)
            for name, kind in kinds.items()
        },
        dtype=object,
    ).fillna("")
    expected = np.flatnonzero(forms.duplicated().to_numpy())
    assert alike_rows(columns, np.arange(len(frame))).tolist() == expected.tolist()


def test_rows_with_one_value_are_no_copies():
    frame = pd.DataFrame(
        {"id": [1, 2, 3, 4], "a": ["x", "x", "x", "x"], "b": [None, None, "y", "y"]}
    )
    assert told(copies(columns_of(frame), "id", apart=True)) == {"copy": [3]}
    assert told(copies(columns_of(frame), "id")) == {"equal but id": [3]}


def test_what_tells_rows_apart():
    frame = pd.DataFrame(
        {
            "email": ["a@x.example", "b@x.example"] * 10,
            "size": [1.5, 2.5] * 10,
            "weight": [n / 7 for n in range(20)],
            "ssn": ["1"] * 20,
        }
    )
    told = [tells_apart(column) for column in columns_of(frame, email="email", ssn="id")]
    assert told == [True, False, True, False]


def test_copies_without_an_id_are_exact_or_alike():
    frame = pd.DataFrame({"name": ["Ann Lee", "Ann Lee", "LEE, ANN"], "n": [1, 1, 1]})
    assert told(copies(columns_of(frame), None)) == {"exact copy": [1], "same": [2]}


def test_ids_repeat_where_they_ought_not_to():
    frame = pd.DataFrame({"ssn": ["a1", "b2", "b2", None, None, *map(str, range(100, 120))]})
    (column,) = columns_of(frame, ssn="id")
    assert told(repeated_ids(column, is_record=False)) == {"repeated id": [2]}
    shop = pd.DataFrame({"shop_id": ["a", "b"] * 10})
    (column,) = columns_of(shop, shop_id="id")
    assert repeated_ids(column, is_record=False) == []
    assert len(repeated_ids(column, is_record=True)[0].rows) == 18


def test_birth_dates():
    frame = pd.DataFrame(
        {
            "born": ["1980-01-01", "2020-06-01", "1850-01-01", None, "1990-01-01"],
            "joined": ["2020-01-01", "2020-01-01", "2020-01-01", "2020-01-01", None],
        }
    )
    columns = columns_of(frame, born="birth_date", joined="date")
    day = np.datetime64("2020-03-01")
    assert told(birth_dates(columns, day)) == {
        "born later": [1],
        "not yet born": [1],
        "too old": [2],
    }
    assert told(birth_dates(columns, None)) == {"born later": [1]}


def test_a_dependency_is_told_once_a_column_by_its_best_reason():
    rng = np.random.default_rng(3)
    street = rng.integers(0, 60, 3_000)
    city = np.array([f"c{n // 6}" for n in street], dtype=object)
    city[[5, 50]] = "elsewhere"
    frame = pd.DataFrame(
        {
            "postcode": [f"1{n:04d}" for n in street],
            "area": [f"z{n}" for n in street],
            "city": city,
        }
    )
    columns = columns_of(frame, postcode="postcode", area="category", city="city")
    (finding,) = [f for f in dependencies(columns) if f.column == "city"]
    assert finding.rows.tolist() == [5, 50]
    assert finding.of == 3_000


@pytest.mark.parametrize("n", [0, 1, 5])
def test_few_rows_depend_on_nothing(n):
    frame = pd.DataFrame({"city": ["York"] * n, "state": ["Y"] * n})
    assert dependencies(columns_of(frame, city="city", state="state")) == []


def days_of(*spans):
    return np.concatenate([np.arange(a, b, dtype="datetime64[D]") for a, b in spans])


def test_a_day_is_missed_where_many_were_expected():
    days = np.repeat(days_of(("2024-01-01", "2024-03-11"), ("2024-03-12", "2024-06-01")), 20)
    span, missed = missing_days(days)
    assert (span, missed.tolist()) == (152, [datetime.date(2024, 3, 11)])


def test_a_day_is_not_missed_where_few_are_usual():
    rng = np.random.default_rng(0)
    days = np.datetime64("2024-01-01") + rng.integers(0, 365, 700)
    assert len(np.unique(days)) < 330
    assert missing_days(days)[1].tolist() == []


def test_spans_that_are_short_or_beyond_all_time_miss_no_day():
    assert missing_days(np.array(["2024-01-01", "2024-01-09"], dtype="datetime64[D]"))[0] == 9
    endless = np.array(["0100-01-01", "2024-01-09"], dtype="datetime64[D]")
    assert missing_days(endless)[1].tolist() == []
    assert missing_days(endless[:0])[0] == 0


def test_no_date_is_no_age():
    frame = pd.DataFrame({"seen": [None, "N/A"]})
    (column,) = columns_of(frame, seen="date")
    assert timeliness(column, None) == (None, [])
