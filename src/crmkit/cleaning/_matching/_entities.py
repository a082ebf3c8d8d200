"""From scored pairs to entities: the threshold, what labels teach, constraints, clusters."""

from dataclasses import dataclass

import numpy as np

from crmkit.cleaning._matching._coded import Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import LevelTable, compare
from crmkit.cleaning._matching._constraints import Constraints
from crmkit.cleaning._matching._entity_clusters import entity_clusters
from crmkit.cleaning._matching._look_alikes import logistic
from crmkit.cleaning._matching._scores import MatchModel
from crmkit.cleaning._matching._supervised import (
    Correction,
    features,
    final_scores,
    learnt_correction,
)

SUREST = 1.0 - 1e-6  # highest threshold


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


def threshold_for(log_odds: Floats, precision: float) -> float:
    """Least probability whose pairs, with all surer ones, are right in this share on average."""
    ordered = np.sort(log_odds)[::-1]
    p = logistic(ordered)
    good = np.flatnonzero(np.cumsum(p) >= precision * np.arange(1, len(p) + 1))
    if not len(good):
        return SUREST
    return float(np.clip(logistic(ordered[good[-1] : good[-1] + 1])[0], 1.0 - SUREST, SUREST))


def log_odds_of_cut(threshold: float) -> float:
    """A probability as log-odds."""
    return float(np.log(threshold) - np.log1p(-threshold))


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


def labels_of_rows(entities: Ints, unit_of_row: Ints, fresh: int = 0) -> Ints:
    """Entity of each row; a row without any value is a new entity of its own."""
    empty = unit_of_row < 0
    labels = np.append(entities, -1)[unit_of_row].astype(np.int64)
    labels[empty] = max(fresh, int(entities.max(initial=-1)) + 1) + np.arange(empty.sum())
    return labels
