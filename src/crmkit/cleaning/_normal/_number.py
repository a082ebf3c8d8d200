"""Numbers, degrees and sets of words in one way of writing."""

import re

from crmkit.cleaning._normal._settings import NormalSettings, Step
from crmkit.cleaning._normal._text import CASE, CLEAN, PLACEHOLDER, no_accents

CURRENCY = re.compile(
    r"^(?:[a-z]{3}\s?(?=[-+\d]))?[$€£¥₹]?|(?:[$€£¥₹]|\s?(?:eur|usd|gbp|chf|cny))$"
)
THOUSANDS = {
    ".": re.compile(r"[-+]?\d{1,3}(?:[,' ]\d{3})+(?:\.\d*)?"),
    ",": re.compile(r"[-+]?\d{1,3}(?:[.' ]\d{3})+(?:,\d*)?"),
}
PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,3})?")
LONGEST = 100
MOST_NORTH, MOST_EAST = 90.0, 180.0
PARTS = re.compile(r"[,;|]")


def no_currency(text: str, _: NormalSettings) -> str:
    """No mark of a currency before or behind."""
    return CURRENCY.sub("", text).strip()


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
    number = float(text)
    return f"{number:.15g}" if abs(number) < float("inf") else None


def north(text: str, _: NormalSettings) -> str | None:
    """Nothing for what is no degree of latitude."""
    return text if abs(float(text)) <= MOST_NORTH else None


def east(text: str, _: NormalSettings) -> str | None:
    """Nothing for what is no degree of longitude."""
    return text if abs(float(text)) <= MOST_EAST else None


def sorted_members(text: str, _: NormalSettings) -> str | None:
    """Members of a set once each, in order, parted by commas."""
    members = {" ".join(part.split()) for part in PARTS.split(text)} - {""}
    return ", ".join(sorted(members)) or None


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
