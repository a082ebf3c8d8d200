"""Draws of what a value may be: words by their probability, numbers as wrong as the model is.

A number is what is expected plus the error made for a donor, one of the customers whose expected
number is nearest (local residual draws; Schenker and Taylor, 1996, Computational Statistics and
Data Analysis 22, 425-446), moved to the nearest number that a customer has. What is expected of
donors comes from models that had not seen them. Chance depends on the seed, the draw, the column
and what the row holds, never on its place: a customer has the same draws in whatever company he
comes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats

Hashes = npt.NDArray[np.uint64]

LEAST_DONORS, DONORS = 10, 50
MOST_DONORS = 5_000


def donors_of(expected: Floats, true: Floats) -> list[Floats]:
    """Expected and true numbers of the donors, by the expected one; at most 5,000 of them."""
    order = np.lexsort([true, expected])
    if len(order) > MOST_DONORS:
        order = order[(np.arange(MOST_DONORS) * 2 + 1) * len(order) // (2 * MOST_DONORS)]
    return [expected[order], true[order]]


def draw_numbers(expected: Floats, donors: list[Floats], chance: Floats) -> Floats:
    """What is expected of each row, off by the error of a donor, as a number that donors have."""
    known, true = donors
    n = min(max(LEAST_DONORS, min(DONORS, len(known) // 20)), len(known))
    first = np.clip(np.searchsorted(known, expected) - n // 2, 0, len(known) - n)
    last = np.maximum(first + n, np.searchsorted(known, expected, side="right"))
    first = np.minimum(first, np.searchsorted(known, expected, side="left"))
    donor = first + np.floor(chance * (last - first)).astype(np.int64)
    held = np.unique(true)
    wanted = expected + (true[donor] - known[donor])
    above = np.clip(np.searchsorted(held, wanted), 1, max(len(held) - 1, 1))
    low, high = held[above - 1], held[np.minimum(above, len(held) - 1)]
    return np.asarray(np.where(wanted - low <= high - wanted, low, high))


def draw_levels(shares: Floats, chance: Floats) -> Floats:
    """A level by its share."""
    below = np.cumsum(shares, axis=1) < chance[:, None] * shares.sum(axis=1)[:, None]
    return np.asarray(np.minimum(below.sum(axis=1), shares.shape[1] - 1), dtype=np.float64)


def row_hashes(x: Floats, ids: Hashes | None) -> Hashes:
    """A number for each row that depends on what it holds; equal rows are numbered on."""
    state = np.full(len(x), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for column in x.T:
        bits = np.where(np.isnan(column), np.nan, column + 0.0).view(np.uint64)
        state = _mixed(state ^ bits)
    if ids is not None:
        state = _mixed(state ^ ids)
    order = np.argsort(state, kind="stable")
    ranked = state[order]
    starts = np.r_[True, ranked[1:] != ranked[:-1]]
    begin = np.maximum.accumulate(np.where(starts, np.arange(len(x)), 0))
    turn = np.empty(len(x), dtype=np.uint64)
    turn[order] = np.arange(len(x)) - begin
    return _mixed(state + turn)


def chances(hashes: Hashes, seed: int, draw: int, column: int) -> Floats:
    """A number in [0, 1) for each row, of this draw and column."""
    salt = np.array([seed, draw, column], dtype=np.uint64)
    key = np.zeros(1, dtype=np.uint64)
    for part in salt:
        key = _mixed(key + part)
    return np.asarray((_mixed(hashes ^ key) >> np.uint64(11)) * 2.0**-53)


def text_hashes(values: list[Any]) -> Hashes:
    """A number for each id, the same in every session."""
    import pandas as pd

    texts = np.array([str(value) for value in values], dtype=object)
    return np.asarray(pd.util.hash_array(texts), dtype=np.uint64)


def _mixed(state: Hashes) -> Hashes:
    """Bits stirred (splitmix64; Steele, Lea and Flood, 2014)."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(state ^ (state >> np.uint64(31)))
