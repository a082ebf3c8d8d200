"""Ids: whole numbers are exact on both sides of 2**63, and signed ones meet unsigned ones."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.metrics import ranking_scores_by_customer
from crmkit.recommend import ContentRecommender, MarketBasket, Popularity
from crmkit.recommend._ids import find, union
from tests.contracts.frame_kinds import FRAMES, to_pandas

LARGE = [2**61 + 1, 2**61 + 3, 2**63 + 5, 2**63 + 7]
BOUGHT = [0, 1, 0, 2, 1, 2, 0, 3]


def log_of(frame, **kwargs):
    return EventLog(frame, customer="who", when="when", amount=None, item="what", **kwargs)


def frame_of(ids, dtype="uint64"):
    return pd.DataFrame(
        {
            "who": [1, 1, 2, 2, 3, 3, 4, 4],
            "what": np.array(ids, dtype=dtype)[BOUGHT],
            "order": [1, 1, 2, 2, 3, 3, 4, 4],
            "when": pd.date_range("2024-01-01", periods=8),
        }
    )


@pytest.mark.parametrize("kind", FRAMES)
def test_large_items_are_exact_in_every_library(kind):
    model = Popularity().fit(log_of(FRAMES[kind](frame_of(LARGE))))
    assert model.items_.dtype == np.uint64
    assert model.items_.tolist() == LARGE
    offers = to_pandas(model.recommend([9], deny=[2**61 + 3]))
    assert sorted(offers["what"].tolist()) == [2**61 + 1, 2**63 + 5, 2**63 + 7]


def test_baskets_of_large_items_are_exact():
    log = log_of(frame_of(LARGE), order="order")
    model = MarketBasket(min_support=2, max_fdr=1.0).fit(log)
    assert model.items_.tolist() == LARGE


def test_ids_that_no_type_holds_together_are_refused():
    model = Popularity().fit(log_of(frame_of(LARGE)))
    with pytest.raises(DataError, match=r"deny holds whole numbers that no type of 64 bits holds"):
        model.recommend([1], deny=[-1, 2**63 + 5])


def test_signed_and_unsigned_numbers_meet_exactly():
    unsigned, signed = np.array([2**60, 2**60 + 1], "u8"), np.array([2**60 + 1, -1], "i8")
    assert find(unsigned, signed, "ids", "M").tolist() == [1, -1]
    assert find(np.sort(signed), unsigned, "ids", "M").tolist() == [-1, 1]
    assert find(np.sort(signed), np.array([2**64 - 1], "u8"), "ids", "M").tolist() == [-1]
    joint = union(unsigned, np.array([-3, 2**60 + 1]))
    assert joint.dtype == np.int64
    assert joint.tolist() == [-3, 2**60, 2**60 + 1]
    assert union(np.array([5]), np.array([2**63], "u8")).tolist() == [5, 2**63]
    with pytest.raises(DataError, match="the ids holds whole numbers that no type"):
        union(np.array([-5]), np.array([2**63], "u8"))


def test_rules_of_signed_numbers_bind_a_log_of_unsigned_ones():
    ids = [2**61 + 1, 2**61 + 3, 2**61 + 5, 2**61 + 7]
    model = Popularity().fit(log_of(frame_of(ids)))
    offered = model.recommend([9], deny=[ids[1]], stock={ids[2]: 0})["what"].tolist()
    assert sorted(offered) == [ids[0], ids[3]]
    customers = pl.from_pandas(frame_of(ids)).with_columns(pl.col("who").cast(pl.UInt64))
    model = Popularity().fit(log_of(customers))
    asked = model.recommend([1], exclude_seen=True)["what"].to_list()
    assert set(asked) == {ids[2], ids[3]}


def test_a_catalogue_of_unsigned_numbers_leaves_signed_ones_whole():
    items = pl.DataFrame(
        {
            "what": pl.Series([10, 11, 12, 13, 14], dtype=pl.UInt64),
            "name": ["red cup", "blue cup", "red jug", "blue jug", "red pot"],
        }
    )
    model = ContentRecommender().fit(log_of(frame_of([10, 11, 12, 13], "int64")), items)
    assert model.items_.dtype == np.int64
    assert model.items_.tolist() == [10, 11, 12, 13, 14]
    assert 14 in model.recommend([1])["what"].tolist()


def test_metrics_tell_neighbouring_ids_of_two_types_apart():
    lists = pd.DataFrame({"who": [1], "what": np.array([2**60 + 1], "i8"), "rank": [1]})
    relevant = pd.DataFrame({"who": [1], "what": np.array([2**60], "u8")})
    assert ranking_scores_by_customer(lists, relevant, k=1)["ndcg"].tolist() == [0.0]
    relevant = relevant.assign(what=np.array([2**60 + 1], "u8"))
    assert ranking_scores_by_customer(lists, relevant, k=1)["ndcg"].tolist() == [1.0]
