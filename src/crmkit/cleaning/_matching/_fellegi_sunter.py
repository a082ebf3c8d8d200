"""How often records of one person agree (m), and how often any two do (u), without labels.

With g_q the level of agreement of column q, the log-odds that a pair is of one person are
log(prior odds) + sum over the columns where both have a value of log(m_q(g_q) / u_q(g_q)):
Fellegi and Sunter (1969), Journal of the American Statistical Association 64, 1183-1210. u comes
from random pairs. m comes from the EM algorithm on the pairs of each blocking pass, without the
columns of its key, on counts of the distinct patterns of levels (Winkler 1988, Proceedings of
the Section on Survey Research Methods, 667-671), and is averaged over the passes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from crmkit.cleaning._matching._blocking import all_pairs
from crmkit.cleaning._matching._coded import Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import LevelTable, compare, comparison_of, equal_chance
from crmkit.cleaning._matching._kind_rules import RULES
from crmkit.cleaning._matching._look_alikes import (
    TINY,
    LookAlike,
    active,
    classes_for,
    laid_down,
    level_counts,
    log_ratio,
    memberships,
    row_shares,
)

N_RANDOM = 500_000
ROUNDS, SETTLED = 60, 1e-4
MIXTURE_ROUNDS, TOLERANCE = 150, 1e-6
SMOOTHING = 0.01
START_EQUAL, START_PRIOR = 0.9, 0.3


@dataclass(frozen=True, eq=False)
class Patterns:
    """Distinct rows of levels, and which of them each pair has."""

    levels: LevelTable
    of_pair: Ints

    def counts(self, pairs: Ints | None = None, weights: Floats | None = None) -> Floats:
        """Number of pairs with each pattern, of all or of some; `weights` are of all pairs."""
        members = self.of_pair if pairs is None else self.of_pair[pairs]
        if weights is not None and pairs is not None:
            weights = weights[pairs]
        counts = np.bincount(members, weights=weights, minlength=len(self.levels))
        return counts.astype(np.float64)


@dataclass(frozen=True, eq=False)
class Estimate:
    """What EM found on some pairs: m, the expected number of matches, and if it settled."""

    m: Floats
    n_matches: float
    converged: bool


def merged(
    patterns: LevelTable, weights: Floats, n_levels: Sequence[int]
) -> tuple[LevelTable, Floats]:
    """Patterns of fewer columns once each, with the sum of their weights."""
    found = patterns_of(patterns, n_levels)
    sums = np.bincount(found.of_pair, weights=weights, minlength=len(found.levels))
    return found.levels, sums.astype(np.float64)


def patterns_of(table: LevelTable, n_levels: Sequence[int]) -> Patterns:
    """Distinct rows of a table of levels in a fixed order."""
    joint = np.zeros(len(table), dtype=np.int64)
    for number, top in enumerate(n_levels):
        if int(joint.max(initial=0)) > 2**55 // (top + 1):
            joint = np.unique(joint, return_inverse=True)[1].astype(np.int64)
        joint = joint * (top + 1) + table[:, number]
    _, first, of_pair = np.unique(joint, return_index=True, return_inverse=True)
    return Patterns(table[first], of_pair.astype(np.int64))


def chance_levels(units: Units, seed: np.random.Generator) -> Floats:
    """Share of each level among random pairs that have both values: u, one row a column.

    The chance of equal values is computed from the frequencies, not sampled. Entries of level 0
    (missing) and of levels that a column does not have are 1.
    """
    comparison = comparison_of(units.columns)
    left, right = random_pairs(units.n, seed)
    table = compare(units, left, right)
    top = max(comparison.n_levels, default=1)
    counts = level_counts(table, np.ones(len(table)), top)
    u = np.ones((len(units.columns), top + 1))
    for number, (column, n_levels) in enumerate(
        zip(units.columns, comparison.n_levels, strict=True)
    ):
        share = counts[number, 1 : n_levels + 1] + 0.5
        equal = min(max(equal_chance(column), TINY), 1.0 - 1e-6)
        below = share[:-1] / share[:-1].sum() * (1.0 - equal)
        u[number, 1 : n_levels + 1] = np.append(below, equal)
    return u


def random_pairs(n: int, seed: np.random.Generator) -> tuple[Ints, Ints]:
    """All pairs of n units where they are few, else random ones of two different units."""
    if n * (n - 1) // 2 <= N_RANDOM:
        return all_pairs(n)
    left = seed.integers(n, size=N_RANDOM)
    right = (left + 1 + seed.integers(n - 1, size=N_RANDOM)) % n
    return np.minimum(left, right), np.maximum(left, right)


def start_values(kinds: Sequence[str], top: int) -> Floats:
    """First m: equal values in nine matches of ten, the rest alike."""
    m = np.ones((len(kinds), top + 1))
    for number, kind in enumerate(kinds):
        n = RULES[kind].n_levels
        m[number, 1:n] = (1.0 - START_EQUAL) / (n - 1)
        m[number, n] = START_EQUAL
    return m


def expectation_maximisation(
    patterns: LevelTable, weights: Floats, u: Floats, kinds: Sequence[str], use: Flags
) -> Estimate:
    """M of the columns in `use`, from the patterns of pairs of which an unknown part match.

    Classes of look-alikes that these columns can tell apart take their part of the pairs.
    """
    chosen = np.flatnonzero(use)
    patterns, weights = patterns[weights > 0][:, chosen], weights[weights > 0]
    whole, u, kinds = (
        start_values(kinds, u.shape[1] - 1),
        u[chosen],
        [kinds[i] for i in chosen.tolist()],
    )
    others = [each for each in classes_for(kinds) if active(each, kinds)]
    n_levels = [RULES[kind].n_levels for kind in kinds]
    patterns, weights = merged(patterns, weights, n_levels)
    rows = [whole[chosen] for _ in range(1 + len(others))]
    shares = np.full(len(rows), min(START_PRIOR, 0.9 / len(rows)))
    converged = False
    for _ in range(ROUNDS):
        for number, each in enumerate(others, start=1):
            rows[number] = laid_down(rows[number], rows[0], u, kinds, each)
        ratios = np.stack([log_ratio(patterns, np.log(row) - np.log(u)) for row in rows])
        p = memberships(ratios, shares)
        old, counts = (
            rows[0],
            [level_counts(patterns, weights * part, u.shape[1] - 1) for part in p],
        )
        rows = [row_shares(some, u, n_levels, SMOOTHING) for some in counts]
        rows[0] = never_falling(rows[0], u, n_levels)
        shares = np.maximum(p @ weights / weights.sum(), TINY)
        if float(np.abs(rows[0] - old).max(initial=0.0)) < SETTLED:
            converged = True
            break
    whole[chosen] = rows[0]
    return Estimate(whole, float(shares[0] * weights.sum()), converged)


@dataclass(frozen=True, eq=False)
class Mixture:
    """Shares among all pairs of matches and of look-alikes, and the rows of the latter."""

    prior: float
    classes: list[LookAlike]
    h: list[Floats]
    shares: Floats


def fit_mixture(
    patterns: LevelTable,
    weights: Floats,
    m: Floats,
    u: Floats,
    kinds: Sequence[str],
    classes: Sequence[LookAlike],
    n_pairs: float,
) -> Mixture:
    """Shares of matches and look-alikes, and what look-alikes have in common; m and u stay.

    Pairs that are no candidates count as strangers, so the prior is one among all pairs.
    """
    match = log_ratio(patterns, np.log(m) - np.log(u))
    n_levels = [RULES[kind].n_levels for kind in kinds]
    rows = [laid_down(m, m, u, kinds, each) for each in classes]
    shares = np.full(1 + len(classes), max(weights.sum() * 0.1, 1.0) / n_pairs)
    for _ in range(MIXTURE_ROUNDS):
        ratios = [log_ratio(patterns, np.log(row) - np.log(u)) for row in rows]
        p = memberships(np.stack([match, *ratios]), shares)
        for number, each in enumerate(classes):
            counts = level_counts(patterns, weights * p[number + 1], u.shape[1] - 1)
            rows[number] = laid_down(row_shares(counts, u, n_levels), m, u, kinds, each)
        new = np.clip(p @ weights / n_pairs, TINY, 0.4)
        change = float(np.abs(new / shares - 1.0).sum())
        shares = new
        if change < TOLERANCE:
            break
    return Mixture(float(shares[0]), list(classes), rows, shares[1:])


def never_falling(m: Floats, u: Floats, n_levels: Sequence[int]) -> Floats:
    """M nearest to the one given for which more agreement never speaks less for a match.

    The most likely m with m / u rising over the levels: an isotonic regression of m / u with
    weights u (Dykstra, Kochar and Robertson 1995, Journal of the American Statistical Association
    90, 1034-1040).
    """
    made = m.copy()
    for column, n in enumerate(n_levels):
        part = slice(1, n + 1)
        chance = np.maximum(u[column, part], TINY)
        if (np.diff(m[column, part] / chance) < 0).any():
            ratio = isotonic_regression(m[column, part] / chance, weights=chance).x
            made[column, part] = ratio * chance / (ratio * chance).sum()
    return made


def pooled(
    estimates: Sequence[Estimate], used: Sequence[Flags], u: Floats, kinds: Sequence[str]
) -> tuple[Floats, Flags]:
    """Median of m over the passes whose key lacks a column, weighted by expected matches.

    A pass whose pairs are mostly of look-alikes cannot pull a median as it would pull a mean. No
    pass counts for more matches than the middle one: many matches may be many look-alikes.
    Second, which columns are learnt from any pass; the others keep their first values.
    """
    m = start_values(kinds, u.shape[1] - 1)
    most = float(np.median([each.n_matches for each in estimates])) if estimates else 0.0
    learnt = np.zeros(len(kinds), dtype=bool)
    for column in range(len(kinds)):
        parts = [
            (estimate.m[column], min(estimate.n_matches, most))
            for estimate, use in zip(estimates, used, strict=True)
            if use[column] and min(estimate.n_matches, most) > 0
        ]
        if parts:
            values, shares = np.array([p[0] for p in parts]), np.array([p[1] for p in parts])
            middle = np.array([weighted_median(each, shares) for each in values.T])
            part = slice(1, RULES[kinds[column]].n_levels + 1)
            m[column, part] = middle[part] / middle[part].sum()
            learnt[column] = True
    return never_falling(m, u, [RULES[kind].n_levels for kind in kinds]), learnt


def weighted_median(values: Floats, weights: Floats) -> float:
    """Smallest value with at least half of the weight at or below it."""
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(share, 0.5 - 1e-12)])
