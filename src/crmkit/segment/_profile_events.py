"""From events to what a profile remembers of them: one reading, whatever was asked for."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.events import EventLog
from crmkit.events._ledger import begin_of_day
from crmkit.events._rows import Rows, by_period
from crmkit.exceptions import DataError
from crmkit.segment._profile_state import MILLIONTHS, NEVER, ProfileState, check_money
from crmkit.segment._profile_table import Ints, Table, Words, count_table

TIMES = ("night", "morning", "midday", "afternoon", "evening")
"""Parts of the day: from 22, 5, 11, 14 and 17 o'clock."""

SEASONS = ("Dec-Feb", "Mar-May", "Jun-Aug", "Sep-Nov")
WEEK = ("weekday", "weekend")
PROMOTION = ("full price", "promotion")

HOUR = 3_600_000_000


class Asked(NamedTuple):
    """Columns of a log that tell a category, a channel and a promotion; None where none does."""

    category: str | None
    channel: str | None
    promotion: str | None

    def names(self) -> list[str]:
        """The columns, each once."""
        return list(dict.fromkeys(name for name in self if name is not None))


class Seen(NamedTuple):
    """What was read: the state, purchase days, events that came late, whether times are real."""

    state: ProfileState
    days: Rows
    n_late: int
    first_late: int
    has_times: bool


def read_state(log: EventLog, asked: Asked, since: int | None, until: int, owner: str) -> Seen:
    """Read the events of the days since:until; those before are counted as late."""
    ask = _frames.Reduction(
        columns=log.columns,
        as_of_us=_frames.microseconds(begin_of_day(until, log)),
        period="D",
        time_zone=log.tz,
        net_returns=log.returns == "net",
        min_amount=log.min_amount,
        sum_log_gaps=False,
    )
    events = _frames.read_events(log.data, ask, asked.names(), owner, clock=True)
    ids, customer = _ascending(
        _frames.id_values(events.ids, repr(log.customer), owner), events.customer
    )
    day, clock, amount = events.period, events.clock, events.amount
    bought = np.ones(len(day), dtype=bool) if events.returned is None else ~events.returned
    late = np.zeros(len(day), dtype=bool) if since is None else day < since
    timely = ~late
    money = None if amount is None else _money(customer[timely], amount[timely], len(ids), owner)
    here = np.flatnonzero(bought & timely)
    customer, day = customer[here], day[here]
    of_day = np.zeros(0, dtype=np.int64) if clock is None else clock[here]
    codes = {name: events.codes[name][here] for name in asked.names()}
    tables = _told_tables(customer, day, codes, events.values, asked, len(ids), owner)
    tables |= _calendar_tables(customer, day, of_day, len(ids))
    rows, _, _ = by_period([customer, day, None], len(ids))
    start, days = rows.start.astype(np.int64), rows.period.astype(np.int64)
    some = np.diff(start) > 0
    first, last = np.full(len(ids), NEVER), np.full(len(ids), -NEVER)
    first[some], last[some] = days[start[:-1][some]], days[start[1:][some] - 1]
    state = ProfileState(ids, np.diff(start), first, last, money, start, days, tables)
    first_late = int(events.period[late].min()) if late.any() else 0
    return Seen(state, rows, int(late.sum()), first_late, bool(of_day.any()))


def season_of(day: Ints) -> Ints:
    """Place in `SEASONS` of days since 1970."""
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return ((months + 1) % 12) // 3


def time_of(clock: Ints) -> Ints:
    """Place in `TIMES` of microseconds since midnight."""
    places = np.searchsorted([5, 11, 14, 17, 22], clock // HOUR, side="right")
    return places.astype(np.int64) % len(TIMES)


def _calendar_tables(customer: Ints, day: Ints, clock: Ints, n: int) -> dict[str, Table]:
    """What the clock and the calendar say of purchases."""
    weekend = (((day + 3) % 7) >= 5).astype(np.int64)
    told = {
        "time": (time_of(clock), TIMES),
        "week": (weekend, WEEK),
        "season": (season_of(day), SEASONS),
    }
    return {
        name: count_table(customer, code, day, np.array(words), n)
        for name, (code, words) in told.items()
    }


def _told_tables(
    customer: Ints, day: Ints, codes: Any, values: Any, asked: Asked, n: int, owner: str
) -> dict[str, Table]:
    """What the columns that were asked for say of purchases."""
    tables = {}
    for part in ("category", "channel"):
        name = getattr(asked, part)
        if name is not None:
            words = np.array([_word(value) for value in values[name]], dtype=str)
            tables[part] = count_table(customer, codes[name], day, words, n)
    if asked.promotion is not None:
        name = asked.promotion
        flags = np.append(_flags(values[name], name, owner), 0)[codes[name]]
        words = np.array(PROMOTION)
        tables["promotion"] = count_table(customer, flags, day, words, n, by_day=False)
    return tables


def _word(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _flags(values: list[Any], name: str, owner: str) -> Ints:
    """1 for each value that is a promotion: true, or an amount of discount other than 0."""
    try:
        numbers = np.array([float(value) for value in values], dtype=np.float64)
    except (TypeError, ValueError):
        words = [value for value in values if isinstance(value, str)]
        raise DataError(
            f"{owner}: promotion={name!r} must hold flags or amounts of discount, it holds "
            f"{(words or values)[0]!r}. Make it Boolean first."
        ) from None
    flags: Ints = ((numbers != 0) & ~np.isnan(numbers)).astype(np.int64)
    return flags


def _money(customer: Ints, amount: npt.NDArray[np.float64], n: int, owner: str) -> Ints:
    """Amounts of each customer in whole millionths."""
    size = np.bincount(customer, np.abs(amount), minlength=n).astype(np.float64)
    check_money(size * MILLIONTHS, owner)
    total = np.zeros(n, dtype=np.int64)
    np.add.at(total, customer, np.rint(amount * MILLIONTHS).astype(np.int64))
    return total


def _ascending(ids: Words, customer: Ints) -> tuple[Words, Ints]:
    """Ids in ascending order, and the customers as places among them."""
    order = np.argsort(ids, kind="stable")
    if (np.diff(order) == 1).all():
        return ids, customer
    place = np.empty(len(ids), dtype=np.int64)
    place[order] = np.arange(len(ids))
    return ids[order], place[customer]
