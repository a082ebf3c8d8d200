"""Likely duplicates: scaling and intervals by hand, and covered as promised; what is skipped."""

import numpy as np
import pandas as pd
import pytest

from crmkit.cleaning import quality_report
from crmkit.cleaning._quality._likely_duplicates import poisson_interval, scaled


def test_intervals_of_garwood():
    # Garwood (1936), table for 95 %
    assert poisson_interval(0) == pytest.approx((0.0, 3.689), abs=1e-3)
    assert poisson_interval(1) == pytest.approx((0.0253, 5.572), abs=1e-3)
    assert poisson_interval(10) == pytest.approx((4.795, 18.39), abs=1e-2)


def test_pairs_of_all_rows_are_not_scaled():
    made = scaled(1_000, 1_000, np.array([1, 0, 3, 1]), 0.8)
    assert (made.n_found, made.n_pairs, made.low, made.high) == (5, 4.0, 4.0, 4.0)
    assert not made.of_a_sample
    assert str(made) == (
        "likely duplicates: about 4 pairs (5 pairs found, 80% of them right by its own word)"
    )


def test_pairs_of_a_tenth_are_scaled_by_about_a_hundred():
    made = scaled(1_001, 101, np.ones(10, dtype=np.int64), 1.0)
    factor = 1_001 * 1_000 / (101 * 100)
    assert made.n_pairs == pytest.approx(10 * factor)
    assert (made.low, made.high) == pytest.approx((4.795 * factor, 18.39 * factor), rel=1e-3)


def test_no_pair_in_a_sample_is_not_no_pair():
    made = scaled(10_000, 1_000, np.zeros(5, dtype=np.int64), 1.0)
    assert made.n_pairs == 0
    assert made.high == pytest.approx(3.689 * 10_000 * 9_999 / (1_000 * 999), rel=1e-3)


def test_people_with_many_records_widen_the_interval():
    alone = scaled(10_000, 1_000, np.ones(90, dtype=np.int64), 1.0)
    together = scaled(10_000, 1_000, np.full(2, 45), 1.0)
    assert together.n_pairs == alone.n_pairs
    assert together.high - together.low > 4 * (alone.high - alone.low)


@pytest.mark.parametrize("size", [2, 8])
def test_intervals_cover_the_truth_as_often_as_they_say(size):
    rng, n, n_sample = np.random.default_rng(size), 4_000, 800
    person = np.repeat(np.arange(n // 10), size)[:n]
    person = np.append(person, np.arange(n, 2 * n - len(person)))
    truth = (n // 10) * size * (size - 1) / 2
    covered = []
    for _ in range(300):
        counts = np.bincount(person[rng.choice(n, n_sample, replace=False)])
        made = scaled(n, n_sample, counts * (counts - 1) // 2, 1.0)
        covered.append(made.low <= truth <= made.high)
    assert np.mean(covered) >= 0.93


NO_PEOPLE = {
    "no column of persons": pd.DataFrame({"price": [1.0, 2.0, 2.0], "kind": ["a", "b", "a"]}),
    "one of them": pd.DataFrame({"email": ["a@b.example", "c@d.example"], "kind": ["x", "y"]}),
    "no row": pd.DataFrame({"first_name": [], "last_name": []}),
    "one row": pd.DataFrame({"first_name": ["Ann"], "last_name": ["Lee"]}),
    "all equal": pd.DataFrame({"first_name": ["Ann"] * 3, "last_name": ["Lee"] * 3}),
}


@pytest.mark.parametrize("name", NO_PEOPLE)
def test_nothing_is_compared_where_nothing_tells_people_apart(name):
    made = quality_report(NO_PEOPLE[name]).duplicates
    assert np.isnan(made.n_pairs)
    assert str(made).startswith("likely duplicates: not looked for, since fewer than two columns")


def test_nothing_is_compared_unless_wanted():
    frame = pd.DataFrame({"first_name": ["Ann", "Bob"], "last_name": ["Lee", "Ray"]})
    assert "since duplicates=False" in str(quality_report(frame, duplicates=False).duplicates)
