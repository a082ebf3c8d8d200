"""NoPurchase: every convention with its worked example, and times to the next purchase."""

import numpy as np
import pytest

import crmkit as ck
from crmkit.churn import RFM, NoPurchase, SnapshotBuilder
from crmkit.exceptions import DataError, DataWarning
from tests.churn._shop import EVERYBODY, PQS, churned, log_by_hand, log_of, shop

LOG = log_by_hand(PQS)


def test_exclusive_cutoff_half_open_window_and_absence_is_churn():
    assert churned(LOG) == {"p": 0, "q": 1}
    assert churned(LOG, "2023-06-11") == {"p": 0, "q": 1, "s": 1}
    assert churned(LOG, "2023-06-05", NoPurchase("5D")) == {"p": 1, "q": 1}
    assert churned(LOG, "2023-06-05", NoPurchase("6D")) == {"p": 0, "q": 1}


def test_a_gap_moves_the_whole_window():
    assert churned(LOG, label=NoPurchase("30D", gap="20D"))["p"] == 0
    assert churned(LOG, label=NoPurchase("5D", gap="20D"))["p"] == 1
    assert churned(LOG, label=NoPurchase("6D", gap="20D"))["p"] == 0


def test_an_unobserved_window_is_refused_and_never_churn():
    builder = SnapshotBuilder([RFM()], label=NoPurchase("30D"))
    with pytest.raises(DataError, match=r"1 of 1 cut-offs .* 2023-06-10 ends at 2023-07-10, event"):
        builder.build(LOG, ["2023-06-10"])
    assert len(builder.build(LOG, ["2023-06-06"])) == 2
    later = SnapshotBuilder([RFM()], label=NoPurchase("30D"), unobserved="nan")
    with pytest.warns(DataWarning, match="2 of 4 rows have no label: their windows end after 2023"):
        snapshots = later.build(LOG, ["2023-06-06", "2023-06-10"])
    np.testing.assert_array_equal(snapshots.y, [0, 1, np.nan, np.nan])
    assert snapshots.n_unobserved == 2
    assert str(snapshots.observed_until) == "2023-07-06T00:00:00.000000"


def test_a_window_with_only_a_return_is_churn():
    rows = [("a", "2023-05-01", 9.0), ("a", "2023-06-15", -9.0), ("b", "2023-05-01", 9.0)]
    for returns in ("exclude", "net"):
        assert churned(log_by_hand(rows, returns=returns)) == {"a": 1, "b": 1}


def test_local_days_decide():
    rows = [("a", "2023-08-01T00:00Z", 1.0), ("a", "2023-08-09T16:30Z", 1.0)]
    label = NoPurchase("1D")
    tokyo, utc = (log_by_hand(rows, tz=tz) for tz in ("Asia/Tokyo", "UTC"))
    assert churned(tokyo, "2023-08-10", label) == {"a": 0}
    assert churned(utc, "2023-08-10", label) == {"a": 1}
    assert churned(utc, "2023-08-09", label) == {"a": 0}


def test_min_amount_adds_up_the_lines_of_a_day():
    rows = [("a", "2023-05-01", 1.0), ("a", "2023-06-12", 3.0), ("a", "2023-06-12", 4.0)]
    rows += [("b", "2023-05-01", 1.0), ("b", "2023-06-12", 3.0), ("b", "2023-06-13", 4.0)]
    label = NoPurchase("30D", min_amount=7)
    assert churned(log_by_hand(rows), label=label) == {"a": 0, "b": 1}
    assert label.text == "no purchase of at least 7 in 30D"


def test_lines_that_add_up_to_the_least_amount_are_enough():
    rows = [("a", "2023-05-01", 1.0), ("a", "2023-06-12", 0.1), ("a", "2023-06-12", 0.7)]
    assert 0.1 + 0.7 < 0.8
    assert churned(log_by_hand(rows), label=NoPurchase("30D", min_amount=0.8)) == {"a": 0}
    assert churned(log_by_hand(rows), label=NoPurchase("30D", min_amount=0.80001)) == {"a": 1}


def test_the_duration_ends_with_a_purchase_that_counts():
    rows = [("a", "2023-05-01", 9.0), ("a", "2023-06-12", 3.0), ("a", "2023-06-20", 8.0)]
    rows += [("b", "2023-05-01", 9.0), ("b", "2023-06-12", 3.0)]
    rows += [("c", "2023-05-01", 9.0), ("c", "2023-06-11", 8.0), ("d", "2023-05-01", 1.0)]
    label = NoPurchase("30D", gap="5D", min_amount=5)
    builder = SnapshotBuilder([RFM()], label=label)
    snapshots = builder.build(log_by_hand(rows), ["2023-06-10"], observed_until="2023-12-31")
    assert snapshots.y.tolist() == [0, 1, 1, 1]
    assert snapshots.event.tolist() == [True, False, True, False]  # that of c lies in the gap
    assert snapshots.duration.tolist() == [11, 35, 2, 35]


def test_the_smallest_amount_of_a_log_holds_for_labels_too():
    assert churned(log_by_hand(PQS, min_amount=8.5), label=NoPurchase("25D")) == {"p": 1, "q": 1}
    assert churned(log_by_hand(PQS, min_amount=8.5), label=NoPurchase("26D")) == {"p": 0, "q": 1}


@pytest.mark.parametrize("gap", [0, 10])
def test_brute_force(gap):
    frame = shop()
    builder = SnapshotBuilder([RFM()], label=NoPurchase(40, gap), population=EVERYBODY)
    snapshots = builder.build(log_of(frame), ["2023-05-05", "2023-08-01", "2023-12-01"])
    bought = frame[frame["amount"] >= 0]
    assert set(snapshots.y) == {0, 1}
    for i, customer in enumerate(snapshots.groups):
        mine = bought.loc[bought["customer_id"] == customer, "timestamp"]
        cut = np.datetime64(snapshots.cutoff[i])
        begin = cut + np.timedelta64(gap, "D")
        end = begin + np.timedelta64(40, "D")
        assert snapshots.label_end[i] == end
        assert snapshots.y[i] == (not ((mine >= begin) & (mine < end)).any())
        coming = mine[(mine >= cut) & (mine < end)]
        assert snapshots.event[i] == (len(coming) > 0)
        days = coming.min().floor("D") - cut if len(coming) else end - np.timedelta64(1, "D") - cut
        assert snapshots.duration[i] == days / np.timedelta64(1, "D") + 1


def test_without_a_gap_churn_is_a_duration_not_seen_to_end():
    builder = SnapshotBuilder([RFM()], label=NoPurchase("8W"), unit="W")
    snapshots = builder.build(log_of(shop()), ["2023-05-05", "2023-08-01"])
    np.testing.assert_array_equal(snapshots.event, snapshots.y == 0)
    assert (snapshots.duration[snapshots.y == 1] == 8).all()


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (NoPurchase("0D"), "horizon='0D' must be a whole number of days, at least 1"),
        (NoPurchase("36h"), "horizon='36h' must be a whole number of days"),
        (NoPurchase("3M"), "horizon='3M' cannot be told in 'D'"),
        (NoPurchase(gap=-1), "gap must be a finite number of at least 0"),
        (NoPurchase(min_amount=-1), r"NoPurchase\(min_amount=\) must be a finite number"),
    ],
)
def test_what_has_no_meaning_is_refused(label, text):
    with pytest.raises(DataError, match=text):
        churned(LOG, label=label)


def test_min_amount_needs_amounts():
    with pytest.raises(DataError, match="needs the amount= column"):
        churned(ck.EventLog(LOG.data, amount=None), label=NoPurchase(min_amount=1))
