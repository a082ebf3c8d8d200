"""Gain and lift: by hand, ties by share, bounds, agreement with the decile table, intervals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.metrics import captured_share, decile_table, gain_curve, lift_at, lift_table
from tests.metrics._churned import CHURNED, RISK, rows

Y, P = [1, 0, 1, 0, 0], [0.9, 0.7, 0.7, 0.2, 0.1]


def test_curve_by_hand():
    customers, churners = gain_curve(Y, P)
    np.testing.assert_allclose(customers, [0, 0.2, 0.4, 0.6, 0.8, 1.0])
    np.testing.assert_allclose(churners, [0, 0.5, 0.75, 1, 1, 1])


def test_lift_by_hand():
    assert lift_at(Y, P, share=0.2) == pytest.approx(0.5 / 0.2)
    assert lift_at(Y, P, share=0.3) == pytest.approx((0.5 + 0.125) / 0.3)
    assert lift_at(Y, P) == pytest.approx(2.5)  # half of the riskiest customer


def test_table_by_hand():
    table = lift_table(Y, P, shares=[0.4, 1.0], random_state=0)
    assert table.index.tolist() == [0.4, 1.0]
    assert table["n_customers"].tolist() == [2.0, 5.0]
    np.testing.assert_allclose(table["n_churners"], [1.5, 2.0])
    np.testing.assert_allclose(table["churn_rate"], [0.75, 0.4])
    np.testing.assert_allclose(table["gain"], [0.75, 1.0])
    np.testing.assert_allclose(table["lift"], [1.875, 1.0])
    assert table.loc[1.0, ["gain_lower", "gain_upper", "lift_lower"]].tolist() == [1, 1, 1]


@given(rows, st.floats(0.01, 1), st.randoms(use_true_random=False))
def test_a_constant_score_has_lift_1_in_any_order(pairs, share, random):
    y = [churned for churned, _ in random.sample(pairs, len(pairs))]
    assert lift_at(y, [0.3] * len(y), share=share) == pytest.approx(1.0)


@given(rows, st.floats(0.01, 1))
def test_lift_is_bounded_and_free_of_row_order(pairs, share):
    y, p = np.array(pairs).T
    found = lift_at(y, p, share=share)
    assert found == pytest.approx(lift_at(y[::-1], p[::-1], share=share))
    assert found <= 1 / max(share, y.mean()) + 1e-9
    assert found == pytest.approx(captured_share(y, p, share=share) / share)
    assert lift_at(y, y, share=share) == pytest.approx(1 / max(share, y.mean()))


def test_the_decile_table_agrees():
    table = lift_table(CHURNED, RISK, shares=np.arange(1, 11) / 10, n_resamples=2)
    deciles = decile_table(CHURNED, RISK)
    np.testing.assert_allclose(table["lift"], deciles["cumulative_lift"])
    np.testing.assert_allclose(table["gain"], deciles["cumulative_share"])


def test_intervals_hold_the_estimate_and_repeat():
    table = lift_table(CHURNED, RISK, random_state=1)
    assert table.index.tolist() == [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0]
    for name in ("gain", "lift"):
        assert table[name].between(table[f"{name}_lower"], table[f"{name}_upper"] + 1e-12).all()
    pd.testing.assert_frame_equal(table, lift_table(CHURNED, RISK, random_state=1))
    inner = lift_table(CHURNED, RISK, level=0.5, random_state=1)
    assert (inner["lift_lower"] >= table["lift_lower"]).all()


def test_the_interval_of_a_lift_by_theory():
    """Of a constant score the gain at s is s: no luck of order, and none of who is drawn."""
    table = lift_table(CHURNED, np.full(600, 0.4), shares=[0.25], random_state=0)
    assert table["lift_lower"].tolist() == pytest.approx([1.0])
    assert table["lift_upper"].tolist() == pytest.approx([1.0])


def test_rows_of_one_customer_are_drawn_together():
    y, p, who = (np.tile(x, 4) for x in (CHURNED, RISK, np.arange(600)))
    width = [
        np.ptp(t[["gain_lower", "gain_upper"]].loc[0.1])
        for t in (
            lift_table(CHURNED, RISK, random_state=0),
            lift_table(y, p, groups=who, random_state=0),
            lift_table(y, p, random_state=0),
        )
    ]
    assert width[1] == pytest.approx(width[0])
    assert width[2] == pytest.approx(width[0] / 2, rel=0.2)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"shares": [10]}, r"share must be at most 1, got 10\. A tenth is share=0\.1"),
        ({"shares": [0.0]}, "share must be a finite number above 0"),
        ({"shares": []}, "shares is empty"),
        ({"level": 1}, "level must be a number above 0 and below 1"),
        ({"n_resamples": 1}, "n_resamples must be a whole number of at least 2"),
        ({"groups": [1]}, "groups has 1 rows and y_true 5"),
    ],
)
def test_errors_teach(change, text):
    with pytest.raises(DataError, match=f"lift_table: {text}"):
        lift_table(Y, P, **change)
