"""Pairs to entities without chains: one label for each unit.

Whatever is joined by pairs above the threshold is a component. Inside a component the pairs that
no key proposed are scored too, and its members are joined by average linkage: two groups become
one while the mean log-odds between them is at least that of the threshold (Sokal and Michener
1958, University of Kansas Science Bulletin 38, 1409-1438). The log-odds of a pair count from
`OPPOSED` to `SURE` above the threshold. So one wrong pair, however sure, cannot pull together two
groups that have three pairs or more between them and whose other pairs disagree; it can put one
record to another, or to one of two. Where components are taken as they are, it always can.
Constraints come first: must-links
are joined before anything else, and groups with a pair that is to be apart never become one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from crmkit.cleaning._matching._agglomerative import agglomerated
from crmkit.cleaning._matching._coded import Flags, Floats, Ints
from crmkit.cleaning._matching._constraints import NONE, Constraints

SURE = 7.5  # log-odds above the threshold from which a pair is as good as certain
OPPOSED = -4.0  # least log-odds of a pair in the mean: two bad records of one person differ much
MOST_LISTED = 2_000  # members of a group whose pairs are listed
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
    n: int,
    left: Ints,
    right: Ints,
    log_odds: Floats,
    cut: float,
    scorer: Scorer | None,
    constraints: Constraints | None = None,
) -> Clusters:
    """Cluster n units from scored pairs (left < right, sorted); `scorer` scores missing pairs.

    Without a scorer, components are the answer, as far as constraints let them.
    """
    rules = constraints or Constraints()
    edges = _Edges(n, left, right, log_odds)
    labels, n_broken = _parts(edges, cut, rules, scorer is not None or rules.any)
    sizes = np.bincount(labels, minlength=1)
    largest = int(sizes.max())
    ruled = rules.touched(labels) & (sizes <= MOST_JOINED)  # larger ones are of must-links alone
    if ruled.any() or (scorer is not None and largest > 2):
        inside = (labels[left] == labels[right]) & (sizes[labels[left]] > 2)
        edges = _Edges(n, left[inside], right[inside], log_odds[inside])
        if scorer is not None:
            edges = _completed(edges, labels, sizes, scorer)
        labels = _linked(edges, labels, sizes, cut, ruled, rules, mean=scorer is not None)
    return Clusters(canonical(labels), largest, n_broken)


def components(
    n: int, left: Ints, right: Ints, joined: Flags, must: tuple[Ints, Ints] = (NONE, NONE)
) -> Ints:
    """Label of the component of each of n units."""
    a, b = np.concatenate([left[joined], must[0]]), np.concatenate([right[joined], must[1]])
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def counted(log_odds: Floats, cut: float) -> Floats:
    """Log-odds as they count in a mean that is held against a cut."""
    return np.clip(log_odds, OPPOSED, SURE + max(cut, 0.0))


def pairs_within(labels: Ints, sizes: Ints, most: int = MOST_LISTED) -> tuple[Ints, Ints]:
    """All pairs of units of one label, left < right; labels of a size above `most` are left out."""
    order = np.argsort(labels, kind="stable")
    counts = np.bincount(labels, minlength=len(sizes))
    starts = np.cumsum(counts) - counts
    chosen = (sizes > 1) & (sizes <= most)
    lefts, rights = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for size in np.unique(sizes[chosen]).tolist():
        rows = order[starts[chosen & (sizes == size)][:, None] + np.arange(size)]
        a, b = np.triu_indices(size, k=1)
        lefts.append(rows[:, a].ravel())
        rights.append(rows[:, b].ravel())
    return np.concatenate(lefts), np.concatenate(rights)


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


def _parts(edges: _Edges, cut: float, rules: Constraints, break_up: bool) -> tuple[Ints, int]:
    """Components of the pairs above the cut, broken where they are too large, and how many were."""
    left, right, broken, rising = edges.left, edges.right, 0, cut
    labels = components(edges.n, left, right, edges.log_odds >= cut, rules.must)
    sizes = np.bincount(labels, minlength=1)
    while break_up and sizes.max() > MOST_JOINED and rising <= edges.log_odds.max(initial=cut):
        broken = max(broken, int((sizes > MOST_JOINED).sum()))
        rising += STEP
        strong = edges.log_odds >= np.where(sizes[labels[left]] > MOST_JOINED, rising, cut)
        strong &= labels[left] == labels[right]
        labels = components(edges.n, left, right, strong, rules.must)
        sizes = np.bincount(labels)
    return labels, broken


def _completed(edges: _Edges, labels: Ints, sizes: Ints, scorer: Scorer) -> _Edges:
    """Edges with all pairs inside components of 3 to `MOST_COMPLETED`, in order."""
    left, right = pairs_within(labels, np.where(sizes > 2, sizes, 0), MOST_COMPLETED)
    new = ~np.isin(left * edges.n + right, edges.left * edges.n + edges.right)
    left, right = left[new], right[new]
    both = [
        np.concatenate([edges.left, left]),
        np.concatenate([edges.right, right]),
        np.concatenate([edges.log_odds, scorer(left, right)]),
    ]
    order = np.lexsort((both[1], both[0]))
    return _Edges(edges.n, both[0][order], both[1][order], both[2][order])


def _linked(
    edges: _Edges,
    labels: Ints,
    sizes: Ints,
    cut: float,
    ruled: Flags,
    rules: Constraints,
    *,
    mean: bool,
) -> Ints:
    """Labels after average linkage inside every component of three or more.

    With `mean=False` only components with constraints are linked, by their likest pairs.
    """
    group = labels[edges.left]
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(len(sizes) + 1))
    weak = np.bincount(group, weights=edges.log_odds < cut, minlength=len(sizes)) > 0
    partial = np.diff(bounds) < sizes * (sizes - 1) // 2
    rows = np.argsort(labels, kind="stable")
    starts = np.cumsum(sizes) - sizes
    result, fresh = labels.copy(), len(sizes)
    doubtful = (sizes > 2) & (sizes <= MOST_JOINED) & (weak | partial) & mean
    for component in np.flatnonzero(ruled | doubtful).tolist():
        size = int(sizes[component])
        members = rows[starts[component] : starts[component] + size]
        part = order[bounds[component] : bounds[component + 1]]
        a = np.searchsorted(members, edges.left[part])
        b = np.searchsorted(members, edges.right[part])
        likeness = np.full((size, size), OPPOSED)
        likeness[a, b] = likeness[b, a] = counted(edges.log_odds[part], cut)
        if ruled[component]:
            must, apart = rules.within(members)
            found: Ints = agglomerated(likeness, must, apart, cut, mean=mean)
        else:
            top = SURE + max(cut, 0.0)
            np.fill_diagonal(likeness, top)
            tree = linkage(squareform(top - likeness, checks=False), method="average")
            found = fcluster(tree, top - cut + 1e-9, criterion="distance").astype(np.int64)
        result[members] = fresh + found
        fresh += size + 1
    return result
