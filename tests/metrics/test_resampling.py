"""Resamples as weights: totals, blocks, clusters, sums of the best."""

import numpy as np
import pytest

from crmkit.metrics import _resampling
from crmkit.metrics._resampling import Falling, drawn_weights, held_by_best, sums_of_best


def test_every_resample_draws_as_many_as_there_are(monkeypatch):
    monkeypatch.setattr(_resampling, "_BLOCK", 30)
    blocks = list(drawn_weights(10, 7, np.random.default_rng(0)))
    assert [len(block) for block in blocks] == [3, 3, 1]
    assert (np.concatenate(blocks).sum(axis=1) == 10).all()


def test_rows_of_a_cluster_have_one_weight():
    cluster = np.array([0, 1, 0, 2, 2, 2])
    (weight,) = drawn_weights(6, 50, np.random.default_rng(0), cluster)
    assert (weight[:, 0] == weight[:, 2]).all()
    assert (np.ptp(weight[:, 3:], axis=1) == 0).all()
    assert (weight[:, [0, 1, 3]].sum(axis=1) == 3).all()


def test_sums_of_the_best_by_hand():
    order = Falling(np.array([1.0, 5.0, 5.0, 9.0]), np.array([8.0, 1.0, 3.0, -2.0]))
    size, value = order.grouped(np.array([[1.0, 1, 1, 1], [0, 2, 1, 1]]))
    assert size.tolist() == [[1, 2, 1], [1, 3, 0]]
    assert value.tolist() == [[-2, 4, 8], [-2, 5, 0]]
    got = sums_of_best(size, value, np.array([0.0, 0.25, 0.5, 1.0]))
    np.testing.assert_allclose(got, [[0, -2, 0, 10], [0, -2, -2 + 5 / 3, 3]])


@pytest.mark.parametrize("share", [0.1, 0.37, 1.0])
def test_both_ways_to_sum_agree(share):
    random = np.random.default_rng(0)
    order = Falling(random.integers(0, 9, 80).astype(float), random.random(80))
    groups = order.grouped(next(drawn_weights(80, 20, np.random.default_rng(1))))
    one = sums_of_best(*groups, np.array([share]))[:, 0] / groups[1].sum(axis=1)
    np.testing.assert_allclose(held_by_best(*groups, share), one)
