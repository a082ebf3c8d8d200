"""What a detector says of values: how strongly, and what would be right."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.int8]


class Hint(NamedTuple):
    """A value that may be right, and the probability that it is, if the present one is wrong."""

    text: str
    weight: float


class Signs(NamedTuple):
    """Signs on the distinct values of a column: 0 for nothing found, higher for stronger signs.

    `hints` and `reasons` are by the place of the value.
    """

    levels: Levels
    hints: dict[int, Hint]
    reasons: dict[int, str]


def no_signs(n: int) -> Signs:
    """Nothing found in n values."""
    return Signs(np.zeros(n, dtype=np.int8), {}, {})
