"""Linear scores of lists: features by hand, the loss by an oracle, two lines, equal bits."""

import numpy as np
import pytest

from crmkit.recommend._list_regression import (
    LENGTH,
    PENALTY,
    bend,
    learn_lines,
    spread,
)


def lists(seed=0, n=400, size=6):
    """What is had is bought for a large first feature, what is new for a small one."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n * size, 3)).astype(np.float32)
    x[random.random(n * size) < 0.1, 2] = np.nan
    had = random.random(n * size) < 0.5
    liking = np.where(had, 1.0, -1.0) * x[:, 0] + random.gumbel(size=n * size)
    y = np.zeros(n * size)
    group = np.full(n, size)
    for begin in range(0, n * size, size):
        y[begin + np.argsort(-liking[begin : begin + size])[: 1 + begin % 2]] = 1.0
    return x, y, group, had


def loss_by_hand(weights, z, y, group):
    total, begin = PENALTY * float(weights @ weights), 0
    for size in group:
        score, own = z[begin : begin + size] @ weights, y[begin : begin + size]
        share = np.exp(score) / np.exp(score).sum()
        weight = np.sqrt(min(own.sum(), LENGTH))
        total -= weight * np.log(share[own > 0]).mean()
        begin += size
    return total


def test_large_numbers_are_bent():
    found = bend(np.array([-1.0, 0.0, np.e - 1, np.nan]))
    np.testing.assert_allclose(found, [-np.log(2), 0, 1, np.nan], atol=1e-12)


def test_features_of_what_is_had_stand_twice_and_none_is_the_mean():
    x = np.array([[np.e - 1, np.nan], [0.0, 0.0]], dtype=np.float32)
    found = spread(x, np.array([True, False]), np.array([0.5, 7.0]), np.array([0.5, 1.0]))
    np.testing.assert_allclose(found, [[1, 0, 1, 0, 1], [-1, -7, 0, 0, 0]], atol=1e-6)


def test_the_weights_make_the_loss_smallest():
    x, y, group, had = lists()
    lines = learn_lines(x, y, group, had)
    z = spread(x, had, lines.centre, lines.scale).astype(np.float64)
    least = loss_by_hand(lines.weights, z, y, group)
    for place in range(len(lines.weights)):
        for step in (-0.03, 0.03):
            other = lines.weights.copy()
            other[place] += step
            assert loss_by_hand(other, z, y, group) > least


def test_what_is_had_has_a_line_of_its_own():
    x, y, group, had = lists(n=3000)
    lines = learn_lines(x, y, group, had)
    new, own = lines.weights[0], lines.weights[0] + lines.weights[3]
    assert new < -0.3
    assert own > 0.3


def test_a_feature_that_is_never_there_tells_nothing():
    x, y, group, had = lists()
    x[:, 1] = np.nan
    lines = learn_lines(x, y, group, had)
    assert lines.weights[1] == lines.weights[4] == 0.0
    assert np.isfinite(lines.sums(x, had)).all()


@pytest.mark.parametrize("size", [1, 7, 64])
def test_a_row_has_the_same_bits_wherever_it_stands(size):
    x, y, group, had = lists()
    lines = learn_lines(x, y, group, had)
    whole = lines.sums(x, had)
    parts = [lines.sums(x[i : i + size], had[i : i + size]) for i in range(0, 140, size)]
    np.testing.assert_array_equal(np.concatenate(parts), whole[: sum(map(len, parts))])
