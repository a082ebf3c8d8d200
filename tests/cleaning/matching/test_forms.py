"""Forms of values by kind: what counts as the same, and what as missing."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.cleaning._matching._forms import forms
from crmkit.cleaning._matching._kind_rules import RULES

CASES = [
    ("last_name", "  O'Brien ", "o brien"),
    ("last_name", "Müller", "muller"),
    ("last_name", "ＳＭＩＴＨ", "smith"),
    ("last_name", "N/A", None),
    ("last_name", "王", "王"),
    ("city", "Saint-Étienne", "saint etienne"),
    ("email", " Ann@Example.COM ", "ann@example.com"),
    ("email", "nobody", None),
    ("phone", "+1 (555) 123-4567", "5551234567"),
    ("phone", "00 1 555 123 4567", "5551234567"),
    ("phone", "１３８ ２０１５ １９３０", "3820151930"),
    ("phone", "0000000000", None),
    ("phone", "12", None),
    ("street", "12 High Street", "12 high st"),
    ("postcode", "SW1A 1AA", "sw1a1aa"),
    ("postcode", 60302.0, "60302"),
    ("birth_date", "1980-2-3", "1980-02-03"),
    ("birth_date", "19800203", "1980-02-03"),
    ("birth_date", "1980年2月3日", "1980-02-03"),
    ("birth_date", datetime.date(1980, 2, 3), "1980-02-03"),
    ("birth_date", "31/12/1980", "1980-12-31"),
    ("birth_date", "some day", "some day"),
    ("number", "1,234.50", "1234.5"),
    ("number", "many", None),
    ("set", ("a", "b"), "a b"),
    ("text", "", None),
]


@pytest.mark.parametrize(("kind", "value", "form"), CASES)
def test_forms_by_hand(kind, value, form):
    assert forms([value], kind) == [form]


def test_clear_dates_tell_the_order_of_the_others():
    assert forms(["01/02/1980", "31/12/1980"], "date") == ["1980-02-01", "1980-12-31"]
    assert forms(["01/02/1980", "12/31/1980"], "date") == ["1980-01-02", "1980-12-31"]


@settings(deadline=None)
@given(st.sampled_from(sorted(RULES)), st.text(max_size=20))
def test_a_form_is_its_own_form(kind, value):
    (form,) = forms([value], kind)
    if form is not None and kind not in ("number", "latitude", "longitude"):
        assert forms([form], kind) == [form]
