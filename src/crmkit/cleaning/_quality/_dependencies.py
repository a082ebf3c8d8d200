"""Functional dependencies found in data with errors: a postcode that tells the city.

Columns are codes: 0 ... k - 1 for values in an order of their own (sorted, not as they appear), -1
where missing. Rows of a group have one value on the left; groups of one row tell nothing and are
left out. With n_gy rows of value y in group g of n_g rows, and n rows in all groups,

    agreement = sum n_gy (n_gy - 1) / (n_g - 1) / n

is the chance that a row and another of its group have one value on the right. `chance` is that of
any two rows. The strength is what lies between chance and certainty, (agreement - chance) /
(1 - chance): 0 for a column that hardly varies or has nothing to do with the left, 1 for a
dependency without exception. An agreement that few rows could show by luck does not count (lower
bound of Wilson, 1927, at three standard errors): a nearly distinct column determines nothing.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

Z_SCORE = 3.0
SURE_SHARE = 0.5  # of the strength asked for that the lower bound must reach
GAIN = 0.5  # share of what is left open that a second column on the left must close
ENOUGH = 0.97  # strength of one column on the left that needs no second one
MOST_ROWS = 50_000  # that are looked at for two columns on the left, in whole groups
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd multiplier that spreads codes over 64 bits


class Dependency(NamedTuple):
    """One or two columns, by number, that determine another one, and how well.

    `n_rows` rows in `n_groups` groups of two rows or more were looked at; `lower` is the lower
    bound of the strength.
    """

    left: tuple[int, ...]
    right: int
    strength: float
    lower: float
    agreement: float
    n_rows: int
    n_groups: int


class Majority(NamedTuple):
    """For each row: the value that most rows of its group have on the right, and how many.

    `expected` is -1 where there is none: nothing on the left, or no value that most rows have.
    `n_agree` of the `n_group` rows of the group with a value have it, the row itself counted.
    """

    expected: Ints
    n_agree: Ints
    n_group: Ints


def find_dependencies(
    columns: Sequence[Ints], *, min_strength: float = 0.9, most_left: int = 2
) -> list[Dependency]:
    """Dependencies between coded columns, strongest first.

    Two columns on the left are given where they close half of what the better of them leaves open,
    and surely more than luck would.
    """
    columns = [np.asarray(column, dtype=np.int64) for column in columns]
    usable = [n for n, codes in enumerate(columns) if _n_values(codes) > 1]
    found: list[Dependency] = []
    best: dict[tuple[int, int], float] = {}
    for left in usable:
        for right in usable:
            if left != right:
                measured = measure(columns[left], columns[right], (left,), right)
                best[left, right] = max(measured.strength, 0.0)
                if _counts(measured, min_strength):
                    found.append(measured)
    if most_left > 1:
        found += _with_two(columns, usable, best, min_strength)
    return sorted(found, key=lambda d: (-d.strength, len(d.left), d.left, d.right))


def majorities(columns: Sequence[Ints], dependency: Dependency, *, support: int = 2) -> Majority:
    """The value expected on the right of each row, where at least `support` rows have it."""
    group = joint_group([columns[left] for left in dependency.left])
    return group_majorities(group, columns[dependency.right], support=support)


def violations(columns: Sequence[Ints], dependency: Dependency, *, support: int = 2) -> Ints:
    """Rows that have another value on the right than most rows of their group."""
    expected = majorities(columns, dependency, support=support).expected
    right = columns[dependency.right]
    return np.flatnonzero((expected >= 0) & (right >= 0) & (right != expected))


def group_majorities(group: Ints, right: Ints, *, support: int = 2) -> Majority:
    """`majorities` of rows whose groups are given (-1: in none)."""
    n_groups = int(group.max(initial=-1)) + 1
    known = (group >= 0) & (right >= 0)
    owner, values, counts = cell_counts(group[known], right[known])
    size = np.bincount(group[known], minlength=n_groups + 1)
    most = np.zeros(n_groups + 1, dtype=np.int64)
    np.maximum.at(most, owner, counts)
    wins = (2 * counts > size[owner]) & (counts >= support)
    expected = np.full(n_groups + 1, -1, dtype=np.int64)
    expected[owner[wins]] = values[wins]
    return Majority(expected[group], np.where(expected >= 0, most, 0)[group], size[group])


def joint_group(parts: Sequence[Ints]) -> Ints:
    """One code a distinct row of one or two columns; -1 where a part is missing."""
    if len(parts) == 1:
        return parts[0]
    missing = np.logical_or.reduce([part < 0 for part in parts])
    joint = np.full(len(missing), -1, dtype=np.int64)
    keys = _joint_key([part[~missing] for part in parts])
    joint[~missing] = np.unique(keys, return_inverse=True)[1]
    return joint


def measure(left: Ints, right: Ints, names: tuple[int, ...], number: int) -> Dependency:
    """How well groups of rows tell the values of another column."""
    known = (left >= 0) & (right >= 0)
    left, right = left[known], right[known]
    size = np.bincount(left)
    in_group = size[left] > 1
    left, right = left[in_group], right[in_group]
    n, n_groups = len(left), int((size > 1).sum())
    if not n:
        return Dependency(names, number, 0.0, 0.0, 0.0, 0, 0)
    owner, _, counts = cell_counts(left, right)
    agreement = float((counts * ((counts - 1) / (size[owner] - 1))).sum()) / n
    share = np.bincount(right) / n
    chance = max((float((share**2).sum()) * n - 1.0) / (n - 1.0), 0.0)
    if chance > 1.0 - 1.0 / n**2:
        return Dependency(names, number, 0.0, 0.0, agreement, n, n_groups)
    low = _wilson_low(agreement, n - n_groups)
    strength, lower = ((value - chance) / (1.0 - chance) for value in (agreement, low))
    return Dependency(names, number, strength, lower, agreement, n, n_groups)


def cell_counts(left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    """Distinct pairs of codes in order, and how often each occurs: lefts, rights, counts."""
    width = int(right.max(initial=-1)) + 1
    height = int(left.max(initial=-1)) + 1
    keys = left * width + right
    if width * height <= 4 * len(keys) + 1024:
        table = np.bincount(keys)
        cells = np.flatnonzero(table)
        return cells // max(width, 1), cells % max(width, 1), table[cells]
    keys = np.sort(keys)
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    cells = keys[starts]
    return cells // width, cells % width, np.diff(np.append(starts, len(keys)))


def _with_two(
    columns: Sequence[Ints],
    usable: Sequence[int],
    best: dict[tuple[int, int], float],
    min_strength: float,
) -> list[Dependency]:
    """Dependencies with two columns on the left, none of which is enough."""
    found = []
    for pair in combinations(usable, 2):
        rights = [
            right
            for right in usable
            if right not in pair and max(best[left, right] for left in pair) < ENOUGH
        ]
        if not rights:
            continue
        rows = _sampled_rows(columns, pair)
        group = joint_group([columns[left][rows] for left in pair])
        for right in rights:
            measured = measure(group, columns[right][rows], pair, right)
            before = max(best[left, right] for left in pair)
            gains = 1.0 - measured.strength <= (1.0 - GAIN) * (1.0 - before)
            if gains and measured.lower > before and _counts(measured, min_strength):
                found.append(measured)
    return found


def _counts(measured: Dependency, min_strength: float) -> bool:
    return measured.strength >= min_strength and measured.lower >= SURE_SHARE * min_strength


def _sampled_rows(columns: Sequence[Ints], pair: tuple[int, int]) -> Ints:
    """Rows of some groups: the same groups in whatever order the rows come."""
    parts = [columns[left] for left in pair]
    known = np.flatnonzero(np.logical_and.reduce([part >= 0 for part in parts]))
    if len(known) <= MOST_ROWS:
        return known
    spread = _joint_key([part[known] for part in parts]).astype(np.uint64) * SPREAD
    limit = np.uint64(MOST_ROWS / len(known) * 2**64)
    return known[spread < limit]


def _joint_key(parts: Sequence[Ints]) -> Ints:
    first, second = parts
    return first * (int(second.max(initial=0)) + 1) + second


def _wilson_low(share: float, n: int) -> float:
    """Lower bound of a share of n independent rows."""
    if n < 1:
        return 0.0
    spread = Z_SCORE * np.sqrt(share * max(1.0 - share, 0.0) / n + Z_SCORE**2 / (4.0 * n**2))
    return float((share + Z_SCORE**2 / (2.0 * n) - spread) / (1.0 + Z_SCORE**2 / n))


def _n_values(codes: Ints) -> int:
    return int((np.bincount(codes[codes >= 0]) > 0).sum())
