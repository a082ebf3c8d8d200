"""Kinds of columns: by names in several languages, by content where names say nothing."""

import pytest

from crmkit.cleaning._matching._column_kinds import kind_of

NAMES = [
    ("first_name", "first_name"),
    ("FirstName", "first_name"),
    ("given_name", "first_name"),
    ("Vorname", "first_name"),
    ("surname", "last_name"),
    ("姓", "last_name"),
    ("E-Mail", "email"),
    ("email_address", "email"),
    ("phone", "phone"),
    ("home_phone_number", "phone"),
    ("dob", "birth_date"),
    ("date_of_birth", "birth_date"),
    ("addr", "street"),
    ("address_1", "street"),
    ("address_2", "text"),
    ("PLZ", "postcode"),
    ("suburb", "city"),
    ("Bundesland", "state"),
    ("customer_id", "id"),
    ("soc_sec_id", "id"),
    ("full_name", "name"),
    ("company", "company"),
    ("lat", "latitude"),
]


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_by_name(name, kind):
    values = [f"value {number} of it" for number in range(200)]
    assert kind_of(name, values, 300) == kind


CONTENTS = [
    ([f"p{i}@example.com" for i in range(100)], 120, "email"),
    ([f"19{i:02d}-01-0{i % 9 + 1}" for i in range(100)], 120, "date"),
    ([f"555 123 4{i:03d}" for i in range(100)], 120, "phone"),
    ([f"K{i:05d}" for i in range(100)], 100, "id"),
    (["red", "green", "blue"], 100, "category"),
    ([float(i) for i in range(100)], 120, "number"),
    ([1, 2, 3], 120, "category"),
    ([f"a longer text number {i}" for i in range(100)], 120, "text"),
    ([], 0, "ignore"),
]


@pytest.mark.parametrize(("values", "n", "kind"), CONTENTS)
def test_by_content(values, n, kind):
    assert kind_of("x7", values, n) == kind


def test_a_title_of_many_words_is_no_category():
    assert kind_of("title", [f"a paper on topic {i}" for i in range(100)], 110) == "text"
    assert kind_of("title", ["Dr", "Mr", "Ms"], 110) == "category"
