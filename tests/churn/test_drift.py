"""Distances of samples: by hand, against scikit-learn and simulation, properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import roc_auc_score

from crmkit.churn._drift import (
    area,
    at_rate,
    bin_counts,
    bin_edges,
    calibration,
    index_noise,
    merged,
    promised,
    stability_index,
    top_lift,
)


def test_a_common_value_and_the_missing_have_bins_of_their_own():
    x = np.array([0.0] * 6 + [1.0, 2.0, 3.0, 4.0, np.nan])
    edges = bin_edges(x, 2)
    assert edges.tolist() == [0.0, np.nextafter(0.0, 1.0)]
    assert bin_counts(x, edges).tolist() == [0, 6, 4, 1]


def test_the_largest_of_all_numbers_has_a_bin():
    most = np.finfo(np.float64).max
    edges = bin_edges(np.array([1.0, most, most]), 2)
    assert bin_counts(np.array([1.0, most]), edges).tolist() == [1, 1, 0, 0]


def test_bins_are_joined_until_they_are_expected_to_hold_five():
    before, now = merged(np.array([0, 40, 2, 58]), np.array([0, 4, 0, 6]))
    assert before.tolist() == [100]
    assert now.tolist() == [10]
    before, now = merged(np.array([50, 1, 49]), np.array([50, 0, 50]))
    assert before.tolist() == [50, 50]
    assert now.tolist() == [50, 50]
    before, now = merged(np.array([50, 50, 1]), np.array([50, 50, 0]))
    assert before.tolist() == [50, 51]


def test_stability_index_by_hand():
    # half a customer more in each bin: shares .25 and .75 against .75 and .25
    assert stability_index(np.array([1, 4]), np.array([4, 1])) == pytest.approx(
        2 * 0.5 * np.log(3.0)
    )
    assert stability_index(np.array([3, 9]), np.array([3, 9])) == 0.0


def test_its_noise_is_that_of_chance():
    random = np.random.default_rng(0)
    shares = np.array([0.1, 0.2, 0.3, 0.4])
    found = [
        stability_index(random.multinomial(800, shares), random.multinomial(300, shares))
        for _ in range(4000)
    ]
    assert (np.array(found) > index_noise(800, 300, 4, 0.1)).mean() == pytest.approx(0.1, abs=0.015)
    assert index_noise(10, 10, 1, 0.05) == 0.0


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=9).filter(
        lambda rows: min(np.array(rows).sum(axis=0)) > 0
    )
)
def test_joining_loses_nobody_and_the_index_is_never_negative(rows):
    before, now = np.array(rows).T
    old, new = merged(before, now)
    assert (old.sum(), new.sum()) == (before.sum(), now.sum())
    assert stability_index(old, new) >= 0


def test_area_and_its_variance():
    random = np.random.default_rng(1)

    def drawn(n):
        p = np.round(random.beta(1, 2, n), 2)
        return (random.random(n) < p).astype(float), p

    y, p = drawn(500)
    assert area(y, p)[0] == pytest.approx(roc_auc_score(y, p))
    found = np.array([area(*drawn(300)) for _ in range(1500)])
    assert found[:, 0].var() == pytest.approx(found[:, 1].mean(), rel=0.12)


def snapshots_of(n, random, churn_together):
    """Three rows a customer of about equal probability, and whether they churn together."""
    score = np.repeat(random.normal(size=n), 3) + 0.1 * random.normal(size=3 * n)
    luck = random.random((n, 3))
    luck = np.repeat(luck[:, :1], 3, axis=1) if churn_together else luck
    return (luck.ravel() < 1 / (1 + np.exp(1 - score))).astype(float), score


@pytest.mark.parametrize("together", [True, False])
def test_rows_of_one_customer_are_drawn_together(together):
    random, groups = np.random.default_rng(4), np.repeat(np.arange(150), 3)
    found = []
    for _ in range(1200):
        y, p = snapshots_of(150, random, together)
        found.append((*area(y, p, groups), *top_lift(y, p, 0.2, groups), area(y, p)[1]))
    areas, area_told, lifts, lift_told, alone = np.array(found).T
    assert areas.var() == pytest.approx(area_told.mean(), rel=0.15)
    assert lifts.var() == pytest.approx(lift_told.mean(), rel=0.25)
    assert alone.mean() < 0.5 * areas.var() or not together


def test_groups_of_one_row_change_nothing():
    y, p = np.array([1.0, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.4, 0.3, 0.3])
    who = np.array([4, 2, 0, 1, 3])
    assert_allclose(area(y, p, who), area(y, p))
    assert_allclose(top_lift(y, p, 0.4, who), top_lift(y, p, 0.4))


def test_probabilities_are_moved_to_a_rate():
    p = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
    moved = at_rate(p, 0.6)
    assert moved.mean() == pytest.approx(0.6)
    odds = np.log(moved[1:4] / (1 - moved[1:4])) - np.log(p[1:4] / (1 - p[1:4]))
    assert_allclose(odds, odds[0])
    assert at_rate(np.array([0.0, 1.0]), 0.2).tolist() == [0.0, 1.0]


def test_what_probabilities_promise_by_hand():
    # pairs of the two, churner first: .8 .8 in the right order, .2 .2 in the wrong one
    assert_allclose(promised(np.array([0.8, 0.2]), 0.5, 0.5), (0.64 / 0.68, 1.6))
    for certain in (0.0, 0.3, 1.0):
        assert_allclose(promised(np.full(9, certain), 0.6, 0.1), (0.5, 1.0))


def test_what_probabilities_promise_is_what_comes():
    random = np.random.default_rng(5)
    p = random.beta(1, 2, 2000)
    found = []
    for _ in range(200):
        y = (random.random(2000) < p).astype(float)
        found.append((area(y, p)[0], top_lift(y, p, 0.1)[0]))
    assert_allclose(promised(p, p.mean(), 0.1), np.mean(found, axis=0), rtol=0.005)


def test_lift_by_hand_and_ties_in_part():
    y = np.array([1.0, 1, 0, 0, 0, 0, 0, 0])
    assert top_lift(y, np.arange(8.0)[::-1] / 8, 0.25)[0] == 4.0
    assert top_lift(y, np.full(8, 0.3), 0.25)[0] == pytest.approx(1.0)
    assert top_lift(y, np.arange(8.0) / 8, 0.25)[0] == 0.0


@pytest.mark.parametrize("sharp", [1.0, 6.0])
def test_the_variance_of_lift(sharp):
    random = np.random.default_rng(2)
    found = []
    for _ in range(1500):
        score = random.normal(size=1000)
        y = (random.random(1000) < 1 / (1 + np.exp(1 - sharp * score))).astype(float)
        found.append(top_lift(y, score, 0.1))
    lifts, variances = np.array(found).T
    assert lifts.var() == pytest.approx(variances.mean(), rel=0.2)


def test_calibration_by_hand_and_under_chance():
    y, p = np.array([0.0, 0, 1, 1]), np.array([0.1, 0.1, 0.5, 0.5])
    gap, _ = calibration(y, p, 2)
    assert gap == pytest.approx((0.2 + 1.0) / 4)
    random = np.random.default_rng(3)
    chances = []
    for _ in range(1500):
        p = random.beta(1, 3, 400)
        chances.append(calibration((random.random(400) < p).astype(float), p)[1])
    assert np.mean(np.array(chances) < 0.05) == pytest.approx(0.05, abs=0.02)


def test_equal_probabilities_stay_in_one_group():
    y, p = np.array([1.0, 1, 1, 0, 0, 0, 0, 0]), np.full(8, 0.375)
    assert calibration(y, p) == calibration(y[::-1], p)
    assert_allclose(calibration(y, p), (0.0, 1.0))
    random = np.random.default_rng(3)
    p = random.choice([0.1, 0.3, 0.35, 0.8], 500)
    y = (random.random(500) < p).astype(float)
    order = np.lexsort((y, p))
    assert calibration(y, p) == calibration(y[order], p[order])


def test_certain_and_wrong_is_no_chance():
    assert calibration(np.array([1.0]), np.array([0.0]))[1] == 0.0
    assert_allclose(calibration(np.array([1.0, 0.0]), np.array([1.0, 0.0])), (0.0, 1.0))
