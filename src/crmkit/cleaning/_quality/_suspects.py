"""Cells that are likely wrong: all detectors learnt on one table, then asked about another."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from crmkit.cleaning._normal._kinds import IGNORE
from crmkit.cleaning._quality._confidence import (
    START,
    joint_votes,
    probability_wrong,
    share_wrong,
    weights_of,
)
from crmkit.cleaning._quality._dependencies import Dependency, find_dependencies, measure
from crmkit.cleaning._quality._disputes import Disputes, Said
from crmkit.cleaning._quality._formats import UNREADABLE, format_signs, learn_shapes
from crmkit.cleaning._quality._groups import PERSONAL, Votes, exceptions, learn_votes, votes
from crmkit.cleaning._quality._ranges import learn_range, range_signs
from crmkit.cleaning._quality._signs import Signs
from crmkit.cleaning._quality._table import Floats, Ints, TextColumn
from crmkit.cleaning._quality._typos import learn_words, typo_signs

MIN_STRENGTH, MIN_STRENGTH_OF_TWO = 0.5, 0.8
MIN_COVER = 0.1  # share of the rows that a dependency must speak of
TOGETHER_STRENGTH = 0.2
EXPLAINED_ROWS = 0.7  # share of the rows in groups that two columns on the left must keep
MOST_MIXED = 0.4  # share of mixed groups beyond which a dependency is none
MOST_VOTES = 10  # dependencies that are asked about one column
NOT_LEFT = ("number", "latitude", "longitude", "set")
UNTOUCHED = ("id", IGNORE)
SURE = 0.9  # weight of a hint from which a value is read as what it means
SUSPICIOUS = 0.1  # probability from which the other cells of a row are looked at again


class RowSign(NamedTuple):
    """What a rule or the order of dates says of rows of a column, as log-odds."""

    detector: str
    column: str
    rows: Ints
    weights: Floats
    reason: str


class Judged(NamedTuple):
    """One column of the rows that were looked at: probabilities, and what led to them."""

    wrong: Floats
    parts: dict[str, Floats]
    signs: dict[str, Signs]
    votes: list[Said]


def checked(columns: Mapping[str, TextColumn]) -> list[str]:
    """Columns whose values are judged: all but ids and what is to be ignored."""
    return [name for name, column in columns.items() if column.kind not in UNTOUCHED]


def learn(
    columns: Mapping[str, TextColumn], together: Sequence[str], row_signs: Sequence[RowSign]
) -> dict[str, Any]:
    """Everything that is kept of a table: shapes, words, ranges, dependencies, shares of errors."""
    shapes = {name: learn_shapes(columns[name]) for name in checked(columns)}
    _read_as_meant(columns, shapes)
    learnt: dict[str, Any] = {
        "shapes": shapes,
        "words": {name: learn_words(columns[name]) for name in checked(columns)},
        "ranges": {name: learn_range(columns[name]) for name in checked(columns)},
        "groups": [],
        "shares": {},
    }
    for left, right in _together(columns, together):
        parts = [columns[name] for name in left]
        learnt["groups"].append(learn_votes(parts, columns[right], together=True))
    told = {group["right"] for group in learnt["groups"]}
    for dependency in dependencies_of(columns):
        left, right = dependency["left"], dependency["right"]
        if right in told or sum(g["right"] == right for g in learnt["groups"]) >= MOST_VOTES:
            continue
        parts = [columns[name] for name in left]
        group = learn_votes(parts, columns[right], only_without=dependency["only_without"])
        if group["mixed"] <= MOST_MIXED:
            group["except"] = exceptions(group, columns)
            learnt["groups"].append(group)
    return learnt


def dependencies_of(columns: Mapping[str, TextColumn]) -> list[dict[str, Any]]:
    """Dependencies between columns that are found, as plain values, strongest first.

    Names and births are never on the right: those who share an address differ in them. Where a
    second column explains half of the exceptions to one column on the left, the one
    column speaks only of rows where the second is missing (`only_without`).
    """
    names = [name for name, column in columns.items() if column.kind not in (*NOT_LEFT, IGNORE)]
    targets = {name for name in checked(columns) if columns[name].kind not in PERSONAL}
    codes = [columns[name].value_codes for name in names]
    found = [
        d
        for d in find_dependencies(codes, min_strength=MIN_STRENGTH)
        if names[d.right] in targets
        and (len(d.left) == 1 or d.strength >= MIN_STRENGTH_OF_TWO)
        and d.n_rows >= MIN_COVER * (codes[d.right] >= 0).sum()
    ]
    return [
        {
            "left": [names[left] for left in d.left],
            "right": names[d.right],
            "strength": d.strength,
            "n_rows": d.n_rows,
            "n_groups": d.n_groups,
            "only_without": [names[other] for other in _explaining(d, found)],
        }
        for d in found
    ]


def judge(
    columns: Mapping[str, TextColumn],
    learnt: Mapping[str, Any],
    row_signs: Sequence[RowSign],
    as_of: int | None,
    *,
    missing: bool = False,
) -> tuple[Ints, dict[str, Judged], dict[str, float]]:
    """Judge the cells of a table: rows with a suspicious cell, their columns, shares of errors.

    Shares that were learnt are used, others are found. With `missing`, rows that lack a value
    are looked at as well.
    """
    names = checked(columns)
    formats = _read_as_meant(columns, learnt["shapes"])
    signs = {name: _signs(columns[name], formats[name], learnt, as_of) for name in names}
    groups = _by_right(learnt["groups"])
    shares: dict[str, float] = dict(learnt["shares"])
    n_rows = len(next(iter(columns.values())).codes) if columns else 0
    suspicious = np.zeros(n_rows, dtype=bool)
    for name in names:
        parts = _parts(name, columns, signs[name], row_signs, None)
        added = np.sum([np.zeros(n_rows), *parts.values()], axis=0)
        asked = [_asked(group, columns) for group in groups.get(name, ())]
        if asked:
            trust = [np.ones(n_rows)] * len(asked)
            joint = joint_votes(asked, _errors(groups[name]), trust)
            added += _of_other_writing(joint, columns[name], signs[name])
        known = columns[name].known
        told = [g["error"] for g in groups.get(name, ()) if g["together"]]
        start = max([START, *told])
        shares.setdefault(name, share_wrong(added[known], start) if known.any() else 0.0)
        p = probability_wrong(added, max(shares[name], 1e-6)) * known
        suspicious |= p >= SUSPICIOUS
        if missing:
            suspicious |= ~known
    rows = np.flatnonzero(suspicious)
    return rows, _second_look(columns, signs, row_signs, groups, shares, rows), shares


def _second_look(
    columns: Mapping[str, TextColumn],
    signs: Mapping[str, dict[str, Signs]],
    row_signs: Sequence[RowSign],
    groups: Mapping[str, list[dict[str, Any]]],
    shares: Mapping[str, float],
    rows: Ints,
) -> dict[str, Judged]:
    """Judge suspicious rows again, trusting a dependency as far as its left side is right."""
    few = {name: column.at(rows) for name, column in columns.items()}
    everything = [group for found in groups.values() for group in found]
    asked = {id(group): _asked(group, few) for group in everything}
    seen = {name: _parts(name, few, signs[name], row_signs, rows) for name in signs}
    none = np.zeros(len(rows))
    own = {name: np.sum([none, *parts.values()], axis=0) for name, parts in seen.items()}
    disputes = Disputes(everything, asked, few, own, shares)
    judged = {}
    for name, parts in seen.items():
        said = [disputes.said(group) for group in groups.get(name, ())]
        if said:
            votes_of, trusted = [each.votes for each in said], [each.trust for each in said]
            joint = joint_votes(votes_of, _errors(groups[name]), trusted)
            parts["dependency"] = _of_other_writing(joint, few[name], signs[name])
        added = np.sum([none, *parts.values()], axis=0)
        wrong = probability_wrong(added, max(shares[name], 1e-6)) * few[name].known
        judged[name] = Judged(wrong, parts, signs[name], said)
    return judged


def _read_as_meant(
    columns: Mapping[str, TextColumn], shapes: Mapping[str, Any]
) -> dict[str, Signs]:
    """Signs of formats; dependencies then see the usual writing of what is written otherwise."""
    found = {name: format_signs(columns[name], model) for name, model in shapes.items()}
    for name, signs in found.items():
        sure = {place: hint.text for place, hint in signs.hints.items() if hint.weight >= SURE}
        columns[name].read_as(sure)
    return found


def _signs(
    column: TextColumn, formats: Signs, learnt: Mapping[str, Any], as_of: int | None
) -> dict[str, Signs]:
    name = column.name
    return {
        "format": formats,
        "typo": typo_signs(column, learnt["words"][name]),
        "range": range_signs(column, learnt["ranges"][name], as_of),
    }


def _of_other_writing(joint: Floats, column: TextColumn, signs: Mapping[str, Signs]) -> Floats:
    """What dependencies add; that they expect what a value means does not speak for its writing."""
    written = np.append(signs["format"].levels >= UNREADABLE, False)[column.codes]
    return np.where(written, np.maximum(joint, 0.0), joint)


def _parts(
    name: str,
    columns: Mapping[str, TextColumn],
    signs: Mapping[str, Signs],
    row_signs: Sequence[RowSign],
    rows: Ints | None,
) -> dict[str, Floats]:
    """Log-odds that each detector adds to the rows of a column, all rows or some."""
    column = columns[name]
    parts = {}
    for detector, found in signs.items():
        if found.levels.any():
            weights = np.append(weights_of(detector)[found.levels], 0.0)
            parts[detector] = weights[column.codes]
    for sign in row_signs:
        if sign.column == name:
            n = len(column.codes) if rows is None else int(max(rows.max(initial=-1) + 1, 0))
            full = np.zeros(max(n, int(sign.rows.max(initial=-1)) + 1))
            full[sign.rows] = sign.weights
            here = full if rows is None else full[rows]
            parts[sign.detector] = parts.get(sign.detector, np.zeros(len(here))) + here
    return parts


def _asked(group: dict[str, Any], columns: Mapping[str, TextColumn]) -> Votes:
    return votes(group, columns)


def _errors(groups: Sequence[Mapping[str, Any]]) -> list[float]:
    return [group["error"] for group in groups]


def _by_right(groups: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for group in groups:
        found.setdefault(group["right"], []).append(group)
    return found


def _together(
    columns: Mapping[str, TextColumn], together: Sequence[str]
) -> list[tuple[list[str], str]]:
    """Columns that rows of one thing agree on, at least as a tendency."""
    if not together:
        return []
    key = np.stack([columns[name].value_codes for name in together])
    group = np.unique(key, axis=1, return_inverse=True)[1].astype(np.int64).ravel()
    group[(key < 0).any(axis=0)] = -1
    rights = [name for name in checked(columns) if name not in together]
    return [
        (list(together), name)
        for name in rights
        if measure(group, columns[name].value_codes, (0,), 1).strength >= TOGETHER_STRENGTH
    ]


def _explaining(dependency: Dependency, found: Sequence[Dependency]) -> list[int]:
    """Columns that explain exceptions to a dependency with one column on the left."""
    if len(dependency.left) == 2:
        return []
    return [
        other.left[other.left[0] == dependency.left[0]]
        for other in found
        if len(other.left) == 2
        and other.right == dependency.right
        and dependency.left[0] in other.left
        and other.n_rows >= EXPLAINED_ROWS * dependency.n_rows
    ]
