"""Columns of any kind: what their names and values say they are."""

import numpy as np
import pandas as pd
import pytest

from crmkit._mixed_columns import (
    MISSING,
    identifier,
    is_called_id,
    is_first_id,
    is_like_id,
    names_of,
    numbers_of,
    read_columns,
    words_of,
)
from crmkit.exceptions import DataError


def column(values):
    return read_columns(pd.DataFrame({"x": values}), None, "Model")[0]


def test_frames_and_arrays_are_read_by_place():
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert names_of(frame, "Model") == ["a", "b"]
    assert [c.kind for c in read_columns(frame, None, "Model")] == ["number", "text"]
    assert words_of(read_columns(frame, [1], "Model")[0]).tolist() == ["x", MISSING]
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert names_of(array, "Model") == ["x0", "x1"]
    assert read_columns(array, [1], "Model")[0].values.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("name", ["customerID", "customer_id", "ID", "user-uuid"])
def test_names_of_identifiers(name):
    assert is_called_id(name)
    assert not is_called_id("days_paid")


@pytest.mark.parametrize(
    ("name", "values", "first"),
    [
        ("CustomerID", [17850, 13047, 12583], True),
        ("household", [1, 2, 3], True),
        ("total_amount", [10, 20, 30], False),
        ("customer", [1.5, 2.5, 3.5], False),
        ("name", ["ann", "bob", "cy"], True),
        ("city", ["a", "b", "a"], False),
    ],
)
def test_the_first_column_is_the_id_by_its_name_or_its_words(name, values, first):
    assert is_first_id(name, column(values)) is first


def test_many_words_of_one_customer_each_are_no_category():
    assert "looks like an identifier (30 distinct" in identifier(
        "x", column([f"word {i}" for i in range(30)]), False
    )
    assert identifier("x", column(list("ab") * 15), False) is None
    assert identifier("row", column(list(range(30))), True) == "numbers the rows"


def test_flags_are_words_where_words_are_asked():
    for values in ([True, False], np.array([True, False]), [True, None, False]):
        assert set(words_of(column(values))) - {MISSING} == {"True", "False"}
    assert words_of(column([1, 0])).tolist() == ["1", "0"]
    array = np.array([[True], [False]])
    assert words_of(read_columns(array, None, "Model")[0]).tolist() == ["True", "False"]


@pytest.mark.parametrize(
    ("values", "like"),
    [(range(20), True), (range(19), False), ([*range(20), 3], False), (np.arange(20) / 2, False)],
)
def test_many_whole_numbers_that_all_differ_are_like_an_id(values, like):
    assert is_like_id(column(list(values))) is like


def test_numbers_in_words():
    assert numbers_of(column(["1.5", " ", "-2"]), "x", "Model").tolist()[::2] == [1.5, -2.0]
    with pytest.raises(DataError, match=r"Model: 'x' held numbers in fit and now holds 'b' \(row"):
        numbers_of(column(["1", "b"]), "x", "Model")
    with pytest.raises(DataError, match=r"'x' has 1 infinite values \(first at row 1\)"):
        numbers_of(column([1.0, np.inf]), "x", "Model")
