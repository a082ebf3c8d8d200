"""Forecast of sizes: chains by hand, bands that hold, start and new customers as asked for."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.datasets import load_cdnow
from crmkit.exceptions import DataError
from crmkit.segment import RFMSegmenter, migration_matrix
from crmkit.segment._migration import Migration
from crmkit.segment._segment_forecast import dates_ahead, pair_shares, paths, resampled
from tests.segment._moving import DATES, by_hand, log_of


def moves_of(codes, months=None, **options):
    """A migration of given codes between segments A and B on the first of each month."""
    codes = np.asarray(codes, dtype=np.int16)
    dates = months or [datetime(2024, 1 + i, 1) for i in range(codes.shape[1])]
    return Migration(
        dates=tuple(dates),
        segments=("A", "B"),
        codes=codes,
        ids=np.arange(len(codes)),
        customer="customer_id",
        told={"library": "pandas", "types": {"customer_id": "int64"}},
        lost_after=None,
        segmenter=None,
        **options,
    )


# Of 4 in A one goes to B, of 2 in B one comes back; 3 are new, in A.
HAND = [[1, 1]] * 3 + [[1, 2]] + [[2, 2]] + [[2, 1]] + [[0, 1]] * 3


def test_sizes_by_hand():
    found = moves_of(HAND).forecast(2)
    chain, new = np.array([[0.75, 0.25], [0.5, 0.5]]), np.array([3.0, 0.0])
    begin = np.array([7.0, 2.0])
    expected = [begin, begin @ chain + new, (begin @ chain + new) @ chain + new]
    np.testing.assert_allclose(found.expected, expected)
    assert found.dates == (datetime(2024, 2, 1), datetime(2024, 3, 1), datetime(2024, 4, 1))
    assert (found.new, found.n_pairs, found.check) == (3.0, 1, None)
    assert (found.lower[0] == begin).all()
    assert (found.upper[0] == begin).all()


def test_each_period_counts_the_same_and_only_recent_ones_tell_who_is_new():
    codes = [[1, 1, 2]] * 4 + [[0, 1, 1]] * 4 + [[0, 0, 2]] * 2
    found = moves_of(codes).forecast(1, recent=1)
    # A stays with 1 in the first pair and 1/2 in the second; B was never left.
    np.testing.assert_allclose(found.expected[1], [4 * 0.75, 4 * 0.25 + 6 + 2])
    assert found.new == 2.0
    assert moves_of(codes).forecast(1, recent=2).new == 3.0


def test_start_and_new_as_asked_for():
    found = moves_of(HAND).forecast(1, start={"B": 100}, new=10)
    np.testing.assert_allclose(found.expected, [[0, 100], [60, 50]])
    assert found.lower[1][0] < 60 < found.upper[1][0]
    nobody = moves_of(HAND).forecast(1, new=0)
    np.testing.assert_allclose(nobody.expected[1].sum(), 9)
    assert (nobody.lower[1] + nobody.upper[1]).sum() / 2 == pytest.approx(9, abs=1)


def test_everybody_is_somewhere():
    log = ck.EventLog(load_cdnow())
    dates = [f"1997-{month:02d}-01" for month in range(4, 10)]
    found = migration_matrix(RFMSegmenter(), log, dates, lost_after="120D").forecast(6)
    np.testing.assert_allclose(found.expected.sum(axis=1), 23_570)
    assert (found.lower <= found.upper).all()
    table = found.frame()
    assert len(table) == 6 * 12
    np.testing.assert_allclose(table.groupby("date")["share"].sum(), 1.0)
    assert table["date"].iloc[-1] == pd.Timestamp("1998-03-01")


def test_the_mean_of_the_paths_is_the_expectation_and_the_bands_hold():
    """A known chain: of the sizes it really takes, 90 % lie within the band."""
    rng = np.random.default_rng(1)
    chain = np.array([[0.8, 0.2], [0.3, 0.7]])
    inside = []
    for seed in range(60):
        codes = [rng.integers(1, 3, 400)]
        for _ in range(6):
            codes.append(1 + (rng.random(400) < chain[codes[-1] - 1, 1]))
        known = moves_of(np.array(codes[:6]).T)
        found = known.forecast(1, random_state=seed, n_draws=400)
        actual = np.bincount(codes[6], minlength=3)[1]
        inside.append(found.lower[1][0] <= actual <= found.upper[1][0])
    assert 0.8 <= np.mean(inside) <= 0.99
    counts = moves_of(HAND).counts
    expected, lower, upper = paths(
        counts, np.array([700.0, 200.0]), 3, None, 3, 4000, 0.5, np.random.default_rng(0)
    )
    np.testing.assert_allclose((lower[3] + upper[3]) / 2, expected[3], rtol=0.05)


def test_periods_that_differ_widen_the_bands():
    calm = [[1] * 5] * 50 + [[1, 2, 1, 2, 1]] * 25 + [[2, 1, 2, 1, 2]] * 25
    wild = [[1, 1, 2, 2, 1]] * 100
    width = [
        np.ptp([f.lower[1], f.upper[1]], axis=0)[0]
        for f in (moves_of(calm).forecast(1), moves_of(wild).forecast(1))
    ]
    assert width[1] > 3 * width[0]


def test_the_same_seed_gives_the_same_bits():
    moves = moves_of(HAND)
    one, two, other = (moves.forecast(2, random_state=seed) for seed in (3, 3, 4))
    assert (one.lower == two.lower).all()
    assert (one.upper == two.upper).all()
    assert not ((one.lower == other.lower).all() and (one.upper == other.upper).all())
    assert (one.expected == other.expected).all()


def test_rows_without_customers():
    counts = np.array([[[2, 2], [0, 0]], [[0, 0], [0, 0]]])
    shares = pair_shares(counts)
    assert shares.tolist() == [[[0.5, 0.5], [0, 1]], [[0.5, 0.5], [0, 1]]]
    drawn = resampled(counts, shares, np.random.default_rng(0))
    np.testing.assert_allclose(drawn.sum(axis=-1), 1.0)
    assert drawn[1].tolist() == shares[1].tolist()


def test_dates_go_on_as_they_were():
    first = [datetime(2024, month, 1) for month in (8, 10, 12)]
    assert dates_ahead(first, 2) == (first[-1], datetime(2025, 2, 1), datetime(2025, 4, 1))
    weeks = [datetime(2024, 3, day) for day in (1, 8, 15)]
    assert dates_ahead(weeks, 1) == (weeks[-1], datetime(2024, 3, 22))
    ends = [datetime(2024, 1, 31), datetime(2024, 2, 29), datetime(2024, 3, 31)]
    assert dates_ahead(ends, 1) == (ends[-1], datetime(2024, 4, 30))
    ends = [datetime(2024, 5, 31), datetime(2024, 6, 30), datetime(2024, 7, 31)]
    assert dates_ahead(ends, 2)[1:] == (datetime(2024, 8, 31), datetime(2024, 9, 30))
    quarters = [datetime(2024, 6, 30), datetime(2024, 9, 30)]
    assert dates_ahead(quarters, 1)[1] == datetime(2024, 12, 31)
    same_day = [datetime(2023, 11, 30), datetime(2023, 12, 30), datetime(2024, 1, 30)]
    assert dates_ahead(same_day, 2)[1:] == (datetime(2024, 2, 29), datetime(2024, 3, 30))
    with pytest.raises(DataError, match="needs dates at equal distances, these lie 31 to 60 days"):
        dates_ahead([datetime(2024, 1, 1), datetime(2024, 2, 1), datetime(2024, 4, 1)], 1)
    with pytest.raises(DataError, match="these lie 0 to 0 days apart"):
        dates_ahead([datetime(2024, 1, 1)] * 2, 1)


def test_words():
    text = str(moves_of(HAND).forecast(2))
    assert "2 periods ahead, learnt from 1 pair of dates; 3 new customers in each period" in text
    assert "1 period ahead, learnt" in str(moves_of(HAND).forecast(1))
    assert "; 0.5 new customers in" in str(moves_of(HAND).forecast(1, new=0.5))
    nobody = moves_of(HAND).forecast(2, {}, new=0).frame()
    assert nobody["share"].isna().all()
    assert "the bands are too narrow" in text
    assert "Check: none, it needs at least three dates." in text
    assert "A                 7" in text
    assert "Check: the last known date, foretold" in str(
        migration_matrix(by_hand(), log_of(), DATES).forecast(1)
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"periods": 0}, "periods must be a whole number of at least 1"),
        ({"level": 1.0}, "level must be a number between 0 and 1"),
        ({"new": -1}, "new must be a finite number of at least 0"),
        ({"recent": 0}, "recent must be a whole number of at least 1"),
        ({"n_draws": 0.5}, "n_draws must be a whole number of at least 1"),
        ({"start": {"a": 3}}, "start has 'a', the states are .* Did you mean 'A'"),
        ({"start": {"A": -3}}, r"start\['A'\] must be a finite number of at least 0"),
        ({"start": [1, 2]}, "start must be a mapping from segments to customers"),
        ({"random_state": "x"}, "random_state must be None"),
    ],
)
def test_errors_teach(options, text):
    with pytest.raises(DataError, match=text):
        moves_of(HAND).forecast(**{"periods": 1, **options})
