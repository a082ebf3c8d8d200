"""Dates as YYYY-MM-DD: the order of day and month is stated, or found, and never guessed.

A date with the year last is read without knowing the order where it has one reading only: one of
its numbers is above 12, or both are equal. These clear dates tell the order of the others in
their column. Where they do not agree, or there are none, the unclear ones stay as they were
written. Years of two digits are not read: the century would be a guess.
"""

import datetime
import re
from collections.abc import Iterable

from crmkit.cleaning._normal._placeholders import NO_DATE
from crmkit.cleaning._normal._settings import (
    DATE_ORDERS,
    UNKNOWN,
    DateOrder,
    NormalSettings,
    Step,
)
from crmkit.cleaning._normal._text import CASE, CLEAN, PLACEHOLDER, no_accents

AGREED = 0.95  # share of the clear dates that must have one order
MONTHS_OF_A_YEAR = 12
CENTURIES = (1700, 2200)  # years of dates written as eight digits
TIME = r"(?:[\sT,日].*)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})\D{{1,3}}(\d{{1,2}})\D{{1,3}}(\d{{1,2}}){TIME}", re.IGNORECASE)
YEAR_LAST = re.compile(rf"(\d{{1,2}})\W{{1,3}}(\d{{1,2}})\W{{1,3}}(\d{{4}}){TIME}", re.IGNORECASE)
EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
DAY_FIRST_WORD = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\W_]*(?:(?:of|de) )?([^\W\d]{3,12})[\W_]*"
    rf"(?:de )?(\d{{4}}){TIME}"
)
MONTH_FIRST_WORD = re.compile(
    rf"([^\W\d]{{3,12}})[\W_]*(\d{{1,2}})(?:st|nd|rd|th)?\W{{1,3}}(\d{{4}}){TIME}"
)
LONGEST = 60  # characters of a cell in which a date is looked for
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTH_WORDS = (
    "january januar janvier enero jan janv ene jaenner",
    "february februar fevrier febrero feb fevr fev",
    "march marz maerz mars marzo mar mrz",
    "april avril abril apr avr abr",
    "may mai mayo",
    "june juni juin junio jun",
    "july juli juillet julio jul juil",
    "august aout agosto aug ago",
    "september septembre septiembre sep sept",
    "october oktober octobre octubre oct okt",
    "november novembre noviembre nov",
    "december dezember decembre diciembre dec dez dic",
)
MONTHS = {word: n for n, words in enumerate(MONTH_WORDS, start=1) for word in words.split()}


def found_order(texts: Iterable[str]) -> DateOrder:
    """Order of day and month that the clear dates agree on, "unknown" where they do not."""
    day_first, month_first = _clear_dates(texts)
    clear = day_first + month_first
    if clear and day_first >= AGREED * clear:
        return "DMY"
    return "MDY" if clear and month_first >= AGREED * clear else UNKNOWN


def likely_order(texts: Iterable[str]) -> DateOrder:
    """Order of day and month of most of the clear dates, "DMY" where there are none."""
    day_first, month_first = _clear_dates(texts)
    return "MDY" if month_first > day_first else "DMY"


def _clear_dates(texts: Iterable[str]) -> tuple[int, int]:
    """Numbers of dates that can only have the day first, and only the month."""
    day_first = month_first = 0
    for text in texts:
        found = None if text[:3].isdigit() else YEAR_LAST.fullmatch(text[:LONGEST])
        if found:
            a, b = int(found[1]), int(found[2])
            day_first += b <= MONTHS_OF_A_YEAR < a
            month_first += a <= MONTHS_OF_A_YEAR < b
    return day_first, month_first


def iso_date(text: str, settings: NormalSettings) -> str:
    """A date as YYYY-MM-DD; what is not read stays, and so does one of two readings."""
    if len(text) > LONGEST:
        return text
    found = YEAR_FIRST.fullmatch(text)
    if found:
        return _written(int(found[1]), int(found[2]), int(found[3]))
    found = YEAR_LAST.fullmatch(text)
    if found:
        return _year_last(text, int(found[1]), int(found[2]), int(found[3]), settings)
    found = EIGHT_DIGITS.fullmatch(text)
    if found and CENTURIES[0] <= int(found[1]) < CENTURIES[1]:
        return _written(int(found[1]), int(found[2]), int(found[3]))
    return _in_words(text)


def a_date(text: str, _: NormalSettings) -> str | None:
    """Nothing for dates that stand for nothing, such as 1900-01-01."""
    return None if text in NO_DATE else text


def is_date(form: str | None) -> bool:
    """Tell whether a normal form is a date of the calendar."""
    if form is None or ISO.fullmatch(form) is None:
        return False
    return _is_real(int(form[:4]), int(form[5:7]), int(form[8:]))


def _year_last(text: str, a: int, b: int, year: int, settings: NormalSettings) -> str:
    """A date with the year last, by its only reading or by the known order."""
    day_first, month_first = _is_real(year, b, a), _is_real(year, a, b)
    if day_first and (not month_first or a == b or settings.date_order == "DMY"):
        return _written(year, b, a)
    if month_first and (not day_first or settings.date_order == "MDY"):
        return _written(year, a, b)
    if day_first or settings.date_order not in DATE_ORDERS:
        return text
    return _written(year, b, a) if settings.date_order == "DMY" else _written(year, a, b)


def _in_words(text: str) -> str:
    """A date with the month as a word; any other text as it is."""
    plain = no_accents(text, NormalSettings())
    found = DAY_FIRST_WORD.fullmatch(plain)
    if found and found[2] in MONTHS:
        return _written(int(found[3]), MONTHS[found[2]], int(found[1]))
    found = MONTH_FIRST_WORD.fullmatch(plain)
    if found and found[1] in MONTHS:
        return _written(int(found[3]), MONTHS[found[1]], int(found[2]))
    return text


def _written(year: int, month: int, day: int) -> str:
    """A date as text, of the same shape where the calendar has no such day."""
    return f"{year:04d}-{month:02d}-{day:02d}"


def _is_real(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


DATE = (*CLEAN, PLACEHOLDER, CASE, Step("date form", iso_date), Step("placeholder", a_date))
