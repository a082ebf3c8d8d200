"""Effect sizes against scipy and by hand: rho, rank-biserial, epsilon squared, Cramer's V, lift."""

import numpy as np
import pytest
from scipy import stats

from crmkit.segment._association import (
    NONE,
    adjusted,
    counts_of,
    cramers_v,
    lifts,
    peak,
    rank_biserial,
    rank_epsilon_squared,
    spearman,
)

RANDOM = np.random.default_rng(5)
X = RANDOM.integers(0, 9, 60).astype(float)
Y = X + RANDOM.normal(0, 4, 60)
CODES = RANDOM.integers(0, 3, 60)


def test_spearman_is_scipys():
    found, scipys = spearman(X, Y), stats.spearmanr(X, Y)
    assert (found.size, found.p_value) == (scipys.statistic, scipys.pvalue)
    assert spearman(X, -(X**3))[1:3] == pytest.approx((-1, 1))


def test_rank_biserial_by_hand():
    # pairs (inside, outside): 3 > 1, 3 > 2, 3 < 5, 2 > 1, 2 = 2, 2 < 5: 3 higher, 2 lower of 6
    found = rank_biserial(np.array([3.0, 2, 1, 2, 5]), np.array([True, True, False, False, False]))
    assert found.size == pytest.approx(1 / 6)
    assert found.strength == found.size
    p = stats.mannwhitneyu([3, 2], [1, 2, 5], method="asymptotic").pvalue
    assert found.p_value == p


def test_epsilon_squared_is_the_part_of_the_variance_of_the_ranks_beyond_chance():
    for values, codes in ((X, CODES), (X + 3 * CODES, CODES)):
        ranks = stats.rankdata(values)
        means = np.array([ranks[c == codes].mean() for c in range(3)])
        within = ((ranks - means[codes]) ** 2).sum() / (60 - 3)
        total = ((ranks - ranks.mean()) ** 2).sum() / (60 - 1)
        found = rank_epsilon_squared(values, codes)
        assert found.size == pytest.approx(max(0.0, 1 - within / total), rel=1e-12)
        assert found.strength == pytest.approx(np.sqrt(found.size))
        p = stats.kruskal(*(values[c == codes] for c in range(3))).pvalue
        assert found.p_value == p
    assert found.size > 0.1
    assert rank_epsilon_squared(np.array([1.0, 2, 3]), np.arange(3)).size == 0.0


@pytest.mark.parametrize(("n", "levels"), [(200, 30), (2000, 50)])
def test_many_levels_of_noise_are_not_strong(n, levels):
    random = np.random.default_rng(3)
    sizes = [
        rank_epsilon_squared(random.lognormal(0, 2, n), random.integers(0, levels, n)).strength
        for _ in range(40)
    ]
    assert np.mean(sizes) < 0.12


@pytest.mark.parametrize(("n", "levels", "share"), [(2000, 50, 0.01), (200, 30, 0.05)])
def test_the_p_value_of_a_sparse_table_holds(n, levels, share):
    """Where few are expected in a cell, chi squared would call noise sure in 1 of 10 tables."""
    found, chi = [], []
    for seed in range(200):
        random = np.random.default_rng(seed)
        a = random.choice(levels, n, p=random.dirichlet(np.full(levels, 0.3)))
        table = counts_of(a, (random.random(n) < share).astype(int), levels, 2)
        found.append(cramers_v(table).p_value)
        there = table[table.sum(axis=1) > 0]
        chi.append(stats.chi2_contingency(there, correction=False).pvalue)
    assert (np.array(chi) < 0.01).mean() > 0.05
    assert (np.array(found) < 0.01).mean() <= 0.025
    assert (np.array(found) < 0.001).mean() <= 0.01
    assert cramers_v(table).p_value == found[-1]


def test_the_p_value_of_a_sparse_table_is_that_of_fisher():
    table = np.array([[7, 2], [1, 6]])
    expected = stats.contingency.expected_freq(table)
    chi, p = ((table**2 / expected).sum(), 0.0)
    for k in range(10):  # every table of these margins, by the count of its first cell
        cells = np.array([[k, 9 - k], [8 - k, k - 1]])
        if cells.min() >= 0 and (cells**2 / expected).sum() >= chi - 1e-9:
            p += stats.hypergeom(16, 8, 9).pmf(k)
    assert cramers_v(table).p_value == pytest.approx(p, abs=0.012)


def test_the_peak_is_the_cell_that_adds_most():
    i, j, lift = peak(np.array([[30, 10], [10, 50]]))
    assert (i, j, lift) == (0, 0, pytest.approx(30 / 16))
    assert peak(np.array([[4, 4], [4, 4]])) is None
    assert peak(np.array([[3, 4]])) is None


def test_cramers_v_by_hand():
    table = np.array([[30, 10], [10, 30]])  # chi squared 20, phi squared .25, less 1 / 79
    fewest = 2 - 1 / 79 - 1
    found = cramers_v(table)
    assert found.size == pytest.approx(np.sqrt((0.25 - 1 / 79) / fewest), rel=1e-12)
    assert found.p_value == stats.chi2_contingency(table, correction=False).pvalue
    assert stats.contingency.association(table) == pytest.approx(0.5)  # with its bias
    assert cramers_v(np.diag([5, 7, 9])).size == pytest.approx(1)


def test_cramers_v_of_noise_is_near_none_whatever_the_levels():
    random = np.random.default_rng(1)
    sizes, biased = [], []
    for _ in range(50):
        table = counts_of(random.integers(0, 8, 200), random.integers(0, 8, 200), 8, 8)
        sizes.append(cramers_v(table).size)
        biased.append(stats.contingency.association(table))
    assert np.mean(biased) > 0.18
    assert np.mean(sizes) < 0.06


def test_empty_levels_change_nothing_and_one_level_has_no_association():
    table = np.array([[30, 10], [10, 30]])
    wide = np.zeros((3, 4), dtype=int)
    wide[np.ix_([0, 2], [1, 3])] = table
    assert cramers_v(wide) == cramers_v(table)
    assert cramers_v(np.array([[3, 4]])) is NONE


def test_lift_by_hand():
    table = counts_of(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 3, 2)
    assert table.tolist() == [[2, 1], [0, 1], [0, 0]]
    assert lifts(table)[:2].tolist() == [[2 / 1.5, 1 / 1.5], [0, 2]]
    assert np.isnan(lifts(table)[2]).all()


def test_corrected_p_values_by_hand():
    p = np.array([0.01, np.nan, 0.04, 0.03])  # times 3 / rank: .03, .045, .04, and none above
    assert adjusted(p) == pytest.approx([0.03, np.nan, 0.04, 0.04], nan_ok=True)
    assert np.isnan(adjusted(np.array([np.nan]))).all()
