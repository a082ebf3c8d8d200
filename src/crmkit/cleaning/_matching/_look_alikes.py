"""Pairs that look like one person and are two: people of one household, and namesakes.

A household shares address, phone and last name, but not first names; birth dates agree by chance
(or for twins), e-mail addresses are sometimes shared. Namesakes share names, and what is made of
names, such as e-mail addresses, but nothing else. Each is a class of its own beside matches and
strangers. What tells them from matches is laid down, because nothing in the data says which class
is the person; all the rest of a class is learnt.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crmkit.cleaning._matching._coded import Flags, Floats
from crmkit.cleaning._matching._comparison import LevelTable
from crmkit.cleaning._matching._kind_rules import RULES

SMOOTHING = 0.001
TINY = 1e-12
ADOPTED = 1.0  # change of a log-probability from which a class is known to share a column

FREE, CHANCE = "free", "chance"


@dataclass(frozen=True)
class LookAlike:
    """One class: how the columns of each kind behave in its pairs.

    A kind in `roles` is "free" (learnt), "chance" (as in strangers), or has a share: that part
    of the pairs agrees as matches do, the others as strangers. Other kinds have the role `others`.
    """

    name: str
    roles: tuple[tuple[str, str | float], ...]
    others: str

    def role(self, kind: str) -> str | float:
        """Role of a kind of column."""
        return dict(self.roles).get(kind, self.others)


HOUSEHOLD = LookAlike(
    "household",
    (
        ("first_name", CHANCE),
        ("name", CHANCE),
        ("id", CHANCE),
        ("birth_date", 0.03),  # twins
        ("email", 0.3),
    ),
    FREE,
)
NAMESAKE = LookAlike(
    "namesake",
    (("first_name", FREE), ("last_name", FREE), ("name", FREE), ("email", FREE)),
    CHANCE,
)
ADDRESS = {"street", "city", "postcode", "phone"}
OWN = {"first_name", "birth_date", "name", "id"}


def classes_for(kinds: Sequence[str]) -> list[LookAlike]:
    """Look-alikes that columns of these kinds can tell from matches."""
    there = set(kinds)
    found = []
    if there & ADDRESS and there & OWN:
        found.append(HOUSEHOLD)
    if ({"first_name", "last_name"} <= there or "name" in there) and "email" in there:
        found.append(NAMESAKE)
    return found


def active(look_alike: LookAlike, kinds: Sequence[str]) -> bool:
    """Whether a class differs from matches and from strangers on columns of these kinds."""
    roles = [look_alike.role(kind) for kind in kinds]
    return FREE in roles and any(role != FREE for role in roles)


def laid_down(
    learnt: Floats, m: Floats, u: Floats, kinds: Sequence[str], look_alike: LookAlike
) -> Floats:
    """Parameters of a class with its fixed rows put in place of what was learnt.

    Of a row that agrees with a share, the chance of equal values is fixed, and for birth dates
    all of it; lower levels of others, such as e-mail addresses made of a last name, are learnt.
    """
    h = learnt.copy()
    for column, kind in enumerate(kinds):
        role, top = look_alike.role(kind), RULES[kind].n_levels
        if role == CHANCE:
            h[column] = u[column]
        elif not isinstance(role, str):
            mixed = role * m[column] + (1.0 - role) * u[column]
            if kind != "birth_date":
                below = learnt[column, 1:top]
                mixed[1:top] = (1.0 - mixed[top]) * below / max(below.sum(), TINY)
            h[column] = np.maximum(mixed, TINY)
    return h


def row_shares(
    counts: Floats, u: Floats, n_levels: Sequence[int], smoothing: float = SMOOTHING
) -> Floats:
    """Shares of the levels of each column, drawn a little towards chance."""
    shares = np.ones_like(u)
    for column, n in enumerate(n_levels):
        some = counts[column, 1 : n + 1]
        share = some + smoothing * some.sum() * u[column, 1 : n + 1] + TINY
        shares[column, 1 : n + 1] = share / share.sum()
    return shares


def level_counts(patterns: LevelTable, weights: Floats, top: int) -> Floats:
    """Weight of each level 0 ... top of each column, shape (n_columns, top + 1)."""
    counts = [np.bincount(column, weights=weights, minlength=top + 1) for column in patterns.T]
    return np.array(counts, dtype=np.float64).reshape(patterns.shape[1], top + 1)


def log_ratio(patterns: LevelTable, weights: Floats) -> Floats:
    """Sum over the columns of the weight of each pattern's level."""
    total = np.zeros(len(patterns))
    for number, column in enumerate(patterns.T):
        total += weights[number][column]
    return total


def logistic(x: Floats) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


def memberships(ratios: Floats, shares: Floats) -> Floats:
    """Probability of each class: log-ratios against strangers in, same shape out.

    `ratios` is of shape (n_classes, n_patterns); `shares` are those of the classes among all.
    """
    rest = np.log(max(1.0 - float(shares.sum()), 1e-9))
    joint = ratios + np.log(shares)[:, None]
    total = np.logaddexp(np.logaddexp.reduce(joint, axis=0), rest)
    return np.asarray(np.exp(joint - total))


def adopted(h: Floats, u: Floats, kinds: Sequence[str]) -> Flags:
    """Columns on which the pairs of a class really agree more often, or less, than chance."""
    equal = np.array([RULES[kind].n_levels for kind in kinds])
    rows = np.arange(len(kinds))
    return np.asarray(np.abs(np.log(h[rows, equal]) - np.log(u[rows, equal])) >= ADOPTED)
