"""Customers at a cut-off: where their rows begin and end, and sums and counts between."""

from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._units import HOURS
from crmkit.events._ledger import NEVER, Ledger, first_not_before

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[Any]

ROUNDING = 1e-12
"""Share of the summed sizes below which purchases less returns are nothing but rounding."""


class Moment:
    """What is known of some customers at the beginning of a day, to be asked by features.

    `known_at` makes it for all who have bought, `part` for some of them.

    Parameters
    ----------
    ledger : Ledger
        Purchases and returns by customer and day.
    day : int
        The cut-off: days before it are known.
    unit : {"D", "W"}
        Unit of ages.
    places : ndarray of int
        Customers asked about, ascending places in the ledger.
    ends : ndarray of int
        Place behind the last known row of `ledger.days` of every customer of the ledger. The known
        rows of those asked about are begin:end, at least one.
    """

    def __init__(self, ledger: Ledger, day: int, unit: str, places: Whole, ends: Whole) -> None:
        self.ledger, self.day, self.unit = ledger, day, unit
        self.per_unit = HOURS[unit] // 24
        self.places, self._ends = places, ends
        self.begin, self.end = ledger.days.start[:-1][places], ends[places]
        self._rows = {day: self.end}

    def __len__(self) -> int:
        return len(self.places)

    def part(self, chosen: npt.NDArray[np.bool_]) -> "Moment":
        """The same moment for some of the customers."""
        if chosen.all():
            return self
        return Moment(self.ledger, self.day, self.unit, self.places[chosen], self._ends)

    def everybody(self) -> "Moment":
        """The same moment for all who have bought."""
        return Moment(
            self.ledger, self.day, self.unit, _with_rows(self.ledger, self._ends), self._ends
        )

    def before(self, day: int) -> Whole:
        """Place behind the last row of each customer before a day, be it known or not."""
        if day not in self._rows:
            length = abs(day - self.day)  # there are no more rows than days in between
            if day < self.day:
                low, high = np.maximum(self.begin, self.end - length), self.end
            else:
                behind = self.ledger.days.start[1:][self.places]
                low, high = self.end, np.minimum(behind, self.end + length)
            self._rows[day] = first_not_before(self.ledger.days.day, low, high, day)
        return self._rows[day]

    @property
    def gaps_before(self) -> Whole:
        """Known gaps of all customers of the ledger before each of those asked about."""
        gaps = np.maximum(self._ends - self.ledger.days.start[:-1] - 1, 0)
        counts: Whole = (np.cumsum(gaps) - gaps)[self.places]
        return counts

    @cached_property
    def n_days(self) -> Whole:
        """Days with a purchase, at least 1."""
        counts: Whole = self.end - self.begin
        return counts

    @cached_property
    def first_day(self) -> Whole:
        """Day of the first purchase."""
        days: Whole = self.ledger.days.day[self.begin].astype(np.int64)
        return days

    @cached_property
    def last_day(self) -> Whole:
        """Day of the last purchase."""
        days: Whole = self.ledger.days.day[self.end - 1].astype(np.int64)
        return days

    @cached_property
    def age(self) -> Whole:
        """Days since the first purchase."""
        days: Whole = self.day - self.first_day
        return days

    @cached_property
    def since(self) -> Whole:
        """Days since the last purchase."""
        days: Whole = self.day - self.last_day
        return days

    def edge(self, back: int) -> Whole:
        """First known row of `ledger.days` that lies in the `back` days before the cut-off."""
        return self.before(self.day - back)

    def days(self, back: int) -> Whole:
        """Days with a purchase in a window."""
        counts: Whole = self.end - self.edge(back)
        return counts

    def orders(self, back: int | None = None) -> Whole:
        """Orders in a window, or ever."""
        first = self.begin if back is None else self.edge(back)
        counts: Whole = self._orders_known - self.ledger.orders[first]
        return counts

    @cached_property
    def _orders_known(self) -> Whole:
        counts: Whole = self.ledger.orders[self.end]
        return counts

    def bought(self, backs: tuple[int, ...]) -> list[Floats]:
        """Amounts bought in windows of these lengths, ascending, and ever; one pass for all."""
        edges = [self.begin, *(self.edge(back) for back in reversed(backs)), self.end]
        parts = sums_in_segments(self.money(), np.column_stack(edges))
        return list(accumulate(parts.T[::-1]))

    @cached_property
    def last_refund_day(self) -> Floats:
        """Day of the last return, NaN without one."""
        behind, refunds = self._refund_edge(0), self.ledger.refunds
        days = np.full(len(self), np.nan)
        some = np.flatnonzero(self.return_days())
        days[some] = refunds.day[behind[some] - 1]
        return days

    def refunded(self, back: int | None = None) -> Floats:
        """Amounts returned in a window, or ever, at least 0."""
        edges = np.column_stack([self._refund_edge(back), self._refund_edge(0)])
        return sums_in_segments(self.ledger.refunded, edges)[:, 0]

    def return_days(self, back: int | None = None) -> Whole:
        """Days with a return in a window, or ever."""
        return self._refund_edge(0) - self._refund_edge(back)

    def spent(self, backs: tuple[int, ...]) -> list[Floats]:
        """Amounts spent in windows and ever, less returns where the log nets them."""
        bought = self.bought(backs)
        if not self.nets_money:
            return bought
        lengths: list[int | None] = [*backs, None]
        return [net(b, self.refunded(w)) for b, w in zip(bought, lengths, strict=True)]

    def repeat_spent(self) -> Floats:
        """Amount spent after the first day, less later returns where the log nets them."""
        edges = np.column_stack([self.begin + 1, self.end])
        bought = sums_in_segments(self.money(), edges)[:, 0]
        if not self.nets_money:
            return bought
        late = self._refunds_after_first()
        back = sums_in_segments(self.ledger.refunded, np.column_stack([late, self._refund_edge(0)]))
        return net(bought, back[:, 0])

    def _refunds_after_first(self) -> Whole:
        refunds, places = self.ledger.refunds, self.places
        low, high = refunds.start[:-1][places], refunds.start[1:][places]
        return first_not_before(refunds.day, low, high, self.first_day + 1)

    @property
    def nets_money(self) -> bool:
        """Whether returns are subtracted from spend, and there are any."""
        return self.ledger.net and self.has_money and len(self.ledger.refunded) > 1

    @property
    def has_money(self) -> bool:
        """Whether the log has amounts."""
        return self.ledger.spend is not None

    def met(self, column: str, backs: tuple[int | None, ...]) -> list[Whole]:
        """Different values of a column in each window; None is ever."""
        visits = self.ledger.visits[column]
        counts = []
        for back in backs:
            since = NEVER + 1 if back is None else self.day - back
            found = visits.day < self.day
            found &= visits.day >= since
            found &= visits.previous < since
            counts.append(counts_between(np.flatnonzero(found), visits.start, self.places))
        return counts

    def visits(self, column: str) -> Whole:
        """Pairs of a day and a value of a column that the customers met on it."""
        visits = self.ledger.visits[column]
        return counts_between(np.flatnonzero(visits.day < self.day), visits.start, self.places)

    def money(self) -> Floats:
        """Amount bought on each row of `ledger.days`, and a zero behind them."""
        if self.ledger.spend is None:
            raise AttributeError("a ledger without amounts was asked for spend")
        return self.ledger.spend

    def _refund_edge(self, back: int | None) -> Whole:
        refunds = self.ledger.refunds
        if back is None:
            return refunds.start[:-1][self.places]
        return refunds.before(self.day - back, self.places)


