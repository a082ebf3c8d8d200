"""Values written unlike the others of their column: blanks, capitals, types, dates, spellings."""

import datetime
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from crmkit.cleaning._normal._forms import traced
from crmkit.cleaning._normal._kinds import DATES
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._normal._text import as_text
from crmkit.cleaning._quality._findings import Flags, Ints

CASED = ("first_name", "last_name", "name", "street", "city")
SPELLED = ("category", "city", "state", "country", "company")
MOST_SPELLED = 50_000  # distinct values that are compared with each other
FEWEST_LETTERS = 4  # of a word that can be in capitals by mistake
LONGEST = 60  # characters that tell how a date is written
DIGITS, LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")


def oddities(
    values: Sequence[Any], counts: Ints, kind: str, there: Flags, settings: NormalSettings
) -> dict[str, Flags]:
    """Flags of the values, by check; a value that is not `there` is never odd."""
    made = {"blanks": _blanks(values, kind) & there}
    classes: dict[str, list[Hashable]] = {}
    if len(set(map(type, values))) > 1:
        classes["types"] = [type_of(value) for value in values]
    if kind in CASED:
        classes["case"] = [case_of(value) for value in values]
    if kind in DATES and any(isinstance(value, str) for value in values):
        classes["formats"] = [date_shape(value) for value in values]
    for check, of_values in classes.items():
        made[check] = unlike_most(of_values, counts, there)
    if kind in SPELLED and len(values) <= MOST_SPELLED:
        made["spellings"] = rarer_spellings(values, counts, kind, there, settings)
    return {check: flags for check, flags in made.items() if flags.any()}


def unlike_most(classes: Sequence[Hashable], counts: Ints, there: Flags) -> Flags:
    """Values whose class is not the one that most rows have; None is of no class."""
    rows: Counter[Hashable] = Counter()
    for each, n, is_there in zip(classes, counts.tolist(), there.tolist(), strict=True):
        if each is not None and is_there:
            rows[each] += n
    if len(rows) < 2:
        return np.zeros(len(classes), dtype=bool)
    usual = min(rows, key=lambda each: (-rows[each], str(each)))
    return np.array([c is not None and c != usual for c in classes], dtype=bool) & there


def type_of(value: Any) -> str:
    """Whether a value is text, a number, a date ..."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, (bool, np.bool_)):
        return "truth"
    if isinstance(value, (int, float, np.number)):
        return "number"
    return "date" if isinstance(value, (datetime.date, datetime.time)) else type(value).__name__


def case_of(value: Any) -> str | None:
    """Whether a text is in small letters, capitals or both; None where that tells nothing."""
    if not isinstance(value, str):
        return None
    if value.islower():
        return "small"
    if not value.isupper():
        return "mixed" if any(letter.islower() for letter in value[:LONGEST]) else None
    return "capitals" if sum(map(str.isalpha, value[:LONGEST])) >= FEWEST_LETTERS else None


def date_shape(value: Any) -> str | None:
    """How a date is written: 31/12/1980 as 9/9/9999; None for what is no text."""
    if not isinstance(value, str):
        return None
    text = LETTERS.sub("a", value[:LONGEST].strip().replace("T", " "))
    return DIGITS.sub(_as_nines, text).partition(" 9:")[0]


def rarer_spellings(
    values: Sequence[Any], counts: Ints, kind: str, there: Flags, settings: NormalSettings
) -> Flags:
    """Values with the normal form of another one that more rows have; blanks do not count."""
    forms = traced(values, kind, settings).forms
    texts = [" ".join(as_text(value).split()) for value in values]
    rows: Counter[tuple[str, str]] = Counter()
    for form, text, n, is_there in zip(forms, texts, counts.tolist(), there.tolist(), strict=True):
        if form is not None and is_there:
            rows[form, text] += n
    usual: dict[str, str] = {}
    for form, text in sorted(rows, key=lambda pair: (-rows[pair], pair[1])):
        usual.setdefault(form, text)
    rare = [
        form is not None and usual.get(form, text) != text
        for form, text in zip(forms, texts, strict=True)
    ]
    return np.array(rare, dtype=bool) & there


def _as_nines(found: "re.Match[str]") -> str:
    return "9" if len(found[0]) < 3 else "9" * len(found[0])


def _blanks(values: Sequence[Any], kind: str) -> Flags:
    texts = [value if isinstance(value, str) else "" for value in values]
    if kind == "text":  # which may have lines
        return np.array([text != text.strip() for text in texts], dtype=bool)
    return np.array([t != t.strip() or not t.isprintable() for t in texts], dtype=bool)
