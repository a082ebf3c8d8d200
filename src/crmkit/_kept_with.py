"""What is worked out of a fitted array once, and kept as long as the array lives."""

import weakref
from collections.abc import Callable
from typing import Any, TypeVar

import numpy.typing as npt

Made = TypeVar("Made")

_KEPT: dict[int, tuple[Any, Any]] = {}


def kept_with(fitted: npt.NDArray[Any], make: Callable[[], Made]) -> Made:
    """What `make` makes of a fitted array, made at the first call for this array.

    An array of a fitted model is never changed in place, and a saved model holds the array alone.
    """
    key = id(fitted)
    found = _KEPT.get(key)
    if found is None or found[0]() is not fitted:
        found = weakref.ref(fitted, lambda _: _KEPT.pop(key, None)), make()
        _KEPT[key] = found
    made: Made = found[1]
    return made
