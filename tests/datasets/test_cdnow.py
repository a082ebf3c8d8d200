"""load_cdnow: the counts and totals of the published data."""

import pandas as pd
import pytest

from crmkit import EventLog, summarize
from crmkit.datasets import load_cdnow
from crmkit.datasets._sources import package_folder

if package_folder("lifetimes") is None:
    pytest.skip("lifetimes, which carries CDNOW, is not installed", allow_module_level=True)

COLUMNS = ["customer_id", "timestamp", "quantity", "amount"]


def test_all_customers():
    events = load_cdnow()
    assert events.columns.tolist() == COLUMNS
    assert len(events) == 69_659
    assert events["customer_id"].nunique() == 23_570
    assert round(events["amount"].sum(), 2) == 2_500_315.63
    assert (events["amount"] == 0).sum() == 80
    assert events.duplicated().sum() == 255
    assert not events.isna().any(axis=None)


def test_first_rows_and_span():
    events = load_cdnow()
    assert events.iloc[1].tolist() == ["00002", pd.Timestamp("1997-01-12"), 1, 12.0]
    assert events["timestamp"].min() == pd.Timestamp("1997-01-01")
    assert events["timestamp"].max() == pd.Timestamp("1998-06-30")
    first = events.groupby("customer_id")["timestamp"].min()
    assert first.max() == pd.Timestamp("1997-03-25")


def test_dtypes():
    events = load_cdnow(sample=True)
    assert pd.api.types.is_string_dtype(events["customer_id"])
    assert events["customer_id"].str.len().unique().tolist() == [5]
    assert events["timestamp"].dtype == "datetime64[us]"
    assert (events["quantity"].dtype, events["amount"].dtype) == ("int64", "float64")


def test_the_sample_is_a_part_of_the_whole():
    sample, events = load_cdnow(sample=True), load_cdnow()
    assert sample.shape == (6_919, 4)
    assert sample["customer_id"].nunique() == 2_357
    same = events[events["customer_id"].isin(sample["customer_id"].unique())]
    pd.testing.assert_frame_equal(
        same.sort_values(COLUMNS, ignore_index=True),
        sample.sort_values(COLUMNS, ignore_index=True),
    )


def test_changing_one_copy_leaves_the_next_alone():
    events = load_cdnow(sample=True)
    events["amount"] = 0.0
    assert load_cdnow(sample=True)["amount"].sum() > 0


def test_the_front_door_takes_it_as_it_is():
    customers = summarize(EventLog(load_cdnow(sample=True)), as_of="1997-10-01", unit="W")
    assert len(customers) == 2_357
    assert round(customers["T"].max(), 3) == 38.857
    assert (customers["frequency"] > 0).sum() == 946
