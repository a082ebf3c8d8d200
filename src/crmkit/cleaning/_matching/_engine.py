"""The whole way from coded records to scored pairs: block, compare, learn, choose keys, score.

On a long list what is learnt comes from a part of the blocks of each key, drawn at random; then
only keys that find more matches for their pairs are used, and only pairs that may be matches are
compared in full. Where the keys seem to miss many matches, records that are still single are
compared with those whose letters are most like theirs.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from crmkit._progress import SILENT, Progress
from crmkit.cleaning._matching._block_keys import PartCodes, Pass, candidate_passes
from crmkit.cleaning._matching._blocking import (
    Candidates,
    PassReport,
    all_pairs,
    candidates,
    drawn,
)
from crmkit.cleaning._matching._coded import Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import LevelTable, compare, comparison_of
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
from crmkit.cleaning._matching._likely_pairs import likely_pairs
from crmkit.cleaning._matching._look_alikes import adopted, classes_for
from crmkit.cleaning._matching._neighbours import neighbours
from crmkit.cleaning._matching._pass_choice import (
    Budget,
    SimulatedMatches,
    simulated,
    with_recall,
    without_narrower,
    worthwhile,
)
from crmkit.cleaning._matching._scores import MatchModel, PairScores, score

FEW_PAIRS = 600_000  # all pairs of a list are compared where there are no more than these
MOST_PER_RECORD = 20  # pairs that blocking may give for each record
MOST_OF_A_PASS, FEW_OF_A_PASS = 4, 20_000  # pairs of one key, for each record and beyond that
LONG_LIST = 2_000_000  # pairs of all keys together from which a part of them is learnt from
MOST_LEARNT = 60_000  # pairs of each key that are drawn then
PAIRS_A_MATCH, PAIRS_A_RECORD = 2_000.0, 4.0  # that keys of a long list may cost
N_NEIGHBOURS, MOST_UNITS = 10, 200_000  # of a single unit, and of a list where they are sought
MISSING_A_SINGLE, FEW_MISSING = 0.01, 5.0  # matches that must be missing for that
LEAST_KEPT = -10.0  # log-odds that a pair of a long list must be able to reach


@dataclass(frozen=True)
class Settings:
    """Parameters of the engine, checked; `progress` tells its steps."""

    threshold: float = 0.5
    precision: float | None = None
    look_alikes: bool = True
    linkage: str = "average"
    max_block: int = 400
    seed: int = 0
    progress: Progress = SILENT


@dataclass(frozen=True, eq=False)
class Learnt:
    """What was learnt of a list of records."""

    model: MatchModel
    converged: bool
    caught: list[str] = field(default_factory=list)
    n_expected: float = 0.0


@dataclass(frozen=True, eq=False)
class Matching:
    """Scored candidate pairs: what gave them, their levels and their log-odds."""

    pairs: Candidates
    table: LevelTable
    scores: PairScores


def match(units: Units, settings: Settings) -> tuple[Learnt, Matching]:
    """Learn from a list, and score the pairs that may be matches."""
    suggested, known = candidate_passes(units), PartCodes()
    telling = [rule for rule in suggested if rule.telling] or suggested
    found = to_learn_from(units, telling, settings, known)
    if not len(found.left):
        found = to_learn_from(units, suggested, settings, known)
    table = compare(units, found.left, found.right)
    learnt = learn(units, found, table, settings)
    settings.progress.step(
        f"learnt from {len(found.left):,} pairs, about {learnt.n_expected:,.0f} of one person"
    )
    tops = comparison_of(units.columns).n_levels
    matches = simulated(units, learnt.model, tops, settings.seed)
    if found.weights is not None:
        found, table = _of_long_list(units, learnt, matches, suggested, settings, known)
    elif units.n * (units.n - 1) // 2 <= FEW_PAIRS:
        found, table = _of_all(units, matches, found, table)
    else:
        found, table = _widened(units, learnt, matches, (found, table), suggested, settings)
    settings.progress.step(f"compared {len(found.left):,} pairs of {len(found.passes)} keys")
    scores = score(learnt.model, units, found.left, found.right, table)
    matching = Matching(found, table, scores)
    single = _single_worth_more(units, learnt, matching, settings)
    if len(single):
        matching = _with_neighbours(units, learnt, matching, single)
        settings.progress.step(f"compared {len(single):,} single records with their neighbours")
    return learnt, matching


def blocked(
    units: Units, passes: list[Pass], max_block: int, known: PartCodes | None = None
) -> Candidates:
    """Candidate pairs of these passes; `known` keeps the parts of their keys."""
    total = MOST_PER_RECORD * units.n + FEW_PAIRS
    return candidates(units, passes, max_block, _most_of_a_pass(units), total, known)


def to_learn_from(
    units: Units, passes: list[Pass], settings: Settings, known: PartCodes
) -> Candidates:
    """Candidate pairs of these passes, of a long list a sample of them with weights."""
    limits, most = (LONG_LIST, MOST_LEARNT), _most_of_a_pass(units)
    found = drawn(units, passes, settings.max_block, most, limits, settings.seed, known)
    return blocked(units, passes, settings.max_block, known) if found is None else found


def _most_of_a_pass(units: Units) -> int:
    return MOST_OF_A_PASS * units.n + FEW_OF_A_PASS


def learn(units: Units, found: Candidates, table: LevelTable, settings: Settings) -> Learnt:
    """Model of matches, from the candidate pairs and random ones."""
    comparison = comparison_of(units.columns)
    kinds = comparison.kinds
    patterns = patterns_of(table, comparison.n_levels)
    u = chance_levels(units, np.random.default_rng(settings.seed))
    estimates, used = _by_pass(units, found, patterns, u, kinds)
    m, _ = pooled(estimates, used, u, kinds)
    m, caught = guarded(m, kinds)
    n_pairs = max(units.n * (units.n - 1) / 2.0, 1.0)
    classes = classes_for(kinds) if settings.look_alikes else []
    weights = patterns.counts(_telling(found), found.weights)
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
    shares = found.shares or [1.0] * len(found.passes)
    for rule, members, share in zip(found.passes, found.members, shares, strict=True):
        if learning and not rule.telling:
            continue
        keys = rule.columns(units)
        use = np.array([column.name not in keys for column in units.columns])
        if use.any():
            weights = patterns.counts(members)
            found_here = expectation_maximisation(patterns.levels, weights, u, kinds, use)
            estimates.append(replace(found_here, n_matches=found_here.n_matches / share))
            used.append(use)
    return estimates, used


def _of_all(
    units: Units, matches: SimulatedMatches, found: Candidates, table: LevelTable
) -> tuple[Candidates, LevelTable]:
    """All pairs of a short list."""
    left, right = all_pairs(units.n)
    report = with_recall(found.report, found.passes, matches, units)
    new = len(left) - len(found.left)
    if new:
        report.append(PassReport("all pairs", len(left), new, 0, 0, True, 0, 1.0, 1.0))
    more = replace(found, left=left, right=right, report=report)
    return more, _with_new(units, found, table, left, right)


def _widened(
    units: Units,
    learnt: Learnt,
    matches: SimulatedMatches,
    learnt_from: tuple[Candidates, LevelTable],
    suggested: list[Pass],
    settings: Settings,
) -> tuple[Candidates, LevelTable]:
    """The pairs so far with those of further keys worth them."""
    found, table = learnt_from
    offered = [rule for rule in suggested if rule not in found.passes]
    chosen = worthwhile(
        units, matches, found.passes, offered, learnt.n_expected, settings.max_block
    )
    more = blocked(units, [*found.passes, *chosen], settings.max_block)
    left_out = [line for line in found.report if not line.used]
    report = with_recall(more.report, more.passes, matches, units) + left_out
    more = replace(more, report=report)
    return more, _with_new(units, found, table, more.left, more.right)


def _of_long_list(
    units: Units,
    learnt: Learnt,
    matches: SimulatedMatches,
    suggested: list[Pass],
    settings: Settings,
    known: PartCodes,
) -> tuple[Candidates, LevelTable]:
    """Pairs of the keys worth them that may be matches."""
    budget = Budget(PAIRS_A_MATCH, PAIRS_A_RECORD * units.n)
    chosen = worthwhile(
        units, matches, [], suggested, learnt.n_expected, settings.max_block, budget, known
    )
    found = blocked(units, without_narrower(chosen), settings.max_block, known)
    places, table = likely_pairs(units, learnt.model, found.left, found.right, LEAST_KEPT)
    report = with_recall(found.report, found.passes, matches, units)
    left, right = found.left[places], found.right[places]
    return Candidates(left, right, found.passes, [], report), table


def _single_worth_more(
    units: Units, learnt: Learnt, matching: Matching, settings: Settings
) -> Ints:
    """Units without a match, where enough matches are missing to look for theirs without keys."""
    used = [line.recall_so_far for line in matching.pairs.report if line.used]
    missing = (1.0 - max(used, default=0.0)) * learnt.n_expected
    joined = matching.scores.log_odds >= np.log(settings.threshold / (1.0 - settings.threshold))
    single = np.ones(units.n, dtype=bool)
    single[matching.pairs.left[joined]] = single[matching.pairs.right[joined]] = False
    wanted = np.flatnonzero(single)
    worth = missing >= MISSING_A_SINGLE * len(wanted) and units.n <= MOST_UNITS
    return wanted if worth and missing >= FEW_MISSING else wanted[:0]


def _with_neighbours(units: Units, learnt: Learnt, matching: Matching, single: Ints) -> Matching:
    """The scored pairs with those of single units and the units most like them."""
    found, scores = matching.pairs, matching.scores
    left, right = neighbours(units, single, N_NEIGHBOURS)
    old = found.left * units.n + found.right
    keys = np.setdiff1d(left * units.n + right, old, assume_unique=True)
    new_left, new_right = np.divmod(keys, units.n)
    table = compare(units, new_left, new_right)
    more = score(learnt.model, units, new_left, new_right, table)
    order = np.argsort(np.concatenate([old, keys]), kind="stable")

    def both(one: Any, other: Any) -> Any:
        return np.concatenate([one, other])[order]

    so_far = max((line.recall_so_far for line in found.report if line.used), default=0.0)
    line = PassReport(
        "neighbours of single records", len(left), len(keys), 0, 0, True, 0, np.nan, so_far
    )
    pairs = Candidates(
        both(found.left, new_left), both(found.right, new_right), found.passes, [],
        [*found.report, line],
    )  # fmt: skip
    shares = {name: both(p, more.look_alike[name]) for name, p in scores.look_alike.items()}
    return Matching(
        pairs,
        both(matching.table, table),
        PairScores(both(scores.log_odds, more.log_odds), shares),
    )


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
