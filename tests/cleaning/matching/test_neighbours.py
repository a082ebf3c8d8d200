"""Neighbours by runs of characters: by brute force, in shards, within bounds."""

from dataclasses import replace

import numpy as np
import pytest

from crmkit.cleaning._matching import _engine, _neighbours
from crmkit.cleaning._matching._blocking import PassReport
from crmkit.cleaning._matching._engine import Matching, Settings, match
from crmkit.cleaning._matching._neighbours import neighbours
from tests.cleaning.build import units


def people(n=60):
    random = np.random.default_rng(4)
    syllables = ["an", "bel", "cor", "dim", "eth", "fro", "gus", "hil", "ist", "jor"]
    words = ["".join(random.choice(syllables, 3)) for _ in range(n)]
    return units(
        last=("last_name", [*words, *[f"{word[:3]}x{word[3:]}" for word in words[:20]]]),
        city=("city", [*[f"town {i % 5}" for i in range(n)], *[None] * 20]),
        size=("number", ["7"] * (n + 20)),
    )


def runs(value):
    return {f" {word} "[i : i + 3] for word in value.split() for i in range(len(word))}


def by_brute_force(made, asked, n):
    """Neighbours by sets of runs and a dictionary of their weights."""
    texts = [
        set().union(*(runs(c.values[c.codes[u]]) for c in made.columns[:2] if c.codes[u] >= 0))
        for u in range(made.n)
    ]
    counts = {}
    for text in texts:
        for run in text:
            counts[run] = counts.get(run, 0) + 1
    weight = {r: np.log((1 + made.n) / (1 + c)) for r, c in counts.items() if c > 1}
    norm = [np.sqrt(sum(weight.get(r, 0) ** 2 for r in text)) for text in texts]
    found = set()
    for u in asked:
        alike = []
        for v in range(made.n):
            both = sum(weight.get(r, 0) ** 2 for r in texts[u] & texts[v])
            cosine = both / max(norm[u] * norm[v], 1e-12)
            if u != v and cosine >= _neighbours.LEAST_ALIKE:
                alike.append((-round(cosine, 5), v))
        found |= {(min(u, v), max(u, v)) for _, v in sorted(alike)[:n]}
    return found


@pytest.mark.parametrize("at_once", [10_000_000, 300])
def test_neighbours_are_those_of_brute_force(at_once, monkeypatch):
    monkeypatch.setattr(_neighbours, "WORK_AT_ONCE", at_once)
    made = people()
    asked = np.arange(0, made.n, 2)
    left, right = neighbours(made, asked, 3)
    assert (left < right).all()
    assert (np.diff(left * made.n + right) > 0).all()
    got = set(zip(left.tolist(), right.tolist(), strict=True))
    expected = by_brute_force(made, asked.tolist(), 3)
    assert len(got ^ expected) <= 0.02 * len(expected)  # equal likenesses, rounded


def test_runs_of_many_records_are_left_out_where_there_is_too_much_to_do(monkeypatch):
    made = people()
    everybody = np.arange(made.n)
    whole = len(neighbours(made, everybody, 3)[0])
    monkeypatch.setattr(_neighbours, "MOST_WORK", 100)
    assert len(neighbours(made, everybody, 3)[0]) < whole
    monkeypatch.setattr(_neighbours, "MOST_WORK", 0)
    assert len(neighbours(made, everybody, 3)[0]) == 0


def test_nobody_asked_and_nothing_to_cut():
    assert len(neighbours(people(), np.empty(0, dtype=np.int64), 3)[0]) == 0
    numbers = units(size=("number", ["1", "2"]))
    assert len(neighbours(numbers, np.arange(2), 3)[0]) == 0
    alone = units(city=("city", ["york", None]), key=("id", ["1", "2"]))
    assert len(neighbours(alone, np.arange(2), 3)[0]) == 0


def few_pairs(made):
    """What is learnt of all pairs, and a matching that knows but five of them."""
    learnt, whole = match(made, Settings())
    few = whole.pairs.left[:5], whole.pairs.right[:5]
    report = [PassReport("key", 5, 5, 0, 1, True, 0, 0.1, 0.1)]
    pairs = replace(whole.pairs, left=few[0], right=few[1], report=report)
    shares = {name: p[:5] for name, p in whole.scores.look_alike.items()}
    scores = replace(whole.scores, log_odds=whole.scores.log_odds[:5], look_alike=shares)
    return learnt, whole, Matching(pairs, whole.table[:5], scores)


def test_single_records_find_matches_that_no_key_joins():
    made = people()
    learnt, whole, few = few_pairs(made)
    got = _engine._with_neighbours(made, learnt, few, np.arange(made.n))
    line = got.pairs.report[-1]
    assert (line.label, line.used) == ("neighbours of single records", True)
    assert line.n_new == len(got.pairs.left) - 5 > 0
    assert line.recall_so_far == 0.1
    keys = got.pairs.left * made.n + got.pairs.right
    assert (np.diff(keys) > 0).all()
    place = np.searchsorted(whole.pairs.left * made.n + whole.pairs.right, keys)
    assert (got.table == whole.table[place]).all()
    assert got.scores.log_odds == pytest.approx(whole.scores.log_odds[place])
    for name, p in got.scores.look_alike.items():
        assert p == pytest.approx(whole.scores.look_alike[name][place])


def test_neighbours_are_sought_only_where_matches_are_missing(monkeypatch):
    made = people()
    learnt, _, few = few_pairs(made)
    learnt = replace(learnt, n_expected=20.0)

    def wanted(recall):
        report = [PassReport("key", 5, 5, 0, 1, True, 0, recall, recall)]
        matching = replace(few, pairs=replace(few.pairs, report=report))
        return _engine._single_worth_more(made, learnt, matching, Settings())

    assert len(wanted(0.1)) > 0
    assert len(wanted(0.9)) == 0
    monkeypatch.setattr(_engine, "MOST_UNITS", made.n - 1)
    assert len(wanted(0.1)) == 0
