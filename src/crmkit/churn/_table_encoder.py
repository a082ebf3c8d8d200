"""Ordinary churn tables as numbers: kinds of columns are found out once, in `fit`.

Numbers stay numbers, also where they are stored as text with blanks; words become codes 1, 2, ...
in alphabetical order of their levels, 0 being a level that `fit` did not see. Levels of fewer than
ten customers (of 2 % in a small table) share one code. Trees, which take codes for numbers, read
an unseen level as the one whose share of churn is nearest to that of all. Identifiers, instants
and constants say nothing about a new customer and are left aside.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._frames import MixedColumn
from crmkit._mixed_columns import identifier, is_called_id, is_numeric_text, numbers_of, words_of
from crmkit._validation import Floats
from crmkit.exceptions import DataError

OTHER = "(other)"

_FEW, _RARE, _MOST_LEVELS = 10.0, 0.02, 50


@dataclass(frozen=True, eq=False)
class Table:
    """Encoded customers: one column per feature, NaN for an unknown number.

    `levels` holds the number of levels of each column of words, and 0 for numbers; `typical` the
    code that stands for an unseen level, and 0 for numbers (empty: every level was seen).
    """

    x: Floats
    levels: tuple[int, ...]
    typical: tuple[int, ...] = ()

    def rows(self, which: npt.NDArray[Any]) -> "Table":
        """Some of the customers."""
        return Table(self.x[which], self.levels, self.typical)

    @property
    def with_typical(self) -> Floats:
        """The columns with a typical level in the place of an unseen one."""
        if not any(self.typical):
            return self.x
        places = [place for place, code in enumerate(self.typical) if code]
        unseen = self.x[:, places] == 0.0
        if not unseen.any():
            return self.x
        x = self.x.copy()
        x[:, places] = np.where(unseen, np.take(self.typical, places), x[:, places])
        return x


def learn_columns(
    columns: list[MixedColumn],
    names: list[str],
    weight: Floats,
    named: bool,
    owner: str,
    churned: Floats | None = None,
) -> list[dict[str, Any]]:
    """What each column is: its kind ("number", "category" or "aside") and what encoding needs.

    Without the labels `churned` the commonest level stands for an unseen one.
    """
    learnt = [
        {"name": name, **_learn(name, column, weight, named, owner, churned)}
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
    kept = [each for each in learnt if each["kind"] != "aside"]
    levels = tuple([len(each["levels"]) for each in kept])
    typical = tuple([each["typical"] for each in kept])
    if not any(levels) and {column.kind for column in used} == {"number"}:
        x = np.ascontiguousarray(np.array([column.values for column in used]).T)
        if not np.isinf(x).any():
            fill = np.array([np.nan if each["gaps"] else each["fill"] for each in kept])
            return Table(np.where(np.isnan(x), fill, x), levels, typical)
    x = np.empty((len(used[0].values), len(used)))
    for j, (column, each) in enumerate(zip(used, kept, strict=True)):
        if each["kind"] == "number":
            numbers = numbers_of(column, each["name"], owner)
            x[:, j] = numbers if each["gaps"] else np.where(_nan(numbers), each["fill"], numbers)
        else:
            x[:, j] = _codes(column, each["levels"], each["name"], owner)
    return Table(x, levels, typical)


def left_aside(learnt: list[dict[str, Any]]) -> str:
    """Columns left aside that a reader would want to know of, with the reason of each."""
    told = [each for each in learnt if each["kind"] == "aside" and each["why"] != "constant"]
    return "; ".join(f"{each['name']!r} ({each['why']})" for each in told)


def _learn(
    name: str,
    column: MixedColumn,
    weight: Floats,
    named: bool,
    owner: str,
    churned: Floats | None,
) -> dict[str, Any]:
    if column.kind == "instant":
        return _aside("holds instants: turn them into days before the cut-off")
    if column.kind == "nested":
        return _aside("holds lists or records")
    number = column.kind == "number" or (column.kind == "text" and is_numeric_text(column.values))
    why = identifier(name, column, number) if named else None
    if why:
        return _aside(why)
    if number and not (named and is_called_id(name) and column.whole):
        return _learn_number(numbers_of(column, name, owner), column.kind == "text", weight)
    return _learn_words(words_of(column), weight, churned)


def _learn_number(numbers: Floats, was_text: bool, weight: Floats) -> dict[str, Any]:
    gaps = bool(_nan(numbers).any())
    there = numbers[~_nan(numbers)]
    if len(there) == 0 or (not gaps and there.min() == there.max()):
        return _aside("constant")
    fill = weighted_quantile(there, weight[~_nan(numbers)], np.array([0.5]))[0]
    why = "numbers stored as text" if was_text else ""
    return _as("number", why, gaps=gaps, fill=float(fill))


def _learn_words(words: npt.NDArray[Any], weight: Floats, churned: Floats | None) -> dict[str, Any]:
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
    return _as("category", levels=levels, typical=_typical(_places(words, levels), weight, churned))


def _typical(codes: npt.NDArray[np.int64], weight: Floats, churned: Floats | None) -> int:
    """Level whose share of churn is nearest to that of all, or the commonest one."""
    customers = np.bincount(codes, weight)[1:]
    if churned is None:
        return 1 + int(customers.argmax())
    rates = np.bincount(codes, weight * churned)[1:] / customers
    return 1 + int(np.abs(rates - weight @ churned / weight.sum()).argmin())


def _aside(why: str) -> dict[str, Any]:
    return _as("aside", why)


def _as(
    kind: str,
    why: str = "",
    *,
    gaps: bool = False,
    fill: float = 0.0,
    levels: list[str] | None = None,
    typical: int = 0,
) -> dict[str, Any]:
    """What is kept of a column; `gaps` and `fill` are of numbers, the last two of words."""
    kept = {"kind": kind, "why": why, "gaps": gaps, "fill": fill}
    return {**kept, "levels": levels or [], "typical": typical}


def weighted_quantile(values: Floats, weight: Floats, shares: Floats) -> Floats:
    """Observed values at shares of the weight: a row of weight 2 counts as two rows."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    places = np.searchsorted(reached, shares * reached[-1] * (1.0 - 1e-12), side="left")
    return np.asarray(values[order][np.minimum(places, len(values) - 1)])


def _codes(column: MixedColumn, levels: list[str], name: str, owner: str) -> Floats:
    """Places of the words of a column among the levels."""
    if column.kind in ("instant", "nested"):
        raise DataError(
            f"{owner}: {name!r} held words in fit and now holds "
            f"{'instants' if column.kind == 'instant' else 'lists or records'}. Turn them into the "
            "same words as before."
        )
    return _places(words_of(column), levels).astype(np.float64)


def _places(words: npt.NDArray[Any], levels: list[str]) -> npt.NDArray[np.int64]:
    """Places of words among the levels from 1; unseen words are rare ones, or 0."""
    places = {level: place for place, level in enumerate(levels, start=1)}
    unseen = places.get(OTHER, 0)
    return np.asarray([places.get(word, unseen) for word in words.tolist()], dtype=np.int64)


def _nan(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isnan(values))
