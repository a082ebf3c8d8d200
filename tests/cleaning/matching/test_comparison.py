"""Tables of levels: missing, equal and unequal values, swapped names, invariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.cleaning._matching import _comparison
from crmkit.cleaning._matching._comparators import levels
from crmkit.cleaning._matching._comparison import (
    compare,
    comparison_of,
    equal_chance,
    unequal_levels,
)
from crmkit.cleaning._matching._kind_rules import RULES
from tests.cleaning.build import coded, units

PEOPLE = {
    "first": ("first_name", ["ann", "lee", "bob", None, "annn"]),
    "last": ("last_name", ["lee", "ann", "ray", "ray", "leeh"]),
}


def everybody(made):
    left, right = np.triu_indices(made.n, k=1)
    return left, right, compare(made, left, right)


def test_levels_by_hand():
    made = units(**PEOPLE)
    order = dict(enumerate(made.unit_of_row.tolist()))

    def level(a, b):
        pair = np.array([order[a]]), np.array([order[b]])
        return compare(made, *pair)[0].tolist()

    assert level(2, 3) == [0, 4]
    assert level(0, 2) == [1, 1]
    assert level(0, 1) == [3, 3]  # swapped
    assert level(0, 4) == [3, 3]


def test_names_are_compared_crosswise_where_that_is_better():
    made = units(
        first=("first_name", ["violet", "clakr", "violet", None]),
        last=("last_name", ["clark", "voilet", "voilet", "clark"]),
    )
    rows = made.unit_of_row

    def level(a, b):
        return compare(made, rows[[a]], rows[[b]])[0].tolist()

    assert level(0, 1) == [3, 3]  # with a slip in each
    assert level(0, 2) == [4, 1]
    assert level(0, 3) == [0, 4]


def test_comparison_tells_kinds_and_levels():
    comparison = comparison_of([coded("c", "country", ["x"]), coded("n", "first_name", ["y"])])
    assert comparison.n_levels == (2, 4)


def test_chance_of_equal_values():
    assert equal_chance(coded("c", "city", ["a", "a", "b", None])) == pytest.approx(3 / 7)
    assert equal_chance(coded("c", "city", list("abcd"))) == pytest.approx(1 / 13)
    assert equal_chance(coded("c", "city", ["a", None])) == 1.0
    assert equal_chance(coded("c", "city", [None])) == 1.0


@given(st.lists(st.sampled_from(["anna", "ana", "bob", None]), min_size=2, max_size=8))
def test_each_pair_of_values_has_one_level(values):
    numbers = [str(i) for i in range(len(values))]
    made = units(first=("first_name", values), key=("id", numbers))
    left, right, table = everybody(made)
    seen = {}
    for a, b, level in zip(left, right, table[:, 0].tolist(), strict=True):
        column = made.column("first")
        pair = frozenset((int(column.codes[a]), int(column.codes[b])))
        assert seen.setdefault(pair, level) == level
        if -1 in pair:
            assert level == 0
        else:
            assert (level == 4) == (len(pair) == 1)


def test_very_long_values_are_compared_by_their_beginning():
    made = units(note=("text", ["x" * 1_000_000 + "1", "x" * 1_000_000 + "2"]))
    assert compare(made, np.array([0]), np.array([1])).tolist() == [[3]]


@pytest.mark.parametrize("n_pairs", [10, 3_000])
@pytest.mark.parametrize("small", [0, 2**26])
def test_all_ways_to_compare_values_once_agree(n_pairs, small, monkeypatch):
    monkeypatch.setattr(_comparison, "SMALL_SQUARE", small)
    monkeypatch.setattr(_comparison, "CHUNK", 700)
    words = sorted({f"{a}{b}{c}" for a in "abc" for b in "mnop" for c in ("", "x", "yz")})
    column = coded("city", "city", words)
    left, right = np.random.default_rng(0).integers(len(words), size=(2, n_pairs))
    left, right = left[left != right], right[left != right]
    found = unequal_levels(column, left, right)
    one_by_one = [
        unequal_levels(column, left[i : i + 1], right[i : i + 1])[0] for i in range(len(left))
    ]
    assert found.tolist() == one_by_one


@pytest.mark.parametrize("n_pairs", [5, 400])
def test_addresses_are_compared_alike_by_few_and_many(n_pairs):
    names = [f"{name}{i}" for name in ("ann", "info") for i in range(2)]
    values = [f"{name}@{firm}.example" for name in names for firm in "abcdefg"]
    column = coded("mail", "email", [*values, "info@a.example", "info@b.test", "ann@b.test"])
    left, right = np.random.default_rng(1).integers(len(column.values), size=(2, n_pairs))
    left, right = left[left != right], right[left != right]
    found = unequal_levels(column, left, right)
    words = np.array(column.values, dtype=object)
    rule = RULES["email"]
    assert found.tolist() == levels(words[left].tolist(), words[right].tolist(), rule).tolist()
