"""The word lists: no word twice, all of them usable."""

import re

import pytest

from crmkit.datasets._names import NAMES


@pytest.mark.parametrize("language", sorted(NAMES))
def test_lists_hold_no_word_twice(language):
    names = NAMES[language]
    given = [written for written, _ in names.female + names.male]
    family = [written for written, _ in names.family]
    cities = [city for city, _ in names.cities]
    for words in (given, family, cities, list(names.streets)):
        assert len(words) == len(set(words)) >= 15


@pytest.mark.parametrize("language", sorted(NAMES))
def test_latin_forms_fit_into_an_email_address(language):
    names = NAMES[language]
    for _, plain in names.female + names.male + names.family:
        assert re.fullmatch("[a-z]+", plain)


@pytest.mark.parametrize("language", sorted(NAMES))
def test_numbers_have_their_length(language):
    names = NAMES[language]
    assert all(re.fullmatch(r"\d{3}", start) for _, start in names.cities)
    assert len(names.phone_start) < names.phone_digits


@pytest.mark.parametrize("language", sorted(NAMES))
def test_nobody_is_mistaken_for_themselves(language):
    names = NAMES[language]
    for letter, others in names.confused.items():
        assert others
        assert letter not in others
    given = {written for written, _ in names.female + names.male}
    for first, others in names.nicknames.items():
        assert first in given
        assert first not in others
