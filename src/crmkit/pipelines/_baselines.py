"""Forecasts that need no model: what every model has to be better than.

The hiatus rule is the managers' heuristic of Wübben and von Wangenheim (2008), Instant customer
base analysis: managerial heuristics often "get it right", Journal of Marketing 72, 82-93: who has
not bought for some time is taken to be gone. Its threshold is the one that would have told best,
within the past, who bought again.
"""

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats

Counts = npt.NDArray[np.int64]


def own_rate(frequency: Counts, T: Floats, horizon: float) -> Floats:
    """Purchases at the rate each customer had so far; none where nothing was observed."""
    rate: Floats = np.divide(frequency, T, out=np.zeros(len(T)), where=T > 0)
    return rate * horizon


def mean_rate(frequency: Counts, T: Floats, horizon: float) -> Floats:
    """Purchases at the rate of all customers together, the same for each."""
    observed = float(T.sum())
    return np.full(len(T), frequency.sum() / observed * horizon if observed > 0 else 0.0)


def hiatus_rule(expected: Floats, hiatus: Floats, threshold: float) -> Floats:
    """What is expected of customers whose last purchase is at most `threshold` ago, else none."""
    return np.where(hiatus <= threshold, expected, 0.0)


def best_threshold(hiatus: Floats, bought: npt.NDArray[np.bool_]) -> float:
    """Longest observed hiatus that best tells who bought later (most customers told rightly)."""
    lengths, group = np.unique(hiatus, return_inverse=True)
    gain = np.bincount(group, weights=np.where(bought, 1.0, -1.0))
    right = np.cumsum(gain)  # up to a constant: buyers at or below less non-buyers there
    return float(lengths[len(right) - 1 - np.argmax(right[::-1])])
