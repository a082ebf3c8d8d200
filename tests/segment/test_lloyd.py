"""Lloyd's steps: what scikit-learn finds from the same start, and the same bits on any machine."""

import numpy as np
import pytest
from sklearn.cluster import KMeans

from crmkit import _parallel
from crmkit.segment._lloyd import largest_row, moved_centers


def points(n=40_000):
    rng = np.random.default_rng(3)
    places = np.array([[0.0, 0.0, 5.0], [4.0, -3.0, 5.0], [-4.0, 6.0, 5.0], [9.0, 9.0, 0.0]])
    return places[rng.integers(0, 4, n)] + rng.normal(0, 0.7, (n, 3))


def test_one_step_by_hand():
    z = np.array([[0.0], [1.0], [9.0], [11.0]])
    np.testing.assert_allclose(
        moved_centers(z, np.array([[0.0], [8.0]])), [[0.5], [10.0]], rtol=1e-6
    )


def test_centres_are_those_of_scikit_learn():
    z = points()
    start = z[[1, 2, 3, 5]]
    theirs = KMeans(4, init=start, n_init=1).fit(z).cluster_centers_
    np.testing.assert_allclose(moved_centers(z, start), theirs, atol=2e-3)


def test_any_number_of_cores_gives_the_same_bits(monkeypatch):
    z = points()
    found = []
    for cores in (1, 2, 5):
        monkeypatch.setattr(_parallel.os, "cpu_count", lambda cores=cores: cores)
        found.append(moved_centers(z, z[:4]))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_a_centre_without_points_stays():
    z = np.array([[0.0], [1.0]])
    assert moved_centers(z, np.array([[0.5], [90.0]])).tolist() == [[0.5], [90.0]]


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_no_unit_is_too_small_or_too_large(unit):
    z = points(2_000)
    moved = moved_centers(z * unit, z[:4] * unit)
    np.testing.assert_allclose(moved / unit, moved_centers(z, z[:4]), rtol=1e-5, atol=1e-5)


def test_equal_points_have_one_place():
    assert moved_centers(np.full((5, 2), 3.0), np.full((1, 2), 3.0)).tolist() == [[3.0, 3.0]]


def test_the_first_of_equal_rows_counts():
    table = np.array([[1.0, 2.0, 0.0], [1.0, 3.0, 0.0], [0.0, 3.0, 1.0]])
    assert largest_row(table).tolist() == table.argmax(axis=0).tolist() == [0, 1, 2]
