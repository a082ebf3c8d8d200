"""Catalogue: what is known of the items themselves, aligned with the items of `Interactions`.

A frame with one row per item comes in. Its first column (or the one called like the item column
of the log) is the id; every other column is text (words, mostly different from item to item), a
category (few different values) or a number. Items without a row have no text, no category and NaN.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.recommend._ids import Ids, find

Kind = Literal["text", "category", "number"]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Columns of the items, in the order of `Interactions.items`.

    Attributes
    ----------
    items : ndarray
        Ids, ascending: sold items and items never sold.
    described : ndarray of bool
        Which items have a row in the frame.
    columns : dict
        Name -> array over the items: objects (str or None) of a text or category, else float64
        (NaN where missing).
    kinds : dict
        Name -> "text", "category" or "number".
    """

    items: Ids
    described: npt.NDArray[np.bool_]
    columns: dict[str, npt.NDArray[Any]]
    kinds: dict[str, str]

    def names(self, kind: Kind) -> list[str]:
        """Columns of a kind, in the order of the frame."""
        return [name for name, is_kind in self.kinds.items() if is_kind == kind]

    def told(
        self,
        owner: str,
        text: Sequence[str] | None = None,
        category: Sequence[str] | None = None,
        number: Sequence[str] | None = None,
    ) -> Self:
        """The catalogue with the kinds that a caller tells; None keeps what was inferred.

        With any kind told, only the told columns and those of kinds not told remain.
        """
        kinds = dict(self.kinds)
        given: dict[str, Sequence[str] | None] = {
            "text": text,
            "category": category,
            "number": number,
        }
        named = {name: kind for kind, names in given.items() for name in names or ()}
        for name, kind in named.items():
            if name not in self.columns:
                raise DataError.missing_column(owner, name, self.columns, kind)
            if kind == "number" and self.columns[name].dtype == object:
                raise DataError(f"{owner}: item column {name!r} holds words, not numbers.")
        for name, inferred in self.kinds.items():
            if name in named:
                kinds[name] = named[name]
            elif given[inferred] is not None:
                del kinds[name]
        columns = {name: _as_kind(self.columns[name], kind) for name, kind in kinds.items()}
        return replace(self, columns=columns, kinds=kinds)

    def labels(self) -> npt.NDArray[Any]:
        """What to call each item: its first text, else its id."""
        label = np.asarray([str(item) for item in self.items.tolist()], dtype=object)
        for name in self.names("text")[:1]:
            words = self.columns[name]
            there = np.asarray([bool(word) for word in words], dtype=bool)
            label[there] = words[there]
        return label


def read_catalogue(frame: Any, item: str, owner: str) -> Catalogue:
    """Read a frame of items: one row an item in, the catalogue of these items out.

    Rows that repeat another exactly are one row; different rows of one item are refused.
    """
    if not _frames.is_frame(frame):
        raise DataError(
            f"{owner}: items must be a frame with one row per item, the id first, got "
            f"{type(frame).__name__}."
        )
    names = _frames.column_names(frame, owner)
    table = _frames.to_eager(frame)
    item = item if item in names else names[0]
    gone = _frames.missing_values(table, item, owner)
    if gone.any():
        warn_user(
            f"{owner}: {gone.sum():,} of {len(gone):,} rows of items have no {item!r} and were "
            "left out.",
            DataWarning,
        )
        table = _frames.drop_rows(table, gone, owner)
    ids = _frames.id_column(table, item, owner)
    places = [place for place, name in enumerate(names) if name != item]
    read = _frames.mixed_columns(table, places, owner)
    told = {
        names[place]: column
        for place, column in zip(places, read, strict=True)
        if column.kind not in ("instant", "nested")
    }
    rows = _one_row_each(ids, {name: column.values for name, column in told.items()}, item, owner)
    columns = {name: column.values[rows] for name, column in told.items()}
    kinds = {name: _kind(told[name].kind, values) for name, values in columns.items()}
    columns = {name: _as_kind(values, kinds[name]) for name, values in columns.items()}
    return Catalogue(ids[rows], np.ones(len(rows), dtype=bool), columns, kinds)


def aligned(catalogue: Catalogue, items: Ids, owner: str) -> Catalogue:
    """The catalogue over other items, ascending: those without a row get nothing."""
    place = find(catalogue.items, items, "the item column of the log", owner)
    there = place >= 0
    columns = {}
    for name, values in catalogue.columns.items():
        empty: Any = None if values.dtype == object else np.nan
        moved = np.full(len(items), empty, dtype=values.dtype)
        moved[there] = values[place[there]]
        columns[name] = moved
    return Catalogue(items, there, columns, catalogue.kinds)


def _kind(kind: str, values: npt.NDArray[Any]) -> str:
    """What a column is: words that differ from item to item are text, repeated ones a category."""
    if kind != "text":
        return kind
    words = [word for word in values if word]
    return "text" if len(set(words)) > len(words) / 2 else "category"


def _as_kind(values: npt.NDArray[Any], kind: str) -> npt.NDArray[Any]:
    if kind == "number" or values.dtype == object:
        return values
    whole = bool(np.all(np.isnan(values) | (values == np.round(values))))
    words = [None if np.isnan(v) else (str(int(v)) if whole else repr(v)) for v in values.tolist()]
    made = np.empty(len(words), dtype=object)
    made[:] = words
    return made


def _one_row_each(
    ids: Ids, columns: dict[str, npt.NDArray[Any]], item: str, owner: str
) -> npt.NDArray[np.int64]:
    """Row of each distinct id, ascending; rows of one id must agree."""
    order = np.argsort(ids, kind="stable")
    again = np.flatnonzero(ids[order][1:] == ids[order][:-1])
    for name, values in columns.items():
        left, right = values[order[again]], values[order[again + 1]]
        differ = ~((left == right) | ((left != left) & (right != right)))
        if differ.any():
            first = ids[order[again[differ.argmax()]]].item()
            raise DataError(
                f"{owner}: items must have one row per item, but {item}={first!r} has several that "
                f"differ in {name!r} ({differ.sum():,} such rows). Keep one row of each."
            )
    if len(again):
        warn_user(
            f"{owner}: {len(again):,} of {len(ids):,} rows of items repeat another and were left "
            "out.",
            DataWarning,
        )
    keep = np.ones(len(ids), dtype=bool)
    keep[again + 1] = False
    return np.asarray(order[keep], dtype=np.int64)
