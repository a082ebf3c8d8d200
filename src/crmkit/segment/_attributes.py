"""Columns of a customers frame as attributes: numbers, or words as codes of their levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._mixed_columns import MISSING, identifier, is_numeric_text, numbers_of, words_of
from crmkit._validation import Floats
from crmkit.exceptions import DataError

MOST_LEVELS = 50

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Attribute:
    """One column. Of a "number" `values` are the numbers, NaN where missing.

    Of a "category" `values` are the places of the words in `levels` (in alphabetical order), as
    floats, NaN where missing. One "left out" says `why` and has no values.
    """

    name: str
    kind: str
    values: Floats
    levels: tuple[str, ...] = ()
    why: str = ""

    @property
    def codes(self) -> Ints:
        """Places of the words among the levels, -1 where missing."""
        return np.where(np.isnan(self.values), -1.0, self.values).astype(np.int64)


def read_attributes(
    table: Any, columns: Sequence[str] | None, aside: Sequence[str], owner: str
) -> list[Attribute]:
    """Attributes of an eager frame: `columns`, or all but those `aside`.

    What nobody asked for by name and says nothing is left out with the reason: instants, lists,
    identifiers and constants. What was asked for must be numbers or words.
    """
    names = _frames.column_names(table, owner)
    if columns is None:
        wanted = [name for name in names if name not in aside]
    else:
        wanted = _asked(columns, names, owner)
    places = [names.index(name) for name in wanted]
    if not places:
        return []
    mixed = _frames.mixed_columns(table, places, owner)
    return [
        attribute(name, column, columns is None, owner)
        for name, column in zip(wanted, mixed, strict=True)
    ]


def attribute(name: str, column: MixedColumn, guess: bool, owner: str) -> Attribute:
    """One column read; `guess` leaves out what looks like an identifier."""
    nothing = np.empty(0)
    if column.kind in ("instant", "nested"):
        what = "instants" if column.kind == "instant" else "lists or records"
        return Attribute(name, "left out", nothing, why=f"holds {what}")
    if column.flag:
        return coded(name, words_of(column))
    number = column.kind == "number" or (column.kind == "text" and is_numeric_text(column.values))
    why = identifier(name, column, number) if guess else None
    if why is not None:
        return Attribute(name, "left out", nothing, why=why)
    if number:
        return Attribute(name, "number", numbers_of(column, name, owner))
    return coded(name, words_of(column))


def coded(name: str, words: npt.NDArray[Any]) -> Attribute:
    """Words as places among their levels."""
    import pandas as pd  # counts text by hashing; here, so that segment loads without it

    codes, found = pd.factorize(words, sort=False)
    levels = sorted(word for word in found if word != MISSING)
    if len(levels) > MOST_LEVELS:
        why = f"has {len(levels):,} levels, more than {MOST_LEVELS}"
        return Attribute(name, "left out", np.empty(0), why=why)
    place = {word: float(i) for i, word in enumerate(levels)}
    values = np.array([place.get(word, np.nan) for word in found])[codes]
    return Attribute(name, "category", values, tuple(levels))


def _asked(columns: Sequence[str], names: list[str], owner: str) -> list[str]:
    """Names of columns that the caller asked for, all of them there, each once."""
    if isinstance(columns, str) or not len(columns):
        raise DataError(f"{owner}: columns must be a list of names, got {columns!r}.")
    asked = list(dict.fromkeys(str(name) for name in columns))
    for name in asked:
        if name not in names:
            raise DataError.missing_column(owner, name, names)
    return asked
