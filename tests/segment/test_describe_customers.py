"""describe_customers: counts, quantiles and concentration by hand, zeros, frames, words, texts."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.segment import CustomerDescription, describe_customers
from tests.segment._shop import FRAMES, as_dict

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": list("abcdefghij"),
        "total_amount": [50.0, 0, 20, 10, 5, 5, 4, 3, 3, -7],
        "age": [30, None, 40, 50, 20, 30, 30, None, 60, 20],
        "region": ["n", "n", "s", None, "n", "e", "s", "n", "n", "e"],
        "joined": pd.Timestamp("2024-01-01"),
    }
)


def only(values):
    frame = pd.DataFrame({"who": range(len(values)), "spent": values})
    return describe_customers(frame, value="spent")


def flat(text):
    return " ".join(str(text).split())


def test_numbers_by_hand():
    found = describe_customers(CUSTOMERS).frame().set_index("column")
    age = found.loc["age"]
    assert age[["n", "n_missing", "n_zero", "n_below_zero"]].tolist() == [8, 2, 0, 0]
    assert age[["mean", "min", "median", "max"]].tolist() == [35, 20, 30, 60]
    assert age["q25"] == 27.5  # between the second and third of 20 20 30 30 30 40 50 60
    assert age["sd"] == pytest.approx(np.sqrt(1400 / 7))
    assert found.loc["total_amount", ["n_zero", "n_below_zero"]].tolist() == [1, 1]
    assert describe_customers(CUSTOMERS).frame()["n"].dtype == np.int64


def test_levels_by_hand():
    found = describe_customers(CUSTOMERS).categories()
    assert found.to_dict("list") == {
        "column": ["region"] * 4,
        "level": ["n", "e", "s", "(missing)"],
        "n_customers": [5, 2, 2, 1],
        "share": [0.5, 0.2, 0.2, 0.1],
    }


def test_concentration_by_hand():
    found = describe_customers(CUSTOMERS)  # 100 in all, the one below 0 counts as 0
    assert found.top() == pytest.approx(0.7, rel=1e-12)
    assert found.top(0.05) == pytest.approx(0.25, rel=1e-12)
    assert (found.fewest(), found.fewest(0.5), found.fewest(0.51)) == (3, 1, 2)
    curve = found.lorenz()
    assert curve["share_of_customers"].tolist() == [i / 10 for i in range(11)]
    assert curve["share_of_value"].tolist() == pytest.approx(
        [0, 0, 0, 0.03, 0.06, 0.10, 0.15, 0.20, 0.30, 0.50, 1]
    )
    # steps of .1 under the curve: its points add up to 2.34, less half of the last one
    assert found.gini == pytest.approx(1 - 2 * (2.34 - 0.5) / 10)


def test_equal_and_single_customers():
    same = only([5.0] * 5)
    assert (same.gini, same.fewest(), same.top()) == (0, 4, 0.2)
    one = only([5.0])
    assert (one.gini, one.fewest(), one.top()) == (0, 1, 0.2)
    assert np.isnan(one.numbers["spent"]["sd"])


def test_nobody_has_anything():
    found = only([0.0, -2.0])
    assert np.isnan([found.gini, found.top()]).all()
    assert found.fewest() == 0
    assert "nobody has more than 0. 1 customer has 0. 1 customer below 0, -2 together" in flat(
        found
    )
    with pytest.raises(DataError, match=r"nobody has a 'spent' above 0"):
        found.lorenz()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(any), st.floats(0.01, 0.99))
def test_the_fewest_hold_the_share_and_one_less_does_not(values, share):
    found = only(values)
    n, best = found.fewest(share), np.sort(values)[::-1]
    assert best[:n].sum() >= share * best.sum() * (1 - 1e-9)
    assert best[: n - 1].sum() <= share * best.sum() * (1 + 1e-9)
    assert 0 <= found.gini < 1


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree_and_come_back_in_their_library(kind):
    frame = FRAMES[kind](CUSTOMERS)
    found, expected = describe_customers(frame), describe_customers(CUSTOMERS)
    assert str(found) == str(expected)
    for method in ("frame", "categories", "lorenz"):
        made = getattr(found, method)()
        assert type(made) is type(frame)
        assert as_dict(made) == as_dict(getattr(expected, method)())


def test_row_order_does_not_matter_and_the_input_stays():
    before = CUSTOMERS.copy()
    shuffled = describe_customers(CUSTOMERS.sample(frac=1, random_state=1))
    assert str(shuffled) == str(describe_customers(CUSTOMERS))
    pd.testing.assert_frame_equal(shuffled.frame(), describe_customers(CUSTOMERS).frame())
    pd.testing.assert_frame_equal(CUSTOMERS, before)


def test_words():
    text = str(describe_customers(CUSTOMERS))
    assert text.startswith("10 customers, described by 2 numbers and 1 category\n\n")
    assert "region          1  n 50.0%, e 20.0%, s 20.0%\n" in text
    assert (
        "The best 20 % of customers hold 70.0% of 100; 80 % of it is held by 3 customers (30.0%). "
        "1 customer has 0. 1 customer below 0, -7 together, counts as 0 here."
    ) in flat(text)
    assert "Left out: 'joined' holds instants." in text
    many = CUSTOMERS.assign(region=list("abcdefghij"))
    assert "a 10.0%, b 10.0%, c 10.0%, d 10.0%, e 10.0%, 5 more 50.0%" in str(
        describe_customers(many)
    )


def test_columns_by_name_and_no_value():
    found = describe_customers(CUSTOMERS, columns=["age"], value=None)
    assert list(found.numbers) == ["age"]
    assert "Concentration" not in str(found)
    with pytest.raises(DataError, match=r"no value was told\. Pass value="):
        found.lorenz()
    assert describe_customers(CUSTOMERS, columns=["region"]).frame().shape == (0, 14)


def test_the_result_is_frozen():
    assert isinstance(describe_customers(CUSTOMERS), CustomerDescription)
    with pytest.raises(dataclasses.FrozenInstanceError):
        describe_customers(CUSTOMERS).value = "age"


def test_data_are_refused_with_a_text():
    with pytest.raises(
        DataError, match=r"^describe_customers: column 'amount' not found\. Did you"
    ):
        describe_customers(CUSTOMERS, value="amount")
    with pytest.raises(
        DataError, match=r"the value 'age' has 2 missing or infinite values \(first"
    ):
        describe_customers(CUSTOMERS, value="age")
    with pytest.raises(DataError, match=r"there are no customers"):
        describe_customers(CUSTOMERS[:0])
    with pytest.raises(DataError, match=r"column 'id' not found.*customer="):
        describe_customers(CUSTOMERS, customer="id")
    with pytest.raises(DataError, match=r"share must be a number between 0 and 1, got 2"):
        describe_customers(CUSTOMERS).fewest(2)
