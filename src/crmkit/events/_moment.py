"""Customers at a cut-off: where their rows begin and end, and sums and counts between."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._units import HOURS
from crmkit.events._ledger import Ledger
from crmkit.events._rows import first_not_before

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[Any]

ROUNDING = 1e-12
"""Share of the summed sizes below which purchases less returns are nothing but rounding."""


class Moment:
    """What is known of some customers at the beginning of a day, to be asked by features.

    `known_at` makes it for all who have bought, `part` and `block` for some of them.

    Parameters
    ----------
    ledger : Ledger
        Purchases and returns by customer and day.
    day : int
        The cut-off: days before it are known.
    unit : {"D", "W"}
        Unit of ages.
    places : ndarray of int
        Customers asked about, ascending places in the ledger. Their known rows of `ledger.days`
        are begin:end, at least one.
    cuts : tuple of int
        All cut-offs that are asked the same; what they look up is looked up together.
    """

    def __init__(
        self, ledger: Ledger, day: int, unit: str, places: Whole, cuts: tuple[int, ...]
    ) -> None:
        self.ledger, self.day, self.unit, self.places = ledger, day, unit, places
        self.per_unit = HOURS[unit] // 24
        self.cuts = cuts
        self._rows: dict[int, Whole] = {}
        self._ever: dict[str, Whole] = {}
        self.begin, self.end = ledger.days.start[:-1][places], self.before(day)

    def __len__(self) -> int:
        return len(self.places)

    def part(self, chosen: npt.NDArray[np.bool_]) -> "Moment":
        """The same moment for some of the customers."""
        if chosen.all():
            return self
        return Moment(self.ledger, self.day, self.unit, self.places[chosen], self.cuts)

    def block(self, ledger: Ledger, low: int, high: int) -> "Moment":
        """The same moment for those at low:high of the ledger, which are a ledger of their own."""
        first, behind = np.searchsorted(self.places, [low, high])
        places = self.places[first:behind] - low
        return Moment(ledger, self.day, self.unit, places, self.cuts)

    def everybody(self) -> "Moment":
        """The same moment for all who have bought."""
        return known_at(self.ledger, self.day, self.unit, self.cuts)

    def before(self, day: int) -> Whole:
        """Place behind the last row of each customer before a day, be it known or not."""
        if day not in self._rows:
            self._rows[day] = self.ledger.days.before(day)[self.places]
        return self._rows[day]

    def look_up(self, backs: Iterable[int]) -> None:
        """Make ready windows of these lengths, at all cut-offs together."""
        self.ledger.days.look_up([cut - back for cut in self.cuts for back in backs])

    @property
    def gaps_before(self) -> Whole:
        """Known gaps of all customers of the ledger before each of those asked about."""
        days = self.ledger.days
        gaps = np.maximum(days.before(self.day) - days.start[:-1] - 1, 0)
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
        days: Whole = self.ledger.days.period[self.begin].astype(np.int64)
        return days

    @cached_property
    def last_day(self) -> Whole:
        """Day of the last purchase."""
        days: Whole = self.ledger.days.period[self.end - 1].astype(np.int64)
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
        return list(accumulate(reversed(sums_in_segments(self.money(), edges))))

    @cached_property
    def bought_ever(self) -> Floats:
        """Amount bought before the cut-off."""
        return self.bought(())[0]

    @cached_property
    def last_refund_day(self) -> Floats:
        """Day of the last return, NaN without one."""
        behind, refunds = self._refund_edge(0), self.ledger.refunds
        days = np.full(len(self), np.nan)
        some = np.flatnonzero(self.return_days())
        days[some] = refunds.period[behind[some] - 1]
        return days

    def refunded(self, back: int | None = None) -> Floats:
        """Amounts returned in a window, or ever, at least 0."""
        edges = [self._refund_edge(back), self._refund_edge(0)]
        return sums_in_segments(self.ledger.refunded, edges)[0]

    def return_days(self, back: int | None = None) -> Whole:
        """Days with a return in a window, or ever."""
        return self._refund_edge(0) - self._refund_edge(back)

    def spent(self, backs: tuple[int, ...]) -> list[Floats]:
        """Amounts spent in windows and ever, less returns where the log nets them."""
        bought = self.bought(backs) if backs else [self.bought_ever]
        if not self.nets_money:
            return bought
        lengths: list[int | None] = [*backs, None]
        return [net(b, self.refunded(w)) for b, w in zip(bought, lengths, strict=True)]

    def repeat_spent(self) -> Floats:
        """Amount spent after the first day, less later returns where the log nets them."""
        bought = sums_in_segments(self.money(), [self.begin + 1, self.end])[0]
        if not self.nets_money:
            return bought
        late = self._refunds_after_first()
        back = sums_in_segments(self.ledger.refunded, [late, self._refund_edge(0)])
        return net(bought, back[0])

    def _refunds_after_first(self) -> Whole:
        refunds, places = self.ledger.refunds, self.places
        low, high = refunds.start[:-1][places], refunds.start[1:][places]
        return first_not_before(refunds.period, low, high, self.first_day + 1)

    @property
    def nets_money(self) -> bool:
        """Whether returns are subtracted from spend, and there are any."""
        return self.ledger.net and self.has_money and len(self.ledger.refunded) > 1

    @property
    def has_money(self) -> bool:
        """Whether the log has amounts."""
        return self.ledger.spend is not None

    def met(self, column: str, backs: tuple[int, ...]) -> list[Whole]:
        """Different values of a column in windows of these lengths, ascending, and ever.

        A value is in a window if the last known day on which it was met is.
        """
        if not backs and column in self._ever:
            return [self._ever[column]]
        visits, days = self.ledger.visits[column], self.ledger.days
        last = ((visits.day < self.day) & (visits.again >= self.day)).nonzero()[0]
        ages = self.day - days.offset - np.arange(days.span)
        windows = np.array(backs, dtype=np.int64).searchsorted(ages)
        cells = windows[visits.day[last] - days.offset]
        width = len(backs) + 1
        cells += visits.owner[last] * width
        counts = np.bincount(cells, minlength=width * (len(days.start) - 1)).reshape(-1, width)
        found = list(accumulate(counts[self.places].T))
        self._ever[column] = found[-1]
        return found

    def visits(self, column: str) -> Whole:
        """Pairs of a day and a value of a column that the customers met on it."""
        visits = self.ledger.visits[column]
        return visits.counts(visits.day < self.day)[self.places]

    def money(self) -> Floats:
        """Amount bought on each row of `ledger.days`, and a zero behind them."""
        if self.ledger.spend is None:
            raise AttributeError("a ledger without amounts was asked for spend")
        return self.ledger.spend

    def _refund_edge(self, back: int | None) -> Whole:
        refunds = self.ledger.refunds
        if back is None:
            return refunds.start[:-1][self.places]
        return refunds.before(self.day - back)[self.places]


def known_at(ledger: Ledger, day: int, unit: str, cuts: tuple[int, ...] = ()) -> Moment:
    """Everybody who has bought before a day, which is one of some cut-offs."""
    places = (ledger.days.before(day) > ledger.days.start[:-1]).nonzero()[0]
    return Moment(ledger, day, unit, places, cuts or (day,))


def net(bought: Floats, refunded: Floats) -> Floats:
    """Amounts bought less amounts returned; what only rounding leaves is zero."""
    left = bought - refunded
    return np.where(np.abs(left) <= ROUNDING * (bought + refunded), 0.0, left)


def sums_in_segments(values: Floats, edges: Sequence[Whole]) -> list[Floats]:
    """Sums of values between neighbouring edges of customers: k + 1 edges each, k sums each.

    Edges ascend from one to the next and from customer to customer, and lie below the number of
    values; no segment holds the last of them.
    """
    bounds = np.array(edges, dtype=np.intp).T
    sums = np.add.reduceat(values, bounds.ravel()) if bounds.size else np.zeros(0)
    found = sums.reshape(bounds.shape).T
    return [
        np.where(high > low, part, 0.0)
        for part, (low, high) in zip(found, pairwise(edges), strict=False)
    ]
