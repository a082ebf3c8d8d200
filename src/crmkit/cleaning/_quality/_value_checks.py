"""What is wrong with values, each distinct one looked at once.

Most values are plainly right: a pattern of their kind tells so at once. Only the others are
brought to their normal form, and what has none, or one that is no date, number or address, cannot
be read. A placeholder is no wrong value: it stands for a missing one.
"""

import datetime
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np

from crmkit.cleaning._normal._date import YEAR_LAST, is_date
from crmkit.cleaning._normal._forms import for_column, traced
from crmkit.cleaning._normal._kinds import DATES, IGNORE, NUMBERS
from crmkit.cleaning._normal._name_order import TITLES
from crmkit.cleaning._normal._phone import FEWEST_DIGITS
from crmkit.cleaning._normal._placeholders import (
    NO_DATE,
    NO_MAILBOX,
    NO_PERSON,
    NOTHING,
    TECHNICAL,
    is_no_number,
)
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._normal._text import as_text
from crmkit.cleaning._quality._findings import Flags, Ints

LONGEST = 1_000  # characters of a cell that are judged
MOST_DIGITS = 15  # of a phone number (E.164)
DEGREES = {"latitude": 90.0, "longitude": 180.0}
LETTERS_NEEDED = ("first_name", "last_name", "name", "city")
ALL_READABLE = ("category", "text", "set", "id")
FIRST_WORD = re.compile(r"[^A-Za-z0-9]*([A-Za-z0-9]+)")
MAILBOX = re.compile(r"[^@\s]+@(?:[^@\s.]+\.)+[^@\s.]{2,}")
PLAIN_MAILBOX = re.compile(r"([A-Za-z0-9_.-]+)@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
PLAIN_PHONE = re.compile(r"\+?[\d ()./-]{5,24}")
PLAIN_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")
PLAIN_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.{0,20})?")
EPOCH = datetime.date(1970, 1, 1).toordinal()
NO_DIGIT = re.compile(r"\D+")


@dataclass(frozen=True, eq=False)
class ValueFlags:
    """For each distinct value of a column, what it is; `settings` has the order of its dates.

    `days` are those of values that are dates by type, with NaT for placeholders; None for others.
    """

    blank: Flags
    placeholder: Flags
    unreadable: Flags
    unclear: Flags
    rule: Flags
    settings: NormalSettings = field(default_factory=NormalSettings)
    days: Any = None

    @property
    def there(self) -> Flags:
        """Values that are neither blank nor a placeholder."""
        return ~(self.blank | self.placeholder)

    @property
    def bad(self) -> Flags:
        """Values that are there and cannot be read or break a rule."""
        return self.unreadable | self.unclear | self.rule


def value_flags(
    values: Sequence[Any],
    kind: str,
    settings: NormalSettings,
    rule: Any = None,
    counts: Ints | None = None,
) -> ValueFlags:
    """Judge the distinct values of one column; `counts` are the rows of each."""
    kind = "text" if kind == IGNORE else kind
    known = typed_days(values) if kind in DATES else None
    if known is None:
        texts = [v[:LONGEST] if isinstance(v, str) else None for v in values]
        flags = _judged_texts(values, kind, for_column(texts, kind, settings, counts))
    else:
        no = np.zeros(len(values), dtype=bool)
        nothing = np.isin(known, NO_DAYS)
        days = np.where(nothing, np.datetime64("NaT", "D"), known)
        flags = ValueFlags(no, nothing, no, no, no, settings, days)
    if rule is None:
        return flags
    broken = breaks(values, rule, flags.settings) & flags.there & ~flags.unreadable
    return replace(flags, rule=broken)


