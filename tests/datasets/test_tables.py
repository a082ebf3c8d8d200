"""Codes and days into frames: ids, instants, orders and returns by hand."""

import numpy as np
import pandas as pd

from crmkit.datasets._baskets import Lines
from crmkit.datasets._purchases import Orders
from crmkit.datasets._tables import (
    Bookings,
    Ids,
    events_frame,
    instants,
    numbered,
    order_ids,
    orders_frame,
    text,
)

START = pd.Timestamp("2024-02-28").as_unit("us")

# customer 0 buys on days 0.5 and 3, customer 1 on day 1; the order of day 1 comes back on day 2
ORDERS = Orders(np.array([0, 0, 1]), np.array([0.5, 3.0, 1.0]), np.full(2, np.nan))
LINES = Lines(
    order=np.array([0, 1, 2, 2]),
    product=np.array([1, 0, 0, 1]),
    quantity=np.array([1, 2, 1, 3]),
    cents=np.array([999, 1250, 10, 20]),
)
BOOKINGS = Bookings(
    record=np.array([0, 2, 1]),
    channel=np.array([0, 1, 2]),
    returned=np.array([2]),
    returned_day=np.array([2.0]),
)
IDS = Ids(
    customer=numbered("C", np.array([1, 2]), 6),
    product=numbered("P", np.array([1, 2]), 5),
    record=numbered("K", np.array([3, 1, 2]), 6),
    order=order_ids(ORDERS, BOOKINGS),
)


def test_ids():
    assert IDS.customer.tolist() == ["C000001", "C000002"]
    assert numbered("C", np.array([1_234_567]), 6).tolist() == ["C1234567"]
    assert IDS.order.tolist() == ["O0000001", "O0000003", "O0000002", "R0000002"]


def test_instants_round_down_and_keep_what_is_unknown():
    got = pd.Series(instants(START, np.array([0.0, 1.0 - 1e-9, 1.5, np.nan])))
    expected = ["2024-02-28", "2024-02-28 23:59:59", "2024-02-29 12:00", None]
    assert got.tolist() == pd.to_datetime(pd.Series(expected), format="mixed").tolist()
    assert got.dtype == "datetime64[us]"


def test_events_by_hand():
    events = events_frame(IDS, ORDERS, LINES, BOOKINGS, START)
    rows = [
        ("C000001", "2024-02-28 12:00", "O0000001", "P00002", 1, 9.99, "web", "K000003"),
        ("C000002", "2024-02-29 00:00", "O0000002", "P00001", 1, 0.1, "store", "K000001"),
        ("C000002", "2024-02-29 00:00", "O0000002", "P00002", 3, 0.2, "store", "K000001"),
        ("C000002", "2024-03-01 00:00", "R0000002", "P00001", -1, -0.1, "store", "K000001"),
        ("C000002", "2024-03-01 00:00", "R0000002", "P00002", -3, -0.2, "store", "K000001"),
        ("C000001", "2024-03-02 00:00", "O0000003", "P00001", 2, 12.5, "app", "K000002"),
    ]
    assert [tuple(row) for row in events.assign(
        timestamp=events["timestamp"].dt.strftime("%Y-%m-%d %H:%M")
    ).to_numpy()] == rows  # fmt: skip


def test_orders_by_hand():
    orders = orders_frame(IDS, ORDERS, LINES, BOOKINGS, START)
    assert orders["order_id"].tolist() == ["O0000001", "O0000002", "R0000002", "O0000003"]
    assert orders["amount"].tolist() == [9.99, 0.3, -0.3, 12.5]
    assert orders["return_of"].isna().tolist() == [True, True, False, True]
    assert orders["return_of"][2] == "O0000002"


def test_text_keeps_what_is_missing():
    column = text(np.array(["a", None, "b"], dtype=object))
    assert column.isna().tolist() == [False, True, False]
    assert column[2] == "b"
