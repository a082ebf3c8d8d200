"""Edges between tiers of value: from shares of customers or of revenue, and who stands where.

With edges e_1 <= e_2 <= ..., tier k holds the values v with e_k <= v < e_(k+1). Edges are observed
values above 0, so that equal values share a tier and who brought nothing is in the lowest one;
rounding is forgiven.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.segment import _rounding

Ints = npt.NDArray[np.int64]


def checked_shares(edges: Any, owner: str) -> Floats:
    """Rising numbers between 0 and 1."""
    array = _numbers(edges)
    if not len(array) or not ((array > 0) & (array < 1)).all() or not (np.diff(array) > 0).all():
        raise DataError(
            f"{owner}: edges must be rising numbers above 0 and below 1, got {edges!r}. Three "
            "edges make four tiers, such as (0.5, 0.8, 0.95)."
        )
    return array


def checked_amounts(edges: Any, owner: str) -> Floats:
    """Rising finite amounts above 0."""
    array = _numbers(edges)
    fine = len(array) and np.isfinite(array).all() and (array > 0).all()
    if not fine or not (np.diff(array) > 0).all():
        raise DataError(
            f"{owner}: with by='thresholds' edges must be rising amounts above 0, got {edges!r}. "
            "Three edges make four tiers, such as (100, 500, 2000)."
        )
    return array


def _numbers(edges: Any) -> Floats:
    try:
        array: Floats = np.asarray(edges, dtype=np.float64)
    except (TypeError, ValueError):
        return np.empty(0)
    return array if array.ndim == 1 else np.empty(0)


def customer_edges(values: Floats, shares: Floats, owner: str) -> Floats:
    """Values below which each share of the customers lies, as nearly as ties allow.

    Of two edges that are equally near the higher one is taken: the better tier is the smaller.
    """
    known, n = _above_zero(values, owner)
    below = 1.0 - np.cumsum(n[::-1])[::-1] / len(values)
    off = np.round(np.abs(below[::-1] - shares[:, None]), 12)
    edges: Floats = known[::-1][off.argmin(axis=1)]
    return edges


def revenue_edges(values: Floats, shares: Floats, owner: str) -> Floats:
    """Values such that the customers at or above them are the fewest who hold 1 - share.

    The whole is the sum of the values above 0.
    """
    known, n = _above_zero(values, owner)
    scaled = np.ldexp(known, -int(np.frexp(known[-1])[1]))  # exact, and no sum overflows
    held = np.cumsum((scaled * n)[::-1])
    wanted = (1.0 - shares) * held[-1] * (1.0 - 1e-12)
    edges: Floats = known[::-1][np.searchsorted(held, wanted, side="left")]
    return edges


def _above_zero(values: Floats, owner: str) -> tuple[Floats, Ints]:
    """Distinct values above 0, rising, and how many customers have each."""
    known, n = _rounding.distinct(values[values > 0])
    if not len(known):
        raise DataError(
            f"{owner}: none of {len(values):,} customers has a value above 0: there is nothing to "
            "part them by. Choose another column."
        )
    return known, n


def tier_of(values: Floats, edges: Floats) -> Ints:
    """Number of the tier of each value, 0 the lowest; one equal to an edge goes up."""
    lower = _rounding.below(edges)
    return np.asarray(np.searchsorted(lower, values, side="right"), dtype=np.int64)


def held_tier(values: Floats, edges: Floats, margin: float, before: Ints) -> Ints:
    """Tier of each value, drawn to the tier before (-1: none): edges count when passed by a margin.

    Above every edge by the margin lies tier `low`, above it less the margin tier `high`; who was
    between the two stays.
    """
    by = edges * margin
    low, high = tier_of(values, edges + by), tier_of(values, edges - by)
    return np.where(before < 0, tier_of(values, edges), np.clip(before, low, high))


def sums_by(values: Floats, codes: Ints, n: int) -> Floats:
    """Correctly rounded sum of the values of each code, whatever the order of the rows."""
    order = np.argsort(codes, kind="stable")
    parts = np.split(values[order], np.cumsum(np.bincount(codes, minlength=n))[:-1])
    return np.array([math.fsum(part) for part in parts])


def shares_of(amounts: Floats) -> Floats:
    """Part of the sum that each amount is; NaN where the sum is not above 0."""
    total = math.fsum(amounts)
    return amounts / total if total > 0 else np.full(len(amounts), np.nan)
