"""What segments look like: mean position, median and lift of each column and level."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.segment._mixed_space import scaled

Ints = npt.NDArray[np.int64]
Profile = dict[str, list[Any]]


def profile_of(
    x: Floats,
    columns: list[dict[str, Any]],
    scales: list[dict[str, Any]],
    labels: Ints,
    k: int,
) -> Profile:
    """One row for each segment and column, or level of a category; segments count from 0."""
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels, minlength=k)
    ends = np.cumsum(sizes)[:-1]
    parts: list[Profile] = []
    for values, each, scale in zip(x.T, columns, scales, strict=True):
        if each["kind"] == "number":
            parts.append(_of_number(values, each["name"], scale, order, ends))
        else:
            parts += _of_levels(values, each, labels, sizes)
    rows = [(part, j) for j in range(k) for part in parts]
    names = ("column", "level", "z", "median", "mean", "lift")
    told = {name: [part[name][j] for part, j in rows] for name in names}
    return {"segment": [j for _, j in rows], **told}


def _of_number(
    values: Floats, name: str, scale: dict[str, Any], order: Ints, ends: Ints
) -> Profile:
    parts = np.split(values[order], ends)
    position = scaled(values, scale)
    middle, spread = float(position.mean()), float(position.std()) or 1.0
    z = [(float(p.mean()) - middle) / spread for p in np.split(position[order], ends)]
    means = [float(part.mean()) for part in parts]
    mean = float(values.mean())
    return {
        "column": [name] * len(parts),
        "level": [None] * len(parts),
        "z": z,
        "median": [float(np.median(part)) for part in parts],
        "mean": means,
        "lift": [value / mean if mean else float("nan") for value in means],
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
