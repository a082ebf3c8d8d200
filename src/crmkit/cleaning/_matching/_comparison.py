"""Pairs of records to levels of agreement: each distinct pair of values is compared once.

A level is 0 where a value is missing, 1 for different values, and the highest for equal ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit.cleaning._matching._coded import LONGEST, CodedColumn, Ints, Units
from crmkit.cleaning._matching._comparators import Levels, levels, mailbox_levels
from crmkit.cleaning._matching._kind_rules import RULES

LevelTable = npt.NDArray[np.int8]

CHUNK = 1_000_000
SMALL_SQUARE = 2**26  # pairs of values of a column up to which each has a place in a table


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
    names = crossed_names(units)
    for start in range(0, len(left), CHUNK):
        chunk = slice(start, start + CHUNK)
        a, b, part = left[chunk], right[chunk], table[chunk]
        for number, column in enumerate(units.columns):
            part[:, number] = column_levels(column, column.codes[a], column.codes[b])
        if names is not None:
            names.accept(a, b, part)
    return table


def column_levels(column: CodedColumn, left: Ints, right: Ints) -> Levels:
    """Levels of pairs of codes of one column."""
    rule = RULES[column.kind]
    level = np.zeros(len(left), dtype=np.int8)
    known = (left >= 0) & (right >= 0)
    equal = left == right
    level[known & equal] = rule.n_levels
    unequal = np.flatnonzero(known & ~equal)
    level[unequal] = unequal_levels(column, left[unequal], right[unequal])
    return level


def unequal_levels(column: CodedColumn, left: Ints, right: Ints) -> Levels:
    """Levels of pairs of codes of unlike values: each pair of values is compared once."""
    rule, n = RULES[column.kind], len(column.values)
    if not rule.limits or not len(left):
        return np.ones(len(left), dtype=np.int8)
    if n > len(left):  # hardly a pair of values comes twice
        return _compared(column, left, right)
    keys = np.minimum(left, right) * n + np.maximum(left, right)
    if n * n <= min(SMALL_SQUARE, 64 * len(left)):
        square = np.zeros(n * n, dtype=np.int8)
        square[keys] = 1
        distinct = np.flatnonzero(square)
        square[distinct] = _compared(column, *np.divmod(distinct, n))
        looked_up: Levels = square[keys]
        return looked_up
    back, distinct = pd.factorize(keys)
    return _compared(column, *np.divmod(distinct, n))[back]


def _compared(column: CodedColumn, left: Ints, right: Ints) -> Levels:
    rule = RULES[column.kind]
    parts = [np.empty(0, dtype=np.int8)]
    for start in range(0, len(left), CHUNK):
        a, b = left[start : start + CHUNK], right[start : start + CHUNK]
        texts = _texts(column, a), _texts(column, b)
        if rule.comparator == "email" and not _are_few(column, a):
            local = column.before_at[a].tolist(), column.before_at[b].tolist()
            parts.append(mailbox_levels(*texts, *local, rule.limits))
        else:
            parts.append(levels(*texts, rule))
    return np.concatenate(parts)


def shared_codes(one: CodedColumn, other: CodedColumn) -> tuple[Ints, Ints]:
    """Codes of two columns in one common list of values."""
    values = sorted(set(one.values) | set(other.values))
    place = {value: number for number, value in enumerate(values)}
    return _translated(one, place), _translated(other, place)


def equal_chance(column: CodedColumn) -> float:
    """Chance that two different units that have a value have the same one.

    One more pair than there are agrees, so that no chance is zero where all values differ.
    """
    counts = column.counts.astype(np.float64)
    n = float(counts.sum())
    return float((counts @ (counts - 1.0) + 1.0) / (n * (n - 1.0) + 1.0)) if n else 1.0


def _translated(column: CodedColumn, place: dict[str, int]) -> Ints:
    return _places(column, place)[column.codes]


def _places(column: CodedColumn, place: dict[str, int]) -> Ints:
    """Code in another list of each value of a column, and -1 for a missing one behind them."""
    return np.array([*(place[value] for value in column.values), -1], dtype=np.int64)


def _texts(column: CodedColumn, codes: Ints) -> list[str]:
    if _are_few(column, codes):
        values = column.values
        return [values[code][:LONGEST] for code in codes.tolist()]
    words: list[str] = column.cut_values[codes].tolist()
    return words


def _are_few(column: CodedColumn, codes: Ints) -> bool:
    """Whether these codes are so few that nothing is worth doing for all values."""
    return 4 * len(codes) < len(column.values)


@dataclass(frozen=True, eq=False)
class CrossedNames:
    """First and last names in one list of values, to find names that agree crosswise."""

    columns: tuple[int, int]
    both: CodedColumn
    first: CodedColumn
    last: CodedColumn
    of_first: Ints  # code of each first name, and -1 of a missing one, among both
    of_last: Ints

    def accept(self, left: Ints, right: Ints, table: LevelTable) -> None:
        """Give names that agree better crosswise that level, at most one below equal."""
        a, b = self.columns
        doubtful = np.flatnonzero(
            (table[:, a] > 0) & (table[:, b] > 0) & (np.minimum(table[:, a], table[:, b]) < 3)
        )
        left, right = left[doubtful], right[doubtful]
        cross = self._levels(left, right)
        some = np.flatnonzero(cross > 1)
        doubtful, left, right = doubtful[some], left[some], right[some]
        cross = np.minimum(cross[some], self._levels(right, left))
        better = cross > np.minimum(table[doubtful, a], table[doubtful, b])
        rows, found = doubtful[better], np.minimum(cross[better], 3)
        table[rows, a], table[rows, b] = found, found

    def _levels(self, one: Ints, other: Ints) -> Levels:
        """Levels of first names of some units against last names of others."""
        first = self.of_first[self.first.codes[one]]
        return column_levels(self.both, first, self.of_last[self.last.codes[other]])


def crossed_names(units: Units) -> CrossedNames | None:
    """Both names of units that have a column of each, else None."""
    columns = [units.of_kind(kind)[:1] for kind in ("first_name", "last_name")]
    if not all(columns):
        return None
    (first,), (last,) = columns
    values = sorted(set(first.values) | set(last.values))
    place = {value: number for number, value in enumerate(values)}
    both = CodedColumn(first.name, first.kind, np.empty(0, dtype=np.int64), values)
    numbers = units.columns.index(first), units.columns.index(last)
    return CrossedNames(numbers, both, first, last, _places(first, place), _places(last, place))
