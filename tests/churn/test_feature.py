"""What all groups of features share: durations, names, quotients."""

import numpy as np
import pytest

from crmkit.churn import RFM, SnapshotBuilder
from crmkit.churn._feature import Feature, ratio, short, whole_days
from crmkit.exceptions import DataError
from tests.churn._shop import PQS, log_by_hand


def test_whole_days():
    assert whole_days("2W", "D", "x") == 14
    assert whole_days(2, "W", "x") == 14
    assert whole_days("48h", "D", "x") == 2
    assert whole_days(0, "D", "x", low=0) == 0
    with pytest.raises(DataError, match=r"SnapshotBuilder: x=1.5 must be a whole number of days"):
        whole_days(1.5, "D", "x")


@pytest.mark.parametrize("wrong", [["30D"], {"days": 30}, True, "30 moons", "1.5D"])
def test_what_is_no_whole_number_of_days_is_refused_each_time(wrong):
    assert whole_days(1, "D", "x") == 1
    for _ in range(2):
        with pytest.raises(DataError, match=r"SnapshotBuilder: x"):
            whole_days(wrong, "D", "x")


def test_a_text_is_read_in_each_unit():
    assert [whole_days("14D", unit, "x") for unit in ("D", "W", "D")] == [14, 14, 14]
    assert [short("14 D", "D"), short(14, "D"), short(14, "W")] == ["14d", "14d", "14w"]


def test_short():
    assert short("30 D", "D") == "30d"
    assert short(4, "W") == "4w"
    assert short(2.5, "W") == "2.5w"


def test_ratio():
    np.testing.assert_array_equal(
        ratio(np.array([1.0, 0.0, 2.0]), np.array([2, 0, -1])), [0.5, np.nan, np.nan]
    )


def test_a_group_of_ones_own():
    class Spree(Feature):
        def _values(self, at):
            return {"spree": at.days(7) / at.n_days}

    got = SnapshotBuilder([RFM(), Spree()]).transform(log_by_hand(PQS), "2023-06-13")
    assert got["spree"].tolist() == [0.5, 0.0, 1.0]
