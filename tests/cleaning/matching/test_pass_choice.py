"""Choice of further keys: recall of simulated matches, gains against pairs."""

import numpy as np
import pytest

from crmkit.cleaning._matching import _pass_choice
from crmkit.cleaning._matching._block_keys import NAMES, Pass
from crmkit.cleaning._matching._blocking import PassReport
from crmkit.cleaning._matching._pass_choice import (
    Budget,
    SimulatedMatches,
    recall_of,
    simulated,
    with_recall,
    without_narrower,
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


def test_a_budget_ends_the_choice():
    made = people()
    matches = simulated(made, model(), (3, 4), 0)
    assert worthwhile(made, matches, [], [CITY], 100.0, 10, Budget(200.0, 100)) == [CITY]
    assert worthwhile(made, matches, [], [CITY], 100.0, 10, Budget(200.0, 99)) == []


def test_of_many_records_a_part_tells_the_pairs(monkeypatch):
    made = people(4_000)
    whole = _pass_choice._Costs(made, 1.0, 400, Budget(), {}).of(CITY)
    monkeypatch.setattr(_pass_choice, "MOST_COUNTED", 1_000)
    part = _pass_choice._Costs(made, 1.0, 400, Budget(), {}).of(CITY)
    assert whole == (100 * 190.0, 1.0)  # 20 records in each of 100 towns
    assert part[0] == pytest.approx(whole[0], rel=0.2)


def test_matches_in_large_blocks_are_no_gain():
    made = units(
        city=("city", ["york"] * 30 + ["bath"] * 2), key=("id", [str(i) for i in range(32)])
    )
    costs = _pass_choice._Costs(made, 1.0, 10, Budget(), {})
    assert costs.of(CITY) == (1.0, 2 / 32)


def test_a_pass_that_cannot_pay_is_not_counted():
    made = people()
    costs = _pass_choice._Costs(made, 1.0, 400, Budget(1.0), {})
    both = Pass((("city", "whole"), ("email", "whole")))
    assert not costs.is_too_dear(both, 1.0)  # no two share an address
    letters = Pass((("city", "letter"), ("city", "start")))
    assert costs.is_too_dear(letters, 1.0)  # all share both


def test_the_report_tells_recall_of_each_used_pass_and_so_far():
    levels = np.array([[3, 4], [2, 4], [1, 0], [3, 3]], dtype=np.int8)
    matches = SimulatedMatches(levels, {"city": 3, "email": 4}, {"city": 0, "email": 1})
    report = [
        PassReport("email", 1, 1, 0, 1, True),
        PassReport("other", 0, 0, 0, 1, False),
        PassReport("city", 1, 1, 0, 1, True),
    ]
    email, other, city = with_recall(report, [EMAIL, CITY], matches, people(4))
    assert (email.recall, email.recall_so_far) == (0.5, 0.5)
    assert np.isnan(other.recall)
    assert (city.recall, city.recall_so_far) == (0.5, 0.75)


def test_a_key_within_another_is_enough():
    both = Pass((("city", "whole"), ("email", "whole")))
    assert without_narrower([both, EMAIL, LETTERS]) == [EMAIL, LETTERS]
