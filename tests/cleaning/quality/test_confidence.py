"""Confidence: evidence added up, dependencies tempered, shares found by EM."""

import numpy as np
import pytest
from scipy.special import expit, logit

from crmkit.cleaning._quality._confidence import (
    doubted,
    fits,
    joint_votes,
    probability_wrong,
    share_wrong,
    weights_of,
)
from crmkit.cleaning._quality._groups import Votes


def said(*wrong):
    n = len(wrong)
    return Votes(np.array(wrong, dtype=float), np.full(n, -1), np.zeros(n))


def test_weights_are_log_ratios_that_rise():
    for detector in ("format", "typo", "range"):
        weights = weights_of(detector)
        assert weights[0] < 0 < weights[1] < weights[2]
    assert weights_of("typo")[2] == pytest.approx(np.log(0.25 / 0.001))


def test_one_dependency_adds_its_odds_over_what_it_expects():
    added = joint_votes([said(2.0, 0.0)], [0.1], [np.ones(2)])
    assert added.tolist() == pytest.approx([2.0 - logit(0.1), 0.0])


def test_dependencies_repeat_one_another():
    one = joint_votes([said(1.0)], [0.5], [np.ones(1)])
    three = joint_votes([said(1.0)] * 3, [0.5] * 3, [np.ones(1)] * 3)
    assert three[0] == pytest.approx(3.0 / 2.0 * one[0])


def test_a_left_side_that_is_not_trusted_says_little():
    added = joint_votes([said(3.0)], [0.5], [np.array([0.1])])
    assert added[0] == pytest.approx(logit(0.1 * expit(3.0) + 0.9 * 0.5))


def test_share_of_wrong_cells_is_the_mean_of_their_probabilities():
    added = np.array([8.0] * 50 + [-3.0] * 950)
    assert share_wrong(added) == pytest.approx(0.05, abs=0.005)
    assert share_wrong(np.full(1000, -1.0)) < 0.001
    assert share_wrong(np.full(10, 9.0)) <= 0.5


def test_probability():
    assert probability_wrong(np.array([0.0]), 0.02)[0] == pytest.approx(0.02)
    assert probability_wrong(np.array([5.0]), 0.02)[0] == pytest.approx(expit(5.0 + logit(0.02)))


def test_what_is_not_believed_is_otherwise_probable():
    assert doubted(np.array([3.0]), np.array([1.0]), 0.1)[0] == 3.0
    even = 0.5 * expit(3.0) + 0.5 * 0.1
    assert doubted(np.array([3.0]), np.array([0.5]), 0.1)[0] == pytest.approx(logit(even))


def test_a_row_that_departs_from_everything_has_a_wrong_left_side():
    many = fits([said(3.0)] * 4, [0.1] * 4, [0.03] * 4)
    one = fits([said(3.0), *[said(-3.0)] * 3], [0.1] * 4, [0.03] * 4)
    assert many[0] < -10.0 < 0.0 < one[0]
    assert fits([said(0.0)], [0.1], [0.03])[0] == 0.0
    agreed = 0.25 + 0.75 * 0.1
    assert fits([said(-3.0)], [0.1], [0.03])[0] == pytest.approx(np.log(0.97 / agreed))
