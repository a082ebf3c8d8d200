"""What is unlike the past: days by hand, false alarms, shares, words."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.pipelines._daily_watch import (
    days_of,
    in_words,
    judged,
    new_share,
    share_by_chance,
    shares_of,
    shifted_shares,
    spread,
    told,
    unusual_days,
)

EPOCH = pd.Timestamp("1970-01-01")


def day_number(text):
    return (pd.Timestamp(text) - EPOCH).days


def shop(n_days=90, per_day=60, seed=0, weekend=0.5):
    """Lines of a shop that sells less at weekends, of 40 items and 400 customers."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2024-01-01")
    parts = []
    for day in range(n_days):
        rate = per_day * (weekend if day % 7 >= 5 else 1.0)
        n = rng.poisson(rate)
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": rng.integers(0, 400, n),
                    "timestamp": start
                    + pd.Timedelta(days=day)
                    + pd.to_timedelta(rng.integers(0, 86_400, n), "s"),
                    "amount": np.round(rng.gamma(4.0, 5.0, n), 2),
                    "item": rng.integers(0, 40, n),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def alarms(frame, begin, end, length=56):
    log = ck.EventLog(frame, item="item")
    days = days_of(log, day_number(end))
    rows = unusual_days(days, day_number(begin), day_number(end), length)
    return [row for row in rows if row[-1]]


def test_numbers_of_days_by_hand():
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "b", "a", "c", "a"],
            "timestamp": pd.to_datetime(
                [
                    "2024-01-01 00:00",
                    "2024-01-01 23:59",
                    "2024-01-03 05:00",
                    "2024-01-03 06:00",
                    "2024-01-04 00:00",
                ]
            ),
            "amount": [10.0, 20.0, -5.0, 7.0, 99.0],
            "item": pd.array([1, 2, 1, None, 8], dtype="Int64"),
        }
    )
    days = days_of(ck.EventLog(frame, item="item"), day_number("2024-01-04"))
    assert days.first == day_number("2024-01-01")
    found = {name: numbers.tolist() for name, numbers in days.numbers.items()}
    assert found["events"] == [2.0, 0.0, 2.0]
    assert found["customers"] == [2.0, 0.0, 2.0]
    assert found["share of new customers"] == pytest.approx([1.0, np.nan, 0.5], nan_ok=True)
    assert found["mean amount"] == pytest.approx([15.0, np.nan, 7.0], nan_ok=True)
    assert found["share of returns"] == pytest.approx([0.0, np.nan, 0.5], nan_ok=True)
    assert found["share of unknown items"] == pytest.approx([1.0, np.nan, 0.5], nan_ok=True)


def test_nothing_before_the_day_is_nothing_to_compare():
    frame = shop(n_days=2)
    log = ck.EventLog(frame, item="item")
    days = days_of(log, day_number("2024-01-01"))
    assert days.numbers["events"].tolist() == []
    assert not list(unusual_days(days, day_number("2023-12-31"), day_number("2024-01-01"), 56))


def test_new_customers_by_hand():
    place, customer = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 2, 0])
    found = new_share(place, customer, 3, np.array([2.0, 2.0, 1.0]))
    assert found.tolist() == [1.0, 0.5, 0.0]


def test_a_usual_month_raises_next_to_no_alarm():
    n = 0
    for seed in range(4):
        n += len(alarms(shop(seed=seed), "2024-03-01", "2024-03-31"))
    assert n <= 2  # of 4 shops, 30 days each, six numbers a day


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        ("events", lambda f, day: f[~day | (np.arange(len(f)) % 5 == 0)]),
        ("events", lambda f, day: pd.concat([f, f[day], f[day]])),
        ("mean amount", lambda f, day: f.assign(amount=f["amount"].where(~day, f["amount"] * 100))),
        ("share of returns", lambda f, day: f.assign(amount=f["amount"].where(~day, -1.0))),
        ("share of new customers", lambda f, day: f.assign(
            customer_id=f["customer_id"] + 1000 * day)),
        ("share of unknown items", lambda f, day: f.assign(item=f["item"] + 500 * day)),
    ],
)  # fmt: skip
def test_a_broken_day_is_found(what, spoil):
    frame = shop()
    day = (frame["timestamp"] >= "2024-03-20") & (frame["timestamp"] < "2024-03-21")
    found = alarms(spoil(frame, day), "2024-03-20", "2024-03-21")
    assert what in {row[0] for row in found}
    assert {row[1] for row in found} == {"2024-03-20"}


def test_a_day_without_events_is_found_but_not_where_that_is_usual():
    frame = shop(weekend=0.0)
    assert not alarms(frame, "2024-03-17", "2024-03-18")  # a Sunday, always closed
    monday = frame[frame["timestamp"].dt.floor("D") != "2024-03-18"]
    assert [row[0] for row in alarms(monday, "2024-03-18", "2024-03-19")] == ["events", "customers"]


