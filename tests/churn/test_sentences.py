"""Features in words."""

import warnings

import pytest

import crmkit as ck
from crmkit.churn import SnapshotBuilder
from crmkit.churn._sentences import sentence, theme

WORDS = {
    "days_since_last": ["64", "5", "7"],
    "frequency": ["10", "0", "2"],
    "recency": ["120", "0", "missing"],
    "T": ["184", "5", "9"],
    "orders_30d": ["0", "1", "missing"],
    "spend_8w": ["12.5", "0", "0"],
    "days_90d": ["3", "1", "1"],
    "items_7d": ["2", "0", "0"],
    "gap_max": ["9", "missing", "1"],
    "n_orders": ["1", "2", "3"],
    "plan": ["monthly", "missing", "yearly"],
    "trend_days_30d_90d": ["0.5", "missing", "1"],
    "acceleration_days_30d_90d_180d": ["0.5", "missing", "1"],
}


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        ("days_since_last", 0, "last purchase 64 days ago, usually every 12"),
        ("days_since_last", 1, "last purchase 5 days ago"),
        ("days_since_last", 2, "last purchase 7 days ago"),
        ("frequency", 0, "bought again 10 times"),
        ("T", 0, "customer for 184 days"),
        ("orders_30d", 0, "0 orders in the last 30 days"),
        ("orders_30d", 2, "orders of the last 30 days unknown, too new a customer"),
        ("spend_8w", 0, "spend of 12.5 in the last 8 weeks"),
        ("days_90d", 0, "bought on 3 days of the last 90 days"),
        ("items_7d", 0, "2 products in the last 7 days"),
        ("orders_30d", 1, "1 order in the last 30 days"),
        ("n_orders", 0, "1 order so far"),
        ("n_orders", 1, "2 orders so far"),
        ("gap_max", 0, "longest pause 9 days"),
        ("gap_max", 1, "no pause between purchases yet"),
        ("trend_days_30d_90d", 1, "pace of the last 90 days unknown, too new a customer"),
        (
            "acceleration_days_30d_90d_180d",
            1,
            "change of pace of the last 30 days unknown, too new a customer",
        ),
        ("plan", 0, "plan = monthly"),
        ("plan", 1, "plan unknown"),
    ],
)
def test_sentences(name, row, expected):
    assert sentence(name, row, WORDS, "D") == expected


def test_habits_are_in_days_whatever_the_unit():
    words = {**WORDS, "recency": ["20", "0", "0"]}
    assert sentence("days_since_last", 0, words, "W").endswith("usually every 14")
    assert sentence("T", 0, words, "W") == "customer for 184 weeks"


def test_the_mean_gap_is_the_habit_where_it_is_a_feature():
    words = {"days_since_last": ["64", "64"], "gap_mean": ["11.6", "missing"]}
    assert sentence("days_since_last", 0, words, "D").endswith("64 days ago, usually every 12")
    assert sentence("days_since_last", 1, words, "D").endswith("64 days ago")


def test_a_table_of_unknown_meaning_claims_nothing():
    assert sentence("days_since_last", 0, WORDS, "") == "last purchase 64 days ago"
    assert sentence("T", 0, WORDS, "") == "T = 184"
    assert sentence("recency", 0, WORDS, "") == "recency = 120"
    assert sentence("recency", 2, WORDS, "") == "recency unknown"
    assert sentence("gap_max", 1, WORDS, "") == "gap_max unknown"


@pytest.mark.parametrize(
    ("name", "unit", "expected"),
    [
        ("days_since_last", "D", "last purchase 1 day ago"),
        ("days_since_return", "D", "last return 1 day ago"),
        ("T", "D", "customer for 1 day"),
        ("T", "W", "customer for 1 week"),
        ("tenure", "M", "customer for 1 month"),
        ("gap_mean", "D", "buys every 1 day on average"),
    ],
)
def test_one_is_not_many(name, unit, expected):
    assert sentence(name, 0, {name: ["1"]}, unit) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "trend_days_30d_90d",
            "0.5",
            "bought 0.5 times as often in the last 30 days as in the last 90 days",
        ),
        ("acceleration_days_30d_90d_180d", "-0.5", "buying slows down by 0.5 in the last 30 days"),
        ("acceleration_days_30d_90d_180d", "1", "buying speeds up by 1 in the last 30 days"),
        ("purchase_rate", "0.02", "0.02 purchase days per day since the first"),
        ("gap_sd", "12", "pauses differ by 12 days from one to the next"),
        ("centroid", "0.3", "purchases lie on average at a share of 0.3 of the time as a customer"),
    ],
)
def test_features_of_a_log_have_words(name, value, expected):
    assert sentence(name, 0, {name: [value]}, "D") == expected


def test_every_default_feature_of_a_log_is_told_in_words():
    log = ck.EventLog(ck.datasets.make_customers(60, random_state=0).events, item="product_id")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        X = SnapshotBuilder().transform(log)
    names = list(X.columns[1:])
    words = {name: ["2"] for name in names}
    assert [name for name in names if " = " in sentence(name, 0, words, "D")] == []


def test_twins_have_one_theme():
    assert theme("orders_30d") == theme("days_30d") != theme("orders_90d")
    assert theme("n_orders") == theme("frequency")
    assert theme("spend_30d") == "spend_30d"
