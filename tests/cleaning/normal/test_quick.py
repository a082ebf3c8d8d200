"""The short way for plain values: it gives what all steps give, and is taken where it counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.cleaning._normal._forms import STEPS, normalised, traced
from crmkit.cleaning._normal._quick import QUICK, is_usual
from crmkit.cleaning._normal._settings import NormalSettings

TAKEN = [
    ("first_name", " Ann", "ann"),
    ("last_name", "SMITH ", "smith"),
    ("email", " Ann.Lee@Example.com", "ann.lee@example.com"),
    ("email", "a.b@googlemail.com", "ab@gmail.com"),
    ("phone", "(555) 123-4567", "5551234567"),
    ("phone", "+1 555.123.4567", "+15551234567"),
    ("birth_date", "1980-02-03", "1980-02-03"),
    ("date", "1980-02-03", "1980-02-03"),
    ("postcode", "60302", "60302"),
    ("id", " K00123", "k00123"),
    ("street", "12 High Street, O'Neill", "12 high st oneill"),
    ("category", "Dark-Blue", "dark blue"),
    ("text", "Once, upon", "once upon"),
]
LEFT = [
    ("first_name", "Müller"),
    ("first_name", "Ann Lee"),
    ("first_name", "xx"),
    ("last_name", "null"),
    ("last_name", "Test"),
    ("email", "test@a.com"),
    ("email", "a+b@c.com"),
    ("email", ".a@c.com."),
    ("phone", "0044 20 7946 0018"),
    ("phone", "+44 (0)20 7946 0018"),
    ("phone", "999-999-9999"),
    ("phone", "1234567"),
    ("phone", "12"),
    ("phone", "5551234 x12"),
    ("birth_date", "1900-01-01"),
    ("birth_date", "1/2/1980"),
    ("postcode", "00000"),
    ("id", "49E11"),
    ("id", "000000000"),
    ("id", "123-45"),
    ("id", "test"),
    ("postcode", "99999"),
    ("street", "No. 12 High Street"),
    ("street", "Hauptstrasse 3"),
    ("street", "Unit Flat 3"),
    ("street", "n.a."),
    ("street", "- . -"),
    ("category", "unknown"),
    ("text", "k. a."),
    ("text", "naïve"),
]


@pytest.mark.parametrize(("kind", "text", "form"), TAKEN)
def test_plain_values_take_it(kind, text, form):
    assert QUICK[kind](text) == form
    assert traced([text], kind).forms == [form]


@pytest.mark.parametrize(("kind", "text"), LEFT)
def test_others_are_left_to_the_steps(kind, text):
    assert QUICK[kind](text) is None
    assert normalised([text], kind) == traced([text], kind).forms


WORDS = st.sampled_from(
    ["ann", "O'Neill", "test", "null", "NaN", "x", "n", "a", "No", "12", "Street", "strasse",
     "Flat", "unit", "#4", "jr", "Dr", "@", "gmail.com", ".", "..", "-", "+", "+44", "(0)", "0",
     "00", "5551234567", "1980-02-03", "99999", "\t", " ", "\xa0", "\u3000", "ü", "ß", "王", "１",
     "\u212a", "\u0130", "\x1c", "\x85", "\u200b", ",", "/", "mailto:", "none", "k."]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=12), st.lists(WORDS, max_size=5).flatmap(
        lambda words: st.sampled_from(["", " "]).map(lambda blank: blank.join(words))
    )
)  # fmt: skip


@settings(max_examples=50)
@given(st.sampled_from(sorted(STEPS)), st.lists(TEXTS, max_size=8))
def test_both_ways_give_the_same(kind, texts):
    assert normalised(texts, kind) == traced(texts, kind).forms


def test_what_is_stated_is_heeded():
    assert is_usual(NormalSettings(date_order="DMY"))
    assert not is_usual(NormalSettings(placeholders=frozenset(["ann"])))
    assert normalised(["ann"], "first_name", NormalSettings(placeholders=frozenset(["ann"]))) == [
        None
    ]
    given_names = NormalSettings(nicknames={"ann": "anna"})
    assert normalised(["ann"], "first_name", given_names) == ["anna"]
