"""Slips of the pen: each by hand, and what always holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.datasets._mistakes import (
    date_form,
    name_form,
    nickname,
    phone_form,
    street_form,
    typo,
)
from crmkit.datasets._names import CHINESE, ENGLISH


@pytest.mark.parametrize(
    ("kind", "place", "expected"),
    [
        (0.1, 0.0, "mith"),
        (0.1, 0.99, "Smit"),
        (0.3, 0.4, "Smiith"),
        (0.5, 0.0, "mSith"),
        (0.5, 0.99, "Smiht"),
        (0.9, 0.0, "Amith"),
        (0.9, 0.21, "Snith"),
    ],
)
def test_typos_by_hand(kind, place, expected):
    assert typo("Smith", kind, place, 0.0, ENGLISH) == expected


def test_typos_in_digits_and_chinese():
    assert typo("138", 0.9, 0.0, 0.99, CHINESE) == "938"
    assert typo("张", 0.5, 0.5, 0.0, CHINESE) == "章"
    assert typo("a@b", 0.9, 0.0, 0.0, CHINESE) == "b@b"
    assert typo("欧阳", 0.5, 0.0, 0.0, CHINESE) == "阳欧"


unit = st.floats(0, 1, exclude_max=True)


@given(
    st.text("SmithO'Brien 0123.@é张路", min_size=1), unit, unit, unit,
    st.sampled_from([ENGLISH, CHINESE]),
)  # fmt: skip
def test_a_typo_is_one_small_difference(text, kind, place, choice, names):
    wrong = typo(text, kind, place, choice, names)
    assert abs(len(wrong) - len(text)) <= 1
    assert wrong != text
    assert wrong


def test_nicknames():
    assert nickname("Robert", 0.0, ENGLISH) == "Bob"
    assert nickname("Robert", 0.99, ENGLISH) == "Bobby"
    assert nickname("Priya", 0.5, ENGLISH) == "Priya"
    assert nickname("建国", 0.5, CHINESE) == "小国"


def test_other_forms():
    assert phone_form("5551234567", 0.0, ENGLISH) == "(555) 123-4567"
    assert phone_form("13812345678", 0.0, CHINESE) == "138-1234-5678"
    assert date_form("1984-03-07", 0.0, ENGLISH) == "07/03/1984"
    assert date_form("1984-03-07", 0.0, CHINESE) == "1984年3月7日"
    assert street_form("12 Mill Road", ENGLISH) == "12 Mill Rd"
    assert street_form("中山路12号", CHINESE) == "中山路 12#"
    assert [name_form("Ann", c) for c in (0.0, 0.3, 0.6, 0.9)] == ["ANN", "ann", "Ann ", " Ann"]


@pytest.mark.parametrize("names", [ENGLISH, CHINESE])
def test_every_phone_and_date_form_differs_from_the_plain_one(names):
    for i in range(10):
        assert phone_form("5551234567", i / 10, names) != "5551234567"
        assert date_form("1984-11-27", i / 10, names) != "1984-11-27"
