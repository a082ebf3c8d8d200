"""Ids and their places: text or whole numbers, ascending, found by bisection."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._frames import joint_ids
from crmkit.exceptions import DataError

Ids = npt.NDArray[Any]
Codes = npt.NDArray[np.int64]
LARGE = np.uint64(2**63)
"""The least whole number that is none of the signed ones."""


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
    fits: Any = True
    if ids.dtype.kind != asked.dtype.kind:  # compared as they are, both would become floats
        fits = (asked >= 0) if asked.dtype.kind == "i" else (asked < LARGE)
        asked = np.where(fits, asked, np.zeros_like(asked)).astype(ids.dtype)
    place = np.minimum(ids.searchsorted(asked), len(ids) - 1)
    return np.where((ids[place] == asked) & fits, place, -1)


def find_each(ids: Ids, asked: Ids, name: str, owner: str) -> Codes:
    """Place of each known one of the asked ids, once and in the order asked."""
    place = find(ids, asked, name, owner)
    place = place[np.sort(np.unique(place, return_index=True)[1])]
    return place[place >= 0]


def union(left: Ids, right: Ids, owner: str = "recommend") -> Ids:
    """Distinct ids of both, ascending; one of them may be empty and of any type."""
    return np.unique(joint_ids([left, right], "the ids", owner)) if len(right) else left
