"""What every group of features shares: what it reads, and what it answers at a cut-off."""

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from crmkit._units import HOURS, in_unit
from crmkit.events import EventLog
from crmkit.events._ledger import Ledger
from crmkit.events._moment import Moment
from crmkit.exceptions import DataError

Floats = npt.NDArray[np.float64]
Read = TypeVar("Read", bound=Callable[..., Any])
OWNER = "SnapshotBuilder"


class Feature:
    """Base of groups of features: small frozen dataclasses without a state.

    What a group answers depends on nothing but the events before the cut-off, and the names of its
    columns depend on the log's columns alone: the same columns come at every cut-off. Unless a
    group `_asks_all`, customers may be asked about in several blocks.
    """

    _asks_all = False

    def _reads(self, log: EventLog) -> tuple[str, ...]:
        """Columns of the log that are needed beside customers, days, amounts and orders."""
        return ()

    def _check(self, ledger: Ledger) -> None:
        """Refuse parameters, or warn of them, that the values of the log rule out."""

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        raise NotImplementedError


def once_a_text(read: Read) -> Read:
    """Keep what is read of a duration in text: whoever is scored, the same few are asked for."""
    kept = lru_cache(maxsize=256)(read)

    @wraps(read)
    def asked(duration: Any, *args: Any, **named: Any) -> Any:
        return (kept if isinstance(duration, str) else read)(duration, *args, **named)

    return cast("Read", asked)


@once_a_text
def whole_days(duration: float | str, unit: str, name: str, *, low: int = 1) -> int:
    """Days of a duration such as "90D", "4W" or a number of `unit`: a whole number of days."""
    length = in_unit(duration, unit, OWNER, name) * HOURS[unit] / 24
    days = round(length)
    if abs(days - length) > 1e-9 or days < low:
        raise DataError(
            f"{OWNER}: {name}={duration!r} must be a whole number of days, at least {low}."
        )
    return days


def as_tuple(value: Any) -> Any:
    """A list of lists as tuples, so that a group of features can be hashed; others as they are."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(as_tuple(each) for each in value) if isinstance(value, (list, tuple)) else value


def told(duration: float | str, unit: str) -> str:
    """How a duration is told in a sentence: text as it is, a number with its unit."""
    return duration if isinstance(duration, str) else f"{duration:g}{unit}"


@once_a_text
def short(duration: float | str, unit: str) -> str:
    """How a duration is told in the name of a column: "30d"."""
    return told(duration, unit).replace(" ", "").lower()


def ratio(top: npt.NDArray[Any], bottom: npt.NDArray[Any]) -> Floats:
    """Quotients, NaN where the divisor is not above zero."""
    good = bottom > 0
    return np.where(good, top / np.where(good, bottom, 1), np.nan)
