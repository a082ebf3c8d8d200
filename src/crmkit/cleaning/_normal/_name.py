"""Names of people: without titles, in one order.

What tells people apart stays: "junior" and "III" part father and son, particles part families.
"""

import re

from crmkit.cleaning._normal._name_order import DEGREES, TITLES, given_name_first
from crmkit.cleaning._normal._placeholders import is_nobody, is_nothing_left
from crmkit.cleaning._normal._settings import Change, NormalSettings, Step
from crmkit.cleaning._normal._text import CLEAN, FOLD, PLACEHOLDER, joined_signs, settled

ONE_GENERATION = {"junior": "jr", "senior": "sr", "jnr": "jr", "snr": "sr"}
CHINESE_TITLES = re.compile(
    r"(?<=.)(?: ?(?:先生|女士|小姐|太太|夫人|博士|教授|老师|医生|经理|同志))+$"
)
DOTTED_TITLES = re.compile(r"\b(?:ing|mag|sig)\.(?=\W*[^\W\d_])", re.IGNORECASE)
SUBJECTS = re.compile(
    r"\b([Dd][Rr])\b\.?"
    r"(?: ?-?(?:(?i:med|rer|nat|pol|oec|jur|iur|theol|habil|dent|vet|agr|mult|h\. ?c)|phil)\.)+"
)

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


def no_name_left(kind: str) -> Change:
    """Nothing for what turns out to be nobody's name of this kind."""

    def left(text: str, settings: NormalSettings) -> str | None:
        return None if is_nothing_left(text, settings) or is_nobody(text, kind) else text

    return left


def no_dotted_titles(text: str, _: NormalSettings) -> str:
    """No "Ing." or "Mag.", names where they have no dot, and no subject behind "Dr."."""
    if "." not in text:
        return text
    return " ".join(DOTTED_TITLES.sub(" ", SUBJECTS.sub(r"\1.", text)).split())


def no_titles(text: str, _: NormalSettings) -> str:
    """No titles before and no degrees behind; a name of titles alone stays.

    A text of more than 200 letters is no name and stays.
    """
    return settled(text, _shorter)


def one_generation(text: str, _: NormalSettings) -> str:
    """Junior is jr and senior is sr, behind a name."""
    first, blank, last = text.rpartition(" ")
    return f"{first} {ONE_GENERATION[last]}" if blank and last in ONE_GENERATION else text


def formal_name(text: str, settings: NormalSettings) -> str:
    """The given name of a nickname, in the first word."""
    if not settings.nicknames:
        return text
    first, blank, rest = text.partition(" ")
    return settings.nicknames.get(first, first) + blank + rest


def _shorter(text: str) -> str:
    words = text.split()
    start, end = 0, len(words)
    while end - start > 1 and (
        words[start] in TITLES or (words[start] == "ing" and words[max(start - 1, 0)] == "dipl")
    ):
        start += 1
    while end - start > 1 and words[end - 1] in DEGREES:
        end -= 1
    plain = " ".join(words[start:end])
    return plain if plain.isascii() else CHINESE_TITLES.sub("", plain).strip()


DOTTED = Step("titles", no_dotted_titles)
TITLE = Step("titles", no_titles)
SIGNS = Step("blanks within", joined_signs)
NICKNAME = Step("nickname", formal_name)
JUNIOR = Step("junior, senior", one_generation)
FIRST_LEFT, LAST_LEFT, LEFT = (
    Step("placeholder", no_name_left(kind)) for kind in ("first_name", "last_name", "name")
)

FIRST_NAME = (*CLEAN, PLACEHOLDER, DOTTED, *FOLD, TITLE, SIGNS, FIRST_LEFT, NICKNAME)
LAST_NAME = (*CLEAN, PLACEHOLDER, DOTTED, *FOLD, TITLE, SIGNS, LAST_LEFT, JUNIOR)
FULL_NAME = (
    *CLEAN,
    PLACEHOLDER,
    DOTTED,
    Step("order of names", given_name_first),
    *FOLD,
    TITLE,
    SIGNS,
    LEFT,
    JUNIOR,
    NICKNAME,
)
