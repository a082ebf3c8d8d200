"""Reasons of a score: the features that moved the log-odds of a customer most, in sentences."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
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
    places = largest(np.abs(added), [theme(name) for name in names], top)
    rows = np.repeat(np.arange(len(added)), places.shape[1])
    chosen = places.ravel()
    contribution = added[rows, chosen]
    words = Words(names, columns)
    features = [names[j] for j in chosen.tolist()]
    values = [words[name][row] for name, row in zip(features, rows.tolist(), strict=True)]
    told = [
        f"{sentence(name, row, words, unit)}: {round(each, 1) + 0.0:+.1f}"
        for name, row, each in zip(features, rows.tolist(), contribution.tolist(), strict=True)
    ]
    return rows, {
        "feature": np.asarray(features, dtype=str),
        "value": np.asarray(values, dtype=str),
        "contribution": contribution,
        "sentence": np.asarray(told, dtype=str),
    }


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


def largest(sizes: Floats, themes: list[str], top: int) -> npt.NDArray[np.intp]:
    """Places of the `top` largest sizes of each row, the largest of each theme only."""
    column, start, n_of = grouped(tuple(themes))
    sizes = sizes[:, column]
    best = np.maximum.reduceat(sizes, start, axis=1)
    is_best = sizes == np.repeat(best, n_of, axis=1)
    place = np.minimum.reduceat(np.where(is_best, column, len(themes)), start, axis=1)
    order = np.argsort(-best, axis=1, kind="stable")[:, :top]
    return np.take_along_axis(place, order, axis=1)


@lru_cache(maxsize=64)
def grouped(
    themes: tuple[str, ...],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Places of the features by theme, where each theme begins among them, and how many it has."""
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
