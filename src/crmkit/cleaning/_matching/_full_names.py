"""A column of full names as two: given names, and family names.

Families share half of a full name, so that "elizabeth smith" and "emily smith" look like one name
misspelt. Apart, the given names say that they are two people. Names of firms, places and products
stay whole.
"""

from collections.abc import Collection, Sequence
from itertools import count

from crmkit.cleaning._matching._coded import CodedColumn, sorted_codes

MOST_WORDS = 5
PERSONS = 0.8  # share of the names of several words that must look like a person's
STRANGE = 0.05  # share of names with a word that persons do not have
NOT_OF_PERSONS = frozenset((
    "the", "of", "and", "at", "for", "und", "et", "y", "s", "cafe", "restaurant", "hotel", "bar",
    "grill", "house", "club", "shop", "store", "school", "center", "centre", "services", "group",
))  # fmt: skip
BEFORE_FAMILY = frozenset((
    "al", "ap", "bin", "da", "das", "de", "del", "della", "den", "der", "des", "di", "do", "dos",
    "du", "el", "ibn", "la", "le", "mac", "mc", "o", "san", "st", "te", "ten", "ter", "van", "vom",
    "von", "zu", "zum", "zur",
))  # fmt: skip
BEHIND_FAMILY = frozenset(("jr", "sr", "ii", "iii", "iv"))
TWO_SIGNS = frozenset((
    "欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯",
    "歐陽", "司馬", "諸葛", "東方", "尉遲", "公孫",
))  # fmt: skip
FIRST_HAN, LAST_HAN, FIRST_HANGUL, LAST_HANGUL = "\u4e00", "\u9fff", "\uac00", "\ud7a3"
MOST_SIGNS = 4


def are_of_persons(names: Sequence[str]) -> bool:
    """Tell whether names, in normal form, are those of persons by their words."""
    several = [name.split() for name in names if " " in name]
    signs = sum(map(_is_of_signs, names))
    if not several:
        return signs > PERSONS * len(names)
    fitting = sum(len(words) <= MOST_WORDS and _no_digits(words) for words in several)
    strange = sum(not NOT_OF_PERSONS.isdisjoint(words) for words in several)
    return fitting >= PERSONS * len(several) and strange <= STRANGE * len(several)


def in_parts(column: CodedColumn, taken: Collection[str] = ()) -> list[CodedColumn]:
    """Given and family names of a column of full names, as columns of their own.

    Names of columns that are `taken` are not given again.
    """
    parts = [parted(name) for name in column.values]
    made = []
    for place, kind in enumerate(("first_name", "last_name")):
        codes, values = sorted_codes(column.codes, [part[place] for part in parts])
        made.append(CodedColumn(part_name(column.name, kind, taken), kind, codes, values))
    return made


def part_name(name: str, kind: str, taken: Collection[str] = ()) -> str:
    """What a part of the column `name` is called; with a number where the name is taken."""
    plain = f"{name} ({'given' if kind == 'first_name' else 'family'})"
    names = (plain if number == 1 else f"{plain} {number}" for number in count(1))
    return next(name for name in names if name not in taken)


def parted(name: str) -> tuple[str | None, str | None]:
    """Given and family name; of one word alone it is taken for the family's.

    "jr" stays with the given name, for it parts father and son.
    """
    words = name.split()
    if len(words) == 1:
        return _parted_signs(name) if _is_of_signs(name) else (None, name)
    behind: list[str] = []
    while len(words) > 2 and words[-1] in BEHIND_FAMILY:
        behind.insert(0, words.pop())
    start = len(words) - 1
    while start > 1 and words[start - 1] in BEFORE_FAMILY:
        start -= 1
    return " ".join(words[:start] + behind), " ".join(words[start:])


def _parted_signs(name: str) -> tuple[str, str]:
    """A Chinese or Korean name, whose first sign or two are the family's."""
    n = 2 if len(name) > 2 and name[:2] in TWO_SIGNS else 1
    return name[n:], name[:n]


def _is_of_signs(name: str) -> bool:
    return 2 <= len(name) <= MOST_SIGNS and all(
        FIRST_HAN <= sign <= LAST_HAN or FIRST_HANGUL <= sign <= LAST_HANGUL for sign in name
    )


def _no_digits(words: list[str]) -> bool:
    return not any(sign.isdigit() for word in words for sign in word)
