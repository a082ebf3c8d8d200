"""One order of customers, whatever order they come in: the answer cannot depend on theirs."""

import numpy as np
import numpy.typing as npt

from crmkit._parallel import each_apart
from crmkit._validation import Floats

Rows = npt.NDArray[np.intp]


def canonical_order(x: Floats) -> Rows:
    """Order of the rows that depends on their values alone; equal rows count as one.

    One key of all columns is sorted; only if unequal rows share a key are all columns compared.
    """
    key = np.zeros(len(x))
    for j, values in enumerate(x.T):
        largest = max(float(values.max()), -float(values.min())) or 1.0
        key += (values / largest) * np.sqrt(j + 2.0)
    order = np.argsort(key, kind="stable")
    tied = np.flatnonzero(key[order[1:]] == key[order[:-1]])
    if len(tied) and (x[order[tied]] != x[order[tied + 1]]).any():
        return np.lexsort(x.T)
    return order


def rows_in(x: Floats, order: Rows) -> Floats:
    """Rows of an array in an order, each column in one piece of memory."""
    moved = np.empty((len(order), x.shape[1]), order="F")
    each_apart(lambda j: np.take(x[:, j], order, out=moved[:, j], mode="clip"), range(x.shape[1]))
    return moved


def distinct_rows(x: Floats) -> int:
    """Number of different rows of an array whose equal rows stand together."""
    return 1 + int((x[1:] != x[:-1]).any(axis=1).sum()) if len(x) else 0


def thinned_rows(n: int, most: int) -> Rows:
    """At most so many rows, evenly spread over all."""
    if n <= most:
        return np.arange(n)
    return np.arange(most) * n // most
