"""Keys that two records of one person are likely to share, made of columns by their kinds.

A pass joins the records that agree in all parts of its key. A part is a column, whole or in a
form that forgives slips: its first letters, its last digits, the part of an e-mail before the @.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd

from crmkit.cleaning._matching._coded import Ints, Units, group_codes
from crmkit.cleaning._matching._comparison import shared_codes

PartCodes = dict[tuple[str, str] | tuple[tuple[str, str], ...], Ints]  # and of whole keys

CELLS = 500  # of a degree: some 200 metres, and a second grid between the lines of the first
NAMES = "names"  # part of a key: first and last name, in either order

PARTS: dict[str, Callable[[str], str]] = {
    "whole": lambda value: value,
    "start": lambda value: value[:3],
    "letter": lambda value: value[:1],
    "end": lambda value: value[-6:],
    "local": lambda value: value.partition("@")[0],
    "year": lambda value: value[:4],
    "words": lambda value: " ".join(sorted(word for word in value.split() if len(word) > 1)),
    "first word": lambda value: value.split()[0] if value.split() else "",
    "last word": lambda value: value.split()[-1] if value.split() else "",
    "number": lambda value: " ".join(word for word in value.split() if word[0].isdigit()),
    "cell": lambda value: value and str(math.floor(float(value) * CELLS)),
    "next cell": lambda value: value and str(math.floor(float(value) * CELLS + 0.5)),
}


@dataclass(frozen=True)
class Pass:
    """One blocking pass: (column, part of its value) for each part of the key.

    `telling` passes hold enough pairs of one person to learn from.
    """

    parts: tuple[tuple[str, str], ...]
    telling: bool = True

    @property
    def label(self) -> str:
        """The key in words, such as "birth_date + start of last_name"."""
        return " + ".join(
            column if part in ("whole", NAMES) else f"{part} of {column}"
            for column, part in self.parts
        )

    def columns(self, units: Units) -> set[str]:
        """Names of the columns that agree, or nearly so, in every pair of this pass."""
        return {
            name
            for column, part in self.parts
            for name in (_name_columns(units) if part == NAMES else (column,))
        }


def key_codes(units: Units, rule: Pass, known: PartCodes, n_known: int | None = None) -> Ints:
    """Code of the key of each unit, -1 where a part is missing; `known` keeps keys and parts.

    With `n_known`, only keys that a unit from there on has get a code.
    """
    if rule.parts in known:
        return known[rule.parts]
    parts = []
    for part in rule.parts:
        if part not in known:
            known[part] = _part_codes(units, *part, n_known)
        parts.append(known[part])
    if len(parts) == 1 and n_known is None:
        return parts[0]
    there = np.logical_and.reduce([part >= 0 for part in parts])
    codes = np.full(units.n, -1, dtype=np.int64)
    codes[there] = group_codes([part[there] for part in parts])
    known[rule.parts] = codes
    return codes


def candidate_passes(units: Units) -> list[Pass]:
    """Passes that the kinds of the columns suggest, the strictest and most telling first."""
    passes: dict[tuple[tuple[str, str], ...], Pass] = {}
    for telling, suggested in ((True, _telling(units)), (False, _loose(units))):
        for parts in suggested:
            if len({column for column, _ in parts}) == len(parts):
                passes.setdefault(parts, Pass(parts, telling))
    return list(passes.values())


def _telling(units: Units) -> Iterator[tuple[tuple[str, str], ...]]:
    atoms = _atoms(units)
    for own in ("id", "email", "phone", "local", "phone end", "text"):
        yield from ((atom,) for atom in atoms[own])
    for one, other in COMBINED:
        yield from product(atoms[one], atoms[other])
    for one, other, third in COMBINED_BY_THREE:
        yield from product(atoms[one], atoms[other], atoms[third])


def _loose(units: Units) -> Iterator[tuple[tuple[str, str], ...]]:
    yield from (((column.name, "whole"),) for column in units.columns)
    rest = [column.name for column in units.columns]
    yield from (((a, "whole"), (b, "whole")) for a, b in combinations(rest, 2))


COMBINED = (
    ("born", "last"),
    ("born", "first"),
    ("names", "postcode"),
    ("names", "city"),
    ("names", "born"),
    ("names", "phone start"),
    ("street", "postcode"),
    ("street", "city"),
    ("street", "first"),
    ("street", "last"),
    ("born", "postcode"),
    ("born", "city"),
    ("born", "street"),
    ("full name", "postcode"),
    ("full name", "city"),
    ("full name", "born"),
    ("company", "postcode"),
    ("company", "city"),
    ("company", "street"),
    ("latitude", "longitude"),
    ("next latitude", "next longitude"),
)
COMBINED_BY_THREE = (
    ("first start", "last start", "postcode start"),
    ("first start", "last start", "year"),
    ("first start", "number", "postcode"),
    ("last start", "number", "postcode"),
)
ATOMS = (
    ("id", "id", "whole"),
    ("email", "email", "whole"),
    ("local", "email", "local"),
    ("phone", "phone", "whole"),
    ("phone start", "phone", "start"),
    ("phone end", "phone", "end"),
    ("born", "birth_date", "whole"),
    ("year", "birth_date", "year"),
    ("first", "first_name", "whole"),
    ("first start", "first_name", "start"),
    ("last", "last_name", "whole"),
    ("last start", "last_name", "start"),
    ("street", "street", "whole"),
    ("number", "street", "number"),
    ("city", "city", "whole"),
    ("postcode", "postcode", "whole"),
    ("postcode start", "postcode", "start"),
    ("full name", "name", "whole"),
    ("full name", "name", "words"),
    ("first", "name", "first word"),
    ("last", "name", "last word"),
    ("company", "company", "whole"),
    ("company", "company", "first word"),
    ("text", "text", "whole"),
    ("latitude", "latitude", "cell"),
    ("longitude", "longitude", "cell"),
    ("next latitude", "latitude", "next cell"),
    ("next longitude", "longitude", "next cell"),
)


def _atoms(units: Units) -> dict[str, list[tuple[str, str]]]:
    atoms: dict[str, list[tuple[str, str]]] = {name: [] for name, _, _ in ATOMS}
    for name, kind, part in ATOMS:
        atoms[name] += [(column.name, part) for column in units.of_kind(kind)]
    atoms["names"] = [(" / ".join(_name_columns(units)), NAMES)] if _name_columns(units) else []
    return atoms


def _name_columns(units: Units) -> tuple[str, ...]:
    first, last = units.of_kind("first_name"), units.of_kind("last_name")
    return (first[0].name, last[0].name) if first and last else ()


def second_keys(units: Units, rule: Pass) -> Iterator[tuple[str, str]]:
    """Further columns, whole, that part the large blocks of a pass, the most telling first."""
    taken = rule.columns(units)
    for column in units.of_kind(*SECOND):
        if column.name not in taken:
            yield column.name, "whole"


SECOND = (
    "last_name", "first_name", "name", "company", "birth_date", "street", "postcode", "phone",
    "email", "id", "city", "text",
)  # fmt: skip


def _part_codes(units: Units, name: str, part: str, n_known: int | None) -> Ints:
    """Code of one part of a key, -1 where it is missing, or no new unit has it."""
    if part == NAMES:
        return _name_codes(units, n_known)
    column = units.column(name)
    asked = None
    if n_known is not None:
        asked = np.zeros(len(column.values) + 1, dtype=bool)
        asked[column.codes[n_known:]] = True
        asked = asked[:-1]
    if part == "whole":
        if asked is None:
            return column.codes
        return np.where(np.append(asked, False)[column.codes], column.codes, -1)
    forms_of = column.before_at if part == "local" else map(PARTS[part], column.values)
    cut = np.array([*forms_of, ""], dtype=object)
    new, forms = pd.factorize(cut)
    wanted = np.ones(len(forms), dtype=bool)
    if asked is not None:
        wanted[:] = False
        wanted[new[:-1][asked]] = True
    wanted[new[-1]] = False  # the empty text
    return np.where(wanted, np.arange(len(forms)), -1)[new[column.codes]]


def _name_codes(units: Units, n_known: int | None) -> Ints:
    """Code of first and last name in either order."""
    a, b = shared_codes(*(units.column(column) for column in _name_columns(units)))
    there = (a >= 0) & (b >= 0)
    if n_known is not None:
        asked = np.zeros(int(max(a.max(initial=-1), b.max(initial=-1))) + 2, dtype=bool)
        asked[a[n_known:]] = asked[b[n_known:]] = True
        there &= asked[a] & asked[b]
    a, b = a[there], b[there]
    codes = np.full(units.n, -1, dtype=np.int64)
    codes[there] = group_codes([np.minimum(a, b), np.maximum(a, b)])
    return codes
