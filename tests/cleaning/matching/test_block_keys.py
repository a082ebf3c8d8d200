"""Keys of blocking passes: parts of values, swapped names, what the kinds suggest."""

import pytest

from crmkit.cleaning._matching._block_keys import (
    NAMES,
    PARTS,
    Pass,
    candidate_passes,
    key_codes,
    second_keys,
)
from tests.cleaning.build import units

FORMS = [
    ("whole", "ab", "ab"),
    ("start", "martha", "mar"),
    ("letter", "martha", "m"),
    ("end", "5551234567", "234567"),
    ("local", "ann@b.example", "ann"),
    ("year", "1980-01-02", "1980"),
    ("words", "smith j john", "john smith"),
    ("first word", "john smith", "john"),
    ("last word", "john smith", "smith"),
    ("number", "12 oak st 3", "12 3"),
    ("cell", "-0.0039", "-2"),
    ("next cell", "-0.0039", "-2"),
    ("next cell", "52.5011", "26251"),
]


@pytest.mark.parametrize(("part", "value", "form"), FORMS)
def test_parts_by_hand(part, value, form):
    assert PARTS[part](value) == form


def test_every_part_is_tested_and_bears_the_empty_text():
    assert {part for part, _, _ in FORMS} == set(PARTS)
    for form in PARTS.values():
        assert form("") == ""


def people():
    return units(
        born=("birth_date", ["1980-01-02", "1980-01-02", "1980-05-05", None]),
        first=("first_name", ["ann", "lee", "bob", "ann"]),
        last=("last_name", ["lee", "ann", "ray", "lee"]),
    )


def by_row(made, rule):
    codes = key_codes(made, rule, {})
    return codes[made.unit_of_row].tolist()


def test_swapped_names_share_a_key_and_missing_parts_have_none():
    made = people()
    a, b, c, d = by_row(made, Pass((("first / last", NAMES),)))
    assert a == b == d != c
    a, b, c, d = by_row(made, Pass((("first / last", NAMES), ("born", "whole"))))
    assert a == b != c
    assert d == -1


def test_a_part_that_leaves_nothing_is_missing():
    made = units(street=("street", ["oak st", "12 oak st", "12 elm st"]))
    codes = by_row(made, Pass((("street", "number"),)))
    assert codes[0] == -1
    assert codes[1] == codes[2] >= 0


def test_labels_and_columns():
    rule = Pass((("born", "year"), ("first / last", NAMES)))
    assert rule.label == "year of born + first / last"
    assert rule.columns(people()) == {"born", "first", "last"}


def test_suggested_passes_are_distinct_and_telling_ones_come_first():
    passes = candidate_passes(people())
    labels = [rule.label for rule in passes]
    assert len(set(labels)) == len(labels)
    assert labels[:2] == ["born + last", "born + first"]
    telling = [rule.telling for rule in passes]
    assert telling == sorted(telling, reverse=True)
    assert "first / last" not in labels
    assert Pass((("first", "whole"),)) not in passes  # it is there, but not telling


def test_unknown_kinds_still_have_keys():
    made = units(colour=("category", ["red", "red"]), size=("number", ["1", "2"]))
    assert [rule.label for rule in candidate_passes(made)] == ["colour", "size", "colour + size"]


def test_second_keys_are_further_columns():
    rule = Pass((("born", "whole"), ("first", "start")))
    assert list(second_keys(people(), rule)) == [("last", "whole")]
    assert list(second_keys(people(), Pass((("first / last", NAMES),)))) == [("born", "whole")]


@pytest.mark.parametrize(
    "rule",
    [
        Pass((("first / last", NAMES),)),
        Pass((("born", "year"), ("last", "letter"))),
        Pass((("born", "whole"),)),
    ],
)
@pytest.mark.parametrize("n_known", [0, 2, 3])
def test_keys_of_new_units_alone(rule, n_known):
    made = people()
    whole, some = key_codes(made, rule, {}), key_codes(made, rule, {}, n_known)
    new = set(whole[n_known:].tolist()) - {-1}
    for i in range(made.n):
        if whole[i] in new:
            assert (some == some[i]).tolist() == (whole == whole[i]).tolist()
    assert (some[n_known:] >= 0).tolist() == (whole[n_known:] >= 0).tolist()
