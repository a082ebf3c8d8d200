"""Streets, towns, postcodes, states and countries in one way of writing.

Long words of streets become the short ones of the postal services, since "St" is one word for
"Street" and "Saint" and nobody can tell which was meant, while "Ste" is a suite only before its
number; signs and house numbers of Chinese addresses stand together.
"""

import re

from crmkit.cleaning._normal._countries import CODE_OF
from crmkit.cleaning._normal._settings import NormalSettings, Step
from crmkit.cleaning._normal._text import (
    CLEAN,
    FLOAT,
    FOLD,
    PLACEHOLDER,
    PLACEHOLDER_LEFT,
    TEXT,
    joined_numbers,
    joined_signs,
    no_blanks,
)

SHORT_WORDS = {
    "street": "st", "str": "str", "road": "rd", "avenue": "ave", "av": "ave", "aven": "ave",
    "lane": "ln", "drive": "dr", "drv": "dr", "boulevard": "blvd", "blv": "blvd", "boul": "blvd",
    "bd": "blvd", "place": "pl", "plaza": "plz", "court": "ct", "square": "sq", "highway": "hwy",
    "parade": "pde", "crescent": "cres", "cresc": "cres", "circuit": "cct", "circle": "cir",
    "terrace": "tce", "terr": "tce", "ter": "tce", "close": "cl", "parkway": "pkwy",
    "freeway": "fwy", "expressway": "expy", "turnpike": "tpke", "trail": "trl", "way": "way",
    "mount": "mt", "mountain": "mtn", "saint": "st", "fort": "ft", "heights": "hts",
    "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne", "northwest": "nw",
    "southeast": "se", "southwest": "sw", "strasse": "str", "platz": "pl", "allee": "al",
    "avenida": "ave", "avda": "ave", "calle": "c", "carrer": "c", "carretera": "ctra",
    "chemin": "ch", "faubourg": "fg", "impasse": "imp", "apartment": "apt", "appartement": "apt",
    "unit": "apt", "flat": "apt", "suite": "apt", "sainte": "ste", "building": "bldg",
    "floor": "fl",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
    "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
}  # fmt: skip
TOWN_WORDS = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft", "sankt": "st"}
NUMBER_WORDS = ("no", "nr", "num", "number", "numero")
CHINESE = re.compile("[\u4e00-\u9fff]")
HASH_NUMBER = re.compile(r"#\s*(?=\w)")
CITY_END = re.compile(r"(?<=..)(?:市| ?city)+$")
STATE_END = re.compile(r"(?<=..)(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)+$")
SUITE, FLAT, LONG_STREET = "ste", "apt", "strasse"
POST_BOX = re.compile(r"\b(?:p ?o ?box|post office box|postal box)\b")
ONE_WAY = re.compile(r"\b([ns]) ([ew])\b")
SINGLE_LETTERS = re.compile(r"\b([^\W\d_]) (?=[^\W\d_]\b)")
ZIP_PLUS_FOUR = re.compile(r"(\d{5}) ?-? ?\d{4}")
WITH_COUNTRY = re.compile(r"[A-Za-z]{1,3}-\s?(\d{4,6})")
AMOUNT = re.compile(r"\d{1,7}\.\d{1,2}")


def number_sign(text: str, _: NormalSettings) -> str:
    """Write # as the house number of a Chinese address, and as the flat in others."""
    if "#" not in text:
        return text
    return text.replace("#", "号") if CHINESE.search(text) else HASH_NUMBER.sub(" apt ", text)


def short_words(text: str, _: NormalSettings) -> str:
    """The short words of the postal services, no word before a house number, one for the flat."""
    after = ""
    backwards: list[str] = []
    for long in reversed(POST_BOX.sub("po box", text).split(" ")):
        word = _short(long, after)
        if not (word in NUMBER_WORDS and after[:1].isdigit()) and not (word == after == FLAT):
            backwards.append(word)
            after = word
    plain = ONE_WAY.sub(r"\1\2", " ".join(reversed(backwards)))
    return plain if plain.isascii() else plain.replace("號", "号")


def town_words(text: str, _: NormalSettings) -> str:
    """Short words of towns, and no word for "city" behind a Chinese name."""
    town = text if text.isascii() else CITY_END.sub("", text)
    return " ".join(TOWN_WORDS.get(word, word) for word in town.split())


def joined_letters(text: str, _: NormalSettings) -> str:
    """Single letters as one word: N.S.W. is NSW."""
    return SINGLE_LETTERS.sub(r"\1", text)


def state_words(text: str, _: NormalSettings) -> str:
    """No word for "province" behind a Chinese name."""
    return text if text.isascii() else STATE_END.sub("", text).strip()


def country_code(text: str, _: NormalSettings) -> str:
    """The code of a country that is known by name; any other name as it is."""
    return CODE_OF.get(text, text)


def postal_core(text: str, _: NormalSettings) -> str | None:
    """The postcode of the town: no +4, no country before it; nothing for an amount (1234.5)."""
    for pattern in (ZIP_PLUS_FOUR, WITH_COUNTRY):
        found = pattern.fullmatch(text)
        if found:
            return found[1]
    return None if AMOUNT.fullmatch(text) else text


def a_postcode(text: str, _: NormalSettings) -> str | None:
    """Nothing for zeros or nines alone."""
    return None if set(text) in ({"0"}, {"9"}) else text


def _short(word: str, after: str) -> str:
    """The short form of a word, by what stands behind it."""
    if word == SUITE and (after[:1].isdigit() or len(after) == 1):
        return FLAT
    if word in SHORT_WORDS:
        return SHORT_WORDS[word]
    if word.endswith(LONG_STREET):
        return word[: -len("asse")]
    return word


STREET = (
    *TEXT[:4],
    Step("number sign", number_sign),
    *FOLD,
    Step("short words", short_words),
    Step("blanks within", joined_numbers),
    Step("blanks within", joined_signs),
    PLACEHOLDER_LEFT,
)
CITY = (*TEXT, Step("blanks within", joined_signs), Step("short words", town_words))
STATE = (
    *TEXT,
    Step("blanks within", joined_signs),
    Step("short words", state_words),
    Step("blanks within", joined_letters),
)
COUNTRY = (*TEXT, Step("country code", country_code))
POSTCODE = (
    *CLEAN,
    PLACEHOLDER,
    FLOAT,
    Step("part of the postcode", postal_core),
    *FOLD,
    PLACEHOLDER_LEFT,
    Step("blanks within", no_blanks),
    Step("part of the postcode", postal_core),
    Step("placeholder", a_postcode),
)
