"""Log-odds that a pair of records is one person, with rare values worth more than common ones.

Where two values are equal, log(m / u) takes u as the mean chance of equal values. A value v with
the frequency f has the chance f, so log u - log f is added: Winkler (2000), "Frequency-based
matching in Fellegi-Sunter model of record linkage", US Bureau of the Census RR2000/06.
"""

from dataclasses import dataclass

import numpy as np

from crmkit.cleaning._matching._coded import CodedColumn, Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import LevelTable
from crmkit.cleaning._matching._kind_rules import RULES
from crmkit.cleaning._matching._look_alikes import log_ratio

LEAST_OF_CHANCE = 1e-3  # least frequency of a value, as a part of the mean chance


@dataclass(frozen=True, eq=False)
class MatchModel:
    """Everything that turns levels into log-odds; rows of m, u, h are columns of the records.

    `h` has a table like m for each class of look-alikes, `shares` their shares of all pairs, and
    `adopts` the columns on which each class agrees otherwise than by chance.
    """

    kinds: tuple[str, ...]
    m: Floats
    u: Floats
    prior: float
    classes: tuple[str, ...]
    h: list[Floats]
    shares: Floats
    adopts: list[Flags]


@dataclass(frozen=True, eq=False)
class PairScores:
    """Log-odds of a match, and the probability of each class of look-alikes, of each pair."""

    log_odds: Floats
    look_alike: dict[str, Floats]


def score(
    model: MatchModel, units: Units, left: Ints, right: Ints, table: LevelTable
) -> PairScores:
    """Scores of pairs of units from their levels."""
    match = log_ratio(table, np.log(model.m) - np.log(model.u))
    others = [log_ratio(table, np.log(h) - np.log(model.u)) for h in model.h]
    for number, column in enumerate(units.columns):
        top, codes = RULES[column.kind].n_levels, column.codes
        equal = np.flatnonzero(table[:, number] == top)
        rarity = rarities(column, float(model.u[number, top]))
        more = rarity[codes[left[equal]]]
        match[equal] += more
        for adopts, other in zip(model.adopts, others, strict=True):
            if adopts[number]:
                other[equal] += more
    return _against_all(model, match, others)


def _against_all(model: MatchModel, match: Floats, others: list[Floats]) -> PairScores:
    """Log-odds of a match against look-alikes and strangers together."""
    a = match + np.log(model.prior)
    rest = np.log1p(-min(model.prior + float(model.shares.sum()), 1.0 - 1e-6))
    against = np.full(len(match), rest)
    joint = [
        other + np.log(share) for other, share in zip(others, model.shares.tolist(), strict=True)
    ]
    for part in joint:
        against = np.logaddexp(against, part)
    total = np.logaddexp(a, against)
    probabilities = [np.exp(part - total) for part in joint]
    return PairScores(a - against, dict(zip(model.classes, probabilities, strict=True)))


def rarities(column: CodedColumn, chance: float) -> Floats:
    """What equal values of each kind are worth above equal values in general."""
    n = max(int(column.counts.sum()), 1)
    floor = max(1.0 / n, LEAST_OF_CHANCE * chance)
    return np.asarray(np.log(chance) - np.log(np.maximum(column.frequencies, floor)))
