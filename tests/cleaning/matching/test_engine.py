"""The way from units to entities: thresholds for a precision, pairs that are compared once."""

import numpy as np
import pytest

from crmkit.cleaning._matching import _engine
from crmkit.cleaning._matching._engine import Settings, log_odds_of_cut, match, threshold_for
from tests.cleaning.build import units


def test_the_threshold_for_a_precision_by_hand():
    p = np.array([0.99, 0.9, 0.6, 0.1])
    log_odds = np.log(p / (1 - p))
    assert threshold_for(log_odds, 0.94) == pytest.approx(0.9)
    assert threshold_for(log_odds[::-1], 0.8) == pytest.approx(0.6)
    assert threshold_for(log_odds, 0.999) == _engine.SUREST
    assert threshold_for(np.empty(0), 0.9) == _engine.SUREST


def test_a_probability_as_log_odds():
    assert log_odds_of_cut(0.5) == 0.0
    assert log_odds_of_cut(0.9) == pytest.approx(np.log(9.0))


def people(n=300):
    random = np.random.default_rng(0)
    first = random.choice(["ann", "bob", "carl", "dora", "eve", "fred"], n)
    last = [f"family {number}" for number in random.integers(0, 80, n)]
    born = [f"19{y:02d}-0{m}-11" for y, m in zip(*random.integers(1, 9, (2, n)), strict=True)]
    again = slice(0, n // 3)
    slips = [f"{name}x" for name in last[again]]
    return units(
        first=("first_name", [*first, *first[again]]),
        last=("last_name", [*last, *slips]),
        born=("birth_date", [*born, *born[again]]),
    )


def test_a_short_list_is_compared_whole_and_a_longer_one_by_keys(monkeypatch):
    made = people()
    whole = match(made, Settings())[1]
    assert len(whole.pairs.left) == made.n * (made.n - 1) // 2
    monkeypatch.setattr(_engine, "FEW_PAIRS", 0)
    keyed = match(made, Settings())[1]
    assert 0 < len(keyed.pairs.left) < len(whole.pairs.left)
    places = np.searchsorted(
        whole.pairs.left * made.n + whole.pairs.right, keyed.pairs.left * made.n + keyed.pairs.right
    )
    assert (whole.table[places] == keyed.table).all()
