"""Which further keys are worth their pairs, and what share of the matches all keys find.

Matches are simulated from what was learnt: each column agrees with its own probability, and is
missing as in the records. A key is worth its pairs if it joins enough simulated matches that no
key before it joins. The columns of a match are taken as independent, so the recall is an
estimate: records that are wrong in one column are often wrong in others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._matching._block_keys import NAMES, PartCodes, Pass, key_codes
from crmkit.cleaning._matching._blocking import PassReport, pairs_in
from crmkit.cleaning._matching._coded import CodedColumn, Flags, Units
from crmkit.cleaning._matching._scores import MatchModel

MOST_COUNTED = 100_000  # records whose pairs are counted to tell those of all
N_SIMULATED = 20_000
LEAST_GAIN = 0.0005  # share of all matches that a key must add


class Budget(NamedTuple):
    """Pairs that one more match may cost, and all passes together."""

    of_a_match: float = 200.0
    most: float = np.inf


BUDGET = Budget()


@dataclass(frozen=True, eq=False)
class SimulatedMatches:
    """Levels of agreement of simulated matches, 0 where missing, one column a column."""

    levels: npt.NDArray[np.int8]
    tops: dict[str, int]
    places: dict[str, int]

    def agree(self, rule: Pass, units: Units) -> Flags:
        """Matches that share the key of a pass."""
        agreeing = np.ones(len(self.levels), dtype=bool)
        for column, part in rule.parts:
            names = Pass(((column, part),)).columns(units) if part == NAMES else {column}
            for name in names:
                slip = 0 if part in ("whole", NAMES) else 1
                agreeing &= self.levels[:, self.places[name]] >= max(self.tops[name] - slip, 2)
        return agreeing


def simulated(units: Units, model: MatchModel, tops: Sequence[int], seed: int) -> SimulatedMatches:
    """Draw matches: whether values are there from the records, agreement from m."""
    random = np.random.default_rng(seed)
    levels = np.zeros((N_SIMULATED, len(units.columns)), dtype=np.int8)
    names = [column.name for column in units.columns]
    found = SimulatedMatches(
        levels,
        dict(zip(names, tops, strict=True)),
        {name: place for place, name in enumerate(names)},
    )
    if not units.n:
        return found
    one, other = random.integers(units.n, size=(2, N_SIMULATED))
    for number, (column, top) in enumerate(zip(units.columns, tops, strict=True)):
        steps = np.cumsum(model.m[number, 1 : top + 1])
        drawn = 1 + np.searchsorted(steps[:-1], random.random(N_SIMULATED), side="right")
        there = (column.codes[one] >= 0) & (column.codes[other] >= 0)
        levels[:, number] = np.where(there, drawn, 0)
    return found


def recall_of(matches: SimulatedMatches, passes: Iterable[Pass], units: Units) -> Flags:
    """Simulated matches that at least one of the passes joins."""
    found = np.zeros(len(matches.levels), dtype=bool)
    for rule in passes:
        found |= matches.agree(rule, units)
    return found


def with_recall(
    report: Sequence[PassReport],
    passes: Sequence[Pass],
    matches: SimulatedMatches,
    units: Units,
) -> list[PassReport]:
    """The report with the recall of each used pass, and of it with those before it."""
    used, found = iter(passes), np.zeros(len(matches.levels), dtype=bool)
    lines = []
    for line in report:
        if line.used:
            agreeing = matches.agree(next(used), units)
            found |= agreeing
            recall, so_far = float(agreeing.mean()), float(found.mean())
            line = replace(line, recall=recall, recall_so_far=so_far)
        lines.append(line)
    return lines


def worthwhile(
    units: Units,
    matches: SimulatedMatches,
    used: Sequence[Pass],
    offered: Sequence[Pass],
    n_matches: float,
    max_block: int,
    budget: Budget = BUDGET,
    known: PartCodes | None = None,
) -> list[Pass]:
    """Passes of those offered that find enough more matches for their pairs, best first.

    `known` keeps the parts of keys.
    """
    found = recall_of(matches, used, units)
    costs = _Costs(units, n_matches, max_block, budget, known or {})
    agreeing = {rule: matches.agree(rule, units) for rule in offered}
    sizes: dict[Pass, tuple[float, float]] = {}
    for rule in offered:
        gain = float((agreeing[rule] & ~found).mean())
        if gain >= LEAST_GAIN and not costs.is_too_dear(rule, gain):
            sizes[rule] = costs.of(rule)
    chosen: list[Pass] = []
    while sizes:
        gains = {
            rule: float((agreeing[rule] & ~found).mean()) * kept
            for rule, (_, kept) in sizes.items()
        }
        best = max(sizes, key=lambda rule: gains[rule] / max(sizes[rule][0], 1))
        n_pairs, _ = sizes.pop(best)
        if gains[best] >= LEAST_GAIN and costs.is_worth(n_pairs, gains[best]):
            chosen.append(best)
            found |= agreeing[best]
            costs.left -= n_pairs
    return chosen


def without_narrower(passes: Sequence[Pass]) -> list[Pass]:
    """Passes less those whose key is the key of another and more."""
    keys = [set(rule.parts) for rule in passes]
    return [rule for rule, key in zip(passes, keys, strict=True) if not any(o < key for o in keys)]


class _Costs:
    """What passes cost in pairs, and what they may; of a long list told by a part of it."""

    def __init__(
        self, units: Units, n_matches: float, max_block: int, budget: Budget, known: PartCodes
    ) -> None:
        self.n_matches, self.budget, self.left = n_matches, budget, budget.most
        self.step = max(units.n // MOST_COUNTED, 1)
        rows = np.random.default_rng(0).permutation(units.n)[: units.n // self.step]
        if self.step == 1:
            rows = np.arange(units.n)
        columns = [CodedColumn(c.name, c.kind, c.codes[rows], c.values) for c in units.columns]
        self.units = Units(columns, np.empty(0, dtype=np.int64), len(rows))
        self.known: PartCodes = {part: codes[rows] for part, codes in known.items()}
        self.max_block = max(max_block // self.step, 2)
        self.chances: dict[tuple[str, str], float] = {}

    def is_worth(self, n_pairs: float, gain: float) -> bool:
        """Whether pairs are few enough for the share of all matches that they add."""
        most = self.budget.of_a_match * max(gain * self.n_matches, 1e-9)
        return 0 < n_pairs <= min(most, self.left)

    def is_too_dear(self, rule: Pass, gain: float) -> bool:
        """Whether there are too many pairs even if the parts of the key were independent."""
        chance = 1.0
        for part in rule.parts:
            if part not in self.chances:
                codes = key_codes(self.units, Pass((part,)), self.known)
                sizes = np.bincount(codes[codes >= 0])
                pairs = float((sizes * (sizes - 1.0)).sum())
                self.chances[part] = pairs / max(self.units.n * (self.units.n - 1.0), 1.0)
            chance *= self.chances[part]
        n_pairs = chance * self.units.n * (self.units.n - 1.0) / 2.0 * self.step**2
        return len(rule.parts) > 1 and n_pairs > 1.0 and not self.is_worth(n_pairs / 2, gain)

    def of(self, rule: Pass) -> tuple[float, float]:
        """Pairs of a pass, and the share of its records that are in no block above the limit."""
        codes = key_codes(self.units, rule, self.known)
        sizes = np.bincount(codes[codes >= 0])
        small = sizes[sizes <= self.max_block]
        n_pairs = float(pairs_in(sizes, self.max_block)) * self.step**2
        return n_pairs, float(small.sum() / max(sizes.sum(), 1))
