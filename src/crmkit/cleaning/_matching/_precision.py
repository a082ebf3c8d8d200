"""How many of the pairs that are together are right, and the threshold for a wanted share.

The mean of the probabilities of some pairs is the share of right ones that is expected among them.
A threshold is first taken from the pairs alone, and raised while the entities that follow from it
hold too many doubtful pairs: joining whole groups joins pairs below the threshold too.
"""

from collections.abc import Callable

import numpy as np

from crmkit.cleaning._matching._coded import Flags, Floats, Ints
from crmkit.cleaning._matching._look_alikes import logistic

SUREST = 1.0 - 1e-6  # highest threshold
MOST_ROUNDS = 6
MOST_NEWTON = 20
DOUBT = 0.5  # standard deviation of a common error of all log-odds, before any label
SIDES = 1.959964  # standard deviations of an interval of 95 %
LAST_STEP = 0.5  # log-odds below the last pair at which the threshold lies where all are taken


def log_odds_of_cut(threshold: float) -> float:
    """A probability as log-odds."""
    return float(np.log(threshold) - np.log1p(-threshold))


def threshold_for(log_odds: Floats, precision: float) -> float:
    """Least probability whose pairs, with all surer ones, are right in this share on average.

    Pairs of equal log-odds are taken all or none: the threshold is halfway to the next lower ones.
    """
    ordered = np.sort(log_odds)[::-1]
    p = logistic(ordered)
    share = np.cumsum(p) / np.arange(1, len(p) + 1)
    last = np.append(ordered[1:] < ordered[:-1], True)[: len(ordered)]
    good = np.flatnonzero(last & (share >= precision))
    if not len(good):
        return SUREST
    place = int(good[-1])
    low = ordered[place + 1] if place + 1 < len(ordered) else ordered[place] - 2 * LAST_STEP
    cut = (ordered[place] + low) / 2.0
    return float(np.clip(logistic(np.array([cut]))[0], 1.0 - SUREST, SUREST))


def reached(
    log_odds: Floats,
    precision: float,
    entities_at: Callable[[float], Ints],
    odds_in: Callable[[Ints], Floats],
) -> tuple[float, Ints]:
    """Threshold and entities whose pairs are right in the wanted share, as far as rounds suffice.

    `entities_at` makes entities at a threshold; `odds_in` gives the log-odds of their pairs.
    """
    wanted = precision
    for _ in range(MOST_ROUNDS):
        threshold = threshold_for(log_odds, min(wanted, SUREST))
        entities = entities_at(threshold)
        share = mean_probability(odds_in(entities))
        if share >= precision or threshold >= SUREST:
            break
        wanted = 1.0 - (1.0 - wanted) * min((1.0 - precision) / (1.0 - share), 0.95)
    return threshold, entities


def mean_probability(log_odds: Floats) -> float:
    """Expected share of right pairs, 1 where there is no pair."""
    return float(logistic(log_odds).mean()) if len(log_odds) else 1.0


def interval_of_mean(log_odds: Floats, labelled: Floats, match: Flags) -> tuple[float, float]:
    """Interval of 95 % of the share of right pairs, from what the model and labels leave open.

    All log-odds may be too high or too low by a common amount: before any label that is normal
    with the standard deviation `DOUBT`, and the log-odds of labelled pairs narrow it (Laplace's
    approximation). To it comes the chance by which some of the pairs are right; their
    number is whole.
    """
    if not len(log_odds):
        return 1.0, 1.0
    shift = 0.0
    for _ in range(MOST_NEWTON):
        p = logistic(labelled + shift)
        slope = float((p - match).sum()) + shift / DOUBT**2
        curvature = float((p * (1.0 - p)).sum()) + 1.0 / DOUBT**2
        shift -= slope / curvature
    sd = curvature**-0.5
    bounds = []
    for side in (-1.0, 1.0):
        p = logistic(log_odds + shift + side * SIDES * sd)
        chance = float(np.sqrt((p * (1.0 - p)).sum())) / len(p)
        right = len(p) * (p.mean() + side * SIDES * chance)
        whole = np.floor(right) if side < 0 else np.ceil(right)
        bounds.append(float(np.clip(whole / len(p), 0.0, 1.0)))
    return bounds[0], bounds[1]
