"""Draws: donors by hand, levels by their share, chance that no order of rows changes."""

import numpy as np

from crmkit.cleaning._quality._imputation_draws import (
    MOST_DONORS,
    chances,
    donors_of,
    draw_levels,
    draw_numbers,
    row_hashes,
    text_hashes,
)


def test_donors_are_sorted_and_few():
    rng = np.random.default_rng(0)
    expected, true = rng.normal(size=20_000), rng.normal(size=20_000)
    known, own = donors_of(expected, true)
    assert len(known) == len(own) == MOST_DONORS
    assert (np.diff(known) >= 0).all()
    assert np.quantile(known, 0.9) == np.quantile(known, 0.9)
    assert abs(np.quantile(known, 0.9) - np.quantile(expected, 0.9)) < 0.01


def test_a_draw_is_what_is_expected_and_the_error_of_a_donor():
    donors = donors_of(np.array([10.0, 20.0]), np.array([12.0, 20.0]))
    drawn = draw_numbers(np.array([18.5, 18.5]), donors, np.array([0.2, 0.9]))
    assert drawn.tolist() == [20.0, 20.0]  # 20.5 and 18.5 go to the nearest that a donor has
    drawn = draw_numbers(np.array([9.0, 11.0]), donors, np.array([0.2, 0.9]))
    assert drawn.tolist() == [12.0, 12.0]


def test_donors_of_one_expected_number_are_all_asked():
    donors = donors_of(np.full(1000, 5.0), np.arange(1000.0))
    drawn = draw_numbers(np.full(4, 5.0), donors, np.array([0.0, 0.25, 0.5, 0.999]))
    assert drawn.tolist() == [0.0, 250.0, 500.0, 999.0]
    assert draw_numbers(np.array([7.0]), donors_of(np.ones(1), np.array([3.0])), np.zeros(1)) == 3


def test_levels_by_their_share():
    shares = np.tile([0.2, 0.0, 0.8], (4, 1))
    assert draw_levels(shares, np.array([0.0, 0.19, 0.21, 0.999])).tolist() == [0, 0, 2, 2]


def test_hashes_tell_rows_apart_and_ignore_their_order():
    x = np.array([[1.0, np.nan], [2.0, 0.0], [1.0, np.nan], [2.0, -0.0]])
    first = row_hashes(x, None)
    assert len(set(first.tolist())) == 4
    assert set(row_hashes(x[::-1], None).tolist()) == set(first.tolist())
    ids = text_hashes(["a", "b", "c", "d"])
    own = row_hashes(x, ids)
    assert (row_hashes(x[[3, 1]], ids[[3, 1]]) == own[[3, 1]]).all()


def test_chances_are_even_and_differ():
    hashes = row_hashes(np.arange(20_000.0)[:, None], None)
    u = chances(hashes, 7, 0, 0)
    assert u.min() >= 0
    assert u.max() < 1
    counts = np.histogram(u, bins=10, range=(0, 1))[0]
    assert ((counts - 2000) ** 2 / 2000).sum() < 27.9  # chi-squared, 9 degrees, p = .001
    for other in (chances(hashes, 8, 0, 0), chances(hashes, 7, 1, 0), chances(hashes, 7, 0, 1)):
        assert abs(np.corrcoef(u, other)[0, 1]) < 0.03
