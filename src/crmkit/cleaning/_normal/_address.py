"""Streets, towns, postcodes, states and countries in one way of writing.

Long words of streets become the short ones of the postal services, since "St" is one word for
"Street" and "Saint" and nobody can tell which was meant; signs and house numbers of Chinese
addresses stand together.
"""

import re

from crmkit.cleaning._normal._settings import NormalSettings, Step
from crmkit.cleaning._normal._text import (
    CLEAN,
    CODE,
    FOLD,
    PLACEHOLDER,
    TEXT,
    joined_numbers,
    joined_signs,
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
    "unit": "apt", "flat": "apt", "suite": "apt", "ste": "apt", "building": "bldg", "floor": "fl",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
    "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
}  # fmt: skip
TOWN_WORDS = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft", "sankt": "st"}
NUMBER_WORDS = ("no", "nr", "num", "number", "numero")
CHINESE = re.compile("[\u4e00-\u9fff]")
HASH_NUMBER = re.compile(r"#\s*(?=\w)")
CITY_END = re.compile(r"(?<=..)(?:市|city)$")
STATE_END = re.compile(r"(?<=..)(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)$")
ZIP_PLUS_FOUR = re.compile(r"(\d{5})\s?-\s?\d{4}")
WITH_COUNTRY = re.compile(r"[A-Za-z]{1,3}-\s?(\d{4,6})")
DECIMAL = re.compile(r"(\d+)\.0+")
COUNTRIES = {
    "us": "usa|u s|u s a|united states|united states of america|america|vereinigte staaten|"
          "etats unis|estados unidos|美国",
    "gb": "uk|u k|great britain|united kingdom|england|scotland|wales|grossbritannien|英国",
    "de": "germany|deutschland|allemagne|alemania|ger|deu|德国",
    "fr": "france|frankreich|francia|fra|法国",
    "es": "spain|spanien|espagne|espana|esp|西班牙",
    "it": "italy|italien|italie|italia|ita|意大利",
    "cn": "china|pr china|people s republic of china|peoples republic of china|chine|chn|"
          "中国|中华人民共和国",
    "jp": "japan|japon|jpn|日本",
    "ca": "canada|kanada|can|加拿大",
    "au": "australia|australien|australie|aus|澳大利亚",
    "at": "austria|osterreich|oesterreich|autriche|aut|奥地利",
    "ch": "switzerland|schweiz|suisse|svizzera|suiza|che|瑞士",
    "nl": "netherlands|the netherlands|holland|niederlande|nederland|pays bas|nld|荷兰",
    "be": "belgium|belgien|belgique|belgie|bel|比利时",
    "ie": "ireland|irland|irlande|irl|爱尔兰",
    "pt": "portugal|prt|葡萄牙",
    "pl": "poland|polen|pologne|polska|pol|波兰",
    "br": "brazil|brasil|brasilien|bra|巴西",
    "mx": "mexico|mexiko|mex|墨西哥",
    "in": "india|indien|inde|ind|印度",
    "nz": "new zealand|neuseeland|nzl|新西兰",
    "kr": "south korea|korea|republic of korea|sudkorea|kor|韩国",
    "se": "sweden|schweden|suede|sverige|swe|瑞典",
    "no": "norway|norwegen|norge|nor|挪威",
    "dk": "denmark|danemark|danmark|dnk|丹麦",
    "fi": "finland|finnland|suomi|fin|芬兰",
}  # fmt: skip
CODE_OF = {name: code for code, names in COUNTRIES.items() for name in names.split("|")}


def number_sign(text: str, _: NormalSettings) -> str:
    """Write # as the house number of a Chinese address, and as the flat in others."""
    if "#" not in text:
        return text
    return text.replace("#", "号") if CHINESE.search(text) else HASH_NUMBER.sub(" apt ", text)


def short_words(text: str, _: NormalSettings) -> str:
    """The short words of the postal services, and no word before a house number."""
    words = text.split()
    short = [
        _short(word)
        for word, after in zip(words, [*words[1:], ""], strict=True)
        if not (word in NUMBER_WORDS and after[:1].isdigit())
    ]
    plain = " ".join(short)
    return plain if plain.isascii() else plain.replace("號", "号")


def one_flat(text: str, _: NormalSettings) -> str:
    """One word for the flat, not two: "apt #4" is "apt 4"."""
    return text.replace("apt apt ", "apt ")


def town_words(text: str, _: NormalSettings) -> str:
    """Short words of towns, and no word for "city" behind a Chinese name."""
    plain = " ".join(TOWN_WORDS.get(word, word) for word in text.split())
    return plain if plain.isascii() else CITY_END.sub("", plain)


def state_words(text: str, _: NormalSettings) -> str:
    """No word for "province" behind a Chinese name."""
    return text if text.isascii() else STATE_END.sub("", text)


def country_code(text: str, _: NormalSettings) -> str:
    """The code of a country that is known by name; any other name as it is."""
    return CODE_OF.get(text, text)


def postal_core(text: str, _: NormalSettings) -> str:
    """The postcode of the town: no +4, no country before it, no decimals of a number."""
    for pattern in (ZIP_PLUS_FOUR, WITH_COUNTRY, DECIMAL):
        found = pattern.fullmatch(text)
        if found:
            return found[1]
    return text


def a_postcode(text: str, _: NormalSettings) -> str | None:
    """Nothing for zeros or nines alone."""
    return None if set(text) in ({"0"}, {"9"}) else text


def _short(word: str) -> str:
    if word in SHORT_WORDS:
        return SHORT_WORDS[word]
    if word.endswith("strasse"):
        return word[: -len("asse")]
    return word


STREET = (
    *TEXT[:4],
    Step("number sign", number_sign),
    *FOLD,
    Step("short words", short_words),
    Step("short words", one_flat),
    Step("blanks within", joined_numbers),
    Step("blanks within", joined_signs),
    PLACEHOLDER,
)
CITY = (*TEXT, Step("blanks within", joined_signs), Step("short words", town_words))
STATE = (*TEXT, Step("blanks within", joined_signs), Step("short words", state_words))
COUNTRY = (*TEXT, Step("country code", country_code))
POSTCODE = (
    *CLEAN,
    Step("part of the postcode", postal_core),
    *CODE[3:],
    Step("placeholder", a_postcode),
)
