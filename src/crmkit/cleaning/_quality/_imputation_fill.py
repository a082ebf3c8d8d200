"""Gaps filled by what was learnt, one column after another, with the expected or by chance."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.cleaning._quality._imputation_columns import Learnt
from crmkit.cleaning._quality._imputation_draws import Hashes, chances, draw_levels, draw_numbers
from crmkit.cleaning._quality._imputation_models import (
    Names,
    believe_groups,
    believe_lines,
    believe_simple,
    believe_trees,
)

Rows = npt.NDArray[np.intp]


def fill(
    x: Floats,
    keys: Names | None,
    columns: list[Learnt],
    fillers: list[dict[str, Any]],
    chance: tuple[Hashes, int, int] | None = None,
) -> Floats:
    """A table without gaps; with `chance` (of rows, seed and draw) what is filled is drawn."""
    n_levels = [len(each["levels"]) for each in columns]
    out, state = np.array(x), np.array(x)
    for column in np.argsort([each["n_missing"] for each in columns], kind="stable").tolist():
        filler = fillers[column]
        rows = np.flatnonzero(np.isnan(x[:, column]))
        if not len(rows):
            continue
        own = None if keys is None else keys[rows]
        expected = believe(filler["model"], filler["method"], column, n_levels, state[rows], own)
        if chance is None:
            out[rows, column] = point(expected, columns[column])
        else:
            hashes, seed, draw = chance
            u = chances(hashes[rows], seed, draw, column)
            drawn = draw_levels(blended(expected, filler), u) if n_levels[column] else None
            out[rows, column] = (
                draw_numbers(expected, filler["donors"], u) if drawn is None else drawn
            )
        if filler["chained"]:
            state[rows, column] = out[rows, column]
    return out


def believe(
    model: dict[str, Any],
    method: str,
    column: int,
    n_levels: list[int],
    x: Floats,
    keys: Names | None,
) -> Floats:
    """What a model of one column expects of rows."""
    if method == "groups" and keys is not None:
        return believe_groups(model, keys)
    if method == "trees":
        return believe_trees(model, x, n_levels[column])
    if method == "iterative":
        return believe_lines(model, x, n_levels, column)
    return believe_simple(model, len(x))


def point(expected: Floats, each: Learnt) -> Floats:
    """What is filled: the most probable level, or the expected number in the column's range."""
    if each["levels"]:
        return np.asarray(expected.argmax(axis=1), dtype=np.float64)
    told = np.rint(expected) if each["whole"] else expected
    return np.asarray(np.clip(told, each["low"], each["high"]))


def blended(shares: Floats, filler: dict[str, Any]) -> Floats:
    """Shares of levels, drawn towards those of all."""
    part = filler["blend"]
    return np.asarray((1.0 - part) * shares + part * np.asarray(filler["overall"]))


def thinned(n: int, most: int) -> Rows:
    """At most so many rows, evenly spread over all."""
    return np.arange(n) if n <= most else np.arange(most) * n // most
