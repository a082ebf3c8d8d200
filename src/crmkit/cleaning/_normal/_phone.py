"""Phone numbers: digits, with the country where it is stated.

With a region, numbers are read by the package phonenumbers and written as in E.164, "+" and
country code before the digits. Without one no country is guessed: a number that says its country
("+44 ...", "0044 ...") keeps it, any other is its digits as they are dialled at home.
"""

import re
from typing import Any

from crmkit._optional import require
from crmkit.cleaning._normal._placeholders import is_no_number
from crmkit.cleaning._normal._settings import NormalSettings, Step
from crmkit.cleaning._normal._text import BLANKS, CONTROLS, FLOAT, PLACEHOLDER, WIDTH
from crmkit.exceptions import DataError

FEWEST_DIGITS = 5
WHOLE_NUMBER = 7  # digits from which a part of a cell is a number of its own
EXTENSION = re.compile(
    r"(?:\bext(?:ension|n)?\b|\bx|\bdw\b|转|轉|#)\W{0,3}\d{1,6}\W*$", re.IGNORECASE
)
SEVERAL = re.compile(r"[;,/|]|\bor\b|\bund\b|\band\b")
TRUNK_ZERO = re.compile(r"^(\+\d{1,3}[^\d(]{0,3})\(0\)")
BEFORE_PLUS = re.compile(r"^[^\d+]*(?=\+[^\d+]{0,3}\d)")
NUMBER_MARKS = re.compile(r"[^\d+]+")
NO_DIGIT = re.compile(r"[^0-9]+")
LONGEST = 200  # characters of a cell in which a number is looked for


def region_checked(region: object, owner: str) -> None:
    """Refuse what is no region that phonenumbers knows."""
    known = _library().SUPPORTED_REGIONS
    if not isinstance(region, str) or region not in known:
        raise DataError(
            f"{owner}: phone_region must be a country code of two capital letters, such as 'US' "
            f"or 'CN', got {region!r}."
        )


def no_extension(text: str, _: NormalSettings) -> str:
    """No extension behind the number."""
    return EXTENSION.sub("", text[:LONGEST]).strip()


def first_number(text: str, _: NormalSettings) -> str:
    """The first of several whole numbers in a cell."""
    parts = SEVERAL.split(text)
    if len(parts) > 1 and all(len(_digits(part)) >= WHOLE_NUMBER for part in parts[:2]):
        return parts[0].strip()
    return text


def digits_alone(text: str, settings: NormalSettings) -> str | None:
    """Digits, behind + where the country is known; nothing where there are too few."""
    text = BEFORE_PLUS.sub("", text)
    if settings.phone_region is not None:
        for written in (text, NUMBER_MARKS.sub(" ", TRUNK_ZERO.sub(r"\1", text)).strip()):
            whole = _e164(written, settings.phone_region)
            if whole is not None:
                return whole
    text = TRUNK_ZERO.sub(r"\1", text)
    digits = _digits(text)
    stated = text.startswith("+")
    if not stated and digits.startswith("00") and len(digits) > FEWEST_DIGITS + 4:
        stated, digits = True, digits[2:]
    if len(digits) < FEWEST_DIGITS:
        return None
    return f"+{digits}" if stated else digits


def a_number(text: str, _: NormalSettings) -> str | None:
    """Nothing for numbers that are nobody's."""
    digits = _digits(text)
    stated = text.lstrip("([ ").startswith("+") or digits.startswith("00")
    plain = digits.lstrip("0") if stated else digits
    return None if digits and is_no_number(plain or digits, with_country=stated) else text


def _e164(text: str, region: str) -> str | None:
    """The number as in E.164, None where it cannot be one of the region or of a stated country.

    Numbers that lack the code of their town are none, nor are those that keep a 0 before them,
    unless they are known to be in use.
    """
    library = _library()
    try:
        number = library.parse(text, region)
    except library.NumberParseException:
        return None
    reason = library.is_possible_number_with_reason(number)
    if reason != library.ValidationResult.IS_POSSIBLE:
        return None
    if number.italian_leading_zero and not library.is_valid_number(number):
        return None
    return str(library.format_number(number, library.PhoneNumberFormat.E164))


def _library() -> Any:
    return require("phonenumbers", extra="cleaning", purpose="phone_region")


def _digits(text: str) -> str:
    return NO_DIGIT.sub("", text)


PHONE = (
    WIDTH,
    CONTROLS,
    BLANKS,
    PLACEHOLDER,
    FLOAT,
    Step("extension", no_extension),
    Step("first of several", first_number),
    Step("placeholder", a_number),
    Step("digits", digits_alone),
    Step("placeholder", a_number),
)
