"""What is known for certain: records that are together, records that are apart, one a source.

Constraints are of units (distinct records). Contradictions are found before anything is joined,
and told by the names of the records.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from crmkit.cleaning._matching._coded import Flags, Floats, Ints
from crmkit.exceptions import DataError

MOST_NAMED = 3  # contradictions that an error names
NONE: Ints = np.empty(0, dtype=np.int64)


def _none() -> Ints:
    return NONE


def _no_pairs() -> tuple[Ints, Ints]:
    return NONE, NONE


@dataclass(frozen=True, eq=False)
class Constraints:
    """Pairs of units that are together or apart, sources of units, and entities that are known.

    `holders` and `sources` are of one length: a unit and the number of a source it stands in.
    Units that share a source are apart. So are `known` units whose `entities` differ.
    """

    must: tuple[Ints, Ints] = field(default_factory=_no_pairs)
    cannot: tuple[Ints, Ints] = field(default_factory=_no_pairs)
    holders: Ints = field(default_factory=_none)
    sources: Ints = field(default_factory=_none)
    known: Ints = field(default_factory=_none)
    entities: Ints = field(default_factory=_none)

    @property
    def any(self) -> bool:
        """Whether anything is known at all."""
        parts = (self.must[0], self.cannot[0], self.holders, self.known)
        return any(len(part) for part in parts)

    def groups(self, n: int) -> Ints:
        """Number of the group of each of n units that must-links alone make."""
        left, right = self.must
        graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)

    def touched(self, labels: Ints) -> Flags:
        """Groups of units, by label, within which a constraint says something."""
        flags = np.zeros(int(labels.max(initial=-1)) + 1, dtype=bool)
        for left, right in (self.must, self.cannot):
            flags[labels[left][labels[left] == labels[right]]] = True
        flags[_repeated(labels[self.holders], self.sources)] = True
        known = np.unique(np.stack([labels[self.known], self.entities]), axis=1)[0]
        flags[known[1:][known[1:] == known[:-1]]] = True
        return flags

    def part(self, labels: Ints, one: Ints, other: Ints) -> Flags:
        """Pairs of groups of units, by label, that a constraint keeps from becoming one."""
        a, b = (labels[side] for side in self.cannot)
        n = int(labels.max(initial=-1)) + 1
        low, high = np.minimum(one, other), np.maximum(one, other)
        flags: Flags = np.isin(low * n + high, np.minimum(a, b) * n + np.maximum(a, b))
        flags |= _shared(labels[self.holders], self.sources, n, one, other) > 0
        least, most = np.full(n, np.iinfo(np.int64).max), np.full(n, -1)
        np.minimum.at(least, labels[self.known], self.entities)
        np.maximum.at(most, labels[self.known], self.entities)
        told = (most[one] >= 0) & (most[other] >= 0)
        unlike = np.minimum(least[one], least[other]) < np.maximum(most[one], most[other])
        flags |= told & unlike
        return flags

    def within(self, members: Ints) -> tuple[list[tuple[int, int]], Flags]:
        """Must-links and pairs to keep apart among some sorted units, by their places."""
        apart = np.zeros((len(members), len(members)), dtype=bool)
        a, b = _places(members, self.cannot)
        apart[a, b] = apart[b, a] = True
        if len(self.holders):
            place, inside = _place(members, self.holders)
            sources, columns = np.unique(self.sources[inside], return_inverse=True)
            held: Floats = np.zeros((len(members), len(sources)))
            held[place[inside], columns] = 1.0
            apart |= held @ held.T > 0
        if len(self.known):
            place, inside = _place(members, self.known)
            entity = np.full(len(members), -1, dtype=np.int64)
            entity[place[inside]] = self.entities[inside]
            apart |= (entity[:, None] != entity) & (entity >= 0) & (entity[:, None] >= 0)
        np.fill_diagonal(apart, False)
        a, b = _places(members, self.must)
        return list(zip(a.tolist(), b.tolist(), strict=True)), apart


def check_constraints(
    constraints: Constraints, n: int, called: Callable[[int], str], owner: str, source: str | None
) -> None:
    """Refuse constraints that no entities of n units can obey; `called` names a unit."""
    group = constraints.groups(n)
    faults = []
    for a, b in zip(*(side.tolist() for side in constraints.cannot), strict=True):
        if a == b:
            faults.append(f"{called(a)} is to be apart from a record that equals it in all columns")
        elif group[a] == group[b]:
            also = "" if _named(constraints.must, a, b) else ", by way of others"
            faults.append(f"{called(a)} and {called(b)} are to be apart and together{also}")
    one, other = _same_source(constraints, group)
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        faults.append(f"{called(a)} and {called(b)} are to be together and have one {source!r}")
    for a, b in _two_entities(constraints, group):
        faults.append(f"{called(a)} and {called(b)} are to be together and have unlike labels")
    if faults:
        more = len(faults) - MOST_NAMED
        rest = f" (and {more:,} more)" if more > 0 else ""
        raise DataError(
            f"{owner}: what is told contradicts itself: {'; '.join(faults[:MOST_NAMED])}{rest}. "
            "Take one side of each out."
        )


def _same_source(constraints: Constraints, group: Ints) -> tuple[Ints, Ints]:
    """Units of one must-link group that stand in the same source, two by two."""
    holders, sources = constraints.holders, constraints.sources
    order = np.lexsort((holders, sources, group[holders]))
    holders, sources = holders[order], sources[order]
    same = (group[holders[1:]] == group[holders[:-1]]) & (sources[1:] == sources[:-1])
    return holders[:-1][same], holders[1:][same]


def _two_entities(constraints: Constraints, group: Ints) -> list[tuple[int, int]]:
    """Units of one must-link group that are of different entities."""
    first: dict[int, tuple[int, int]] = {}
    found = []
    for unit, entity in zip(constraints.known.tolist(), constraints.entities.tolist(), strict=True):
        other, its = first.setdefault(int(group[unit]), (unit, entity))
        if its != entity:
            found.append((min(unit, other), max(unit, other)))
    return found


def _shared(groups: Ints, numbers: Ints, n: int, one: Ints, other: Ints) -> Ints:
    """How many numbers two of n groups share, pair by pair; groups and numbers are parallel."""
    shape = n, int(numbers.max(initial=0)) + 1
    held = csr_array((np.ones(len(groups), dtype=np.int64), (groups, numbers)), shape=shape)
    return np.asarray(held[one].multiply(held[other]).sum(axis=1), dtype=np.int64)


def _repeated(labels: Ints, numbers: Ints) -> Ints:
    """Labels that have a number more than once."""
    order = np.lexsort((numbers, labels))
    labels, numbers = labels[order], numbers[order]
    again = (labels[1:] == labels[:-1]) & (numbers[1:] == numbers[:-1])
    return np.asarray(labels[1:][again], dtype=np.int64)


def _named(pairs: tuple[Ints, Ints], a: int, b: int) -> bool:
    left, right = pairs
    return bool((((left == a) & (right == b)) | ((left == b) & (right == a))).any())


def _place(members: Ints, units: Ints) -> tuple[Ints, Flags]:
    """Places of units among sorted members, and which units are members."""
    place = np.minimum(np.searchsorted(members, units), max(len(members) - 1, 0))
    return place, members[place] == units


def _places(members: Ints, pairs: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Pairs of units of which both are members, as places among the members."""
    a, a_inside = _place(members, pairs[0])
    b, b_inside = _place(members, pairs[1])
    inside = a_inside & b_inside
    return a[inside], b[inside]
