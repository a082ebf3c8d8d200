"""Normal forms by kind: distinct values in, what they are once ways of writing are set aside out.

Each kind has its steps, done one after the other on the distinct values of a column; which step
changed which value can be asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._normal._address import CITY, COUNTRY, POSTCODE, STATE, STREET
from crmkit.cleaning._normal._at_once import at_once
from crmkit.cleaning._normal._category import CATEGORY
from crmkit.cleaning._normal._company import COMPANY
from crmkit.cleaning._normal._date import DATE, found_order
from crmkit.cleaning._normal._doubtful import Counts, meant_words
from crmkit.cleaning._normal._email import EMAIL
from crmkit.cleaning._normal._kinds import DATES, NUMBERS
from crmkit.cleaning._normal._name import FIRST_NAME, FULL_NAME, LAST_NAME
from crmkit.cleaning._normal._number import LATITUDE, LONGITUDE, NUMBER, SET
from crmkit.cleaning._normal._phone import PHONE
from crmkit.cleaning._normal._quick import QUICK, is_usual
from crmkit.cleaning._normal._settings import Change, NormalSettings, Step
from crmkit.cleaning._normal._text import (
    CODE,
    TEXT,
    as_text,
    joined_numbers,
    joined_signs,
    no_accents,
    one_width,
    single_blanks,
)

STEPS: dict[str, tuple[Step, ...]] = {
    "first_name": FIRST_NAME,
    "last_name": LAST_NAME,
    "name": FULL_NAME,
    "company": COMPANY,
    "email": EMAIL,
    "phone": PHONE,
    "street": STREET,
    "city": CITY,
    "postcode": POSTCODE,
    "state": STATE,
    "country": COUNTRY,
    "birth_date": DATE,
    "date": DATE,
    "number": NUMBER,
    "latitude": LATITUDE,
    "longitude": LONGITUDE,
    "category": CATEGORY,
    "text": TEXT,
    "set": SET,
    "id": CODE,
}


SAME_IN_ASCII = (one_width, no_accents, joined_signs, joined_numbers)


@dataclass(frozen=True, eq=False)
class Traced:
    """Normal forms of values, None where missing, and the places that each rule changed."""

    forms: list[str | None]
    changed: dict[str, npt.NDArray[np.int64]]


def normalised(
    values: Sequence[Any],
    kind: str,
    settings: NormalSettings | None = None,
    counts: Counts | None = None,
) -> list[str | None]:
    """Normal forms of the distinct values of one column, None for what is missing.

    `counts`, the rows of each value, help to tell what means "missing". The forms are the same
    as those of `traced`; plain values take a short way.
    """
    texts, settings = _texts(values, kind, settings, counts)
    quick = QUICK.get(kind) if is_usual(settings) else None
    changes = [step.change for step in STEPS[kind]]
    of_ascii = [change for change in changes if change not in SAME_IN_ASCII]
    plain = at_once(texts, kind) if quick is not None else None
    forms = list(texts) if plain is None else plain.forms
    places = range(len(texts)) if plain is None else np.flatnonzero(plain.hard).tolist()
    for place in places:
        text = forms[place] = texts[place]
        if text is None:
            continue
        form = quick(text) if quick is not None else None
        if form is None:
            form = _changed(text, of_ascii if text.isascii() else changes, settings)
        forms[place] = form
    return forms


def traced(
    values: Sequence[Any],
    kind: str,
    settings: NormalSettings | None = None,
    counts: Counts | None = None,
) -> Traced:
    """Normal forms of the distinct values of one column, with what each rule changed."""
    texts, settings = _texts(values, kind, settings, counts)
    changed: dict[str, list[int]] = {}
    for step in STEPS[kind]:
        for place, text in enumerate(texts):
            if text is None:
                continue
            new = step.change(text, settings)
            if new != text:
                texts[place] = new or None
                changed.setdefault(step.rule, []).append(place)
    return Traced(texts, {rule: np.unique(places) for rule, places in changed.items()})


def for_column(
    texts: Sequence[str | None],
    kind: str,
    settings: NormalSettings,
    counts: Counts | None = None,
) -> NormalSettings:
    """Settings of one column, with what is found in it where it is not stated.

    That is the order of its dates, and which doubtful words stand for something.
    """
    if settings.meant is None:
        settings = replace(settings, meant=meant_words(texts, kind, counts))
    if kind not in DATES or settings.date_order is not None:
        return settings
    unclear = (text for text in texts if text is not None and not text[:3].isdigit())
    plain = (single_blanks(one_width(text, settings), settings) for text in unclear)
    return replace(settings, date_order=found_order(plain))


def _texts(
    values: Sequence[Any], kind: str, settings: NormalSettings | None, counts: Counts | None
) -> tuple[list[str | None], NormalSettings]:
    """Values as text, and the settings of their column."""
    settings = settings or NormalSettings()
    write = _with_comma if kind in NUMBERS and settings.decimal == "," else as_text
    texts: list[str | None]
    if set(map(type, values)) == {str}:
        texts = list(values)
    else:
        texts = [None if value is None else write(value) for value in values]
    return texts, for_column(texts, kind, settings, counts)


def _with_comma(value: Any) -> str:
    """A value as text, a number with a comma, as it is read where decimals stand behind one."""
    text = as_text(value)
    return text if isinstance(value, str) else text.replace(".", ",")


def _changed(text: str, changes: Iterable[Change], settings: NormalSettings) -> str | None:
    """A text after these changes, None once nothing is left."""
    for change in changes:
        new = change(text, settings)
        if not new:
            return None
        text = new
    return text
