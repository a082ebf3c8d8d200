"""Columns of instants as whole microseconds, so that they compare exactly."""

from datetime import date
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
        _check_kinds(array, name, owner)
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


def _check_kinds(array: npt.NDArray[Any], name: str, owner: str) -> None:
    """Refuse objects that are no instants, and instants with a time zone beside others without."""
    there = [value for value in array.tolist() if not _is_missing(value)]
    wrong = [value for value in there if not isinstance(value, (str, date, np.datetime64))]
    if wrong:
        raise DataError(
            f"{owner}: {name} must hold dates, datetimes or ISO 8601 text, got {wrong[0]!r}. "
            "Numbers have no unit: convert them first."
        )
    if len({_is_zoned(value) for value in set(there)}) > 1:
        raise DataError(
            f"{owner}: {name} has instants with a time zone beside others without. Give all alike."
        )


def has_zone(values: Any) -> bool:
    """Whether instants that were read have a time zone: all have one then, or none has."""
    array = np.asarray(values)
    return array.dtype.kind != "M" and array.size > 0 and _is_zoned(array.ravel()[0])


def _is_zoned(value: Any) -> bool:
    """Whether an instant has a time zone; text that is none has none."""
    if isinstance(value, str):
        try:
            value = pd.Timestamp(str(value))
        except ValueError:
            return False
    return getattr(value, "tzinfo", None) is not None


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value != value  # NaT and NaN differ from themselves


def check_one_clock(first: bool, second: bool, name: str, owner: str) -> None:
    """Refuse instants with a time zone beside instants without."""
    if first != second:
        one, other = ("has", "has not") if second else ("has not", "has")
        raise DataError(f"{owner}: {name} {one} a time zone, cutoff {other}. Give both alike.")


def told(instant: Any) -> str:
    """An instant in microseconds as text; midnights as their date."""
    stamp = np.datetime64(int(instant), "us").item()
    return f"{stamp:%Y-%m-%d}" if stamp.time().isoformat() == "00:00:00" else stamp.isoformat(" ")
