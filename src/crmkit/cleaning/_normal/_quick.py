"""The short way for plain values: one look where the steps of a kind take ten.

Most values of a long list are ASCII of a usual shape. For these a function here gives at once
what all steps of the kind would give; for any other value, and for any that might stand for
nothing, it gives None, and the steps decide.
"""

import re
from collections.abc import Callable

from crmkit.cleaning._normal._address import FLAT, LONG_STREET, NUMBER_WORDS, SHORT_WORDS, SUITE
from crmkit.cleaning._normal._category import HYPHEN
from crmkit.cleaning._normal._email import WITHOUT_DOTS
from crmkit.cleaning._normal._phone import FEWEST_DIGITS
from crmkit.cleaning._normal._placeholders import (
    NO_DATE,
    NO_MAILBOX,
    NO_PERSON,
    NOTHING,
    TECHNICAL,
    is_no_code,
    is_no_number,
)
from crmkit.cleaning._normal._settings import NormalSettings

Quick = Callable[[str], str | None]

HARD_WORDS = frozenset((SUITE, "box", "pobox", "strasse", *NUMBER_WORDS))
HARD_PAIRS = (f"{FLAT} {FLAT}", "n e", "n w", "s e", "s w")
DOUBTFUL = NOTHING | TECHNICAL | NO_PERSON
ADDRESS = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
LONGEST_NUMBER = 40
FLOAT_END = ".0"
EDGES = ("00", "99")  # of the years of dates that say nothing
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CODE = re.compile(r"[0-9]{4,6}")
LINE = re.compile(r"[a-z0-9 .,'-]{1,200}")
NO_MARKS = str.maketrans({"'": None, ".": " ", ",": " ", "-": " "})
NO_DIGITS = str.maketrans(dict.fromkeys(" ().-+"))


def is_usual(settings: NormalSettings) -> bool:
    """Whether nothing is stated that the short way does not know of."""
    return not (settings.placeholders or settings.phone_region or settings.nicknames)


def quick_name(text: str) -> str | None:
    """One word of letters."""
    text = text.strip().lower()
    if not (text.isascii() and text.isalpha()) or text in DOUBTFUL or text.count("x") == len(text):
        return None
    return text


def quick_email(text: str) -> str | None:
    """An address without a tag."""
    text = text.strip()
    if not text.isascii():
        return None
    text = text.lower()
    if ADDRESS.fullmatch(text) is None:
        return None
    local, _at, domain = text.partition("@")
    if domain in WITHOUT_DOTS:
        local, domain = local.replace(".", "") or local, WITHOUT_DOTS[0]
    return None if local in NO_MAILBOX or local in TECHNICAL else f"{local}@{domain}"


def quick_phone(text: str) -> str | None:
    """Digits with the usual marks between."""
    text = text.strip()
    digits = text.translate(NO_DIGITS)
    if not (digits.isdigit() and digits.isascii()) or len(text) > LONGEST_NUMBER or "(0)" in text:
        return None
    if FLOAT_END in text or len(digits) < FEWEST_DIGITS or digits[0] == digits[1] == "0":
        return None
    sign = text.rfind("+")
    stated = sign >= 0
    if text.find(digits[0]) < sign or is_no_number(digits, with_country=stated):
        return None
    return f"+{digits}" if stated else digits


def quick_date(text: str) -> str | None:
    """A date that is in normal form."""
    return text if DATE.fullmatch(text) and text not in NO_DATE and text[:2] not in EDGES else None


def quick_postcode(text: str) -> str | None:
    """Four to six digits."""
    return text if CODE.fullmatch(text) and text.strip("0") and text.strip("9") else None


def quick_street(text: str) -> str | None:
    """Words and numbers without signs."""
    words = _plain_words(text)
    if not words or not HARD_WORDS.isdisjoint(words) or LONG_STREET in text.lower():
        return None
    form = " ".join([SHORT_WORDS.get(word, word) for word in words])
    if form in DOUBTFUL or any(pair in form for pair in HARD_PAIRS):
        return None
    return form


def quick_text(text: str) -> str | None:
    """Words and numbers."""
    words = _plain_words(text)
    form = " ".join(words)
    return None if not words or form in DOUBTFUL else form


def quick_code(text: str) -> str | None:
    """Letters and digits without a gap."""
    text = text.strip()
    if not (text.isascii() and text.isalnum()):
        return None
    text = text.lower()
    if text in DOUBTFUL or is_no_code(text):
        return None
    if "e" in text and text.replace("e", "", 1).isdigit():  # it may be an amount
        return None
    return text


def quick_category(text: str) -> str | None:
    """Words and numbers; a hyphen that is not within a word may be a minus sign."""
    return None if "-" in text and "-" in HYPHEN.sub("", text) else quick_text(text)


def _plain_words(text: str) -> list[str]:
    """Words of a line in small letters, none where it may stand for nothing."""
    if not text.isascii():
        return []
    text = text.lower()
    if LINE.fullmatch(text) is None or " ".join(text.split()) in DOUBTFUL:
        return []
    return text.translate(NO_MARKS).split()


QUICK: dict[str, Quick] = {
    "first_name": quick_name,
    "last_name": quick_name,
    "email": quick_email,
    "phone": quick_phone,
    "birth_date": quick_date,
    "date": quick_date,
    "id": quick_code,
    "postcode": quick_postcode,
    "street": quick_street,
    "category": quick_category,
    "text": quick_text,
}
