"""m, u and the prior: by hand, and recovered from pairs drawn with known parameters."""

import numpy as np
import pytest

from crmkit.cleaning._matching._fellegi_sunter import (
    Estimate,
    chance_levels,
    expectation_maximisation,
    fit_mixture,
    merged,
    never_falling,
    patterns_of,
    pooled,
    random_pairs,
    start_values,
    weighted_median,
)
from crmkit.cleaning._matching._look_alikes import HOUSEHOLD
from tests.cleaning.build import units

KINDS = ("city", "postcode", "state", "category")  # four columns of three levels, no look-alikes
M = np.array([[1, 0.05, 0.05, 0.9], [1, 0.1, 0.1, 0.8], [1, 0.2, 0.1, 0.7], [1, 0.1, 0.3, 0.6]])
U = np.array([[1, 0.9, 0.05, 0.05]] * 4)


def drawn(rng, rows, n):
    """Levels of n pairs from the shares in rows."""
    return np.stack([rng.choice([1, 2, 3], p=row[1:], size=n) for row in rows], 1).astype(np.int8)


def test_patterns_are_the_distinct_rows():
    table = np.array([[0, 3], [1, 1], [0, 3]], dtype=np.int8)
    patterns = patterns_of(table, (3, 3))
    assert (patterns.levels[patterns.of_pair] == table).all()
    assert sorted(patterns.counts().tolist()) == [1.0, 2.0]
    assert patterns.counts(np.array([1])).sum() == 1.0


def test_patterns_of_many_columns_do_not_overflow():
    table = np.random.default_rng(0).integers(0, 5, (300, 40)).astype(np.int8)
    patterns = patterns_of(table, (4,) * 40)
    assert (patterns.levels[patterns.of_pair] == table).all()


def test_chance_of_levels_by_hand():
    made = units(x=("country", ["a", "a", "b", "c"]), key=("id", ["11", "22", "33", "44"]))
    u = chance_levels(made, np.random.default_rng(0))
    column = [c.name for c in made.columns].index("x")
    assert u[column, 1:3] == pytest.approx([1 - 3 / 13, 3 / 13])
    assert u[:, 0].tolist() == [1.0, 1.0]


def test_random_pairs_are_of_two_different_units():
    left, right = random_pairs(3, np.random.default_rng(0))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]
    left, right = random_pairs(5_000, np.random.default_rng(0))
    assert (left < right).all()
    assert right.max() < 5_000


def test_em_recovers_the_parameters_it_was_drawn_from():
    rng = np.random.default_rng(3)
    table = np.concatenate([drawn(rng, M, 3_000), drawn(rng, U, 7_000)])
    patterns = patterns_of(table, (3,) * 4)
    use = np.array([True] * 4)
    got = expectation_maximisation(patterns.levels, patterns.counts(), U, KINDS, use)
    assert got.converged
    assert got.n_matches == pytest.approx(3_000, rel=0.05)
    assert np.abs(got.m - M).max() < 0.04


def test_columns_that_are_not_used_keep_their_first_values():
    rng = np.random.default_rng(3)
    table = np.concatenate([drawn(rng, M, 300), drawn(rng, U, 700)])
    patterns = patterns_of(table, (3,) * 4)
    use = np.array([True, True, True, False])
    got = expectation_maximisation(patterns.levels, patterns.counts(), U, KINDS, use)
    assert got.m[3].tolist() == start_values(KINDS, 3)[3].tolist()


def test_pooling_takes_the_middle_by_matches_and_skips_keys():
    rows = np.array([[0.1, 0.2, 0.7], [0.2, 0.2, 0.6], [0.8, 0.1, 0.1]])
    estimates = []
    for row, n_matches in zip(rows, (30.0, 20.0, 15.0), strict=True):
        m = start_values(KINDS, 3)
        m[:, 1:] = row
        estimates.append(Estimate(m, n_matches, True))
    used = [np.array([True, False, False, False]), np.array([True, True, False, False])]
    u = np.ones((4, 4))
    u[:, 1:] = [0.9, 0.06, 0.04]
    m, learnt = pooled(estimates, [used[0], used[0], used[1]], u, KINDS)
    assert m[0, 1:] == pytest.approx(np.array([0.2, 0.2, 0.6]))
    assert m[1, 1:] == pytest.approx(rows[2])
    assert learnt.tolist() == [True, True, False, False]


