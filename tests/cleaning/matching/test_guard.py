"""The guard puts back rows of m that cannot be of persons, and leaves the others alone."""

import numpy as np
import pytest

from crmkit.cleaning._matching._guard import guarded, sane_row

KINDS = ("first_name", "city")


def test_a_first_name_that_often_differs_is_put_back():
    m = np.array([[1, 0.8, 0.1, 0.05, 0.05], [1, 0.8, 0.1, 0.1, 1]])
    got, caught = guarded(m, KINDS)
    assert caught == [0]
    assert got[0, 1] == pytest.approx(0.10)
    assert got[0, 4] == pytest.approx(0.70)
    assert got[0, 1:].sum() == pytest.approx(1.0)
    assert got[1].tolist() == m[1].tolist()
    assert m[0, 1] == 0.8  # the given rows are not changed


def test_a_sane_row_stays():
    m = np.array([[1, 0.2, 0.1, 0.1, 0.6], [1, 0.2, 0.2, 0.6, 1]])
    got, caught = guarded(m, KINDS)
    assert caught == []
    assert got.tolist() == m.tolist()


def test_a_row_without_any_agreement_is_still_a_distribution():
    row = sane_row(np.array([1, 1.0, 0.0, 0.0, 0.0]), 4)
    assert row[1:].sum() == pytest.approx(1.0)
    assert (row[1:] > 0).all()
    assert row[4] >= 0.7 - 1e-5
