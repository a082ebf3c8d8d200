"""Levels of agreement: pairs by hand for every kind of comparison."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.cleaning._matching._comparators import (
    COMPARATORS,
    _are_exchanged,
    before_at,
    levels,
)
from crmkit.cleaning._matching._kind_rules import RULES

TEXT = st.text(alphabet="abz019 .@-,", min_size=1, max_size=12)

PAIRS = [
    ("first_name", "martha", "marhta", 3),  # Jaro-Winkler .961
    ("first_name", "dwayne", "duane", 2),  # .84
    ("first_name", "anna", "bob", 1),
    ("first_name", "a", "anna", 2),
    ("first_name", "a", "bert", 1),
    ("name", "smith john", "john smith", 3),
    ("name", "john smith", "john smith jr", 3),
    ("name", "john smith", "mary jones", 1),
    ("company", "acme", "acme ltd", 3),
    ("email", "ann.lee@a.example", "ann.lee@b.example", 3),
    ("email", "ann.lee@a.example", "bob@c.example", 1),
    ("email", "info@firma.example", "info@another.test", 1),  # of two firms
    ("first_name", "anna maria", "a", 2),
    ("first_name", "a000", "a", 2),
    ("postcode", "3004", "3005", 2),
    ("postcode", "12345", "12354", 2),
    ("postcode", "12345", "12399", 1),
    ("phone", "5551234567", "5551234568", 3),
    ("phone", "5551234567", "5551234598", 2),
    ("phone", "5551234567", "4449876543", 1),
    ("street", "12 oak st", "14 oak st", 2),
    ("street", "12 oak st", "12 oakk st", 3),
    ("birth_date", "1980-02-03", "1980-03-02", 3),
    ("birth_date", "1980-02-03", "1980-02-04", 3),
    ("birth_date", "1980-02-03", "1981-02-04", 2),
    ("birth_date", "1980-02-03", "1955-11-27", 1),
    ("number", "100", "100.5", 3),
    ("number", "100", "95", 2),
    ("number", "100", "-100", 1),
    ("number", "100", "what", 1),
    ("latitude", "50.0001", "50.0002", 3),
    ("latitude", "50.0", "51.0", 1),
    ("set", "a b c", "a b", 3),
    ("set", "a,b,c", "c d e", 2),
    ("set", "a b", "c", 1),
    ("category", "blue", "bluee", 2),
]


@pytest.mark.parametrize(("kind", "left", "right", "level"), PAIRS)
def test_pairs_by_hand(kind, left, right, level):
    rule = RULES[kind]
    assert levels([left], [right], rule).tolist() == [level]
    assert levels([right], [left], rule).tolist() == [level]


@given(st.sampled_from(sorted(RULES)), st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_levels_are_between_different_and_equal_and_symmetric(kind, pairs):
    rule = RULES[kind]
    left, right = zip(*pairs, strict=True)
    if not rule.limits:
        return
    got = levels(left, right, rule)
    assert got.min() >= 1
    assert got.max() < rule.n_levels
    assert got.tolist() == levels(right, left, rule).tolist()


def test_every_rule_has_a_comparator():
    assert {rule.comparator for rule in RULES.values()} == set(COMPARATORS)


@pytest.mark.parametrize("values", [["ann@b", "c", "d@e@f", ""], ["a\n@b", "c@d"]])
def test_the_part_before_the_at(values):
    assert before_at(values) == [value.partition("@")[0] for value in values]


def test_day_and_month_exchanged():
    left = ["1980-02-03", "1980-02-03", "1980-02-0", "1980-02-033", "today is it", "1980-11-12"]
    right = ["1980-03-02", "1981-03-02", "1980-0-02", "1980-033-02", "today is ti", "1980-12-11"]
    places = np.arange(6)
    assert _are_exchanged(left, right, places).tolist() == [True, False, False, False, False, True]
    assert _are_exchanged(left, right, places[5:]).tolist() == [True]
    assert _are_exchanged(left, right, places[:0]).tolist() == []


def test_degrees_are_counted_around_the_globe():
    assert levels(["179.9999", "10"], ["-179.9999", "-10"], RULES["longitude"]).tolist() == [3, 1]
