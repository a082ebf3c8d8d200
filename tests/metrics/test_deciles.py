"""decile_table: a small table by hand, ties, agreement with the other metrics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.exceptions import DataError
from crmkit.metrics import captured_share, decile_table

pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=10, max_size=60)


def test_five_customers_in_two_groups_by_hand():
    table = decile_table([4, 0, 1, 3, 2], [9.0, 1.0, 2.0, 8.0, 3.0], n_groups=2)
    assert table.index.tolist() == [1, 2]
    assert table.index.name == "group"
    assert table["n_customers"].tolist() == [2, 3]
    assert table["mean_expected"].tolist() == [8.5, 2.0]
    assert table["mean_actual"].tolist() == [3.5, 1.0]
    assert table["share"].tolist() == [0.7, 0.3]
    assert table["cumulative_share"].tolist() == [0.7, 1.0]
    assert table["lift"].tolist() == [1.75, 0.5]
    assert table["cumulative_lift"].tolist() == [1.75, 1.0]


def test_equal_forecasts_share_alike():
    table = decile_table([8, 0, 0, 0], [1.0, 1.0, 1.0, 1.0], n_groups=4)
    assert table["mean_actual"].tolist() == [2.0, 2.0, 2.0, 2.0]


def test_nothing_came():
    table = decile_table([0] * 10, range(10))
    assert table["mean_actual"].eq(0).all()
    assert table[["share", "cumulative_share", "lift", "cumulative_lift"]].isna().all(axis=None)


@given(pairs)
def test_totals_and_captured_shares_agree(rows):
    true, pred = np.array(rows, dtype=float).T
    table = decile_table(true, pred)
    assert table["n_customers"].sum() == len(true)
    assert np.ptp(table["n_customers"]) <= 1
    assert table["n_customers"] @ table["mean_actual"] == pytest.approx(true.sum())
    assert table["n_customers"] @ table["mean_expected"] == pytest.approx(pred.sum())
    assert (table["mean_expected"].diff().dropna() <= 1e-12).all()
    if true.any():
        first = table["n_customers"][1] / len(true)
        caught = captured_share(true, pred, share=first)
        assert table["share"][1] == pytest.approx(caught, abs=1e-12)
        assert table["cumulative_share"][10] == pytest.approx(1.0)


@given(pairs, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(rows, random):
    true, pred = zip(*rows, strict=True)
    true_2, pred_2 = zip(*random.sample(rows, len(rows)), strict=True)
    np.testing.assert_allclose(
        decile_table(true_2, pred_2), decile_table(true, pred), rtol=1e-12, atol=1e-12
    )


def test_errors_teach():
    with pytest.raises(DataError, match="decile_table: 3 customers cannot be cut into 10 groups"):
        decile_table([1, 2, 3], [1, 2, 3])
    with pytest.raises(DataError, match="n_groups must be a whole number of at least 2, got 1"):
        decile_table([1, 2, 3], [1, 2, 3], n_groups=1)
    with pytest.raises(DataError, match="y_pred has 1 NaN"):
        decile_table([1, 2], [1, np.nan], n_groups=2)
