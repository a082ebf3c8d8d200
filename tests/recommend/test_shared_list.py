"""Shares of a list: places by hand."""

import numpy as np
import pytest

from crmkit.recommend._history import Histories
from crmkit.recommend._shared_list import placed, standings

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


def shared(again, new, histories, share):
    return placed(standings(again, new, histories), share)


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


def test_new_items_beyond_a_thousand_follow_in_their_own_order():
    random = np.random.default_rng(0)
    scores = random.permutation(1500).astype(np.float32)[None, :]
    told = Histories(**{**vars(history()), "n_items": 1500})
    found = shared(np.zeros((1, 1500), dtype=np.float32), scores.copy(), told, 0.5)[0]
    new = np.argsort(-scores[0], kind="stable")
    new = new[new > 1]
    assert (np.diff(found[new]) < 0).all()
    assert found[new[1000]] < found[[0, 1]].min()
