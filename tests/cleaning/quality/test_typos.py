"""Typing errors: rare near frequent, never digits, silent where words are near anyway."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.cleaning._quality._typos import learn_words, typo_signs
from tests.cleaning.quality.columns import column, hint_for, level_of

CITIES = ["Birmingham"] * 60 + ["Sheffield"] * 50 + ["Florence"] * 40


def signs_on(made):
    return typo_signs(made, learn_words(made))


@pytest.mark.parametrize("wrong", ["Birminghxm", "Birmnigham", "Birminham", "Birmingghamm"])
def test_one_or_two_edits_from_a_frequent_word(wrong):
    made = column("city", "city", [*CITIES, wrong])
    signs = signs_on(made)
    assert hint_for(signs, made, wrong) == "Birmingham"
    assert level_of(signs, made, wrong) > 0
    assert "near the frequent 'Birmingham'" in signs.reasons[made.texts.index(wrong)]


def test_frequent_and_far_words_are_right():
    made = column("city", "city", [*CITIES, "Boaz", *["Birminghxm"] * 30])
    assert not signs_on(made).levels.any()


def test_digits_are_never_typing_errors():
    made = column("code", "category", ["scip-inf-1"] * 50 + ["scip-inf-2", "scip-inx-1"])
    signs = signs_on(made)
    assert level_of(signs, made, "scip-inf-2") == 0
    assert hint_for(signs, made, "scip-inx-1") == "scip-inf-1"


def test_a_value_of_usual_words_is_right():
    styles = ["Pale Ale"] * 60 + ["Dark Ale"] * 50 + ["Pale Porter"] * 40
    made = column("style", "category", [*styles, "Dark Porter"])
    assert not signs_on(made).levels.any()


def test_a_mistyped_word_within_a_text():
    streets = [f"{n} Willow Street" for n in range(80)]
    made = column("street", "street", [*streets, "99 Wilow Street"])
    assert hint_for(signs_on(made), made, "99 Wilow Street") == "99 Willow Street"


def test_domains_of_mail():
    mails = [f"{n}@gmail.com" for n in range(40)] + [f"{n}@web.de" for n in range(40)]
    made = column("email", "email", [*mails, "anna@gmial.com"])
    signs = signs_on(made)
    assert hint_for(signs, made, "anna@gmial.com") == "anna@gmail.com"
    assert signs.levels.astype(bool).sum() == 1


def test_words_that_are_near_one_another_anyway_say_nothing():
    states = [
        state for state in ("al", "ak", "az", "ar", "ca", "ga", "va", "pa") for _ in range(30)
    ]
    made = column("state", "state", [*states, "ax"])
    assert not signs_on(made).levels.any()


def test_an_error_that_is_repeated():
    made = column(
        "type", "category", ["acute care"] * 400 + ["long stay"] * 300 + ["acuxe care"] * 6
    )
    assert hint_for(signs_on(made), made, "acuxe care") == "acute care"


def test_names_of_people_are_alike_and_are_not_judged():
    made = column("last_name", "last_name", ["Smith"] * 200 + ["Smyth"])
    assert learn_words(made) == {}


def test_a_new_row_is_judged_alone():
    model = learn_words(column("city", "city", CITIES))
    one = column("city", "city", ["Sheffeld"])
    many = column("city", "city", ["Sheffeld"] * 500)
    assert hint_for(typo_signs(one, model), one, "Sheffeld") == "Sheffield"
    assert hint_for(typo_signs(many, model), many, "Sheffeld") == "Sheffield"


@settings(max_examples=30)
@given(st.lists(st.text(max_size=12), max_size=40))
def test_any_text_is_read(texts):
    made = column("word", "category", [*texts, *["frequent"] * 20])
    signs = signs_on(made)
    assert len(signs.levels) == len(made.texts)
    assert set(signs.hints) == set(signs.reasons)


@pytest.mark.parametrize(
    ("wrong", "level"), [("wbe", 3), ("stroe", 3), ("stor", 3), ("wep", 1), ("US", 0)]
)
def test_a_single_slip_beside_a_very_frequent_word(wrong, level):
    made = column("channel", "category", ["web"] * 3000 + ["store"] * 1000 + [wrong])
    assert level_of(signs_on(made), made, wrong) == level
