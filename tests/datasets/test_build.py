"""From plan to arrays to frames: the season's peak, channels, and a season end to end."""

import numpy as np
import pandas as pd

from crmkit.datasets import make_customers
from crmkit.datasets._build import CHANNEL_SHARES, STREAMS, _channels, _peak_day
from crmkit.datasets._retailer import streams


def test_sales_peak_on_the_tenth_of_december():
    assert _peak_day(pd.Timestamp("2023-12-01")) == 9.0
    assert _peak_day(pd.Timestamp("2023-12-31 12:00")) == -21.5


def test_channels_come_in_their_shares_and_mostly_as_usual():
    n = 40_000
    home, channel = _channels(np.random.default_rng(0), n, np.arange(n))
    for drawn in (home, channel):
        shares = np.bincount(drawn) / n
        np.testing.assert_allclose(shares, CHANNEL_SHARES, atol=0.01)
    by_chance = sum(share**2 for share in CHANNEL_SHARES)
    assert abs((home == channel).mean() - (0.8 + 0.2 * by_chance)) < 0.01


def test_streams_differ_from_one_another_and_not_from_run_to_run():
    first, second = ({k: g.random() for k, g in streams(7).items()} for _ in range(2))
    assert first == second
    assert set(first) == set(STREAMS)
    assert len(set(first.values())) == len(STREAMS)


def test_a_season_shows_in_the_orders_and_leaves_the_people_alone():
    flat, swing = (
        make_customers(
            500, acquisition_days=0, parameters={"s": 0.01, "beta": 1e6}, seasonality=x,
            days=365, random_state=0,
        )
        for x in (0.0, 0.8)
    )  # fmt: skip
    pd.testing.assert_frame_equal(flat.truth.people, swing.truth.people)
    for shop, low, high in ((flat, 0.9, 1.1), (swing, 4.0, 9.0)):
        month = shop.truth.orders["timestamp"].dt.month
        assert low < (month == 12).sum() / (month == 6).sum() < high
