"""One probability that a cell is wrong, from what the detectors say of it.

The log-odds are those of the column (its share of wrong cells) plus what each detector adds:

    log p / (1 - p) = log s / (1 - s) + sum over detectors of log P(sign | wrong) / P(sign | right)

as if the detectors were independent given the truth. P(sign | wrong) and P(sign | right) are the
constants in `WEIGHTS`, from injected errors; the share s of each column is found by EM: it is the
mean of the probabilities that it leads to. Dependencies that speak of one cell are not independent
of one another: their sum is divided by 1 + (k - 1) / 2.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from crmkit.cleaning._quality._groups import LEAST_ERROR, Votes
from crmkit.cleaning._quality._table import Floats

WEIGHTS = {
    # level 0, 1, ...: (share of wrong cells with this sign, share of right cells with it)
    "format": ((0.60, 0.9820), (0.05, 0.0150), (0.15, 0.0025), (0.20, 0.0005)),
    "typo": ((0.60, 0.9960), (0.15, 0.0030), (0.25, 0.0010)),
    "range": ((0.85, 0.9980), (0.05, 0.0015), (0.10, 0.0005)),
}
TIED = 0.5  # how far dependencies repeat one another
LEAST, MOST = -6.0, 12.0  # log-odds that dependencies add
STEPS = 30
START, PRIOR_WRONG, PRIOR_CELLS = 0.02, 0.5, 50.0
MOST_WRONG = 0.5
LEAST_DOUBT = 0.001  # probability that a row is an exception to a dependency
GRID = 8.0  # parts of one unit of log-odds that cells are counted by


def weights_of(detector: str) -> Floats:
    """Log-odds that each level of the signs of a detector adds."""
    table = np.array(WEIGHTS[detector])
    return np.asarray(np.log(table[:, 0]) - np.log(table[:, 1]))


def joint_votes(votes: Sequence[Votes], base: Sequence[float], trust: Sequence[Floats]) -> Floats:
    """Log-odds that dependencies add, for each row; `base` is the error rate each expects.

    `trust` is the probability that the left side of each is right itself.
    """
    total = np.zeros(len(votes[0].wrong))
    speaking = np.zeros(len(total))
    for vote, error, trusted in zip(votes, base, trust, strict=True):
        says = vote.wrong != 0.0
        error = max(error, LEAST_ERROR)
        prior = np.log(error) - np.log1p(-error)
        total += np.where(says, (vote.wrong - prior) * trusted, 0.0)
        speaking += says * trusted
    tempered = total / (1.0 + TIED * np.maximum(speaking - 1.0, 0.0))
    return np.asarray(np.clip(tempered, LEAST, MOST))


def share_wrong(added: Floats, start: float = START) -> float:
    """Share of wrong cells of a column by EM, from the log-odds that detectors add to each.

    Cells that nothing speaks against count as right: what no detector sees is not guessed at.
    """
    steps, times = np.unique(np.round(added * GRID), return_counts=True)
    values, accused = steps / GRID, times * (steps > 0)
    share = min(start, MOST_WRONG)
    for _ in range(STEPS):
        p = expit(values + np.log(share) - np.log1p(-share))
        share = (float((p * accused).sum()) + PRIOR_WRONG) / (float(times.sum()) + PRIOR_CELLS)
        share = min(share, MOST_WRONG)
    return share


def probability_wrong(added: Floats, share: float) -> Floats:
    """Probability that each cell is wrong."""
    return np.asarray(expit(added + np.log(share) - np.log1p(-share)))


def left_is_right(
    votes: Sequence[Votes], chance: Sequence[float], wrong: Sequence[float], left: Floats
) -> Floats:
    """Probability that the left side of several dependencies fits the row at all.

    A wrong left side, or a row that is an exception, departs from all that its group expects and
    agrees by chance alone; a right one departs where a cell is wrong. `left` is the probability
    that the left side is wrong by other evidence, `wrong` the share of wrong cells on each right.
    """
    doubt = np.clip(left, LEAST_DOUBT, 1.0 - LEAST_DOUBT)
    odds = np.log1p(-doubt) - np.log(doubt)
    for vote, agreed, share in zip(votes, chance, wrong, strict=True):
        share, agreed = max(share, LEAST_ERROR), min(max(agreed, 0.01), 0.99)
        departs = np.log(share) - np.log1p(-agreed)
        agrees = np.log1p(-share) - np.log(agreed)
        odds = odds + np.where(vote.wrong > 0.0, departs, np.where(vote.wrong < 0.0, agrees, 0.0))
    return np.asarray(expit(odds))
