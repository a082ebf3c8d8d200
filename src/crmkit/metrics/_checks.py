"""What every metric asks of its arrays: one number a customer, none of them missing."""

from numbers import Real

import numpy as np
import numpy.typing as npt

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
