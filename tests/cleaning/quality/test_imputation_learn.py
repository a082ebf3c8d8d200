"""What learning rests on: borrowed gaps, losses, models alone."""

import numpy as np
import pytest

from crmkit.cleaning._quality._imputation_fill import point, thinned
from crmkit.cleaning._quality._imputation_learn import borrowed_gaps, losses
from crmkit.cleaning._quality._imputation_models import (
    believe_groups,
    believe_lines,
    group_model,
    line_model,
)


def test_gaps_at_random_are_not_borrowed():
    gaps = np.zeros((900, 3), dtype=bool)
    gaps[::3, 0] = True
    gaps[::2, 1] = True  # half of those with and without the first
    borrowed = borrowed_gaps(gaps, 0, 500, np.random.default_rng(0))
    assert borrowed[:, 0].all()
    assert not borrowed[:, 1:].any()


def test_gaps_that_come_together_are_borrowed_as_often():
    gaps = np.zeros((1200, 2), dtype=bool)
    gaps[:400] = True
    gaps[400:600, 1] = True  # a quarter of those that have the first
    borrowed = borrowed_gaps(gaps, 0, 8000, np.random.default_rng(0))
    assert borrowed[:, 1].all()
    gaps[:100, 1] = False  # now 3 of 4 where the first is missing, 1 of 4 where it is not
    borrowed = borrowed_gaps(gaps, 0, 8000, np.random.default_rng(0))
    assert borrowed[:, 1].mean() == pytest.approx((0.75 - 0.25) / 0.75, abs=0.02)


def test_losses_by_hand():
    assert losses(np.array([3.0]), np.array([5.0]), 0).tolist() == [4.0]
    shares = np.array([[0.5, 0.25, 0.25]])
    assert losses(shares, np.array([1.0]), 3)[0] == 0.25 + 0.5625 + 0.0625


def test_points_stay_in_range_and_whole():
    each = {"levels": [], "whole": True, "low": 1.0, "high": 4.0}
    assert point(np.array([-3.0, 2.4, 9.0]), each).tolist() == [1.0, 2.0, 4.0]
    assert point(np.array([[0.2, 0.8]]), {"levels": ["a", "b"]}).tolist() == [1.0]


def test_groups_by_hand():
    keys = np.array(["a", "a", "b"])
    model = group_model(np.array([1.0, 3.0, 20.0]), keys, 0)
    assert believe_groups(model, np.array(["b", "z", "a"])).tolist() == pytest.approx(
        [20 / 11 + 3 * 10 / 11, 3.0, 2 * 2 / 12 + 3 * 10 / 12]
    )


def test_straight_lines_are_those_of_scikit_learn():
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 1)) + rng.normal(0, 0.2, (400, 4))
    truth = x.copy()
    x[rng.random(x.shape) < 0.2] = np.nan
    told = believe_lines(line_model(x, [0] * 4, 0), x, [0] * 4, 2)
    gone = np.isnan(x[:, 2])
    other = IterativeImputer(max_iter=20, random_state=0).fit_transform(x)[:, 2]
    assert told[gone] == pytest.approx(other[gone], abs=0.02)
    assert np.std((told - truth[:, 2])[gone]) < 0.4


def test_thinned():
    assert thinned(3, 5).tolist() == [0, 1, 2]
    assert thinned(10, 5).tolist() == [0, 2, 4, 6, 8]