def _judged_texts(values: Sequence[Any], kind: str, settings: NormalSettings) -> ValueFlags:
    """Judge values that are no dates by type: the plain ones at once, the others by their form."""
    blank, placeholder, unreadable, unclear = (np.zeros(len(values), dtype=bool) for _ in range(4))
    plain = plain_test(kind, settings)
    slow = [n for n, v in enumerate(values) if not plain(v)]
    cut = [v[:LONGEST] if isinstance(v := values[place], str) else v for place in slow]
    judged = traced(cut, kind, settings)
    nothing = {slow[n] for n in judged.changed.get("placeholder", ()) if judged.forms[n] is None}
    for place, value, form in zip(slow, cut, judged.forms, strict=True):
        if isinstance(value, str) and not value.strip():
            blank[place] = True
        elif place in nothing:
            placeholder[place] = True
        elif not _is_read(value, form, kind):
            two = kind in DATES and form is not None and _two_readings(form)
            (unclear if two else unreadable)[place] = True
    return ValueFlags(blank, placeholder, unreadable, unclear, np.zeros_like(blank), settings)


def plain_test(kind: str, settings: NormalSettings) -> Callable[[Any], bool]:
    """Test that only values pass which are certainly there and can certainly be read."""
    if kind in NUMBERS:
        most = DEGREES.get(kind, math.inf)
        return (lambda v: _plain_number(v, most)) if not settings.placeholders else lambda _: False
    if kind in DATES:
        return _plain_date if not settings.placeholders else lambda _: False
    special = {"email": _plain_mailbox, "phone": _plain_phone}.get(kind)
    if special is not None:
        return special if not settings.placeholders else lambda _: False
    starts = STARTS | {word for p in settings.placeholders for word in words_of(p)}
    needs_letters = kind in LETTERS_NEEDED
    is_code, is_name = kind == "postcode", kind == "name"
    starts_own = bool(settings.placeholders)

    def plain(value: Any) -> bool:
        if not isinstance(value, str):
            return kind in ALL_READABLE and isinstance(value, (int, float)) and not starts_own
        if not value.isascii() or "'" in value or "`" in value or (is_name and "," in value):
            return False
        found = FIRST_WORD.match(value)
        if found is None:
            return False
        word = found[1].lower()
        if word in starts or not word.strip("x"):
            return False
        if is_code:
            return len(set(value)) > 2
        return not needs_letters or word.isalpha()

    return plain


def words_of(text: str) -> list[str]:
    """Words of a text, in small letters."""
    return re.findall(r"[a-z0-9]+", text.casefold())


def _plain_number(value: Any, most: float) -> bool:
    if isinstance(value, (int, float, np.number)):
        return bool(abs(float(value)) <= most) and (most < math.inf or math.isfinite(value))
    return (
        isinstance(value, str)
        and PLAIN_NUMBER.fullmatch(value) is not None
        and (most == math.inf or abs(float(value)) <= most)
    )


def _plain_date(value: Any) -> bool:
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()[:10] not in NO_DATE
    found = PLAIN_DATE.fullmatch(value) if isinstance(value, str) else None
    return found is not None and found[1] not in NO_DATE and is_date(found[1])


def _plain_mailbox(value: Any) -> bool:
    found = PLAIN_MAILBOX.fullmatch(value) if isinstance(value, str) else None
    return found is not None and found[1].lower() not in NO_MAILBOX and ".." not in found[1]


def _plain_phone(value: Any) -> bool:
    if not isinstance(value, str) or PLAIN_PHONE.fullmatch(value) is None:
        return False
    digits = NO_DIGIT.sub("", value)
    return FEWEST_DIGITS + 2 <= len(digits) <= MOST_DIGITS and not is_no_number(digits)


def _is_read(value: Any, form: str | None, kind: str) -> bool:
    """Tell whether a value that is there was read as what its column holds."""
    if kind in ALL_READABLE:
        return True
    if kind in NUMBERS and isinstance(value, (int, float)):
        return _plain_number(value, DEGREES.get(kind, math.inf))
    if form is None:
        return False
    if kind in DATES:
        return is_date(form)
    if kind == "email":
        return MAILBOX.fullmatch(form) is not None and ".." not in form
    if kind == "phone":
        return FEWEST_DIGITS <= len(form.lstrip("+")) <= MOST_DIGITS
    return kind not in LETTERS_NEEDED or any(letter.isalpha() for letter in form)


