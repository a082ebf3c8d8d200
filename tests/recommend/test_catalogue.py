"""Catalogue: kinds, repeated and contradicting rows, alignment, what a caller tells."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmkit.exceptions import DataError, DataWarning
from crmkit.recommend._catalogue import aligned, read_catalogue

ITEMS = pd.DataFrame(
    {
        "sku": ["b", "a", "d", "c"],
        "name": ["blue cup", "red cup", None, "red lamp"],
        "group": ["home", "home", "garden", "garden"],
        "price": [2.0, np.nan, 4.0, 1.0],
        "size": [1, 2, 3, 4],
        "since": pd.to_datetime(["2024-01-01"] * 4),
        "fresh": [True, False, True, False],
    }
)


def test_columns_are_sorted_by_item_and_told_apart():
    found = read_catalogue(ITEMS, "sku", "Model")
    assert found.items.tolist() == ["a", "b", "c", "d"]
    assert found.kinds == {
        "name": "text",
        "group": "category",
        "price": "number",
        "size": "number",
        "fresh": "number",
    }
    assert found.columns["name"].tolist() == ["red cup", "blue cup", "red lamp", None]
    assert found.columns["group"].tolist() == ["home", "home", "garden", "garden"]
    np.testing.assert_array_equal(found.columns["price"], [np.nan, 2, 1, 4])
    assert found.columns["fresh"].tolist() == [0.0, 1.0, 0.0, 1.0]
    assert found.names("number") == ["price", "size", "fresh"]


def test_the_first_column_is_the_id_unless_one_is_called_like_that_of_the_log():
    assert read_catalogue(ITEMS, "item", "Model").items.tolist() == ["a", "b", "c", "d"]
    turned = ITEMS[["group", "sku"]]
    found = read_catalogue(turned, "sku", "Model")
    assert found.items.tolist() == ["a", "b", "c", "d"]
    assert list(found.columns) == ["group"]


def test_all_frames_are_read_alike():
    left = read_catalogue(ITEMS, "sku", "Model")
    right = read_catalogue(pl.from_pandas(ITEMS).lazy(), "sku", "Model")
    assert left.kinds == right.kinds
    for name, values in left.columns.items():
        np.testing.assert_array_equal(values, right.columns[name])


def test_repeated_rows_are_one_row_and_counted():
    twice = pd.concat([ITEMS, ITEMS.iloc[1:3]])
    with pytest.warns(DataWarning, match="Model: 2 of 6 rows of items repeat another"):
        found = read_catalogue(twice, "sku", "Model")
    assert found.items.tolist() == ["a", "b", "c", "d"]
    assert found.columns["name"].tolist() == ["red cup", "blue cup", "red lamp", None]


def test_repeated_rows_do_not_turn_text_into_a_category():
    with pytest.warns(DataWarning, match="8 of 12 rows of items repeat another"):
        found = read_catalogue(pd.concat([ITEMS] * 3), "sku", "Model")
    assert found.kinds == read_catalogue(ITEMS, "sku", "Model").kinds


def test_contradicting_rows_are_refused():
    other = pd.concat([ITEMS, ITEMS.iloc[[1]].assign(group="garden")])
    with pytest.raises(DataError, match="sku='a' has several that differ in 'group'"):
        read_catalogue(other, "sku", "Model")


def test_rows_without_an_id_are_counted():
    with pytest.warns(DataWarning, match="1 of 4 rows of items have no 'sku'"):
        found = read_catalogue(ITEMS.assign(sku=["b", None, "d", "c"]), "sku", "Model")
    assert found.items.tolist() == ["b", "c", "d"]


def test_items_without_a_row_have_nothing():
    found = aligned(read_catalogue(ITEMS, "sku", "M"), np.array(["a", "aa", "d"]), "M")
    assert found.described.tolist() == [True, False, True]
    assert found.columns["name"].tolist() == ["red cup", None, None]
    np.testing.assert_array_equal(found.columns["price"], [np.nan, np.nan, 4.0])
    assert found.labels().tolist() == ["red cup", "aa", "d"]


def test_a_caller_tells_kinds():
    found = read_catalogue(ITEMS, "sku", "Model")
    told = found.told("Model", text=["name", "group"], number=["price"])
    assert told.kinds == {"name": "text", "group": "text", "price": "number"}
    told = found.told("Model", category=["size", "fresh"])
    assert told.kinds == {
        "name": "text",
        "price": "number",
        "size": "category",
        "fresh": "category",
    }
    assert told.columns["size"].tolist() == ["2", "1", "4", "3"]
    assert found.kinds["size"] == "number"
    assert found.told("Model").kinds == found.kinds
    with pytest.raises(DataError, match="column 'nme' not found"):
        found.told("Model", text=["nme"])
    with pytest.raises(DataError, match="'name' holds words, not numbers"):
        found.told("Model", number=["name"])


def test_a_frame_is_needed():
    with pytest.raises(DataError, match="Model: items must be a frame"):
        read_catalogue({"sku": ["a"]}, "sku", "Model")


def test_two_columns_of_one_name_are_refused():
    items = pd.DataFrame([["a", "x", "y"]], columns=["sku", "name", "name"])
    with pytest.raises(DataError, match="Model: two columns have one name"):
        read_catalogue(items, "sku", "Model")
