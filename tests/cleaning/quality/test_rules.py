"""Rules of the user: what is read, what fulfils them, what is refused."""

import numpy as np
import pandas as pd
import pytest

from crmkit.cleaning._quality._rules import broken_rules, check_rules
from crmkit.cleaning._quality._table import read_table
from crmkit.exceptions import DataError

FRAME = pd.DataFrame(
    {
        "age": [31.0, -2.0, np.nan, 130.0],
        "start": ["2020-01-05", "2020-03-01", "2020-02-01", None],
        "end": ["2020-02-01", "2020-02-01", "2020-02-01", "2020-01-01"],
        "city": ["Ulm", "Test", "Bonn", "Ulm"],
    }
)
KINDS = {"age": "number", "start": "date", "end": "date", "city": "city"}


def rows_that_break(rule):
    made = {c.name: c for c in read_table(FRAME, list(FRAME), KINDS, {}, "test")}
    rules = check_rules({"mine": rule}, list(FRAME), "WrongValueDetector")
    (broken,) = broken_rules(rules, made, FRAME, "WrongValueDetector")
    return broken.rows.tolist(), broken.columns


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ("age >= 0", [1]),
        ("0 <= age < 120", [1, 3]),
        ("start <= end", [1]),
        ("start >= '2020-02-01'", [0]),
        ("city != 'Test'", [1]),
        ("not age > 100", [3]),
        ("age * 2 > -1 and city != 'Test'", [1]),
        ("age < 0 or age < 100", [3]),
        ("end - start > 20", [1, 2]),
        ("-age < 0", [1]),
    ],
)
def test_texts(rule, rows):
    assert rows_that_break(rule)[0] == rows


def test_functions_of_the_frame():
    rows, about = rows_that_break((lambda frame: frame["age"] < 100, ["age", "city"]))
    assert rows == [2, 3]
    assert about == ["age", "city"]
    nullable = (lambda frame: frame["age"].astype("Float64") < 100, "age")
    assert rows_that_break(nullable)[0] == [3]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (["age > 0"], "rules must be a dict"),
        ({"r": "age >"}, "rule 'r' cannot be read"),
        ({"r": "agee > 0"}, "column 'agee' not found. Did you mean 'age'"),
        ({"r": "age"}, "only comparisons"),
        ({"r": "__import__('os').system('x') == 0"}, "only comparisons"),
        ({"r": "city.upper() == 'ULM'"}, "only comparisons"),
        ({"r": "1 < 2"}, "names no column"),
        ({"r": 5}, "must be a text such as"),
        ({"r": (lambda frame: True, "agee")}, "column 'agee' not found"),
    ],
)
def test_rules_that_are_refused(rules, message):
    with pytest.raises(DataError, match=message):
        check_rules(rules, list(FRAME), "WrongValueDetector")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("city > 5", "texts and numbers cannot be compared"),
        ((lambda frame: frame["gone"], "age"), "rule 'mine' failed: KeyError"),
        ((lambda frame: [True], "age"), r"for each of 4 rows, got shape \(1,\)"),
    ],
)
def test_rules_that_fail_on_the_frame(rule, message):
    with pytest.raises(DataError, match=message):
        rows_that_break(rule)