def known_at(ledger: Ledger, day: int, unit: str) -> Moment:
    """Everybody who has bought before a day."""
    ends = ledger.days.before(day)
    return Moment(ledger, day, unit, _with_rows(ledger, ends), ends)


def _with_rows(ledger: Ledger, ends: Whole) -> Whole:
    return np.flatnonzero(ends > ledger.days.start[:-1])


def net(bought: Floats, refunded: Floats) -> Floats:
    """Amounts bought less amounts returned; what only rounding leaves is zero."""
    left = bought - refunded
    return np.where(np.abs(left) <= ROUNDING * (bought + refunded), 0.0, left)


def counts_between(rows: Whole, start: Whole, places: Whole) -> Whole:
    """How many of some ascending rows lie in start[i]:start[i + 1], for each place i."""
    edges = np.searchsorted(rows, np.column_stack([start[places], start[places + 1]]))
    counts: Whole = edges[:, 1] - edges[:, 0]
    return counts


def sums_in_segments(values: Floats, edges: Whole) -> Floats:
    """Sums of values between neighbouring edges of each row, (n, k + 1) edges to (n, k) sums.

    Edges ascend within and across rows; the last of `values` is a zero that no segment holds.
    """
    n, k = edges.shape
    if not n:
        return np.zeros((0, k - 1))
    sums = np.add.reduceat(values, edges.ravel()).reshape(n, k)[:, :-1]
    return np.where(edges[:, 1:] > edges[:, :-1], sums, 0.0)
