"""Rolling cuts through time: everybody's past is known, everybody's next days are to be foretold.

At a cut-off c the events before c are known, and relevant is what is bought from c to c + horizon.
One instant for all customers is what a shop meets in truth: splits that leave out the last basket
of each customer train on other customers' future (Meng et al. 2020, RecSys, 681-686).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from crmkit._units import in_unit
from crmkit._validation import check_whole
from crmkit.events._event_log import EventLog
from crmkit.events._instants import on_log_clock, read_instant
from crmkit.events._ledger import begin_of_day, day_of
from crmkit.exceptions import DataError
from crmkit.model_selection._log_split import Lines, LogSplit, check_rules, made_split, read_lines

OWNER = "RollingTimeSplit"


class RollingTimeSplit(BaseEstimator):
    """Split purchases at rolling cut-offs: events in, what was known and what came next out.

    The first choice for judging recommendations of anything that has dates. Three to five
    cut-offs tell more than one: what sells differs by season.

    Parameters
    ----------
    n_splits : int, default=3
        Number of cut-offs, at least 1; the last one lies a horizon before the end of the log.
    horizon : str or float, default="30D"
        How long purchases after a cut-off are relevant: whole days as a number, or text such as
        "30D" or "2W".
    step : str, float or None, default=None
        Time between cut-offs, whole days; None takes the horizon, so that no day is held out
        twice.
    cutoffs : str, date or datetime, or sequence of these, or None, default=None
        The cut-offs themselves, beginnings of days; `n_splits` and `step` are not read then.
    mode : {"new", "repeat", "all"}, default="new"
        Relevant are items that the customer never bought before, only those that he did, or both.
    min_history : int, default=1
        Distinct items of a customer that must be known; the others are counted and left aside. 0
        asks strangers too.
    unseen_items : {"exclude", "include"}, default="exclude"
        Whether items that nobody had bought before the cut-off are relevant: a recommender that
        knows no catalogue cannot offer them. They are counted either way.

    See Also
    --------
    LeaveLastBasketOut : One basket a customer; more customers, and a flattering measure.
    StrongGeneralisation : Customers the recommender has never met.
    PurgedForwardSplit : Splits of snapshots, for models of customers.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.model_selection import RollingTimeSplit
    >>> lines = pd.DataFrame(
    ...     {
    ...         "customer": ["ann", "bob", "ann", "bob", "bob"],
    ...         "day": pd.to_datetime(
    ...             ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-09", "2024-01-10"]
    ...         ),
    ...         "item": ["tea", "jam", "jam", "tea", "jam"],
    ...     }
    ... )
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> (split,) = RollingTimeSplit(n_splits=1, horizon="7D").split(log)
    >>> split
    LogSplit(as_of=2024-01-04, mode='new', 1 customers, 0 left aside, 0 pairs with unseen items)
    >>> split.relevant
      customer item
    0      bob  tea
    """

    def __init__(
        self,
        n_splits: int = 3,
        horizon: Any = "30D",
        step: Any = None,
        cutoffs: Any = None,
        mode: str = "new",
        min_history: int = 1,
        unseen_items: str = "exclude",
    ) -> None:
        self.n_splits = n_splits
        self.horizon = horizon
        self.step = step
        self.cutoffs = cutoffs
        self.mode = mode
        self.min_history = min_history
        self.unseen_items = unseen_items

    def split(self, log: EventLog) -> Iterator[LogSplit]:
        """Give the parts of a log at each cut-off: events in, an iterator of splits out.

        Parameters
        ----------
        log : EventLog
            Purchases with an `item` column.

        Returns
        -------
        iterator of LogSplit
            In ascending order of the cut-offs. The parts are eager frames in the library of the
            log; a relation of duckdb becomes a table of pyarrow.

        Raises
        ------
        DataError
            If a parameter has no meaning, nothing lies before a cut-off, or its window ends after
            the log does, so that not all of what came is known.
        """
        check_rules(self.mode, self.unseen_items, OWNER)
        check_whole(self.min_history, "min_history", OWNER, low=0)
        horizon = whole_days(self.horizon, "horizon", OWNER)
        lines = read_lines(log, OWNER)
        return (self._at(lines, day, horizon) for day in self._days(lines, horizon))

    def get_n_splits(self, log: Any = None) -> int:
        """Count the cut-offs: parameters in, a number out.

        Parameters
        ----------
        log : EventLog or None, default=None
            Not read.

        Returns
        -------
        int
            Number of splits that `split` gives.

        Raises
        ------
        DataError
            If `n_splits` or `cutoffs` has no meaning.
        """
        if self.cutoffs is not None:
            return len(listed(self.cutoffs))
        check_whole(self.n_splits, "n_splits", OWNER, low=1)
        return int(self.n_splits)

    def _days(self, lines: Lines, horizon: int) -> list[int]:
        """Cut-offs as local days, checked against the span of the log."""
        days = lines.rows.day[lines.bought]
        if not len(days):
            raise DataError(f"{OWNER}: the log has no purchase of a named item.")
        first, end = int(days.min()), day_of(lines.end, OWNER)
        if self.cutoffs is None:
            check_whole(self.n_splits, "n_splits", OWNER, low=1)
            step = horizon if self.step is None else whole_days(self.step, "step", OWNER)
            asked = [end - horizon - i * step for i in reversed(range(self.n_splits))]
        else:
            asked = read_cutoffs(self.cutoffs, lines.log)
        early = [day for day in asked if day <= first]
        late = [day for day in asked if day + horizon > end]
        if early:
            raise DataError(
                f"{OWNER}: nothing lies before {told(early)}, the log begins {told([first])}. Take "
                "fewer or later cut-offs, or a shorter horizon."
            )
        if late:
            raise DataError(
                f"{OWNER}: the {horizon} days after {told(late)} are not over when the log ends "
                f"({told([end])}). Take earlier cut-offs, or a shorter horizon."
            )
        return asked

    def _at(self, lines: Lines, day: int, horizon: int) -> LogSplit:
        """The split at the beginning of a local day."""
        known = lines.rows.day < day
        return made_split(
            lines,
            known,
            ~known & (lines.rows.day < day + horizon),
            as_of=begin_of_day(day, lines.log),
            mode=self.mode,
            unseen_items=self.unseen_items,
            min_history=self.min_history,
        )


def whole_days(value: Any, name: str, owner: str) -> int:
    """A duration in whole days, at least one."""
    days = 0.0 if value is None else in_unit(value, "D", owner, name)
    if days < 1 or days % 1:
        raise DataError(f"{owner}: {name} must be whole days, at least 1, got {value!r}.")
    return int(days)


def read_cutoffs(cutoffs: Any, log: EventLog) -> list[int]:
    """Cut-offs as distinct ascending local days."""
    given = listed(cutoffs)
    instants = [read_instant(value, "a cut-off", OWNER) for value in given]
    days = [day_of(on_log_clock(instant, log.zone, OWNER), OWNER) for instant in instants]
    if not days or len(set(days)) < len(days):
        raise DataError(f"{OWNER}: cutoffs must be distinct dates, at least one, got {given}.")
    return sorted(days)


def listed(cutoffs: Any) -> list[Any]:
    """Cut-offs as a list, a single one too."""
    try:
        return [cutoffs] if isinstance(cutoffs, str) else list(cutoffs)
    except TypeError:  # a date, or what `read_instant` will refuse
        return [cutoffs]


def told(days: list[int]) -> str:
    """Days as dates."""
    return ", ".join(str(np.datetime64(day, "D")) for day in days)
