"""Masks for showing records: enough to recognise a record, less than tells the person."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit.cleaning._normal._change_report import records_with
from crmkit.cleaning._normal._detect import FEW_VALUES, Values, kind_of
from crmkit.cleaning._normal._forms import for_column, normalised
from crmkit.cleaning._normal._kinds import check_kinds
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._normal._text import as_text

OWNER = "mask"
STARS = "***"
SHOWN = frozenset(("city", "state", "country", "number", "category", "date", "ignore"))
DEGREES = ("latitude", "longitude")
LEAST_DIGITS, SHOWN_DIGITS = 7, 3
LEAST_SIGNS, SHOWN_SIGNS = 6, 2


def mask(frame: Any, kinds: Mapping[str, str] | None = None) -> Any:
    """Hide most of what tells people apart: records in, the same rows with masks out.

    Use it to show records on a screen or in a report. It is for eyes, not for giving data away:
    masked rows keep their order, their gaps and all columns that are not masked, and many people
    can be told by those. For ids that must still join use `pseudonymize`.

    Parameters
    ----------
    frame : frame of shape (n_records, n_columns)
        One row a record, of pandas, polars, pyarrow or duckdb.
    kinds : dict of str to str, default=None
        What columns hold, by name, as in `Deduplicator`; columns that are not named are told by
        their names and contents. "ignore" shows a column as it is.

    Returns
    -------
    frame
        In the caller's library, with the columns of `frame`; missing values stay missing.

        * names and companies: the first letter of each word, "J*** S***";
        * e-mail: "j***@e***.com"; phone: the last three digits, "***467";
        * birth date: the year, "1980-**-**"; postcode: the first two signs, "53***";
        * ids: the last two signs, "***89"; street, text and sets of words: "***";
        * coordinates: one decimal, about 10 km;
        * city, state, country, numbers, categories and other dates: as they are, but a column that
          was taken for categories and has more than 50 different values is masked as text.

    Raises
    ------
    DataError
        If a kind is wrong or names a column that is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> records = pd.DataFrame({"name": ["Jo Smith", None], "email": ["jo@example.com", "x"],
    ...     "phone": ["+1 555 123 4467", "911"], "birth_date": ["1980-05-17", "1981-01-02"]})
    >>> mask(records)
            name          email   phone  birth_date
    0  J*** S***  j***@e***.com  ***467  1980-**-**
    1        NaN            ***     ***  1981-**-**
    """
    table = _frames.to_eager(frame)
    names = _frames.column_names(table, OWNER)
    given = dict(kinds or {})
    check_kinds(given, names, OWNER)
    new: dict[str, Any] = {}
    text = []
    for raw in _frames.coded_columns(table, names, OWNER):
        kind = given.get(raw.name) or _found_kind(raw)
        if kind in SHOWN or not raw.values:
            continue
        masked = _masked(raw.values, kind)
        if kind not in DEGREES:
            text.append(raw.name)
        new[raw.name] = np.array([*masked, None], dtype=object)[raw.codes]
        if kind in DEGREES:
            new[raw.name] = new[raw.name].astype(np.float64)
    made = _frames.write_columns(table, new, OWNER, text=text)
    return _frames.hand_back(made, like=frame, keep=[n for n in names if n not in new])


def _found_kind(raw: _frames.RawColumn) -> str:
    kind = kind_of(raw.name, Values(raw.values, records_with(raw)))
    return "text" if kind == "category" and len(raw.values) > FEW_VALUES else kind


def _masked(values: list[Any], kind: str) -> list[Any]:
    """Masks of distinct values."""
    if kind in DEGREES:
        forms = normalised(values, kind)
        return [None if form is None else round(float(form), 1) for form in forms]
    texts = [as_text(value).strip() for value in values]
    if kind == "birth_date":
        settings = for_column(texts, kind, NormalSettings())
        return [_year(form) for form in normalised(texts, kind, settings)]
    hide = MASKS.get(kind, _nothing)
    return [hide(text) for text in texts]


def _initials(text: str) -> str:
    return " ".join(f"{word[0]}{STARS}" for word in text.split()) or STARS


def _email(text: str) -> str:
    found = re.fullmatch(r"([^@\s])[^@\s]*@([^@\s])[^@\s]*(\.[^@\s.]+)", text)
    return f"{found[1]}{STARS}@{found[2]}{STARS}{found[3]}" if found else STARS


def _phone(text: str) -> str:
    digits = "".join(letter for letter in text if letter.isdecimal())
    return STARS + digits[-SHOWN_DIGITS:] if len(digits) >= LEAST_DIGITS else STARS


def _year(form: str | None) -> str:
    is_date = form is not None and re.fullmatch(r"\d{4}-\d{2}-\d{2}", form)
    return f"{str(form)[:4]}-**-**" if is_date else STARS


def _postcode(text: str) -> str:
    return text[:2] + STARS if len(text) > LEAST_SIGNS - 2 else STARS


def _id(text: str) -> str:
    return STARS + text[-SHOWN_SIGNS:] if len(text) >= LEAST_SIGNS else STARS


def _nothing(_: str) -> str:
    return STARS


MASKS: dict[str, Callable[[str], str]] = {
    "first_name": _initials,
    "last_name": _initials,
    "name": _initials,
    "company": _initials,
    "email": _email,
    "phone": _phone,
    "postcode": _postcode,
    "id": _id,
}
