"""Schemes of RFM segments: which name each cell of scores has, as plain tables.

`grid11` is the usual naming of a 5 x 5 grid of recency and frequency, with two choices of its own.
F = 1 and F = 2 have one name at every R: where 40 to 80 % of the customers bought once, their
midrank scores 2, and they shall not be called anything but new (or lost) customers for it. The
least recent customers of low frequency are lost, the next fifth is hibernating.

`cube8` is the cube of high and low R, F and M of Chinese retail practice.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.exceptions import DataError

Ints = npt.NDArray[np.int64]

LANGUAGES = ("en", "zh")

NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "grid11": {
        "en": (
            "Champions",
            "Loyal Customers",
            "Potential Loyalists",
            "New Customers",
            "Promising",
            "Need Attention",
            "About To Sleep",
            "At Risk",
            "Cannot Lose Them",
            "Hibernating",
            "Lost",
        ),
        "zh": (
            "冠军客户",
            "忠诚客户",
            "潜在忠诚客户",
            "新客户",
            "有潜力客户",
            "需要关注客户",
            "即将沉睡客户",
            "有流失风险客户",
            "不能失去的客户",
            "沉睡客户",
            "流失客户",
        ),
    },
    "cube8": {
        "en": (
            "Key Value",
            "Key Growth",
            "Key Retention",
            "Key Win-Back",
            "General Value",
            "General Growth",
            "General Retention",
            "General Win-Back",
        ),
        "zh": (
            "重要价值客户",
            "重要发展客户",
            "重要保持客户",
            "重要挽留客户",
            "一般价值客户",
            "一般发展客户",
            "一般保持客户",
            "一般挽留客户",
        ),
    },
}

# Position in NAMES["grid11"]; one row for each R from 1 to 5, one column for each F from 1 to 5.
GRID11 = (
    (10, 10, 7, 7, 8),
    (9, 9, 7, 7, 8),
    (6, 6, 5, 1, 1),
    (4, 4, 2, 1, 0),
    (3, 3, 2, 0, 0),
)


def grid_cells(levels: Mapping[str, int], owner: str) -> Ints:
    """Position of the name of each (R, F, M) in the 11 names of the grid; M does not matter."""
    if (levels["recency"], levels["frequency"]) != (5, 5):
        raise DataError(
            f"{owner}: scheme 'grid11' needs 5 levels of recency and frequency, the scorer has "
            f"{levels['recency']} and {levels['frequency']}. Use 5 levels, scheme='cube8' or a "
            "mapping from cells to names."
        )
    grid = np.array(GRID11, dtype=np.int64)
    return np.repeat(grid[:, :, None], levels["monetary"], axis=2)


def cube_cells(levels: Mapping[str, int], thresholds: npt.ArrayLike) -> Ints:
    """Position of the name of each (R, F, M) in the 8 names; high is above the threshold."""
    shape = tuple(levels.values())
    low_r, low_f, low_m = (
        (np.indices(shape)[axis] + 1 <= limit).astype(np.int64)
        for axis, limit in enumerate(np.asarray(thresholds))
    )
    cells: Ints = 4 * low_m + 2 * low_r + low_f
    return cells


def mapped_cells(
    scheme: Mapping[Any, Any], levels: Mapping[str, int], owner: str
) -> tuple[list[str], Ints]:
    """Names in order of first mention, and the position of the name of each (R, F, M)."""
    r, f, m = levels.values()
    with_m = cell_texts((r, f, m))
    wanted = with_m if set(scheme) & set(with_m) else cell_texts((r, f))
    faults = mapping_faults(scheme, wanted)
    if faults:
        raise DataError(
            f"{owner}: the scheme must name every cell once, {len(wanted)} from {wanted[0]!r} to "
            f"{wanted[-1]!r}; {'; '.join(faults)}."
        )
    names = list(dict.fromkeys(scheme.values()))
    position = {name: i for i, name in enumerate(names)}
    cells = np.array([position[scheme[cell]] for cell in wanted], dtype=np.int64)
    return names, np.ascontiguousarray(np.broadcast_to(cells.reshape(r, f, -1), (r, f, m)))


def mapping_faults(scheme: Mapping[Any, Any], wanted: Sequence[str]) -> list[str]:
    """Tell what is missing, too much or unnamed in a mapping from cells to names."""
    known = set(wanted)
    groups = (
        ("missing", [cell for cell in wanted if cell not in scheme]),
        ("not a cell", [cell for cell in scheme if cell not in known]),
        ("without a name", [c for c, n in scheme.items() if not isinstance(n, str) or not n]),
    )
    return [f"{len(cells)} {what}: {shown(cells)}" for what, cells in groups if cells]


def shown(cells: Sequence[Any], most: int = 12) -> str:
    """Show the first cells of a list, and how many more there are."""
    more = "" if len(cells) <= most else f" and {len(cells) - most} more"
    return ", ".join(repr(cell) for cell in cells[:most]) + more


def cell_texts(levels: Sequence[int]) -> list[str]:
    """Every cell as text, such as "54", or "10-4" where a score can exceed 9; R varies slowest."""
    between = "" if max(levels) <= 9 else "-"
    return [between.join(map(str, cell)) for cell in product(*(range(1, n + 1) for n in levels))]


def rfm_text(scores: Ints, levels: Mapping[str, int]) -> npt.NDArray[np.str_]:
    """Write the scores of each row as one text: "543", or "10-4-3" where a score can exceed 9."""
    shape = tuple(levels.values())
    between = "" if max(shape) <= 9 else "-"
    found, row = np.unique(np.ravel_multi_index(tuple(scores.T - 1), shape), return_inverse=True)
    cells = np.column_stack(np.unravel_index(found, shape)) + 1
    return np.array([between.join(map(str, cell)) for cell in cells.tolist()])[row]
