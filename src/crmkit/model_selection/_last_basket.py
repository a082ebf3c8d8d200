"""Leave out the last basket of each customer: the most customers, and a flattering measure.

Each customer is cut at a time of his own, so that models train on what others bought later. Use
`RollingTimeSplit` for the headline and this one beside it, or where a log is too short for cuts.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from crmkit._validation import check_choice, check_whole
from crmkit.events._event_log import EventLog
from crmkit.exceptions import DataError
from crmkit.model_selection._log_split import (
    Flags,
    Lines,
    LogSplit,
    Places,
    check_rules,
    made_split,
    read_lines,
)

OWNER = "LeaveLastBasketOut"


class LeaveLastBasketOut(BaseEstimator):
    """Hold out the last basket of each customer: events in, what was known and the basket out.

    Customers with one basket stay in what is known and are not asked. Returns after the beginning
    of the basket that is held out are not known either.

    Parameters
    ----------
    basket : {"day", "order"}, default="day"
        What a basket is: all purchases of a customer on one local day, which never tie, or an
        order of the log. The last order is that with the latest line; among orders that end at the
        same instant it is the one with the highest id (numbers by size, text by letter, orders
        without an id behind those with one, in order of the rows).
    mode : {"new", "repeat", "all"}, default="new"
        Relevant are items that the customer never bought before, only those that he did, or both.
    min_history : int, default=1
        Distinct items of a customer that must be known, at least 1.
    unseen_items : {"exclude", "include"}, default="exclude"
        Whether items that nobody bought in what is known are relevant.

    See Also
    --------
    RollingTimeSplit : One cut for all customers, which is what a shop meets.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.model_selection import LeaveLastBasketOut
    >>> lines = pd.DataFrame(
    ...     {
    ...         "customer": ["ann", "bob", "ann", "bob"],
    ...         "day": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-09"]),
    ...         "item": ["tea", "jam", "jam", "tea"],
    ...     }
    ... )
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> (split,) = LeaveLastBasketOut().split(log)
    >>> split.relevant
      customer item
    0      ann  jam
    1      bob  tea
    """

    def __init__(
        self,
        basket: str = "day",
        mode: str = "new",
        min_history: int = 1,
        unseen_items: str = "exclude",
    ) -> None:
        self.basket = basket
        self.mode = mode
        self.min_history = min_history
        self.unseen_items = unseen_items

    def split(self, log: EventLog) -> Iterator[LogSplit]:
        """Give the log without the last baskets, and the baskets: events in, one split out.

        Parameters
        ----------
        log : EventLog
            Purchases with an `item` column; with an `order` column for ``basket="order"``.

        Returns
        -------
        iterator of LogSplit
            A single one; its `as_of` is midnight after the last event of the log.

        Raises
        ------
        DataError
            If a parameter has no meaning, or baskets are orders and the log has none.
        """
        check_choice(self.basket, "basket", ["day", "order"], OWNER)
        check_rules(self.mode, self.unseen_items, OWNER)
        check_whole(self.min_history, "min_history", OWNER, low=1)
        lines = read_lines(log, OWNER)
        if self.basket == "order" and lines.rows.order is None:
            raise DataError(
                f"{OWNER}: basket='order' needs the column of order ids: EventLog(..., order=...)."
            )
        held, since = last_baskets(lines, self.basket)
        late = lines.rows.returned & (lines.rows.us >= since[lines.rows.customer])
        yield made_split(
            lines,
            ~held & ~late,
            held,
            as_of=lines.end,
            mode=self.mode,
            unseen_items=self.unseen_items,
            min_history=self.min_history,
        )

    def get_n_splits(self, log: Any = None) -> int:
        """Count the splits: always one.

        Parameters
        ----------
        log : EventLog or None, default=None
            Not read.

        Returns
        -------
        int
            1.
        """
        return 1


def last_baskets(lines: Lines, basket: str) -> tuple[Flags, Places]:
    """Purchases of the last basket of customers with two or more, and when each basket began."""
    rows = lines.rows
    bought = np.flatnonzero(~rows.returned)
    customer = rows.customer[bought]
    code = rows.day if basket == "day" or rows.order is None else rows.order
    order = np.lexsort((code[bought], customer))
    bought, customer, code = bought[order], customer[order], code[bought[order]]
    fresh = np.append(True, (np.diff(customer) != 0) | (np.diff(code) != 0))[: len(bought)]
    start, group = np.flatnonzero(fresh), np.cumsum(fresh) - 1
    end = np.maximum.reduceat(rows.us[bought], start)
    begin = np.minimum.reduceat(rows.us[bought], start)
    owner = customer[start]
    by_end = np.lexsort((code[start], end, owner))
    last = by_end[np.append(np.diff(owner[by_end]) != 0, True)]
    several = last[np.bincount(owner)[owner[last]] > 1]
    held = np.zeros(len(rows.row), dtype=bool)
    held[bought[np.isin(group, several)]] = True
    since = np.full(len(rows.customers), np.iinfo(np.int64).max)
    since[owner[several]] = begin[several]
    return held, since
