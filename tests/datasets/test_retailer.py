"""make_customers: joins, exact sums, independence of its switches, the front door, texts."""

import dataclasses
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import EventLog, summarize
from crmkit.datasets import RetailerTruth, SyntheticRetailer, make_customers
from crmkit.exceptions import DataError

FRAMES = ("events", "products", "records")
TRUTHS = ("customers", "people", "records", "products", "orders")


@pytest.fixture(scope="module")
def shop():
    return make_customers(1_500, random_state=0, returns=0.1, duplicates=0.3)


def assert_equal_shops(one, other, but=()):
    for name in FRAMES:
        if name not in but:
            pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    for name in TRUTHS:
        if f"truth.{name}" not in but:
            left, right = getattr(one.truth, name), getattr(other.truth, name)
            pd.testing.assert_frame_equal(left, right)


def check_whole(shop, n, days, start="2023-01-01"):
    """Everything that must hold of any retailer."""
    events, truth, begin = shop.events, shop.truth, pd.Timestamp(start)
    end = begin + pd.Timedelta(days=days)
    assert events["timestamp"].between(begin, end, inclusive="left").all()
    assert events["timestamp"].is_monotonic_increasing
    assert set(events["customer_id"]) == set(truth.customers["customer_id"])
    assert len(truth.customers) == len(truth.people) == n
    assert set(shop.records["record_id"]) == set(truth.records["record_id"])
    assert shop.records["record_id"].is_unique
    assert set(truth.records["customer_id"]) == set(truth.people["customer_id"])
    assert shop.products["product_id"].tolist() == truth.products["product_id"].tolist()
    launched = shop.products.set_index("product_id")["launched"]
    assert (events["timestamp"] >= events["product_id"].map(launched)).all()
    owner = truth.records.set_index("record_id")["customer_id"]
    assert (events["record_id"].map(owner) == events["customer_id"]).all()
    cents = (100 * events["amount"]).round().groupby(events["order_id"]).sum()
    orders = truth.orders.set_index("order_id")
    assert orders.index.is_unique
    assert (100 * orders["amount"]).round().sort_index().tolist() == cents.tolist()
    assert not events.isna().any(axis=None)


def check_returns(shop):
    orders = shop.truth.orders
    back = orders[orders["return_of"].notna()]
    bought = orders[orders["return_of"].isna()].set_index("order_id")
    source = bought.loc[back["return_of"]]
    assert (source["amount"].to_numpy() == -back["amount"].to_numpy()).all()
    assert (source["customer_id"].to_numpy() == back["customer_id"].to_numpy()).all()
    wait = back["timestamp"].to_numpy() - source["timestamp"].to_numpy()
    assert (wait > np.timedelta64(86_398, "s")).all()
    assert (wait < np.timedelta64(31, "D")).all()
    assert back["return_of"].is_unique
    assert (bought["amount"] > 0).all()
    return len(back) / len(bought)


def test_all_of_it_fits_together(shop):
    check_whole(shop, 1_500, 730)


def test_returns_bring_back_real_orders(shop):
    share = check_returns(shop)
    assert 0.085 < share < 0.105  # a tenth, less those after the end
    negative = shop.events["amount"] < 0
    assert ((shop.events["quantity"] < 0) == negative).all()
    assert (shop.events["order_id"].str.startswith("R") == negative).all()


def test_truth_of_the_customers_agrees_with_the_events(shop):
    bought = shop.events[shop.events["amount"] > 0].groupby("customer_id")
    truth = shop.truth.customers.set_index("customer_id")
    assert (bought["timestamp"].min() == truth["first_purchase"]).all()
    assert (bought["order_id"].nunique() == truth["n_orders"]).all()
    gone = truth[~truth["alive"]]
    assert (bought["timestamp"].max()[gone.index] <= gone["dropout_time"]).all()
    assert truth["dropout_time"].isna().equals(truth["alive"])
    assert 0.3 < truth["alive"].mean() < 0.8


