"""Pairs that may be matches: none that reaches the bound is lost, and levels stay the same."""

import numpy as np
import pytest

from crmkit.cleaning._matching import _likely_pairs
from crmkit.cleaning._matching._blocking import all_pairs
from crmkit.cleaning._matching._comparison import compare
from crmkit.cleaning._matching._engine import Settings, match
from crmkit.cleaning._matching._likely_pairs import likely_pairs
from crmkit.cleaning._matching._scores import score
from tests.cleaning.build import units

FIRST = ["ann", "bob", "carl", "dora", "eve", "fred", "lee", "kim"]
LAST = ["lee", "kim", "smith", "jones", "ann", "taylor"]


def people(n=150, seed=0):
    """Records with slips, exchanged names and gaps."""
    random = np.random.default_rng(seed)
    first, last = random.choice(FIRST, n), random.choice(LAST, n)
    born = [f"19{y}-0{m}-1{m}" for y, m in random.integers(1, (90, 9), (n, 2))]
    mail = [f"{a}.{b}{i % 50}@x.org" for i, (a, b) in enumerate(zip(first, last, strict=True))]
    slips, gaps = random.random(n) < 0.3, random.random(n) < 0.2
    again = [each[int(slip) :] for each, slip in zip(mail, slips, strict=True)]
    towns = [None if gap else f"town {i % 7}" for i, gap in enumerate(gaps)]
    return units(
        first=("first_name", [*first, *last[:50], *first[50:100]]),
        last=("last_name", [*last, *first[:50], *[f"{each}s" for each in last[50:100]]]),
        born=("birth_date", [*born, *born[:100]]),
        mail=("email", [*mail, *again[:100]]),
        city=("city", [*towns, *[None] * 100]),
    )


@pytest.mark.parametrize("least", [-30.0, -10.0, 0.0, 5.0])
@pytest.mark.parametrize("chunk", [1_000_000, 1_000])
def test_nothing_that_reaches_the_bound_is_lost(least, chunk, monkeypatch):
    monkeypatch.setattr(_likely_pairs, "PART", chunk)
    made = people()
    model = match(made, Settings())[0].model
    left, right = all_pairs(made.n)
    whole = compare(made, left, right)
    odds = score(model, made, left, right, whole).log_odds
    places, table = likely_pairs(made, model, left, right, least)
    assert set(np.flatnonzero(odds >= least).tolist()) <= set(places.tolist())
    assert (np.diff(places) > 0).all()
    assert (table == whole[places]).all()


def test_most_pairs_are_dropped():
    made = people()
    model = match(made, Settings())[0].model
    left, right = all_pairs(made.n)
    assert len(likely_pairs(made, model, left, right, 0.0)[0]) < 0.1 * len(left)


def test_no_pairs():
    made = people()
    model = match(made, Settings())[0].model
    none = np.empty(0, dtype=np.int64)
    places, table = likely_pairs(made, model, none, none, 0.0)
    assert len(places) == 0
    assert table.shape == (0, 5)
