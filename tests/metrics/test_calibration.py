"""Calibration: bins by hand, ties, propriety, Wilson's interval by statsmodels' numbers, texts."""

import numpy as np
import pytest
from hypothesis import given

from crmkit.exceptions import DataError
from crmkit.metrics import calibration_table, expected_calibration_error
from crmkit.metrics._calibration import bin_of_groups, wilson
from tests.metrics._churned import CHURNED, RISK, rows


def test_error_by_hand():
    # Bins (0.1, 0.2), (0.6, 0.9): |0 - 0.15| and |0.5 - 0.75|, half of the customers each.
    y, p = [0, 0, 0, 1], [0.1, 0.2, 0.6, 0.9]
    assert expected_calibration_error(y, p, n_bins=2) == pytest.approx(0.5 * 0.15 + 0.5 * 0.25)
    assert expected_calibration_error(y, p, n_bins=1) == pytest.approx(0.45 - 0.25)


def test_table_by_hand():
    table = calibration_table([1, 0, 0, 1, 0, 1], [0.9, 0.1, 0.2, 0.4, 0.5, 0.6], n_bins=3)
    assert table.index.tolist() == [1, 2, 3]
    assert table["n_customers"].tolist() == [2, 2, 2]
    assert table["lowest"].tolist() == [0.1, 0.4, 0.6]
    assert table["highest"].tolist() == [0.2, 0.5, 0.9]
    np.testing.assert_allclose(table["mean_predicted"], [0.15, 0.45, 0.75])
    assert table["observed"].tolist() == [0.0, 0.5, 1.0]
    np.testing.assert_allclose(table["gap"], [-0.15, 0.05, 0.25])


def test_ties_stay_together():
    table = calibration_table([0, 1, 1, 0, 1, 1], [0.5, 0.5, 0.5, 0.5, 0.5, 0.9], n_bins=3)
    assert table["n_customers"].tolist() == [5, 1]
    assert table["observed"].tolist() == [0.6, 1.0]
    assert calibration_table(CHURNED, np.full(600, 0.3))["n_customers"].tolist() == [600]


def test_bins_are_of_equal_size():
    sizes = np.bincount(bin_of_groups(np.ones((1, 23)), 5)[0])
    assert sizes.tolist() == [5, 4, 5, 4, 5]
    assert calibration_table(CHURNED, RISK)["n_customers"].eq(60).all()


def test_wilson_by_published_numbers():
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 81 of 263 and 0 of 20."""
    lower, upper = wilson(np.array([81 / 263, 0.0]), np.array([263, 20]), 0.95)
    np.testing.assert_allclose(lower, [0.2553, 0.0], atol=5e-5)
    np.testing.assert_allclose(upper, [0.3662, 0.1611], atol=5e-5)


def test_the_interval_of_a_bin_holds_its_probability():
    """True probabilities: of 400 bins about 95 % hold their mean."""
    random, inside = np.random.default_rng(3), 0
    for _ in range(40):
        risk = random.beta(2, 5, 1000)
        table = calibration_table(random.random(1000) < risk, risk)
        inside += table["mean_predicted"].between(table["lower"], table["upper"]).sum()
    assert 0.92 <= inside / 400 <= 0.98


@given(rows)
def test_table_and_error_agree(pairs):
    y, p = np.array(pairs).T
    table = calibration_table(y, p, n_bins=4)
    assert table["n_customers"].sum() == len(y)
    assert (table["highest"].to_numpy()[:-1] < table["lowest"].to_numpy()[1:]).all()
    weighted = (table["n_customers"] * table["gap"].abs()).sum() / len(y)
    assert expected_calibration_error(y, p, n_bins=4) == pytest.approx(weighted, abs=1e-12)
    again = expected_calibration_error(y[::-1], p[::-1], n_bins=4)
    assert again == pytest.approx(weighted, abs=1e-12)


def test_more_bins_never_hide_a_fault_of_the_whole():
    for n_bins in (1, 2, 7, 600):
        error = expected_calibration_error(CHURNED, RISK, n_bins=n_bins)
        assert error >= abs(CHURNED.mean() - RISK.mean()) - 1e-12


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"n_bins": 0}, "n_bins must be a whole number of at least 1, got 0"),
        ({"level": 95}, "level must be a number above 0 and below 1"),
    ],
)
def test_errors_teach(change, text):
    with pytest.raises(DataError, match=f"calibration_table: {text}"):
        calibration_table([0, 1], [0.1, 0.2], **change)
