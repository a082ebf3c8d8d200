"""Ordinary churn tables as numbers: kinds of columns are found out once, in `fit`.

Numbers stay numbers, also where they are stored as text with blanks; words become codes 1, 2, ...
in alphabetical order of their levels, 0 being a level that `fit` did not see. Levels of fewer than
ten customers (of 2 % in a small table) share one code. Identifiers, instants and constants say
nothing about a new customer and are left aside.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._validation import Floats
from crmkit.exceptions import DataError

MISSING, OTHER = "(missing)", "(other)"

_FEW, _RARE, _MOST_LEVELS, _SURE = 10.0, 0.02, 50, 20
_ID_WORDS = {"id", "ids", "uuid", "guid"}
_ROW_WORDS = {"row", "rows", "index", "idx", "number", "nr", "no", "unnamed"}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_PADDED = re.compile(r"[+-]?0\d+")


@dataclass(frozen=True, eq=False)
class Table:
    """Encoded customers: one column per feature, NaN for an unknown number.

    `levels` holds the number of levels of each column of words, and 0 for numbers.
    """

    x: Floats
    levels: tuple[int, ...]

    def rows(self, which: npt.NDArray[Any]) -> "Table":
        """Some of the customers."""
        return Table(self.x[which], self.levels)


def read_columns(X: Any, places: list[int] | None, owner: str) -> list[MixedColumn]:
    """Columns of a frame or an array by place; all where `places` is None."""
    if _frames.is_frame(X):
        return _frames.mixed_columns(X, places, owner)
    array = np.asarray(X)
    wanted = range(array.shape[1]) if places is None else places
    return [_frames.array_column(array[:, place]) for place in wanted]


def names_of(X: Any, owner: str) -> list[str]:
    """Names of the columns of a frame; x0, x1, ... for an array."""
    if _frames.is_frame(X):
        return [str(name) for name in _frames.column_names(X, owner)]
    return [f"x{place}" for place in range(np.shape(X)[1])]


def learn_columns(
    columns: list[MixedColumn], names: list[str], weight: Floats, named: bool, owner: str
) -> list[dict[str, Any]]:
    """What each column is: its kind ("number", "category" or "aside") and what encoding needs."""
    learnt = [
        {"name": name, **_learn(name, column, weight, named, owner)}
        for name, column in zip(names, columns, strict=True)
    ]
    if all(each["kind"] == "aside" for each in learnt):
        told = ", ".join(f"{each['name']!r} ({each['why']})" for each in learnt)
        raise DataError(f"{owner}: no column is left to learn from: {told}.")
    return learnt


def used_places(learnt: list[dict[str, Any]]) -> list[int]:
    """Places of the columns that are not left aside."""
    return [place for place, each in enumerate(learnt) if each["kind"] != "aside"]


def encode(used: list[MixedColumn], learnt: list[dict[str, Any]], owner: str) -> Table:
    """Encode the columns that are used, as learnt."""
    kept = [learnt[place] for place in used_places(learnt)]
    x = np.empty((len(used[0].values), len(used)))
    for j, (column, each) in enumerate(zip(used, kept, strict=True)):
        if each["kind"] == "number":
            numbers = _numbers(column, each["name"], owner)
            x[:, j] = numbers if each["gaps"] else np.where(_nan(numbers), each["fill"], numbers)
        else:
            x[:, j] = _codes(column, each["levels"])
    return Table(x, tuple(len(each["levels"]) for each in kept))


def left_aside(learnt: list[dict[str, Any]]) -> str:
    """Columns left aside that a reader would want to know of, with the reason of each."""
    told = [each for each in learnt if each["kind"] == "aside" and each["why"] != "constant"]
    return "; ".join(f"{each['name']!r} ({each['why']})" for each in told)


def _learn(
    name: str, column: MixedColumn, weight: Floats, named: bool, owner: str
) -> dict[str, Any]:
    if column.kind == "instant":
        return _aside("holds instants: turn them into days before the cut-off")
    if column.kind == "nested":
        return _aside("holds lists or records")
    number = column.kind == "number" or (column.kind == "text" and is_numeric_text(column.values))
    why = identifier(name, column, number) if named else None
    if why:
        return _aside(why)
    if number and not (named and _is_called_id(name) and column.whole):
        return _learn_number(_numbers(column, name, owner), column.kind == "text", weight)
    return _learn_words(_as_words(column), weight)


def _learn_number(numbers: Floats, was_text: bool, weight: Floats) -> dict[str, Any]:
    gaps = bool(_nan(numbers).any())
    there = numbers[~_nan(numbers)]
    if len(there) == 0 or (not gaps and there.min() == there.max()):
        return _aside("constant")
    fill = weighted_quantile(there, weight[~_nan(numbers)], np.array([0.5]))[0]
    why = "numbers stored as text" if was_text else ""
    return {"kind": "number", "why": why, "gaps": gaps, "fill": float(fill), "levels": []}


def _learn_words(words: npt.NDArray[Any], weight: Floats) -> dict[str, Any]:
    weights: dict[str, float] = {}
    for word, each in zip(words.tolist(), weight.tolist(), strict=True):
        weights[word] = weights.get(word, 0.0) + each
    if len(weights) < 2:
        return _aside("constant")
    few = min(_FEW, _RARE * sum(weights.values()))
    common = [word for word in weights if weights[word] >= few]
    kept = sorted(common, key=lambda word: (-weights[word], word))
    levels = sorted(kept[:_MOST_LEVELS])
    if len(levels) < len(weights):
        levels = [*levels, OTHER]
    if len(levels) < 2:
        return _aside("no word is shared by several customers")
    return {"kind": "category", "why": "", "gaps": False, "fill": 0.0, "levels": levels}


def _aside(why: str) -> dict[str, Any]:
    return {"kind": "aside", "why": why, "gaps": False, "fill": 0.0, "levels": []}


def identifier(name: str, column: MixedColumn, number: bool) -> str | None:
    """Why a column looks like an identifier, or None."""
    values = column.values[~_nan(column.values)] if number and column.kind == "number" else None
    there = values if values is not None else [v for v in column.values if v is not None]
    distinct = len(np.unique(there)) if values is not None else len(set(there))
    if _is_called_id(name) and distinct > max(50, len(column.values) // 100):
        return f"looks like an identifier ({distinct:,} distinct values)"
    if len(there) < _SURE:
        return None
    if not number and distinct >= 0.9 * len(there):
        return f"looks like an identifier ({distinct:,} distinct values in {len(there):,} rows)"
    if number and _words_of(name) & _ROW_WORDS and column.whole and distinct == len(column.values):
        return "numbers the rows"
    return None


def is_numeric_text(words: npt.NDArray[Any]) -> bool:
    """Tell whether all words but blanks are numbers; 007 is a code, not a number."""
    there = [word.strip() for word in words.tolist() if word is not None and word.strip()]
    return bool(there) and all(
        _NUMBER.fullmatch(word) is not None and _PADDED.fullmatch(word) is None for word in there
    )


def weighted_quantile(values: Floats, weight: Floats, shares: Floats) -> Floats:
    """Observed values at shares of the weight: a row of weight 2 counts as two rows."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    places = np.searchsorted(reached, shares * reached[-1] * (1.0 - 1e-12), side="left")
    return np.asarray(values[order][np.minimum(places, len(values) - 1)])


