"""Distinct rows and how many customers share each: every likelihood is looked at only once.

A million customers with whole-day ages have a few hundred distinct frequencies and ages, and far
fewer distinct rows than customers. Likelihoods are sums over distinct rows times their weight;
predictions are made for distinct rows and handed to the customers who share them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats

Ints = npt.NDArray[np.int64]

_BLOCK = 1 << 13  # small enough that no matrix product starts threads
_DENSE = 4  # keys per row up to which a table of all keys is faster than hashing
_SAMPLE = 2000
_LARGEST = int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class Distinct:
    """The distinct rows of a table, in sorted order.

    Attributes
    ----------
    columns : tuple of ndarray of shape (n_rows,)
        Each column of the distinct rows.
    weight : ndarray of shape (n_rows,)
        Number of customers (sum of sample weights) who share each row.
    """

    columns: tuple[Floats, ...]
    weight: Floats

    @property
    def total(self) -> float:
        """Number of customers (sum of all weights)."""
        return float(self.weight.sum())

    def mean(self, column: int) -> float:
        """Mean of a column over the customers."""
        return float(self.weight @ self.columns[column]) / self.total

    def by(self, column: int, *values: Floats) -> tuple[Floats, ...]:
        """Distinct values of a column, sorted, then the sums of each of `values` over them."""
        codes, distinct = pd.factorize(self.columns[column], sort=True)
        sums = [np.bincount(codes, v).astype(np.float64) for v in values]
        return np.asarray(distinct, dtype=np.float64), *sums

    def where(self, keep: npt.NDArray[np.bool_]) -> "Distinct":
        """Only the rows to keep."""
        return Distinct(tuple(column[keep] for column in self.columns), self.weight[keep])

    def blocks(self) -> Iterator["Distinct"]:
        """The same rows in blocks that fit the cache."""
        for start in range(0, len(self.weight), _BLOCK):
            rows = slice(start, start + _BLOCK)
            yield Distinct(tuple(column[rows] for column in self.columns), self.weight[rows])


def distinct_rows(x: Floats, weight: Floats | None = None) -> Distinct:
    """Compress a table of shape (n_customers, n_columns); rows of weight 0 are left out.

    Weighted rows give exactly what repeated rows would give, in any order.
    """
    if weight is not None:
        x, weight = x[weight > 0], weight[weight > 0]
    codes, first = row_codes(*x.T, sort=True)
    counts = np.bincount(codes, weight).astype(np.float64)
    return Distinct(tuple(column[first] for column in x.T), counts)


def on_distinct(function: Callable[..., Floats], *columns: Floats) -> Floats:
    """Value of a function of columns, row by row, computed on the distinct rows only."""
    codes, first = row_codes(*columns)
    return np.asarray(function(*(column[first] for column in columns))[codes])


def row_codes(*columns: Floats, sort: bool = False) -> tuple[Ints, Ints]:
    """Number of the distinct row that each row is, and the first place of each distinct row.

    With `sort`, distinct rows are numbered in the order of their values, else in any order.
    """
    key, size = np.zeros(len(columns[0]), dtype=np.int64), 1
    if len(key) == 1:
        return key, key.copy()
    for column in columns:
        codes, n_values = _coded(column, sort)
        if size * n_values > _LARGEST:
            key, size = _numbered(key, size, sort)
        key = key * n_values + codes
        size *= n_values
    codes, n_rows = _numbered(key, size, sort)
    first = np.empty(n_rows, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(key) - 1, -1, -1)
    return codes, first


def _coded(column: Floats, sort: bool) -> tuple[Ints, int]:
    """Values as numbers below a bound: small whole numbers as they are, others numbered."""
    if column.min(initial=0.0) >= 0 and column.max(initial=0.0) < _DENSE * len(column):
        whole = column.astype(np.int64)
        if np.array_equal(whole, column):
            return whole, int(whole.max(initial=0)) + 1
    return _ranked(column, sort)


def _ranked(values: npt.NDArray[Any], sort: bool) -> tuple[Ints, int]:
    """Number of each value among the distinct ones, and how many there are.

    Values that repeat are found by hashing; where a sample hardly repeats, sorting is faster.
    """
    sample = values[:_SAMPLE]
    if 2 * len(np.unique(sample)) <= len(sample):
        codes, kept = pd.factorize(values, sort=sort)
        return codes, len(kept)
    order = np.argsort(values)
    ordered = values[order]
    codes = np.zeros(len(values), dtype=np.int64)
    codes[order[1:]] = np.cumsum(ordered[1:] != ordered[:-1])
    return codes, int(codes[order[-1]]) + 1 if len(order) else 0


def _numbered(key: Ints, size: int, sort: bool) -> tuple[Ints, int]:
    """Keys below `size` as numbers without gaps, and how many there are."""
    if size > _DENSE * len(key):
        return _ranked(key, sort)
    kept = np.flatnonzero(np.bincount(key, minlength=size))
    number = np.zeros(size, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return number[key], len(kept)
