"""Customers at many cut-offs: the columns of `summarize` from one reading of the log.

The log is sorted once, by customer and day; every date is then a look-up. What `summarize` tells
to the microsecond (`first_purchase`, `last_purchase`) is not here: the rows are days.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.events._event_log import EventLog, check_log
from crmkit.events._ledger import Ledger, day_of, read_ledger
from crmkit.events._moment import Moment, known_at
from crmkit.events._rows import Rows
from crmkit.exceptions import DataError, DataWarning, warn_user

Whole = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class CustomersAt:
    """The customers of a log at some dates; `read_customers_at` makes it.

    Attributes
    ----------
    log : EventLog
        The events.
    dates : tuple of datetime
        The cut-offs, each exclusive and the beginning of a day, as they were given.
    days : tuple of int
        The same as days since 1970.
    ledger : Ledger
        Everything before the last date.
    """

    log: EventLog
    dates: tuple[datetime, ...]
    days: tuple[int, ...]
    ledger: Ledger
    _kept: dict[int, Moment] = field(default_factory=dict)

    def moment(self, i: int) -> Moment:
        """Everybody who has bought before date i; the last one asked for is kept."""
        day = self.days[i]
        if day not in self._kept:
            self._kept.clear()
            self._kept[day] = known_at(self.ledger, day, "D", self.days)
        return self._kept[day]

    def names(self) -> list[str]:
        """Names of the columns there are, in the order of `summarize`."""
        return [n for n in COLUMNS if n not in MONEY or self.ledger.spend is not None]

    def columns(self, i: int, names: Iterable[str] | None = None) -> dict[str, Whole]:
        """Columns of the customers at date i, or some of them; one entry per customer."""
        at = self.moment(i)
        wanted = set(self.names() if names is None else names)
        return {name: COLUMNS[name](at) for name in self.names() if name in wanted}

    def frame(self, i: int, names: Iterable[str] | None = None) -> Any:
        """Customers frame at date i, sorted by id, eager and in the library of the log."""
        columns = self.columns(i, names)
        if self.log.customer in columns:
            raise DataError(
                f"EventLog: the customer id is called {self.log.customer!r}, as is a column of the "
                f"summary ({', '.join(columns)}). Rename it first."
            )
        made = _frames.matrix_frame(
            columns, like=self.log.data, owner="EventLog", for_duckdb="pyarrow"
        )
        ids = self.ledger.ids[self.moment(i).places]
        return _frames.beside(ids, self.log.customer, {}, made)


def read_customers_at(log: EventLog, dates: Sequence[Any], owner: str) -> CustomersAt:
    """Read a log once for many dates: an event log and dates in, customers at each of them out.

    Dates may come in any order and more than once. A date behind the end of the log is warned of
    where the log was never silent for so long.

    Raises
    ------
    DataError
        If a date cannot be read, is not the beginning of a day, or nobody bought before it.
    """
    check_log(log, owner)
    if isinstance(dates, str) or not isinstance(dates, Iterable):
        raise DataError(f"{owner}: dates must be a list of dates, got {dates!r}.")
    cutoffs = tuple(log.cutoff(date, owner, f"dates[{i}]") for i, date in enumerate(dates))
    if not cutoffs:
        raise DataError(f"{owner}: dates must hold at least one date.")
    days = tuple(day_of(cutoff, owner, "each of dates") for cutoff in cutoffs)
    ledger = read_ledger(log, max(days), owner)
    warn_of_silence(log, max(cutoffs), ledger.days, owner)
    ledger.days.look_up(days)
    if not (ledger.days.before(min(days)) > ledger.days.start[:-1]).any():
        raise DataError(
            f"{owner}: nobody bought before {min(cutoffs):%Y-%m-%d}. There are only returns or "
            "amounts that are too small: choose later dates."
        )
    return CustomersAt(log, cutoffs, days, ledger)


def warn_of_silence(log: EventLog, until: datetime, known: Rows, owner: str) -> None:
    """Warn of a date behind the end of the log, further than it was ever silent."""
    end = log.cutoff(None, owner)
    days = (until - end).days
    if days > 0 and days > longest_silence(known):
        warn_user(
            f"{owner}: {until:%Y-%m-%d} lies {days:,} days behind the end of the log "
            f"({end:%Y-%m-%d}), which was never silent for so long. If purchases are missing "
            "there, everybody seems to fall silent: choose an earlier date.",
            DataWarning,
        )


def longest_silence(known: Rows) -> int:
    """Most days in a row without any purchase, between the first and the last."""
    busy = np.zeros(known.span, dtype=bool)
    busy[known.period - known.offset] = True
    days = busy.nonzero()[0]
    return int((days[1:] - days[:-1]).max(initial=1)) - 1


def _monetary_value(at: Moment) -> Whole:
    frequency = at.n_days - 1
    mean = at.repeat_spent() / np.maximum(frequency, 1)
    return np.where(frequency > 0, mean, 0.0)


COLUMNS: dict[str, Callable[[Moment], Whole]] = {
    "frequency": lambda at: (at.n_days - 1).astype(np.int64),
    "recency": lambda at: (at.last_day - at.first_day) / at.per_unit,
    "T": lambda at: (at.age - 1) / at.per_unit,
    "monetary_value": _monetary_value,
    "n_orders": lambda at: at.orders().astype(np.int64),
    "total_amount": lambda at: at.spent(())[0],
    "days_since_last": lambda at: at.since,
}
"""How each column is made; ages in the unit of the moment, money in currency."""

MONEY = ("monetary_value", "total_amount")
