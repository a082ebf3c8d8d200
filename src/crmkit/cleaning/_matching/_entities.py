"""From scored pairs to entities: the threshold, what labels teach, constraints, clusters."""

from dataclasses import dataclass

import numpy as np

from crmkit.cleaning._matching._coded import Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import LevelTable, compare
from crmkit.cleaning._matching._constraints import Constraints
from crmkit.cleaning._matching._entity_clusters import entity_clusters, pairs_within
from crmkit.cleaning._matching._precision import log_odds_of_cut
from crmkit.cleaning._matching._scores import MatchModel
from crmkit.cleaning._matching._supervised import (
    Correction,
    features,
    final_scores,
    learnt_correction,
)


@dataclass(frozen=True, eq=False)
class ScoredPairs:
    """Pairs of units (left < right, sorted) with the log-odds of the unsupervised model."""

    left: Ints
    right: Ints
    log_odds: Floats

    def places(self, left: Ints, right: Ints, n: int) -> Ints:
        """Place of each of some pairs, -1 where it is not among these."""
        keys, wanted = self.left * n + self.right, left * n + right
        place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        if not len(keys):
            return np.full(len(wanted), -1, dtype=np.int64)
        return np.where(keys[place] == wanted, place, -1)


def corrected(
    model: MatchModel,
    units: Units,
    pairs: ScoredPairs,
    labelled: tuple[Ints, Flags],
    seed: int,
    table: LevelTable | None = None,
) -> tuple[Correction | None, Floats]:
    """What labels teach, and the log-odds of all pairs with it; `labelled` are places, answers."""
    places, match = labelled
    if not len(places):
        return None, pairs.log_odds
    levels = compare(units, pairs.left, pairs.right) if table is None else table
    left, right, odds = pairs.left[places], pairs.right[places], pairs.log_odds[places]
    x = features(model, units, left, levels[places], odds)
    correction = learnt_correction(x, odds, match, (left, right), seed)
    if correction is None:
        return None, pairs.log_odds
    return correction, final_scores(
        model, correction, units, pairs.left, pairs.right, levels
    ).log_odds


def entities_of(
    model: MatchModel,
    correction: Correction | None,
    units: Units,
    pairs: ScoredPairs,
    threshold: float,
    linkage: str,
    constraints: Constraints,
) -> Ints:
    """Entity of each unit from pairs whose log-odds are final."""

    def scorer(left: Ints, right: Ints) -> Floats:
        return final_scores(model, correction, units, left, right).log_odds

    complete = scorer if linkage == "average" else None
    cut = log_odds_of_cut(threshold)
    return entity_clusters(
        units.n, pairs.left, pairs.right, pairs.log_odds, cut, complete, constraints
    ).labels


def log_odds_together(
    model: MatchModel,
    correction: Correction | None,
    units: Units,
    pairs: ScoredPairs,
    entities: Ints,
    certain: tuple[Ints, Ints],
) -> Floats:
    """Log-odds of every pair of units that is in one entity; infinite for `certain` ones."""
    left, right = pairs_within(entities, np.bincount(entities, minlength=1))
    place = pairs.places(left, right, units.n)
    odds = np.empty(len(left))
    odds[place >= 0] = pairs.log_odds[place[place >= 0]]
    new = np.flatnonzero(place < 0)
    if len(new):
        odds[new] = final_scores(model, correction, units, left[new], right[new]).log_odds
    low, high = np.minimum(*certain), np.maximum(*certain)
    odds[np.isin(left * units.n + right, low * units.n + high)] = np.inf
    return odds


def labels_of_rows(entities: Ints, unit_of_row: Ints, fresh: int = 0) -> Ints:
    """Entity of each row; a row without any value is a new entity of its own."""
    empty = unit_of_row < 0
    labels = np.append(entities, -1)[unit_of_row].astype(np.int64)
    labels[empty] = max(fresh, int(entities.max(initial=-1)) + 1) + np.arange(empty.sum())
    return labels
