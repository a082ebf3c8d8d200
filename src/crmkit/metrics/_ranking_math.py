"""The mathematics of ranking scores: hits of top lists in, one number a customer out.

`hits` is a boolean array of shape (n_customers, width): whether the item at each place of the list
is relevant; `width` may be less than k where no list is longer. `n_relevant` counts the relevant
items of each customer, at least 1. Every score lies in [0, 1].
"""

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats

Hits = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


def ndcg(hits: Hits, n_relevant: Counts, k: int) -> Floats:
    """Discounted gain, 1 / log2(place + 1) a hit, over that of min(n_relevant, k) hits on top."""
    attainable = np.minimum(n_relevant, k)
    longest = max(hits.shape[1], int(attainable.max(initial=1)))
    discount = 1.0 / np.log2(np.arange(2, longest + 2))
    best = np.cumsum(discount)[attainable - 1]
    return clipped(hits @ discount[: hits.shape[1]] / best)


def recall(hits: Hits, n_relevant: Counts) -> Floats:
    """Part of the relevant items that is in the list."""
    return clipped(hits.sum(axis=1) / n_relevant)


def precision(hits: Hits, k: int) -> Floats:
    """Hits over k, also where the list is shorter."""
    return clipped(hits.sum(axis=1) / k)


def average_precision(hits: Hits, n_relevant: Counts, k: int) -> Floats:
    """Sum over the hits of the precision down to their place, over min(n_relevant, k)."""
    upto = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return clipped((upto * hits).sum(axis=1) / np.minimum(n_relevant, k))


def reciprocal_rank(hits: Hits) -> Floats:
    """One over the place of the first hit, 0 without one."""
    if not hits.shape[1]:
        return np.zeros(len(hits))
    return np.asarray(np.where(hits.any(axis=1), 1.0 / (hits.argmax(axis=1) + 1.0), 0.0))


def any_hit(hits: Hits) -> Floats:
    """1 where any item of the list is relevant, else 0."""
    return np.asarray(hits.any(axis=1), dtype=np.float64)


def mean_of_list(values: Floats, items: Counts) -> Floats:
    """Mean over each list of a value of its items; places with item -1 are empty.

    An item whose value is NaN is left out; NaN where nothing is left.
    """
    there = items >= 0
    held = np.where(there, values[items] if len(values) else np.nan, np.nan)
    known = there & ~np.isnan(held)
    n = known.sum(axis=1)
    return np.asarray(np.where(known, held, 0.0).sum(axis=1) / np.where(n > 0, n, np.nan))


def self_information(n_buyers: Counts, n_customers: int) -> Floats:
    """Bits that tell a purchase of each item: -log2 of the share of customers who bought it.

    An item nobody bought counts as bought by one.
    """
    return -np.log2(clipped(np.maximum(n_buyers, 1) / max(n_customers, 1)))


def percentile(n_buyers: Counts) -> Floats:
    """Part of the items that fewer customers bought than each one, and half of its equals."""
    ascending = np.sort(n_buyers)
    below = np.searchsorted(ascending, n_buyers, side="left")
    upto = np.searchsorted(ascending, n_buyers, side="right")
    return np.asarray((below + upto) / 2.0 / max(len(n_buyers), 1))


def dissimilarity(sums: Floats, n: Counts) -> Floats:
    """One less the mean cosine over the pairs of each list, from sums of n unit vectors each.

    |sum of v|^2 = n + 2 (sum over pairs of cosines). NaN for lists of fewer than two.
    """
    pairs = np.where(n > 1, n * (n - 1.0), np.nan)
    return clipped(1.0 - (sums - n) / pairs)


def clipped(values: Floats) -> Floats:
    """Values within [0, 1], NaN as it is."""
    return np.asarray(np.clip(values, 0.0, 1.0))
