"""Pairs to entities without chains: one label for each unit.

Whatever is joined by pairs above the threshold is a component. Inside a component the pairs that
no key proposed are scored too, and its members are joined by average linkage: two groups become
one while the mean log-odds between them is at least that of the threshold (Sokal and Michener
1958, University of Kansas Science Bulletin 38, 1409-1438). One wrong pair cannot pull two people
together, as it does where components are taken as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crmkit.cleaning._matching._coded import Floats, Ints

SURE = 12.0  # log-odds beyond which a pair is as good as certain
OPPOSED = -4.0  # least log-odds of a pair in the mean: two bad records of one person differ much
MOST_COMPLETED = 200  # members of a component whose missing pairs are all scored
MOST_JOINED = 2_000  # members of a component that is clustered as a whole
STEP = 1.0  # log-odds by which the cut rises to break a larger one

Scorer = Callable[[Ints, Ints], Floats]


@dataclass(frozen=True, eq=False)
class Clusters:
    """Label of each unit, in the order of the units, and what had to be broken."""

    labels: Ints
    largest_component: int
    n_broken: int


def entity_clusters(
    n: int, left: Ints, right: Ints, log_odds: Floats, cut: float, scorer: Scorer | None
) -> Clusters:
    """Cluster n units from scored pairs (left < right, sorted); `scorer` scores missing pairs.

    Without a scorer, components are the answer.
    """
    labels = components(n, left, right, log_odds >= cut)
    sizes = np.bincount(labels, minlength=1)
    if scorer is None or sizes.max(initial=0) < 3:
        return Clusters(canonical(labels), int(sizes.max(initial=0)), 0)
    broken, rising = 0, cut
    while sizes.max() > MOST_JOINED:
        broken = max(broken, int((sizes > MOST_JOINED).sum()))
        rising += STEP
        strong = log_odds >= np.where(sizes[labels[left]] > MOST_JOINED, rising, cut)
        labels = components(n, left, right, strong & (labels[left] == labels[right]))
        sizes = np.bincount(labels)
    largest = int(sizes.max())
    inside = (labels[left] == labels[right]) & (sizes[labels[left]] > 2)
    edges = _Edges(n, left[inside], right[inside], log_odds[inside])
    edges = _completed(edges, labels, sizes, scorer)
    return Clusters(canonical(_linked(edges, labels, sizes, cut)), largest, broken)


def components(n: int, left: Ints, right: Ints, joined: np.ndarray) -> Ints:
    """Label of the component of each of n units."""
    a, b = left[joined], right[joined]
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def canonical(labels: Ints) -> Ints:
    """Labels 0, 1, ... in the order in which they first appear."""
    _, first, back = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[back]


@dataclass(frozen=True, eq=False)
class _Edges:
    n: int
    left: Ints
    right: Ints
    log_odds: Floats


def _completed(edges: _Edges, labels: Ints, sizes: Ints, scorer: Scorer) -> _Edges:
    """Edges with all pairs inside components of 3 to `MOST_COMPLETED`, in order."""
    small = (sizes > 2) & (sizes <= MOST_COMPLETED)
    left, right = _pairs_within(labels, sizes, small)
    have = edges.left * edges.n + edges.right
    want = left * edges.n + right
    place = np.minimum(np.searchsorted(have, want), max(len(have) - 1, 0))
    new = have[place] != want
    left, right = left[new], right[new]
    both = [
        np.concatenate([edges.left, left]),
        np.concatenate([edges.right, right]),
        np.concatenate([edges.log_odds, scorer(left, right)]),
    ]
    order = np.lexsort((both[1], both[0]))
    return _Edges(edges.n, both[0][order], both[1][order], both[2][order])


def _pairs_within(labels: Ints, sizes: Ints, chosen: np.ndarray) -> tuple[Ints, Ints]:
    order = np.argsort(labels, kind="stable")
    starts = np.cumsum(sizes) - sizes
    lefts, rights = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for size in np.unique(sizes[chosen]).tolist():
        rows = order[starts[chosen & (sizes == size)][:, None] + np.arange(size)]
        a, b = np.triu_indices(size, k=1)
        lefts.append(rows[:, a].ravel())
        rights.append(rows[:, b].ravel())
    return np.concatenate(lefts), np.concatenate(rights)


def _linked(edges: _Edges, labels: Ints, sizes: Ints, cut: float) -> Ints:
    """Labels after average linkage inside every component of three or more."""
    group = labels[edges.left]
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(len(sizes) + 1))
    weak = np.bincount(group, weights=edges.log_odds < cut, minlength=len(sizes)) > 0
    partial = np.diff(bounds) < sizes * (sizes - 1) // 2
    rows = np.argsort(labels, kind="stable")
    starts = np.cumsum(sizes) - sizes
    result, fresh = labels.copy(), len(sizes)
    for component in np.flatnonzero((sizes > 2) & (weak | partial)).tolist():
        size = int(sizes[component])
        members = rows[starts[component] : starts[component] + size]
        part = order[bounds[component] : bounds[component + 1]]
        a = np.searchsorted(members, edges.left[part])
        b = np.searchsorted(members, edges.right[part])
        distance = np.full(size * (size - 1) // 2, SURE - OPPOSED)
        place = a * size - a * (a + 1) // 2 + b - a - 1
        distance[place] = SURE - np.clip(edges.log_odds[part], OPPOSED, SURE)
        tree = linkage(distance, method="average")
        found = fcluster(tree, SURE - cut + 1e-9, criterion="distance")
        result[members] = fresh + found
        fresh += size + 1
    return result
