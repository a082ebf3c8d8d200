"""Shapes of texts, and patterns that find one within another."""

import pytest

from crmkit.cleaning._quality._shapes import pattern_of, shape_of


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("90062", "9"),
        ("9xx62", "9a9"),
        ("7:10 a.m.", "9:9 a.a."),
        ("San Francisco CA", "Aa A"),
        ("HF-12", "A-9"),
        ("王 小明", "a"),
        ("", ""),
    ],
)
def test_shape(text, shape):
    assert shape_of(text) == shape


@pytest.mark.parametrize("name", ["O'Connor", "Anna-Maria Holm", "John F. Reed", "St. Ives"])
def test_names_share_a_shape_whatever_their_marks(name):
    assert shape_of(name, words=True) == "Aa"


def test_a_very_long_text_is_cut():
    assert len(shape_of("a1" * 1_000_000)) < 1_000


@pytest.mark.parametrize(
    ("shape", "text", "parts"),
    [
        ("9:9 a.a.", "12/02/2011 6:55 a.m.", ["6:55 a.m."]),
        ("9.9", "0.08%", ["0.08"]),
        ("Aa", "San Francisco CA", ["San Francisco"]),
        ("9", "555.449.3197", []),
        ("9", "x12", []),
    ],
)
def test_parts_of_a_shape(shape, text, parts):
    assert pattern_of(shape).findall(text) == parts
