"""Values that differ by nothing but rounding are one value, and edges forgive it.

A sum of amounts depends in its last bits on the order in which it is made. Whoever stands on an
edge, as somebody always does on the date when it was learnt, must not fall for that.
"""

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats

Ints = npt.NDArray[np.int64]

ROUNDING = 1e-12
"""Part of a value that is nothing but rounding."""


def distinct(values: Floats) -> tuple[Floats, Ints]:
    """Distinct values, rising, the lowest of those that rounding parts, and how many have each."""
    known, n = np.unique(values, return_counts=True)
    apart = np.ones(len(known), dtype=bool)
    with np.errstate(over="ignore"):  # further apart than the largest float is far apart
        apart[1:] = np.diff(known) > ROUNDING * np.abs(known[1:])
    first = np.flatnonzero(apart)
    return known[first], np.add.reduceat(n, first) if len(first) else n


def below(values: Floats) -> Floats:
    """The values less what rounding may have added."""
    with np.errstate(over="ignore"):
        lower: Floats = values * (1.0 - ROUNDING * np.sign(values))
    return lower


def above(values: Floats) -> Floats:
    """The values and what rounding may have taken."""
    with np.errstate(over="ignore"):
        upper: Floats = values * (1.0 + ROUNDING * np.sign(values))
    return upper
