"""Numbers, degrees and sets of words in one way of writing."""

import re

from crmkit.cleaning._normal._placeholders import is_nothing
from crmkit.cleaning._normal._settings import NormalSettings, Step
from crmkit.cleaning._normal._text import CASE, CLEAN, PLACEHOLDER, no_accents

CURRENCY = re.compile(
    r"^(?:(?:[a-z]{3}|kr|rs|zł)\.?\s?(?=[-+\d]))?[$€£¥₹]?|"
    r"(?:[$€£¥₹元円]|\s?(?:eur|usd|gbp|chf|cny|jpy|sek|nok|dkk|pln|kr|zł)\.?)$"
)
MINUS = str.maketrans("\u2212\u2012\u2013", "---")
IN_BRACKETS = re.compile(r"\(([^()+-]*\d[^()+-]*)\)")
WHOLE = re.compile(r"[-+]?\d+")
THOUSANDS = {
    ".": re.compile(r"[-+]?\d{1,3}(?:[,' ]\d{3})+(?:\.\d*)?"),
    ",": re.compile(r"[-+]?\d{1,3}(?:[.' ]\d{3})+(?:,\d*)?"),
}
PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,3})?")
LONGEST = 100
MOST_WRITTEN_OUT = 1e22
MOST_NORTH, MOST_EAST = 90.0, 180.0
PARTS = re.compile(r"[,;|]")


def no_currency(text: str, _: NormalSettings) -> str:
    """No mark of a currency before or behind, and one minus: (5) of accounts is -5."""
    text = text.translate(MINUS)
    found = IN_BRACKETS.fullmatch(text) if len(text) <= LONGEST else None
    plain = CURRENCY.sub("", found[1] if found else text).strip()
    return f"-{plain}" if found else plain


def plain_number(text: str, settings: NormalSettings) -> str | None:
    """A number with a point before the decimals; nothing for what is none."""
    if len(text) > LONGEST:
        return None
    if THOUSANDS[settings.decimal].fullmatch(text):
        text = re.sub(r"[' ]", "", text).replace("," if settings.decimal == "." else ".", "")
    if settings.decimal == ",":
        text = text.replace(",", ".")
    if not PLAIN.fullmatch(text):
        return None
    if WHOLE.fullmatch(text):
        return str(int(text))
    number = float(text)
    if not abs(number) < float("inf"):
        return None
    if number.is_integer() and abs(number) < MOST_WRITTEN_OUT:
        return str(int(number))
    return f"{number:.15g}"


def north(text: str, _: NormalSettings) -> str | None:
    """Nothing for what is no degree of latitude."""
    return text if abs(float(text)) <= MOST_NORTH else None


def east(text: str, _: NormalSettings) -> str | None:
    """Nothing for what is no degree of longitude."""
    return text if abs(float(text)) <= MOST_EAST else None


def sorted_members(text: str, settings: NormalSettings) -> str | None:
    """Members of a set once each, in order, parted by commas; none that say nothing."""
    members = {" ".join(part.split()) for part in PARTS.split(text)}
    return ", ".join(sorted(m for m in members if not is_nothing(m, settings))) or None


NUMBER = (
    *CLEAN,
    PLACEHOLDER,
    CASE,
    Step("currency", no_currency),
    Step("number form", plain_number),
)
LATITUDE = (*NUMBER, Step("out of range", north))
LONGITUDE = (*NUMBER, Step("out of range", east))
SET = (*CLEAN, PLACEHOLDER, CASE, Step("accents", no_accents), Step("order", sorted_members))
