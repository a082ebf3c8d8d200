"""Ids and their places: text or whole numbers, ascending, found by bisection."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.exceptions import DataError

Ids = npt.NDArray[Any]
Codes = npt.NDArray[np.int64]


def find(ids: Ids, asked: Ids, name: str, owner: str) -> Codes:
    """Place of each asked id among the ascending `ids`, -1 where it is not one of them.

    Text and whole numbers never meet: 17 is not "17", and asking so is refused.
    """
    if not len(asked) or not len(ids):
        return np.full(len(asked), -1)
    if (ids.dtype.kind == "U") != (asked.dtype.kind == "U"):
        kinds = ("text", "whole numbers")
        if asked.dtype.kind != "U":
            kinds = kinds[::-1]
        raise DataError(
            f"{owner}: {name} holds {kinds[0]} (first {asked[0].item()!r}), but the log was fitted "
            f"with {kinds[1]} (first {ids[0].item()!r}). Convert one of them."
        )
    place = np.minimum(np.searchsorted(ids, asked), len(ids) - 1)
    return np.where(ids[place] == asked, place, -1)


def union(left: Ids, right: Ids) -> Ids:
    """Distinct ids of both, ascending; one of them may be empty and of any type."""
    if not len(right):
        return left
    return np.unique(right if not len(left) else np.concatenate([left, right]))
