"""profit_curve: by hand, ties, both orders, break-even, intervals, texts."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from crmkit.exceptions import DataError
from crmkit.metrics import profit_curve
from crmkit.metrics._profit import profit_of_contact
from tests.metrics._churned import CHURNED, RISK, rows

MONEY = {"acceptance": 0.4, "offer_cost": 15.0, "contact_cost": 2.0}
curve = partial(profit_curve, value=150.0, **MONEY, n_resamples=50, random_state=0)


def test_one_customer_by_hand():
    """Break-even at 17 / 69 = 0.246; p = 0.30 earns 3.70, p = 0.20 loses 3.20."""
    terms = [np.full(3, v) for v in (150.0, 15.0, 2.0, 0.4)]
    got = profit_of_contact(np.array([0.30, 0.20, 17 / 69]), *terms)
    np.testing.assert_allclose(got, [3.7, -3.2, 0.0], atol=1e-12)


def test_curve_by_hand():
    # A churner earns 0.4 * 135 - 2 = 52, one who stays costs 17.
    table = curve([0, 1, 1, 0], [0.3, 0.9, 0.5, 0.1], n_points=4)
    assert table.index.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert table["n_customers"].tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(table["profit"], [0, 52, 104, 87, 70])
    by_risk = 69 * np.array([0.9, 0.5, 0.3, 0.1]) - 17
    np.testing.assert_allclose(table["expected_profit"], np.append(0, np.cumsum(by_risk)))


def test_order_by_profit_looks_at_the_value():
    y, p, value = [1, 1, 0], [0.9, 0.5, 0.4], [20.0, 400.0, 0.0]
    by_profit = profit_curve(y, p, value=value, **MONEY, n_points=3, random_state=0)
    by_risk = profit_curve(y, p, value=value, **MONEY, n_points=3, order="risk", random_state=0)
    np.testing.assert_allclose(by_profit["profit"], [0, 152, 152, 135])  # rich, poor, stayed
    np.testing.assert_allclose(by_risk["profit"], [0, 0, 152, 135])
    assert by_profit["expected_profit"].idxmax() == pytest.approx(1 / 3)


def test_a_customer_may_cost_more_than_he_brings():
    table = profit_curve([1, 0], [0.9, 0.2], value=[-50.0, 200.0], **MONEY, n_points=2)
    # kept, the first costs 0.4 * -65 - 2 = -28; the second stays anyway: -17
    np.testing.assert_allclose(table["profit"], [0, -17, -45])


def test_the_curve_knows_its_order():
    assert curve([1, 0], [0.9, 0.2]).attrs == {"order": "profit"}
    assert curve([1, 0], [0.9, 0.2], order="risk").attrs == {"order": "risk"}


def test_half_a_customer_counts_half_and_ties_share():
    table = curve([1, 0], [0.4, 0.4], n_points=4)
    np.testing.assert_allclose(table["profit"], np.array([0, 0.25, 0.5, 0.75, 1.0]) * (52 - 17))


def test_break_even_is_where_the_expected_profit_peaks():
    table = curve(CHURNED, RISK, n_points=600)
    worth = np.mean(RISK > 17 / 69)
    assert table["expected_profit"].idxmax() == pytest.approx(worth, abs=1e-9)


@given(rows)
def test_row_order_does_not_matter_and_all_is_all(pairs):
    y, p = np.array(pairs).T
    table = curve(y, p, n_points=5, n_resamples=2)
    again = curve(y[::-1], p[::-1], n_points=5, n_resamples=2)
    np.testing.assert_allclose(again["profit"], table["profit"], atol=1e-9)
    np.testing.assert_allclose(again["expected_profit"], table["expected_profit"], atol=1e-9)
    assert table["profit"].iloc[-1] == pytest.approx(52 * y.sum() - 17 * (1 - y).sum())
    assert table["expected_profit"].iloc[-1] == pytest.approx((69 * p - 17).sum())


def test_the_interval_by_theory():
    """Contacting everybody: a sum of 600 independent profits."""
    table = curve(CHURNED, RISK, n_resamples=2000)
    spread = 69 * CHURNED.std() * np.sqrt(600)
    last = table.loc[1.0]
    assert last["upper"] - last["profit"] == pytest.approx(1.96 * spread, rel=0.1)
    assert last["profit"] - last["lower"] == pytest.approx(1.96 * spread, rel=0.1)
    pd.testing.assert_frame_equal(table, curve(CHURNED, RISK, n_resamples=2000))
    four = [np.tile(x, 4) for x in (CHURNED, RISK, np.arange(600))]
    together = curve(*four[:2], groups=four[2], n_resamples=2000).loc[1.0]
    assert together["upper"] == pytest.approx(4 * last["upper"])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"value": [1.0, np.nan]}, r"value has 1 NaN \(first at row 1\)"),
        ({"value": np.nan}, "value has 1 NaN"),
        (
            {"value": [1.0, 2.0, 3.0]},
            "value must be .* for each of 2 customers, got 3",
        ),
        ({"value": "much"}, "value must hold numbers"),
        ({"value": True}, "value must hold numbers, got True"),
        ({"offer_cost": -1.0}, "offer_cost must be at least 0, but 2 of 2 are not"),
        ({"acceptance": 30}, "acceptance must be from 0 to 1, but 2 of 2 are not"),
        ({"order": "value"}, "order must be one of"),
        ({"n_points": 0}, "n_points must be a whole number of at least 1"),
        ({"level": 0}, "level must be a number above 0"),
        ({"n_resamples": 1}, "n_resamples must be a whole number of at least 2"),
        ({"groups": [1]}, "groups has 1 rows"),
    ],
)
def test_errors_teach(change, text):
    with pytest.raises(DataError, match=f"profit_curve: {text}"):
        curve([0, 1], [0.1, 0.2], **change)
