"""Masks for showing records: enough to recognise a record, less than tells the person."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from crmkit import _frames
from crmkit.cleaning._normal._change_report import records_with
from crmkit.cleaning._normal._detect import FEW_VALUES, Values, kind_by_name, kind_of
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
LONG_NUMBER, LONG_CODE = 10**8, 7  # whole numbers and digits of a word that may tell a person
ADDRESS = re.compile(r"@|://|\bwww\.|(?:\d{1,3}\.){3}\d{1,3}|(?:[\da-f]{0,4}:){3}", re.IGNORECASE)
LIKE_A_NAME = 0.5  # share of the words of a column


def mask(frame: Any, kinds: Mapping[str, str] | None = None) -> Any:
    """Hide most of what tells people apart: records in, the same rows with masks out.

    Use it to show records on a screen or in a report. It is for eyes, not for giving data away:
    masked rows keep their order, their gaps and all columns that are not masked, and many people
    can be told by those. For ids that must still join use `pseudonymize`. What a column holds is
    told by its name and values, which can fail: look at the result, and say in `kinds` what is
    personal. A column of few single words ("Ann", "Bo") whose name says nothing is shown.

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

        * names and companies: the first letter of each word, ``J*** S***``;
        * e-mail: ``j***@e***.com``; phone: the last three digits, ``***467``;
        * birth date: the year, ``1980-**-**``; postcode: the first two signs, ``53***``;
        * ids: the last two signs, ``***89``; street, text and sets of words: ``***``;
        * coordinates: one decimal, about 10 km;
        * city, state, country, numbers, categories and other dates: as they are. Unless `kinds`
          says so, a column is not shown if its name says that it is one of the kinds above, if it
          has whole numbers of nine digits or more, addresses of the internet, words with seven
          digits or more, more than 50 different words, or words of which half look like names of
          persons.

        The index of a pandas frame is masked as a column, but for numbers of rows: whole numbers
        of an index without a name that have less than nine digits.

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
    given = dict(kinds or {})
    check_kinds(given, _frames.column_names(table, OWNER), OWNER)
    made, kept = _masked_table(table, given)
    if isinstance(made, pd.DataFrame):
        made.index = _masked_index(made.index)
    return _frames.hand_back(made, like=frame, keep=kept)


def _masked_table(table: Any, given: Mapping[str, str]) -> tuple[Any, list[str]]:
    """A frame with masks, and the names of the columns that are shown."""
    names = _frames.column_names(table, OWNER)
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
    return made, [name for name in names if name not in new]


def _masked_index(index: Any) -> Any:
    """An index whose levels are masked as columns; numbers of rows stay."""
    if isinstance(index, pd.RangeIndex) and (index.start, index.step) == (0, 1):
        return index
    levels = []
    for place, name in enumerate(index.names):
        values = index.get_level_values(place)
        of_rows = name is None and values.dtype.kind in "iu" and not _is_personal(values.tolist())
        level = pd.DataFrame({"index" if name is None else str(name): values})
        levels.append(values if of_rows else _masked_table(level, {})[0].iloc[:, 0])
    if len(levels) == 1:
        return pd.Index(levels[0], name=index.name)
    return pd.MultiIndex.from_arrays(levels, names=index.names)


def _found_kind(raw: _frames.RawColumn) -> str:
    """Kind by name and content; of kinds that are shown only what seems to tell nobody."""
    kind = kind_of(raw.name, Values(raw.values, records_with(raw)))
    if kind not in SHOWN or not raw.values:
        return kind
    said = kind_by_name(raw.name)
    if said is not None and said not in SHOWN:
        return said
    if kind == "date":
        return kind
    if _is_personal(raw.values):
        return "id" if kind == "number" else "text"
    if kind == "category":
        words = [value for value in raw.values if isinstance(value, str)]
        if len(raw.values) > FEW_VALUES:
            return "text"
        if sum(map(_like_a_name, words)) >= LIKE_A_NAME * len(raw.values):
            return "name"
    return kind


def _is_personal(values: Sequence[Any]) -> bool:
    """Tell whether some of the values are long whole numbers, or words with an address or code."""
    return any(
        _is_telling(value) if isinstance(value, str) else _is_long(value) for value in values
    )


def _is_telling(text: str) -> bool:
    digits = sum(letter.isdecimal() for letter in text)
    return bool(ADDRESS.search(text)) or (digits >= LONG_CODE and not _is_amount(text))


def _is_long(value: Any) -> bool:
    if isinstance(value, (int, np.integer)):  # math.isfinite cannot take those beyond 1e308
        return bool(abs(int(value)) >= LONG_NUMBER)
    is_number = isinstance(value, (float, np.number, Decimal)) and math.isfinite(value)
    return is_number and abs(value) >= LONG_NUMBER and value == int(value)


def _is_amount(text: str) -> bool:
    """Tell whether a text is a number with decimals, or one of a few digits before them."""
    (form,) = normalised([text], "number")
    return form is not None and ("." in form or abs(float(form)) < LONG_NUMBER)


def _like_a_name(text: str) -> bool:
    """Tell whether a text is two to four words that begin with a capital."""
    words = text.replace(",", " ").split()
    return 2 <= len(words) <= 4 and all(
        word[0].isupper() and word.replace("-", "").replace("'", "").rstrip(".").isalpha()
        for word in words
    )


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
