"""Numbers and dates as a reader wants them: grouped thousands, no false precision, no currency.

What is written keeps the number and its unit beside the text, for readers that are machines.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Self

import numpy as np

UNITS = {"h": "hour", "D": "day", "W": "week", "M": "month"}
NONE, GAP, MINUS = "–", "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"
SMALLEST = 1e-6  # of money; what is less is written as nothing
COUNT, MONEY, SHARE, SCORE, DAYS = "count", "currency of the data", "share", "score", "days"


class Told(str):
    """A text that keeps what it tells: a number, a pair or numbers by name, and their unit."""

    value: Any
    unit: str
    __slots__ = ("unit", "value")

    def __new__(cls, text: str, value: Any, unit: str) -> Self:
        """Make the text, with its value."""
        made = super().__new__(cls, text)
        made.value, made.unit = value, unit
        return made


def keeping(unit: str) -> Callable[[Callable[..., str]], Callable[..., Told]]:
    """Let a writer of numbers keep the number that it writes; ``unit=`` names another unit."""

    def keep(write: Callable[..., str]) -> Callable[..., Told]:
        @wraps(write)
        def written(value: float, *arguments: Any, unit: str = unit) -> Told:
            text = write(value, *arguments).replace("-", MINUS)
            return Told(text, plain(value), unit)

        return written

    return keep


def plain(value: float) -> float | int | None:
    """A number of Python; what is not finite is none."""
    number = float(value)
    if not np.isfinite(number):
        return None
    return int(number) if number.is_integer() and not isinstance(value, float) else number


@keeping(COUNT)
def whole(value: float) -> str:
    """Write 12345.6 as "12,346"."""
    return f"{value:,.0f}" if np.isfinite(value) else NONE


@keeping(DAYS)
def days(value: float) -> str:
    """Write 12.0 days as "12"."""
    return whole(value)


@keeping(MONEY)
def amount(value: float) -> str:
    """Write money: "12,346" from a thousand up, else "33.40"; of tiny sums two digits: "0.0025"."""
    if not np.isfinite(value):
        return NONE
    if SMALLEST <= abs(value) < 0.0995:
        digits = 1 - int(np.floor(np.log10(abs(value))))
        return f"{value:.{digits}f}"
    return f"{value:,.{0 if abs(value) >= 999.995 else 2}f}"


def between(low: Told, high: Told) -> Told:
    """Write the ends of an interval: "12 to 20"."""
    return Told(f"{low} to {high}", [low.value, high.value], low.unit)


@keeping(SCORE)
def decimals(value: float, n: int = 2) -> str:
    """Write a score: "1.64"; an infinite one as the sign."""
    if np.isinf(value):
        return "∞"
    return f"{value:,.{n}f}" if np.isfinite(value) else NONE


@keeping(SHARE)
def percent(value: float) -> str:
    """Write 0.256 as "26 %"; small shares keep a decimal, and none of them becomes 0 or 100."""
    if not np.isfinite(value):
        return NONE
    if 0 < abs(value) < 0.0005:
        return f"<{GAP}0.1{GAP}%"
    if 0.9995 < value < 1:
        return f">{GAP}99.9{GAP}%"
    return f"{100 * value:.{int(0 < abs(value) < 0.0095 or 0.9905 < value < 1)}f}{GAP}%"


@keeping(SHARE)
def percent_to_compare(value: float) -> str:
    """Write 0.256 as "25.6 %", where small differences between shares are what counts."""
    return f"{100 * value:.1f}{GAP}%"


@keeping(SHARE)
def stated_percent(value: float) -> str:
    """Write a share that somebody stated as they stated it: 0.125 as "12.5 %"."""
    return f"{100 * value:.6g}{GAP}%"


@keeping(SHARE)
def signed_percent(value: float) -> str:
    """Write -0.141 as "-14 %", with a true minus sign; a positive one carries its plus."""
    return f"{100 * value:+.0f}{GAP}%" if np.isfinite(value) else NONE


@keeping(COUNT)
def change(value: float) -> str:
    """Write a difference of counts with its sign, a true minus: "+12", "−3", "0"."""
    return f"{value:+,.0f}" if value else "0"


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
