"""LeaveLastBasketOut: against sets, ties, returns, texts."""

import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.model_selection import LeaveLastBasketOut
from tests.contracts.frame_kinds import to_pandas
from tests.model_selection._purchases import (
    check_any_split,
    events,
    log_of,
    pair_set,
    purchases,
)


@pytest.mark.parametrize("basket", ["day", "order"])
def test_what_holds_of_every_splitter(basket):
    check_any_split(LeaveLastBasketOut(basket=basket))


@pytest.mark.parametrize("mode", ["new", "repeat", "all"])
@pytest.mark.parametrize("basket", ["day", "order"])
def test_sets_agree(basket, mode):
    (split,) = LeaveLastBasketOut(basket, mode).split(log_of(events()))
    frame = purchases(events())
    held = []
    for _, own in frame.groupby("customer_id"):
        code = own["timestamp"].dt.normalize() if basket == "day" else own["order_id"]
        ends = own.groupby(code)["timestamp"].max()
        if len(ends) > 1:
            last = max((end, name) for name, end in ends.items())[1]
            held.append(own[code == last])
    held = pd.concat(held)
    rest = frame.drop(held.index)
    seen, later = pair_set(rest), pair_set(held)
    items = {item for _, item in seen}
    wanted = {"new": later - seen, "repeat": later & seen, "all": later}[mode]
    assert pair_set(split.relevant) == {(c, i) for c, i in wanted if i in items}
    assert pair_set(purchases(to_pandas(split.known.data))) == seen
    assert split.as_of == pd.Timestamp("2024-04-30")


def small(rows, **more):
    frame = pd.DataFrame(
        rows, columns=["customer_id", "timestamp", "order_id", "item_id", "amount"]
    )
    frame["timestamp"] = pd.to_datetime(frame["timestamp"])
    return EventLog(frame, order="order_id", item="item_id", **more)


def test_orders_of_one_instant_tie_by_their_id():
    rows = [
        ("a", "2024-01-02T10:00", 10, "x", 1.0),
        ("a", "2024-01-02T10:00", 9, "y", 1.0),
        ("b", "2024-01-01T10:00", 8, "y", 1.0),
        ("b", "2024-01-01T09:00", 11, "x", 1.0),
    ]
    for order in (rows, rows[::-1]):
        (split,) = LeaveLastBasketOut("order").split(small(order))
        assert pair_set(split.relevant) == {("a", "x"), ("b", "y")}
    (split,) = LeaveLastBasketOut("day").split(small(rows))
    assert len(split.customers) == 0  # one day each


def test_customers_with_one_basket_stay_known():
    rows = [
        ("a", "2024-01-01", 1, "x", 1.0),
        ("b", "2024-01-01", 2, "y", 1.0),
        ("b", "2024-01-02", 3, "x", 1.0),
    ]
    (split,) = LeaveLastBasketOut().split(small(rows))
    assert pair_set(split.relevant) == {("b", "x")}
    assert pair_set(split.known.data) == {("a", "x"), ("b", "y")}
    assert split.n_left_aside == 0


def test_returns_of_the_basket_are_not_known():
    rows = [
        ("a", "2024-01-01", 1, "x", 9.0),
        ("a", "2024-01-02", 2, "x", -9.0),
        ("a", "2024-01-05", 3, "y", 9.0),
        ("a", "2024-01-09", 4, "y", -9.0),
        ("b", "2024-01-01", 5, "y", 9.0),
    ]
    (split,) = LeaveLastBasketOut(mode="all").split(small(rows))
    assert split.known.data["order_id"].tolist() == [1, 2, 5]
    assert pair_set(split.relevant) == {("a", "y")}


def test_short_histories_are_counted():
    (split,) = LeaveLastBasketOut(min_history=10).split(log_of(events()))
    (whole,) = LeaveLastBasketOut().split(log_of(events()))
    assert split.n_left_aside > 0
    assert set(split.customers) < set(whole.customers)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"basket": "week"}, "basket must be one of"),
        ({"mode": "both"}, "mode must be one of"),
        ({"min_history": 0}, "min_history must be a whole number of at least 1"),
    ],
)
def test_faults_are_told(asked, text):
    with pytest.raises(DataError, match=text):
        next(LeaveLastBasketOut(**asked).split(log_of(events())))


def test_orders_are_needed_for_baskets_of_orders():
    log = EventLog(events(), item="item_id")
    with pytest.raises(DataError, match="basket='order' needs the column of order ids"):
        next(LeaveLastBasketOut("order").split(log))


def test_orders_may_be_text_and_lack_ids():
    frame = events()
    frame["order_id"] = ("o" + frame["order_id"].astype(str)).where(frame.index % 9 > 0)
    (split,) = LeaveLastBasketOut("order").split(log_of(frame))
    assert len(split.customers) > 10
