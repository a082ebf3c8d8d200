"""Choice of further keys: recall of simulated matches, gains against pairs."""

import numpy as np
import pytest

from crmkit.cleaning._matching._block_keys import NAMES, Pass
from crmkit.cleaning._matching._pass_choice import (
    SimulatedMatches,
    recall_of,
    simulated,
    worthwhile,
)
from crmkit.cleaning._matching._scores import MatchModel
from tests.cleaning.build import units

EMAIL, CITY, LETTERS = (Pass(((name, part),)) for name, part in
                        (("email", "whole"), ("city", "whole"), ("city", "start")))  # fmt: skip
NONE = np.empty(0)


def people(n=400):
    return units(
        city=("city", [f"town {i % 200}" for i in range(n)]),
        email=("email", [f"a{i}@b" if i % 2 else None for i in range(n)]),
    )


def model():
    m = np.array([[1, 0.1, 0.3, 0.6, 1], [1, 0.1, 0.1, 0.3, 0.5]])
    return MatchModel(("city", "email"), m, m, 0.01, (), [], NONE, [])


def test_simulated_matches_agree_as_learnt():
    matches = simulated(people(), model(), (3, 4), 0)
    assert (matches.levels[:, 0] == 3).mean() == pytest.approx(0.6, abs=0.02)
    there = matches.levels[:, 1] > 0
    assert there.mean() == pytest.approx(4 / 9, abs=0.02)  # two units in three have an address
    assert (matches.levels[there, 1] == 4).mean() == pytest.approx(0.5, abs=0.03)


def test_keys_agree_where_their_columns_do():
    levels = np.array([[3, 4], [2, 4], [1, 0], [0, 3]], dtype=np.int8)
    matches = SimulatedMatches(levels, {"city": 3, "email": 4}, {"city": 0, "email": 1})
    made = people(4)
    assert matches.agree(EMAIL, made).tolist() == [True, True, False, False]
    assert matches.agree(CITY, made).tolist() == [True, False, False, False]
    assert matches.agree(LETTERS, made).tolist() == [True, True, False, False]
    assert recall_of(matches, [EMAIL, CITY], made).mean() == 0.5
    assert recall_of(matches, [], made).sum() == 0


def test_both_names_must_agree():
    made = units(a=("first_name", ["x", "y"]), b=("last_name", ["x", "z"]))
    levels = np.array([[4, 4], [4, 3]], dtype=np.int8)
    matches = SimulatedMatches(levels, {"a": 4, "b": 4}, {"a": 0, "b": 1})
    assert matches.agree(Pass((("a / b", NAMES),)), made).tolist() == [True, False]


def test_a_key_must_be_worth_its_pairs():
    made = people()
    matches = simulated(made, model(), (3, 4), 0)
    # the city joins 200 pairs and about half of what e-mail leaves
    assert worthwhile(made, matches, [EMAIL], [CITY], 100.0, 10) == [CITY]
    assert worthwhile(made, matches, [EMAIL], [CITY], 0.1, 10) == []
    assert worthwhile(made, matches, [CITY], [CITY], 100.0, 10) == []
    assert worthwhile(made, matches, [], [EMAIL], 100.0, 10) == []  # no two have the same
