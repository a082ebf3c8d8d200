"""Histories and who is asked: rows, order, replaced and unknown customers, by hand."""

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError, DataWarning
from crmkit.recommend._asked import ask, read_given, read_pairs
from crmkit.recommend._ids import find, union
from crmkit.recommend._interactions import read_interactions

DAY = 19_723  # 2024-01-01
COLUMNS = {
    "customer": "who",
    "item": "what",
    "when": "when",
    "amount": None,
    "order": None,
    "quantity": None,
    "tz": None,
}


def frame(rows):
    made = pd.DataFrame(rows, columns=["who", "what", "day"])
    made["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(made["day"], unit="D")
    return made.drop(columns="day")


def log(rows):
    return EventLog(frame(rows), customer="who", when="when", amount=None, item="what")


ROWS = [("ann", "tea", 0), ("ann", "tea", 2), ("ann", "jam", 1), ("bob", "oil", 3)]


@pytest.fixture
def known():
    events = log(ROWS)
    return read_interactions(events, events.cutoff(), "Model")


def histories(asked):
    return next(asked.blocks())[1]


def test_rows_come_in_the_order_asked(known):
    asked = ask(known, np.array(["bob", "new", "ann", "bob"]), None, DAY + 3, "Model")
    assert asked.ids.tolist() == ["bob", "new", "ann"]
    assert asked.known.tolist() == [1, -1, 0]
    assert asked.kind.tolist() == [0, 2, 0]
    rows = histories(asked)
    assert rows.start.tolist() == [0, 1, 1, 4]
    assert known.items[rows.item].tolist() == ["oil", "jam", "tea", "tea"]
    assert rows.customer.tolist() == [0, 2, 2, 2]
    assert rows.ages.tolist() == [0, 2, 3, 1]
    assert rows.n_known.tolist() == [1, 0, 2]
    assert rows.matrix("days", 1.0).toarray().tolist() == [[0, 1, 0], [0] * 3, [0.25, 0, 0.625]]
    assert rows.matrix().toarray().tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 1]]


def test_rows_are_taken_alone(known):
    rows = histories(ask(known, None, None, DAY + 3, "Model")).take(np.array([1]))
    assert rows.start.tolist() == [0, 1]
    assert known.items[rows.item].tolist() == ["oil"]
    assert rows.known.tolist() == [1]


def test_blocks_cover_everybody_once(known):
    asked = ask(known, np.array([f"c{i}" for i in range(130)] + ["ann"]), None, DAY, "Model")
    blocks = list(asked.blocks())
    assert [(rows.start, rows.stop) for rows, _ in blocks] == [(0, 64), (64, 128), (128, 131)]
    assert [len(found) for _, found in blocks] == [64, 64, 3]
    assert len(blocks[2][1].item) == 3


def test_the_buffer_is_given_once(known):
    rows = histories(ask(known, None, None, DAY, "Model"))
    first, second = rows.buffer(), rows.buffer()
    assert first.shape == second.shape == (2, 3)
    assert not np.shares_memory(first, second)


def test_a_given_history_replaces_the_known_one(known):
    cutoff = pd.Timestamp("2024-01-11").to_pydatetime()
    given = read_given(frame([("ann", "oil", 9), ("new", "jam", 8)]), COLUMNS, known, cutoff, "M")
    asked = ask(known, np.array(["new", "ann", "bob"]), given, DAY + 9, "Model")
    assert asked.kind.tolist() == [1, 1, 0]
    rows = histories(asked)
    assert known.items[rows.item].tolist() == ["jam", "oil", "oil"]
    assert rows.ages.tolist() == [1, 0, 6]
    everybody = ask(known, None, given, DAY + 9, "Model")
    assert everybody.ids.tolist() == ["ann", "new"]


def test_a_history_without_times_is_of_the_present(known):
    cutoff = pd.Timestamp("2024-01-11").to_pydatetime()
    basket = frame([("new", "jam", 0), ("new", "jam", 0)]).drop(columns="when")
    given = read_given(basket, COLUMNS, known, cutoff, "Model")
    assert (given.day - DAY).tolist() == [9]
    assert histories(ask(known, None, given, DAY + 9, "Model")).ages.tolist() == [0]


def test_unknown_items_are_left_out_and_told(known):
    cutoff = pd.Timestamp("2024-01-11").to_pydatetime()
    with pytest.warns(DataWarning, match=r"Model: 1 of 2 items in history= were not there"):
        given = read_given(
            frame([("new", "jam", 0), ("new", "rye", 0)]), COLUMNS, known, cutoff, "Model"
        )
    assert known.items[given.item].tolist() == ["jam"]


def test_pairs_of_all_kinds():
    pairs = pd.DataFrame({"what": ["tea", "jam"], "who": ["ann", "bob"]})
    for given in (
        pairs,
        [("ann", "tea"), ("bob", "jam")],
        np.array([["ann", "tea"], ["bob", "jam"]]),
    ):
        who, what = read_pairs(given, COLUMNS, "Model")
        assert who.tolist() == ["ann", "bob"]
        assert what.tolist() == ["tea", "jam"]


def test_ids_are_found_by_type_and_value():
    assert find(np.array([2, 5, 9]), np.array([9, 3, 2]), "ids", "M").tolist() == [2, -1, 0]
    assert find(np.array(["a", "bb"]), np.array(["bb", "b"]), "ids", "M").tolist() == [1, -1]
    assert find(np.array([], dtype=int), np.array(["a"]), "ids", "M").tolist() == [-1]
    with pytest.raises(DataError, match=r"ids holds text \(first '2'\).*whole numbers \(first 2\)"):
        find(np.array([2]), np.array(["2"]), "ids", "M")
    with pytest.raises(DataError, match=r"ids holds whole numbers \(first 2\)"):
        find(np.array(["2"]), np.array([2]), "ids", "M")
    assert union(np.array(["b"]), np.array(["a", "b"])).tolist() == ["a", "b"]
    assert union(np.array(["b"]), np.array([], dtype=int)).tolist() == ["b"]
