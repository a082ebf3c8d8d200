"""What labelled pairs add to the log-odds of the unsupervised model.

The log-odds stay what they are and are corrected by a linear function of the levels, of the
rarity of equal values and of the log-odds themselves: a logistic regression whose offset is the
unsupervised answer and whose ridge penalty draws every correction to zero. Without labels nothing
is corrected, and few labels correct little: of all penalties the strongest is taken that predicts
no worse than the best by more than a standard error. Where there are thousands, boosted trees may
correct what is left. Cross-validation leaves out whole entities.
"""

from dataclasses import dataclass

import numpy as np

from crmkit._trees import Growth, Lesson, grow, raw_sums
from crmkit.cleaning._matching._coded import Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import LevelTable, compare
from crmkit.cleaning._matching._entity_clusters import components
from crmkit.cleaning._matching._kind_rules import RULES
from crmkit.cleaning._matching._look_alikes import logistic
from crmkit.cleaning._matching._scores import MatchModel, PairScores, rarities, score

PENALTIES = (100.0, 30.0, 10.0, 3.0, 1.0)
N_FOLDS = 5
FEW_LABELS = 3  # of matches and of others, below which nothing is learnt
MOST_LABELS = 20_000  # labelled pairs that the linear correction is learnt from
FEW_FOR_TREES, MOST_FOR_TREES = 1_000, 200_000
TREES = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.05,
    "min_data_in_leaf": 50,
    "lambda_l2": 10.0,
}
N_TREES = 150
FARTHEST = 12.0  # log-odds beyond which a pair teaches nothing more
NEWTON_STEPS, SETTLED = 50, 1e-8
RAREST = 5.0


@dataclass(frozen=True, eq=False)
class Correction:
    """Weights of the features and their penalty, and boosted trees as text, empty without."""

    weights: Floats
    penalty: float
    trees: str = ""

    def of(self, x: Floats) -> Floats:
        """Log-odds to add for pairs with these features."""
        linear: Floats = x @ self.weights
        return linear + raw_sums(self.trees, x) if self.trees else linear


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
    return PairScores(plain.log_odds + correction.of(x), plain.look_alike)


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


@dataclass(frozen=True, eq=False)
class Labelled:
    """Labelled pairs: their features, unsupervised log-odds, answers, and folds of both sides."""

    x: Floats
    log_odds: Floats
    match: Flags
    folds: Ints

    def part(self, rows: Ints | Flags) -> "Labelled":
        """Some of the pairs."""
        return Labelled(self.x[rows], self.log_odds[rows], self.match[rows], self.folds[:, rows])

    def loss(self, added: Floats) -> Floats:
        """Loss of each pair with something added to the log-odds."""
        return log_loss(self.log_odds + added, self.match)


def learnt_correction(
    x: Floats, log_odds: Floats, match: Flags, pairs: tuple[Ints, Ints], seed: int
) -> Correction | None:
    """Correction that labelled pairs teach, None where it would not predict better than without.

    `pairs` are the units of each labelled pair.
    """
    if min(match.sum(), (~match).sum()) < FEW_LABELS:
        return None
    random = np.random.default_rng(seed)
    labelled = Labelled(x, log_odds, match, entity_folds(pairs, match, random))
    labelled = _some(labelled.part(np.abs(log_odds) < 2 * FARTHEST), MOST_FOR_TREES, random)
    few = _some(labelled, MOST_LABELS, random)
    losses = [few.loss(np.zeros(len(few.match)))]
    losses += [few.loss(_crossed(few, few, penalty)) for penalty in PENALTIES]
    best = min(losses, key=lambda loss: float(loss.sum()))
    chosen = next(n for n, loss in enumerate(losses) if not _is_gain(loss, best))
    if chosen == 0:
        return None
    penalty = PENALTIES[chosen - 1]
    found = Correction(ridge_logistic(few.x, few.match, few.log_odds, penalty), penalty)
    if min(labelled.match.sum(), (~labelled.match).sum()) < FEW_FOR_TREES:
        return found
    plain = labelled.loss(_crossed(few, labelled, penalty))
    if not _is_gain(plain, labelled.loss(_crossed(few, labelled, penalty, seed))):
        return found
    return _with_trees(found, labelled, seed)


def _crossed(few: Labelled, all_: Labelled, penalty: float, seed: int | None = None) -> Floats:
    """What is added to each pair by corrections that were learnt without its entities.

    The linear part comes from `few`; with a seed, trees come from `all_`.
    """
    added = np.zeros(len(all_.match))
    for fold in range(N_FOLDS):
        test = (all_.folds == fold).any(axis=0)
        part = few.part(~(few.folds == fold).any(axis=0))
        weights = ridge_logistic(part.x, part.match, part.log_odds, penalty)
        found = Correction(weights, penalty)
        if seed is not None:
            found = _with_trees(found, all_.part(~test), seed)
        added[test] = found.of(all_.x[test])
    return added


def _with_trees(found: Correction, labelled: Labelled, seed: int) -> Correction:
    start = labelled.log_odds + found.of(labelled.x)
    lesson = Lesson(labelled.x, labelled.match.astype(np.float64), start=start)
    return Correction(found.weights, found.penalty, grow(lesson, TREES, N_TREES, Growth(seed, 1)))


def _is_gain(old: Floats, new: Floats) -> bool:
    """Whether losses fall by more than the standard error of their fall."""
    gain = old - new
    return bool(gain.sum() > np.sqrt(len(gain)) * gain.std())


def _some(labelled: Labelled, most: int, random: np.random.Generator) -> Labelled:
    n = len(labelled.match)
    if n <= most:
        return labelled
    return labelled.part(np.sort(random.choice(n, most, replace=False)))


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
