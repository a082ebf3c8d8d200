"""New records to the entities that are known: the one they match best, or a new one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from crmkit.cleaning._matching._coded import Floats, Ints
from crmkit.cleaning._matching._constraints import Constraints
from crmkit.cleaning._matching._entities import ScoredPairs
from crmkit.cleaning._matching._entity_clusters import counted, entity_clusters

MOST_MEMBERS = 50  # members of an entity that a new record is compared with

Scorer = Callable[[Ints, Ints], Floats]


@dataclass(frozen=True, eq=False)
class Fits:
    """New units and known entities that they match, the best first, with mean log-odds."""

    unit: Ints
    entity: Ints
    log_odds: Floats


@dataclass(frozen=True, eq=False)
class Assigned:
    """Entity of each new unit, the mean log-odds where it is a known one, and other fits."""

    entities: Ints
    log_odds: Floats
    others: Fits


def assigned(
    n: int,
    entities: Ints,
    pairs: ScoredPairs,
    cut: float,
    scorer: Scorer,
    first_number: int,
    rules: Constraints,
) -> Assigned:
    """Entity of each of the n units behind the known ones, whose `entities` are given.

    `pairs` have a new unit on the right. New numbers begin with `first_number`. Other fits are of
    entities that no rule keeps apart from the one that was joined.
    """
    n_known = len(entities)
    fits = _fits(n, entities, pairs, cut, scorer)
    result = np.full(n - n_known, -1, dtype=np.int64)
    odds = np.full(n - n_known, np.nan)
    place = _one_each(fits, entities, rules)
    result[fits.unit[place] - n_known] = fits.entity[place]
    odds[fits.unit[place] - n_known] = fits.log_odds[place]
    rest = np.ones(len(fits.unit), dtype=bool)
    rest[place] = False
    free = result < 0
    result[free] = first_number + _among_new(n, n_known, pairs, cut, scorer, free, rules)
    joined, other = result[fits.unit - n_known], fits.entity
    rest[rest] = ~rules.part(np.concatenate([entities, result]), joined[rest], other[rest])
    return Assigned(result, odds, Fits(fits.unit[rest], other[rest], fits.log_odds[rest]))


def _fits(n: int, entities: Ints, pairs: ScoredPairs, cut: float, scorer: Scorer) -> Fits:
    """Known entities whose mean log-odds with a new unit reach the cut."""
    near = (pairs.left < len(entities)) & (pairs.log_odds >= cut)
    n_entities = int(entities.max(initial=0)) + 1
    wanted = np.unique(pairs.right[near] * n_entities + entities[pairs.left[near]])
    new, entity = np.divmod(wanted, n_entities)
    order = np.argsort(entities, kind="stable")
    starts = np.searchsorted(entities[order], np.append(entity, entity + 1))
    first, sizes = starts[: len(entity)], np.diff(starts.reshape(2, -1), axis=0)[0]
    sizes = np.minimum(sizes, MOST_MEMBERS)
    group = np.repeat(np.arange(len(wanted)), sizes)
    within = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    members = order[first[group] + within]
    odds = counted(scorer(members, new[group]), cut)
    mean = np.bincount(group, weights=odds, minlength=len(wanted)) / np.maximum(sizes, 1)
    best = np.lexsort((entity, new, -mean))
    best = best[mean[best] >= cut]
    return Fits(new[best], entity[best], mean[best])


def _one_each(fits: Fits, entities: Ints, rules: Constraints) -> Ints:
    """Places of the fits that are taken: the best of each unit, one a source in an entity."""
    if not len(rules.holders):
        return np.unique(fits.unit, return_index=True)[1]
    sources: dict[int, list[int]] = {}
    for unit, source in zip(rules.holders.tolist(), rules.sources.tolist(), strict=True):
        sources.setdefault(unit, []).append(source)
    asked = set(fits.entity.tolist())
    taken = {
        (entity, source)
        for unit, entity in enumerate(entities.tolist())
        if entity in asked
        for source in sources.get(unit, ())
    }
    done: set[int] = set()
    places = []
    for place, (unit, entity) in enumerate(
        zip(fits.unit.tolist(), fits.entity.tolist(), strict=True)
    ):
        wanted = {(entity, source) for source in sources.get(unit, ())}
        if unit not in done and not wanted & taken:
            places.append(place)
            done.add(unit)
            taken |= wanted
    return np.array(places, dtype=np.int64)


def _among_new(
    n: int,
    n_known: int,
    pairs: ScoredPairs,
    cut: float,
    scorer: Scorer,
    free: np.ndarray,
    rules: Constraints,
) -> Ints:
    """Number from 0 of the entity of each free new unit, from the matches among them."""
    loose = (pairs.left >= n_known) & free[pairs.right - n_known]
    loose &= free[np.maximum(pairs.left - n_known, 0)]
    late = rules.holders >= n_known
    groups = entity_clusters(
        n - n_known,
        pairs.left[loose] - n_known,
        pairs.right[loose] - n_known,
        pairs.log_odds[loose],
        cut,
        lambda left, right: scorer(left + n_known, right + n_known),
        Constraints(holders=rules.holders[late] - n_known, sources=rules.sources[late]),
    ).labels
    return np.unique(groups[free], return_inverse=True)[1].astype(np.int64)