def test_customers_like_their_own_cluster(shop):
    events = shop.events.merge(shop.truth.customers[["customer_id", "cluster", "channel"]],
                               on="customer_id", suffixes=("", "_usual"))  # fmt: skip
    events = events.merge(shop.truth.products[["product_id", "cluster"]],
                          on="product_id", suffixes=("", "_item"))  # fmt: skip
    assert (events["cluster"] == events["cluster_item"]).mean() > 0.4
    usual = events["channel"] == events["channel_usual"]
    assert 0.8 < usual.mean() < 0.95


def test_items_are_bought_again(shop):
    def again(loyalty):
        made = make_customers(
            300, random_state=1, parameters={"loyalty": loyalty}, n_products=5_000
        )
        lines = made.events[made.events["amount"] > 0]
        return lines.duplicated(["customer_id", "product_id"]).mean()

    assert again(0.0) < 0.1
    assert 0.3 < again(0.35) < 0.45


def test_same_seed_same_bits(shop):
    assert_equal_shops(shop, make_customers(1_500, random_state=0, returns=0.1, duplicates=0.3))


def test_another_seed_is_another_shop():
    one, other = (make_customers(50, random_state=seed) for seed in (1, 2))
    assert not one.events.equals(other.events)
    assert not make_customers(50).events.equals(make_customers(50).events)


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_generators_are_seeds_too(make):
    assert_equal_shops(*(make_customers(30, random_state=make(3)) for _ in range(2)))


def test_the_language_changes_only_words():
    one, other = (make_customers(100, random_state=5, language=x) for x in ("en", "zh"))
    words = ("products", "records", "truth.people", "truth.records")
    assert_equal_shops(one, other, but=(*words, "events"))
    same = ["customer_id", "timestamp", "order_id", "product_id", "quantity", "amount", "channel"]
    pd.testing.assert_frame_equal(one.events[same], other.events[same])
    assert other.records["last_name"].str.match("[\u4e00-\u9fff ]").all()


def test_duplicates_change_only_records():
    few, many = (make_customers(100, random_state=5, duplicates=x) for x in (0.0, 1.0))
    records = ("records", "truth.people", "truth.records", "events")
    assert_equal_shops(few, many, but=records)
    columns = few.events.columns.drop("record_id")
    pd.testing.assert_frame_equal(few.events[columns], many.events[columns])
    assert (len(few.records), len(many.records)) == (100, 200)


