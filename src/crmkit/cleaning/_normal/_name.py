"""Names of people and firms: without titles and legal forms, in one order.

What tells people apart stays: "junior" and "III" part father and son, particles part families.
"""

import re

from crmkit.cleaning._normal._placeholders import is_no_name, is_no_name_left
from crmkit.cleaning._normal._settings import NormalSettings, Step
from crmkit.cleaning._normal._text import (
    BLANKS,
    CLEAN,
    FOLD,
    PLACEHOLDER,
    TEXT,
    joined_signs,
)

TITLES = frozenset((
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "doctor", "sir", "madam", "rev",
    "reverend", "capt", "captain", "herr", "frau", "hr", "dipl", "ing", "mag", "monsieur",
    "madame", "mademoiselle", "mme", "mlle", "senor", "senora", "senorita", "sra", "srta",
    "dott", "dottor", "signor", "signora", "sig",
))  # fmt: skip
DEGREES = frozenset((
    "phd", "md", "mba", "msc", "bsc", "esq", "esquire", "cpa", "dds", "dvm", "jd", "llm",
))  # fmt: skip
GENERATIONS = {"junior": "jr", "senior": "sr", "jnr": "jr", "snr": "sr"}
CHINESE_TITLES = re.compile(r"(?<=.)(?:先生|女士|小姐|太太|夫人|博士|教授|老师|医生|经理|同志)$")
LEGAL = frozenset((
    "inc", "incorporated", "llc", "llp", "lp", "ltd", "limited", "plc", "corp", "corporation",
    "co", "company", "gmbh", "mbh", "ag", "kg", "kgaa", "ohg", "ug", "ev", "eg", "se", "sa",
    "sarl", "sas", "sasu", "eurl", "sl", "slu", "srl", "spa", "bv", "nv", "oy", "oyj", "ab",
    "as", "aps", "pty", "pte", "kk", "lda", "ltda", "sro", "zoo",
))  # fmt: skip
LEGAL_WORDS = re.compile(r"(?:(?:股份|控股|集团)?有限(?:责任)?公司|公司|株式会社|有限会社)$")
JAPANESE_START = re.compile(r"^(?:株式会社|有限会社|株 )\s*(?=.)")
MOST_FAMILY_WORDS, MOST_GIVEN_WORDS = 2, 3

NICKNAMES = {
    "abby": "abigail", "andy": "andrew", "annie": "anna", "becky": "rebecca", "ben": "benjamin",
    "bert": "albert", "beth": "elizabeth", "betty": "elizabeth", "bill": "william",
    "billy": "william", "bob": "robert", "bobby": "robert", "cathy": "catherine",
    "charlie": "charles", "chris": "christopher", "chuck": "charles", "dan": "daniel",
    "danny": "daniel", "dave": "david", "debbie": "deborah", "dick": "richard", "don": "donald",
    "ed": "edward", "eddie": "edward", "fred": "frederick", "gerry": "gerald", "greg": "gregory",
    "hans": "johannes", "hal": "harold", "jenny": "jennifer", "jess": "jessica", "jim": "james",
    "jimmy": "james", "joe": "joseph", "johnny": "john", "jon": "jonathan", "kathy": "katherine",
    "katie": "katherine", "ken": "kenneth", "kim": "kimberly", "larry": "lawrence",
    "len": "leonard", "liz": "elizabeth", "lizzie": "elizabeth", "maggie": "margaret",
    "matt": "matthew", "mike": "michael", "nate": "nathaniel", "nick": "nicholas",
    "pat": "patricia", "peggy": "margaret", "pete": "peter", "phil": "philip", "pippa": "philippa",
    "ray": "raymond", "rick": "richard", "rob": "robert", "ron": "ronald", "sam": "samuel",
    "sandy": "alexandra", "sepp": "josef", "steve": "stephen", "sue": "susan", "ted": "edward",
    "teddy": "edward", "tim": "timothy", "tom": "thomas", "tommy": "thomas", "tony": "anthony",
    "val": "valerie", "vince": "vincent", "walt": "walter", "will": "william",
    "paco": "francisco", "pepe": "jose", "lola": "dolores",
}  # fmt: skip


