"""What segments look like: mean position, median and lift of each column and level."""

from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._parallel import each_apart
from crmkit._validation import Floats
from crmkit.segment._mixed_space import Space, project

Ints = npt.NDArray[np.int64]
Profile = dict[str, list[Any]]


def positions(x: Floats, labels: Ints, space: Space, k: int) -> Floats:
    """Mean of each segment after scaling, in spreads from that of all: segments by dimensions."""
    z = project(x, space | {"axes": None})
    middle, spread = z.mean(axis=0), z.std(axis=0)
    sums = np.stack([np.bincount(labels, column, minlength=k) for column in z.T], axis=1)
    sizes = np.maximum(np.bincount(labels, minlength=k), 1)
    away: Floats = (sums / sizes[:, None] - middle) / np.where(spread > 0, spread, 1.0)
    return away


def profile_of(
    x: Floats, position: Floats, columns: list[dict[str, Any]], labels: Ints, k: int
) -> Profile:
    """One row for each segment and column, or level of a category; segments count from 0.

    `position` has a column for each number, and one for each level.
    """
    order = np.argsort(labels.astype(np.int16), kind="stable")
    sizes = np.bincount(labels, minlength=k)

    def told_of(place: int) -> list[Profile]:
        values, each = x[:, place], columns[place]
        if each["kind"] == "number":
            return [_of_number(values, each["name"], order, sizes)]
        return _of_levels(values, each, labels, sizes)

    parts = list(chain.from_iterable(each_apart(told_of, range(len(columns)))))
    for part, z in zip(parts, position.T, strict=True):
        part["z"] = z.tolist()
    rows = [(part, j) for j in range(k) for part in parts]
    names = ("column", "level", "z", "median", "mean", "lift")
    told = {name: [part[name][j] for part, j in rows] for name in names}
    return {"segment": [j for _, j in rows], **told}


def _of_number(values: Floats, name: str, order: Ints, sizes: Ints) -> Profile:
    """Means and medians of a column of numbers."""
    parts = np.split(values[order], np.cumsum(sizes)[:-1])
    means = np.array([part.mean() for part in parts])
    mean = float(values.mean())
    return {
        "column": [name] * len(parts),
        "level": [None] * len(parts),
        "median": [float(np.median(part, overwrite_input=True)) for part in parts],
        "mean": means.tolist(),
        "lift": (means / mean).tolist() if mean else [float("nan")] * len(parts),
    }


def _of_levels(codes: Floats, each: dict[str, Any], labels: Ints, sizes: Ints) -> list[Profile]:
    """Shares of the levels in place of means; a level has no median."""
    found = []
    for place, level in enumerate(each["levels"], start=1):
        has = codes == place
        share = float(has.mean())
        shares = np.bincount(labels[has], minlength=len(sizes)) / sizes
        found.append(
            {
                "column": [each["name"]] * len(sizes),
                "level": [level] * len(sizes),
                "median": [float("nan")] * len(sizes),
                "mean": shares.tolist(),
                "lift": (shares / share).tolist() if share else [float("nan")] * len(sizes),
            }
        )
    return found
