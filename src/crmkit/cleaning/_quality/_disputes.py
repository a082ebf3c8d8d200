"""Which side of a broken dependency is wrong: the value on the left or the one on the right.

A postcode whose rows have another city tells that one of the two is wrong, and no more. The odds
that it is the right side are

    odds(right is wrong) / odds(left is wrong) * P(such a value | right wrong) / P(... | left wrong)

Each side has the share of wrong values of its column, as far as dependencies and EM bound it, and
witnesses: what else the left determines and whether that agrees, what else determines the left,
what the value on the right determines itself. Of the value on the right it counts whether other
groups have it (a wrong postcode leads to a city of the list, a mistyped city is none) and whether
it is a letter away from the expected one. Without a witness the odds are even.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from rapidfuzz.distance import OSA
from scipy.special import expit

from crmkit.cleaning._quality._confidence import LEAST_DOUBT, fits, joint_votes
from crmkit.cleaning._quality._groups import LEAST_ERROR, PERSONAL, Votes, are_established
from crmkit.cleaning._quality._table import Floats, TextColumn

COIN = 0.5  # trust in a dependency that nothing else is known of
MOST_DOUBT = 0.4
LEFT_LISTED, RIGHT_LISTED = 0.4, 0.5  # share of wrong values that are right ones of other rows
LEAST_NOVEL, MOST_NOVEL = 0.005, 0.95
NAMESAKES = 1.5  # log-odds that a departing row is of another one with the name on the left
NEAR_SHARE, NEAR_CHANCE = 0.3, 0.01  # of mistyped values, of any two: a letter apart
FEWEST_LETTERS = 5
OTHERS_SAY, MOST_SAID = -3.0, 6.0  # log-odds that witnesses of one sort add

Groups = Sequence[dict[str, Any]]


class Said(NamedTuple):
    """What a dependency says of rows, and how far it is to be believed.

    `trust` is the probability that its left side is right, given that the rows agree with it or
    depart; `standing` the same without a look at the right side.
    """

    group: dict[str, Any]
    votes: Votes
    trust: Floats
    standing: Floats


class Disputes:
    """Dependencies of a table with what they say of some rows of it."""

    def __init__(
        self,
        groups: Groups,
        votes: Mapping[int, Votes],
        columns: Mapping[str, TextColumn],
        own: Mapping[str, Floats],
        shares: Mapping[str, float],
    ) -> None:
        self.groups = groups
        self.votes = votes
        self.columns = columns
        self.own = own
        self.shares = shares

    def said(self, group: dict[str, Any]) -> Said:
        """What one dependency says, weighed against its left side being wrong."""
        votes, right = self.votes[id(group)], group["right"]
        left = self._left_wrong(group)
        agreed = fits([votes], [group["chance"]], [self.shares[right]])
        disputed = self._right_wrong(group) + self._of_value(group) - left
        if group["together"]:
            disputed = agreed - left
        trust = expit(np.where(votes.wrong > 0.0, disputed, agreed - left))
        return Said(group, votes, trust, np.asarray(expit(-left)))

    def _left_wrong(self, group: dict[str, Any]) -> Floats:
        """Log-odds that the left side is wrong, by all but this dependency."""
        left, right = group["left"], group["right"]
        told = [self._told(name, {right, *left} - {name}) for name in left]
        odds = np.logaddexp.reduce(told) - np.log(len(told))
        doubt = LEAST_DOUBT if group["together"] else self._doubt(left)
        return np.asarray(_logit(doubt) + odds - self._fits(left, {right}))

    def _right_wrong(self, group: dict[str, Any]) -> Floats:
        """Log-odds that the value on the right is wrong, by what it determines itself."""
        right = [group["right"]]
        witness = self._fits(right, set(group["left"]))
        return _logit(self._doubt(right)) - np.clip(witness, OTHERS_SAY, -OTHERS_SAY)

    def _told(self, name: str, apart: set[str]) -> Floats:
        """Log-odds that detectors and dependencies without some columns add to a column."""
        column = self.columns[name]
        added = self.own.get(name, np.zeros(len(column.codes)))
        about = [g for g in self.groups if g["right"] == name and not apart & set(g["left"])]
        if not about:
            return added
        said = [self.votes[id(group)] for group in about]
        even = [np.full(len(added), COIN)] * len(about)
        joint = joint_votes(said, [group["error"] for group in about], even)
        return np.asarray(added + np.clip(joint, OTHERS_SAY, MOST_SAID))

    def _fits(self, left: Sequence[str], apart: set[str]) -> Floats:
        """Log-odds that a left side is right by what it determines, but for some columns."""
        own = [g for g in self.groups if g["left"] == list(left) and g["right"] not in apart]
        return fits(
            [self.votes[id(group)] for group in own],
            [group["chance"] for group in own],
            [self.shares[group["right"]] for group in own],
        ) + np.zeros(len(self.columns[left[0]].codes))

    def _doubt(self, names: Sequence[str]) -> float:
        """Share of wrong values that columns have at most: each breaks what they determine."""
        bounds = [g["error"] / (1.0 - g["chance"]) for g in self.groups if g["left"] == list(names)]
        if len(names) == 1 and any(group["right"] == names[0] for group in self.groups):
            bounds.append(self.shares[names[0]])
        return float(np.clip(min(bounds, default=MOST_DOUBT), LEAST_ERROR, MOST_DOUBT))

    def _of_value(self, group: dict[str, Any]) -> Floats:
        """Log-odds that a departing value is an error of its own column, by the value itself."""
        column, votes = self.columns[group["right"]], self.votes[id(group)]
        listed = are_established(group, column)
        novel = float(np.clip(group["novel"] - group["error"], LEAST_NOVEL, MOST_NOVEL))
        in_error = max(1.0 - RIGHT_LISTED, novel)
        is_listed = np.log1p(-in_error) - np.log1p(-novel)
        is_novel = np.log(in_error) - np.log(novel)
        says = np.where(listed, is_listed, is_novel) - np.log(LEFT_LISTED)
        if any(self.columns[name].kind in PERSONAL for name in group["left"]):
            says -= NAMESAKES
        for at in np.flatnonzero((votes.wrong > 0.0) & (votes.expected >= 0)).tolist():
            expected = group["spelling"][int(votes.expected[at])]
            if _is_near(column.texts[column.codes[at]], expected):
                says[at] += np.log(NEAR_SHARE) - np.log(NEAR_CHANCE)
        return np.asarray(says)


def _is_near(text: str, other: str) -> bool:
    """Tell whether two words are one edit apart; numbers often are by chance."""
    if min(len(text), len(other)) < FEWEST_LETTERS or any(c.isdigit() for c in text + other):
        return False
    return OSA.distance(text.casefold(), other.casefold(), score_cutoff=1) <= 1


def _logit(p: float) -> float:
    return float(np.log(p) - np.log1p(-p))
