"""Windows: brute force, short histories, what the log lacks."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.churn import SnapshotBuilder, Windows
from crmkit.exceptions import DataError
from tests.churn._shop import agrees_with_brute_force, log_by_hand, shop, table
from tests.oracles import snapshots as brute_force

LENGTHS = (7, 14, 30, 60, 90, 180, 365)


@pytest.mark.parametrize("returns", ["exclude", "net"])
@pytest.mark.parametrize("young", ["nan", "coverage"])
def test_brute_force(young, returns):
    agrees_with_brute_force(
        [Windows(young=young)], brute_force.windows(LENGTHS, young), returns=returns
    )


def test_a_window_longer_than_the_life_is_flagged_or_missing():
    log = log_by_hand(
        [("a", "2023-06-01", 5.0), ("a", "2023-06-08", 7.0), ("b", "2023-01-01", 1.0)]
    )
    windows = Windows(["60D"], of=["days"], young="coverage")
    got = SnapshotBuilder([windows]).transform(log, "2023-06-13")
    assert got["days_60d"].tolist() == [2, 0]
    assert got["coverage_60d"].tolist() == [12 / 60, 1.0]
    got = SnapshotBuilder([Windows(["60D"], of=["days"])]).transform(log, "2023-06-13")
    assert np.isnan(got["days_60d"][0])
    assert got["days_60d"][1] == 0


def test_a_window_holds_its_first_day_and_not_the_day_of_the_cutoff():
    log = log_by_hand([("a", day, 1.0) for day in ("2023-01-01", "2023-06-03", "2023-06-10")])
    windows = Windows(["7D", 8], of=["days"])
    got = SnapshotBuilder([windows]).transform(log, "2023-06-10")
    assert got[["days_7d", "days_8d"]].iloc[0].tolist() == [1, 1]
    got = SnapshotBuilder([windows]).transform(log, "2023-06-11")
    assert got[["days_7d", "days_8d"]].iloc[0].tolist() == [1, 2]


def test_weeks_are_counted_in_a_builder_of_weeks():
    log = log_by_hand([("a", "2023-01-01", 1.0), ("a", "2023-06-03", 1.0)])
    builder = SnapshotBuilder([Windows([1, "8W"], of=["days"])], unit="W")
    assert builder.transform(log, "2023-06-10").iloc[0].tolist() == ["a", 1, 1]


@pytest.mark.parametrize(
    ("windows", "text"),
    [
        (Windows("30D"), r"Windows\(lengths=\) must be a list such as .* got '30D'"),
        (Windows(30), r"Windows\(lengths=\) must be a list such as .* got 30"),
        (Windows(of="orders"), r"Windows\(of=\) must be a list such as .* got 'orders'"),
        (Windows(["28D", "4W"]), "'4W' and '28d' are one window"),
        (Windows(["30D", 30]), "30 and '30d' are one window"),
        (Windows(of=["visits"]), r"Windows\(of=\) must be one of .* got 'visits'"),
        (Windows(young="zero"), r"Windows\(young=\) must be one of"),
        (Windows(["30M"]), "lengths='30M' cannot be told in 'D'"),
        (Windows(["1h"]), "lengths='1h' must be a whole number of days"),
        (Windows([0]), "lengths=0 must be a whole number of days, at least 1"),
        (Windows(of=["items"]), r"Windows\(of=\['items'\]\) needs the item= column"),
    ],
)
def test_what_has_no_meaning_is_refused(windows, text):
    with pytest.raises(DataError, match=text):
        SnapshotBuilder([windows]).transform(ck.EventLog(shop()), "2023-09-01")


def test_windows_are_values():
    assert Windows(["30D"], of=["days"]) == Windows(("30D",), of=("days",))
    assert len({Windows(["30D"]), Windows(["30D"]), Windows(np.array([30]))}) == 2


def test_lines_of_an_order_count_once():
    one = table([Windows()], shop(), "2023-09-10")
    frame = shop()
    halves = frame.assign(amount=frame["amount"] / 2)
    known = halves["order_id"].notna()
    split = table(
        [Windows()], pd.concat([halves[known], halves[known], frame[~known]]), "2023-09-10"
    )
    np.testing.assert_allclose(split, one, rtol=1e-12)
