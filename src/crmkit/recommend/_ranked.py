"""Rankings, cut and joined: row, item and score of what was chosen, by row and place."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.recommend._interactions import Whole
from crmkit.recommend._top_items import Ranked


def of_rows(found: Ranked, rows: slice) -> Ranked:
    """What was found for a block of customers, its rows counted from 0."""
    part = slice(*np.searchsorted(found[0], [rows.start, rows.stop]))
    return found[0][part] - rows.start, found[1][part], found[2][part]


def places(row: Whole) -> Whole:
    """0, 1, ... within each run of equal rows; rows rise."""
    return np.asarray(np.arange(len(row)) - np.searchsorted(row, row))


def first(found: Ranked, n: int) -> Ranked:
    """The first n of each row."""
    kept = places(found[0]) < n
    return found[0][kept], found[1][kept], found[2][kept]


def rest(found: Ranked, n: int) -> Ranked:
    """What stands behind the first n of each row."""
    kept = places(found[0]) >= n
    return found[0][kept], found[1][kept], found[2][kept]


def with_rest(found: Ranked, behind: Ranked) -> Ranked:
    """Both, by row, the second part behind the first."""
    if not len(behind[0]):
        return found
    row = np.concatenate([found[0], behind[0]])
    order = np.argsort(row, kind="stable")
    item, score = (np.concatenate([a, b]) for a, b in zip(found[1:], behind[1:], strict=True))
    return row[order], item[order], score[order]


def widened(values: npt.NDArray[Any], width: int, empty: Any) -> npt.NDArray[Any]:
    """The same rows with more columns."""
    made = np.full((len(values), width), empty, dtype=values.dtype)
    made[:, : values.shape[1]] = values
    return made
