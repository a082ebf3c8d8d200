"""Whether the words of a column may be those of persons, and how they are written without them.

A snapshot is kept and sent around: what may name somebody is not in it. Doubt counts as yes, which
costs a name in a later comparison and no more.
"""

import re
import unicodedata
from collections.abc import Sequence

from crmkit.cleaning._normal._name import NICKNAMES

LONGEST = 30  # characters of a value that tell how it is written
MANY_DIGITS = 7  # from which a number may be that of a phone, an account or a person
MOST = 0.3  # share of the distinct values that look like names of persons
ROLES = re.compile(
    r"(?:.* )?(?:sales ?(?:person|man|woman)|salesperson|seller|agent|rep|representative|manager|"
    r"owner|contact|advisor|adviser|employee|staff|cashier|clerk|customer|client|user|username|"
    r"member|patient|doctor|responsible|assignee|assigned to|author|login|by|person|account|"
    r"verkaufer|verkäufer|betreuer|ansprechpartner|mitarbeiter|kunde|kundin|bearbeiter|"
    r"vendeur|vendeuse|conseiller|interlocuteur|client|cliente|vendedor|vendedora|responsable|"
    r"销售员|客户|联系人|负责人|员工)(?: (?:name|id|no|nr|number|code))?"
)
ADDRESS = re.compile(r"@|://|www\.|\d+\.\d+\.\d+\.\d+")
NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.-])*")
FIRST_NAMES = frozenset(NICKNAMES) | frozenset(NICKNAMES.values())


def tells_persons(column: str, texts: Sequence[str]) -> bool:
    """Tell whether the distinct values of a column of categories may be of single persons."""
    name = re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)).strip().lower()
    if ROLES.fullmatch(name) or any(_is_address(text) for text in texts):
        return True
    return sum(map(_is_name, texts)) >= MOST * len(texts) > 0


def _is_address(text: str) -> bool:
    return ADDRESS.search(text) is not None or sum(map(str.isdecimal, text)) >= MANY_DIGITS


def _is_name(text: str) -> bool:
    """Two to four words with capitals, or a first name that is known."""
    words = text.replace(",", " ").split()
    if len(words) == 1:
        return words[0].casefold() in FIRST_NAMES
    return 2 <= len(words) <= 4 and all(
        NAME_WORD.fullmatch(word) and (word[0].isupper() or word[0].lower() == word[0].upper())
        for word in words
    )


class _Ways(dict[int, str | None]):
    """Signs as they are kept: letters of any script as a, digits as 9, marks of writing alone."""

    def __missing__(self, code: int) -> str | None:
        sort = unicodedata.category(chr(code))
        if sort[0] == "N":
            kept: str | None = "9"
        elif sort[0] == "M":
            kept = None
        elif sort[0] in "PZ" or (code < 128 and sort[0] != "L"):
            kept = chr(code)
        else:
            kept = "a"
        self[code] = kept
        return kept


WAYS = _Ways()


def way_of(text: str) -> str:
    """How a text is written: its digits as 9, its letters as a, in whatever script."""
    return text[:LONGEST].translate(WAYS)
