"""Pairs of records worth comparing: those that share a key in at least one of several passes.

Within a pass all records of a key are joined in one array operation for each size of a group.
Groups above a limit are left out and counted, and so is a pass with more pairs than its budget:
the work stays bounded, and the report says what it cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from crmkit.cleaning._matching._block_keys import Pass, key_codes
from crmkit.cleaning._matching._coded import Ints, Units


@dataclass(frozen=True, eq=False)
class PassReport:
    """What one pass did: pairs it gave, pairs no pass before gave, and what was left out."""

    label: str
    n_pairs: int
    n_new: int
    n_large_blocks: int
    largest_block: int
    used: bool


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of units (left < right), the passes that gave each, and the report.

    `members[k]` holds the places of the pairs of pass k among all pairs.
    """

    left: Ints
    right: Ints
    passes: list[Pass]
    members: list[Ints]
    report: list[PassReport] = field(default_factory=list)


def candidates(
    units: Units, passes: Sequence[Pass], max_block: int, budget: int, total: int
) -> Candidates:
    """Union of the pairs of all passes; a pass above `budget` is left out.

    Passes come in the order of their merit: once `total` pairs are reached, only passes that add
    nothing to the sum but what is left are taken.
    """
    known: dict[tuple[str, str], Ints] = {}
    seen = np.empty(0, dtype=np.int64)
    taken: list[Pass] = []
    keys: list[Ints] = []
    report = []
    for rule in passes:
        codes = key_codes(units, rule, known)
        sizes = np.bincount(codes[codes >= 0])
        n_pairs = pairs_in(sizes, max_block)
        large = int((sizes > max_block).sum())
        largest = int(sizes.max(initial=0))
        if not 0 < n_pairs <= min(budget, total - len(seen)):
            report.append(PassReport(rule.label, n_pairs, 0, large, largest, False))
            continue
        left, right = pairs_of(codes, max_block)
        key = np.sort(left * units.n + right)
        before = len(seen)
        seen = union(seen, key)
        report.append(PassReport(rule.label, n_pairs, len(seen) - before, large, largest, True))
        taken.append(rule)
        keys.append(key)
    members = [np.searchsorted(seen, key) for key in keys]
    left, right = np.divmod(seen, max(units.n, 1))
    return Candidates(left, right, taken, members, report)


def pairs_in(sizes: Ints, max_block: int) -> int:
    """Number of pairs in groups of these sizes, the large ones left out."""
    sizes = sizes[sizes <= max_block]
    return int((sizes * (sizes - 1) // 2).sum())


def pairs_of(codes: Ints, max_block: int) -> tuple[Ints, Ints]:
    """All pairs of units that share a code, left < right; -1 shares with nobody."""
    order = np.argsort(codes, kind="stable")
    order = order[np.searchsorted(codes[order], 0) :]
    if not len(order):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(np.append(True, np.diff(codes[order]) != 0))
    sizes = np.diff(np.append(starts, len(order)))
    lefts, rights = [], []
    for size in np.unique(sizes[(sizes > 1) & (sizes <= max_block)]).tolist():
        rows = order[starts[sizes == size][:, None] + np.arange(size)]
        a, b = np.triu_indices(size, k=1)
        lefts.append(rows[:, a].ravel())
        rights.append(rows[:, b].ravel())
    if not lefts:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    return np.concatenate(lefts), np.concatenate(rights)


def union(one: Ints, other: Ints) -> Ints:
    """All numbers of two sorted arrays, sorted, once."""
    both = np.concatenate([one, other])
    both.sort(kind="stable")  # two sorted runs merge in linear time
    return both[np.append(True, both[1:] != both[:-1])] if len(both) else both


def all_pairs(n: int) -> tuple[Ints, Ints]:
    """Every pair of n units, left < right."""
    left, right = np.triu_indices(n, k=1)
    return left.astype(np.int64), right.astype(np.int64)
