"""Thresholds from a wanted precision, and how sure one can be of it."""

import numpy as np
import pytest

from crmkit.cleaning._matching._precision import (
    interval_of_mean,
    log_odds_of_cut,
    mean_probability,
    reached,
    threshold_for,
)

NO_LABELS = np.empty(0), np.empty(0, dtype=bool)


def odds(*p):
    return np.log(np.array(p)) - np.log1p(-np.array(p))


def test_the_lowest_threshold_that_is_precise_enough():
    assert 0.6 < threshold_for(odds(0.99, 0.9, 0.6), 0.94) < 0.9
    assert threshold_for(odds(0.99, 0.9, 0.6), 0.82) < 0.6
    assert 0.9 < threshold_for(odds(0.99, 0.9, 0.6), 0.95) < 0.99


def test_equal_pairs_are_taken_all_or_none():
    many = np.concatenate([np.full(10, 20.0), np.full(1000, np.log(9.0))])
    threshold = threshold_for(many, 0.99)
    assert 0.9 < threshold < 1.0
    assert (many >= log_odds_of_cut(threshold)).sum() == 10


def test_nothing_precise_enough_or_nothing_at_all():
    assert threshold_for(odds(0.5), 0.99) == pytest.approx(1.0, abs=1e-5)
    assert threshold_for(np.empty(0), 0.99) == pytest.approx(1.0, abs=1e-5)


def test_the_threshold_rises_until_entities_are_precise_enough():
    pairs = odds(0.999, 0.97, 0.9)

    def entities_at(threshold):
        return np.array([int((pairs >= log_odds_of_cut(threshold)).sum())])

    def odds_in(entities):  # each pair draws in one that is wrong as often as not
        return np.concatenate([pairs[: entities[0]], np.zeros(int(entities[0] > 1))])

    threshold, entities = reached(pairs, 0.95, entities_at, odds_in)
    assert entities.tolist() == [1]
    assert threshold > 0.97


def test_the_mean_of_nothing_is_one():
    assert mean_probability(np.empty(0)) == 1.0
    assert mean_probability(np.array([0.0, np.inf])) == 0.75
    assert interval_of_mean(np.empty(0), *NO_LABELS) == (1.0, 1.0)


def test_without_labels_log_odds_may_be_one_off():
    low, high = interval_of_mean(np.full(4 * 10**6, 3.0), *NO_LABELS)
    assert low == pytest.approx(1 / (1 + np.exp(-3.0 + 0.98)), abs=1e-3)
    assert high == pytest.approx(1 / (1 + np.exp(-3.0 - 0.98)), abs=1e-3)


def test_few_pairs_leave_more_to_chance():
    few, many = (interval_of_mean(np.full(n, 3.0), *NO_LABELS) for n in (20, 2000))
    assert few[0] < many[0] < many[1] <= few[1] <= 1.0


def test_labels_narrow_and_move_the_interval():
    random = np.random.default_rng(0)
    labelled = random.normal(0.0, 2.0, 400)
    match = random.random(400) < 1 / (1 + np.exp(-labelled - 1.0))  # log-odds are one too low
    wide = interval_of_mean(np.full(5000, 2.0), *NO_LABELS)
    told = interval_of_mean(np.full(5000, 2.0), labelled, match)
    assert told[1] - told[0] < wide[1] - wide[0]
    assert told[0] < 1 / (1 + np.exp(-3.0)) < told[1]


def test_certain_pairs_are_beyond_doubt():
    assert interval_of_mean(np.full(5, np.inf), *NO_LABELS) == (1.0, 1.0)


def test_the_interval_holds_a_whole_number_of_right_pairs():
    low, high = interval_of_mean(np.full(200, 9.0), np.empty(0), np.empty(0, dtype=bool))
    assert high == 1.0
    assert low < 1.0
    assert low * 200 == pytest.approx(round(low * 200))
