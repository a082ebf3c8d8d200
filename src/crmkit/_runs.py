"""Runs: rows of sorted columns that are equal, where they begin and how long they are."""

from typing import Any

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[Any]


def fresh_rows(*columns: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which rows differ from the one before them in some column; the first one does."""
    fresh = np.empty(len(columns[0]), dtype=bool)
    fresh[:1] = True
    np.not_equal(columns[0][1:], columns[0][:-1], out=fresh[1:])
    for column in columns[1:]:
        fresh[1:] |= column[1:] != column[:-1]
    return fresh


def runs(fresh: npt.NDArray[np.bool_]) -> tuple[Whole, Whole]:
    """First row of each run and its number of rows, by the flags of first rows."""
    first = fresh.nonzero()[0]
    lengths = np.empty(len(first), dtype=np.int64)
    lengths[:-1] = first[1:]
    lengths[-1:] = len(fresh)
    lengths -= first
    return first, lengths
