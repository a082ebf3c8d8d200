"""New units to entities: the best known one, else a new one that may be shared."""

import numpy as np

from crmkit.cleaning._matching._assignment import assigned
from crmkit.cleaning._matching._constraints import Constraints
from crmkit.cleaning._matching._entities import ScoredPairs

ENTITIES = np.array([0, 0, 1, 1])  # known units 0 ... 3; others are new


def scored(odds, n):
    """Pairs with a new unit on the right, and a scorer that knows -9 for all others."""
    keys = sorted(odds)
    left, right = (np.array([key[side] for key in keys], dtype=np.int64) for side in (0, 1))
    values = np.array([odds[key] for key in keys], dtype=float)

    def scorer(a, b):
        low, high = np.minimum(a, b), np.maximum(a, b)
        return np.array([odds.get(key, -9.0) for key in zip(low.tolist(), high.tolist())])  # noqa: B905

    return ScoredPairs(left, right, values), scorer


def test_new_units_join_the_entity_they_match_best_or_each_other():
    odds = {(0, 4): 5.0, (1, 4): 3.0, (2, 4): 3.5, (3, 5): 6.0, (2, 5): 2.0, (6, 7): 4.0}
    pairs, scorer = scored(odds, 9)
    got = assigned(9, ENTITIES, pairs, 0.0, scorer, 2, Constraints())
    assert got.entities.tolist() == [0, 1, 2, 2, 3]
    assert got.log_odds[:2].tolist() == [4.0, 4.0]
    assert np.isnan(got.log_odds[2:]).all()
    assert not len(got.others.unit)  # (3.5 - 4) / 2 is below the cut


def test_a_unit_that_fits_two_entities_joins_the_better_one_and_tells_of_the_other():
    pairs, scorer = scored({(0, 4): 5.0, (1, 4): 3.0, (2, 4): 4.0, (3, 4): 2.0}, 5)
    got = assigned(5, ENTITIES, pairs, 0.0, scorer, 2, Constraints())
    assert got.entities.tolist() == [0]
    assert (got.others.unit.tolist(), got.others.entity.tolist()) == ([4], [1])
    assert got.others.log_odds.tolist() == [3.0]


def test_new_numbers_begin_where_they_are_told_to():
    pairs, scorer = scored({}, 6)
    got = assigned(6, ENTITIES, pairs, 0.0, scorer, 7, Constraints())
    assert got.entities.tolist() == [7, 8]


def test_an_entity_takes_one_unit_of_a_source():
    odds = {(0, 4): 5.0, (1, 4): 5.0, (0, 5): 8.0, (1, 5): 8.0, (2, 6): 5.0, (3, 6): 5.0}
    pairs, scorer = scored(odds, 7)
    rules = Constraints(holders=np.array([2, 4, 5, 6]), sources=np.array([1, 0, 0, 1]))
    got = assigned(7, ENTITIES, pairs, 0.0, scorer, 2, rules)
    assert got.entities.tolist() == [2, 0, 3]


def test_new_units_of_one_source_are_not_put_together():
    pairs, scorer = scored({(4, 5): 9.0, (4, 6): 5.0, (5, 6): 5.0}, 7)
    rules = Constraints(holders=np.array([4, 5, 6]), sources=np.array([0, 0, 1]))
    got = assigned(7, ENTITIES, pairs, 0.0, scorer, 2, rules)
    assert got.entities[0] != got.entities[1]
    assert got.entities[2] in got.entities[:2]


def test_other_fits_are_of_entities_that_may_become_one():
    pairs, scorer = scored({(0, 4): 5.0, (1, 4): 3.0, (2, 4): 4.0, (3, 4): 2.0}, 5)
    apart = Constraints(cannot=(np.array([1]), np.array([2])))
    sources = Constraints(holders=np.array([0, 2]), sources=np.array([1, 1]))
    unlike = Constraints(known=np.array([1, 3]), entities=np.array([0, 5]))
    its_own = Constraints(holders=np.array([2, 4]), sources=np.array([1, 1]))
    for rules in (apart, sources, unlike, its_own):
        got = assigned(5, ENTITIES, pairs, 0.0, scorer, 2, rules)
        assert got.entities.tolist() == [0]
        assert not len(got.others.unit)


def test_a_source_that_a_known_unit_now_stands_in_is_taken():
    pairs, scorer = scored({(0, 4): 5.0, (1, 4): 5.0}, 5)
    rules = Constraints(holders=np.array([1, 4]), sources=np.array([0, 0]))
    assert assigned(5, ENTITIES, pairs, 0.0, scorer, 2, rules).entities.tolist() == [2]


def test_a_unit_that_no_entity_may_take_proposes_nothing():
    odds = {(0, 4): 5.0, (1, 4): 3.0, (2, 4): 4.0, (3, 4): 2.0}
    pairs, scorer = scored(odds, 5)
    rules = Constraints(holders=np.array([0, 2, 4]), sources=np.array([0, 0, 0]))
    got = assigned(5, ENTITIES, pairs, 0.0, scorer, 2, rules)
    assert got.entities.tolist() == [2]
    assert not len(got.others.unit)
