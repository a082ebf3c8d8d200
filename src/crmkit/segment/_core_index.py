"""The core index: how a customer stands in frequency, amount and repurchase, as one number.

With x repeat purchases in a time T, and m = sum x / sum T the rate of the base, the repurchase
rate is

    rate = (x + prior) / (T + prior / m),

the mean of a gamma law after x events in T when it was m before, with the weight of `prior`
purchases. A rank is (b + a + 1) / (2 (n + 1)) with b customers of the base below and a at or below
the value: i / (n + 1) for the i-th of n different ones. The index is the geometric mean of the
three ranks, so that no part can make up for a poor other one.
"""

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.segment import _rounding

Ints = npt.NDArray[np.int64]

PARTS = ("frequency", "amount", "repurchase")


def base_rate(repeats: Floats, T: Floats) -> float:
    """Repeat purchases of all customers by unit of their time; 0 where there was no time."""
    time = float(np.sort(T).sum())  # sorted: the same bits in any order of the rows
    return float(np.sort(repeats).sum()) / time if time > 0 else 0.0


def repurchase_rate(repeats: Floats, T: Floats, base: float, prior: float) -> Floats:
    """Repeat purchases by unit of time, drawn to the rate of the base; 0 where that is 0."""
    if base == 0:
        return np.zeros(len(repeats))
    rate: Floats = (repeats + prior) / (T + prior / base)
    return rate


def learnt_ranks(values: Floats) -> tuple[Floats, Ints]:
    """Distinct values, rising, and how many customers have at most each."""
    known, n = _rounding.distinct(values)
    return known, np.cumsum(n)


def ranks(values: Floats, known: Floats, reached: Ints) -> Floats:
    """Rank of each value among the learnt ones, above 0 and below 1."""
    upto = np.append(0, reached)
    below = upto[np.searchsorted(_rounding.above(known), values, side="left")]
    at_most = upto[np.searchsorted(_rounding.below(known), values, side="right")]
    return np.asarray((below + at_most + 1) / (2.0 * (reached[-1] + 1)))


def geometric_mean(parts: Floats) -> Floats:
    """Geometric mean of each row of numbers above 0."""
    mean: Floats = np.exp(np.log(parts).mean(axis=1))
    return mean


def reasons(parts: Floats, core: npt.NDArray[np.bool_], faults: Ints) -> npt.NDArray[np.str_]:
    """Why each customer is core or not, in words.

    `faults` is 1 for who never bought again, 2 for who brought nothing, else 0.
    """
    whole = np.floor(parts * 100 + 1e-9).astype(np.int64)
    rows = np.column_stack([faults, core, np.where(faults[:, None] > 0, 0, whole)])
    found, place = np.unique(rows, axis=0, return_inverse=True)
    told = np.array([_reason(*row) for row in found.tolist()])
    return told[place.ravel()]


def _reason(fault: int, core: int, *whole: int) -> str:
    if fault:
        return ("never bought again", "brought nothing, or less")[fault - 1]
    if core:
        told = ", ".join(f"{n} % in {part}" for part, n in zip(PARTS, whole, strict=True))
        return f"ahead of {told}"
    weakest = int(np.argmin(whole))
    return f"weakest in {PARTS[weakest]}: ahead of {whole[weakest]} %"
