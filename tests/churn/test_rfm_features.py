"""RFM: brute force, and the same columns as `summarize` gives."""

import numpy as np
import pytest

import crmkit as ck
from crmkit.churn import RFM, SnapshotBuilder
from tests.churn._shop import (
    CUTS,
    EVERYBODY,
    PQS,
    agrees_with_brute_force,
    log_by_hand,
    log_of,
    shop,
)
from tests.oracles import snapshots as brute_force


@pytest.mark.parametrize("returns", ["exclude", "net"])
def test_brute_force(returns):
    agrees_with_brute_force([RFM()], brute_force.rfm, returns=returns)


@pytest.mark.parametrize("unit", ["D", "W"])
@pytest.mark.parametrize("returns", ["exclude", "net"])
def test_the_columns_are_those_of_summarize(unit, returns):
    log = log_of(shop(), returns=returns)
    for cutoff in CUTS:
        got = SnapshotBuilder([RFM()], population=EVERYBODY, unit=unit).transform(log, cutoff)
        expected = ck.summarize(log, cutoff, unit).set_index("customer_id")
        expected = expected.loc[got["customer_id"]]
        if returns == "exclude":
            assert (
                len(expected)
                == log.data.loc[
                    (log.data["timestamp"] < cutoff) & (log.data["amount"] >= 0), "customer_id"
                ].nunique()
            )
        for name in got.columns[1:]:
            np.testing.assert_allclose(got[name], expected[name], rtol=1e-9, atol=1e-9)


def test_by_hand():
    got = (
        SnapshotBuilder([RFM()]).transform(log_by_hand(PQS), "2023-06-10").set_index("customer_id")
    )
    assert got.index.tolist() == ["p", "q"]
    assert got.loc["p", ["frequency", "T", "days_since_last", "n_orders"]].tolist() == [
        0,
        38,
        39,
        1,
    ]


def test_a_log_without_amounts_has_no_money_columns():
    log = ck.EventLog(log_by_hand(PQS).data, amount=None)
    got = SnapshotBuilder([RFM()]).transform(log, "2023-08-01")
    assert list(got.columns[1:]) == ["frequency", "recency", "T", "days_since_last", "n_orders"]
