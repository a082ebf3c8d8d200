"""Calibration: lines and rising curves of log-odds, judged on others only."""

import numpy as np
import pytest
from scipy.special import expit

from crmkit.churn._calibration import (
    calibrated,
    cross_calibrated,
    fit_calibration,
    levelled,
    offered,
)


def overconfident(n=20_000, seed=0):
    rng = np.random.default_rng(seed)
    true = rng.normal(size=n)
    return 2.0 * true + 1.0, (rng.random(n) < expit(true)).astype(float)


def test_a_sigmoid_finds_the_line_back():
    odds, y = overconfident()
    state = fit_calibration("sigmoid", odds, y, np.ones(len(y)), "t")
    assert state["slope"] == pytest.approx(0.5, abs=0.02)
    assert state["intercept"] == pytest.approx(-0.5, abs=0.05)
    np.testing.assert_allclose(calibrated(state, np.array([1.0])), 0.5, atol=0.01)


def test_a_curve_by_hand_and_never_quite_zero_or_one():
    """Steps 0, 1/2 (of the second and third) and 1, each with half a churner among one more."""
    odds, y = np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0, 1.0])
    state = fit_calibration("isotonic", odds, y, np.ones(4), "t")
    np.testing.assert_allclose(state["odds"], [-1.0, 0.5, 2.0])
    found = calibrated(state, np.array([-99.0, -0.25, 0.5, 1.25, 99.0]))
    np.testing.assert_allclose(found, [0.25, 0.375, 0.5, 0.625, 0.75])


def test_a_weight_is_a_repeated_row():
    odds, y = overconfident(40)
    weight = np.arange(40) % 3 + 1.0
    asked = np.linspace(-3, 3, 9)
    for kind in ("sigmoid", "isotonic"):
        weighted = fit_calibration(kind, odds, y, weight, "t")
        times = weight.astype(int)
        repeated = fit_calibration(
            kind, np.repeat(odds, times), np.repeat(y, times), np.ones(times.sum()), "t"
        )
        np.testing.assert_allclose(calibrated(weighted, asked), calibrated(repeated, asked))


def test_none_is_the_odds_themselves():
    state = fit_calibration("none", np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.ones(2), "t")
    np.testing.assert_allclose(calibrated(state, np.array([0.0, 2.0])), [0.5, expit(2.0)])


def test_a_constant_score_is_left_alone():
    state = fit_calibration("sigmoid", np.zeros(4), np.array([0.0, 1, 0, 1]), np.ones(4), "t")
    assert state == {"kind": "none"}


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_calibration_keeps_the_order(kind):
    odds, y = overconfident(500)
    state = fit_calibration(kind, odds, y, np.ones(500), "t")
    assert (np.diff(calibrated(state, np.sort(odds))) >= 0).all()


def test_nobody_is_calibrated_on_himself():
    odds, y = overconfident(400)
    fold = np.repeat([0, 1], 200)
    p = cross_calibrated("sigmoid", odds, y, np.ones(400), fold, False, "t")
    flipped = np.where(fold == 0, 1 - y, y)
    again = cross_calibrated("sigmoid", odds, flipped, np.ones(400), fold, False, "t")
    np.testing.assert_array_equal(p[fold == 0], again[fold == 0])
    assert (p[fold == 1] != again[fold == 1]).all()


def test_forward_calibrates_on_earlier_folds_only():
    odds, y = overconfident(400)
    fold = np.repeat([0, 1], 200)
    p = cross_calibrated("sigmoid", odds, y, np.ones(400), fold, True, "t")
    np.testing.assert_array_equal(p[fold == 0], expit(odds[fold == 0]))
    flipped = np.where(fold == 1, 1 - y, y)
    np.testing.assert_array_equal(
        p, cross_calibrated("sigmoid", odds, flipped, np.ones(400), fold, True, "t")
    )


def test_levels_are_met_at_each_cutoff_and_spread_is_left_alone():
    odds, y = overconfident(3000)
    fold = np.arange(3000) % 3
    moved = levelled(odds + fold, y, np.ones(3000), fold)
    for part in range(3):
        here = fold == part
        assert expit(moved[here]).mean() == pytest.approx(y[here].mean(), abs=1e-9)
        assert np.ptp((moved - odds)[here]) < 1e-12


def test_forward_a_drift_of_the_level_is_not_carried_on():
    rng = np.random.default_rng(0)
    odds, fold = rng.normal(size=8000), np.repeat([0, 1], 4000)
    y = (rng.random(8000) < expit(odds + 1.0 - fold)).astype(float)
    p = cross_calibrated("sigmoid", odds, y, np.ones(8000), fold, True, "t")
    assert p[4000:].mean() == pytest.approx(expit(odds[4000:]).mean(), abs=0.02)


def test_a_sigmoid_never_turns_the_order_round():
    odds = np.linspace(-1.0, 1.0, 40)
    y = (odds < 0.0).astype(float)
    state = fit_calibration("sigmoid", odds, y, np.ones(40), "t")
    assert state == {"kind": "none"}


@pytest.mark.parametrize(
    ("few", "kinds"),
    [(29, ["none"]), (30, ["none", "sigmoid"]), (200, ["none", "sigmoid", "isotonic"])],
)
def test_few_labels_support_no_curve(few, kinds):
    y = np.repeat([1.0, 0.0], [few, 1000])
    assert offered(["none", "sigmoid", "isotonic"], y) == kinds
    assert offered(["none", "sigmoid", "isotonic"], 1.0 - y) == kinds
