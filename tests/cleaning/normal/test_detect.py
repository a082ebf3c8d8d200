"""Kinds of columns: by names in five languages, by content, and by content against the name."""

import random

import numpy as np
import pytest

from crmkit.cleaning._normal._detect import Values, detect_kinds, kind_by_name, kind_of

NAMES = [
    ("first_name", "first_name"),
    ("FirstName", "first_name"),
    ("Prénom", "first_name"),
    ("Vorname", "first_name"),
    ("姓", "last_name"),
    ("姓名", "name"),
    ("customer_name", "name"),
    ("E-Mail", "email"),
    ("correo electrónico", "email"),
    ("home_phone_number", "phone"),
    ("手机号", "phone"),
    ("dob", "birth_date"),
    ("Fecha de nacimiento", "birth_date"),
    ("address_1", "street"),
    ("Straße", "street"),
    ("billing_address", "street"),
    ("address_2", "text"),
    ("PLZ", "postcode"),
    ("postcode_fake", "postcode"),
    ("shipping city", "city"),
    ("省份", "state"),
    ("Pays", "country"),
    ("company", "company"),
    ("soc_sec_id", "id"),
    ("customer_id", "id"),
    ("lat", "latitude"),
    ("x7", None),
    ("Default Address Province Code", "state"),
    ("MailingPostalCode", "postcode"),
    ("Card Address City", "city"),
    ("address1_city", "city"),
    ("fname", "first_name"),
    ("given_names", "first_name"),
    ("Apellido paterno", "last_name"),
    ("Nombre y apellidos", "name"),
    ("account name", "name"),
    ("客户名称", "name"),
    ("所在城市", "city"),
    ("Raison sociale", "company"),
    ("Población", "city"),
    ("State/Region", "state"),
    ("Geb.-Datum", "birth_date"),
    ("KdNr", "id"),
    ("Numéro client", "id"),
    ("username", "id"),
    ("ip_address", None),
    ("home", None),
]


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_by_name(name, kind):
    assert kind_by_name(name) == kind


def of(values, times=2):
    return Values(values, np.full(len(values), times, dtype=np.int64))


CONTENTS = [
    ([f"p{i}@example.com" for i in range(100)], 2, "email"),
    ([f"19{i:02d}-01-0{i % 9 + 1}" for i in range(100)], 2, "date"),
    ([19800101 + i for i in range(28)], 2, "date"),
    ([f"555 123 4{i:03d}" for i in range(100)], 2, "phone"),
    ([f"SW1A {i % 10}A{chr(65 + i // 10)}" for i in range(100)], 2, "postcode"),
    (["Germany", "France", "United States"], 9, "country"),
    ([f"Firm {i} Ltd." for i in range(100)], 1, "company"),
    ([f"{i} Oak Street" for i in range(100)], 2, "street"),
    ([f"中山路{i}号" for i in range(100)], 2, "street"),
    ([f"K{i:05d}" for i in range(100)], 1, "id"),
    (["red", "green", "blue"], 9, "category"),
    ([float(i) for i in range(100)], 2, "number"),
    ([1, 2, 3], 9, "category"),
    (list(range(7, 107)), 1, "id"),
    ([1_234_567_890 + i * i for i in range(100)], 1, "id"),
    ([100 * i * i for i in range(100)], 1, "number"),
    ([("a", "b"), ("b", "a")], 2, "set"),
    ([f"10.0.{i}.{i}" for i in range(100, 200)], 2, "category"),
    ([f"a longer text number {i}" for i in range(100)], 2, "text"),
    ([], 0, "ignore"),
]


@pytest.mark.parametrize(("values", "times", "kind"), CONTENTS)
def test_by_content(values, times, kind):
    assert kind_of("x7", of(values, times)) == kind


def test_values_that_cannot_be_what_the_name_says():
    assert kind_of("email", of(["yes", "no"], 50)) == "category"
    assert kind_of("phone", of(["iPhone", "Android"], 50)) == "category"
    assert kind_of("name", of([f"SKU-{i:04d}" for i in range(100)], 1)) == "id"
    assert kind_of("cell", of([f"SKU-{i:04d}" for i in range(100)], 1)) == "id"
    assert kind_of("cp", of([i / 4 + 0.1 for i in range(100)])) == "number"
    assert kind_of("land", of([i * i for i in range(100)])) == "number"
    assert kind_of("customer", of(list(range(1000, 1100)), 1)) == "id"
    assert kind_of("ip_address", of([f"10.0.{i}.{i}" for i in range(100, 200)])) == "category"
    assert kind_of("title", of([f"a paper on topic {i}" for i in range(100)], 1)) == "text"


def test_the_order_of_values_does_not_matter():
    values = [f"p{i}@example.com" for i in range(700)] + [f"word {i}" for i in range(300)]
    shuffled = random.Random(0).sample(values, len(values))
    found = detect_kinds({"x7": of(values), "x8": of(shuffled)})
    assert found["x7"] == found["x8"]
