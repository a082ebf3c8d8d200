"""MMR: greedy by brute force, the limits, features and purchases, halves of many items."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from crmkit.exceptions import DataError
from crmkit.recommend import MMR
from crmkit.recommend import _mmr as module
from crmkit.recommend._mmr import few_items
from tests.recommend._reranking import by_customer, candidates, fit, relevance
from tests.recommend.contract.shop import lines, log_of


def vectors(fitted):
    return dict(zip(fitted.items_, fitted.vectors_.toarray(), strict=True))


def greedy(items, scores, vector, strength):
    """One list, item by item, from dicts."""
    worth = dict(zip(items, relevance(scores), strict=True))
    nothing, made = np.zeros(len(next(iter(vector.values())))), []
    while len(made) < len(items):
        left = [item for item in items if item not in made]
        value = [
            (1 - strength) * worth[i]
            - strength * max([float(vector.get(i, nothing) @ vector.get(j, nothing)) for j in made],
                             default=0.0)
            for i in left
        ]  # fmt: skip
        made.append(left[int(np.argmax(np.round(value, 9)))])
    return made


@pytest.mark.parametrize("strength", [0.3, 0.7, 1.0])
@pytest.mark.parametrize("by", ["features", "purchases"])
def test_brute_force_agrees(strength, by):
    frame, fitted = candidates(5, digits=6), fit(MMR(strength, by=by))
    made, vector = by_customer(fitted.rerank(frame)), vectors(fitted)
    for who, own in frame.groupby("who"):
        by_hand = greedy(own["what"].tolist(), own["score"].tolist(), vector, strength)
        if strength < 1.0:
            assert made[who] == by_hand
        else:  # equal likeness is told apart by the last bits
            assert made[who][:2] == by_hand[:2]


def test_full_strength_parts_twins_and_keeps_the_first():
    items = pd.DataFrame({"what": ["a", "b", "c", "d"], "kind": ["x", "x", "y", "z"]})
    frame = pd.DataFrame({"who": "n", "what": list("abcd"), "score": [4.0, 3.9, 0.2, 0.1]})
    log = log_of(lines().assign(what="a"))
    fitted = MMR(1.0, category=["kind"]).fit(log, items)
    assert fitted.rerank(frame)["what"].tolist() == ["a", "c", "d", "b"]
    assert MMR(0.1, category=["kind"]).fit(log, items).rerank(frame)["what"].tolist() == list(
        "abcd"
    )


def test_items_of_the_same_buyers_are_alike():
    frame = pd.DataFrame(
        [("ann", "a"), ("ann", "b"), ("bob", "c"), ("cid", "a"), ("cid", "b")],
        columns=["who", "what"],
    ).assign(when=pd.Timestamp("2024-01-01"), amount=1.0, order=1)
    offers = pd.DataFrame({"who": "n", "what": list("abc"), "score": [0.9, 0.8, 0.4]})
    assert MMR(0.6).fit(log_of(frame)).rerank(offers)["what"].tolist() == ["a", "c", "b"]


def test_many_items_are_looked_at_in_parts(monkeypatch):
    frame, fitted = candidates(1, n_customers=40), fit(MMR(0.5))
    expected = fitted.rerank(frame)
    monkeypatch.setattr(module, "MOST", 15)
    pd.testing.assert_frame_equal(fitted.rerank(frame), expected)


@pytest.mark.parametrize("by", ["features", "purchases"])
def test_one_long_list_is_compared_item_by_item(by, monkeypatch):
    frame, fitted = candidates(1, n_customers=1), fit(MMR(0.5, by=by))
    expected = fitted.rerank(frame)
    monkeypatch.setattr(module, "MOST", 3)
    pd.testing.assert_frame_equal(fitted.rerank(frame), expected)


def test_one_long_list_needs_no_square_of_its_items():
    n = 6000
    bought = pd.DataFrame({"who": np.arange(n) % 500, "what": np.arange(n), "order": np.arange(n)})
    fitted = MMR().fit(log_of(bought.assign(when=pd.Timestamp("2024-01-01"), amount=1.0)))
    offers = pd.DataFrame({"who": 1, "what": np.arange(n), "score": np.linspace(1, 0, n)})
    tracemalloc.start()
    made = fitted.rerank(offers, n=5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert made["what"].tolist() == [0, 1, 2, 3, 4]  # all of different customers
    assert peak < 4 * n * n / 4  # bytes: a quarter of one matrix of all pairs


def test_rows_are_cut_until_they_have_few_items():
    item = np.array([[1, 2], [1, 2], [3, 4], [5, 6], [5, 5]])
    parts = list(few_items(item, 2))
    assert [(part.start, part.stop) for part in parts] == [(0, 2), (2, 3), (3, 5)]
    assert list(few_items(item[:0], 2)) == []
    assert [(p.start, p.stop) for p in few_items(np.array([[1, 2, 3]]), 2)] == [(0, 1)]


def test_features_are_asked_for():
    with pytest.raises(DataError, match="MMR: it learns from features of the items and got none"):
        MMR(by="features").fit(log_of(lines()))
    with pytest.raises(DataError, match="by must be one of"):
        fit(MMR(by="looks"))
