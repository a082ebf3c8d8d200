"""Basket, Variety and Mix: what an order holds, and how many different things are met."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.churn._feature import OWNER, Feature, as_tuple, ratio
from crmkit.events import EventLog
from crmkit.events._ledger import Ledger
from crmkit.events._moment import Moment
from crmkit.exceptions import DataError, DataWarning, nearest, warn_user


@dataclass(frozen=True)
class Basket(Feature):
    """Describe an order: customers at a cut-off in, up to three columns out.

    `orders_per_day` (orders on a day with a purchase, at least 0), `spend_per_order` (currency,
    before returns; where the log has amounts) and `items_per_order` (different products of a day,
    per order; where it has products).

    Examples
    --------
    >>> from crmkit.churn import Basket
    >>> Basket()
    Basket()
    """

    def _reads(self, log: EventLog) -> tuple[str, ...]:
        """Columns of the log that are needed beside customers, days, amounts and orders."""
        return () if log.item is None else (log.item,)

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        orders = at.orders()
        columns: dict[str, npt.NDArray[Any]] = {"orders_per_day": orders / at.n_days}
        if at.has_money:
            columns["spend_per_order"] = ratio(at.bought_ever, orders)
        if at.ledger.item is not None:
            columns["items_per_order"] = ratio(at.visits(at.ledger.item), orders)
        return columns


@dataclass(frozen=True)
class Variety(Feature):
    """Count different products: customers at a cut-off in, three columns out.

    Of the products bought so far: `items_distinct` (a count), `items_per_day` (different products
    on a day with a purchase) and `items_new_share` (share of the products met on a day that were
    new to the customer, 0 to 1; NaN without products). Of another column, such as a category, the
    columns are called `category_distinct`, ...

    Parameters
    ----------
    column : str or None, default=None
        A column of the log's frame; None is the log's `item`.

    Examples
    --------
    >>> from crmkit.churn import Variety
    >>> Variety("category")
    Variety(column='category')
    """

    column: str | None = None

    def _reads(self, log: EventLog) -> tuple[str, ...]:
        """Columns of the log that are needed beside customers, days, amounts and orders."""
        if self.column is None and log.item is None:
            raise DataError(
                f"{OWNER}: Variety() needs the item= column of the EventLog, or a column: "
                'Variety("category").'
            )
        return (self.column or log.item or "",)

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        column = self.column or at.ledger.item or ""
        stem = "items" if self.column is None else self.column
        distinct, visits = at.met(column, ())[0], at.visits(column)
        return {
            f"{stem}_distinct": distinct,
            f"{stem}_per_day": visits / at.n_days,
            f"{stem}_new_share": ratio(distinct, visits),
        }


@dataclass(frozen=True)
class Mix(Feature):
    """Tell how purchases spread over channels: customers at a cut-off in, shares out.

    For a column with few values, such as a channel, a shop or a means of payment.
    `channel_top_share` is the share of the value met on most days (0 to 1; a day with two values
    counts for both) and `channel_entropy` the entropy of the shares in nats (0: always the same).
    For each of `levels` there is `channel_web_share`, the share of purchase days with that value.
    NaN where no value is known.

    Parameters
    ----------
    column : str
        A column of the log's frame.
    levels : sequence, default=()
        Values that get a share of their own, of the kind that the column holds. They are named
        here and not learnt from the log, so that the columns are the same at every cut-off; who
        never met a value has a share of 0.

    Examples
    --------
    >>> from crmkit.churn import Mix
    >>> Mix("channel", levels=["web", "shop"])
    Mix(column='channel', levels=('web', 'shop'))
    """

    column: str
    levels: Sequence[Any] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", as_tuple(self.levels))

    def _reads(self, log: EventLog) -> tuple[str, ...]:
        """Columns of the log that are needed beside customers, days, amounts and orders."""
        if not isinstance(self.levels, tuple):
            raise DataError(f"{OWNER}: Mix(levels=) must be a list, got {self.levels!r}.")
        names = [str(level) for level in self.levels]
        twice = [
            level for level, name in zip(self.levels, names, strict=True) if names.count(name) > 1
        ]
        if twice:
            raise DataError(f"{OWNER}: Mix(levels=): {twice} are one column. Name it once.")
        return (self.column,)

    def _check(self, ledger: Ledger) -> None:
        """Refuse levels of another kind than the values, and warn of one that looks misspelt."""
        values = ledger.visits[self.column].values
        kinds = {_kind(value): value for value in values}
        for level in self.levels if values else ():
            if _kind(level) not in kinds:
                held = next(iter(kinds.values()))
                raise DataError(
                    f"{OWNER}: Mix(levels=): {level!r} is of another kind than the values of "
                    f"{self.column!r}, such as {held!r}. Write it as the column does."
                )
            if level not in values and isinstance(level, str):
                others = [v for v in values if isinstance(v, str) and v not in self.levels]
                meant = nearest(level, others)
                if meant is not None:
                    warn_user(
                        f"{OWNER}: no event has {level!r} in {self.column!r}, so that its share is "
                        f"0 for everybody. Did you mean {meant!r}?",
                        DataWarning,
                    )

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        visits = at.ledger.visits[self.column]
        pairs = np.flatnonzero(visits.day < at.day)
        pairs, times = _runs(pairs, visits.value, visits.owner[pairs])
        begin = np.searchsorted(pairs, visits.start[at.places])
        end = np.searchsorted(pairs, visits.start[at.places + 1])
        total = at.visits(self.column).astype(np.float64)
        some = end > begin
        top, logs = np.full(len(at), np.nan), np.full(len(at), np.nan)
        if some.any():
            flat = np.column_stack([begin[some], end[some]]).ravel()
            padded = np.append(times, 0).astype(np.float64)
            top[some] = np.maximum.reduceat(padded, flat)[::2]
            weighted = padded * np.log(np.maximum(padded, 1.0))
            logs[some] = np.add.reduceat(weighted, flat)[::2]
        columns = {
            f"{self.column}_top_share": ratio(top, total),
            f"{self.column}_entropy": np.maximum(
                np.log(np.maximum(total, 1.0)) - ratio(logs, total), 0.0
            ),
        }
        for level in self.levels:
            code = visits.values.index(level) if level in visits.values else -1
            days = visits.counts((visits.value == code) & (visits.day < at.day))[at.places]
            columns[f"{self.column}_{level}_share"] = np.where(some, days / at.n_days, np.nan)
        return columns


def _kind(value: Any) -> type:
    """Numbers are of one kind, text of one, and dates of one."""
    kinds = (Number, str, date)
    return next((kind for kind in kinds if isinstance(value, kind)), type(value))


def _runs(
    rows: npt.NDArray[Any], value: npt.NDArray[Any], owner: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """First row of each run of one customer and value, and the length of the run."""
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (value[rows[1:]] != value[rows[:-1]]) | (owner[1:] != owner[:-1])
    begins = np.flatnonzero(fresh)
    return rows[begins], np.diff(begins, append=len(rows))
