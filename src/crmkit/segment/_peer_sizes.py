"""How rare a size is among peers: the tail they show on the log scale, and the levels they share.

Behind the 95 % quantile q of the peers the log sizes x are taken to fall exponentially, with the
slope s seen between the 75 % and 95 % quantiles. As s is known from m peers only, a further one is
as large with the chance

    0.05 (1 + (x - q) / (s m))^-m,

which is 0.05 exp(-(x - q) / s) for many. A tail of that form is right for amounts of a power law
and too long, hence careful, for shorter ones. A slope cannot be seen where three peers in four and
95 in 100 have the same size (one unit an order, one tariff): there a size ten times as large is
rare, and the next one up is not.

Sizes come in levels as well: two units, a dozen, the dearer tariff. A level that at least 1 in 100
peers, and three, have exactly is usual: there the chance is never below the share of the peers who
have as much or more, and behind it falls from that share. So few abusers, or many who do not agree
to the penny, do not excuse one another.
"""

import numpy as np

from crmkit._validation import Floats

RULES = ("quantile", "slope", "backed", "levels", "shares")
"""What is known of a size: arguments of `size_tail` after the values."""

STEEPEST, UNSEEN = 0.25, 0.5
"""Least slope of log sizes: seen, and where all are equal."""

LEVELS = 5
"""No more levels have 1 in 100 each behind the 95 % quantile."""


def fit_size(values: Floats) -> dict[str, float | Floats]:
    """95 % quantile of log sizes, slope, peers behind the slope, levels beyond and their shares."""
    known = np.sort(np.round(np.log(values[values > 0]), 9))
    n = len(known)
    levels, shares = np.full(LEVELS, np.inf), np.zeros(LEVELS)
    if not n:
        return dict(zip(RULES, (np.inf, 1.0, 1.0, levels, shares), strict=True))
    low, high = np.quantile(known, [0.75, 0.95], method="higher")
    seen = max(float(high - low) / float(np.log(5.0)), STEEPEST)
    at, first, times = np.unique(known, return_index=True, return_counts=True)
    held = np.flatnonzero((times >= enough(n)) & (at > high))[:LEVELS]
    levels[: len(held)], shares[: len(held)] = at[held], 1.0 - first[held] / n
    told = (float(high), UNSEEN if low == high else seen, max(0.2 * n, 1.0), levels, shares)
    return dict(zip(RULES, told, strict=True))


def size_tail(
    values: Floats, quantile: Floats, slope: Floats, backed: Floats, levels: Floats, shares: Floats
) -> Floats:
    """Chance of a size as large, 1 up to the quantile; a row of levels and shares per value."""
    logs = np.round(np.log(np.where(values > 0, values, 1e-300)), 9)
    tail = 0.05 * fall((logs - quantile) / slope, backed)
    beyond = fall((logs[:, None] - levels) / slope[:, None], backed[:, None])
    among = np.maximum(tail, (shares * beyond).max(axis=1))
    return np.where(logs > quantile, among, 1.0)


def fit_level(values: Floats) -> tuple[float, float]:
    """Value that enough peers have or exceed to make it usual, and their share among the peers."""
    held = min(int(np.ceil(enough(len(values)))), len(values))
    level = np.sort(values)[len(values) - held]
    return float(level), float((values >= level).mean())


def enough(n: int) -> float:
    """How many of n peers make a level usual."""
    return max(3.0, 0.01 * n)


def fall(y: Floats, backed: Floats | float) -> Floats:
    """Chance that an exponential of unit scale is beyond y, its scale known from so many values.

    1 for y below 0.
    """
    return np.asarray(np.exp(-backed * np.log1p(np.maximum(y, 0.0) / backed)))


def fall_at(chance: float, backed: float) -> float:
    """The y that `fall` gives a chance for."""
    return float(backed * np.expm1(-np.log(chance) / backed))
