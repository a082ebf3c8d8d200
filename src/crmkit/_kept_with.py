"""What is worked out of an array once, and kept as long as the array lives."""

import weakref
from collections.abc import Callable
from typing import Any, TypeVar

import numpy.typing as npt

Made = TypeVar("Made")

_KEPT: dict[int, tuple[Any, Any]] = {}


def kept_with(array: npt.NDArray[Any], make: Callable[[], Made]) -> Made:
    """What `make` makes of an array, made at the first call for this array.

    It is for arrays that nobody changes in place, as those of a fitted model, which is saved with
    the array alone.
    """
    key = id(array)
    found = _KEPT.get(key)
    if found is None or found[0]() is not array:
        forget = _KEPT.pop  # at the end of the process the name is gone before the arrays are
        found = weakref.ref(array, lambda _: forget(key, None)), make()
        _KEPT[key] = found
    made: Made = found[1]
    return made
