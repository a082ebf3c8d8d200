"""Pairs of records to levels of agreement: each distinct pair of values is compared once.

A level is 0 where a value is missing, 1 for different values, and the highest for equal ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit.cleaning._matching._coded import CodedColumn, Floats, Ints, Units
from crmkit.cleaning._matching._comparators import Levels, levels
from crmkit.cleaning._matching._kind_rules import RULES

LevelTable = npt.NDArray[np.int8]

CHUNK = 1_000_000


@dataclass(frozen=True)
class Comparison:
    """What is compared: the names of the columns, their kinds and numbers of levels."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    n_levels: tuple[int, ...]


def comparison_of(columns: Sequence[CodedColumn]) -> Comparison:
    """Comparison of all these columns."""
    return Comparison(
        tuple(column.name for column in columns),
        tuple(column.kind for column in columns),
        tuple(RULES[column.kind].n_levels for column in columns),
    )


def compare(units: Units, left: Ints, right: Ints) -> LevelTable:
    """Levels of pairs of units, shape (n_pairs, n_columns)."""
    table = np.zeros((len(left), len(units.columns)), dtype=np.int8)
    for number, column in enumerate(units.columns):
        table[:, number] = column_levels(column, column.codes[left], column.codes[right])
    _accept_swapped_names(units, left, right, table)
    return table


def column_levels(column: CodedColumn, left: Ints, right: Ints) -> Levels:
    """Levels of pairs of codes of one column."""
    rule = RULES[column.kind]
    level = np.zeros(len(left), dtype=np.int8)
    known = (left >= 0) & (right >= 0)
    level[known & (left == right)] = rule.n_levels
    unequal = np.flatnonzero(known & (left != right))
    if not len(unequal):
        return level
    if not rule.limits:
        level[unequal] = 1
        return level
    low = np.minimum(left[unequal], right[unequal])
    high = np.maximum(left[unequal], right[unequal])
    back, keys = pd.factorize(low * len(column.values) + high)
    found = np.empty(len(keys), dtype=np.int8)
    for start in range(0, len(keys), CHUNK):
        a, b = np.divmod(keys[start : start + CHUNK], len(column.values))
        found[start : start + CHUNK] = levels(_texts(column, a), _texts(column, b), rule)
    level[unequal] = found[back]
    return level


def shared_codes(one: CodedColumn, other: CodedColumn) -> tuple[Ints, Ints]:
    """Codes of two columns in one common list of values."""
    values = sorted(set(one.values) | set(other.values))
    place = {value: number for number, value in enumerate(values)}
    return _translated(one, place), _translated(other, place)


def equal_chance(column: CodedColumn) -> float:
    """Chance that two units that have a value have the same one."""
    shares: Floats = column.frequencies
    return float(shares @ shares)


def _translated(column: CodedColumn, place: dict[str, int]) -> Ints:
    new = np.array([*(place[value] for value in column.values), -1], dtype=np.int64)
    return new[column.codes]


def _texts(column: CodedColumn, codes: Ints) -> list[str]:
    words: list[str] = column.cut_values[codes].tolist()
    return words


def _accept_swapped_names(units: Units, left: Ints, right: Ints, table: LevelTable) -> None:
    """Names that agree better crosswise: the level that both have, at most one below equal."""
    columns = [units.of_kind(kind)[:1] for kind in ("first_name", "last_name")]
    if not all(columns):
        return
    (first,), (last,) = columns
    a, b = (units.columns.index(column) for column in (first, last))
    doubtful = np.flatnonzero((table[:, a] > 0) & (table[:, b] > 0) & (table[:, [a, b]].min(1) < 3))
    one, other = shared_codes(first, last)
    values = sorted(set(first.values) | set(last.values))
    both = CodedColumn(first.name, first.kind, one, values)
    left, right = left[doubtful], right[doubtful]
    cross = np.minimum(
        column_levels(both, one[left], other[right]), column_levels(both, other[left], one[right])
    )
    better = cross > table[doubtful][:, [a, b]].min(1)
    rows, found = doubtful[better], np.minimum(cross[better], 3)
    table[rows, a], table[rows, b] = found, found
