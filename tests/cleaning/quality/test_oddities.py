"""Values unlike the others of their column: by hand, ties, and what is not odd."""

import datetime

import numpy as np
import pytest

from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._quality._oddities import case_of, date_shape, oddities, unlike_most


def odd(values, kind, counts=None):
    counts = np.ones(len(values), dtype=np.int64) if counts is None else np.array(counts)
    there = np.array([value is not None for value in values])
    found = oddities(values, counts, kind, there, NormalSettings())
    return {check: [values[n] for n in np.flatnonzero(flags)] for check, flags in found.items()}


def test_by_hand():
    assert odd(["Ann", "Bob", "CARL", "dora", "X."], "first_name") == {"case": ["CARL", "dora"]}
    assert odd(["New York", "york ", "York", "Leeds"], "city", [5, 1, 3, 2]) == {
        "blanks": ["york "],
        "case": ["york "],
        "spellings": ["york "],
    }
    assert odd(["a", "b", 3, True], "category", [9, 9, 1, 1]) == {"types": [3, True]}


def test_dates_unlike_most():
    values = ["2020-01-05", "2020-11-05", "05/11/2020", "5 May 2020", "2020-01-05 10:00"]
    assert odd(values, "date") == {"formats": ["05/11/2020", "5 May 2020"]}
    assert odd([datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)], "date") == {}


def test_texts_may_have_lines_but_no_blanks_around():
    assert odd(["a\nb", " c", "d"], "text") == {"blanks": [" c"]}
    assert odd(["a\nb", "d"], "street") == {"blanks": ["a\nb"]}


def test_signs_without_capitals_are_of_no_case():
    assert odd(["王小明", "123", "محمد"], "name") == {}


def test_ties_go_by_name_and_not_by_order():
    counts, there = np.array([1, 1]), np.array([True, True])
    assert unlike_most(["small", "mixed"], counts, there).tolist() == [True, False]
    assert unlike_most(["mixed", "small"], counts, there).tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("ann", "small"),
        ("ANNA", "capitals"),
        ("UK", None),
        ("Ann", "mixed"),
        ("12", None),
        (5, None),
    ],
)
def test_case_of(text, case):
    assert case_of(text) == case


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("31/12/1980", "9/9/9999"),
        ("1980-2-1", "9999-9-9"),
        ("1980-02-01T10:00:00", "9999-9-9"),
        ("3 May 1980", "9 a 9999"),
        (19800201, None),
    ],
)
def test_date_shape(text, shape):
    assert date_shape(text) == shape


def test_spellings_that_differ_in_marks_or_accents():
    values = ["U.S.A.", "USA", "usa", "Zürich", "Zurich"]
    found = odd(values, "country", [1, 5, 2, 1, 2])
    assert found["spellings"] == ["U.S.A.", "usa", "Zürich"]
