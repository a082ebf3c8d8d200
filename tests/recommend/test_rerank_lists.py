"""Lists: relevance, other orders, frames read into tables."""

import numpy as np
import pandas as pd
import pytest

from crmkit.recommend import _rerank_lists as module
from crmkit.recommend._rerank_lists import ReadLists, best_first, lists_of

IDS = np.array(["a", "b", "c"])


def made():
    row, item = np.array([0, 0, 0, 2]), np.array([2, 0, 1, 1])
    who, customer = np.array(["x", "y", "z"]), np.array([0, -1, 1])
    return lists_of(row, item, np.array([5.0, 9.0, 1.0, 4.0]), who, customer, IDS)


def test_lists_have_the_falling_scores_of_their_places():
    lists, place = made()
    assert place.tolist() == [0, 1, 2, 0]
    assert lists.item.tolist() == [[2, 0, 1], [-1] * 3, [1, -1, -1]]
    np.testing.assert_array_equal(lists.score[0], [9.0, 5.0, 1.0])
    np.testing.assert_array_equal(lists.own[0], [5.0, 9.0, 1.0])
    np.testing.assert_array_equal(lists.relevance, [[1, 0.5, 0], [0, 0, 0], [1, 0, 0]])


def test_another_order_moves_items_and_not_the_scores_of_places():
    lists = made()[0].take(np.array([[2, 0], [-1, -1], [0, -1]]))
    assert lists.item.tolist() == [[1, 2], [-1, -1], [1, -1]]
    np.testing.assert_array_equal(lists.score[0], [9.0, 5.0])
    np.testing.assert_array_equal(lists.own[0], [1.0, 5.0])


def test_values_of_items_and_of_none():
    assert made()[0].of_items(np.array([10, 20, 30]), 7).tolist() == [
        [30, 10, 20], [7, 7, 7], [20, 7, 7],
    ]  # fmt: skip


def test_the_best_come_first_and_equals_keep_their_order():
    there = np.array([[True, True, True], [True, False, False]])
    key = np.array([[1.0, 2.0, 2.0], [-5.0, 9.0, 9.0]])
    assert best_first(key, there, 2).tolist() == [[1, 2], [0, -1]]


def test_frames_are_read_block_by_block(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 1)
    frame = pd.DataFrame(
        {"who": ["z", "q", "z"], "what": ["b", "new", "a"], "score": [1.0, 2.0, 3.0]}
    )
    columns = {"customer": "who", "item": "what"}
    read = ReadLists(frame, columns, IDS, np.array(["x", "z"]), "Owner")
    assert read.ids.tolist() == ["a", "b", "c", "new"]
    blocks = list(read.blocks())
    assert [(lists.who.tolist(), lists.customer.tolist()) for lists, _, _ in blocks] == [
        (["z"], [1]),
        (["q"], [-1]),
    ]
    assert [lists.item.tolist() for lists, _, _ in blocks] == [[[0, 1]], [[3]]]
    assert [rows.tolist() for _, rows, _ in blocks] == [[[2, 0]], [[1]]]
    assert blocks[0][0].own.tolist() == [[3.0, pytest.approx(1.0)]]
