"""Spend, NextPurchaseTime and SubscriptionEnd: by hand."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit import _frames
from crmkit._frames import _native
from crmkit.churn import (
    RFM,
    Active,
    NextPurchaseTime,
    NoPurchase,
    SnapshotBuilder,
    Spend,
    SubscriptionEnd,
)
from crmkit.exceptions import DataError, DataWarning
from tests.churn._shop import EVERYBODY, PQS, churned, log_by_hand, log_of, shop
from tests.contracts.frame_kinds import FRAMES

LOG = log_by_hand(PQS)


def test_spend_of_the_window():
    assert churned(LOG, label=Spend("30D")) == {"p": 17.0, "q": 0.0}
    assert churned(LOG, label=Spend("25D")) == {"p": 8.0, "q": 0.0}
    assert churned(LOG, label=Spend("30D", gap="1D")) == {"p": 9.0, "q": 0.0}
    assert Spend("30D", gap="1D").text == "spend in 30D, from 1D after the cut-off"


def test_returns_of_the_window_are_netted_and_spend_is_not_below_zero():
    rows = [("a", "2023-05-01", 9.0), ("a", "2023-06-15", 8.0), ("a", "2023-06-16", -3.0)]
    rows += [("b", "2023-05-01", 9.0), ("b", "2023-06-15", -4.0)]
    assert churned(log_by_hand(rows), label=Spend("30D")) == {"a": 8.0, "b": 0.0}
    assert churned(log_by_hand(rows, returns="net"), label=Spend("30D")) == {"a": 5.0, "b": 0.0}


def test_unobserved_spend_is_no_number():
    builder = SnapshotBuilder([RFM()], label=Spend("30D"), unobserved="nan")
    with pytest.warns(DataWarning, match="2 of 2 rows"):
        snapshots = builder.build(LOG, ["2023-06-10"])
    assert np.isnan(snapshots.y).all()


def test_spend_needs_amounts():
    with pytest.raises(DataError, match="the label Spend needs the amount= column"):
        churned(ck.EventLog(LOG.data, amount=None), label=Spend())


def test_next_purchase_by_hand():
    builder = SnapshotBuilder([RFM()], label=NextPurchaseTime())
    snapshots = builder.build(LOG, ["2023-05-25", "2023-06-10", "2023-06-11"])
    assert snapshots.duration.tolist() == [17, 42, 1, 26, 25, 25, 25]
    assert snapshots.event.tolist() == [True, False, True, False, True, False, False]
    np.testing.assert_array_equal(snapshots.y, snapshots.duration)
    assert set(snapshots.label_end.astype("M8[D]").astype(str)) == {"2023-07-06"}


def test_a_bounded_watch_ends_early_enough_to_be_purged():
    builder = SnapshotBuilder([RFM()], label=NextPurchaseTime("3W"), unit="W")
    snapshots = builder.build(LOG, ["2023-05-25", "2023-06-24"])
    assert snapshots.duration.tolist() == [17 / 7, 3.0, 12 / 7, 12 / 7, 12 / 7]
    assert snapshots.event.tolist() == [True, False, True, False, False]
    ends = snapshots.label_end.astype("M8[D]").astype(str)
    assert ends.tolist() == ["2023-06-15"] * 2 + ["2023-07-06"] * 3
    assert builder.label.text == "time to the next purchase, watched for 3W"
    assert "as long as can be seen" in NextPurchaseTime().text


def test_longer_than_h_days_is_no_purchase_in_h_days():
    log, cut = log_of(shop()), ["2023-06-01"]
    times = SnapshotBuilder([RFM()], label=NextPurchaseTime(), population=EVERYBODY).build(log, cut)
    for horizon in (1, 5, 60):
        label = NoPurchase(horizon)
        churn = SnapshotBuilder([RFM()], label=label, population=EVERYBODY).build(log, cut)
        np.testing.assert_array_equal(churn.y, times.duration > horizon)


ENDS = pd.DataFrame(
    {
        "customer_id": ["s", "p", "q", "nobody"],
        "end": pd.to_datetime(
            ["2023-06-30", "2023-06-12 08:00", None, "2020-01-01"], format="ISO8601"
        ),
    }
)


def test_contracts_of_a_frame():
    label = SubscriptionEnd(ENDS, "3D")
    assert churned(LOG, label=label) == {"p": 1, "q": 0}
    assert churned(LOG, "2023-06-12", label) == {"p": 1, "q": 0, "s": 0}
    assert churned(LOG, "2023-06-13", label) == {"q": 0, "s": 0}
    assert churned(LOG, "2023-06-10", SubscriptionEnd(ENDS, "2D")) == {"p": 0, "q": 0}
    snapshots = SnapshotBuilder([RFM()], label=label).build(LOG, ["2023-06-10"])
    assert snapshots.duration.tolist() == [3, 3]
    assert snapshots.event.tolist() == [True, False]


def test_contracts_of_a_column_and_scoring_leaves_out_who_has_left():
    log = ck.EventLog(LOG.data.merge(ENDS, on="customer_id"))
    builder = SnapshotBuilder([RFM()], label=SubscriptionEnd("end", "3D"))
    assert builder.build(log, ["2023-06-12"]).y.tolist() == [1, 0, 0]
    assert builder.transform(log, "2023-06-13")["customer_id"].tolist() == ["q", "s"]


@pytest.mark.filterwarnings("ignore:.*have no 'customer_id' and were dropped")
@pytest.mark.parametrize("convert", FRAMES.values(), ids=FRAMES)
def test_large_ids_are_told_apart_beside_a_missing_one(convert):
    ids = [2**53, 2**53 + 1, None]
    frame = pd.DataFrame(
        {
            "customer_id": pd.array(ids, dtype="Int64"),
            "timestamp": pd.Timestamp("2024-01-01"),
            "amount": 1.0,
            "end": pd.to_datetime(["2024-02-15", None, "2024-03-01"]),
        }
    )
    log = ck.EventLog(convert(frame))
    builder = SnapshotBuilder([RFM()], label=SubscriptionEnd("end", "10D"))
    snapshots = builder.build(log, ["2024-02-10"], observed_until="2024-06-01")
    assert [int(i) for i in snapshots.groups] == ids[:2]
    assert snapshots.y.tolist() == [1, 0]


def test_ends_are_read_once_for_all_cutoffs(monkeypatch):
    reads = []
    monkeypatch.setattr(
        _frames, "rows_with", lambda *args: reads.append(args) or _native.rows_with(*args)
    )
    builder = SnapshotBuilder([RFM()], label=SubscriptionEnd(ENDS, "3D"))
    builder.build(LOG, ["2023-06-10", "2023-06-11", "2023-06-12"])
    assert [names for _, _, names, _ in reads] == [["end"]]


def test_who_has_a_contract_belongs_to_the_population():
    builder = SnapshotBuilder([RFM()], label=SubscriptionEnd(ENDS, 1), unit="W")
    snapshots = builder.build(LOG, ["2023-06-10"], observed_until="2023-07-06")
    assert snapshots.population == "active within 180D, whose contract runs"
    assert snapshots.label == "contract ends in 1W"
    gone = ENDS.assign(end=pd.Timestamp("2023-06-01"))
    with pytest.raises(DataError, match=r"nobody .* .active within 180D, whose contract runs. at"):
        churned(LOG, label=SubscriptionEnd(gone))


def test_numbers_are_told_with_the_unit_of_the_builder():
    cases = [
        (Spend(2, gap=1), "spend in 2W, from 1W after the cut-off"),
        (NoPurchase(2, gap=1), "no purchase in 2W, from 1W after the cut-off"),
        (NextPurchaseTime(2), "time to the next purchase, watched for 2W"),
    ]
    for label, text in cases:
        builder = SnapshotBuilder([RFM()], label=label, population=Active(4), unit="W")
        snapshots = builder.build(LOG, ["2023-06-10"])
        assert (snapshots.population, snapshots.label) == ("active within 4W", text)


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        (ENDS.iloc[:2], "the ends of contracts lack 1 of 2 customers .first 'q'"),
        (
            pd.concat([ENDS, ENDS.assign(end=ENDS["end"].shift(1))]),
            r"4 customers have several ends in 'end'",
        ),
        (ENDS.assign(end="soon"), "'end' is String: it must hold dates"),
        (ENDS.assign(end=ENDS["end"].dt.tz_localize("UTC")), "'end' is timezone-aware"),
        (ENDS.rename(columns={"end": "until"}), "column 'end' not found"),
    ],
)
def test_unusable_ends_are_refused(ends, text):
    with pytest.raises(DataError, match=text):
        churned(LOG, label=SubscriptionEnd(ends))
