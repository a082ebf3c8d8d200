"""The whole way from coded records to entities: block, compare, learn, score, cluster."""

from dataclasses import dataclass, field

import numpy as np

from crmkit.cleaning._block_keys import candidate_passes
from crmkit.cleaning._blocking import Candidates, all_pairs, candidates
from crmkit.cleaning._coded import Flags, Floats, Ints, Units
from crmkit.cleaning._comparison import LevelTable, compare, comparison_of
from crmkit.cleaning._entity_clusters import Clusters, entity_clusters
from crmkit.cleaning._fellegi_sunter import (
    Estimate,
    Patterns,
    chance_levels,
    expectation_maximisation,
    fit_mixture,
    patterns_of,
    pooled,
)
from crmkit.cleaning._guard import guarded
from crmkit.cleaning._look_alikes import adopted, classes_for
from crmkit.cleaning._scores import MatchModel, PairScores, score

FEW_PAIRS = 600_000  # all pairs of a list are compared where there are no more than these
MOST_PER_RECORD = 40  # pairs that blocking may give for each record


@dataclass(frozen=True)
class Settings:
    """Parameters of the engine, checked."""

    threshold: float = 0.5
    look_alikes: bool = True
    linkage: str = "average"
    max_block: int = 400
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Learnt:
    """What was learnt of a list of records."""

    model: MatchModel
    converged: bool
    caught: list[str] = field(default_factory=list)
    n_expected: float = 0.0


@dataclass(frozen=True, eq=False)
class Matching:
    """Scored candidate pairs and the clusters made of them."""

    pairs: Candidates
    table: LevelTable
    scores: PairScores
    clusters: Clusters


def blocked(units: Units, max_block: int) -> Candidates:
    """Candidate pairs by the passes that the kinds suggest."""
    total = MOST_PER_RECORD * units.n + FEW_PAIRS
    return candidates(units, candidate_passes(units), max_block, total // 4, total)


def learn(units: Units, found: Candidates, table: LevelTable, settings: Settings) -> Learnt:
    """Model of matches, from the candidate pairs and random ones."""
    comparison = comparison_of(units.columns)
    kinds = comparison.kinds
    patterns = patterns_of(table, comparison.n_levels)
    u = chance_levels(units, np.random.default_rng(settings.seed))
    estimates, used = _by_pass(units, found, patterns, u, kinds)
    m, _ = pooled(estimates, used, kinds, u.shape[1] - 1)
    m, caught = guarded(m, kinds)
    n_pairs = max(units.n * (units.n - 1) / 2.0, 1.0)
    classes = classes_for(kinds) if settings.look_alikes else []
    weights = patterns.counts(_telling(found))
    mix = fit_mixture(patterns.levels, weights, m, u, kinds, classes, n_pairs)
    model = MatchModel(
        kinds, m, u, mix.prior,
        tuple(each.name for each in classes), mix.h, mix.shares,
        [adopted(h, u, kinds) for h in mix.h],
    )  # fmt: skip
    names = [comparison.names[column] for column in caught]
    settled = all(estimate.converged for estimate in estimates)
    return Learnt(model, settled, names, model.prior * n_pairs)


def _telling(found: Candidates) -> Ints:
    """Places of the pairs that telling passes gave; of all pairs where no pass is telling."""
    chosen = [
        members for rule, members in zip(found.passes, found.members, strict=True) if rule.telling
    ]
    return np.unique(np.concatenate(chosen)) if chosen else np.arange(len(found.left))


def _by_pass(
    units: Units, found: Candidates, patterns: Patterns, u: Floats, kinds: tuple[str, ...]
) -> tuple[list[Estimate], list[Flags]]:
    estimates, used = [], []
    learning = any(rule.telling for rule in found.passes)
    for rule, members in zip(found.passes, found.members, strict=True):
        if learning and not rule.telling:
            continue
        keys = rule.columns(units)
        use = np.array([column.name not in keys for column in units.columns])
        if use.any():
            weights = patterns.counts(members)
            estimates.append(expectation_maximisation(patterns.levels, weights, u, kinds, use))
            used.append(use)
    return estimates, used


def match(units: Units, settings: Settings) -> tuple[Learnt, Matching]:
    """Learn from a list and match it."""
    found = blocked(units, settings.max_block)
    table = compare(units, found.left, found.right)
    learnt = learn(units, found, table, settings)
    if units.n * (units.n - 1) // 2 <= FEW_PAIRS:
        left, right = all_pairs(units.n)
        found = Candidates(left, right, found.passes, found.members, found.report)
        table = compare(units, left, right)
    scores = score(learnt.model, units, found.left, found.right, table)
    clusters = cluster(units, learnt.model, found, scores.log_odds, settings)
    return learnt, Matching(found, table, scores, clusters)


def cluster(
    units: Units, model: MatchModel, found: Candidates, log_odds: Floats, settings: Settings
) -> Clusters:
    """Entities of the units from their scored pairs."""

    def scorer(left: Ints, right: Ints) -> Floats:
        return score(model, units, left, right, compare(units, left, right)).log_odds

    complete = scorer if settings.linkage == "average" else None
    cut = log_odds_of_cut(settings.threshold)
    return entity_clusters(units.n, found.left, found.right, log_odds, cut, complete)


def log_odds_of_cut(threshold: float) -> float:
    """A probability as log-odds."""
    return float(np.log(threshold) - np.log1p(-threshold))
