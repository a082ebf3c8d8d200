"""What every score of churn refuses, and how it says so."""

from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmkit import metrics
from crmkit.exceptions import DataError

PROFIT = partial(
    metrics.profit_curve, value=100.0, acceptance=0.3, offer_cost=10.0, contact_cost=1.0
)
PROFIT.__name__ = "profit_curve"
PROBABILITY = [
    metrics.calibration_table,
    metrics.churn_scores,
    metrics.expected_calibration_error,
    PROFIT,
]
ORDER = [metrics.empc, metrics.gain_curve, metrics.lift_at, metrics.lift_table]
ALL = pytest.mark.parametrize("metric", PROBABILITY + ORDER, ids=lambda f: f.__name__)


@ALL
@pytest.mark.parametrize(
    ("y", "p", "text"),
    [
        ([0, 1, 2], [0.1, 0.2, 0.3], r"y_true must be 1 \(churned\) or 0 .* 1 other .*row 2: 2\)"),
        ([0, 1, -1], [0.1, 0.2, 0.3], r"y_true must be 1 .* \(first at row 2: -1\)"),
        (["no", "yes"], [0.1, 0.2], "y_true must hold numbers"),
        ([0, np.nan], [0.1, 0.2], r"y_true has 1 NaN \(first at row 1\)"),
        ([0, 1], [0.1, np.nan], r"p has 1 NaN \(first at row 1\)"),
        ([0, 1], [0.1, np.inf], "p has 1 infinite"),
        ([0, 1], [0.1, 0.2, 0.3], "y_true has 2 customers and p 3"),
        ([0, 1], [[0.9, 0.1], [0.8, 0.2]], r"p has shape \(2, 2\).*predict_proba\(X\)\[:, 1\]"),
        ([], [], "y_true is empty"),
    ],
)
def test_faults_of_columns_are_told(metric, y, p, text):
    with pytest.raises(DataError, match=f"^{metric.__name__}: {text}"):
        metric(y, p)


@pytest.mark.parametrize("metric", PROBABILITY, ids=lambda f: f.__name__)
@pytest.mark.parametrize("p", [[0.1, 1.2, 2.0], [-0.5, 0.3, -1.0]])
def test_probabilities_are_between_0_and_1(metric, p):
    with pytest.raises(DataError, match=r"p must be probabilities between 0 and 1, got 2 outside"):
        metric([0, 1, 0], p)


@pytest.mark.parametrize("metric", ORDER, ids=lambda f: f.__name__)
def test_orders_take_any_score(metric):
    given, probability = metric([0, 1, 0], [-3.0, 40.0, 2.0]), metric([0, 1, 0], [0.1, 0.9, 0.5])
    if metric is metrics.lift_table:
        given, probability = given["lift"], probability["lift"]
    np.testing.assert_array_equal(given, probability)


@pytest.mark.parametrize("metric", [metrics.churn_scores, *ORDER], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("y", "text"), [(1, "all 3 customers churned"), (0, "all 3 .* stayed")])
def test_one_class_has_no_order(metric, y, text):
    with pytest.raises(DataError, match=f"^{metric.__name__}: {text} .*no order of them"):
        metric([y] * 3, [0.1, 0.2, 0.3])


def test_one_class_has_a_level():
    assert metrics.expected_calibration_error([0, 0], [0.2, 0.4], n_bins=1) == pytest.approx(0.3)
    assert metrics.calibration_table([1, 1], [0.2, 0.4])["observed"].tolist() == [1.0, 1.0]
    assert (PROFIT([0, 0], [0.2, 0.4])["profit"].iloc[1:] < 0).all()


@pytest.mark.parametrize("kind", [pd.Series, pl.Series, lambda v: np.array(v, dtype=bool)])
def test_columns_of_every_library_are_read(kind):
    p = [0.2, 0.9, 0.4]
    assert metrics.empc(kind([0, 1, 0]), p) == metrics.empc([0, 1, 0], p)
    pd.testing.assert_frame_equal(
        metrics.churn_scores(kind([0, 1, 0]), p), metrics.churn_scores([0, 1, 0], p)
    )
