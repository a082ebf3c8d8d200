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
    "typo": ((0.55, 0.9960), (0.15, 0.0030), (0.25, 0.0010), (0.05, 1e-6)),
    "range": ((0.80, 0.9980), (0.05, 0.0015), (0.10, 0.0005), (0.05, 1e-7)),
}
TIED = 0.5  # how far dependencies repeat one another
LEAST, MOST = -6.0, 12.0  # log-odds that dependencies add
STEPS = 30
START, PRIOR_WRONG, PRIOR_CELLS = 0.02, 0.5, 50.0
MOST_WRONG = 0.5
LEAST_DOUBT = 0.001  # probability that rows of one thing, as the user says, are none
NEAR_GROUP = 0.25  # share of wrong left sides that lead to a group like the right one
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
        total += np.where(says, doubted(vote.wrong, trusted, error) - prior, 0.0)
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


def fits(votes: Sequence[Votes], chance: Sequence[float], wrong: Sequence[float]) -> Floats:
    """Log-odds that a left side of dependencies is right, by how what it determines agrees.

    A wrong left side, or a row that is an exception, departs from all that its group expects and
    agrees by chance alone; a right one departs where a cell is wrong. `chance` is that of any two
    rows, and errors that lead to a near group agree more often (`NEAR_GROUP`). `wrong` is the
    share of wrong cells on each right.
    """
    odds: Floats = np.zeros(1)
    for vote, any_two, share in zip(votes, chance, wrong, strict=True):
        agreed = min(NEAR_GROUP + (1.0 - NEAR_GROUP) * any_two, 0.99)
        share = max(share, LEAST_ERROR)
        departs = np.log(share) - np.log1p(-agreed)
        agrees = np.log1p(-share) - np.log(agreed)
        odds = odds + np.where(vote.wrong > 0.0, departs, np.where(vote.wrong < 0.0, agrees, 0.0))
    return np.asarray(odds)


def doubted(log_odds: Floats, trust: Floats, otherwise: float) -> Floats:
    """Log-odds of what is believed with a probability, and is `otherwise` probable if not."""
    p = trust * expit(log_odds) + (1.0 - trust) * otherwise
    return np.asarray(np.where(trust < 1.0, np.log(p) - np.log1p(-p), log_odds))
