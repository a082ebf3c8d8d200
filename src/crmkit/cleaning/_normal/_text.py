"""Text in normal form: one width, no control characters, small letters, no accents or marks.

The forms are those of Unicode Standard Annex 15. Nothing is transliterated: a name keeps its
script, and vowel signs of scripts that need them stay. Accents go from Latin and Greek letters.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from crmkit.cleaning._normal._placeholders import is_no_code, is_nothing, is_nothing_left
from crmkit.cleaning._normal._settings import NormalSettings, Step

APOSTROPHES = dict.fromkeys(map(ord, "'’‘`"))
# what NFKC would make a blank and a loose accent of
SPACING = str.maketrans(dict.fromkeys("´ʼʹ′‛", "'") | dict.fromkeys("¨¯¸˘˙˚˛˜˝", " "))
LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d", "ħ": "h"}
)
VULGAR_FRACTION = re.compile("(?=[\u00bc-\u00be\u2150-\u215e])")
FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
LONGEST_NAME = 200
DOTTED_I = "i\u0307"  # what case folding makes of the Turkish capital i
WHOLE_FLOAT = re.compile(r"([0-9]+)\.0")
SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}")
ASCII_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
ASCII_MARKS = re.compile(r"[^a-z0-9 ]")
CJK = (
    "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
SIGN = re.compile(f"[{CJK}]")
BETWEEN_CJK = re.compile(rf"(?<=[{CJK}]) +(?=[{CJK}])")
AROUND_CJK = re.compile(rf"(?<=[{CJK}]) +(?=[{CJK}0-9])|(?<=[0-9]) +(?=[{CJK}])")


def as_text(value: Any) -> str:
    """Write a value as text: 3.0 is 3, a date is YYYY-MM-DD, members of a tuple are parted by ;."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "; ".join(as_text(part) for part in value)
    return str(value)


def one_width(text: str, _: NormalSettings) -> str:
    """Full-width letters and ligatures in their usual form (NFKC), digits of any script as 0-9."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", VULGAR_FRACTION.sub(" ", text.translate(SPACING)))
    return FOREIGN_DIGIT.sub(lambda found: str(int(found[0])), text)


def no_controls(text: str, _: NormalSettings) -> str:
    """Control characters are blanks; characters that nobody sees go."""
    if text.isascii():
        return ASCII_CONTROLS.sub(" ", text)
    return "".join(_seen(letter) for letter in text)


def single_blanks(text: str, _: NormalSettings) -> str:
    """No blanks around, one between."""
    return " ".join(text.split())


def no_placeholder(text: str, settings: NormalSettings) -> str | None:
    """Nothing for what says nothing."""
    return None if is_nothing(text, settings) else text


def nothing_left(text: str, settings: NormalSettings) -> str | None:
    """Nothing for what turns out to say nothing without its marks."""
    return None if is_nothing_left(text, settings) else text


def small_letters(text: str, _: NormalSettings) -> str:
    """Small letters (case folding: ß is ss)."""
    small = text.casefold()
    return small if text.isascii() else small.replace(DOTTED_I, "i")


def no_float(text: str, _: NormalSettings) -> str | None:
    """A number of digits that a machine took for an amount: 123.0 is 123.

    Nothing for 4.9E+11: its last digits are lost, and many numbers would look the same.
    """
    if SHORTENED.fullmatch(text):
        return None
    found = WHOLE_FLOAT.fullmatch(text)
    return found[1] if found else text


def no_accents(text: str, _: NormalSettings) -> str:
    """Latin and Greek letters without accents; other scripts as they are."""
    if text.isascii():
        return text
    kept: list[str] = []
    base = ""
    for letter in unicodedata.normalize("NFD", text):
        if unicodedata.combining(letter):
            if _loses_accents(base):
                continue
        else:
            base = letter
        kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept)).translate(LETTERS)


def no_marks(text: str, _: NormalSettings) -> str | None:
    """Apostrophes go, any other mark is a blank; a text of marks alone is missing."""
    text = text.translate(APOSTROPHES)
    if text.isascii():
        text = ASCII_MARKS.sub(" ", text)
    else:
        text = "".join(letter if _is_word(letter) else " " for letter in text)
    return " ".join(text.split()) or None


def no_blanks(text: str, _: NormalSettings) -> str:
    """No blanks at all."""
    return "".join(text.split())


def a_code(text: str, _: NormalSettings) -> str | None:
    """Nothing for many zeros or nines alone."""
    return None if is_no_code(text) else text


def joined_signs(text: str, _: NormalSettings) -> str:
    """No blanks between Chinese, Japanese or Korean signs."""
    return text if text.isascii() else BETWEEN_CJK.sub("", text)


def joined_numbers(text: str, _: NormalSettings) -> str:
    """No blanks between signs and the digits beside them."""
    return text if text.isascii() else AROUND_CJK.sub("", text)


@lru_cache(maxsize=4096)
def _seen(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    return "" if category[0] == "C" else letter


@lru_cache(maxsize=4096)
def _is_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LNM"


@lru_cache(maxsize=4096)
def _loses_accents(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("LATIN", "GREEK")) if letter else False


WIDTH = Step("width", one_width)
CONTROLS = Step("control characters", no_controls)
BLANKS = Step("blanks", single_blanks)
PLACEHOLDER = Step("placeholder", no_placeholder)
PLACEHOLDER_LEFT = Step("placeholder", nothing_left)
FLOAT = Step("float", no_float)
CASE = Step("case", small_letters)
ACCENTS = Step("accents", no_accents)
MARKS = Step("punctuation", no_marks)

CLEAN = (WIDTH, CONTROLS, BLANKS)
FOLD = (CASE, ACCENTS, MARKS)
TEXT = (*CLEAN, PLACEHOLDER, *FOLD, PLACEHOLDER_LEFT)
CODE = (
    *CLEAN,
    PLACEHOLDER,
    FLOAT,
    *FOLD,
    PLACEHOLDER_LEFT,
    Step("blanks within", no_blanks),
    Step("placeholder", a_code),
)


def settled(name: str, shorten: Callable[[str], str]) -> str:
    """A name, shortened until that changes nothing; longer texts are no names and stay."""
    while len(name) <= LONGEST_NAME:
        shorter = shorten(name)
        if shorter == name:
            break
        name = shorter
    return name
