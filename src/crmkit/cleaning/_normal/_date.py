"""Dates as YYYY-MM-DD: the order of day and month is stated, or found, and never guessed.

A date with the year last is read without knowing the order where it has one reading only: one of
its numbers is above 12, or both are equal. These clear dates tell the order of the others in
their column. Where they do not agree, or there are none, the unclear ones stay as they were
written. Years of two digits are not read, as the century would be a guess; nor are the day numbers
of spreadsheets (29,587), which look like any other number. A day that the calendar lacks
(31/02/1980) is written in the same way and is no date.
"""

import datetime
import re
from collections.abc import Iterable

from crmkit.cleaning._normal._placeholders import NO_DATE, is_zero_date
from crmkit.cleaning._normal._settings import (
    DATE_ORDERS,
    UNKNOWN,
    DateOrder,
    NormalSettings,
    Step,
)
from crmkit.cleaning._normal._text import CASE, CLEAN, PLACEHOLDER, no_accents

AGREED = 0.95  # share of the clear dates that must have one order
CLEAR = 0.1  # share of the dates that must be clear: one slip is no order
CENTURIES = (1700, 2200)  # years of dates written as eight digits
TIME = r"(?:[\sT,.日일+Z](?!.*(?<![\d+-])\d{4}(?!\d)).*)?"  # of the day; another year is none
ORDINAL = r"(?:st|nd|rd|th|er|ere|re|e|o)?"
WORD = r"([^\W\d]{3,12})"
YEAR_FIRST = re.compile(rf"(\d{{4}})\D{{1,3}}(\d{{1,2}})\D{{1,3}}(\d{{1,2}}){TIME}", re.IGNORECASE)
YEAR_LAST = re.compile(rf"(\d{{1,2}})\W{{1,3}}(\d{{1,2}})\W{{1,3}}(\d{{4}}){TIME}", re.IGNORECASE)
EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
WEEKDAY = re.compile(
    r"^(?:mon|tue|wed|thu|fri|sat|sun|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miercoles|jueves|viernes|"
    r"sabado|domingo|mo|di|mi|do|fr|sa|so)(?:s|nes|rs|ur)?(?:day)?\b[\W_]*"
)
DAY_FIRST_WORD = re.compile(
    rf"(\d{{1,2}}){ORDINAL}[\W_]*(?:(?:of|de) )?{WORD}[\W_]*(?:de )?(\d{{4}}){TIME}"
)
MONTH_FIRST_WORD = re.compile(rf"{WORD}[\W_]*(\d{{1,2}}){ORDINAL}\W{{1,3}}(\d{{4}}){TIME}")
YEAR_FIRST_WORD = re.compile(rf"(\d{{4}})[\W_]{{1,3}}{WORD}[\W_]{{1,3}}(\d{{1,2}}){TIME}")
LONGEST = 60  # characters of a cell in which a date is looked for
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTH_WORDS = (
    "january januar janvier enero jan janv ene janner jaenner janeiro",
    "february februar fevrier febrero feb fevr fev fevereiro",
    "march marz maerz mars marzo mar mrz marco",
    "april avril abril apr avr abr",
    "may mai mayo maio",
    "june juni juin junio jun junho",
    "july juli juillet julio jul juil julho",
    "august aout agosto aug ago",
    "september septembre septiembre sep sept setembro",
    "october oktober octobre octubre oct okt outubro out",
    "november novembre noviembre nov novembro",
    "december dezember decembre diciembre dec dez dic dezembro",
)
MONTHS = {word: n for n, words in enumerate(MONTH_WORDS, start=1) for word in words.split()}


def found_order(texts: Iterable[str]) -> DateOrder:
    """Order of day and month that the clear dates agree on, "unknown" where they do not.

    It is unknown, too, where clear dates are far fewer than the days above 12 are in any year.
    """
    day_first, month_first, unclear = _clear_dates(texts)
    clear = day_first + month_first
    if not clear or clear < CLEAR * (clear + unclear):
        return UNKNOWN
    if day_first >= AGREED * clear:
        return "DMY"
    return "MDY" if month_first >= AGREED * clear else UNKNOWN


def likely_order(texts: Iterable[str]) -> DateOrder:
    """Order of day and month of most of the clear dates, "DMY" where there are none."""
    day_first, month_first, _ = _clear_dates(texts)
    return "MDY" if month_first > day_first else "DMY"


def _clear_dates(texts: Iterable[str]) -> tuple[int, int, int]:
    """Numbers of dates that can only have the day first, only the month, and either."""
    day_first = month_first = unclear = 0
    for text in texts:
        found = None if text[:3].isdigit() else YEAR_LAST.fullmatch(text[:LONGEST])
        if found:
            a, b, year = int(found[1]), int(found[2]), int(found[3])
            day, month = _is_real(year, b, a), _is_real(year, a, b)
            day_first += day and not month
            month_first += month and not day
            unclear += day and month and a != b
    return day_first, month_first, unclear


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
    """Nothing for dates that stand for nothing, such as 1900-01-01 and 00/00/0000."""
    return None if text in NO_DATE or is_zero_date(text) else text


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
    plain = WEEKDAY.sub("", no_accents(text, NormalSettings()))
    found = DAY_FIRST_WORD.fullmatch(plain)
    if found and found[2] in MONTHS:
        return _written(int(found[3]), MONTHS[found[2]], int(found[1]))
    found = MONTH_FIRST_WORD.fullmatch(plain)
    if found and found[1] in MONTHS:
        return _written(int(found[3]), MONTHS[found[1]], int(found[2]))
    found = YEAR_FIRST_WORD.fullmatch(plain)
    if found and found[2] in MONTHS:
        return _written(int(found[1]), MONTHS[found[2]], int(found[3]))
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
