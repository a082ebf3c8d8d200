"""Which further keys are worth their pairs, and what share of the matches all keys find.

Matches are simulated from what was learnt: each column agrees with its own probability, and is
missing as in the records. A key is worth its pairs if it joins enough simulated matches that no
key before it joins. The columns of a match are taken as independent, so the recall is an
estimate: records that are wrong in one column are often wrong in others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._matching._block_keys import NAMES, Pass, key_codes
from crmkit.cleaning._matching._blocking import pairs_in
from crmkit.cleaning._matching._coded import Flags, Units
from crmkit.cleaning._matching._scores import MatchModel

N_SIMULATED = 20_000
LEAST_GAIN = 0.0005  # share of all matches that a key must add
MOST_PAIRS_A_MATCH = 200.0  # pairs that one more match may cost


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
    one, other = random.integers(units.n, size=(2, N_SIMULATED))
    for number, (column, top) in enumerate(zip(units.columns, tops, strict=True)):
        steps = np.cumsum(model.m[number, 1 : top + 1])
        drawn = 1 + np.searchsorted(steps[:-1], random.random(N_SIMULATED), side="right")
        there = (column.codes[one] >= 0) & (column.codes[other] >= 0)
        levels[:, number] = np.where(there, drawn, 0)
    names = [column.name for column in units.columns]
    return SimulatedMatches(
        levels,
        dict(zip(names, tops, strict=True)),
        {name: place for place, name in enumerate(names)},
    )


def recall_of(matches: SimulatedMatches, passes: Iterable[Pass], units: Units) -> Flags:
    """Simulated matches that at least one of the passes joins."""
    found = np.zeros(len(matches.levels), dtype=bool)
    for rule in passes:
        found |= matches.agree(rule, units)
    return found


def worthwhile(
    units: Units,
    matches: SimulatedMatches,
    used: Sequence[Pass],
    offered: Sequence[Pass],
    n_matches: float,
    max_block: int,
) -> list[Pass]:
    """Passes of those offered that find enough more matches for their pairs, best first."""
    found = recall_of(matches, used, units)
    agreeing = {rule: matches.agree(rule, units) for rule in offered}
    sizes = {}
    for rule in offered:
        if (agreeing[rule] & ~found).mean() >= LEAST_GAIN:
            codes = key_codes(units, rule, {})
            sizes[rule] = pairs_in(np.bincount(codes[codes >= 0]), max_block)
    chosen: list[Pass] = []
    while sizes:
        gains = {rule: float((agreeing[rule] & ~found).mean()) for rule in sizes}
        best = max(sizes, key=lambda rule: gains[rule] / max(sizes[rule], 1))
        cost = sizes.pop(best) / max(gains[best] * n_matches, 1e-9)
        if gains[best] >= LEAST_GAIN and 0 < cost <= MOST_PAIRS_A_MATCH:
            chosen.append(best)
            found |= agreeing[best]
    return chosen
