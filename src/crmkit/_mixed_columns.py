"""Columns of any kind, read from frames and arrays: what names and values say they are."""

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._validation import Floats
from crmkit.exceptions import DataError

MISSING = "(missing)"

_SURE = 20
_ID_WORDS = {"id", "ids", "uuid", "guid"}
_OWNER_WORDS = {"customer", "customers", "client", "user", "household", "member", "account"}
_ROW_WORDS = {"row", "rows", "index", "idx", "number", "nr", "no", "unnamed"}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_FORMATTED = re.compile(r"[^\w]{0,2}[+-]?\d{1,3}([., ']?\d{3})*([.,]\d+)?\s*[^\w]{0,2}")
_PADDED = re.compile(r"[+-]?0\d+")


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


def identifier(name: str, column: MixedColumn, number: bool) -> str | None:
    """Why a column looks like an identifier, or None."""
    if number and not _name_words(name) & (_ID_WORDS | _ROW_WORDS):
        return None
    counted = number and column.kind == "number"
    values = column.values[~np.isnan(column.values)] if counted else None
    there = values if values is not None else [v for v in column.values if v is not None]
    distinct = len(np.unique(there)) if values is not None else len(set(there))
    if is_called_id(name) and distinct > max(50, len(column.values) // 100):
        return f"looks like an identifier ({distinct:,} distinct values)"
    if len(there) < _SURE:
        return None
    if not number and distinct >= 0.9 * len(there):
        if all(_FORMATTED.fullmatch(word) for word in there):
            return f"holds formatted numbers such as {there[0]!r}: turn them into numbers"
        return f"looks like an identifier ({distinct:,} distinct values in {len(there):,} rows)"
    numbers_rows = column.whole and distinct == len(column.values)
    if number and numbers_rows and _name_words(name) & _ROW_WORDS:
        return "numbers the rows"
    return None


def is_first_id(name: str, column: MixedColumn) -> bool:
    """Tell whether the first column of a customers frame is the id: by its name or its words."""
    if column.kind == "number":
        return column.whole and bool(_name_words(name) & (_ID_WORDS | _OWNER_WORDS))
    if is_called_id(name):
        return True
    return column.kind == "text" and len(set(column.values)) == len(column.values)


def is_like_id(column: MixedColumn) -> bool:
    """Tell whether whole numbers of many customers are all different, as those of an id are."""
    if not column.whole or len(column.values) < _SURE:
        return False
    return len(np.unique(column.values)) == len(column.values)


def is_numeric_text(words: npt.NDArray[Any]) -> bool:
    """Tell whether all words but blanks are numbers; 007 is a code, not a number."""
    there = [word.strip() for word in words.tolist() if word is not None and word.strip()]
    return bool(there) and all(
        _NUMBER.fullmatch(word) is not None and _PADDED.fullmatch(word) is None for word in there
    )


def is_called_id(name: str) -> bool:
    """Tell whether a name says that it is of identifiers: customerID, user_id, guid."""
    return bool(_name_words(name) & _ID_WORDS)


def _name_words(name: str) -> set[str]:
    """Words of a name in small letters: customerID and customer_id are customer and id."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return {word.lower() for word in words}


def numbers_of(column: MixedColumn, name: str, owner: str) -> Floats:
    """Numbers of a column, NaN where there is none; words that are no numbers are refused."""
    if column.kind == "number":
        bad = np.isinf(column.values)
        if bad.any():
            raise DataError(
                f"{owner}: {name!r} has {bad.sum():,} infinite values (first at row "
                f"{bad.argmax():,}). Drop these rows, or make the values missing."
            )
        return column.values
    if column.kind in ("instant", "nested"):
        raise DataError(
            f"{owner}: {name!r} held numbers in fit and now holds "
            f"{'instants' if column.kind == 'instant' else 'lists or records'}. Turn them into the "
            "same numbers as before."
        )
    stripped = [(word or "").strip() for word in column.values.tolist()]
    bad = [row for row, word in enumerate(stripped) if word and not _NUMBER.fullmatch(word)]
    if bad:
        raise DataError(
            f"{owner}: {name!r} held numbers in fit and now holds {stripped[bad[0]]!r} (row "
            f"{bad[0]:,}). Make it missing, or fit again on such data."
        )
    return np.asarray([float(word) if word else np.nan for word in stripped])


def words_of(column: MixedColumn) -> npt.NDArray[Any]:
    """Words of a column, with a word of its own for a missing one; 3.0 and 3 are one word.

    Flags are "True" and "False".
    """
    if column.flag:
        values = [None if flag != flag else str(bool(flag)) for flag in column.values.tolist()]
    elif column.kind == "number":
        values = [None if value != value else f"{value:.15g}" for value in column.values.tolist()]
    else:
        values = column.values.tolist()
    words = np.empty(len(values), dtype=object)
    words[:] = [MISSING if value is None or not value.strip() else value for value in values]
    return words
