"""Normal forms by hand, kind by kind; what is missing; which rule changed what."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.cleaning._normal._forms import STEPS, normalised, traced
from crmkit.cleaning._normal._kinds import IGNORE, KINDS
from crmkit.cleaning._normal._placeholders import TECHNICAL
from crmkit.cleaning._normal._settings import NormalSettings

CASES = [
    ("first_name", "  ANNA ", "anna"),
    ("first_name", "José", "jose"),
    ("first_name", "Dr. Anna", "anna"),
    ("first_name", "Dr", "dr"),
    ("first_name", "test", None),
    ("first_name", "xxx", None),
    ("first_name", ":X", "x"),
    ("first_name", "(XX)", None),
    ("first_name", "Mr. Test", None),
    ("text", "(unknown)", None),
    ("id", "N.A", None),
    ("first_name", "Nan", "nan"),
    ("first_name", "NaN", None),
    ("first_name", "Bob", "bob"),
    ("last_name", "O’Brien", "obrien"),
    ("last_name", "Müller-Lüdenscheidt", "muller ludenscheidt"),
    ("last_name", "Großmann", "grossmann"),
    ("last_name", "Łukasz", "lukasz"),
    ("last_name", "Null", "null"),
    ("last_name", "NULL", None),
    ("last_name", "N/A", None),
    ("last_name", "王先生", "王"),
    ("last_name", "Smith Junior", "smith jr"),
    ("last_name", "Ma", "ma"),
    ("name", "Prof. Dr. Anna Schmidt, PhD", "anna schmidt"),
    ("name", "Smith, John", "john smith"),
    ("name", "Smith, Jr.", "smith jr"),
    ("name", "Jack Ma", "jack ma"),
    ("name", "王　小明", "王小明"),
    ("name", "ＪＯＨＮ　ＳＭＩＴＨ", "john smith"),
    ("name", "Иван Йорданов", "иван йорданов"),
    ("name", "がく", "がく"),
    ("name", "हिन्दी", "हिन्दी"),
    ("name", "محمد علي", "محمد علي"),
    ("name", "🙂", None),
    ("company", "The Acme & Sons, Inc.", "acme and sons"),
    ("company", "Müller GmbH & Co. KG", "muller"),
    ("company", "Inc", "inc"),
    ("company", "北京大象科技有限公司", "北京大象科技"),
    ("company", "㈱大象", "大象"),
    ("email", " Ann@Example.COM ", "ann@example.com"),
    ("email", "Ann <ann+shop@example.com>", "ann@example.com"),
    ("email", "mailto:ann@example.com;", "ann@example.com"),
    ("email", "a.n.n@googlemail.com", "ann@gmail.com"),
    ("email", "a.nn@example.com", "a.nn@example.com"),
    ("email", "ann＠example．com", "ann@example.com"),
    ("email", "test@company.com", None),
    ("email", "nobody", None),
    ("phone", "+1 (555) 123-4567", "+15551234567"),
    ("phone", "0015551234567", "+15551234567"),
    ("phone", "(555) 123-4567 ext. 12", "5551234567"),
    ("phone", "１３８ ２０１５ １９３０", "13820151930"),
    ("phone", "+44 (0)20 7946 0018", "+442079460018"),
    ("phone", "310/246-1501", "3102461501"),
    ("phone", "555-123-4567 / 555-123-4568", "5551234567"),
    ("phone", "999-999-9999", None),
    ("phone", "0123456789", None),
    ("phone", "12", None),
    ("street", "12 High Street", "12 high st"),
    ("street", "Hauptstraße 5", "hauptstr 5"),
    ("street", "Hauptstr. 5", "hauptstr 5"),
    ("street", "12 Oak Ave., Apt. #4", "12 oak ave apt 4"),
    ("street", "No. 12 Saint John's Road", "12 st johns rd"),
    ("street", "中山路 12#", "中山路12号"),
    ("street", "中山路１２号", "中山路12号"),
    ("city", "Saint-Étienne", "st etienne"),
    ("city", "北京市", "北京"),
    ("state", "广东省", "广东"),
    ("country", "U.S.A.", "us"),
    ("country", "Deutschland", "de"),
    ("country", "中国", "cn"),
    ("country", "Atlantis", "atlantis"),
    ("postcode", "SW1A 1AA", "sw1a1aa"),
    ("postcode", "60302-1234", "60302"),
    ("postcode", "D-10115", "10115"),
    ("postcode", 60302.0, "60302"),
    ("postcode", "60302.0", "60302"),
    ("postcode", "00000", None),
    ("birth_date", "1980-2-3", "1980-02-03"),
    ("birth_date", "1980-02-03 00:00:00", "1980-02-03"),
    ("birth_date", "19800203", "1980-02-03"),
    ("birth_date", "1980年2月3日", "1980-02-03"),
    ("birth_date", "3. März 1980", "1980-03-03"),
    ("birth_date", "Feb 3rd, 1980", "1980-02-03"),
    ("birth_date", "3 de febrero de 1980", "1980-02-03"),
    ("birth_date", datetime.date(1980, 2, 3), "1980-02-03"),
    ("birth_date", datetime.datetime(1980, 2, 3, 4), "1980-02-03"),
    ("birth_date", "31/12/1980", "1980-12-31"),
    ("birth_date", "5.5.1980", "1980-05-05"),
    ("birth_date", "01/02/1980", "01/02/1980"),
    ("birth_date", "31.12.80", "31.12.80"),
    ("birth_date", "19801399", "1980-13-99"),
    ("birth_date", "1900-01-01", None),
    ("birth_date", "1970-01-01", "1970-01-01"),
    ("number", "$1,234.50", "1234.5"),
    ("number", "EUR 12", "12"),
    ("number", "1,5", None),
    ("number", "many", None),
    ("latitude", "91", None),
    ("longitude", "-179.5", "-179.5"),
    ("set", "tea; Coffee, tea", "coffee, tea"),
    ("set", ("b", "a"), "a, b"),
    ("text", "a\x00b\u200bc\u202e", "a bc"),
    ("text", "-", None),
    ("category", "  VIP ", "vip"),
    ("id", "123-45-6789", "123456789"),
    ("id", 17, "17"),
]


@pytest.mark.parametrize(("kind", "value", "form"), CASES)
def test_forms_by_hand(kind, value, form):
    assert normalised([value], kind) == [form]


def test_every_kind_but_ignore_has_steps():
    assert set(STEPS) == set(KINDS) - {IGNORE}


def test_missing_stays_missing_and_rules_are_counted():
    found = traced([None, "Ann", "ann", "N/A"], "first_name")
    assert found.forms == [None, "ann", "ann", None]
    assert {rule: places.tolist() for rule, places in found.changed.items()} == {
        "case": [1],
        "placeholder": [3],
    }


def test_own_placeholders_and_nicknames():
    settings = NormalSettings(nicknames={"bob": "robert"}, placeholders=frozenset({"walk-in"}))
    assert normalised(["Walk-In", "Bob"], "first_name", settings) == [None, "robert"]
    assert normalised(["Bob Smith"], "name", settings) == ["robert smith"]


def test_the_decimal_comma_is_stated():
    settings = NormalSettings(decimal=",")
    assert normalised(["1.234,50", "1,5", "12"], "number", settings) == ["1234.5", "1.5", "12"]


@given(st.sampled_from(sorted(STEPS)), st.text(max_size=20))
def test_a_form_is_its_own_form(kind, value):
    (form,) = normalised([value], kind)
    if form is not None and form not in TECHNICAL:  # small, Null is a name no more
        assert normalised([form], kind) == [form]


@given(st.sampled_from(sorted(STEPS)), st.lists(st.text(max_size=8), max_size=5))
def test_each_form_is_clean_text_or_missing(kind, values):
    for form in normalised(values, kind):
        assert form is None or (form and form == form.strip() and form.isprintable())