def test_returns_change_only_returns():
    none, some = (make_customers(100, random_state=5, returns=x) for x in (0.0, 0.5))
    assert_equal_shops(none, some, but=("events", "truth.orders"))
    bought = some.events[some.events["amount"] > 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(none.events, bought)


@pytest.mark.parametrize("duplicates", [0.0, 0.25, 1.5])
def test_the_number_of_records_is_exact(duplicates):
    made = make_customers(40, duplicates=duplicates, random_state=0)
    assert len(made.records) == 40 + round(duplicates * 40)
    assert made.truth.records["first"].sum() == 40


def test_parameters_are_told_and_used():
    made = make_customers(
        20, process="bg_nbd", parameters={"r": 2, "a": 0.5}, days=100, random_state=0
    )
    numbers = made.truth.parameters
    assert (numbers["r"], numbers["a"], numbers["alpha"], numbers["b"]) == (2.0, 0.5, 20.0, 4.0)
    assert (numbers["days"], numbers["acquisition_days"], numbers["returns"]) == (100, 50, 0.03)
    assert "dropout_probability" in made.truth.customers
    assert "dropout_rate" in make_customers(20, random_state=0).truth.customers


def test_regularity_is_known_of_each_customer():
    made = make_customers(400, regularity={1: 0.5, 5: 0.5}, acquisition_days=0, random_state=0)
    truth = made.truth.customers
    assert set(truth["regularity"]) == {1, 5}
    by_k = truth.groupby("regularity")
    assert by_k["n_orders"].mean()[1] > 2 * by_k["n_orders"].mean()[5]
    assert by_k["purchase_rate"].mean()[1] > 3 * by_k["purchase_rate"].mean()[5]


def test_all_can_start_at_once():
    made = make_customers(50, acquisition_days=0, random_state=0, start="2020-02-28 06:00")
    first = made.truth.customers["first_purchase"]
    assert (first == pd.Timestamp("2020-02-28 06:00")).all()
    check_whole(made, 50, 730, "2020-02-28 06:00")


def test_the_front_door_takes_the_events(shop):
    log = EventLog(shop.events, order="order_id", item="product_id")
    customers = summarize(log, as_of="2025-01-01", unit="D")
    truth = shop.truth.customers.set_index("customer_id")
    customers = customers.set_index("customer_id")
    bought = shop.events[shop.events["amount"] > 0]
    days = bought.groupby("customer_id")["timestamp"].agg(lambda x: x.dt.normalize().nunique())
    assert (customers["frequency"] == days - 1).all()
    assert (customers["n_orders"] == truth["n_orders"]).all()
    assert (customers["first_purchase"] == truth["first_purchase"]).all()


@settings(max_examples=40)
@given(
    n=st.integers(1, 25),
    days=st.floats(0.5, 400),
    process=st.sampled_from(["pareto_nbd", "bg_nbd", "mbg_nbd"]),
    regularity=st.sampled_from([1, 3]),
    n_products=st.integers(1, 40),
    n_clusters=st.integers(1, 9),
    seasonality=st.floats(0, 1),
    returns=st.floats(0, 1),
    duplicates=st.floats(0, 3),
    language=st.sampled_from(["en", "zh"]),
    random_state=st.integers(0, 10**9),
)
def test_any_retailer_fits_together(n, days, **switches):
    made = make_customers(n, days=days, **switches)
    check_whole(made, n, days)
    check_returns(made)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"n": 0}, "n must be a whole number of at least 1, got 0"),
        ({"n": 2.5}, r"n must be a whole number of at least 1, got 2\.5"),
        ({"days": -1}, "days must be a finite number above 0, got -1"),
        ({"days": 0}, "days must be a finite number above 0, got 0"),
        (
            {"days": 30, "acquisition_days": 31},
            r"acquisition_days must be at most days \(30\), got",
        ),
        ({"acquisition_days": -1}, "acquisition_days must be a finite number of at least 0"),
        ({"n_products": 0}, "n_products must be a whole number"),
        ({"n_clusters": 0}, "n_clusters must be a whole number"),
        ({"seasonality": 1.1}, r"seasonality must be at most 1, got 1\.1"),
        ({"returns": -0.1}, r"returns must be a finite number of at least 0\.0, got -0\.1"),
        ({"duplicates": 11}, "duplicates must be at most 10, got 11"),
        ({"language": "fr"}, r"language must be one of \['en', 'zh'\], got 'fr'"),
        ({"process": "nbd"}, r"process must be one of .*got 'nbd'"),
        ({"start": "soon"}, "start must be a date, got 'soon'"),
        ({"start": "2023-01-01T00:00Z"}, "start must be a date without time zone, got '2023-"),
        ({"start": None}, "start must be a date without time zone, got None"),
        ({"random_state": "x"}, "random_state must be a whole number"),
        ({"parameters": {"alfa": 1}}, r"unknown parameter 'alfa'.*Did you mean 'alpha'\?"),
    ],
)
def test_wrong_input_is_told(change, text):
    with pytest.raises(DataError, match=f"make_customers: {text}"):
        make_customers(**change)


def test_results_are_frozen_and_short_to_look_at(shop):
    assert isinstance(shop, SyntheticRetailer)
    assert isinstance(shop.truth, RetailerTruth)
    with pytest.raises(dataclasses.FrozenInstanceError):
        shop.events = None
    assert repr(shop).startswith("<SyntheticRetailer with events: ")
    assert "customers: 1,500 rows, people: 1,500 rows" in repr(shop.truth)
    assert shop.description == (
        "1,500 made-up customers who buy as in pareto_nbd, 730 days from 2023-01-01."
    )


def test_a_large_shop_is_made_in_seconds():
    begin = time.process_time()
    made = make_customers(8_000, random_state=0)
    assert len(made.events) > 150_000
    assert time.process_time() - begin < 10
