"""SnapshotBuilder: contracts of event level, nothing after a cut-off matters, one way for all."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit as ck
from crmkit.churn import (
    RFM,
    Active,
    Basket,
    Cutoffs,
    Gaps,
    Mix,
    NoPurchase,
    Returns,
    Season,
    SnapshotBuilder,
    Spending,
    Tenure,
    Trend,
    Variety,
    Windows,
)
from crmkit.exceptions import DataError, DataWarning
from tests.churn._shop import CUTS, EVERYBODY, PQS, log_by_hand, log_of, shop
from tests.contracts import event_level, frame_kinds
from tests.contracts.frame_kinds import to_pandas

RICH = [
    RFM(),
    Windows(young="coverage"),
    Gaps(),
    Trend(),
    Tenure(),
    Season(quarters=True),
    Basket(),
    Spending(),
    Variety(),
    Variety("channel"),
    Mix("channel", ["web", "shop"]),
    Returns(),
]
BUILDER = SnapshotBuilder(RICH, label=NoPurchase("30D"), population=EVERYBODY)
CUT = pd.Timestamp("2023-09-10")


@pytest.mark.parametrize("contract", event_level.ALL + event_level.SPARK, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "builder",
    [SnapshotBuilder(population=EVERYBODY), SnapshotBuilder([RFM()], unit="W")],
    ids=["default", "weeks"],
)
def test_contract(contract, builder):
    contract(builder.transform)


def features_at(frame, **kwargs):
    return BUILDER.build(log_of(frame, **kwargs), [CUT], observed_until="2025-01-01").X


@pytest.mark.parametrize("returns", ["exclude", "net"])
@settings(max_examples=25)
@given(data=st.data())
def test_nothing_at_or_after_the_cutoff_changes_a_bit(returns, data):
    frame = shop()
    late = frame["timestamp"] >= CUT
    expected = features_at(frame, returns=returns)
    factor = data.draw(st.floats(0.01, 1e6))
    drop = data.draw(st.floats(0, 1))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    changed = frame[~late | (rng.random(len(frame)) > drop)]
    changed = changed.assign(
        amount=changed["amount"].where(changed["timestamp"] < CUT, changed["amount"] * factor)
    )
    new = shop(seed=data.draw(st.integers(1, 50)))
    new = new[new["timestamp"] >= CUT].assign(channel="fax", item="zzz")
    at_the_instant = frame.head(3).assign(timestamp=CUT)
    got = features_at(pd.concat([changed, new, at_the_instant]), returns=returns)
    pd.testing.assert_frame_equal(got, expected, check_exact=True)


@settings(max_examples=15)
@given(seed=st.integers(0, 99))
def test_the_order_of_the_rows_leaves_no_bit(seed):
    frame = shop().assign(amount=lambda f: f["amount"] * np.pi)
    shuffled = frame.sample(frac=1.0, random_state=seed)
    pd.testing.assert_frame_equal(features_at(shuffled), features_at(frame), check_exact=True)


@settings(max_examples=15)
@given(seed=st.integers(0, 99))
def test_other_customers_change_no_bit(seed):
    frame = shop()
    kept = np.random.default_rng(seed).choice(frame["customer_id"].unique(), 5, replace=False)
    whole = BUILDER.transform(log_of(frame), CUT).set_index("customer_id")
    some = frame[frame["customer_id"].isin(kept)]
    part = BUILDER.transform(log_of(some), CUT).set_index("customer_id")
    pd.testing.assert_frame_equal(part, whole.loc[part.index], check_exact=True)


def test_splitting_orders_into_lines_changes_nothing():
    frame = shop()
    known = frame["order_id"].notna() & (frame["amount"] >= 0)
    halves = frame[known].assign(amount=frame["amount"] * 0.5)
    split = pd.concat([halves, halves, frame[~known]], ignore_index=True)
    pd.testing.assert_frame_equal(
        features_at(split), features_at(frame), check_exact=False, rtol=1e-12
    )


def test_training_and_scoring_go_the_same_way():
    log = log_of(shop())
    snapshots = BUILDER.build(log, CUTS[:2])
    for cutoff in CUTS[:2]:
        scored = BUILDER.transform(log, cutoff)
        seen = snapshots.at(cutoff)
        assert list(scored["customer_id"]) == list(seen.groups)
        pd.testing.assert_frame_equal(scored.iloc[:, 1:], seen.X, check_exact=True)


def test_one_row_per_customer_and_cutoff_after_the_first_purchase():
    frame = shop()
    snapshots = BUILDER.build(log_of(frame), Cutoffs.rolling("2023-12-01", "20D", 15))
    rows = snapshots.frame()[["customer_id", "cutoff"]]
    assert not rows.duplicated().any()
    first = frame[frame["amount"] >= 0].groupby("customer_id")["timestamp"].min()
    expected = sum((first < cut).sum() for cut in snapshots.cutoffs)
    assert len(rows) == expected
    assert expected < 15 * 30
    assert (np.diff(snapshots.cutoff.astype(int)) >= 0).all()


def test_a_cutoff_begins_a_local_day():
    rows = [("a", "2023-08-09T16:30Z", 1.0), ("a", "2023-08-10T14:00Z", 1.0)]
    tokyo = log_by_hand(rows, tz="Asia/Tokyo")
    got = SnapshotBuilder([RFM()]).transform(tokyo, "2023-08-11").iloc[0]
    assert (got["frequency"], got["n_orders"], got["days_since_last"]) == (0, 2, 1)
    with pytest.raises(DataError, match=r"not after the first event .2023-08-10 01:30"):
        SnapshotBuilder([RFM()]).transform(tokyo, "2023-08-10")
    utc = SnapshotBuilder([RFM()]).transform(log_by_hand(rows, tz="UTC"), "2023-08-11").iloc[0]
    assert utc["frequency"] == 1
    snapshots = SnapshotBuilder([RFM()], NoPurchase("1D")).build(
        tokyo, ["2023-08-11"], "2023-08-12"
    )
    assert str(snapshots.cutoff[0]) == "2023-08-11T00:00:00.000000"


def test_a_day_begins_where_midnight_does_not_exist():
    rows = [("a", "2018-11-03T12:00Z", 1.0), ("a", "2018-11-04T03:30Z", 1.0)]
    log = log_by_hand(rows, tz="America/Sao_Paulo")  # clocks go from 00:00 to 01:00 on 4 November
    got = SnapshotBuilder([RFM()]).transform(log, "2018-11-04").iloc[0]
    assert (got["n_orders"], got["days_since_last"]) == (1, 1)


def test_some_cutoffs_may_find_nobody():
    rows = [("a", "2023-01-01", 1.0), ("b", "2023-12-01", 1.0)]
    builder = SnapshotBuilder([RFM(), Season(), Basket()], NoPurchase("5D"), Active("30D"))
    snapshots = builder.build(log_by_hand(rows), ["2023-01-15", "2023-06-01"])
    assert snapshots.groups.tolist() == ["a"]
    assert len(snapshots.cutoffs) == 1


def test_the_default_features_are_those_that_the_log_has_columns_for():
    full = SnapshotBuilder().transform(log_of(shop())).columns
    bare = SnapshotBuilder().transform(ck.EventLog(shop(), amount=None)).columns
    assert {"spend_30d", "items_30d", "items_distinct", "spend_mean", "gap_mean"} <= set(full)
    assert not [name for name in bare if "spend" in name or "item" in name or "amount" in name]
    assert {"orders_30d", "gap_mean"} <= set(bare)


def test_columns_without_a_number_are_named_and_stay():
    log = log_of(shop())
    builder = SnapshotBuilder(label=NoPurchase("30D"))
    with pytest.warns(DataWarning) as caught:
        early = builder.build(log, ["2023-09-10"])
    text = str(caught[0].message)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert "4 of 66 columns hold no number at any cut-off: 'orders_365d', 'days_365d'" in text
    assert "Nobody bought first more than 251 days before a cut-off" in text
    late = builder.build(log, ["2023-09-10", "2024-01-03"])
    assert early.feature_names == late.feature_names == list(builder.transform(log).columns[1:])
    assert late.X["orders_365d"].notna().any()
    assert early.X["orders_365d"].isna().all()


@pytest.mark.parametrize(
    ("builder", "ask", "text"),
    [
        (
            BUILDER,
            {"cutoffs": ["2023-06-10T12:00"]},
            "must be the beginning of a day, got 2023",
        ),
        (
            BUILDER,
            {"cutoffs": ["2023-08-10"]},
            "2023-08-10 lies after what is observed",
        ),
        (BUILDER, {"cutoffs": ["2023-05-02"]}, "cutoff='2023.* is not after .* choose a later one"),
        (
            BUILDER,
            {"observed_until": "2023-05-01"},
            "observed_until='2023-05-01' is not after .* choose a later one",
        ),
        (
            BUILDER,
            {"observed_until": "2023-07-06T12:00"},
            "observed_until must be the beginning of a day, got 2023-07-06 12:00:00",
        ),
        (BUILDER, {"cutoffs": 20230610}, "Cutoffs: dates are needed, got 20230610"),
        (SnapshotBuilder(RFM()), {}, r"features must be a list of groups such as .* got RFM\(\)"),
        (
            SnapshotBuilder(group for group in [RFM()]),
            {},
            "features must be a list of groups such as .* got <generator",
        ),
        (SnapshotBuilder([RFM]), {}, r"features must be groups .*: RFM lacks its brackets"),
        (SnapshotBuilder(label="90D"), {}, r"label must be one such as NoPurchase.* got '90D'"),
        (SnapshotBuilder(label=NoPurchase), {}, r"label must be .*: NoPurchase lacks its brackets"),
        (
            SnapshotBuilder(population="90D"),
            {},
            r"population must be one such as Active\(\"180D\"\), got '90D'",
        ),
        (SnapshotBuilder(population=Active), {}, "population must be .*: Active lacks its bracket"),
        (SnapshotBuilder([]), {}, "there are no features"),
        (SnapshotBuilder([RFM(), RFM()]), {}, r"two features are called \['T', "),
        (SnapshotBuilder(["rfm"]), {}, r"features must be groups such as RFM\(\).*got 'rfm'"),
        (SnapshotBuilder(unit="M"), {}, r"unit must be one of \['D', 'W'\], got 'M'"),
        (SnapshotBuilder(unobserved="skip"), {}, "unobserved must be one of"),
        (
            SnapshotBuilder([RFM()], NoPurchase("5D"), Active("5D", min_orders=9)),
            {},
            r"nobody is in the population .active within 5D, at least 9 orders. at 2023-06-10",
        ),
    ],
)
def test_what_has_no_meaning_is_refused(builder, ask, text):
    ask = {"cutoffs": ["2023-06-10"], **ask}
    asked = SnapshotBuilder(
        builder.features if builder is not BUILDER else [RFM()],
        builder.label or NoPurchase("5D"),
        builder.population,
        builder.unit,
        builder.unobserved,
    )
    with pytest.raises(DataError, match=text):
        asked.build(log_by_hand(PQS), **ask)


def test_one_date_is_one_cutoff():
    (one,) = (
        SnapshotBuilder([RFM()], NoPurchase("5D"))
        .build(log_by_hand(PQS), date(2023, 6, 10))
        .cutoffs
    )
    assert one == datetime(2023, 6, 10)


def test_a_frame_is_no_log():
    with pytest.raises(DataError, match="SnapshotBuilder: an EventLog is needed, got DataFrame"):
        SnapshotBuilder().transform(shop())


@pytest.mark.parametrize("kind", ["polars", "polars lazy", "pyarrow", "duckdb"])
def test_rich_features_are_the_same_in_every_library(kind):
    frame = shop()
    expected = BUILDER.transform(log_of(frame), CUT)
    got = BUILDER.transform(log_of(frame_kinds.FRAMES[kind](frame)), CUT)
    event_level.same(got, expected)
    assert len(to_pandas(got)) == len(expected)


@pytest.mark.parametrize("convert", frame_kinds.FRAMES.values(), ids=frame_kinds.FRAMES)
def test_any_column_may_have_any_name(convert):
    """Names that are used within: each column has the name of the part of another."""
    names = {
        "customer_id": "us",
        "timestamp": "customer",
        "amount": "returned",
        "order_id": "local_us",
        "item": "extra_0",
        "channel": "crmkit_events",
    }
    features = [RFM(), Basket(), Variety(), Variety("channel"), Mix("channel", ["web"])]
    expected = SnapshotBuilder(features).transform(log_of(shop(), returns="net"), CUT)
    log = ck.EventLog(
        convert(shop().rename(columns=names)[list(names.values())]),
        customer="us",
        when="customer",
        amount="returned",
        order="local_us",
        item="extra_0",
        returns="net",
    )
    column = names["channel"]
    features[3:] = [Variety(column), Mix(column, ["web"])]
    got = to_pandas(SnapshotBuilder(features).transform(log, CUT))
    got.columns = [name.replace(column, "channel") for name in got.columns]
    event_level.same(got.rename(columns={"us": "customer_id"}), expected)


def test_an_id_called_like_a_feature_is_refused():
    frame = log_by_hand(PQS).data.rename(columns={"customer_id": "T"})
    with pytest.raises(DataError, match="the customer id is called 'T', as is a feature"):
        SnapshotBuilder([RFM()]).transform(ck.EventLog(frame, customer="T"))


def test_a_past_without_a_purchase_has_nobody():
    rows = [("a", "2023-01-01", 1.0), ("b", "2023-01-01", -5.0), ("c", "2023-03-01", 9.0)]
    builder = SnapshotBuilder(RICH[:8], population=EVERYBODY)
    with pytest.raises(DataError, match="nobody is in the population"):
        builder.transform(log_by_hand(rows, min_amount=2.0), "2023-02-01")
    assert len(builder.transform(log_by_hand(rows, min_amount=2.0), "2023-04-01")) == 1


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"dtype": "float16"}, r"dtype must be one of \['float64', 'float32'\], got 'float16'"),
        ({"n_jobs": 0}, "n_jobs must be a whole number of at least 1, got 0"),
        ({"n_jobs": 1.5}, "n_jobs must be a whole number of at least 1, got 1.5"),
    ],
)
def test_how_it_is_made_is_checked(asked, text):
    with pytest.raises(DataError, match=f"SnapshotBuilder: {text}"):
        SnapshotBuilder([RFM()], **asked).transform(log_by_hand(PQS))
