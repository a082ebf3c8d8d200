"""Active: who is looked at, by hand."""

import pytest

import crmkit as ck
from crmkit.churn import RFM, Active, SnapshotBuilder
from crmkit.exceptions import DataError
from tests.churn._shop import log_by_hand

ROWS = [
    ("a", "2023-01-01", 10.0),
    ("b", "2023-01-01", 10.0),
    ("b", "2023-03-02", 10.0),
    ("c", "2023-03-31", 10.0),
    ("d", "2023-04-01", 10.0),
    ("e", "2023-03-01", -10.0),
    ("e", "2023-01-05", 10.0),
]


def looked_at(log, population, cutoff="2023-04-01", unit="D"):
    got = SnapshotBuilder([RFM()], population=population, unit=unit).transform(log, cutoff)
    return "".join(got["customer_id"])


def test_within_and_orders():
    log = log_by_hand(ROWS)
    assert looked_at(log, Active(None)) == "abce"
    assert looked_at(log, Active("30D")) == "bc"
    assert looked_at(log, Active("29D")) == "c"
    assert looked_at(log, Active(None, min_orders=2)) == "b"
    assert looked_at(log, Active(1), unit="W") == "c"


def test_a_return_keeps_nobody_active():
    assert "e" not in looked_at(log_by_hand(ROWS), Active("60D"))


def test_whose_only_order_was_cancelled_is_not_looked_at_under_net():
    log = log_by_hand(ROWS, returns="net")
    assert looked_at(log, Active(None)) == "abc"
    assert looked_at(log, Active(None), "2023-03-01") == "abe"
    assert looked_at(log, Active(None), "2023-03-02") == "ab"


def test_an_earlier_order_that_was_kept_keeps_active_under_net():
    """The rule of returns as it is stated: only the order of March was taken back."""
    rows = [("a", "2023-01-01", 10.0), ("a", "2023-03-20", 5.0), ("a", "2023-03-21", -5.0)]
    assert looked_at(log_by_hand(rows, returns="net"), Active("30D")) == "a"


def test_a_free_order_is_an_order_under_net():
    log = log_by_hand([("a", "2023-01-01", 0.0), ("b", "2023-01-01", -1.0)], returns="net")
    assert looked_at(log, Active(None), None) == "a"


def test_text():
    assert Active().text == "active within 180D"
    assert Active(None, 3).text == "all who have bought, at least 3 orders"


@pytest.mark.parametrize(
    ("population", "text"),
    [
        (Active("0D"), r"Active\(within=\)='0D' must be a whole number of days, at least 1"),
        (Active("long"), r"Active\(within=\) must be a finite number"),
        (Active(min_orders=0), r"Active\(min_orders=\) must be a whole number of at least 1"),
    ],
)
def test_what_has_no_meaning_is_refused(population, text):
    with pytest.raises(DataError, match=text):
        SnapshotBuilder(population=population).transform(ck.EventLog(log_by_hand(ROWS).data))