def _is_called_id(name: str) -> bool:
    return bool(_words_of(name) & _ID_WORDS)


def _words_of(name: str) -> set[str]:
    """Words of a name in small letters: customerID and customer_id are customer and id."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return {word.lower() for word in words}


def _numbers(column: MixedColumn, name: str, owner: str) -> Floats:
    """Numbers of a column, NaN where there is none; words that are no numbers are refused."""
    if column.kind == "number":
        bad = np.isinf(column.values)
        if bad.any():
            raise DataError(
                f"{owner}: {name!r} has {bad.sum():,} infinite values (first at row "
                f"{bad.argmax():,}). Drop these rows, or make the values missing."
            )
        return column.values
    stripped = [(word or "").strip() for word in column.values.tolist()]
    try:
        return np.asarray([float(word) if word else np.nan for word in stripped])
    except ValueError:
        row = next(i for i, word in enumerate(stripped) if word and not _NUMBER.fullmatch(word))
        raise DataError(
            f"{owner}: {name!r} held numbers in fit and now holds {stripped[row]!r} (row {row:,}). "
            "Make it missing, or fit again on such data."
        ) from None


def _as_words(column: MixedColumn) -> npt.NDArray[Any]:
    """Words of a column, with a word of its own for a missing one; 3.0 and 3 are one word."""
    if column.kind == "number":
        values = [None if value != value else f"{value:.15g}" for value in column.values.tolist()]
    else:
        values = column.values.tolist()
    words = np.empty(len(values), dtype=object)
    words[:] = [MISSING if value is None or not value.strip() else value for value in values]
    return words


def _codes(column: MixedColumn, levels: list[str]) -> Floats:
    """Places of words among the levels from 1; unseen words are rare ones, or 0."""
    places = {level: place for place, level in enumerate(levels, start=1)}
    unseen = places.get(OTHER, 0)
    return np.asarray(
        [places.get(word, unseen) for word in _as_words(column).tolist()], dtype=np.float64
    )


def _nan(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isnan(values))
