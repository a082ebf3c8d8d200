"""New records to the entities that are known: the one they match best, or a new one."""

import numpy as np

from crmkit.cleaning._matching._block_keys import Pass
from crmkit.cleaning._matching._coded import Floats, Ints, Units
from crmkit.cleaning._matching._comparison import compare
from crmkit.cleaning._matching._engine import Settings, blocked, log_odds_of_cut
from crmkit.cleaning._matching._entity_clusters import SURE, entity_clusters
from crmkit.cleaning._matching._scores import MatchModel, score

MOST_MEMBERS = 50  # members of an entity that a new record is compared with


def assigned(
    units: Units,
    n_known: int,
    entities: Ints,
    model: MatchModel,
    passes: list[Pass],
    settings: Settings,
) -> Ints:
    """Entity of each unit behind the first `n_known`: a known one, or a new number.

    `entities` are those of the known units; new numbers follow the largest of them.
    """
    n_new = units.n - n_known
    found = blocked(units, passes, settings.max_block)
    new = found.right >= n_known
    left, right = found.left[new], found.right[new]
    odds = scored(units, model, left, right)
    cut = log_odds_of_cut(settings.threshold)
    result = _best(units, n_known, entities, model, (left, right, odds), cut)
    free = result < 0
    loose = (left >= n_known) & free[right - n_known] & free[np.maximum(left - n_known, 0)]

    def scorer(a: Ints, b: Ints) -> Floats:
        return scored(units, model, a + n_known, b + n_known)

    groups = entity_clusters(
        n_new, left[loose] - n_known, right[loose] - n_known, odds[loose], cut, scorer
    ).labels
    numbers = np.unique(groups[free], return_inverse=True)[1]
    result[free] = int(entities.max(initial=-1)) + 1 + numbers
    return result


def scored(units: Units, model: MatchModel, left: Ints, right: Ints) -> Floats:
    """Log-odds of pairs of units."""
    return score(model, units, left, right, compare(units, left, right)).log_odds


def _best(
    units: Units,
    n_known: int,
    entities: Ints,
    model: MatchModel,
    pairs: tuple[Ints, Ints, Floats],
    cut: float,
) -> Ints:
    """Known entity with the highest mean log-odds, at least `cut`, or -1, of each new unit."""
    left, right, odds = pairs
    result = np.full(units.n - n_known, -1, dtype=np.int64)
    near = (left < n_known) & (odds >= cut)
    if not near.any():
        return result
    n_entities = int(entities.max()) + 1
    wanted = np.unique((right[near] - n_known) * n_entities + entities[left[near]])
    new, entity = np.divmod(wanted, n_entities)
    order = np.argsort(entities, kind="stable")
    starts = np.searchsorted(entities[order], np.arange(n_entities + 1))
    sizes = np.minimum(np.diff(starts)[entity], MOST_MEMBERS)
    group = np.repeat(np.arange(len(wanted)), sizes)
    within = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    members = order[starts[entity][group] + within]
    clipped = np.clip(scored(units, model, members, new[group] + n_known), -SURE, SURE)
    mean = np.bincount(group, weights=clipped, minlength=len(wanted)) / sizes
    for place in np.lexsort((-entity, mean)).tolist():
        if mean[place] >= cut:
            result[new[place]] = entity[place]
    return result
