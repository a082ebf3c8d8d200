"""What every metric asks of its arrays: one number a customer, none of them missing."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.exceptions import DataError

WORDS = {"M": "dates", "m": "durations", "c": "complex numbers"}


def amounts(values: npt.ArrayLike, name: str, owner: str, *, signed: bool = False) -> Floats:
    """One-dimensional float64 array of finite numbers, none negative unless `signed`."""
    try:
        given = np.asarray(values)
        held = given.ravel().tolist() if given.dtype == object else ()
        if given.dtype.kind in "USMmc" or any(isinstance(value, (str, bytes)) for value in held):
            raise TypeError(WORDS.get(given.dtype.kind, "text"))
        array = given.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{owner}: {name} must hold numbers, got {error}.") from None
    if array.ndim != 1:
        raise DataError(
            f"{owner}: {name} must be one number a customer, got shape {array.shape}. "
            "Pass a single column."
        )
    if array.size == 0:
        raise DataError(f"{owner}: {name} is empty. At least one customer is needed.")
    faults = [
        f"{bad.sum():,} {text} (first at row {bad.argmax():,})"
        for text, bad in (
            ("NaN", np.isnan(array)),
            ("infinite", np.isinf(array)),
            ("negative", np.isfinite(array) & (array < 0) & (not signed)),
        )
        if bad.any()
    ]
    if faults:
        raise DataError(f"{owner}: {name} has {', '.join(faults)}. Drop or repair these first.")
    return array


def one_each(
    given: Any, name: str, n: int, owner: str, *, low: float = -np.inf, high: float = np.inf
) -> Floats:
    """One finite number from `low` to `high` for each of n customers, or one that is for all."""
    if n == 0 and np.size(given) == 0:
        return np.empty(0)
    if isinstance(given, bool):
        raise DataError(f"{owner}: {name} must hold numbers, got {given!r}.")
    column = amounts(np.atleast_1d(np.asarray(given)), name, owner, signed=True)
    numbers = np.full(n, column[0]) if np.ndim(given) == 0 else column
    if numbers.size != n:
        raise DataError(
            f"{owner}: {name} must be one number or one for each of {n:,} customers, got "
            f"{numbers.size:,}."
        )
    outside = (numbers < low) | (numbers > high)
    if outside.any():
        first = int(outside.argmax())
        bound = f"at least {low:g}" if high == np.inf else f"from {low:g} to {high:g}"
        raise DataError(
            f"{owner}: {name} must be {bound}, but {outside.sum():,} of {n:,} are not (first at "
            f"row {first:,}: {numbers[first]:g})."
        )
    return numbers


def by_name(given: Any, owner: str, unnamed: str = "forecast") -> dict[str, Any]:
    """Forecasts by name: those of a mapping, the columns of a frame, or the only one."""
    if isinstance(given, Mapping):
        return dict(given)
    if _frames.is_frame(given):
        table = _frames.to_eager(given)
        names = _frames.column_names(table, owner)
        if all(isinstance(name, str) for name in names):  # else it is an array in disguise
            return {name: _frames.column_values(table, name, owner) for name in names}
    return {unnamed: given}


def pair(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, owner: str, name: str = "y_pred"
) -> tuple[Floats, Floats]:
    """Truth and prediction, called `name` in errors, as `amounts` of equal length."""
    true, pred = amounts(y_true, "y_true", owner), amounts(y_pred, name, owner)
    check_lengths(true, pred, name, owner)
    return true, pred


def check_lengths(true: Floats, other: Floats, name: str, owner: str) -> None:
    """Refuse a column that does not have one number for each customer of `y_true`."""
    if true.size != other.size:
        raise DataError(
            f"{owner}: y_true has {true.size:,} customers and {name} {other.size:,}. "
            "Both must be in the same row order."
        )


def check_level(level: float, owner: str) -> float:
    """Refuse a level that is not between 0 and 1."""
    if isinstance(level, bool) or not isinstance(level, Real) or not 0 < level < 1:
        raise DataError(
            f"{owner}: level must be a number above 0 and below 1, got {level!r}. An interval "
            "that should hold 80 % is level=0.8."
        )
    return float(level)
