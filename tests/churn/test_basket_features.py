"""Basket, Variety and Mix: brute force, and cases by hand."""

import math
from datetime import datetime

import duckdb
import numpy as np
import polars as pl
import pytest

import crmkit as ck
from crmkit.churn import Basket, Mix, SnapshotBuilder, Variety
from crmkit.exceptions import DataError, DataWarning
from tests.churn._shop import agrees_with_brute_force, log_by_hand, shop, table
from tests.contracts import frame_kinds
from tests.oracles import snapshots as brute_force


def test_basket_by_brute_force():
    agrees_with_brute_force([Basket()], brute_force.basket)


@pytest.mark.parametrize(("column", "stem"), [(None, "items"), ("channel", "channel")])
def test_variety_by_brute_force(column, stem):
    agrees_with_brute_force([Variety(column)], brute_force.variety(column or "item", stem))


def test_mix_by_brute_force():
    levels = ["web", "fax", "shop"]
    agrees_with_brute_force([Mix("channel", levels)], brute_force.mix("channel", levels))


def test_mix_of_whole_numbers():
    frame = log_by_hand([("a", "2023-01-01", 1.0), ("a", "2023-01-02", 1.0)]).data
    log = ck.EventLog(frame.assign(shop=[7, 8]))
    got = SnapshotBuilder([Mix("shop", [8])]).transform(log).iloc[0]
    assert got["shop_8_share"] == 0.5
    assert got["shop_entropy"] == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    "convert",
    [
        pl.DataFrame.to_pandas,
        lambda frame: frame,
        pl.DataFrame.lazy,
        pl.DataFrame.to_arrow,
        lambda frame: duckdb.from_arrow(frame.to_arrow()),
    ],
    ids=frame_kinds.FRAMES,
)
def test_a_product_that_is_not_a_number_is_missing(convert):
    frame = pl.DataFrame(
        {
            "customer_id": "a",
            "timestamp": pl.Series([datetime(2024, 1, d) for d in (1, 1, 2, 2)]),
            "amount": 1.0,
            "item": [1.0, math.nan, 2.0, None],
            "order_id": [1.0, 1.0, math.nan, math.nan],
        }
    )
    log = ck.EventLog(convert(frame), item="item", order="order_id")
    got = frame_kinds.to_pandas(SnapshotBuilder([Basket(), Variety()]).transform(log))
    assert got["items_distinct"].tolist() == [2]
    assert got["items_per_day"].tolist() == [1]
    assert got["orders_per_day"].tolist() == [1.5]


def test_a_log_without_orders_takes_each_line_for_one():
    log = log_by_hand([("a", "2023-01-01", 1.0), ("a", "2023-01-01", 3.0)])
    got = SnapshotBuilder([Basket()]).transform(log).iloc[0]
    assert got["orders_per_day"] == 2
    assert got["spend_per_order"] == 2
    assert "items_per_order" not in got


@pytest.mark.parametrize(
    ("feature", "text"),
    [
        (Variety(), r"Variety\(\) needs the item= column"),
        (Variety("chanel"), "column 'chanel' not found. Did you mean 'channel'"),
        (Mix("channel", ["web", "web"]), r"Mix\(levels=\): \['web', 'web'\] are one column"),
        (Mix("channel", [1, "1"]), r"\[1, '1'\] are one column"),
        (Mix("channel", [1]), "1 is of another kind than the values of 'channel', such as '"),
        (Mix("channel", "web"), r"Mix\(levels=\) must be a list, got 'web'"),
    ],
)
def test_what_has_no_meaning_is_refused(feature, text):
    with pytest.raises(DataError, match=text):
        SnapshotBuilder([feature]).transform(ck.EventLog(shop()), "2023-09-01")


def test_levels_are_written_as_the_column_does():
    frame = log_by_hand([("a", "2023-01-01", 1.0), ("a", "2023-01-02", 1.0)]).data
    log = ck.EventLog(frame.assign(shop=[7, 8]))
    with pytest.raises(DataError, match="'8' is of another kind than the values of 'shop', such"):
        SnapshotBuilder([Mix("shop", ["8"])]).transform(log)
    got = SnapshotBuilder([Mix("shop", np.array([8.0]))]).transform(log)
    assert got["shop_8.0_share"].tolist() == [0.5]


def test_a_level_that_looks_misspelt_is_told():
    with pytest.warns(DataWarning, match="no event has 'Webb' in 'channel'.* mean 'web'"):
        got = table([Mix("channel", ["Webb"])], shop(), "2023-09-10")
    assert not got["channel_Webb_share"].any()
    table([Mix("channel", ["web", "fax"])], shop(), "2023-09-10")  # nobody sends a fax


def test_mixes_are_values():
    assert len({Mix("channel", ["web"]), Mix("channel", ("web",)), Mix("channel")}) == 2


def test_unknown_values_alone_give_no_shares():
    frame = shop().assign(channel=None)
    frame["channel"] = frame["channel"].astype("str").mask(frame["channel"].isna())
    got = table([Mix("channel", ["web"])], frame, "2023-09-10")
    assert got.isna().all().all()