def _two_readings(form: str) -> bool:
    """Tell whether a text is a date whose day and month could be either."""
    found = YEAR_LAST.fullmatch(form)
    return found is not None and all(1 <= int(part) <= 12 for part in (found[1], found[2]))


def breaks(values: Sequence[Any], rule: Any, settings: NormalSettings) -> Flags:
    """Whether values break a rule: bounds, allowed values or a regular expression."""
    if isinstance(rule, tuple):
        return ~within(values, rule[0], rule[1], settings)
    if isinstance(rule, str):
        pattern = re.compile(rule)
        return np.array([pattern.fullmatch(as_text(v)) is None for v in values], dtype=bool)
    allowed = set(rule)
    words = {as_text(value) for value in rule}
    return np.array([not (v in allowed or as_text(v) in words) for v in values], dtype=bool)


def within(values: Sequence[Any], low: Any, high: Any, settings: NormalSettings) -> Flags:
    """Whether values lie between bounds, both allowed: numbers, or dates where bounds are dates."""
    if any(isinstance(bound, (str, datetime.date)) for bound in (low, high)):
        days = as_days(values, settings)
        inside = ~np.isnat(days)
        if low is not None:
            inside &= days >= as_days([low], settings)[0]
        if high is not None:
            inside &= days <= as_days([high], settings)[0]
        return np.asarray(inside, dtype=bool)
    least, most = (
        far if bound is None else bound.item() if isinstance(bound, np.generic) else bound
        for bound, far in ((low, -math.inf), (high, math.inf))
    )
    numbers = exact_numbers(values, settings)
    return np.array([n is not None and bool(least <= n <= most) for n in numbers], dtype=bool)


def exact_numbers(values: Sequence[Any], settings: NormalSettings) -> list[Any]:
    """Values as numbers that are not rounded; None where they are none, and for NaN."""
    if not all(isinstance(value, (int, float)) for value in values):
        forms = traced(values, "number", settings).forms
        typed = (int, float, Decimal)
        values = [
            v if isinstance(v, typed) else None if form is None else Decimal(form)
            for v, form in zip(values, forms, strict=True)
        ]
    return [None if value is None or value != value else value for value in values]


def as_numbers(values: Sequence[Any], settings: NormalSettings) -> "np.ndarray[Any, Any]":
    """Values as float64, NaN where they are no numbers."""
    if all(isinstance(value, (int, float)) for value in values):
        return np.array([float(value) for value in values], dtype=np.float64)
    forms = traced(values, "number", settings).forms
    return np.array([np.nan if f is None else float(f) for f in forms], dtype=np.float64)


def as_days(values: Sequence[Any], settings: NormalSettings) -> "np.ndarray[Any, Any]":
    """Values as datetime64[D], NaT where they are no dates or stand for none."""
    known = typed_days(values)
    if known is not None:
        return np.where(np.isin(known, NO_DAYS), np.datetime64("NaT", "D"), known)
    fast = [PLAIN_DATE.fullmatch(v) if isinstance(v, str) else None for v in values]
    rest = [n for n, hit in enumerate(fast) if hit is None]
    texts = [None if hit is None else hit[1] for hit in fast]
    for n, form in zip(
        rest, traced([values[n] for n in rest], "date", settings).forms, strict=True
    ):
        texts[n] = form
    good = [t if t is not None and is_date(t) and t not in NO_DATE else "NaT" for t in texts]
    return np.array(good, dtype="datetime64[D]")


def typed_days(values: Sequence[Any]) -> "np.ndarray[Any, Any] | None":
    """Days of values that are all dates or times by type; None where any is not."""
    if not values or not all(isinstance(value, datetime.date) for value in values):
        return None
    since = np.array([value.toordinal() for value in values], dtype=np.int64)
    return (since - EPOCH).astype("datetime64[D]")


NO_DAYS = np.array(sorted(NO_DATE), dtype="datetime64[D]")
STARTS = (
    frozenset(word for text in (*NOTHING, *TECHNICAL, *NO_PERSON) for word in words_of(text)[:1])
    | TITLES
)
