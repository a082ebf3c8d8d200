"""Distinct rows and how many customers share each: every likelihood is looked at only once.

A million customers with whole-day ages have a few hundred distinct frequencies and ages, and far
fewer distinct rows than customers. Likelihoods are sums over distinct rows times their weight;
predictions are made for distinct rows and handed to the customers who share them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats

Ints = npt.NDArray[np.int64]

_BLOCK = 1 << 15
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
    codes, first = row_codes(*x.T)
    counts = np.bincount(codes, weight).astype(np.float64)
    rows = x[first]
    order = np.lexsort(rows.T[::-1])
    return Distinct(tuple(np.ascontiguousarray(column[order]) for column in rows.T), counts[order])


def on_distinct(function: Callable[..., Floats], *columns: Floats) -> Floats:
    """Value of a function of columns, row by row, computed on the distinct rows only."""
    codes, first = row_codes(*columns)
    return np.asarray(function(*(column[first] for column in columns))[codes])


def row_codes(*columns: Floats) -> tuple[Ints, Ints]:
    """Number of the distinct row that each row is, and the first place of each distinct row."""
    key, size = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        codes, values = pd.factorize(column)
        if size * len(values) > _LARGEST:
            key, kept = pd.factorize(key)
            size = len(kept)
        key = key * len(values) + codes
        size *= len(values)
    codes, kept = pd.factorize(key)
    first = np.empty(len(kept), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(key) - 1, -1, -1)
    return codes, first
