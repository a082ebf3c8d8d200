"""Which label is churn: by order, by name, or refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmkit.churn._churn_label import churn_labels
from crmkit.exceptions import DataError


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1],
        [False, True],
        ["No", "Yes"],
        ["no", "yes"],
        ["active", "churned"],
        ["Existing Customer", "Left"],
        ["Retained", "left"],
        [1.0, 2.0],
        ["no churn", "yes churn"],
        ["active", "inactive"],
    ],
)
def test_the_second_in_order_is_churn(labels):
    classes, codes = churn_labels([labels[1], labels[0], labels[1]], None, 3, "M")
    assert classes.tolist() == labels
    assert codes.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "labels",
    [
        ["Attrited Customer", "Existing Customer"],
        ["Churned", "Stayed"],
        ["churn", "no churn"],
        ["Left", "Retained"],
        ["left", "on"],
    ],
)
def test_labels_that_read_backwards_are_refused_until_named(labels):
    with pytest.raises(DataError, match=f"Say which label is churn: churned='{labels[0]}'"):
        churn_labels(labels, None, 2, "M")
    classes, codes = churn_labels(labels, labels[0], 2, "M")
    assert classes.tolist() == labels[::-1]
    assert codes.tolist() == [1, 0]
    assert churn_labels(labels, labels[1], 2, "M")[1].tolist() == [0, 1]


def test_an_unknown_label():
    with pytest.raises(DataError, match=r"churned='Yes' is no label of y: \['n', 'y'\]"):
        churn_labels(["y", "n"], "Yes", 2, "M")


@pytest.mark.parametrize(
    "y",
    [
        pd.Series(["No", "Yes"]),
        pd.Series(["No", "Yes"], dtype="category"),
        pl.Series(["No", "Yes"]),
        np.array(["No", "Yes"], dtype=object),
    ],
)
def test_columns_of_labels(y):
    classes, codes = churn_labels(y, None, 2, "M")
    assert classes.dtype.kind == "U"
    assert codes.tolist() == [0, 1]


@pytest.mark.parametrize("y", [["a", None, "b"], [1.0, np.nan, 0.0]])
def test_missing_labels_are_placed(y):
    with pytest.raises(DataError, match=r"first at row 1\). Unknown is not churned"):
        churn_labels(y, None, 3, "M")


def test_one_class_says_so():
    with pytest.raises(DataError, match="one class only"):
        churn_labels(["No", "No"], None, 2, "M")


@pytest.mark.parametrize("dtype", ["boolean", "string"])
def test_missing_labels_of_pandas_own_kinds(dtype):
    y = pd.Series([True, False, None] if dtype == "boolean" else ["1", "0", None]).astype(dtype)
    with pytest.raises(DataError, match=r"y has 1 missing labels \(first at row 2\)"):
        churn_labels(y, None, 3, "t")
