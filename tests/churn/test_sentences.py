"""Features in words."""

import pytest

from crmkit.churn._sentences import sentence

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
}


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        ("days_since_last", 0, "last purchase 64 days ago, usually every 12"),
        ("days_since_last", 1, "last purchase 5 days ago"),
        ("days_since_last", 2, "last purchase 7 days ago"),
        ("frequency", 0, "bought again 10 times"),
        ("T", 0, "first purchase 184 days ago"),
        ("orders_30d", 0, "0 orders in the last 30 days"),
        ("orders_30d", 2, "orders of the last 30 days unknown, too new a customer"),
        ("spend_8w", 0, "spend of 12.5 in the last 8 weeks"),
        ("days_90d", 0, "bought on 3 of the last 90 days"),
        ("items_7d", 0, "2 products in the last 7 days"),
        ("orders_30d", 1, "1 order in the last 30 days"),
        ("n_orders", 0, "1 order so far"),
        ("n_orders", 1, "2 orders so far"),
        ("gap_max", 0, "longest pause 9 days"),
        ("gap_max", 1, "no pause between purchases yet"),
        ("plan", 0, "plan = monthly"),
        ("plan", 1, "plan unknown"),
    ],
)
def test_sentences(name, row, expected):
    assert sentence(name, row, WORDS, "D") == expected


def test_habits_are_in_days_whatever_the_unit():
    words = {**WORDS, "recency": ["20", "0", "0"]}
    assert sentence("days_since_last", 0, words, "W").endswith("usually every 14")
    assert sentence("T", 0, words, "W") == "first purchase 184 weeks ago"


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
        ("T", "D", "first purchase 1 day ago"),
        ("T", "W", "first purchase 1 week ago"),
        ("tenure", "M", "customer for 1 month"),
        ("gap_mean", "D", "buys every 1 day on average"),
    ],
)
def test_one_is_not_many(name, unit, expected):
    assert sentence(name, 0, {name: ["1"]}, unit) == expected
