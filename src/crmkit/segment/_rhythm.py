"""The own rhythm of customers, and how the chance of a purchase falls with their silence.

A customer with x repeat purchase days, the last of them r days after the first, has the rhythm

    g = (k m + r) / (k + x)                                                      (days)

the mean of the own gaps shrunk towards m, the median pause of the log; k is how many gaps m is
worth, the value that foretold the next gap best. Pauses divided by the rhythm that was known when
they began are alike between customers: their Kaplan-Meier curve S, with unfinished pauses counted
for as long as they were seen, gives the chance that a silence of z rhythms ends within w more,

    c(z) = 1 - S(z + w) / S(z)

made to fall (isotonic regression). w is the median of the pauses that end. First pauses have a
curve of their own: who bought once has shown no rhythm; but a silence that puts others at risk puts
them at risk, too. Kaplan and Meier (1958), Journal of the American Statistical Association 53,
457-481.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import isotonic_regression

from crmkit._validation import Floats
from crmkit.events._moment import Moment
from crmkit.events._pauses import FEW, Lasting, enough_at_risk, kaplan_meier, usual_pause

Whole = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]

GRID = 201
"""Silences at which the chance is told."""

WEIGHTS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""How many gaps the usual gap of the log may be worth."""


@dataclass(frozen=True, eq=False)
class AllPauses:
    """Every pause until a moment: one entry per purchase day of each customer.

    `days` is its length, unfinished ones up to the last day known, `ended` whether it ended,
    `nth` how many gaps were known when it began and `passed` the days they took together.
    """

    days: Floats
    ended: Flags
    nth: Whole
    passed: Floats


@dataclass(frozen=True, eq=False)
class RhythmRules:
    """What is learnt of a log; row 0 is of first pauses, row 1 of later ones.

    `usual_gap` in days, `weight` in gaps; `window` (2,), `silence` (2, GRID) and `thresholds`
    (2, levels) in rhythms; `chance` (2, GRID) of a purchase within the window.
    """

    usual_gap: float
    weight: float
    window: Floats
    silence: Floats
    chance: Floats
    thresholds: Floats


def learn_rhythm(at: Moment, levels: Floats) -> RhythmRules:
    """Learn rules from everybody known at a moment, at least one of whom bought on two days."""
    every = all_pauses(at)
    gap = usual_pause(kaplan_meier(every.days, every.ended.astype(np.float64)), 0.5)
    weight = best_weight(every, gap)
    z = every.days / own_rhythm(every.passed, every.nth, gap, weight)
    first = every.nth == 0
    apart = min(int(every.ended[first].sum()), int(every.ended[~first].sum())) >= FEW
    parts = [first, ~first] if apart else [np.ones_like(first)] * 2
    told = [chances(kaplan_meier(z[p], every.ended[p].astype(np.float64))) for p in parts]
    window, silence, chance = (np.array(part) for part in zip(*told, strict=True))
    later = level_silences(silence[1], chance[1], window[1], levels)
    once = level_silences(silence[0], chance[0], window[0], levels, later[0])
    return RhythmRules(gap, weight, window, silence, chance, np.array([once, later]))


def all_pauses(at: Moment) -> AllPauses:
    """Pauses of all customers of a moment."""
    n = at.n_days
    nth = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n)
    days = at.ledger.days.period[np.repeat(at.begin, n) + nth].astype(np.float64)
    last = nth == np.repeat(n - 1, n)
    length = np.diff(days, append=0.0)
    length[last] = at.day - 1 - days[last]
    return AllPauses(length, ~last, nth, days - np.repeat(at.first_day, n))


def best_weight(every: AllPauses, gap: float) -> float:
    """Weight of the usual gap under which rhythms foretold the gaps that followed best."""
    some = np.flatnonzero(every.ended)
    log_gaps = np.log(every.days[some])
    errors = [
        float(np.std(log_gaps - np.log(own_rhythm(every.passed[some], every.nth[some], gap, k))))
        for k in WEIGHTS
    ]
    return WEIGHTS[int(np.argmin(errors))]


def own_rhythm(passed: Floats, n_gaps: Whole, gap: float, weight: float) -> Floats:
    """Mean gap of customers in days, shrunk towards the usual gap."""
    rhythm: Floats = (weight * gap + passed) / (weight + n_gaps)
    return rhythm


def chances(curve: Lasting) -> tuple[float, Floats, Floats]:
    """Window, silences, and the chance at each of them that the pause ends within the window."""
    window = usual_pause(curve, 0.5)
    end = float(curve.times[enough_at_risk(curve)][-1])
    silence = np.linspace(0.0, max(end - window, 0.0), GRID)
    now, later = (lasting(curve, silence + more) for more in (0.0, window))
    chance = 1.0 - np.divide(later, now, out=np.ones(GRID), where=now > 0)
    falling = isotonic_regression(chance, increasing=False, sample_weight=np.maximum(now, 1e-9))
    return window, silence, np.asarray(falling, dtype=np.float64)


def lasting(curve: Lasting, times: Floats) -> Floats:
    """Share that lasts longer than some times."""
    steps: Floats = np.append(1.0, curve.survival)
    return steps[np.searchsorted(curve.times, times, side="right")]


def level_silences(
    silence: Floats, chance: Floats, window: float, levels: Floats, most: float = np.inf
) -> Floats:
    """Silence, in rhythms, beyond which the chance is at most each level of the first one.

    Where the log is too short to show a level, it is the end of what it shows, or twice the
    silence of the level before. The first level is reached by the silence `most` at the latest.
    """
    reached: list[float] = []
    for level in levels:
        found = np.flatnonzero(chance <= level * chance[0])
        before = reached[-1] if reached else 0.0
        shown = silence[found[0]] if len(found) and chance[0] > 0 else 0.0
        beyond = max(float(silence[-1]) + window, 2.0 * before)
        here = max(float(shown), before) if shown else beyond
        reached.append(here if reached else min(here, most))
    return np.array(reached)


def chance_at(rules: RhythmRules, z: Floats, later: Whole) -> Floats:
    """Chance of a purchase within the window after a silence of z rhythms; `later` is 0 or 1.

    It is that of the longest silence on the grid that is shorter, so that it is at most a level
    beyond the silence where the level is reached.
    """
    both = [
        c[np.maximum(s.searchsorted(z) - 1, 0)]
        for s, c in zip(rules.silence, rules.chance, strict=True)
    ]
    told: Floats = np.where(later > 0, both[1], both[0])
    return told


def levels_passed(thresholds: Floats, z: Floats, later: Whole) -> Whole:
    """How many levels a silence of z rhythms has passed: 0 is none; `later` is 0 or 1."""
    passed: Whole = (z[:, None] > thresholds[later]).sum(axis=1)
    return passed
