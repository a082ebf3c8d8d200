"""What labelled pairs add to the log-odds of the unsupervised model.

The log-odds stay what they are and are corrected by a linear function of the levels, of the
rarity of equal values and of the log-odds themselves: a logistic regression whose offset is the
unsupervised answer and whose ridge penalty draws every correction to zero. Without labels nothing
is corrected, and few labels correct little. How strong the penalty is, or that nothing is
corrected at all, is decided by cross-validation in which no entity stands on both sides.
"""

from dataclasses import dataclass

import numpy as np

from crmkit.cleaning._matching._coded import Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import LevelTable, compare
from crmkit.cleaning._matching._entity_clusters import components
from crmkit.cleaning._matching._kind_rules import RULES
from crmkit.cleaning._matching._look_alikes import logistic
from crmkit.cleaning._matching._scores import MatchModel, PairScores, rarities, score

PENALTIES = (100.0, 30.0, 10.0, 3.0, 1.0)
N_FOLDS = 5
FEW_LABELS = 10  # of matches and of others, below which nothing is learnt
MOST_LABELS = 100_000  # labelled pairs that are learnt from
FARTHEST = 12.0  # log-odds beyond which a pair teaches nothing more
NEWTON_STEPS, SETTLED = 50, 1e-8
RAREST = 5.0


@dataclass(frozen=True, eq=False)
class Correction:
    """Weights of the features; of none of them where labels teach nothing."""

    weights: Floats
    penalty: float


def final_scores(
    model: MatchModel,
    correction: Correction | None,
    units: Units,
    left: Ints,
    right: Ints,
    table: LevelTable | None = None,
) -> PairScores:
    """Scores of pairs of units, corrected by what labels have taught."""
    levels = compare(units, left, right) if table is None else table
    plain = score(model, units, left, right, levels)
    if correction is None:
        return plain
    x = features(model, units, left, levels, plain.log_odds)
    return PairScores(plain.log_odds + x @ correction.weights, plain.look_alike)


def features(
    model: MatchModel, units: Units, left: Ints, table: LevelTable, log_odds: Floats
) -> Floats:
    """Features of pairs: one, the log-odds, and of each column its levels and the rarity."""
    parts = [np.ones(len(table)), np.clip(log_odds, -FARTHEST, FARTHEST) / FARTHEST]
    for number, column in enumerate(units.columns):
        top = RULES[column.kind].n_levels
        level = table[:, number]
        parts += [(level == each).astype(np.float64) for each in range(top + 1)]
        rarity = np.zeros(len(table))
        equal = np.flatnonzero(level == top)
        values = rarities(column, float(model.u[number, top]))
        rarity[equal] = values[column.codes[left[equal]]] / RAREST
        parts.append(np.clip(rarity, -1.0, 1.0))
    return np.column_stack(parts)


def learnt_correction(
    x: Floats, log_odds: Floats, match: Flags, pairs: tuple[Ints, Ints], seed: int
) -> Correction | None:
    """Correction that labelled pairs teach, None where it would not predict better than without.

    `pairs` are the units of each labelled pair.
    """
    if min(match.sum(), (~match).sum()) < FEW_LABELS:
        return None
    near = np.flatnonzero(np.abs(log_odds) < 2 * FARTHEST)
    random = np.random.default_rng(seed)
    if len(near) > MOST_LABELS:
        near = np.sort(random.choice(near, MOST_LABELS, replace=False))
    x, log_odds, match = x[near], log_odds[near], match[near]
    folds = entity_folds((pairs[0][near], pairs[1][near]), match, random)
    losses = np.zeros((len(PENALTIES) + 1, len(match)))
    for fold in range(N_FOLDS):
        test = (folds == fold).any(axis=0)
        losses[0, test] = log_loss(log_odds[test], match[test])
        for row, penalty in enumerate(PENALTIES, start=1):
            weights = ridge_logistic(x[~test], match[~test], log_odds[~test], penalty)
            losses[row, test] = log_loss(log_odds[test] + x[test] @ weights, match[test])
    best = int(losses.mean(axis=1).argmin())
    if best == 0:
        return None
    penalty = PENALTIES[best - 1]
    return Correction(ridge_logistic(x, match, log_odds, penalty), penalty)


def entity_folds(pairs: tuple[Ints, Ints], match: Flags, random: np.random.Generator) -> Ints:
    """Fold of the entity on each side of each pair, shape (2, n_pairs)."""
    units, back = np.unique(np.concatenate(pairs), return_inverse=True)
    left, right = back[: len(match)], back[len(match) :]
    entity = components(len(units), left, right, match)
    fold = random.permutation(int(entity.max(initial=-1)) + 1) % N_FOLDS
    return np.stack([fold[entity[left]], fold[entity[right]]])


def ridge_logistic(x: Floats, y: Flags, offset: Floats, penalty: float) -> Floats:
    """Weights w that maximise the likelihood of y at log-odds offset + x w, less penalty/2 |w|^2.

    Newton's method with halved steps.
    """
    weights = np.zeros(x.shape[1])

    def goal(w: Floats) -> float:
        return float(log_loss(offset + x @ w, y).sum() + 0.5 * penalty * w @ w)

    value = goal(weights)
    for _ in range(NEWTON_STEPS):
        p = logistic(offset + x @ weights)
        gradient = x.T @ (p - y) + penalty * weights
        curvature = (x * (p * (1.0 - p))[:, None]).T @ x + penalty * np.eye(len(weights))
        step, size = np.linalg.solve(curvature, gradient), 1.0
        while goal(weights - size * step) > value and size > 1e-6:
            size /= 2.0
        weights = weights - size * step
        old, value = value, goal(weights)
        if old - value <= SETTLED * max(abs(old), 1.0):
            break
    return weights


def log_loss(log_odds: Floats, y: Flags) -> Floats:
    """Loss of each pair, in nats."""
    return np.asarray(np.logaddexp(0.0, np.where(y, -log_odds, log_odds)))
