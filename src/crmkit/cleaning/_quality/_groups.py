"""What a dependency says of each cell: most rows of its group have this value, how sure is that.

A group (one value on the left) either has one right value, from which each row departs with
probability e, or it is mixed and has several right values. Of n rows, k depart from the most
frequent value and the most frequent departure occurs b times:

    one value:  C(n, k) e^k (1 - e)^(n - k) q^(b - 1) (1 - q)^(k - b)
    mixed:      1 / n * r^(b - 1) (1 - r)^(k - b)

q and r are the probabilities that two departures are the same value: errors rarely agree (q =
0.1), right values do (r = 0.5). The share of mixed groups and e are found by EM over the groups of
a dependency, so that a postcode with two towns is told from a postcode with a mistyped town.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit, gammaln, xlogy

from crmkit.cleaning._quality._dependencies import cell_counts
from crmkit.cleaning._quality._table import Flags, Floats, Hashes, Ints, TextColumn

ERRORS_AGREE, RIGHTS_AGREE = 0.1, 0.5
TIE = 0.5  # weight of a tie: one of two values is wrong, but which?
COPIED = 0.5  # probability that errors agree from which votes are copies of one another
MOST_ERRORS = 0.35
FEWEST_EXCEPTIONS, EXCEPTION_SHARE = 4, 0.8
STEPS = 60
PRIOR_ERRORS, PRIOR_ROWS = 0.5, 25.0  # errors among rows that are taken as seen before
PRIOR_MIXED, PRIOR_GROUPS = 0.5, 5.0
SURE_MIX = np.uint64(0x9E3779B97F4A7C15)
MOST_LOG_ODDS = 9.0
LEAST_ERROR = 0.005  # that is expected of any column, so that agreement never speaks against a cell
ESTABLISHED, NOVEL = -2.5, 1.0  # log-odds: a value that other groups have may be an exception

PERSONAL = ("first_name", "last_name", "name", "birth_date")  # no other column tells these


class GroupSizes(NamedTuple):
    """Rows of groups, rows with the most frequent value, and with the second."""

    rows: Ints
    most: Ints
    second: Ints


class GroupModel(NamedTuple):
    """Probability of an error in a group with one right value, and share of mixed groups."""

    error: float
    mixed: float
    agree: float


class Votes(NamedTuple):
    """Log-odds that the value of each row is wrong (0: nothing said), and the expected text.

    `expected` is the place of the expected value in the list of a vote, -1 where there is none;
    `sure` the log-odds that the expected one is right.
    """

    wrong: Floats
    expected: Ints
    sure: Floats


def learn_votes(
    left: Sequence[TextColumn],
    right: TextColumn,
    *,
    together: bool = False,
    only_without: Sequence[str] = (),
) -> dict[str, Any]:
    """Groups of a dependency with what each expects: arrays and lists that can be kept.

    With `together` every group has one right value, because the user says so. Groups speak only
    of rows that lack a value in each column of `only_without`.
    """
    keys = left_keys(left)
    known = right.known & np.logical_and.reduce([column.known for column in left])
    distinct, group = np.unique(keys[known], return_inverse=True)
    values = right.value_codes[known]
    owner, value, count = cell_counts(group, values)
    sizes, top = _sizes(owner, value, count, np.bincount(group, minlength=len(distinct)))
    model = fit_together(sizes) if together else fit_groups(sizes)
    useful, leading = sizes.rows > 1, sizes.most > sizes.second
    spelling, numbers = _spellings(right)
    established = np.unique(numbers[top[useful & leading]])
    return {
        "left": [column.name for column in left],
        "right": right.name,
        **model._asdict(),
        "keys": distinct[useful],
        "rows": sizes.rows[useful],
        "most": sizes.most[useful],
        "second": sizes.second[useful],
        "expected": top[useful],
        "spelling": spelling,
        "spelling_keys": numbers,
        "established": established,
        "novel": 1.0 - float(_look_up(established, numbers[values])[1].mean())
        if len(values)
        else 0.0,
        "chance": float(np.sum((np.bincount(values) / max(len(values), 1)) ** 2)),
        "together": together,
        "only_without": list(only_without),
        "except": {},
        "cells": _sorted_cells(distinct[owner], numbers[value], count),
    }


def _sizes(owner: Ints, value: Ints, count: Ints, rows: Ints) -> tuple[GroupSizes, Ints]:
    """Sizes of groups from the counts of their values, and the most frequent value of each."""
    order = np.lexsort((value, -count, owner))
    owner, value, count = owner[order], value[order], count[order]
    first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])[: len(owner)])
    follows = np.append(first[1:], len(owner))[: len(first)] - first > 1
    last = max(len(count) - 1, 0)
    second = np.where(follows, count[np.minimum(first + 1, last)], 0)
    return GroupSizes(rows, count[first], second), value[first]


def votes(learnt: Mapping[str, Any], columns: Mapping[str, TextColumn]) -> Votes:
    """What groups that were learnt say of the rows of a frame."""
    right = columns[learnt["right"]]
    n = len(right.codes)
    wrong, sure = np.zeros(n), np.zeros(n)
    expected = np.full(n, -1, dtype=np.int64)
    keys = left_keys([columns[name] for name in learnt["left"]])
    at, found = _look_up(learnt["keys"], keys)
    rows = np.flatnonzero(found & _is_asked(learnt, columns))
    if not len(rows):
        return Votes(wrong, expected, sure)
    group = at[rows]
    model = GroupModel(learnt["error"], learnt["mixed"], learnt["agree"])
    sizes = GroupSizes(learnt["rows"], learnt["most"], learnt["second"])
    one_value, leads = _one_value(sizes, model), _leads(sizes.most, sizes.second, model)
    leading = sizes.most > sizes.second
    expected[rows] = np.where(leading, learnt["expected"], -1)[group]
    sure[rows] = np.where(leading, _log_odds(one_value * leads), 0.0)[group]
    own = np.append(right.hashes, np.uint64(0))[right.codes[rows]]
    same = own == learnt["spelling_keys"][learnt["expected"][group]]
    times = np.maximum(_times(learnt["cells"], keys[rows], own), 1)
    one, most = one_value[group], sizes.most[group]
    agrees = _log_odds(one * (1.0 - leads[group]) + (1.0 - one) * model.error)
    departs = _log_odds(one * _leads(most, times, model) + (1.0 - one) * model.error)
    if not learnt["together"]:
        departs += np.where(_look_up(learnt["established"], own)[1], ESTABLISHED, NOVEL)
    is_tied = ~leading[group] & (same | (times == most))
    tied = (1.0 - TIE) * _log_odds(np.array([max(model.error, LEAST_ERROR)]))
    says = np.where(is_tied, tied, np.where(same, agrees, departs))
    wrong[rows] = np.where(right.known[rows], says, 0.0)
    return Votes(wrong, expected, sure)


def _is_asked(learnt: Mapping[str, Any], columns: Mapping[str, TextColumn]) -> Flags:
    """Rows that a dependency is asked about."""
    asked = np.logical_and.reduce([columns[name].known for name in learnt["left"]])
    for name in learnt["only_without"]:
        asked &= ~columns[name].known
    for name, numbers in learnt["except"].items():
        asked &= ~_look_up(numbers, left_keys([columns[name]]))[1]
    return np.asarray(asked)


def are_established(learnt: Mapping[str, Any], right: TextColumn) -> Flags:
    """Tell of each row whether some group has its value on the right as the right one."""
    own = np.append(right.hashes, np.uint64(0))[right.codes]
    return _look_up(learnt["established"], own)[1]


def exceptions(learnt: Mapping[str, Any], columns: Mapping[str, TextColumn]) -> dict[str, Any]:
    """Values of other columns nearly all of whose rows depart: that is a rule and no error.

    By column, the numbers of these values.
    """
    wrong = votes(learnt, columns).wrong > 0.0
    found = {}
    for name, column in columns.items():
        if name in (*learnt["left"], learnt["right"]) or not wrong.any():
            continue
        codes = column.value_codes
        rows = np.bincount(codes[codes >= 0], minlength=1)
        departs = np.bincount(codes[wrong & (codes >= 0)], minlength=len(rows))
        many = (departs >= FEWEST_EXCEPTIONS) & (departs >= EXCEPTION_SHARE * rows)
        if many.any():
            first = np.isin(codes, np.flatnonzero(many))
            found[name] = np.unique(left_keys([column])[first])
    return found


def fit_groups(sizes: GroupSizes) -> GroupModel:
    """Error and share of mixed groups, by EM over the distinct sizes of groups."""
    seen, times = _patterns(sizes)
    error, mixed = 0.03, 0.1
    for _ in range(STEPS):
        one = _one_value(seen, GroupModel(error, mixed, ERRORS_AGREE)) * times
        departed = float((one * (seen.rows - seen.most)).sum())
        error = (departed + PRIOR_ERRORS) / (float((one * seen.rows).sum()) + PRIOR_ROWS)
        error = min(error, MOST_ERRORS)
        mixed = (float(times.sum() - one.sum()) + PRIOR_MIXED) / (float(times.sum()) + PRIOR_GROUPS)
    return GroupModel(error, mixed, ERRORS_AGREE)


def fit_together(sizes: GroupSizes) -> GroupModel:
    """Error of groups that have one right value each, and how often errors agree in them."""
    many = sizes.rows > 1
    departed = sizes.rows[many] - sizes.most[many]
    error = (float(departed.sum()) + PRIOR_ERRORS) / (float(sizes.rows[many].sum()) + PRIOR_ROWS)
    several = departed > 1
    again = float((sizes.second[many][several] - 1).sum())
    agree = (again + 1.0) / (float((departed[several] - 1).sum()) + 1.0 / ERRORS_AGREE)
    return GroupModel(min(error, 0.49), 0.0, min(agree, 0.95))


def left_keys(left: Sequence[TextColumn]) -> Hashes:
    """One number of 64 bits for the values on the left of each row."""
    key = np.zeros(len(left[0].codes), dtype=np.uint64)
    for column in left:
        key = key * SURE_MIX + np.append(column.hashes, np.uint64(0))[column.codes]
    return key


def _one_value(sizes: GroupSizes, model: GroupModel) -> Floats:
    """Probability that each group has one right value."""
    n, departed = sizes.rows.astype(np.float64), (sizes.rows - sizes.most).astype(np.float64)
    if model.mixed == 0.0:
        return np.ones(len(n))
    again = np.maximum(sizes.second - 1, 0)
    apart = np.maximum(departed - sizes.second, 0)
    ways = gammaln(n + 1) - gammaln(departed + 1) - gammaln(n - departed + 1)
    one = ways + xlogy(departed, model.error) + (n - departed) * np.log1p(-model.error)
    one += again * np.log(model.agree) + apart * np.log1p(-model.agree)
    several = -np.log(n) + again * np.log(RIGHTS_AGREE) + apart * np.log1p(-RIGHTS_AGREE)
    return np.asarray(expit(one - several + np.log1p(-model.mixed) - np.log(model.mixed)))


def _leads(most: Ints, other: Ints, model: GroupModel) -> Floats:
    """Probability that the more frequent of two values is the right one of its group.

    Rows that err alike have copied one another, so their votes count less: where errors agree
    often, the probability is between that of independent votes and the share of the votes.
    """
    step = np.log1p(-model.error) - np.log(model.error) - np.log(model.agree)
    independent = expit(np.maximum(most - other, 0) * step)
    share = most / np.maximum(most + other, 1)
    copied = np.clip((model.agree - ERRORS_AGREE) / (COPIED - ERRORS_AGREE), 0.0, 1.0)
    return np.asarray((1.0 - copied) * independent + copied * share)


def _log_odds(p: Floats) -> Floats:
    p = np.clip(p, 1e-9, 1.0 - 1e-9)
    return np.asarray(np.clip(np.log(p) - np.log1p(-p), -MOST_LOG_ODDS, MOST_LOG_ODDS))


def _patterns(sizes: GroupSizes) -> tuple[GroupSizes, Ints]:
    """Distinct sizes of groups of two rows or more, and how many groups have them."""
    many = sizes.rows > 1
    table = np.stack([part[many] for part in sizes])
    distinct, times = np.unique(table, axis=1, return_counts=True)
    return GroupSizes(*distinct), times


def _spellings(column: TextColumn) -> tuple[list[str], Hashes]:
    """For each value (in the order of `value_codes`) its most frequent text, and its number."""
    best: dict[str, tuple[int, str]] = {}
    for key, text, count, nothing in zip(
        column.keys, column.texts, column.counts.tolist(), column.is_nothing.tolist(), strict=True
    ):
        if not nothing and (key not in best or (-count, text) < best[key]):
            best[key] = (-count, text)
    order = sorted(best)
    numbers = dict(zip(column.keys, column.hashes, strict=True))
    return [best[key][1] for key in order], np.array([numbers[k] for k in order], dtype=np.uint64)


def _sorted_cells(group: Hashes, value: Hashes, count: Ints) -> dict[str, Any]:
    """How often a value occurs in a group, for those of the values that are not alone."""
    key = group * SURE_MIX ^ value
    several = count > 1
    order = np.argsort(key[several])
    return {"keys": key[several][order], "counts": count[several][order]}


def _times(cells: dict[str, Any], group: Hashes, value: Hashes) -> Ints:
    at, found = _look_up(cells["keys"], group * SURE_MIX ^ value)
    counts = np.append(cells["counts"], 0)
    return np.where(found, counts[np.minimum(at, len(counts) - 1)], 0)


def _look_up(known: Hashes, wanted: Hashes) -> tuple[Ints, Flags]:
    if not len(known):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return at, known[at] == wanted