def test_weekdays_are_compared_with_their_own():
    frame = shop(weekend=0.1, per_day=200)
    assert not alarms(frame, "2024-03-16", "2024-03-18")
    full = frame.copy()
    extra = shop(n_days=90, per_day=180, seed=9, weekend=1.0)
    sunday = extra[extra["timestamp"].dt.floor("D") == "2024-03-17"]
    found = alarms(pd.concat([full, sunday]), "2024-03-17", "2024-03-18")
    assert "events" in {row[0] for row in found}


def test_a_young_log_is_not_judged():
    assert not alarms(shop(n_days=6), "2024-01-05", "2024-01-06")


def test_limits_by_hand():
    usual = np.array([64.0, 74.0, 54.0, 64.0, 69.0, 59.0, 64.0, 64.0])
    middle, limit, alarm = judged("events", 30.0, usual, (usual, 30.0), differ=0.05)
    assert (middle, alarm) == (64.0, True)
    assert limit == pytest.approx(np.exp(4 * 0.125))  # 64 events: an eighth by chance
    assert not judged("events", 45.0, usual, (usual, 45.0), differ=0.05)[-1]
    assert not judged("events", 30.0, usual, (usual, 30.0), differ=0.3)[-1]  # days differ so much
    share = judged("share of returns", 0.5, np.full(8, 0.02), (np.full(8, 200.0), 200.0), 0.0)
    assert share == (pytest.approx(0.02), pytest.approx(0.1), True)


def test_a_mean_of_few_lines_may_be_far_off():
    usual, lines = np.full(8, 20.0), np.full(8, 64.0)
    many, few = (judged("mean amount", 60.0, usual, (lines, n), 0.1)[1] for n in (64.0, 4.0))
    assert (many, few) == (pytest.approx(np.exp(4 * 0.125)), pytest.approx(np.exp(4 * 0.5)))


def test_what_chance_adds_to_a_share_by_hand():
    usual, sizes = np.array([0.0, 0.5, np.nan, 0.1]), np.array([10.0, 2.0, 0.0, 30.0])
    share, up = share_by_chance(usual, sizes, 3.0, is_more=True)
    assert share == pytest.approx((0.5 * 2 + 0.1 * 10) / 22)  # 30 lines count as 10, the middle
    assert up == pytest.approx(1.0 - share)  # three of three happens
    assert share_by_chance(np.zeros(8), np.full(8, 500.0), 500.0, is_more=True)[1] < 0.02
    assert share_by_chance(np.ones(8), np.full(8, 500.0), 500.0, is_more=False)[1] < 0.02


def test_days_are_spread_beside_their_own_weekday():
    week = np.arange(56) % 7
    values = np.where(week == 6, 0.0, 5.0)
    assert spread(values, week) == 0.0
    noise = np.random.default_rng(0).normal(0.0, 0.2, 56)
    assert spread(values + noise, week) == pytest.approx(0.2, rel=0.3)
    assert spread(values + noise, np.zeros(56)) > 0.2
    assert spread(np.array([1.0, np.nan]), np.arange(2)) == 0.0


@pytest.mark.parametrize("per_day", [3, 20])
def test_a_small_shop_is_not_rung_up_by_a_return_or_two(per_day):
    rng = np.random.default_rng(per_day)
    frame = shop(n_days=260, per_day=per_day, weekend=1.0)
    frame.loc[rng.random(len(frame)) < 0.04, "amount"] *= -1
    found = alarms(frame, "2024-03-01", "2024-09-01")
    assert len(found) <= 3  # of 184 nights with six numbers each


def test_shares_of_kinds_and_their_shift():
    table = pd.DataFrame({"segment": ["a", "a", "b"], "tier": ["x", "y", "y"], "clv": [1, 2, 3]})
    assert shares_of(table) == {"segment": {"a": 2, "b": 1}, "tier": {"y": 2, "x": 1}}
    same = list(shifted_shares({"tier": {"x": 500, "y": 500}}, {"tier": {"x": 510, "y": 490}},
                               "the fit", 0.1))  # fmt: skip
    assert [(row[0], row[-1]) for row in same] == [("shares of tier", False)]
    other = list(shifted_shares({"tier": {"x": 900, "z": 100}, "new": {}}, {"tier": {"y": 1000}},
                                "the fit", 0.1))  # fmt: skip
    assert [(row[0], row[-1]) for row in other] == [("shares of tier", True)]
    assert in_words(other[0]).startswith("shares of tier have shifted since the fit: stability")


def test_chance_moves_the_shares_of_few_customers():
    few = list(shifted_shares({"tier": {"x": 6, "y": 4}}, {"tier": {"x": 4, "y": 6}}, "it", 0.1))
    assert not few[0][-1]


def test_words():
    assert in_words(("events", "2024-01-01", 31.0, 2.0, 1.5, True)) == (
        "2024-01-01: 2 events, usually 31."
    )
    assert in_words(("mean amount", "2024-01-01", 31.0, 2.5, 1.5, True)) == (
        "2024-01-01: mean amount 2.50, usually 31.00."
    )
    assert in_words(("share of returns", "2024-01-01", 0.1, 0.5, 0.1, True)) == (
        "2024-01-01: share of returns 50%, usually 10%."
    )
    empty = told([])
    assert empty.columns.tolist() == ["what", "day", "usual", "now", "limit", "alarm"]
