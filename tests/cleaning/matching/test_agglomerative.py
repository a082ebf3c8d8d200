"""Groups joined step by step: cases by hand, and average linkage of scipy as the oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from crmkit.cleaning._matching._agglomerative import agglomerated

FREE = np.zeros((4, 4), dtype=bool)
CHAIN = np.array([[0, 5, -4, -4], [5, 0, 3, -4], [-4, 3, 0, 4], [-4, -4, 4, 0]], dtype=float)


def apart(*pairs):
    flags = FREE.copy()
    for a, b in pairs:
        flags[a, b] = flags[b, a] = True
    return flags


def groups(labels):
    return [np.flatnonzero(labels == label).tolist() for label in dict.fromkeys(labels.tolist())]


def test_a_chain_breaks_where_the_mean_is_low():
    assert groups(agglomerated(CHAIN, [], FREE, 0.0, mean=True)) == [[0, 1], [2, 3]]
    assert groups(agglomerated(CHAIN, [], FREE, 0.0, mean=False)) == [[0, 1, 2, 3]]


def test_what_must_be_together_is_joined_first():
    assert groups(agglomerated(CHAIN, [(0, 3)], FREE, 1.0, mean=True)) == [[0, 3], [1, 2]]


def test_what_is_apart_stays_apart_by_way_of_others_too():
    got = agglomerated(np.full((4, 4), 9.0), [], apart((0, 3)), 0.0, mean=True)
    assert got[0] != got[3]
    assert len(set(got.tolist())) == 2
    got = agglomerated(CHAIN, [], apart((1, 2)), 0.0, mean=False)
    assert groups(got) == [[0, 1], [2, 3]]


def test_means_weigh_groups_by_their_sizes():
    likeness = np.array([[0, 9, 9, 4], [9, 0, 9, 4], [9, 9, 0, -7], [4, 4, -7, 0]], dtype=float)
    assert len(groups(agglomerated(likeness, [], FREE, 1 / 3, mean=True))) == 1
    assert len(groups(agglomerated(likeness, [], FREE, 0.34, mean=True))) == 2


@pytest.mark.parametrize("k", [0, 1])
def test_nobody_and_one(k):
    assert len(agglomerated(np.zeros((k, k)), [], np.zeros((k, k), bool), 0.0, mean=True)) == k


@settings(max_examples=50)
@given(st.integers(2, 8), st.integers(0, 10_000))
def test_without_constraints_it_is_average_linkage(k, seed):
    random = np.random.default_rng(seed)
    likeness = random.normal(0.0, 4.0, (k, k))
    likeness = (likeness + likeness.T) / 2
    got = agglomerated(likeness, [], np.zeros((k, k), bool), 0.5, mean=True)
    distance = 50.0 - likeness
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance), method="average")
    oracle = fcluster(tree, 49.5, criterion="distance")
    assert groups(got) == groups(oracle)
