"""Histories and who is asked: rows, order, replaced and unknown customers, by hand."""

import warnings

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError, DataWarning
from crmkit.recommend import EASE, BuyAgain, ItemKNN, Popularity
from crmkit.recommend._asked import ask, read_pairs
from crmkit.recommend._given import read_given, told_by
from crmkit.recommend._ids import find, union
from crmkit.recommend._interactions import read_interactions
from tests.contracts.frame_kinds import FRAMES

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


@pytest.mark.parametrize("kind", FRAMES)
def test_a_log_tells_of_known_items_before_the_cutoff_in_silence(known, kind):
    rows = [("new", "jam", 5), ("new", "rye", 0), ("new", None, 1), ("ann", "tea", 9)]
    told = EventLog(FRAMES[kind](frame(rows)), "who", "when", None, item="what")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given = told_by(told, known, pd.Timestamp("2024-01-09").to_pydatetime(), "Model")
        early = told_by(told, known, pd.Timestamp("2024-01-04").to_pydatetime(), "Model")
    assert given.customers[given.customer].tolist() == ["new"]
    assert known.items[given.item].tolist() == ["jam"]
    assert ((given.day - DAY).tolist(), given.last_day - DAY) == ([5], 7)
    assert early is None
    asked = ask(known, np.array(["new", "bob"]), given, DAY + 7, "Model")
    assert asked.kind.tolist() == [1, 0]


def test_items_of_another_type_than_those_of_the_fit_are_refused(known):
    told = log([("new", "jam", 5)]).data.assign(what=7)
    with pytest.raises(DataError, match="Model: 'what' holds whole numbers"):
        told_by(
            EventLog(told, "who", "when", None, item="what"),
            known,
            pd.Timestamp("2024-02-01").to_pydatetime(),
            "Model",
        )


def test_rows_side_by_side_are_those_taken_one_by_one(known):
    side = histories(ask(known, known.customers, None, DAY + 3, "Model"))
    back = histories(ask(known, known.customers[::-1], None, DAY + 3, "Model"))
    for part in ("item", "day", "orders"):
        assert getattr(side, part).tolist() == getattr(back.take(np.array([1, 0])), part).tolist()
    low, high = side.lines_of(np.array([0, 0, 1]), find(known.items, np.array(ASKED), "i", "M"))
    assert (high - low).tolist() == [2, 0, 1]


ASKED = ["tea", "oil", "oil"]


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


def shop(**kwargs):
    rows = frame(ROWS).assign(amount=[5.0, 5.0, 6.0, 7.0])
    return EventLog(rows, **{**NAMES, **kwargs})


NAMES = {"customer": "who", "when": "when", "amount": "amount", "item": "what"}


def fold_in(rows, *, times, **columns):
    made = frame(rows).assign(**columns)
    return made if times else made.drop(columns="when")


@pytest.mark.parametrize("times", [True, False], ids=["times", "no times"])
def test_returns_and_small_amounts_are_no_history(times):
    history = fold_in(
        [("new", "tea", 9), ("new", "jam", 9), ("new", "oil", 9)], times=times,
        amount=[-5.0, 0.5, 7.0],
    )  # fmt: skip
    model = ItemKNN(shrinkage=0.0).fit(shop(min_amount=1.0))
    rows = histories(model._ask(None, history, None))
    assert model.items_[rows.item].tolist() == ["oil"]
    told = BuyAgain(only_bought=True).fit(shop(min_amount=1.0)).recommend(history=history)
    assert told["what"].tolist() == ["oil"]


@pytest.mark.parametrize("times", [True, False], ids=["times", "no times"])
def test_missing_ids_of_a_history_are_left_out_and_told(times):
    history = fold_in([("new", "tea", 9), (None, "jam", 9), ("new", None, 9)], times=times)
    model = BuyAgain(only_bought=True).fit(shop())
    with pytest.warns(DataWarning) as told:
        offers = model.recommend(history=history)
    assert offers["what"].tolist() == ["tea"]
    assert sorted(str(w.message).split(": ")[1][:21] for w in told) == [
        "1 of 2 purchases have", "1 of 3 rows (33.3%) h",
    ]  # fmt: skip


@pytest.mark.parametrize("asked", [None, ["new", "ann"]], ids=["all", "named"])
@pytest.mark.parametrize("times", [True, False], ids=["times", "no times"])
def test_a_history_of_returns_tells_nothing(times, asked):
    rows = [("new", "tea", 9), ("ann", "oil", 9)]
    history = fold_in(rows, times=times, amount=[-5.0, -6.0])
    model = EASE(5.0).fit(shop())
    offers = model.recommend(asked, history=history, exclude_seen=False)
    assert set(offers.query("who == 'new'")["source"]) == {"popular"}
    assert set(offers.query("who == 'ann'")["source"]) == {"model"}


def test_a_history_of_missing_items_tells_nothing():
    model = EASE(5.0).fit(shop())
    history = fold_in([("new", None, 9)], times=True).astype({"what": "string"})
    with pytest.warns(DataWarning, match="1 of 1 purchases have no 'what'"):
        assert set(model.recommend(history=history)["source"]) == {"popular"}


def test_a_history_after_the_present_tells_nothing():
    model = EASE(5.0).fit(shop())
    later = fold_in([("new", "tea", 60), ("ann", "oil", 60)], times=True)
    offers = model.recommend(history=later, as_of="2024-02-01", exclude_seen=False)
    assert set(offers.query("who == 'new'")["source"]) == {"popular"}
    expected = model.recommend(["ann"], as_of="2024-02-01", exclude_seen=False)
    pd.testing.assert_frame_equal(offers.query("who == 'ann'").reset_index(drop=True), expected)


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_history_on_another_kind_of_clock_is_refused(zone):
    def on(zone):
        rows = frame(ROWS)
        rows["when"] = rows["when"].dt.tz_localize(zone)
        return EventLog(rows, **{**NAMES, "amount": None}, tz=zone)

    model = Popularity().fit(on(zone))
    other = on("UTC" if zone is None else None)
    with pytest.raises(DataError, match=r"the times of history= are .*Bring them to one clock"):
        model.recommend(history=other)


def test_rows_without_times_join_a_log_with_a_zone():
    rows = frame(ROWS)
    rows["when"] = rows["when"].dt.tz_localize("Asia/Shanghai")
    model = BuyAgain().fit(EventLog(rows, **{**NAMES, "amount": None}, tz="Asia/Shanghai"))
    found = histories(model._ask(None, fold_in([("new", "tea", 0)], times=False), None))
    assert found.ages.tolist() == [0]


@pytest.mark.parametrize("times", [True, False], ids=["times", "no times"])
@pytest.mark.parametrize("kind", FRAMES)
def test_returns_in_histories_of_every_library(kind, times):
    history = fold_in([("new", "tea", 9), ("new", "oil", 9)], times=times, amount=[-5.0, 7.0])
    told = BuyAgain(only_bought=True).fit(shop()).recommend(history=FRAMES[kind](history))
    assert told["what"].tolist() == ["oil"]
