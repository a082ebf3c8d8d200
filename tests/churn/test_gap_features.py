"""Gaps: brute force, and cases by hand."""

import numpy as np

from crmkit.churn import Gaps, SnapshotBuilder
from tests.churn._shop import EVERYBODY, agrees_with_brute_force, log_by_hand
from tests.oracles import snapshots as brute_force


def test_brute_force():
    agrees_with_brute_force([Gaps()], brute_force.gaps)


def gaps(rows, cutoff, **kwargs):
    builder = SnapshotBuilder([Gaps()], population=EVERYBODY, **kwargs)
    return builder.transform(log_by_hand(rows), cutoff).set_index("customer_id")


def test_by_hand():
    days = ["2023-01-01", "2023-01-03", "2023-01-13", "2023-01-17", "2023-03-01"]
    rows = [("a", day, 1.0) for day in days] + [("b", "2023-01-05", 1.0)]
    got = gaps(rows, "2023-01-25").loc["a"]
    assert got["gap_mean"] == 16 / 3
    assert got["gap_median"] == 4
    assert (got["gap_min"], got["gap_max"], got["gap_last"]) == (2, 10, 4)
    assert got["silence_over_gap_max"] == 0.8
    assert gaps(rows, "2023-01-25").loc["b"].isna().all()
    assert gaps(rows, "2023-01-25", unit="W").loc["a", "gap_max"] == 10 / 7


def test_equal_gaps_have_no_spread():
    rows = [("a", f"2023-01-{day:02}", 1.0) for day in range(1, 30, 7)]
    got = gaps(rows, "2023-02-05").loc["a"]
    assert got["gap_sd"] == 0.0
    assert got["gap_cv"] == 0.0
    assert np.isnan(gaps(rows, "2023-01-10").loc["a", "gap_sd"])


def test_a_gap_that_ends_on_the_cutoff_is_not_known():
    rows = [("a", day, 1.0) for day in ("2023-01-01", "2023-01-03", "2023-02-01")]
    assert gaps(rows, "2023-02-01").loc["a", "gap_max"] == 2
    assert gaps(rows, "2023-02-02").loc["a", "gap_max"] == 29


def test_daily_purchases_across_a_clock_change_have_gaps_of_one_day():
    rows = [("a", f"2023-03-{day:02}T20:30Z", 1.0) for day in range(20, 32)]
    log = log_by_hand(rows, tz="Europe/Berlin")
    got = SnapshotBuilder([Gaps()]).transform(log, "2023-04-02").iloc[0]
    assert (got["gap_min"], got["gap_max"]) == (1, 1)