def no_name(text: str, settings: NormalSettings) -> str | None:
    """Nothing for what is nobody's name."""
    return None if is_no_name(text, settings) else text


def no_name_left(text: str, settings: NormalSettings) -> str | None:
    """Nothing for what turns out to be nobody's name without its marks and titles."""
    return None if is_no_name_left(text, settings) else text


def given_name_first(text: str, _: NormalSettings) -> str:
    """Smith, John is John Smith; "Smith, PhD" and long descriptions stay as they are."""
    last, comma, first = text.partition(",")
    words = first.replace(".", "").casefold().split()
    if (
        not comma
        or not words
        or "," in first
        or len(last.split()) > MOST_FAMILY_WORDS
        or len(words) > MOST_GIVEN_WORDS
        or not last.strip()
        or all(word in DEGREES or word in GENERATIONS or _is_generation(word) for word in words)
        or any(letter.isdigit() for letter in text)
    ):
        return text
    return f"{first.strip()} {last.strip()}"


def no_titles(text: str, _: NormalSettings) -> str:
    """No titles before and no degrees behind; a name of titles alone stays."""
    words = text.split()
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    while len(words) > 1 and words[-1] in DEGREES:
        words = words[:-1]
    plain = " ".join(words)
    return plain if plain.isascii() else CHINESE_TITLES.sub("", plain).strip()


def one_generation(text: str, _: NormalSettings) -> str:
    """Junior is jr and senior is sr, behind a name."""
    first, blank, last = text.rpartition(" ")
    return f"{first} {GENERATIONS[last]}" if blank and last in GENERATIONS else text


def formal_name(text: str, settings: NormalSettings) -> str:
    """The given name of a nickname, in the first word."""
    if not settings.nicknames:
        return text
    first, blank, rest = text.partition(" ")
    return settings.nicknames.get(first, first) + blank + rest


def no_legal_form(text: str, _: NormalSettings) -> str:
    """No legal form behind the name of a firm, no "the" before; a name of these alone stays."""
    words = text.split()
    while len(words) > 1 and (words[-1] in LEGAL or words[-1] in ("and", "und", "et", "y")):
        words = words[:-1]
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    plain = " ".join(words)
    if plain.isascii():
        return plain
    return LEGAL_WORDS.sub("", JAPANESE_START.sub("", plain)).strip() or plain


def and_in_words(text: str, _: NormalSettings) -> str:
    """Write & and + between words as "and"."""
    return re.sub(r"(?<=\w)\s*[&+]\s*(?=\w)", " and ", text)


def _is_generation(word: str) -> bool:
    return word in ("jr", "sr", "ii", "iii", "iv", "v")


NO_NAME = Step("placeholder", no_name)
NO_NAME_LEFT = Step("placeholder", no_name_left)
TITLE = Step("titles", no_titles)
SIGNS = Step("blanks within", joined_signs)
NICKNAME = Step("nickname", formal_name)

FIRST_NAME = (*CLEAN, NO_NAME, *FOLD, TITLE, SIGNS, NO_NAME_LEFT, NICKNAME)
JUNIOR = Step("junior, senior", one_generation)
LAST_NAME = (*CLEAN, NO_NAME, *FOLD, TITLE, SIGNS, NO_NAME_LEFT, JUNIOR)
FULL_NAME = (
    *CLEAN,
    NO_NAME,
    Step("order of names", given_name_first),
    *FOLD,
    TITLE,
    SIGNS,
    NO_NAME_LEFT,
    JUNIOR,
    NICKNAME,
)
COMPANY = (
    *TEXT[:4],
    Step("and", and_in_words),
    BLANKS,
    *FOLD,
    Step("legal form", no_legal_form),
    SIGNS,
    PLACEHOLDER,
)
