"""Half-lives: after how many days a purchase counts half."""

from numbers import Real
from typing import Any

import numpy as np

from crmkit._units import in_unit
from crmkit.exceptions import DataError


def read_half_life(value: Any, owner: str, name: str = "half_life") -> float:
    """Days of a half-life told as a number, text such as "60D", or None for infinity."""
    if value is None or (isinstance(value, Real) and value == np.inf):
        return np.inf
    days = in_unit(value, "D", owner, name)
    if days == 0.0:
        raise DataError(f"{owner}: {name} must be above 0, got {value!r}. None is no decay.")
    return days
