"""What a profile has to remember of customers, so that new events can be added without old ones.

All of it adds up: purchase days, money in whole millionths (so that a sum does not depend on the
order in which it is made), first and last days, counts by word, and of the purchase days those few
that the life cycle still needs: the first, the last few, and those of the last periods.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.events._ledger import Ledger
from crmkit.events._moment import Moment
from crmkit.events._rows import Rows
from crmkit.exceptions import DataError
from crmkit.segment._by_id import check_kinds
from crmkit.segment._profile_table import Ints, Table, add_tables

MILLIONTHS = 1_000_000
MOST_MONEY = 2.0**62
NEVER = 2**40
"""Day of what has not happened: the first one of those who have not bought, and less the last."""


@dataclass(frozen=True, eq=False)
class ProfileState:
    """Sufficient statistics of customers, one entry for each.

    Attributes
    ----------
    ids : ndarray
        Ids, ascending; also of customers who only brought something back.
    n_days : ndarray of int
        Days with a purchase.
    first_day, last_day : ndarray of int
        The first and the last of them, since 1970.
    money : ndarray of int or None
        Amount bought in whole millionths, less returns where the log nets them.
    start, day : ndarray of int
        Purchase days that are kept: those of customer i are ``day[start[i]:start[i + 1]]``.
    tables : dict of str to Table
        Counts by what was told: "category", "channel", "promotion", "time", "week", "season".
    """

    ids: npt.NDArray[Any]
    n_days: Ints
    first_day: Ints
    last_day: Ints
    money: Ints | None
    start: Ints
    day: Ints
    tables: dict[str, Table]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain arrays and dicts, to be stored."""
        return {**vars(self), "tables": {name: vars(table) for name, table in self.tables.items()}}

    def buyers(self) -> "ProfileState":
        """The state of those who have bought."""
        some = self.n_days > 0
        if some.all():
            return self
        kept = np.diff(self.start)[some]
        return ProfileState(
            ids=self.ids[some],
            n_days=self.n_days[some],
            first_day=self.first_day[some],
            last_day=self.last_day[some],
            money=None if self.money is None else self.money[some],
            start=np.append(0, np.cumsum(kept)),
            day=self.day,
            tables={name: table.part(some) for name, table in self.tables.items()},
        )


def from_dict(stored: dict[str, Any]) -> ProfileState:
    """The state that `to_dict` made plain."""
    tables = {name: Table(**table) for name, table in stored["tables"].items()}
    return ProfileState(**{**stored, "tables": tables})


def add_states(old: ProfileState, new: ProfileState, label: str, owner: str) -> ProfileState:
    """State of both, of which the new one begins where the old one ends."""
    check_kinds(new.ids, old.ids, "the new events", "those known", owner)
    ids, place = np.unique(_frames.joint_ids([old.ids, new.ids], label, owner), return_inverse=True)
    rows = place[: len(old.ids)], place[len(old.ids) :]
    n, both = len(ids), (old, new)
    money = None
    if old.money is not None and new.money is not None:
        money = _added([old.money, new.money], rows, n)
        check_money(money.astype(np.float64), owner)
    owner_of = np.concatenate(
        [np.repeat(r, np.diff(each.start)) for r, each in zip(rows, both, strict=True)]
    )
    order = np.argsort(owner_of, kind="stable")  # the new days are behind the old ones already
    day = np.concatenate([old.day, new.day])[order]
    first, last = np.full(n, NEVER), np.full(n, -NEVER)
    for r, each in zip(rows, both, strict=True):
        first[r] = np.minimum(first[r], each.first_day)
        last[r] = np.maximum(last[r], each.last_day)
    tables = {name: add_tables(old.tables[name], new.tables[name], *rows, n) for name in old.tables}
    n_days = _added([old.n_days, new.n_days], rows, n)
    start = np.searchsorted(owner_of[order], np.arange(n + 1))
    return ProfileState(ids, n_days, first, last, money, start, day, tables)


def pruned(state: ProfileState, since: int, last_few: int) -> ProfileState:
    """The state with no more purchase days than needed: the first, the last few, and from `since`.

    What is needed later is among them, as time only moves on.
    """
    n = np.diff(state.start)
    place = np.arange(len(state.day)) - np.repeat(state.start[:-1], n)
    keep = (place == 0) | (place >= np.repeat(n, n) - last_few) | (state.day >= since)
    start = np.append(0, np.cumsum(keep))[state.start]
    return replace(state, start=start.astype(np.int64), day=state.day[keep])


def check_money(size: npt.NDArray[np.float64], owner: str) -> None:
    """Refuse sums in millionths that no whole number of 64 bits holds."""
    if size.max(initial=0.0) >= MOST_MONEY or size.min(initial=0.0) <= -MOST_MONEY:
        raise DataError(
            f"{owner}: the amounts of a customer add up to more than {MOST_MONEY / MILLIONTHS:.1e}."
            " Give them in a larger unit, such as thousands."
        )


class Remembered(Moment):
    """A moment of buyers of whom a few purchase days are kept, and the number of all."""

    def __init__(self, state: ProfileState, day: int) -> None:
        self._n_days = state.n_days
        super().__init__(_short_ledger(state), day, "D", np.arange(len(state.ids)), (day,))

    @cached_property
    def n_days(self) -> Ints:
        """Days with a purchase, kept or not."""
        return self._n_days


def _short_ledger(state: ProfileState) -> Ledger:
    """Ledger of the days that are kept, and nothing else."""
    offset = int(state.day.min(initial=NEVER)) if len(state.day) else 0
    span = int(state.day.max(initial=offset)) - offset + 1
    none = np.zeros(len(state.start), dtype=np.int64)
    return Ledger(
        ids=state.ids,
        days=Rows(state.start, state.day, offset, span),
        spend=None,
        orders=none,
        refunds=Rows(none, none[:0], 0, 1),
        refunded=np.zeros(1),
        visits={},
        net=False,
        item=None,
    )


def _added(parts: list[Ints], rows: tuple[Ints, Ints], n: int) -> Ints:
    """Sums of two arrays at their places among n."""
    total = np.zeros(n, dtype=np.int64)
    for part, places in zip(parts, rows, strict=True):
        total[places] += part
    return total
