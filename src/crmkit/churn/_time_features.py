"""Tenure, Trend and Season: how old a customer is, whether buying speeds up, and when it falls."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import check_choice
from crmkit.churn._feature import OWNER, Feature, as_tuple, ratio, short, whole_days
from crmkit.events import EventLog
from crmkit.events._moment import Moment
from crmkit.exceptions import DataError


@dataclass(frozen=True)
class Tenure(Feature):
    """Place the purchases in a customer's life: customers at a cut-off in, four columns out.

    `tenure` (time since the first purchase, in the unit of the builder), `purchase_rate` (purchase
    days per unit of tenure), `recency_share` (age at the last purchase over age now, 0 to 1) and
    `centroid` (mean age at a purchase over age now, 0 to 1: low where buying has faded). The last
    two are NaN for customers of the day before the cut-off, who have no age yet.

    Examples
    --------
    >>> from crmkit.churn import Tenure
    >>> Tenure()
    Tenure()
    """

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        days = at.ledger.days_before
        ages = days[at.end] - days[at.begin] - at.n_days * (at.first_day - at.ledger.days.offset)
        tenure, T = at.age / at.per_unit, at.age - 1
        return {
            "tenure": tenure,
            "purchase_rate": at.n_days / tenure,
            "recency_share": ratio(at.last_day - at.first_day, T),
            "centroid": ratio(ages, T * at.n_days),
        }


@dataclass(frozen=True)
class Trend(Feature):
    """Tell whether buying speeds up: customers at a cut-off in, a column per pair of windows out.

    `trend_days_30d_90d` is the rate of purchase days in the last 30 days over that of the last 90,
    (n30 / 30) / ((n90 + 0.5) / 90): 1 is steady, 0 has stopped. Pairs that follow one another give
    `acceleration_days_30d_90d_180d`, the first trend less the second. NaN for a customer younger
    than the longer window.

    Parameters
    ----------
    pairs : sequence of (shorter, longer)
        Pairs of windows such as ("30D", "90D"), or numbers in the unit of the builder.
    of : {"days", "orders"}, default="days"
        What is counted: days with a purchase, or orders.

    Examples
    --------
    >>> from crmkit.churn import Trend
    >>> Trend([("14D", "56D")], of="orders")
    Trend(pairs=(('14D', '56D'),), of='orders')
    """

    pairs: Any = (("30D", "90D"), ("90D", "180D"))
    of: str = "days"

    def __post_init__(self) -> None:
        object.__setattr__(self, "pairs", as_tuple(self.pairs))

    def _reads(self, log: EventLog) -> tuple[str, ...]:
        """Columns of the log that are needed beside customers, days, amounts and orders."""
        check_choice(self.of, "Trend(of=)", ["days", "orders"], OWNER)
        pairs = self.pairs if isinstance(self.pairs, tuple) else (self.pairs,)
        if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
            raise DataError(
                f'{OWNER}: Trend(pairs=) must be a list of pairs such as [("30D", "90D")], got '
                f"{self.pairs!r}."
            )
        return ()

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        count = at.days if self.of == "days" else at.orders
        columns: dict[str, npt.NDArray[Any]] = {}
        trends: dict[tuple[int, int], npt.NDArray[Any]] = {}
        names: dict[int, str] = {}
        lengths = [[whole_days(w, at.unit, "Trend(pairs=)") for w in pair] for pair in self.pairs]
        at.look_up(chain.from_iterable(lengths))
        for pair, (near, far) in zip(self.pairs, lengths, strict=True):
            if near >= far:
                raise DataError(f"{OWNER}: Trend(pairs=): {pair[0]!r} is not below {pair[1]!r}.")
            if (near, far) in trends:
                raise DataError(f"{OWNER}: Trend(pairs=): {pair!r} is named twice.")
            names |= {near: short(pair[0], at.unit), far: short(pair[1], at.unit)}
            trend = count(near) * far / (near * (count(far) + 0.5))
            trends[near, far] = np.where(at.age >= far, trend, np.nan)
            columns[f"trend_{self.of}_{names[near]}_{names[far]}"] = trends[near, far]
        for (near, middle), (start, far) in pairwise(trends):
            if middle == start:
                name = f"acceleration_{self.of}_{names[near]}_{names[middle]}_{names[far]}"
                columns[name] = trends[near, middle] - trends[start, far]
        return columns


@dataclass(frozen=True)
class Season(Feature):
    """Tell when purchases fall: customers at a cut-off in, shares of their purchase days out.

    `weekend_share` is the share of purchase days on Saturday or Sunday, local days of the log.

    Parameters
    ----------
    quarters : bool, default=False
        Also `quarter_1_share` to `quarter_4_share`, by quarter of the calendar year: who buys for
        Christmas alone is not gone in June. Needs customers of more than a year.

    Examples
    --------
    >>> from crmkit.churn import Season
    >>> Season(quarters=True)
    Season(quarters=True)
    """

    quarters: bool = False

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        rows = at.ledger.days
        span = rows.offset + np.arange(rows.span)
        chosen = {"weekend_share": (span + 3) % 7 >= 5}
        if self.quarters:
            month = span.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
            chosen |= {f"quarter_{q + 1}_share": month // 3 == q for q in range(4)}
        columns = {}
        for name, days in chosen.items():
            counts = at.ledger.on_days(name, days)
            columns[name] = (counts[at.end] - counts[at.begin]) / at.n_days
        return columns
