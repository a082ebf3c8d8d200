"""Numbers and dates as a reader wants them: grouped thousands, no false precision, no currency."""

from datetime import datetime
from typing import Any

import numpy as np

UNITS = {"h": "hour", "D": "day", "W": "week", "M": "month"}
NONE, GAP = "–", "\N{NO-BREAK SPACE}"


def whole(value: float) -> str:
    """Write 12345.6 as "12,346"."""
    return f"{value:,.0f}" if np.isfinite(value) else NONE


def amount(value: float) -> str:
    """Write money: "12,346" from a thousand up, else two decimals: "33.40"."""
    return f"{value:,.{0 if abs(value) >= 1000 else 2}f}" if np.isfinite(value) else NONE


def decimals(value: float, n: int = 2) -> str:
    """Write a score: "1.64"; an infinite one as the sign."""
    if np.isinf(value):
        return "∞"
    return f"{value:,.{n}f}" if np.isfinite(value) else NONE


def percent(value: float) -> str:
    """Write 0.256 as "26 %"; small shares keep a decimal, and none of them becomes 0 or 100."""
    if not np.isfinite(value):
        return NONE
    if 0 < abs(value) < 0.0005:
        return f"<{GAP}0.1{GAP}%"
    if 0.9995 < value < 1:
        return f">{GAP}99.9{GAP}%"
    return f"{100 * value:.{int(0 < abs(value) < 0.0095 or 0.9905 < value < 1)}f}{GAP}%"


def percent_to_compare(value: float) -> str:
    """Write 0.256 as "25.6 %", where small differences between shares are what counts."""
    return f"{100 * value:.1f}{GAP}%"


def stated_percent(value: float) -> str:
    """Write a share that somebody stated as they stated it: 0.125 as "12.5 %"."""
    return f"{100 * value:.6g}{GAP}%"


def signed_percent(value: float) -> str:
    """Write -0.141 as "-14 %", with a true minus sign; a positive one carries its plus."""
    return f"{100 * value:+.0f}{GAP}%".replace("-", "−") if np.isfinite(value) else NONE


def day(value: Any) -> str:
    """Write an instant as "1 Oct 1997", with the time of day unless it is midnight."""
    stamp = value if isinstance(value, datetime) else np.datetime64(value, "s").item()
    clock = f" {stamp:%H:%M}" if (stamp.hour, stamp.minute) != (0, 0) else ""
    return f"{stamp.day}{GAP}{stamp:%b}{GAP}{stamp.year}{clock}"


def span(length: float, unit: str) -> str:
    """Write 39.0 and "W" as "39 weeks"."""
    word = UNITS.get(unit, unit)
    return f"{length:g}{GAP}{word}{'' if length == 1 else 's'}"


def plural(count: int, word: str) -> str:
    """Write 1 and "customer" as "1 customer", 2,000 as "2,000 customers"."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
