"""Logistic regression by blocks: the same minimum as the plain one, wherever the blocks end."""

import numpy as np
import pytest
from scipy.special import expit

from crmkit.churn import _block_logistic
from crmkit.churn._block_logistic import fit_by_blocks
from crmkit.churn._logistic import fit_logistic, penalised_loss
from crmkit.exceptions import ConvergenceWarning


def examples(n, k=6, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, k)) @ rng.normal(size=(k, k))
    y = (rng.random(n) < expit(x[:, 0] - 1.0)).astype(float)
    return x, y, rng.integers(1, 4, n).astype(float)


def fitted(x, y, weight, C=0.3):
    return fit_by_blocks(lambda rows: x[rows], x.shape[1], y, weight, C, "t")


def assert_same_minimum(x, y, weight, C=0.3):
    slopes, intercept = fitted(x, y, weight, C)
    exact, base = fit_logistic(x, y, weight, C, "t")
    np.testing.assert_allclose(slopes, exact, atol=1e-6)
    assert intercept == pytest.approx(base, abs=1e-6)


@pytest.mark.parametrize("n", [3, 4096, 4097])
def test_the_minimum_is_that_of_the_plain_fit(n):
    x, y, weight = examples(n)
    y[:2] = [0.0, 1.0]
    assert_same_minimum(x, y, weight)


def test_a_start_from_fewer_rows_changes_nothing():
    assert _block_logistic._thinners(np.tile([0.0, 1.0, 1.0], 20_000)) == [8, 1]
    assert_same_minimum(*examples(60_000, k=3))


def test_a_class_that_fewer_rows_would_lose_is_not_thinned_away():
    y = np.zeros(300_000)
    y[3::400] = 1.0  # none of them is an eighth row
    assert _block_logistic._thinners(y) == [1]
    y[::400] = 1.0
    assert _block_logistic._thinners(y) == [64, 8, 1]


def test_rows_that_count_for_millions_are_resolved():
    x, y, weight = examples(500)
    assert_same_minimum(x, y, weight * 1e8)


def test_equal_columns_share_their_slope():
    x, y, weight = examples(2000, k=2)
    slopes, _ = fitted(np.column_stack([x, x[:, 0]]), y, weight)
    assert slopes[0] == pytest.approx(slopes[2], rel=1e-6)


def test_classes_told_apart_by_a_column_end_at_the_penalised_minimum():
    x = np.linspace(-1.0, 1.0, 400)[:, None]
    y = (x[:, 0] > 0).astype(float)
    slopes, intercept = fitted(x, y, np.ones(400), C=1e4)
    design, ridge = np.column_stack([x, np.ones(400)]), np.array([1e-4, 0.0])
    least = penalised_loss(np.append(slopes, intercept), design, y, np.ones(400), ridge)
    for factor in (0.99, 1.01):
        near = np.append(slopes * factor, intercept)
        assert penalised_loss(near, design, y, np.ones(400), ridge) > least


def test_a_fit_that_does_not_settle_says_so(monkeypatch):
    monkeypatch.setattr(_block_logistic, "_STEPS", 1)
    with pytest.warns(ConvergenceWarning, match="t: the logistic fit stopped after 1 steps"):
        fitted(*examples(500))
