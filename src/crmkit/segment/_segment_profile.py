"""What segments look like: mean position, median and lift of each column and level."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats

Ints = npt.NDArray[np.int64]
Profile = dict[str, list[Any]]


def profile_of(
    x: Floats, scaled: Floats, columns: list[dict[str, Any]], labels: Ints, k: int
) -> Profile:
    """One row for each segment and column, or level of a category; segments count from 0.

    `scaled` has a column for each number, and one for each level.
    """
    order = np.argsort(labels.astype(np.int16), kind="stable")
    sizes = np.bincount(labels, minlength=k)
    parts: list[Profile] = []
    place = 0
    for values, each in zip(x.T, columns, strict=True):
        if each["kind"] == "number":
            parts.append(_of_number(values, scaled[:, place], each["name"], labels, order, sizes))
            place += 1
        else:
            parts += _of_levels(values, each, labels, sizes)
            place += len(each["levels"])
    rows = [(part, j) for j in range(k) for part in parts]
    names = ("column", "level", "z", "median", "mean", "lift")
    told = {name: [part[name][j] for part, j in rows] for name in names}
    return {"segment": [j for _, j in rows], **told}


def _of_number(
    values: Floats, position: Floats, name: str, labels: Ints, order: Ints, sizes: Ints
) -> Profile:
    """Means and medians of a column of numbers."""
    middle, spread = float(position.mean()), float(position.std()) or 1.0
    z = (np.bincount(labels, position, minlength=len(sizes)) / sizes - middle) / spread
    parts = np.split(values[order], np.cumsum(sizes)[:-1])
    means = np.array([part.mean() for part in parts])
    mean = float(values.mean())
    return {
        "column": [name] * len(parts),
        "level": [None] * len(parts),
        "z": z.tolist(),
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
        spread = float(np.sqrt(share * (1.0 - share))) or 1.0
        found.append(
            {
                "column": [each["name"]] * len(sizes),
                "level": [level] * len(sizes),
                "z": ((shares - share) / spread).tolist(),
                "median": [float("nan")] * len(sizes),
                "mean": shares.tolist(),
                "lift": (shares / share).tolist() if share else [float("nan")] * len(sizes),
            }
        )
    return found
