"""One form for each value, so that ways of writing do not count as differences.

Each rule takes one value of a kind and gives its form, or None where nothing is said: widths,
case, accents and punctuation of text; digits of phone numbers; dates as YYYY-MM-DD; short words
of streets.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

NOTHING = {"", "na", "n a", "nan", "none", "null", "unknown", "nil", "missing", "unbekannt", "无"}
LOCAL_DIGITS = 10  # last digits of a phone number that are compared: country codes come and go
FEWEST_DIGITS = 5
SHORT_FORMS = {
    "street": "st", "road": "rd", "avenue": "ave", "av": "ave", "lane": "ln", "drive": "dr",
    "boulevard": "blvd", "blv": "blvd", "place": "pl", "court": "ct", "square": "sq",
    "highway": "hwy", "parade": "pde", "crescent": "cres", "circuit": "cct", "terrace": "tce",
    "close": "cl", "north": "n", "south": "s", "east": "e", "west": "w", "strasse": "str",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
}  # fmt: skip
YEAR_FIRST = re.compile(r"(\d{4})\D+(\d{1,2})\D+(\d{1,2})(?:\D.*)?")
YEAR_LAST = re.compile(r"(\d{1,2})\D+(\d{1,2})\D+(\d{4})(?:\D.*)?")
ALL_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
FIRST, SECOND, THIRD = 1, 2, 3
ASCII_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}


def forms(values: Iterable[Any], kind: str) -> list[str | None]:
    """Form of each value of a column of this kind; None where it is missing."""
    values = list(values)
    if kind in ("birth_date", "date"):
        return date_forms(values)
    rule = RULES.get(kind, text_form)
    return [rule(value) for value in values]


def text_form(value: Any) -> str | None:
    """Small letters without accents; anything but letters and digits is a blank."""
    text = _plain(value)
    if text.isascii():
        text = text.lower().translate(ASCII_BLANKS)
    else:
        text = unicodedata.normalize("NFKC", text).casefold()
        text = unicodedata.normalize("NFKD", text)
        text = "".join(
            letter if letter.isalnum() else " "
            for letter in text
            if not unicodedata.combining(letter)
        )
        text = unicodedata.normalize("NFC", text)
    text = " ".join(text.split())
    return None if text in NOTHING else text


def email_form(value: Any) -> str | None:
    """Small letters, no blanks; what has no @ is missing."""
    text = "".join(unicodedata.normalize("NFKC", _plain(value)).casefold().split())
    return text if "@" in text.strip("@") else None


def phone_form(value: Any) -> str | None:
    """The last ten digits; a number of fewer than five, or of one digit alone, is missing."""
    digits = "".join(letter for letter in _plain(value) if letter.isdigit())
    digits = unicodedata.normalize("NFKC", digits)[-LOCAL_DIGITS:]
    return digits if len(digits) >= FEWEST_DIGITS and len(set(digits)) > 1 else None


def street_form(value: Any) -> str | None:
    """Text with the usual short words for long ones."""
    text = text_form(_plain(value).replace("#", "号"))
    if text is None:
        return None
    return " ".join(SHORT_FORMS.get(word, word) for word in text.split())


def code_form(value: Any) -> str | None:
    """Letters and digits alone, without blanks."""
    text = text_form(value)
    return None if text is None else text.replace(" ", "")


def number_form(value: Any) -> str | None:
    """A number as short text."""
    try:
        return f"{float(_plain(value).replace(',', '')):.15g}"
    except ValueError:
        return None


def date_forms(values: list[Any]) -> list[str | None]:
    """Dates as YYYY-MM-DD; the order of day and month is that of the column's clear cases.

    A date that no rule reads stays as text, and is compared letter by letter.
    """
    texts = [_date_text(value) for value in values]
    parts = [YEAR_LAST.fullmatch(text) for text in texts]
    ordered = [(int(part[FIRST]), int(part[SECOND])) for part in parts if part]
    day_first = sum(a > 12 for a, _ in ordered) >= sum(b > 12 for _, b in ordered)
    return [_iso(text, day_first) for text in texts]


def _iso(text: str, day_first: bool) -> str | None:
    found = YEAR_FIRST.fullmatch(text) or ALL_DIGITS.fullmatch(text)
    if found:
        return f"{found[FIRST]}-{int(found[SECOND]):02d}-{int(found[THIRD]):02d}"
    last = YEAR_LAST.fullmatch(text)
    if last:
        day, month = last[FIRST], last[SECOND]
        if not day_first:
            day, month = month, day
        return f"{last[THIRD]}-{int(month):02d}-{int(day):02d}"
    return None if text.casefold() in NOTHING else text.casefold()


def _date_text(value: Any) -> str:
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()[:10]
    return unicodedata.normalize("NFKC", _plain(value)).strip()


def _plain(value: Any) -> str:
    """A value as text; 3.0 is 3."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, tuple):
        return " ".join(str(part) for part in value)
    return str(value)


RULES: dict[str, Callable[[Any], str | None]] = {
    "email": email_form,
    "phone": phone_form,
    "street": street_form,
    "postcode": code_form,
    "id": code_form,
    "number": number_form,
    "latitude": number_form,
    "longitude": number_form,
}
