"""Shares of a list: places by hand."""

import numpy as np
import pytest

from crmkit.recommend._history import Histories
from crmkit.recommend._shared_list import shared

AGAIN = np.array([[9.0, 8.0, 0.1, 0.1, 0.1]], dtype=np.float32)
NEW = np.array([[5.0, 5.0, 3.0, 4.0, -np.inf]], dtype=np.float32)


def history():
    days = np.array([1, 2])
    return Histories(
        start=np.array([0, 2]),
        item=np.array([0, 1]),
        day=days,
        orders=np.ones(2, dtype=int),
        amount=None,
        last_day=3,
        n_items=5,
        known=np.array([0]),
    )


@pytest.mark.parametrize(
    ("share", "order"),
    [(0.0, [0, 1, 3, 2]), (1.0, [3, 2, 0, 1]), (0.5, [0, 3, 1, 2]), (0.3, [0, 3, 1, 2])],
)
def test_places_by_hand(share, order):
    found = shared(AGAIN.copy(), NEW.copy(), history(), share)[0]
    assert found[4] == -np.inf
    assert sorted(range(4), key=lambda i: (-found[i], i)) == order


def test_the_score_is_one_over_the_place():
    found = shared(AGAIN.copy(), NEW.copy(), history(), 0.25)[0]
    places = [0.5 / 0.75, 1.5 / 0.75, 1.5 / 0.25, 0.5 / 0.25]
    np.testing.assert_allclose(found[:4], 1 / (1 + np.asarray(places)), rtol=1e-6)
