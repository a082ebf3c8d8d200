"""Spending and Returns: brute force, digits, what the log lacks."""

import pandas as pd
import pytest

import crmkit as ck
from crmkit.churn import Returns, SnapshotBuilder, Spending
from crmkit.exceptions import DataError
from tests.churn._shop import agrees_with_brute_force, log_by_hand
from tests.oracles import snapshots as brute_force


@pytest.mark.parametrize("returns", ["exclude", "net"])
def test_spending_by_brute_force(returns):
    agrees_with_brute_force([Spending()], brute_force.spending, returns=returns)


@pytest.mark.parametrize("returns", ["exclude", "net"])
def test_returns_by_brute_force(returns):
    agrees_with_brute_force([Returns()], brute_force.returns, returns=returns)


def test_large_like_amounts_keep_their_digits():
    rows = [("a", f"2023-01-{i + 1:02}", 1e9 + i % 2) for i in range(10)]
    got = SnapshotBuilder([Spending()]).transform(log_by_hand(rows))
    assert got["spend_sd"][0] == pytest.approx(pd.Series([0, 1] * 5).std(), rel=1e-9)


def test_returns_are_known_by_the_quantity_too():
    frame = log_by_hand([("a", "2023-01-01", 9.0), ("a", "2023-01-05", 4.0)]).data
    log = ck.EventLog(frame.assign(units=[1, -1]), quantity="units")
    got = SnapshotBuilder([Returns("4D")]).transform(log, "2023-01-08").iloc[0]
    assert got["return_days_4d"] == 1
    assert got["days_since_return"] == 3
    assert (got["returned_amount"], got["returned_share"]) == (4.0, 4 / 9)


@pytest.mark.parametrize("feature", [Spending(), Returns()])
def test_money_needs_a_column(feature):
    log = ck.EventLog(log_by_hand([("a", "2023-01-01", 9.0)]).data, amount=None)
    with pytest.raises(DataError, match="needs the amount="):
        SnapshotBuilder([feature]).transform(log)
