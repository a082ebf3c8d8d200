"""Numbers per customer, however they are told: one for all, a column's name, or an array."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.metrics._checks import one_each


def per_customer(
    value: Any, table: Any, n: int, name: str, owner: str, *, low: float, high: float
) -> Floats:
    """One finite number from `low` to `high` for each of n customers.

    `value` is a number for all, the name of a column of the eager frame `table`, or an array.
    """
    if isinstance(value, str):
        if not _frames.is_frame(table):
            raise DataError(f"{owner}: {name}={value!r} names a column, which an array has not.")
        numbers = np.asarray(_frames.float_columns(table, [value], owner))[:, 0]
        value, name = numbers, f"column {value!r}"
    return one_each(value, name, n, owner, low=low, high=high)


def vector(value: Any, name: str, owner: str) -> Floats:
    """One-dimensional float64 array."""
    try:
        numbers = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{owner}: {name} must hold numbers, got {error}.") from None
    if numbers.ndim != 1:
        raise DataError(
            f"{owner}: {name} must be one number or one per customer, got shape {numbers.shape}."
        )
    return numbers


def probabilities(p: Any, owner: str, name: str = "p") -> Floats:
    """Probabilities of churn: a vector, or the two columns of predict_proba."""
    try:
        array: npt.NDArray[np.float64] = np.asarray(p, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{owner}: {name} must hold probabilities, got {error}.") from None
    if array.ndim == 2 and array.shape[1] in (1, 2):
        array = array[:, -1]
    if array.ndim != 1 or not len(array):
        raise DataError(
            f"{owner}: {name} must be one probability per customer, or the two columns of "
            f"predict_proba, got shape {array.shape}."
        )
    return per_customer(array, None, len(array), name, owner, low=0.0, high=1.0)


def id_name(table: Any, customer: str | None, owner: str) -> str:
    """Name of the id column: the stated one, else the first."""
    names = _frames.column_names(table, owner)
    if not names:
        raise DataError(f"{owner}: the frame has no columns. At least the customer id is needed.")
    if customer is None and not isinstance(names[0], str):
        raise DataError(
            f"{owner}: the first column, that of the ids, is called {names[0]!r}: names of columns "
            "must be text. Rename it first."
        )
    return names[0] if customer is None else customer


def check_rows(n: int, values: npt.NDArray[Any], name: str, owner: str) -> None:
    """Refuse a column of another length than X."""
    if np.shape(values)[:1] != (n,):
        raise DataError(
            f"{owner}: X has {n:,} rows and {name} {np.size(values):,}. One value a row is needed."
        )


def group_codes(groups: Any, n: int, owner: str) -> npt.NDArray[np.int64]:
    """Number of the customer of each row, by the order of the ids; none may be missing."""
    given = np.asarray(groups)
    check_rows(n, given, "groups", owner)
    codes, _ = pd.factorize(given, sort=True)
    if (codes < 0).any():
        raise DataError(
            f"{owner}: groups has {(codes < 0).sum():,} missing customers (first at row "
            f"{(codes < 0).argmax():,}). Drop these rows, or name the customers."
        )
    return codes.astype(np.int64)
