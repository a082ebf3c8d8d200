"""Classes of look-alikes: what is laid down, what is learnt, when a class has a say."""

import numpy as np
import pytest

from crmkit.cleaning._matching._look_alikes import (
    HOUSEHOLD,
    NAMESAKE,
    active,
    adopted,
    classes_for,
    laid_down,
    logistic,
    memberships,
    row_shares,
)

KINDS = ("first_name", "birth_date", "email", "street")
M = np.array([[1, 0.1, 0.1, 0.1, 0.7]] * 4)
U = np.array([[1, 0.9, 0.05, 0.04, 0.01]] * 4)


def test_classes_need_columns_that_tell_them():
    assert classes_for(("first_name", "street")) == [HOUSEHOLD]
    assert classes_for(("first_name", "last_name", "email")) == [NAMESAKE]
    assert classes_for(("name", "email", "phone")) == [HOUSEHOLD, NAMESAKE]
    assert classes_for(("company", "street")) == []


def test_a_class_is_active_where_it_differs_from_both():
    assert active(HOUSEHOLD, ("first_name", "street"))
    assert not active(HOUSEHOLD, ("first_name", "birth_date"))
    assert not active(HOUSEHOLD, ("street", "city"))
    assert active(NAMESAKE, ("email", "phone"))
    assert not active(NAMESAKE, ("phone", "city"))


def test_first_names_of_a_household_agree_by_chance_and_streets_are_learnt():
    learnt = np.array([[1, 0.25, 0.25, 0.25, 0.25]] * 4)
    h = laid_down(learnt, M, U, KINDS, HOUSEHOLD)
    assert h[0].tolist() == U[0].tolist()
    assert h[3].tolist() == learnt[3].tolist()
    assert h[1] == pytest.approx(0.03 * M[1] + 0.97 * U[1])  # twins
    assert h[2, 4] == pytest.approx(0.3 * 0.7 + 0.7 * 0.01)
    assert h[2, 1:] == pytest.approx([*(np.full(3, (1 - h[2, 4]) / 3)), h[2, 4]])
    assert h[:, 1:].sum(axis=1) == pytest.approx(1.0)


def test_namesakes_share_names_alone():
    h = laid_down(M, M, U, KINDS, NAMESAKE)
    assert h[0].tolist() == M[0].tolist()
    assert h[2].tolist() == M[2].tolist()
    assert h[1].tolist() == h[3].tolist() == U[0].tolist()


def test_memberships_by_hand():
    shares = np.array([0.2, 0.3])
    ratios = np.log(np.array([[4.0], [2.0]]))
    total = 0.2 * 4 + 0.3 * 2 + 0.5
    assert memberships(ratios, shares).ravel() == pytest.approx([0.8 / total, 0.6 / total])


def test_row_shares_are_drawn_to_chance():
    counts = np.array([[9.0, 0.0, 0.0, 0.0, 10.0]])
    got = row_shares(counts, U[:1], [4], smoothing=0.1)
    assert got[0, 1:] == pytest.approx(np.array([0.9, 0.05, 0.04, 10.01]) / 11.0)


def test_a_class_adopts_what_it_shares():
    h = U.copy()
    h[3] = M[3]
    assert adopted(h, U, KINDS).tolist() == [False, False, False, True]


def test_logistic_bears_large_numbers():
    assert logistic(np.array([-1e9, 0.0, 1e9])).tolist() == [0.0, 0.5, 1.0]
