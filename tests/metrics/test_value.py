"""Scores of predicted purchases: by hand, scikit-learn as oracle, properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from crmkit.metrics import (
    captured_share,
    gini,
    mean_poisson_deviance,
    normalized_gini,
    spearman,
    top_share,
    total_bias,
    value_scores,
)

TRUE = [0, 1, 3, 0]
PRED = [0.5, 1.0, 2.0, 0.1]

pairs = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), min_size=2, max_size=30).filter(
    lambda rows: any(t for t, _ in rows)
)


def test_bias_by_hand():
    assert total_bias(TRUE, PRED) == pytest.approx(3.6 / 4 - 1)


def test_deviance_by_hand():
    # 2 (y log(y / p) - y + p): 1.0, 0, 2 (3 log 1.5 - 1), 0.2
    expected = (1.0 + 0.0 + 2 * (3 * np.log(1.5) - 1) + 0.2) / 4
    assert mean_poisson_deviance(TRUE, PRED) == pytest.approx(expected)


def test_deviance_of_a_zero_prediction():
    assert mean_poisson_deviance([0, 0], [0, 0], floor=0) == 0.0
    assert mean_poisson_deviance([0, 1], [0, 0], floor=0) == float("inf")
    assert mean_poisson_deviance([1], [0]) == pytest.approx(2 * (np.log(1e6) - 1 + 1e-6))
    assert mean_poisson_deviance([1], [0], floor=0.5) == mean_poisson_deviance([1], [0.5])


def test_a_negative_floor_is_refused():
    with pytest.raises(ValueError, match="mean_poisson_deviance: floor must be a finite number of"):
        mean_poisson_deviance(TRUE, PRED, floor=-1)


def test_spearman_by_hand_with_a_tie():
    # Ranks of TRUE: 1.5, 3, 4, 1.5; of PRED: 2, 3, 4, 1: covariance 4.5, variances 4.5 and 5.
    assert spearman(TRUE, PRED) == pytest.approx(4.5 / np.sqrt(4.5 * 5))


def test_normalized_gini_by_hand():
    assert normalized_gini(TRUE, PRED) == pytest.approx(1.0)
    assert normalized_gini(TRUE, [-p + 5 for p in PRED]) == pytest.approx(-1.0)
    # Best first the value cumulates to .75, 1, 1, 1 of 4; with the order swapped to .25, 1, 1, 1.
    assert normalized_gini(TRUE, [0, 9, 8, 0]) == pytest.approx((2 * 0.6875 - 1) / (2 * 0.8125 - 1))


def test_captured_share_by_hand():
    assert captured_share(TRUE, PRED, share=0.25) == pytest.approx(0.75)
    assert captured_share(TRUE, [1, 1, 1, 1], share=0.25) == pytest.approx(0.25)
    assert captured_share(TRUE, PRED) == pytest.approx(0.4 * 0.75)
    with pytest.raises(ValueError, match="captured_share: share must be at most 1"):
        captured_share(TRUE, PRED, share=50)


def test_what_the_data_do_not_define_is_nan():
    assert np.isnan(total_bias([0, 0], [1, 1]))
    assert np.isnan(spearman([1, 2], [3, 3]))
    assert np.isnan(spearman([1, 1], [3, 4]))
    assert np.isnan(normalized_gini([2, 2], [1, 3]))
    assert np.isnan(captured_share([0, 0], [1, 3]))


def test_all_scores_of_one_forecast():
    scores = value_scores(TRUE, PRED)
    assert list(scores) == [
        "mean_absolute_error",
        "root_mean_squared_error",
        "poisson_deviance",
        "total_bias",
        "spearman",
        "normalized_gini",
        "top_decile_share",
    ]
    assert scores["mean_absolute_error"] == pytest.approx(1.6 / 4)
    assert scores["root_mean_squared_error"] == pytest.approx(np.sqrt((0.25 + 1 + 0.01) / 4))
    assert scores["poisson_deviance"] == mean_poisson_deviance(TRUE, PRED)
    assert scores["total_bias"] == total_bias(TRUE, PRED)
    assert scores["spearman"] == spearman(TRUE, PRED)
    assert scores["normalized_gini"] == normalized_gini(TRUE, PRED)
    assert scores["top_decile_share"] == captured_share(TRUE, PRED)
    assert all(type(value) is float for value in scores.values())


@given(pairs)
def test_deviance_agrees_with_scikit_learn(rows):
    true, pred = np.array(rows, dtype=float).T
    expected = sk.mean_poisson_deviance(true, pred + 0.01)
    assert mean_poisson_deviance(true, pred + 0.01) == pytest.approx(expected, abs=1e-9)


@given(pairs, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(rows, random):
    true, pred = zip(*rows, strict=True)
    true_2, pred_2 = zip(*random.sample(rows, len(rows)), strict=True)
    for metric in (normalized_gini, captured_share, spearman, mean_poisson_deviance):
        assert metric(true_2, pred_2) == pytest.approx(metric(true, pred), abs=1e-9, nan_ok=True)


@given(pairs)
def test_no_order_beats_the_true_one(rows):
    true, pred = zip(*rows, strict=True)
    score = normalized_gini(true, pred)
    assert np.isnan(score) or -1 - 1e-9 <= score <= 1 + 1e-9
    assert captured_share(true, pred) <= top_share(true) + 1e-12
    assert np.isnan(normalized_gini(true, true)) or normalized_gini(true, true) == 1.0
    assert gini(true) >= 0
