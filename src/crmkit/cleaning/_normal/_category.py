"""Categories, which may differ by their marks alone: A+ and A-, <18 and >18, C, C++ and C#."""

import re
import unicodedata
from functools import lru_cache

from crmkit.cleaning._normal._placeholders import MARKS_OF_A_CATEGORY, is_nothing
from crmkit.cleaning._normal._settings import NormalSettings, Step
from crmkit.cleaning._normal._text import ACCENTS, APOSTROPHES, CASE, CLEAN, PLACEHOLDER_LEFT

MEANT = frozenset("#%&*@-")  # marks of a category, beside all signs such as + < > $ and emoji
HYPHEN = re.compile(r"(?<=[^\W_])-(?=[^\W_])")
ALONE = "-"


def no_placeholder(text: str, settings: NormalSettings) -> str | None:
    """Nothing for what says nothing; $$ and + are categories."""
    return None if is_nothing(text, settings, MARKS_OF_A_CATEGORY) else text


def few_marks(text: str, _: NormalSettings) -> str | None:
    """No marks that only part words: full stops, commas, brackets, hyphens within."""
    if text == ALONE:
        return text
    text = "".join(map(_kept, text.translate(APOSTROPHES)))
    words = HYPHEN.sub(" ", text).split()
    return " ".join(word for word in words if word != ALONE) or None


@lru_cache(maxsize=4096)
def _kept(letter: str) -> str:
    return letter if letter in MEANT or unicodedata.category(letter)[0] in "LNMS" else " "


CATEGORY = (
    *CLEAN,
    Step("placeholder", no_placeholder),
    CASE,
    ACCENTS,
    Step("punctuation", few_marks),
    PLACEHOLDER_LEFT,
)
