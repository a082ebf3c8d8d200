"""Customers the recommender has never met: a few first items are told, the rest is to be foretold.

The protocol of Liang et al. (2018), WWW, 689-698 (strong generalisation), with the items that are
told taken from the beginning of the history instead of at random: what a new customer shows first.
"""

from collections.abc import Iterator, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from crmkit._validation import check_share, check_whole
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

OWNER = "StrongGeneralisation"


class StrongGeneralisation(BaseEstimator):
    """Hold out whole customers: events in, those of the others, first items and the rest out.

    It measures what a new customer should be shown after one, three or five items. Ask with
    ``recommend(split.customers, history=split.history, as_of=split.as_of)``. Only customers with
    more distinct items than the most that are told are held out, the same at every number, so that
    the scores can be compared.

    Parameters
    ----------
    n_given : int or sequence of int, default=(1, 3, 5)
        Distinct items that are told of each customer, those bought first; a split for each
        number. Items first bought at the same instant are in an order of the items that is drawn
        once, with `random_state`.
    n_customers : int or float, default=0.1
        How many customers are held out: a number, or a share between 0 and 1 of those with
        enough items.
    unseen_items : {"exclude", "include"}, default="exclude"
        Whether items that nobody bought in what is known are relevant.
    random_state : int, default=0
        Seed of the customers held out and of the order of ties, at least 0.

    See Also
    --------
    RollingTimeSplit : Customers who are known, at cuts through time.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.model_selection import StrongGeneralisation
    >>> lines = pd.DataFrame(
    ...     {
    ...         "customer": ["ann", "ann", "bob", "bob"],
    ...         "day": pd.to_datetime(["2024-01-01", "2024-01-03", "2024-01-02", "2024-01-09"]),
    ...         "item": ["tea", "jam", "tea", "jam"],
    ...     }
    ... )
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> (split,) = StrongGeneralisation(n_given=1, n_customers=1).split(log)
    >>> split.history.data["item"].tolist(), split.relevant["item"].tolist()
    (['tea'], ['jam'])
    """

    def __init__(
        self,
        n_given: int | Sequence[int] = (1, 3, 5),
        n_customers: int | float = 0.1,
        unseen_items: str = "exclude",
        random_state: int = 0,
    ) -> None:
        self.n_given = n_given
        self.n_customers = n_customers
        self.unseen_items = unseen_items
        self.random_state = random_state

    def split(self, log: EventLog) -> Iterator[LogSplit]:
        """Give the other customers, and the first items and the rest of those held out.

        Parameters
        ----------
        log : EventLog
            Purchases with an `item` column.

        Returns
        -------
        iterator of LogSplit
            One for each number of items told, ascending, with the same customers; `as_of` is
            midnight after the last event of the log, the mode is "new".

        Raises
        ------
        DataError
            If a parameter has no meaning, or too few customers have enough items.
        """
        check_rules("new", self.unseen_items, OWNER)
        check_whole(self.random_state, "random_state", OWNER, low=0)
        lines = read_lines(log, OWNER)
        everything = np.ones(len(lines.rows.row), dtype=bool)
        for n, stranger, told, rest in self._plan(lines, everything):
            yield made_split(
                lines,
                ~stranger,
                rest,
                as_of=lines.end,
                mode="new",
                unseen_items=self.unseen_items,
                given=told,
                n_given=n,
            )

    def get_n_splits(self, log: Any = None) -> int:
        """Count the numbers of items told: parameters in, a number out.

        Parameters
        ----------
        log : EventLog or None, default=None
            Not read.

        Returns
        -------
        int
            Number of splits that `split` gives.
        """
        return len(self._numbers())

    def _numbers(self) -> list[int]:
        """Numbers of items told, ascending."""
        single = isinstance(self.n_given, Integral)
        numbers: list[Any] = [self.n_given] if single else list(self.n_given)  # type: ignore[arg-type]
        for number in numbers:
            check_whole(number, "n_given", OWNER, low=1)
        if not numbers or len(set(numbers)) < len(numbers):
            raise DataError(
                f"{OWNER}: n_given must be distinct whole numbers, at least one, got "
                f"{self.n_given!r}."
            )
        return sorted(int(number) for number in numbers)

    def _plan(self, lines: Lines, within: Flags) -> Iterator[tuple[int, Flags, Flags, Flags]]:
        """Numbers of items, events of strangers, those that are told, and the other purchases.

        Only events `within` are looked at.
        """
        numbers = self._numbers()
        bought, owner = lines.bought & within, lines.rows.customer
        random = np.random.default_rng(self.random_state)
        place, first = first_met(lines, bought, random.permutation(lines.n_items), numbers)
        stranger = self._strangers(lines, bought, numbers[-1], random)[owner] & within
        for n in numbers:
            told = stranger & bought & (place < n) & (lines.rows.us <= first[n][owner])
            yield n, stranger, told, stranger & bought & (place >= n)

    def _strangers(
        self, lines: Lines, bought: Flags, most: int, random: np.random.Generator
    ) -> Flags:
        """Which customers are held out, of those with more items than the most that are told."""
        n_items = np.bincount(
            lines.pairs(bought) // lines.n_items, minlength=len(lines.rows.customers)
        )
        enough = np.flatnonzero(n_items > most)
        if isinstance(self.n_customers, Integral):
            check_whole(self.n_customers, "n_customers", OWNER, low=1)
            n = int(self.n_customers)
        else:
            check_share(self.n_customers, "n_customers", OWNER)
            n = round(float(self.n_customers) * len(enough))
        n_buyers = int((n_items > 0).sum())
        if not 1 <= n <= len(enough) or n == n_buyers:
            raise DataError(
                f"{OWNER}: n_customers={self.n_customers!r} asks for {n:,} of the {len(enough):,} "
                f"customers with more than {most} items ({n_buyers:,} in all). Ask for fewer "
                "customers or fewer given items; one customer at least must be left to learn from."
            )
        held = np.zeros(len(n_items), dtype=bool)
        held[random.permutation(enough)[:n]] = True
        return held


def first_met(
    lines: Lines, of: Flags, tie: Places, numbers: list[int]
) -> tuple[Places, dict[int, Places]]:
    """How many items a customer met before the item of each event, and when he met the n-th.

    Other events than purchases `of` items have a place behind all; so has a customer without an
    n-th item an instant behind all.
    """
    rows = lines.rows
    bought = np.flatnonzero(of)
    pair = rows.customer[bought] * lines.n_items + rows.item[bought]
    order = np.lexsort((rows.us[bought], pair))
    fresh = np.append(True, np.diff(pair[order]) != 0)[: len(order)]
    keys, met = pair[order][fresh], rows.us[bought][order][fresh]
    owner = keys // lines.n_items
    by_time = np.lexsort((tie[keys % lines.n_items], met, owner))
    start = np.searchsorted(owner, np.arange(len(rows.customers)))
    rank = np.empty(len(keys), dtype=np.int64)
    rank[by_time] = np.arange(len(keys)) - start[owner[by_time]]
    never = np.iinfo(np.int64).max
    place = np.full(len(rows.row), never)
    place[bought] = rank[np.searchsorted(keys, pair)]
    instants = {n: np.full(len(rows.customers), never) for n in numbers}
    for n, when in instants.items():
        when[owner[rank == n - 1]] = met[rank == n - 1]
    return place, instants
