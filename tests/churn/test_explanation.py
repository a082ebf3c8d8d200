"""Reasons: the largest contributions of each customer, with the values that made them."""

import numpy as np
import pytest

from crmkit._frames import MixedColumn
from crmkit.churn._explanation import number_in_words, reasons, sentences

COLUMNS = [
    MixedColumn("number", np.array([64.0, 5.0])),
    MixedColumn("text", np.array(["monthly", None], dtype=object)),
    MixedColumn("number", np.array([np.nan, 3.14159])),
]
NAMES = ["days_since_last", "plan", "charges"]
ADDED = np.array([[1.3, -0.2, 0.4], [0.1, -2.0, 0.1]])


def test_reasons_by_hand():
    rows, told = reasons(COLUMNS, NAMES, ADDED, 2, "")
    assert rows.tolist() == [0, 0, 1, 1]
    assert told["feature"].tolist() == ["days_since_last", "charges", "plan", "days_since_last"]
    assert told["value"].tolist() == ["64", "missing", "missing", "5"]
    assert told["contribution"].tolist() == [1.3, 0.4, -2.0, 0.1]
    assert told["sentence"].tolist() == [
        "last purchase 64 days ago: +1.3",
        "charges unknown: +0.4",
        "plan unknown: -2.0",
        "last purchase 5 days ago: +0.1",
    ]


@pytest.mark.parametrize("top", [1, 2, 9])
def test_sentences_are_those_of_the_reasons(top):
    told = sentences(COLUMNS, NAMES, ADDED, top, "")
    assert [len(each) for each in told] == [min(top, 3)] * 2
    assert [text for each in told for text in each] == reasons(COLUMNS, NAMES, ADDED, top, "")[1][
        "sentence"
    ].tolist()


def test_nothing_has_no_sign():
    _, told = reasons(COLUMNS, NAMES, np.array([[-0.04, 0.0, -0.0], [0.0, 0.0, -2.04]]), 1, "")
    assert told["sentence"].tolist() == [
        "last purchase 64 days ago: +0.0",
        "charges = 3.14: -2.0",
    ]


def test_more_reasons_than_features():
    rows, told = reasons(COLUMNS, NAMES, ADDED, 9, "")
    assert rows.tolist() == [0, 0, 0, 1, 1, 1]
    assert set(told["feature"][:3]) == set(NAMES)


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (3.14159, "3.14"), (1234.56, "1234.6"), (-0.00123, "-0.00123"), (1e6, "1000000")],
)
def test_numbers_in_words(value, text):
    assert number_in_words(value) == text


def test_of_twins_the_larger_speaks():
    columns = [MixedColumn("number", np.array([6.0, 2.0])) for _ in range(3)]
    names = ["orders_30d", "plan", "days_30d"]
    added = np.array([[0.3, 0.1, -0.4], [0.5, 0.1, 0.0]])
    _, told = reasons(columns, names, added, 3, "D")
    assert told["feature"].tolist() == ["days_30d", "plan", "orders_30d", "plan"]
    assert told["contribution"].tolist() == [-0.4, 0.1, 0.5, 0.1]


def test_nobody_has_no_reasons():
    columns = [MixedColumn("number", np.zeros(0)), MixedColumn("number", np.zeros(0))]
    rows, told = reasons(columns, ["a", "b"], np.zeros((0, 2)), 2, "")
    assert len(rows) == len(told["sentence"]) == 0
    assert sentences(columns, ["a", "b"], np.zeros((0, 2)), 2, "") == []
