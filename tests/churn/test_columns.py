"""Numbers per customer: one for all, a column, an array; texts of what is refused."""

import numpy as np
import pandas as pd
import pytest

from crmkit.churn._columns import group_codes, id_name, per_customer, probabilities
from crmkit.exceptions import DataError

TABLE = pd.DataFrame({"who": ["a", "b"], "cost": [1.0, 4.0]})


def numbers(value, low=0.0, high=np.inf):
    return per_customer(value, TABLE, 2, "offer_cost", "Owner", low=low, high=high)


def test_three_ways_to_tell():
    assert numbers(3).tolist() == [3.0, 3.0]
    assert numbers("cost").tolist() == [1.0, 4.0]
    assert numbers([5, 6]).tolist() == [5.0, 6.0]
    assert numbers(pd.Series([5, 6])).tolist() == [5.0, 6.0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("price", "Owner: column 'price' not found"),
        ([1.0], "one for each of 2 customers, got 1"),
        ([1.0, np.nan], "Owner: offer_cost has 1 NaN .first at row 1."),
        ([1.0, -2.0], "offer_cost must be at least 0, but 1 of 2 are not .first at row 1: -2."),
        ([[1.0], [2.0]], "got shape"),
        (["x", "y"], "must hold numbers"),
        (True, "must hold numbers, got True"),
    ],
)
def test_refusals(value, text):
    with pytest.raises(DataError, match=text):
        numbers(value)


def test_a_fault_of_a_column_names_it_once():
    table = TABLE.assign(cost=[np.nan, 1.0])
    with pytest.raises(DataError, match=r"Owner: column 'cost' has 1 NaN \(first at row 0\)"):
        per_customer("cost", table, 2, "offer_cost", "Owner", low=0.0, high=1.0)


def test_no_customers_have_no_numbers():
    none = TABLE.head(0)
    for value in (3.0, "cost", []):
        got = per_customer(value, none, 0, "cost", "Owner", low=0.0, high=np.inf)
        assert got.shape == (0,)


def test_the_id_is_the_first_column_or_the_stated_one():
    assert id_name(TABLE, None, "Owner") == "who"
    assert id_name(TABLE, "cost", "Owner") == "cost"
    with pytest.raises(DataError, match="Owner: the frame has no columns"):
        id_name(TABLE[[]], None, "Owner")
    with pytest.raises(DataError, match="is called 0: names of columns must be text"):
        id_name(pd.DataFrame({0: [1.0]}), None, "Owner")


def test_customers_are_numbered_by_their_ids():
    assert group_codes(["b", "a", "b"], 3, "Owner").tolist() == [1, 0, 1]
    assert group_codes(np.array([7, 3]), 2, "Owner").tolist() == [1, 0]
    with pytest.raises(DataError, match=r"groups has 1 missing customers \(first at row 1\)"):
        group_codes(["b", None], 2, "Owner")
    with pytest.raises(DataError, match="X has 3 rows and groups 2"):
        group_codes(["b", "a"], 3, "Owner")


def test_a_column_needs_a_frame():
    with pytest.raises(DataError, match="names a column, which an array has not"):
        per_customer("cost", None, 2, "cost", "Owner", low=0.0, high=1.0)


def test_probabilities_as_predict_proba_gives_them():
    assert probabilities([[0.9, 0.1], [0.3, 0.7]], "Owner").tolist() == [0.1, 0.7]
    assert probabilities([0.2], "Owner").tolist() == [0.2]
    with pytest.raises(DataError, match="from 0 to 1"):
        probabilities([1.2], "Owner")
    with pytest.raises(DataError, match="got shape"):
        probabilities([[0.1, 0.2, 0.7]], "Owner")
    with pytest.raises(DataError, match="got shape"):
        probabilities([], "Owner")
