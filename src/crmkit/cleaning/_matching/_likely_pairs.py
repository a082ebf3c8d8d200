"""Candidate pairs that may be matches: the others are left before their strings are compared.

Which values are equal is known from codes alone. Where they are not, a column can add at most the
weight of its best level below "equal"; a pair whose weights cannot reach a bound even so is
dropped, and the bound is asked again after each column, those with few distinct values first.
What stays has the same levels as without a bound.
"""

from collections.abc import Sequence

import numpy as np

from crmkit._parallel import each_apart
from crmkit.cleaning._matching._coded import CodedColumn, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import (
    CrossedNames,
    LevelTable,
    crossed_names,
    unequal_levels,
)
from crmkit.cleaning._matching._kind_rules import RULES
from crmkit.cleaning._matching._scores import MatchModel, rarities

ROUNDING = 1e-9
PART = 500_000  # pairs that one core looks at


def likely_pairs(
    units: Units, model: MatchModel, left: Ints, right: Ints, least: float
) -> tuple[Ints, LevelTable]:
    """Places of the pairs whose log-odds can reach `least`, and their levels."""
    bounds = _Bounds(units, model, least)

    def passed(start: int) -> tuple[Ints, LevelTable]:
        kept, table = bounds.passed(left[start : start + PART], right[start : start + PART])
        return start + kept, table

    found = each_apart(passed, range(0, len(left), PART))
    places = [np.empty(0, dtype=np.int64), *(kept for kept, _ in found)]
    return np.concatenate(places), np.concatenate([bounds.empty_table(0), *(t for _, t in found)])


class _Bounds:
    """Weights of levels, and the most that each column can add."""

    def __init__(self, units: Units, model: MatchModel, least: float) -> None:
        self.columns = units.columns
        self.names: CrossedNames | None = crossed_names(units)
        self.weights = np.log(model.m) - np.log(model.u)
        self.tops = [RULES[column.kind].n_levels for column in units.columns]
        self.best = [
            float(self.weights[number, 1:top].max()) for number, top in enumerate(self.tops)
        ]
        self.rare = [
            rarities(column, float(model.u[number, top]))
            for number, (column, top) in enumerate(zip(units.columns, self.tops, strict=True))
        ]
        rest = np.log1p(-min(model.prior + float(model.shares.sum()), 1.0 - 1e-6))
        self.start = float(np.log(model.prior) - rest)
        self.least = least - ROUNDING

    def empty_table(self, n: int) -> LevelTable:
        return np.zeros((n, len(self.columns)), dtype=np.int8)

    def passed(self, left: Ints, right: Ints) -> tuple[Ints, LevelTable]:
        """Places of the pairs that reach the bound, and their levels."""
        table, total = self.empty_table(len(left)), np.full(len(left), self.start)
        for number in range(len(self.columns)):
            total += self._most(number, left, right, table)
        places = np.flatnonzero(total >= self.least)
        left, right, table, total = left[places], right[places], table[places], total[places]
        for group in self._groups():
            for number in group:
                total -= self._most(number, left, right, table)
                unequal = np.flatnonzero(table[:, number] == 1)
                column = self.columns[number]
                table[unequal, number] = unequal_levels(
                    column, column.codes[left[unequal]], column.codes[right[unequal]]
                )
            if self.names is not None and len(group) > 1:
                self.names.accept(left, right, table)
            for number in group:
                total += self._weight(number, left, table)
            kept = total >= self.least
            if not kept.all():
                places, left, right = places[kept], left[kept], right[kept]
                table, total = table[kept], total[kept]
        return places, table

    def _groups(self) -> list[tuple[int, ...]]:
        """Columns one by one, both names together, those with few distinct values first."""
        names = () if self.names is None else self.names.columns
        alone = [(number,) for number in range(len(self.columns)) if number not in names]
        groups: list[tuple[int, ...]] = [*alone, names] if names else [*alone]
        return sorted(groups, key=self._n_values)

    def _n_values(self, group: Sequence[int]) -> int:
        return max(len(self.columns[number].values) for number in group)

    def _most(self, number: int, left: Ints, right: Ints, table: LevelTable) -> Floats:
        """Most that a column can add; levels of missing, unequal (1) and equal values are set."""
        column: CodedColumn = self.columns[number]
        a, b = column.codes[left], column.codes[right]
        equal = a == b
        there = (a >= 0) & (b >= 0)
        table[:, number] = there * np.where(equal, self.tops[number], 1)
        whole = self.weights[number, self.tops[number]] + np.append(self.rare[number], 0.0)[a]
        best = self.best[number]
        if self.names is not None and number in self.names.columns:
            whole = np.maximum(whole, best)  # crosswise names lower the level of equal ones
        return np.asarray(there * np.where(equal, whole, best), dtype=np.float64)

    def _weight(self, number: int, left: Ints, table: LevelTable) -> Floats:
        """What a column adds by its levels."""
        level, top = table[:, number], self.tops[number]
        weight: Floats = self.weights[number][level]
        equal = np.flatnonzero(level == top)
        weight[equal] += self.rare[number][self.columns[number].codes[left[equal]]]
        return weight
