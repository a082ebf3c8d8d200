"""Reasons of a score: the features that moved the log-odds of a customer most, in sentences."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._frames import MixedColumn
from crmkit._validation import Floats
from crmkit.churn._sentences import sentence, theme


def reasons(
    columns: list[MixedColumn], names: list[str], added: Floats, top: int, unit: str
) -> tuple[npt.NDArray[np.int64], dict[str, npt.NDArray[Any]]]:
    """The `top` largest contributions of each customer: row numbers, and columns beside them.

    `added` holds one column per name. Rows stay in order; within a row the largest comes first,
    whether it raises the log-odds or lowers them. Of features with one theme the largest speaks.
    """
    places = largest(np.abs(added), names, top)
    rows = np.repeat(np.arange(len(added)), places.shape[1])
    chosen = places.ravel()
    words = Words(names, columns)
    features = [names[j] for j in chosen.tolist()]
    values = [words[name][row] for name, row in zip(features, rows.tolist(), strict=True)]
    told = told_of(words, names, added, places, unit)
    return rows, {
        "feature": np.asarray(features, dtype=str),
        "value": np.asarray(values, dtype=str),
        "contribution": added[rows, chosen],
        "sentence": np.asarray(list(chain.from_iterable(told)), dtype=str),
    }


def sentences(
    columns: list[MixedColumn], names: list[str], added: Floats, top: int, unit: str
) -> list[list[str]]:
    """The sentences of `reasons` alone, a list of them for each customer."""
    places = largest(np.abs(added), names, top)
    return told_of(Words(names, columns), names, added, places, unit)


def told_of(
    words: "Words", names: list[str], added: Floats, places: npt.NDArray[np.intp], unit: str
) -> list[list[str]]:
    """Features at some places of each row, and what they add, in sentences."""
    some = added[np.arange(len(added))[:, None], places].tolist()
    return [
        [
            f"{sentence(names[j], row, words, unit)}: {round(each, 1) + 0.0:+.1f}"
            for j, each in zip(chosen, adds, strict=True)
        ]
        for row, (chosen, adds) in enumerate(zip(places.tolist(), some, strict=True))
    ]


class Words(Mapping[str, list[str]]):
    """Columns in words by name, put into words when they are asked for."""

    def __init__(self, names: list[str], columns: list[MixedColumn]) -> None:
        self._columns = dict(zip(names, columns, strict=True))
        self._told: dict[str, list[str]] = {}

    def __getitem__(self, name: str) -> list[str]:
        if name not in self._told:
            self._told[name] = words_of(self._columns[name])
        return self._told[name]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def largest(sizes: Floats, names: list[str], top: int) -> npt.NDArray[np.intp]:
    """Places of the `top` largest sizes of each row, the largest of each theme only."""
    column, start, n_of = grouped(tuple(names))
    sizes = sizes[:, column]
    best = np.maximum.reduceat(sizes, start, axis=1)
    is_best = sizes == best.repeat(n_of, axis=1)
    place = np.minimum.reduceat(np.where(is_best, column, len(names)), start, axis=1)
    order = (-best).argsort(axis=1, kind="stable")[:, :top]
    return place[np.arange(len(place))[:, None], order]


@lru_cache(maxsize=64)
def grouped(
    names: tuple[str, ...],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Places of the features by theme, where each theme begins among them, and how many it has."""
    themes = [theme(name) for name in names]
    codes = {name: code for code, name in enumerate(dict.fromkeys(themes))}
    of = np.array([codes[name] for name in themes], dtype=np.intp)
    column = np.argsort(of, kind="stable")
    start = np.searchsorted(of[column], np.arange(len(codes)))
    return column, start, np.bincount(of)


def words_of(column: MixedColumn) -> list[str]:
    """Values as a reader would write them: whole numbers whole, others in four digits."""
    if column.kind != "number":
        return [value if value and value.strip() else "missing" for value in column.values.tolist()]
    return [number_in_words(value) for value in column.values.tolist()]


def number_in_words(value: float) -> str:
    """Number as text, to about four digits."""
    if value != value:
        return "missing"
    if value == round(value) and abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"
