"""Columns that a segmentation reads: which, of what kind, as numbers and as codes of levels.

Numbers stay numbers; words become codes 1, 2, ... in alphabetical order of their levels, 0 being a
level that `fit` did not see. Levels rarer than the smallest segment allowed share one code: a
dummy is divided by the root of its share, so that a rare level would make a segment of its own.
Where all of them together are still as rare they have code 0, which is the mean of all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._mixed_columns import (
    identifier,
    is_first_id,
    is_like_id,
    is_numeric_text,
    names_of,
    numbers_of,
    read_columns,
    words_of,
)
from crmkit._validation import Floats
from crmkit.exceptions import DataError, DataWarning, warn_user

OTHER = "(other)"
LARGEST = 1e150  # its square is a number

Learnt = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Wanted:
    """What a segmenter says of its columns: names or None, the cure of gaps, the rarest level."""

    columns: Sequence[str] | None
    missing: str
    rarest: float
    owner: str


def learn_columns(table: Any, wanted: Wanted) -> tuple[list[Learnt], Floats]:
    """Kinds of the columns of an eager frame or an array, and the values of those that are used."""
    owner = wanted.owner
    framed = _frames.is_frame(table)
    names = names_of(table, owner)
    if wanted.columns is not None:
        names = _named(table, names, wanted, framed)
    places = [names_of(table, owner).index(name) for name in names]
    columns = read_columns(table, places, owner)
    n = len(columns[0].values) if columns else 0
    if not columns:
        raise DataError(
            f"{owner}: the frame has no columns. Pass columns that tell customers apart."
        )
    if n < 2:
        raise DataError(
            f"{owner}: {n} customer{'' if n == 1 else 's'} (n_samples={n}) makes no segments: at "
            "least 2 are needed."
        )
    chosen = wanted.columns is not None
    first = framed and not chosen
    learnt = [
        {
            "name": name,
            "place": place,
            **_learn(name, column, framed and not chosen, first and place == 0, wanted),
        }
        for name, place, column in zip(names, places, columns, strict=True)
    ]
    _tell_left_aside(learnt, chosen, owner)
    return learnt, read_values(columns, learnt, owner)


def used(learnt: list[Learnt]) -> list[Learnt]:
    """Columns that are not left aside."""
    return [each for each in learnt if each["kind"] != "aside"]


def read_values(columns: list[MixedColumn], learnt: list[Learnt], owner: str) -> Floats:
    """Numbers and codes, one column for each used one; NaN is refused or filled, as learnt."""
    kept = [(column, each) for column, each in zip(columns, learnt, strict=True)]
    kept = [(column, each) for column, each in kept if each["kind"] != "aside"]
    x = np.empty((len(columns[0].values), len(kept)), order="F")
    faults, unseen = [], []
    for j, (column, each) in enumerate(kept):
        if each["kind"] == "category":
            x[:, j] = _codes(column, each, owner)
            if text := _unseen(x[:, j], column, each):
                unseen.append(text)
            continue
        x[:, j] = numbers = numbers_of(column, each["name"], owner)
        largest = float(np.nanmax(np.abs(numbers), initial=0.0))
        if largest > LARGEST:
            raise DataError(
                f"{owner}: {each['name']!r} goes up to {largest:.3g}; more than {LARGEST:g} cannot "
                "be squared. Divide it by a unit, or drop these rows."
            )
        gaps = np.isnan(numbers)
        if gaps.any():
            faults.append(
                f"{each['name']!r} has {gaps.sum():,} NaN (first at row {gaps.argmax():,})"
            )
            x[gaps, j] = each["fill"]
    if faults and not any(each["filled"] for _, each in kept):
        raise DataError(
            f"{owner}: {'; '.join(faults)}. Drop these rows, fill them first, or pass "
            'missing="median".'
        )
    if unseen:
        warn_user(f"{owner}: {'; '.join(unseen)}: read as the mean of all.", DataWarning)
    return x


def _named(table: Any, names: list[str], wanted: Wanted, framed: bool) -> list[str]:
    """Names that the caller asked for, all of them there."""
    asked = wanted.columns
    if isinstance(asked, str) or not isinstance(asked, (list, tuple, np.ndarray)) or not len(asked):
        raise DataError(f"{wanted.owner}: columns must be a list of names or None, got {asked!r}.")
    if not framed:
        raise DataError(
            f"{wanted.owner}: columns names columns, which an array has not. Pass a frame, or an "
            "array of just these columns and columns=None."
        )
    told = [str(name) for name in asked]
    for name in told:
        if name not in names:
            raise DataError.missing_column(wanted.owner, name, names)
    if len(set(told)) < len(told):
        raise DataError(f"{wanted.owner}: columns names a column twice: {told}.")
    return told


def _learn(name: str, column: MixedColumn, guess: bool, first: bool, wanted: Wanted) -> Learnt:
    """Kind of a column; identifiers are guessed only where nobody named the columns."""
    if column.kind in ("instant", "nested"):
        return _aside(f"holds {'instants' if column.kind == 'instant' else 'lists or records'}")
    if first and is_first_id(name, column):
        return _aside("id")
    if first and is_like_id(column):
        return _aside("the first column, all of whose whole numbers differ: the id")
    number = column.kind == "number" and not column.flag
    number = number or (column.kind == "text" and is_numeric_text(column.values))
    why = identifier(name, column, number) if guess and not column.flag else None
    if why is not None:
        return _aside(why)
    if not number:
        return _learn_words(words_of(column), wanted.rarest)
    numbers = numbers_of(column, name, wanted.owner)
    gaps = np.isnan(numbers)
    there = numbers[~gaps] if gaps.any() else numbers
    if not len(there):
        return _aside("holds no numbers")
    if there.min() == there.max():
        return _aside("constant")
    filled = wanted.missing == "median"
    fill = float(np.median(there)) if filled else 0.0
    return _as("number", fill=fill, filled=filled, whole=_whole(there))


def _learn_words(words: npt.NDArray[Any], rarest: float) -> Learnt:
    found, counts = np.unique(words.astype(str), return_counts=True)
    if len(found) < 2:
        return _aside("constant")
    few = counts < rarest * len(words)
    levels = found[~few].tolist()
    rare = found[few].tolist()
    if counts[few].sum() >= max(rarest * len(words), 1):
        levels = [*levels, OTHER]
    if len(levels) < 2:
        return _aside("no word is shared by enough customers")
    return _as("category", levels=levels, rare=rare)


def _aside(why: str) -> Learnt:
    return _as("aside", why)


def _as(
    kind: str,
    why: str = "",
    *,
    fill: float = 0.0,
    filled: bool = False,
    whole: bool = False,
    levels: list[str] | None = None,
    rare: list[str] | None = None,
) -> Learnt:
    """What is kept of a column; `fill`, `filled` and `whole` are of numbers."""
    kept = {"kind": kind, "why": why, "fill": fill, "filled": filled, "whole": whole}
    return {**kept, "levels": levels or [], "rare": rare or []}


def _tell_left_aside(learnt: list[Learnt], chosen: bool, owner: str) -> None:
    """Refuse to go on without columns; warn of columns that the caller may have counted on."""
    aside = [each for each in learnt if each["kind"] == "aside"]
    told = ", ".join(f"{each['name']!r} ({each['why']})" for each in aside)
    if len(aside) == len(learnt):
        raise DataError(
            f"{owner}: no column is left to tell customers apart: {told}. Columns of numbers or "
            "words that differ between customers are needed."
        )
    quiet = () if chosen else ("id", "holds instants")
    if loud := [each for each in aside if each["why"] not in quiet]:
        told = ", ".join(f"{each['name']!r} ({each['why']})" for each in loud)
        warn_user(
            f"{owner}: left aside {told}. Drop them to silence this, or name the columns to use "
            "with columns=.",
            DataWarning,
        )


def _codes(column: MixedColumn, each: Learnt, owner: str) -> Floats:
    """Places of the words of a column among its levels, from 1; 0 for an unseen one."""
    if column.kind in ("instant", "nested"):
        raise DataError(f"{owner}: {each['name']!r} held words in fit and now holds none.")
    places = {level: place for place, level in enumerate(each["levels"], start=1)}
    places |= dict.fromkeys(each["rare"], places.get(OTHER, 0))
    return np.array([places.get(word, 0) for word in words_of(column).tolist()], dtype=np.float64)


def _unseen(codes: Floats, column: MixedColumn, each: Learnt) -> str | None:
    """How many customers have a level that `fit` did not see, or None."""
    new = codes == 0.0
    if not new.any():
        return None
    words = words_of(column)
    new &= ~np.isin(words, each["rare"])
    if not new.any():
        return None
    word = words[new.argmax()]
    return f"{each['name']!r} has {new.sum():,} customers of unseen levels, such as {word!r}"


def _whole(numbers: Floats) -> bool:
    return all((np.floor(part) == part).all() for part in (numbers[:1000], numbers))
