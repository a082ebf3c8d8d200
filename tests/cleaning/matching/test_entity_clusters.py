"""Clusters: no chains, missing pairs scored, partitions whatever the pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.cleaning._matching import _entity_clusters
from crmkit.cleaning._matching._constraints import Constraints
from crmkit.cleaning._matching._entity_clusters import canonical, entity_clusters


def pairs(*rows):
    left, right, odds = zip(*sorted(rows), strict=True)
    return np.array(left), np.array(right), np.array(odds, dtype=float)


def stranger(left, right):
    return np.full(len(left), -9.0)


def test_a_chain_is_cut_where_it_is_weak():
    left, right, odds = pairs((0, 1, 8.0), (1, 2, 0.5), (2, 3, 8.0))
    got = entity_clusters(4, left, right, odds, 0.0, stranger)
    assert got.labels.tolist() == [0, 0, 1, 1]
    assert entity_clusters(4, left, right, odds, 0.0, None).labels.tolist() == [0, 0, 0, 0]


def test_missing_pairs_are_scored_before_they_count():
    left, right, odds = pairs((0, 1, 3.0), (1, 2, 3.0))
    alike = entity_clusters(3, left, right, odds, 0.0, lambda a, b: np.full(len(a), 2.0))
    assert alike.labels.tolist() == [0, 0, 0]
    apart = entity_clusters(3, left, right, odds, 0.0, stranger)
    assert len(set(apart.labels.tolist())) == 2


def test_groups_join_by_their_mean_log_odds():
    left, right, odds = pairs((0, 1, 9.0), (0, 2, 4.0), (1, 2, -3.0))
    assert entity_clusters(3, left, right, odds, 0.0, stranger).labels.tolist() == [0, 0, 0]
    assert entity_clusters(3, left, right, odds, 1.0, stranger).labels.tolist() == [0, 0, 1]


def test_a_giant_component_is_broken(monkeypatch):
    monkeypatch.setattr(_entity_clusters, "MOST_JOINED", 5)
    rows = [(i, i + 1, 3.0 if i % 3 == 2 else 9.0) for i in range(11)]
    left, right, odds = pairs(*rows)
    got = entity_clusters(12, left, right, odds, 0.0, lambda a, b: np.full(len(a), 9.0))
    assert got.labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert got.n_broken == 1


def test_canonical_labels_count_from_the_first_unit():
    assert canonical(np.array([7, 3, 7, 1])).tolist() == [0, 1, 0, 2]


def test_nobody_and_nothing():
    none = np.empty(0, dtype=np.int64)
    assert entity_clusters(3, none, none, np.empty(0), 0.0, stranger).labels.tolist() == [0, 1, 2]
    assert len(entity_clusters(0, none, none, np.empty(0), 0.0, stranger).labels) == 0


@given(st.integers(2, 9), st.data())
def test_labels_are_a_partition_inside_components(n, data):
    possible = [(i, j) for i in range(n) for j in range(i + 1, n)]
    chosen = data.draw(st.lists(st.sampled_from(possible), unique=True, min_size=1))
    odds = data.draw(st.lists(st.floats(-15, 15), min_size=len(chosen), max_size=len(chosen)))
    left, right, odds = pairs(*((i, j, x) for (i, j), x in zip(chosen, odds, strict=True)))
    fine = entity_clusters(n, left, right, odds, 0.0, stranger).labels
    coarse = entity_clusters(n, left, right, odds, 0.0, None).labels
    assert len(fine) == n
    assert len({(a, b) for a, b in zip(fine.tolist(), coarse.tolist(), strict=True)}) == len(
        set(fine.tolist())
    )


@pytest.mark.parametrize("size", [3, 6])
def test_a_complete_component_stays_whole(size):
    rows = [(i, j, 5.0) for i in range(size) for j in range(i + 1, size)]
    assert set(entity_clusters(size, *pairs(*rows), 0.0, stranger).labels.tolist()) == {0}


def test_constraints_rule_over_scores():
    rows = [(i, j, 5.0) for i in range(4) for j in range(i + 1, 4)]
    rules = Constraints(cannot=(np.array([0]), np.array([3])))
    labels = entity_clusters(4, *pairs(*rows), 0.0, stranger, rules).labels
    assert labels[0] != labels[3]
    assert len(set(labels.tolist())) == 2
    rules = Constraints(must=(np.array([0, 4]), np.array([4, 5])))
    labels = entity_clusters(6, *pairs((0, 1, 9.0), (2, 3, 9.0)), 1.0, stranger, rules).labels
    assert labels.tolist() == [0, 1, 2, 2, 0, 0]


@pytest.mark.parametrize("scorer", [None, stranger])
def test_one_of_a_source_in_every_entity(scorer):
    rules = Constraints(holders=np.arange(4), sources=np.array([0, 1, 0, 1]))
    chain = pairs((0, 1, 8.0), (1, 2, 7.0), (2, 3, 6.0))
    assert entity_clusters(4, *chain, 0.0, scorer, rules).labels.tolist() == [0, 0, 1, 1]


def test_must_links_hold_in_a_giant_component(monkeypatch):
    monkeypatch.setattr(_entity_clusters, "MOST_JOINED", 3)
    left, right, odds = pairs(*((i, i + 1, 1.5) for i in range(7)))
    must = np.arange(4), np.arange(1, 5)
    got = entity_clusters(8, left, right, odds, 0.0, stranger, Constraints(must=must))
    assert got.labels.tolist() == [0, 0, 0, 0, 0, 1, 2, 3]


def test_one_sure_pair_does_not_join_two_couples():
    rows = [(0, 1, 15.0), (2, 3, 15.0), (1, 2, 40.0)]
    left, right, odds = pairs(*rows)
    labels = entity_clusters(4, left, right, odds, 0.0, lambda a, b: np.full(len(a), -40.0)).labels
    assert labels.tolist() == [0, 0, 1, 1]
    triple = [(0, 1, 15.0), (0, 2, 15.0), (1, 2, 15.0), (2, 3, 40.0)]
    left, right, odds = pairs(*triple)
    labels = entity_clusters(4, left, right, odds, 0.0, lambda a, b: np.full(len(a), -40.0)).labels
    assert labels.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("cut", [12.5, 13.8])
def test_a_very_high_cut_still_joins_what_is_above_it(cut):
    left, right, odds = pairs((0, 1, 30.0), (0, 2, 13.0), (1, 2, 30.0))
    labels = entity_clusters(3, left, right, odds, cut, stranger).labels
    assert labels.tolist() == [0, 0, 0]
