"""Pairs of records worth comparing: those that share a key in at least one of several passes.

Within a pass all records of a key are joined in one array operation for each size of a group.
Groups above a limit are parted by a second key each, and what is above it even then is left out
and counted, as is a pass with more pairs than its budget: the work stays bounded, and the report
says what it cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._matching._block_keys import PartCodes, Pass, key_codes, second_keys
from crmkit.cleaning._matching._coded import Floats, Ints, Units, group_codes


@dataclass(frozen=True, eq=False)
class PassReport:
    """What one pass did: its pairs, those that no pass before gave, and what was left out.

    `n_large_blocks` keys have more records than the limit; their pairs are those that share a
    second key too, and `n_left_out` pairs remain. `recall` is the estimated share of all matches
    that the pass joins, `recall_so_far` that of it and those before.
    """

    label: str
    n_pairs: int
    n_new: int
    n_large_blocks: int
    largest_block: int
    used: bool
    n_left_out: int = 0
    recall: float = np.nan
    recall_so_far: float = np.nan


REPORTED: dict[str, type] = {
    "key": str,
    "pairs": np.int64,
    "new_pairs": np.int64,
    "large_blocks": np.int64,
    "largest_block": np.int64,
    "used": bool,
    "left_out": np.int64,
    "recall": np.float64,
    "recall_so_far": np.float64,
}


def report_row(report: PassReport) -> list[Any]:
    """One line of a report as a list, in the order of `REPORTED`."""
    return [getattr(report, each.name) for each in fields(report)]


def report_columns(rows: Sequence[Sequence[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Lines of a report as columns of a table."""
    columns = list(zip(*rows, strict=True)) or [()] * len(REPORTED)
    return {
        name: np.array(column, dtype=dtype)
        for (name, dtype), column in zip(REPORTED.items(), columns, strict=True)
    }


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of units (left < right, in order), the passes that gave each, and the report.

    `members[k]` holds the places of the pairs of pass k among all pairs. Of a long list they are
    a sample to learn from: `weights` tells for how many pairs each stands, and `shares` which
    part of each pass was drawn.
    """

    left: Ints
    right: Ints
    passes: list[Pass]
    members: list[Ints]
    report: list[PassReport] = field(default_factory=list)
    weights: Floats | None = None
    shares: list[float] = field(default_factory=list)


def candidates(
    units: Units,
    passes: Sequence[Pass],
    max_block: int,
    budget: int,
    total: int,
    known: PartCodes | None = None,
) -> Candidates:
    """Union of the pairs of all passes; a pass above `budget` is left out.

    Passes come in the order of their merit: once `total` pairs are reached, only passes that add
    nothing to the sum but what is left are taken. `known` keeps the parts of keys.
    """
    known = {} if known is None else known
    seen = np.empty(0, dtype=np.int64)
    taken: list[Pass] = []
    keys: list[Ints] = []
    report = []
    for rule in passes:
        codes = key_codes(units, rule, known)
        sizes = np.bincount(codes[codes >= 0])
        cost = pairs_in(sizes, max_block)
        limit = min(budget, total - len(seen))
        more, left_out = _of_large_blocks(units, rule, codes, sizes, max_block, limit - cost, known)
        told = PassReport(
            rule.label, cost + len(more), 0, int((sizes > max_block).sum()),
            int(sizes.max(initial=0)), False, left_out,
        )  # fmt: skip
        if not 0 < told.n_pairs <= limit:
            report.append(told)
            continue
        key = _keys(units.n, *pairs_of(codes, max_block))
        key = union(key, more) if len(more) else key
        before = len(seen)
        seen = union(seen, key)
        report.append(replace(told, used=True, n_new=len(seen) - before))
        taken.append(rule)
        keys.append(key)
    members = [np.searchsorted(seen, key) for key in keys]
    left, right = np.divmod(seen, max(units.n, 1))
    return Candidates(left, right, taken, members, report)


def drawn(
    units: Units,
    passes: Sequence[Pass],
    max_block: int,
    budget: int,
    limits: tuple[int, int],
    seed: int,
    known: PartCodes,
) -> Candidates | None:
    """Pairs to learn from: part of the pairs of each pass, of keys that are drawn at random.

    `limits` are the pairs of all passes together up to which nothing is drawn (None), and those
    of a pass that are. The weight of a pair is the inverse of its chance to be drawn by any pass.
    """
    random = np.random.default_rng(seed)
    taken, all_codes, n_pairs = [], [], []
    for rule in passes:
        codes = key_codes(units, rule, known)
        sizes = np.bincount(codes[codes >= 0])
        cost = pairs_in(sizes, max_block)
        if 0 < cost <= budget:
            small = np.append(sizes <= max_block, False)
            taken.append(rule)
            all_codes.append(np.where(small[codes], codes, -1))
            n_pairs.append(cost)
    if sum(n_pairs) <= limits[0]:
        return None
    shares = [min(1.0, limits[1] / cost) for cost in n_pairs]
    keys = []
    for codes, share in zip(all_codes, shares, strict=True):
        chosen = np.append(random.random(int(codes.max()) + 1) < share, False)
        keys.append(_keys(units.n, *pairs_of(np.where(chosen[codes], codes, -1), max_block)))
    seen = np.sort(np.concatenate(keys))
    seen = seen[np.append(True, seen[1:] != seen[:-1])]
    left, right = np.divmod(seen, max(units.n, 1))
    missed = np.ones(len(seen))
    for codes, share in zip(all_codes, shares, strict=True):
        missed[(codes[left] == codes[right]) & (codes[left] >= 0)] *= 1.0 - share
    members = [np.searchsorted(seen, key) for key in keys]
    return Candidates(left, right, taken, members, [], 1.0 / (1.0 - missed), shares)


def _of_large_blocks(
    units: Units,
    rule: Pass,
    codes: Ints,
    sizes: Ints,
    max_block: int,
    limit: int,
    known: PartCodes,
) -> tuple[Ints, int]:
    """Keys of the pairs in large blocks that share a second key too, and how many are left out."""
    large = np.append(sizes > max_block, False)
    if not large.any():
        return np.empty(0, dtype=np.int64), 0
    found = np.empty(0, dtype=np.int64)
    for part in second_keys(units, rule) if rule.telling else ():
        second = key_codes(units, Pass((part,)), known)
        rows = np.flatnonzero(large[codes] & (second >= 0))
        joint = group_codes([codes[rows], second[rows]]) if len(rows) else rows
        if len(found) + pairs_in(np.bincount(joint), max_block) <= limit:
            left, right = pairs_of(joint, max_block)
            found = union(found, _keys(units.n, rows[left], rows[right]))
    whole = sizes[sizes > max_block]
    return found, int((whole * (whole - 1) // 2).sum()) - len(found)


def _keys(n: int, left: Ints, right: Ints) -> Ints:
    """Sorted numbers of pairs of n units."""
    return np.sort(left * n + right)


def pairs_with_new(
    units: Units, n_known: int, passes: Sequence[Pass], max_block: int
) -> tuple[Ints, Ints]:
    """Pairs of units, left < right, that share a key and have a new unit on the right.

    Units are new from `n_known` on. Only keys that a new unit has are looked at.
    """
    known: PartCodes = {}
    found = [np.empty(0, dtype=np.int64)]
    for rule in passes:
        codes = key_codes(units, rule, known, n_known)
        rows = np.flatnonzero(codes >= 0)
        order = rows[np.argsort(codes[rows], kind="stable")]
        sizes = np.bincount(codes[rows])
        ends = np.cumsum(sizes)
        new = rows[rows >= n_known]
        new = new[sizes[codes[new]] <= max_block]
        each = sizes[codes[new]]
        right = np.repeat(new, each)
        within = np.arange(len(right)) - np.repeat(np.cumsum(each) - each, each)
        left = order[np.repeat((ends - sizes)[codes[new]], each) + within]
        found.append((left * units.n + right)[left < right])
    left, right = np.divmod(np.unique(np.concatenate(found)), max(units.n, 1))
    return left, right


def pairs_in(sizes: Ints, max_block: int) -> int:
    """Number of pairs in groups of these sizes, the large ones left out."""
    sizes = sizes[sizes <= max_block]
    return int((sizes * (sizes - 1) // 2).sum())


def pairs_of(codes: Ints, max_block: int) -> tuple[Ints, Ints]:
    """All pairs of units that share a code, left < right; -1 shares with nobody."""
    counts = np.append(np.bincount(codes[codes >= 0]), 0)
    rows = np.flatnonzero((counts[codes] > 1) & (counts[codes] <= max_block))
    order = rows[np.argsort(codes[rows], kind="stable")]
    if not len(order):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(np.append(True, np.diff(codes[order]) != 0))
    sizes = np.diff(np.append(starts, len(order)))
    lefts, rights = [], []
    for size in np.unique(sizes).tolist():
        rows = order[starts[sizes == size][:, None] + np.arange(size)]
        a, b = np.triu_indices(size, k=1)
        lefts.append(rows[:, a].ravel())
        rights.append(rows[:, b].ravel())
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
