"""Records as arrays of codes: one number a cell, and each distinct value once.

Rows that are equal in every column are one unit, and units stand in an order that depends on
their values alone. All that follows works on units, so neither the order of rows nor that of
columns can change an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from operator import ne

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit.cleaning._matching._comparators import before_at

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LONGEST = 1_000  # characters of a value that are compared
LARGEST_CODE = 2**40  # of a joint code, before it is counted anew


@dataclass(frozen=True, eq=False)
class CodedColumn:
    """One column of the units: a code for each, -1 where missing, and the values in order.

    `given_counts` are those of the units that were learnt from, where there are others too.
    """

    name: str
    kind: str
    codes: Ints
    values: list[str]
    given_counts: Ints | None = None

    @cached_property
    def counts(self) -> Ints:
        """Number of units that have each value."""
        if self.given_counts is not None:
            return self.given_counts
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    @cached_property
    def cut_values(self) -> npt.NDArray[np.object_]:
        """Values for comparison: the first characters of very long ones."""
        return np.array([value[:LONGEST] for value in self.values], dtype=object)

    @cached_property
    def before_at(self) -> npt.NDArray[np.object_]:
        """The part before the @ of each value, for comparison."""
        return np.array(before_at(self.cut_values.tolist()), dtype=object)

    @property
    def frequencies(self) -> Floats:
        """Share of each value among the units that have one."""
        return self.counts / max(int(self.counts.sum()), 1)


@dataclass(frozen=True, eq=False)
class Units:
    """Distinct records in the order of their values, and the unit of each row (-1: all missing)."""

    columns: list[CodedColumn]
    unit_of_row: Ints
    n: int

    def column(self, name: str) -> CodedColumn:
        """Find a column by its name."""
        return next(column for column in self.columns if column.name == name)

    def of_kind(self, *kinds: str) -> list[CodedColumn]:
        """Columns of these kinds, in the order of the kinds."""
        return [column for kind in kinds for column in self.columns if column.kind == kind]


def sorted_codes(codes: Ints, normal: Sequence[str | None]) -> tuple[Ints, list[str]]:
    """Codes of raw values to codes of their normal forms, which are distinct and sorted."""
    there = [place for place, form in enumerate(normal) if form is not None]
    order = sorted(there, key=normal.__getitem__)  # type: ignore[arg-type]
    forms = [normal[place] for place in order]
    fresh = np.fromiter(map(ne, forms[1:], forms), dtype=bool, count=max(len(forms) - 1, 0))
    new = np.full(len(normal) + 1, -1, dtype=np.int64)
    new[order] = np.append(0, np.cumsum(fresh))[: len(order)]
    first = np.append(True, fresh)[: len(order)].tolist()
    return new[codes], list(compress(forms, first))  # type: ignore[arg-type]


def units_of(columns: Sequence[CodedColumn], n_rows: int) -> Units:
    """Rows to distinct records: columns of rows in, columns of units and the unit of each out."""
    columns = sorted(columns, key=lambda column: column.name)
    if not columns:
        return Units([], np.full(n_rows, -1, dtype=np.int64), 0)
    unit = joint_codes([column.codes for column in columns])
    empty = np.logical_and.reduce([column.codes < 0 for column in columns])
    first = np.full(int(unit.max(initial=-1)) + 1, -1, dtype=np.int64)
    first[unit[::-1]] = np.arange(n_rows)[::-1]
    if empty.any():
        gone = int(unit[empty.argmax()])  # all missing is one joint code, the first
        first = np.delete(first, gone)
        unit = np.where(unit > gone, unit - 1, np.where(empty, -1, unit))
    made = [CodedColumn(c.name, c.kind, c.codes[first], c.values) for c in columns]
    return Units([_without_unused(column) for column in made], unit, len(first))


def joint_codes(parts: Sequence[Ints]) -> Ints:
    """One code 0 ... k - 1 for each distinct row of several codes, in the order of the rows.

    A missing part (-1) comes before all others.
    """
    joint = np.zeros(len(parts[0]), dtype=np.int64)
    for part in parts:
        size = int(part.max(initial=-1)) + 2
        if int(joint.max(initial=0)) + 1 > LARGEST_CODE // size:
            joint = dense(joint)
        joint = joint * size + (part + 1)
    return dense(joint)


def group_codes(parts: Sequence[Ints]) -> Ints:
    """One code 0 ... k - 1 for each distinct row of several codes, in the order of appearance."""
    joint = np.zeros(len(parts[0]), dtype=np.int64)
    for part in parts:
        size = int(part.max(initial=-1)) + 2
        if int(joint.max(initial=0)) + 1 > LARGEST_CODE // size:
            joint = pd.factorize(joint)[0]
        joint = joint * size + (part + 1)
    return np.asarray(pd.factorize(joint)[0], dtype=np.int64)


def dense(codes: Ints) -> Ints:
    """Codes as 0 ... k - 1 in the same order."""
    if not len(codes):
        return codes
    top = int(codes.max()) + 1
    if top <= 4 * len(codes) + 1024:
        seen = np.zeros(top, dtype=bool)
        seen[codes] = True
        return (np.cumsum(seen) - 1)[codes]
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _without_unused(column: CodedColumn) -> CodedColumn:
    """Column whose values all occur: rows may have lost none, but normal forms may."""
    used = column.counts > 0
    if used.all():
        return column
    new = np.append(np.cumsum(used) - 1, -1)
    values = [value for value, keep in zip(column.values, used.tolist(), strict=True) if keep]
    return CodedColumn(column.name, column.kind, new[column.codes], values)
