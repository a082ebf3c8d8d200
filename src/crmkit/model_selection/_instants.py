"""Columns of instants as whole microseconds, so that they compare exactly."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit.exceptions import DataError


def instants(values: Any, name: str, owner: str) -> npt.NDArray[np.int64]:
    """Microseconds since 1970 of a column of instants; those with a zone are told in UTC."""
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise DataError(
            f"{owner}: {name} must be one instant a row, got shape {array.shape}. Pass a column "
            "or a list."
        )
    if array.dtype.kind not in "MOUT":
        raise DataError(
            f"{owner}: {name} must hold dates or datetimes, got {array.dtype}. Numbers have no "
            "unit: convert them first."
        )
    if array.dtype.kind != "M":
        try:
            array = pd.to_datetime(pd.Index(array, dtype=object), utc=True, format="ISO8601")
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{owner}: {name} must hold dates, datetimes or ISO 8601 text: {error}."
            ) from None
        array = array.tz_localize(None).to_numpy()
    missing = np.isnat(array)
    if missing.any():
        raise DataError(
            f"{owner}: {name} has {missing.sum():,} missing instants (first at row "
            f"{missing.argmax():,}). Leave these rows out: what is not known cannot be learned."
        )
    return np.asarray(array.astype("M8[us]").astype(np.int64))


def has_zone(values: Any) -> bool:
    """Whether the first of some instants has a time zone."""
    array = np.asarray(values)
    if array.dtype.kind == "M" or array.size == 0:
        return False
    first = array.ravel()[0]
    return getattr(
        pd.Timestamp(first) if isinstance(first, str) else first, "tzinfo", None
    ) is not (None)


def check_one_clock(first: bool, second: bool, name: str, owner: str) -> None:
    """Refuse instants with a time zone beside instants without."""
    if first != second:
        one, other = ("has", "has not") if second else ("has not", "has")
        raise DataError(f"{owner}: {name} {one} a time zone, cutoff {other}. Give both alike.")


def told(instant: Any) -> str:
    """An instant in microseconds as text; midnights as their date."""
    stamp = np.datetime64(int(instant), "us").item()
    return f"{stamp:%Y-%m-%d}" if stamp.time().isoformat() == "00:00:00" else stamp.isoformat(" ")
