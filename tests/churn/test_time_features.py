"""Tenure, Trend and Season: brute force, and cases by hand."""

import numpy as np
import pytest

from crmkit.churn import Season, SnapshotBuilder, Tenure, Trend
from crmkit.exceptions import DataError
from tests.churn._shop import agrees_with_brute_force, log_by_hand
from tests.oracles import snapshots as brute_force

LOG = log_by_hand([("a", day, 1.0) for day in ("2023-01-01", "2023-01-07", "2023-03-28")])


@pytest.mark.parametrize("of", ["days", "orders"])
def test_trend_by_brute_force(of):
    describe = brute_force.trend(((30, 90), (90, 180)), of)
    agrees_with_brute_force([Trend(of=of)], describe)


def test_tenure_by_brute_force():
    agrees_with_brute_force([Tenure()], brute_force.tenure)


def test_season_by_brute_force():
    agrees_with_brute_force([Season(quarters=True)], brute_force.season)


def test_by_hand():
    got = SnapshotBuilder([Tenure(), Season(), Trend()]).transform(LOG, "2023-04-11").iloc[0]
    assert (got["tenure"], got["purchase_rate"]) == (100, 0.03)
    assert got["recency_share"] == 86 / 99
    assert got["centroid"] == pytest.approx((0 + 6 + 86) / 3 / 99)
    assert got["weekend_share"] == pytest.approx(2 / 3)  # 1 and 7 January 2023
    assert got["trend_days_30d_90d"] == pytest.approx((1 / 30) / (1.5 / 90))
    assert np.isnan(got["trend_days_90d_180d"])


def test_a_customer_of_yesterday_has_no_share_of_a_life():
    got = SnapshotBuilder([Tenure()]).transform(LOG, "2023-01-02").iloc[0]
    assert (got["tenure"], got["purchase_rate"]) == (1, 1)
    assert np.isnan(got["recency_share"])
    assert np.isnan(got["centroid"])


def test_trends_are_values():
    assert len({Trend([["30D", "90D"]]), Trend((("30D", "90D"),)), Trend([(30, 90)])}) == 2


@pytest.mark.parametrize(
    ("trend", "text"),
    [
        (Trend([("90D", "30D")]), "'90D' is not below '30D'"),
        (Trend(("30D", "90D")), r"must be a list of pairs such as .* got \('30D', '90D'\)"),
        (Trend("30D"), "must be a list of pairs such as .* got '30D'"),
        (Trend([("7D", "30D", "90D")]), "must be a list of pairs"),
        (Trend([("28D", "90D"), ("4W", "90D")]), r"\('4W', '90D'\) is named twice"),
        (Trend(of="items"), r"Trend\(of=\) must be one of"),
    ],
)
def test_what_has_no_meaning_is_refused(trend, text):
    with pytest.raises(DataError, match=text):
        SnapshotBuilder([trend]).transform(LOG)