def test_more_agreement_never_speaks_less_for_a_match():
    rng = np.random.default_rng(7)
    for _ in range(50):
        m, u = np.ones((1, 5)), np.ones((1, 5))
        m[0, 1:], u[0, 1:] = rng.dirichlet(np.ones(4) / 2), rng.dirichlet(np.ones(4))
        made = never_falling(m, u, [4])[0, 1:]
        ratio = made / u[0, 1:]
        assert made.sum() == pytest.approx(1.0)
        assert (np.diff(ratio) > -1e-9 * ratio.max()).all()
        if (np.diff(m[0, 1:] / u[0, 1:]) >= 0).all():
            np.testing.assert_array_equal(made, m[0, 1:])
        likely = (m[0, 1:] * np.log(np.maximum(made, 1e-300))).sum()
        for _ in range(20):  # no other rising row is more likely
            other = u[0, 1:] * np.sort(rng.exponential(size=4))
            assert (m[0, 1:] * np.log(other / other.sum())).sum() <= likely + 1e-9


def test_weighted_median_by_hand():
    assert weighted_median(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0])) == 2.0
    assert weighted_median(np.array([3.0, 1.0, 2.0]), np.array([9.0, 1.0, 1.0])) == 3.0


def test_the_prior_counts_pairs_that_are_no_candidates():
    rng = np.random.default_rng(5)
    table = np.concatenate([drawn(rng, M, 1_000), drawn(rng, U, 50_000)])
    candidates = table[(table > 1).any(axis=1)]  # what differs in all columns is never one
    patterns = patterns_of(candidates, (3,) * 4)
    mix = fit_mixture(patterns.levels, patterns.counts(), M, U, KINDS, [], 51_000.0)
    assert mix.prior == pytest.approx(1_000 / 51_000, rel=0.1)
    assert len(mix.shares) == 0


def test_households_are_told_from_matches():
    rng = np.random.default_rng(7)
    kinds = ("first_name", "street", "last_name")
    m = np.array([[1, 0.05, 0.05, 0.1, 0.8]] * 3)
    u = np.array([[1, 0.95, 0.02, 0.02, 0.01]] + [[1, 0.989, 0.005, 0.005, 0.001]] * 2)
    home = np.array([u[0], m[1], m[2]])
    rows = [
        np.stack([rng.choice([1, 2, 3, 4], p=row[1:], size=n) for row in shares], 1)
        for shares, n in ((m, 1_000), (home, 4_000), (u, 95_000))
    ]
    patterns = patterns_of(np.concatenate(rows).astype(np.int8), (4, 4, 4))
    mix = fit_mixture(patterns.levels, patterns.counts(), m, u, kinds, [HOUSEHOLD], 1e5)
    assert mix.prior * 1e5 == pytest.approx(1_000, rel=0.1)
    assert mix.shares[0] * 1e5 == pytest.approx(4_000, rel=0.1)
    assert mix.h[0][0].tolist() == u[0].tolist()


def test_patterns_of_fewer_columns_are_merged():
    patterns = np.array([[1, 2], [2, 1], [1, 2]], dtype=np.int8)
    found, weights = merged(patterns, np.array([1.0, 5.0, 0.5]), (2, 2))
    assert found.tolist() == [[1, 2], [2, 1]]
    assert weights.tolist() == [1.5, 5.0]


def test_counts_with_weights():
    patterns = patterns_of(np.array([[1], [2], [1]], dtype=np.int8), (2,))
    assert patterns.counts().tolist() == [2.0, 1.0]
    assert patterns.counts(None, np.array([0.5, 2.0, 1.0])).tolist() == [1.5, 2.0]
    assert patterns.counts(np.array([1, 2]), np.array([0.5, 2.0, 1.0])).tolist() == [1.0, 2.0]
