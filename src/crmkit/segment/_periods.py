"""Calendar periods of days: weeks from Monday, months, quarters and years since 1970."""

from typing import Any

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[Any]

MONTHS = {"M": 1, "Q": 3, "Y": 12}
PERIODS = ("W", *MONTHS)
WORDS = {"W": "week", "M": "month", "Q": "quarter", "Y": "year"}


def period_of_days(days: Whole, period: str) -> Whole:
    """Number of the period that holds each day since 1970."""
    if period == "W":
        return (days + 3) // 7
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months // MONTHS[period]


def first_days(numbers: Whole, period: str) -> npt.NDArray[np.datetime64]:
    """First day of each period."""
    if period == "W":
        return (7 * np.asarray(numbers, dtype=np.int64) - 3).astype("datetime64[D]")
    months = np.asarray(numbers, dtype=np.int64) * MONTHS[period]
    return months.astype("datetime64[M]").astype("datetime64[D]")


def period_names(numbers: Whole, period: str) -> list[str]:
    """Short names: "2024-01-29" (the Monday), "2024-02", "2024-Q1", "2024"."""
    days = [str(day) for day in first_days(numbers, period)]
    if period == "Q":
        return [f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}" for day in days]
    return [day[: {"W": 10, "M": 7, "Y": 4}[period]] for day in days]
