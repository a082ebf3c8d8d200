"""The whole way from coded records to entities: block, compare, learn, score, cluster."""

from dataclasses import dataclass, field, replace

import numpy as np

from crmkit.cleaning._matching._block_keys import Pass, candidate_passes
from crmkit.cleaning._matching._blocking import Candidates, all_pairs, candidates
from crmkit.cleaning._matching._coded import Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import LevelTable, compare, comparison_of
from crmkit.cleaning._matching._entity_clusters import Clusters, entity_clusters
from crmkit.cleaning._matching._fellegi_sunter import (
    Estimate,
    Patterns,
    chance_levels,
    expectation_maximisation,
    fit_mixture,
    patterns_of,
    pooled,
)
from crmkit.cleaning._matching._guard import guarded
from crmkit.cleaning._matching._look_alikes import adopted, classes_for, logistic
from crmkit.cleaning._matching._pass_choice import simulated, worthwhile
from crmkit.cleaning._matching._scores import MatchModel, PairScores, score

FEW_PAIRS = 600_000  # all pairs of a list are compared where there are no more than these
MOST_PER_RECORD = 20  # pairs that blocking may give for each record
MOST_OF_A_PASS, FEW_OF_A_PASS = 4, 20_000  # pairs of one key, for each record and beyond that


SUREST = 1.0 - 1e-6  # highest threshold


@dataclass(frozen=True)
class Settings:
    """Parameters of the engine, checked."""

    threshold: float = 0.5
    precision: float | None = None
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
    threshold: float


def blocked(units: Units, passes: list[Pass], max_block: int) -> Candidates:
    """Candidate pairs of these passes."""
    total = MOST_PER_RECORD * units.n + FEW_PAIRS
    of_one = MOST_OF_A_PASS * units.n + FEW_OF_A_PASS
    return candidates(units, passes, max_block, of_one, total)


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
    suggested = candidate_passes(units)
    telling = [rule for rule in suggested if rule.telling] or suggested
    found = blocked(units, telling, settings.max_block)
    if not len(found.left):
        telling = suggested
        found = blocked(units, telling, settings.max_block)
    table = compare(units, found.left, found.right)
    learnt = learn(units, found, table, settings)
    found, table = widened(units, learnt, found, table, suggested, settings)
    scores = score(learnt.model, units, found.left, found.right, table)
    if settings.precision is not None:
        threshold = threshold_for(scores.log_odds, settings.precision)
        settings = replace(settings, threshold=threshold)
    clusters = cluster(units, learnt.model, found, scores.log_odds, settings)
    return learnt, Matching(found, table, scores, clusters, settings.threshold)


def threshold_for(log_odds: Floats, precision: float) -> float:
    """Least probability whose pairs, with all surer ones, are right in this share on average."""
    ordered = np.sort(log_odds)[::-1]
    p = logistic(ordered)
    good = np.flatnonzero(np.cumsum(p) >= precision * np.arange(1, len(p) + 1))
    if not len(good):
        return SUREST
    return float(np.clip(logistic(ordered[good[-1] : good[-1] + 1])[0], 1.0 - SUREST, SUREST))


def widened(
    units: Units,
    learnt: Learnt,
    found: Candidates,
    table: LevelTable,
    suggested: list[Pass],
    settings: Settings,
) -> tuple[Candidates, LevelTable]:
    """All pairs of a short list; else the pairs so far with those of further keys worth them."""
    if units.n * (units.n - 1) // 2 <= FEW_PAIRS:
        left, right = all_pairs(units.n)
        more = Candidates(left, right, found.passes, found.members, found.report)
        return more, _with_new(units, found, table, left, right)
    tops = comparison_of(units.columns).n_levels
    matches = simulated(units, learnt.model, tops, settings.seed)
    offered = [rule for rule in suggested if rule not in found.passes]
    chosen = worthwhile(
        units, matches, found.passes, offered, learnt.n_expected, settings.max_block
    )
    more = blocked(units, [*found.passes, *chosen], settings.max_block)
    left_out = [line for line in found.report if not line.used]
    more = Candidates(more.left, more.right, more.passes, more.members, more.report + left_out)
    return more, _with_new(units, found, table, more.left, more.right)


def _with_new(
    units: Units, found: Candidates, table: LevelTable, left: Ints, right: Ints
) -> LevelTable:
    """Levels of pairs that hold all those found, which are not compared again."""
    keys, known = left * units.n + right, found.left * units.n + found.right
    place = np.searchsorted(keys, known)
    whole = np.zeros((len(keys), table.shape[1]), dtype=np.int8)
    whole[place] = table
    new = np.ones(len(keys), dtype=bool)
    new[place] = False
    whole[new] = compare(units, left[new], right[new])
    return whole


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
