"""EventLog: a table of purchase events with the names of its columns, checked before use."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from crmkit import _frames
from crmkit._validation import check_choice, check_real
from crmkit.events._instants import (
    from_microseconds,
    midnight_after,
    on_log_clock,
    read_instant,
    read_zone,
)
from crmkit.events._report import EventReport
from crmkit.exceptions import DataError, DataWarning, warn_user

Returns = Literal["exclude", "net", "raise"]


@dataclass(frozen=True, eq=False)
class EventLog:
    """Hold purchase events: a frame of events in, an immutable log with named columns out.

    The one way in for every model that reads events. One row is one purchase line, visit or
    return at an instant. The frame is kept as it is (never copied, never changed); its columns
    are checked at once, its values when they are first needed, and once: when the data change,
    make a new log. For a frame that already has one
    row per customer, use the models directly.

    Parameters
    ----------
    data : frame of events
        pandas, polars (eager or lazy), pyarrow or duckdb; or Spark, whose events are added up
        where they lie (a `timestamp` is an instant and needs `tz`, a `timestamp_ntz` is naive).
    customer : str, default="customer_id"
        Column of customer ids: text or whole numbers. Rows without one are dropped with a
        warning that counts them; ids of type float are refused.
    when : str, default="timestamp"
        Column of instants: datetimes or dates.
    amount : str or None, default="amount"
        Column of money spent, in any one currency; None for a log without money. NaN and
        infinite amounts are refused. A zero amount is a purchase.
    order : str or None, default=None
        Column of order ids. Without one, every row counts as an order of its own.
    item : str or None, default=None
        Column of product ids.
    quantity : str or None, default=None
        Column of units bought; read only to recognise returns.
    returns : {"exclude", "net", "raise"}, default="exclude"
        What happens to returns, the rows with a negative amount or quantity. They are never
        purchases. "exclude" leaves them out, "net" subtracts them from the spend at the time of
        the return, "raise" refuses a log that has any.
    min_amount : float or None, default=None
        Smallest amount of a row that counts as a purchase, in the currency of `amount`. Each row
        is judged alone: of an order with several lines the small lines are left out, and their
        money with them. To judge whole orders, add up their lines first.
    tz : str or None, default=None
        Time zone in which days begin, such as "Europe/London". Needed when `when` is
        timezone-aware, refused when it is not.

    Raises
    ------
    DataError
        If `data` is no frame, a column is missing, or a parameter has no meaning; later, when
        values are first read, if they cannot be used. All faults are told in one error.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> frame = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "b"],
    ...         "timestamp": pd.to_datetime(["2024-01-05", "2024-02-01", "2024-01-20"]),
    ...         "amount": [20.0, 30.0, 15.0],
    ...     }
    ... )
    >>> log = ck.EventLog(frame)
    >>> log
    EventLog(3 rows of pandas, customer='customer_id', when='timestamp', amount='amount')
    >>> log.report().n_customers
    2
    """

    data: Any
    customer: str = "customer_id"
    when: str = "timestamp"
    amount: str | None = "amount"
    order: str | None = None
    item: str | None = None
    quantity: str | None = None
    returns: Returns = "exclude"
    min_amount: float | None = None
    tz: str | None = None

    def __post_init__(self) -> None:
        for part in ("customer", "when"):
            if not isinstance(getattr(self, part), str):
                raise DataError(
                    f"EventLog: {part} must name a column, got {getattr(self, part)!r}."
                )
        check_choice(self.returns, "returns", ["exclude", "net", "raise"], "EventLog")
        if self.min_amount is not None:
            check_real(self.min_amount, "min_amount", "EventLog", low=0.0)
            if self.amount is None:
                raise DataError("EventLog: min_amount= needs the amount= column that it limits.")
        if self.tz is not None:
            read_zone(self.tz, "EventLog")
        _frames.check_event_frame(self.data, self.columns)

    @cached_property
    def columns(self) -> _frames.EventColumns:
        """Names of the columns by the part they play."""
        return _frames.EventColumns(
            self.customer, self.when, self.amount, self.order, self.item, self.quantity
        )

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """Time zone in which days begin; None for a log of naive times."""
        return None if self.tz is None else ZoneInfo(self.tz)

    @cached_property
    def facts(self) -> _frames.EventFacts:
        """Checked counts of the whole log, read once; warns about rows without a customer."""
        facts = _frames.event_facts(self.data, self.columns, self.min_amount)
        self._check_clock(facts)
        if self.returns == "raise" and facts.n_returns:
            raise DataError(
                f"EventLog: {facts.n_returns:,} of {facts.n_rows:,} rows are returns (negative "
                "amount or quantity) and returns='raise'. Pass returns='exclude' or 'net'."
            )
        if facts.n_null_customers:
            share = facts.n_null_customers / facts.n_rows
            warn_user(
                f"EventLog: {facts.n_null_customers:,} of {facts.n_rows:,} rows ({share:.1%}) have "
                f"no {self.customer!r} and were dropped. Drop or fill them first to silence this.",
                DataWarning,
            )
        return facts

    def _check_clock(self, facts: _frames.EventFacts) -> None:
        zone = facts.column_time_zone
        if zone is not None and self.tz is None:
            example = zone if zone == "UTC" or "/" in zone else "Europe/London"
            raise DataError(
                f"EventLog: {self.when!r} is timezone-aware ({zone}). Say where days begin, for "
                f"example tz={example!r}."
            )
        if zone is None and self.tz is not None:
            raise DataError(
                f"EventLog: tz={self.tz!r} is given, but the times in {self.when!r} are naive. "
                "Leave tz away if they are local times, or make the column timezone-aware."
            )

    def cutoff(self, as_of: Any = None, owner: str = "EventLog", name: str = "as_of") -> datetime:
        """Instant at and after which events are unknown, on the clock of the log.

        Parameters
        ----------
        as_of : str, date, datetime or None, default=None
            ISO 8601 text or a date or time; None is midnight after the last event.
        owner : str, default="EventLog"
            Who asks, for messages.
        name : str, default="as_of"
            What the instant is called there, for messages.

        Returns
        -------
        datetime
            Naive for a log of naive times, else in the zone of the log.

        Raises
        ------
        DataError
            If it cannot be read, or no event lies before it.
        """
        facts = self.facts
        if as_of is None:
            return midnight_after(self.last_event, owner)
        cutoff = on_log_clock(read_instant(as_of, name, owner), self.zone, owner, name)
        if _frames.microseconds(cutoff) <= facts.first_us:
            raise DataError(
                f"{owner}: {name}={str(as_of)!r} is not after the first event "
                f"({self.first_event:%Y-%m-%d %H:%M}). Events at or after it are unknown: choose a "
                "later one."
            )
        return cutoff

    @property
    def first_event(self) -> datetime:
        """Instant of the first event, on the clock of the log."""
        return from_microseconds(self.facts.first_us, self.zone)

    @property
    def last_event(self) -> datetime:
        """Instant of the last event, on the clock of the log."""
        return from_microseconds(self.facts.last_us, self.zone)

    def report(self) -> EventReport:
        """Tell what was found in the log: events in, counts and their treatment out.

        Returns
        -------
        EventReport
            Rows, span, missing ids, returns, zero amounts, repeated rows, and what was dropped.
        """
        facts = self.facts
        n_customers, n_buyers, n_duplicates = _frames.count_distinct(
            self.data, self.columns, self.min_amount
        )
        return EventReport(
            n_rows=facts.n_rows,
            n_customers=n_customers,
            n_customers_without_purchase=n_customers - n_buyers,
            n_null_customers=facts.n_null_customers,
            n_returns=facts.n_returns,
            returns_amount=facts.returns_amount,
            n_zero_amounts=facts.n_zero_amounts,
            n_below_min_amount=facts.n_below_min_amount,
            n_duplicates=n_duplicates,
            total_amount=facts.purchase_amount,
            first_event=self.first_event,
            last_event=self.last_event,
            returns=self.returns,
        )

    def __repr__(self) -> str:
        library, n_rows = _frames.engine_name(self.data, "EventLog")
        size = "rows" if n_rows is None else f"{n_rows:,} rows"
        named = [f"{part}={name!r}" for part, name in self.columns.named().items()]
        if self.returns != "exclude":
            named.append(f"returns={self.returns!r}")
        if self.tz is not None:
            named.append(f"tz={self.tz!r}")
        return f"EventLog({size} of {library}, {', '.join(named)})"

    def __sklearn_clone__(self) -> Self:
        return self

    def __getstate__(self) -> dict[str, Any]:
        if _frames.adds_up(self.data):
            spark = _frames.is_spark(self.data)
            kind = "frame of Spark" if spark else "duckdb relation"
            fetched = "frame.toArrow()" if spark else "relation.to_arrow_table()"
            raise DataError(
                f"EventLog: a {kind} cannot be pickled. Collect it first: EventLog({fetched}, ...)."
            )
        return self.__dict__


def check_log(log: object, owner: str) -> None:
    """Refuse anything but an `EventLog`, and say how to make one."""
    if not isinstance(log, EventLog):
        raise DataError(
            f"{owner}: an EventLog is needed, got {type(log).__name__}. "
            "Wrap the frame first: EventLog(frame, customer=..., when=..., amount=...)."
        )
