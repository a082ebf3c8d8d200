"""Constraints: what they touch, what they keep apart, and contradictions told by name."""

import numpy as np
import pytest

from crmkit.cleaning._matching._constraints import Constraints, check_constraints
from crmkit.exceptions import DataError


def both(*pairs):
    return tuple(np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))


def refused(rules, n, source=None):
    with pytest.raises(DataError) as caught:
        check_constraints(rules, n, lambda unit: f"'r{unit}'", "Deduplicator", source)
    return str(caught.value)


def test_nothing_is_known_at_first():
    rules = Constraints()
    assert not rules.any
    assert rules.groups(3).tolist() == [0, 1, 2]
    assert not rules.touched(np.array([0, 0, 1])).any()
    check_constraints(rules, 3, str, "Deduplicator", None)


def test_groups_that_a_constraint_touches():
    labels = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    rules = Constraints(
        must=both((0, 1)),
        cannot=both((1, 2)),
        holders=np.array([4, 5, 6, 7]),
        sources=np.array([0, 0, 0, 1]),
    )
    assert rules.touched(labels).tolist() == [True, False, True, False]
    rules = Constraints(known=np.array([2, 3, 4, 5]), entities=np.array([8, 9, 8, 8]))
    assert rules.touched(labels).tolist() == [False, True, False, False]


def test_pairs_within_some_units_by_their_places():
    rules = Constraints(
        must=both((2, 9), (1, 2)),
        cannot=both((9, 4)),
        holders=np.array([2, 4, 5]),
        sources=np.array([0, 0, 1]),
        known=np.array([2, 5]),
        entities=np.array([1, 0]),
    )
    must, apart = rules.within(np.array([2, 4, 5, 9]))
    assert must == [(0, 3)]
    assert np.argwhere(np.triu(apart)).tolist() == [[0, 1], [0, 2], [1, 3]]
    assert (apart == apart.T).all()


def test_apart_and_together_is_told_by_name():
    direct = refused(Constraints(must=both((0, 1)), cannot=both((1, 0))), 3)
    assert direct == (
        "Deduplicator: what is told contradicts itself: 'r1' and 'r0' are to be apart and "
        "together. Take one side of each out."
    )
    chain = refused(Constraints(must=both((0, 1), (1, 2)), cannot=both((2, 0))), 3)
    assert "'r2' and 'r0' are to be apart and together, by way of others" in chain


def test_equal_records_cannot_be_apart():
    assert "'r1' is to be apart from a record that equals it" in refused(
        Constraints(cannot=both((1, 1))), 2
    )


def test_one_source_cannot_be_together():
    rules = Constraints(
        must=both((0, 1), (1, 2)), holders=np.array([0, 1, 2]), sources=np.array([5, 6, 5])
    )
    text = refused(rules, 3, "shop")
    assert "'r0' and 'r2' are to be together and have one 'shop'" in text


def test_unlike_labels_cannot_be_together():
    rules = Constraints(must=both((0, 1)), known=np.array([0, 1]), entities=np.array([3, 4]))
    assert "'r0' and 'r1' are to be together and have unlike labels" in refused(rules, 2)


def test_many_contradictions_are_counted():
    rows = [(i, i + 1) for i in range(0, 10, 2)]
    assert "(and 2 more)" in refused(Constraints(must=both(*rows), cannot=both(*rows)), 10)


def test_groups_that_must_not_become_one():
    labels = np.array([0, 0, 1, 2, 3, 3])
    one, other = np.array([0, 0, 1, 2, 3]), np.array([1, 2, 2, 3, 0])
    rules = Constraints(cannot=both((2, 1)))
    assert rules.part(labels, one, other).tolist() == [True, False, False, False, False]
    rules = Constraints(holders=np.array([0, 1, 3, 4]), sources=np.array([0, 1, 1, 2]))
    assert rules.part(labels, one, other).tolist() == [False, True, False, False, False]
    rules = Constraints(known=np.array([2, 3, 5]), entities=np.array([8, 9, 8]))
    assert rules.part(labels, one, other).tolist() == [False, False, True, True, False]
    assert not Constraints().part(labels, one, other).any()
    nothing = np.empty(0, dtype=np.int64)
    assert Constraints().part(nothing, nothing, nothing).tolist() == []
