"""Names of firms without their legal forms, where these are plainly meant.

Dotted forms are joined first (S.A. is SA). A word that names things as well is a legal form only
where it is written as one: "Foo SpA", but the "Lotus Spa" keeps its last word.
"""

import re

from crmkit.cleaning._normal._settings import NormalSettings, Step
from crmkit.cleaning._normal._text import (
    BLANKS,
    CLEAN,
    FOLD,
    PLACEHOLDER,
    PLACEHOLDER_LEFT,
    joined_signs,
    settled,
)

LEGAL = frozenset((
    "inc", "incorporated", "llc", "llp", "lp", "ltd", "limited", "plc", "corp", "corporation",
    "co", "company", "gmbh", "mbh", "ggmbh", "ag", "kg", "kgaa", "ohg", "ug", "ev", "eg", "se",
    "sa", "sarl", "sas", "sasu", "eurl", "sl", "slu", "srl", "bv", "nv", "oy", "oyj", "ab", "as",
    "asa", "aps", "pty", "pte", "kk", "lda", "ltda", "sro", "doo", "kft",
))  # fmt: skip
AND = frozenset(("and", "und", "et", "y"))
LEGAL_PHRASES = re.compile(
    r"(?<=\w) (?:sp(?:olka)? z ?o ?o|sp zoo|spol s ?r ?o|sa de cv|s de rl de cv)$"
)
ITALIAN = re.compile(r" S(?:pA|\. ?[Pp]\. ?A)\W*$")
SINGLE_LETTERS = re.compile(r"\b([^\W\d_])[./] ?(?=[^\W\d_]\b)")
LEGAL_WORDS = re.compile(r"(?:(?:股份|控股|集团)?有限(?:责任)?公司|公司|株式会社|有限会社)$")
JAPANESE_START = re.compile(r"^(?:株式会社|有限会社|株 )\s*(?=.)")


def and_in_words(text: str, _: NormalSettings) -> str:
    """Write & and + between words as "and"."""
    return re.sub(r"(?<=\w) ?[&+] ?(?=\w)", " and ", text)


def joined_letters(text: str, _: NormalSettings) -> str:
    """Letters with dots or strokes between as one word (A/S is AS), but no SpA behind a name."""
    if "." in text or "/" in text or "SpA" in text:
        return SINGLE_LETTERS.sub(r"\1", ITALIAN.sub("", text))
    return text


def no_legal_form(text: str, _: NormalSettings) -> str:
    """No legal form behind the name of a firm, no "the" before; a name of these alone stays.

    A text of more than 200 letters is no name and stays.
    """
    return settled(text, _shorter)


def _shorter(text: str) -> str:
    """A name without the legal forms at its end and the article before."""
    words = LEGAL_PHRASES.sub("", text).split(" ")
    end = len(words)
    while end > 1 and (words[end - 1] in LEGAL or words[end - 1] in AND):
        end -= 1
    start = int(end > 1 and words[0] == "the")
    if words[start:end] == ["the"]:
        return text
    plain = " ".join(words[start:end])
    if plain.isascii():
        return plain
    plain = JAPANESE_START.sub("", plain)
    return LEGAL_WORDS.sub("", plain).strip() or plain


LEGAL_FORM = "legal form"
COMPANY = (
    *CLEAN,
    PLACEHOLDER,
    Step(LEGAL_FORM, joined_letters),
    Step("and", and_in_words),
    BLANKS,
    *FOLD,
    Step(LEGAL_FORM, no_legal_form),
    Step("blanks within", joined_signs),
    PLACEHOLDER_LEFT,
)
