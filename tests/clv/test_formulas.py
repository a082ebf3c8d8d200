"""The managers' formulas: by hand, scalars, arrays and Series, error texts."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.clv import acquisition_cost, simple_lifetime_value
from crmkit.exceptions import DataError


def test_a_number_by_hand():
    value = simple_lifetime_value(50.0, 4, 3, acquisition_cost=80.0, margin=0.3)
    assert value == pytest.approx(50 * 4 * 3 * 0.3 - 80)
    assert type(value) is float
    assert simple_lifetime_value(50, 4, 3) == 600.0
    assert simple_lifetime_value(1.0, 1.0, 1.0, acquisition_cost=5.0) == -4.0


def test_arrays_and_series_keep_their_kind():
    array = simple_lifetime_value(np.array([10.0, 20.0]), [1, 2], 2)
    assert isinstance(array, np.ndarray)
    assert array.tolist() == [20.0, 80.0]
    series = simple_lifetime_value(pd.Series([10.0, 20.0], index=["a", "b"]), 2, [1.0, 3.0])
    assert series.to_dict() == {"a": 20.0, "b": 120.0}


def test_cost_of_winning_a_customer_by_hand():
    assert acquisition_cost(12_000, 300) == 40.0
    channels = pd.Series({"search": 600.0, "mail": 900.0})
    won = pd.Series({"search": 20, "mail": 45})
    assert acquisition_cost(channels, won).to_dict() == {"search": 30.0, "mail": 20.0}
    assert acquisition_cost(0.0, 5) == 0.0


@given(*[st.floats(0.0, 1e4)] * 4, st.floats(0.0, 1.0))
def test_value_grows_with_all_but_the_cost(order, pace, years, cost, margin):
    value = simple_lifetime_value(order, pace, years, cost, margin)
    assert simple_lifetime_value(order + 1, pace, years, cost, margin) >= value
    assert simple_lifetime_value(order, pace, years + 1, cost, margin) >= value
    assert simple_lifetime_value(order, pace, years, cost + 1, margin) < value


@pytest.mark.parametrize(
    ("function", "arguments", "text"),
    [
        (
            simple_lifetime_value,
            ([1.0, np.nan], -1.0, 3),
            r"mean_order_value has 1 such values \(first nan\); orders_per_year has 1 such values",
        ),
        (simple_lifetime_value, (1, 1, 1, 0, 25), r"margin must be a share .* got 25\. A margin"),
        (simple_lifetime_value, (1, 1, 1, 0, 1.01), r"margin must be a share .* got 1\.01"),
        (simple_lifetime_value, ("many", 1, 1), "mean_order_value must hold numbers, got 'many'"),
        (simple_lifetime_value, ("10", 1, 1), "mean_order_value must hold numbers, got '10'"),
        (simple_lifetime_value, (["10", "20"], 1, 1), "must hold numbers, got '10' first"),
        (simple_lifetime_value, (pd.Series(["10", "x"]), 1, 1), "must hold numbers, got '10' fi"),
        (simple_lifetime_value, (1, 1, 1, 0, True), "margin must hold numbers, got True"),
        (simple_lifetime_value, (10**400, 1, 1), "mean_order_value must hold numbers, got what is"),
        (
            simple_lifetime_value,
            (pd.DataFrame({"order": [1.0, 2.0]}), np.array([1.0, 2.0]), 1),
            r"mean_order_value must be a number or one column .* table of shape \(2, 1\)",
        ),
        (simple_lifetime_value, ([1, 2], [1, 2, 3], 1), "lengths .* differ: mean_order_value has"),
        (acquisition_cost, ([5.0, 9.0], [0, 3]), "new_customers has 1 zeros: a cost a customer"),
        (acquisition_cost, (-5.0, 3), "marketing_cost has 1 such values"),
    ],
)
def test_errors_teach(function, arguments, text):
    with pytest.raises(DataError, match=f"{function.__name__}: .*{text}"):
        function(*arguments)


def test_nullable_and_decimal_numbers_are_numbers():
    orders = pd.Series([1, 2], dtype="Int64")
    assert simple_lifetime_value(orders, Decimal("2.5"), 2).tolist() == [5.0, 10.0]


def test_rows_that_do_not_belong_together_are_refused():
    one, other = pd.Series([1.0, 2.0], index=["a", "b"]), pd.Series([1.0, 2.0], index=["b", "a"])
    with pytest.raises(DataError, match="two Series have different indices"):
        simple_lifetime_value(one, other, 1.0)


def test_nothing_is_changed():
    order = pd.Series([1.0, 2.0])
    simple_lifetime_value(order, 3.0, 1.0)
    assert order.tolist() == [1.0, 2.0]
