"""Links of two lists in which every record has at most one partner.

Of all sets of links that use no record twice, the one whose sum of values is largest: the linear
assignment problem, by the algorithm of Jonker and Volgenant (1987), Computing 38, 325-340, on the
pairs there are. A partner of value zero stands in for nobody, so records may stay alone.
"""

from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from crmkit.cleaning._matching._coded import Flags, Floats, Ints

AWAY = 1.0  # added to all values, because a value of zero would be no pair


def one_to_one(left: Ints, right: Ints, values: Floats) -> Ints:
    """Places of the pairs that are links; `left` and `right` number the records of two lists.

    Values are at least zero. Pairs whose records occur in no other are taken as they are.
    """
    alone = once(left) & once(right)
    doubtful = np.flatnonzero(~alone)
    taken = np.flatnonzero(alone)
    if len(doubtful):
        taken = np.append(
            taken, doubtful[_assignment(left[doubtful], right[doubtful], values[doubtful])]
        )
    return np.sort(taken)


def many_to_many(left: Ints, right: Ints, values: Floats, supply: Ints, demand: Ints) -> Ints:
    """How many links each pair of units is worth, where unit n has `supply[n]` equal records.

    The transportation problem (Hitchcock 1941, Journal of Mathematics and Physics 20, 224-230),
    whose corners are whole numbers: the dual simplex algorithm ends in one.
    """
    if not len(left):
        return left
    each, ones = np.arange(len(left)), np.ones(len(left))
    rows, a = np.unique(left, return_inverse=True)
    columns, b = np.unique(right, return_inverse=True)
    sums = [
        coo_array((ones, (side, each)), shape=(len(units), len(left)))
        for side, units in ((a, rows), (b, columns))
    ]
    most = np.concatenate([supply[rows], demand[columns]])
    both: Any = vstack(sums, format="csr")
    found: Any = linprog(-values, A_ub=both, b_ub=most, method="highs-ds")
    times: Ints = np.rint(found.x).astype(np.int64)
    return times


def once(numbers: Ints) -> Flags:
    """Numbers that occur only once."""
    counts = np.bincount(numbers)
    return np.asarray(counts[numbers] == 1)


def _assignment(left: Ints, right: Ints, values: Floats) -> Ints:
    rows, a = np.unique(left, return_inverse=True)
    columns, b = np.unique(right, return_inverse=True)
    n, m = len(rows), len(columns)
    nobody = np.arange(n)
    weights = coo_array(
        (
            np.concatenate([values + AWAY, np.full(n, AWAY)]),
            (np.concatenate([a, nobody]), np.concatenate([b, m + nobody])),
        ),
        shape=(n, m + n),
    )
    row, column = min_weight_full_bipartite_matching(csr_array(weights), maximize=True)
    partner = np.full(n, -1, dtype=np.int64)
    partner[row] = column
    return np.flatnonzero(partner[a] == b)
