"""How rare a deed is among peers: p-values that rare buyers and heavy tails do not make small.

Counts. With e chances to do it and a rate r of peers that differs between customers with squared
coefficient of variation v, a count is gamma-Poisson with mean r e, and at least k has the chance

    I(r e / (r e + 1 / v); k, 1 / v)         or P(k, r e) where v = 0,

incomplete beta and gamma functions, which also read a k that is not whole. r and v are found from
the peers without those whom the fit itself calls rarer than 1 in 1,000, again and again, so that
abusers do not excuse one another.

Bursts. k or more of a Poisson process within w days somewhere in L days need one that begins such
a row: the chance is at most m P(N >= k - 1), with m expected in L days and N the further ones in w
(Mecke's formula and the union bound). For orders the number n is given: n P(Bin(n - 1, w / L) >=
k - 1), tempered by the slope that these chances have among peers. So are those of the counts of
orders at night. Who has been watched for three bursts or less has no rhythm yet and is compared
with the further orders of other new customers as well.

Sizes are judged by the tail and the levels that peers show (see `_peer_sizes`).

All together. The least chance of a customer over M measures, x = -log p, is compared with those of
all: behind their 97 % quantile q the chance is 0.03 (1 + (x - q) / (s m))^-m, with the slope s of
the m customers between the 90 % and 97 % quantiles, an empirical null distribution (Efron 2004,
Journal of the American Statistical Association 99, 96-104). q is at most 1.5 log(M / 0.03) and s at
most 3, so that many abusers cannot make themselves usual; logs of fewer than 300 customers take
M p (Bonferroni).
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from crmkit._validation import Floats
from crmkit.segment._peer_sizes import fall, fall_at

Whole = npt.NDArray[Any]

RARE = 1e-3
ROUNDS = 12
ENOUGH = 300
"""Customers from whom a null distribution can be read."""

CERTAIN = 1e12
"""As many customers as are needed to know a slope."""

PRIOR = 5.0
"""Events of everybody that stand behind the rate of a group of peers."""


def count_tail(k: Floats, mean: Floats, spread: Floats | float) -> Floats:
    """Chance of at least k events, with gamma-Poisson mean and spread; 1 for none."""
    size = 1.0 / np.maximum(spread, 1e-12)
    some = np.maximum(k, 1e-9)
    mixed = special.betainc(some, size, mean / (mean + size))
    plain = special.gammainc(some, mean)
    tail: Floats = np.where(k > 0, np.where(spread > 1e-6, mixed, plain), 1.0)
    return tail


def fit_rate(k: Floats, chances: Floats, base: float | None = None) -> tuple[float, float]:
    """Rate and spread of counts among peers; `base` is the rate of everybody, if known."""
    keep, rate, spread = np.ones(len(k), dtype=bool), 0.0, 0.0
    for r in range(ROUNDS):
        events, exposure = float(k[keep].sum()), float(chances[keep].sum())
        if base is None:
            rate = (events + 0.5) / (exposure + 1.0)
        else:
            rate = (events + PRIOR) / (exposure + PRIOR / base)
        mean = rate * chances
        excess = (k[keep] - mean[keep]) ** 2 - mean[keep]
        spread = max(float(excess.sum()) / max(float((mean[keep] ** 2).sum()), 1e-12), 0.0)
        spread *= r >= 2  # at first as if all were alike, or the strange widen what is usual
        keep = count_tail(k, mean, np.full(len(k), spread)) >= RARE
    return rate, spread


def row_tail(k: Whole, mean: Floats, spread: Floats, share: float) -> Floats:
    """Chance bound of k in a row within a share of the window, of `mean` expected in all of it.

    Whoever has one has a rate above the mean: the others follow the rate weighted by itself.
    """
    wide = spread / (1.0 + spread)
    further = count_tail(k - 1.0, mean * share * (1.0 + spread), wide)
    return np.where(k >= 2, np.minimum(mean * further, 1.0), 1.0)


def even_tail(k: Whole, n: Whole, share: Floats) -> Floats:
    """Chance bound of k of n evenly spread events within a share of the time."""
    further = stats.binom.sf(k - 2, np.maximum(n - 1, 0), np.minimum(share, 1.0))
    bound: Floats = np.where(k >= 2, np.minimum(n * further, 1.0), 1.0)
    return bound


def slope_of(p: Floats) -> float:
    """How much flatter than they should be -log p falls among peers; at least 1."""
    if not len(p):
        return 1.0
    low, high = np.quantile(-np.log(np.maximum(p, 1e-300)), [0.75, 0.95])
    return max(1.0, float(high - low) / float(np.log(5.0)))


def tempered(p: Floats, slope: Floats) -> Floats:
    """Chances made larger by the slope that they have among peers."""
    return np.asarray(np.maximum(p, 1e-300) ** (1.0 / slope))


def fit_null(p: Floats, n_measures: int) -> tuple[float, float, float]:
    """Anchor and slope of -log of the least chances, most of them innocent, and customers behind.

    Customers without end where the rule of Bonferroni stands for the slope.
    """
    usual = float(np.log(n_measures / 0.03))
    if len(p) < ENOUGH:
        return usual, 1.0, CERTAIN
    low, high = np.quantile(-np.log(np.maximum(p, 1e-300)), [0.90, 0.97])
    slope = float(high - low) / float(np.log(0.10 / 0.03))
    return min(float(high), 1.5 * usual), min(max(slope, 0.7), 3.0), 0.07 * len(p)


def null_tail(p: Floats, anchor: float, slope: float, backed: float) -> Floats:
    """Chance that an innocent customer has a least chance as small."""
    y = (-np.log(np.maximum(p, 1e-300)) - anchor) / slope
    tail = np.where(y > 0, fall(y, backed), np.exp(-np.minimum(y, 0.0)))
    return np.asarray(np.minimum(0.03 * tail, 1.0))


def null_limit(rate: float, anchor: float, slope: float, backed: float) -> float:
    """Least chance below which so many innocent customers lie."""
    y = fall_at(rate / 0.03, backed) if rate < 0.03 else np.log(0.03 / rate)
    return float(np.exp(-(anchor + slope * y)))
