"""Names written as on a list, "Smith, John", in the order in which they are spoken."""

import re

from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._normal._text import SIGN

TITLES = frozenset((
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "doctor", "sir", "madam", "rev",
    "reverend", "capt", "captain", "herr", "frau", "hr", "dipl", "monsieur", "madame",
    "mademoiselle", "mme", "mlle", "senor", "senora", "senorita", "sra", "srta", "dott", "dottor",
    "signor", "signora",
))  # fmt: skip
DEGREES = frozenset((
    "phd", "md", "mba", "msc", "bsc", "esq", "esquire", "cpa", "dds", "dvm", "jd", "llm",
))  # fmt: skip
GENERATIONS = frozenset(("jr", "sr", "jnr", "snr", "junior", "senior", "ii", "iii", "iv"))
PARTICLES = frozenset((
    "van", "von", "vom", "der", "den", "de", "del", "della", "di", "da", "do", "dos", "das", "du",
    "la", "le", "el", "al", "zu", "zum", "zur", "ter", "ten", "bin", "ibn", "abu", "af", "av", "st",
))  # fmt: skip
COMMA = re.compile("[,\u060c\u3001]")
MOST_FAMILY_WORDS, MOST_GIVEN_WORDS, MOST_PARTICLES = 2, 3, 3


def given_name_first(text: str, _: NormalSettings) -> str:
    """Smith, John, Jr. is John Smith Jr.; long descriptions stay as they are.

    So do Chinese, Japanese and Korean names, in which the family comes first anyway.
    """
    if not COMMA.search(text) or SIGN.search(text) or any(map(str.isdigit, text)):
        return text
    family, *parts = (part.split() for part in COMMA.split(text))
    behind = [word for part in parts if _is_behind(part) for word in part]
    given, *more = [part for part in parts if part and not _is_behind(part)] or [[]]
    if more or not family:
        return text
    titles = _while(family[:-1], TITLES)
    family = family[len(titles) :]
    generation = _while(given[:0:-1], GENERATIONS)[::-1]
    given = given[: len(given) - len(generation)]
    if not given:
        return " ".join([*titles, *family, *behind])
    if (
        _without(given, TITLES) > MOST_GIVEN_WORDS
        or _without(family, PARTICLES | GENERATIONS) > MOST_FAMILY_WORDS
        or len(family) > MOST_FAMILY_WORDS + MOST_PARTICLES
    ):
        return text
    return " ".join([*titles, *given, *family, *generation, *behind])


def _is_behind(part: list[str]) -> bool:
    """Tell whether words are such as stand behind a name: junior, III, PhD."""
    return bool(part) and all(_bare(word) in DEGREES | GENERATIONS for word in part)


def _while(words: list[str], table: frozenset[str]) -> list[str]:
    """The first words, as long as they are in a table."""
    n = next((n for n, word in enumerate(words) if _bare(word) not in table), len(words))
    return words[:n]


def _without(words: list[str], table: frozenset[str]) -> int:
    return sum(_bare(word) not in table for word in words)


def _bare(word: str) -> str:
    return word.replace(".", "").casefold()
