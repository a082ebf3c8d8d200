"""One customer scored at a time: events of the customer in, the row of the whole pipeline out."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import numpy.typing as npt
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.pipelines._customer_parts import RULES
from crmkit.pipelines._customer_scorer_events import OWNER, as_plain, told_columns
from crmkit.pipelines._customer_value import CustomerValuePipeline


class CustomerScorer:
    """Score customers one at a time: the events of a customer in, a dict of plain values out.

    For a service that answers while a customer waits: it takes milliseconds where a frame of one
    customer takes a hundred. The answers are those of the pipeline's `transform`. For many
    customers at once take that: it costs less for each. One scorer serves many threads; it holds
    no more than the fitted pipeline.

    Parameters
    ----------
    pipeline : CustomerValuePipeline
        A fitted one. It is not copied: do not fit it again while it serves.

    Attributes
    ----------
    pipeline : CustomerValuePipeline
        The same.

    See Also
    --------
    CustomerValuePipeline : The recipe, and what each column means.

    Examples
    --------
    >>> import crmkit as ck
    >>> log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
    >>> pipeline = ck.pipelines.CustomerValuePipeline(churn=None).fit(log, as_of="1997-10-01")
    >>> scorer = ck.pipelines.CustomerScorer(pipeline)
    >>> events = [
    ...     {"timestamp": "1997-01-14", "amount": 25.0},
    ...     {"timestamp": "1997-03-02", "amount": 40.0},
    ... ]
    >>> row = scorer.score(events, as_of="1997-10-01", customer=7)
    >>> row["customer_id"], row["frequency"], row["total_amount"], row["stage"]
    (7, 1, 65.0, 'dormant')
    """

    def __init__(self, pipeline: CustomerValuePipeline) -> None:
        if not isinstance(pipeline, CustomerValuePipeline):
            raise DataError(
                f"{OWNER}: a fitted CustomerValuePipeline is needed, got {type(pipeline).__name__}."
            )
        check_is_fitted(pipeline)
        self.pipeline = pipeline
        self._rules = {rule: pipeline.columns_[rule] for rule in RULES}
        self._parts = {part: v for part, v in pipeline.columns_.items() if part not in RULES}
        self._names = {part: name for part, name in self._parts.items() if name is not None}

    def score(self, events: Any, *, as_of: Any, customer: Any = None) -> dict[str, Any]:
        """Score one customer: his events in, the row of `CustomerValuePipeline.transform` out.

        Parameters
        ----------
        events : list of dict, or dict of lists or arrays
            The events of the customer, in any order, under the names of the log of the fit; other
            names are ignored. Times are datetimes, dates or ISO 8601 text.
        as_of : str, date or datetime
            Exclusive cut-off: events at or after it are unknown.
        customer : str, int or None, default=None
            The id; its column may then be left away.

        Returns
        -------
        dict
            The columns of `transform` by name, as plain Python values; None where missing.

        Raises
        ------
        DataError
            If the events cannot be used, are of several customers, or hold no purchase before
            `as_of`.

        Warns
        -----
        DataWarning
            As `EventLog` does, such as of rows without a customer.
        """
        rows = plain_rows(self.pipeline.transform(self._log(events, customer), as_of=as_of))
        if len(rows) > 1:
            raise DataError(
                f"{OWNER}: the events are of {len(rows):,} customers. Pass those of one, or take "
                "score_many."
            )
        return rows[0]

    def score_many(self, events: Any, *, as_of: Any) -> list[dict[str, Any]]:
        """Score some customers: their events in, a dict for each of them out.

        Parameters
        ----------
        events : list of dict, or dict of lists or arrays
            As in `score`, with the column of the customer.
        as_of : str, date or datetime
            Exclusive cut-off, as in `score`.

        Returns
        -------
        list of dict
            As `score` gives them, ascending by id. `clv_rank` ranks these customers. Who bought
            nothing before `as_of` is not among them.

        Raises
        ------
        DataError
            If the events cannot be used, or hold no purchase before `as_of`.
        """
        return plain_rows(self.pipeline.transform(self._log(events, None), as_of=as_of))

    def offers(
        self,
        events: Any,
        n: int = 10,
        *,
        as_of: Any,
        customer: Any = None,
        exclude_seen: bool | None = None,
        allow: Any = None,
        deny: Any = None,
        stock: Any = None,
    ) -> list[dict[str, Any]]:
        """Tell what to offer next: events of customers in, a dict for each of n offers out.

        Parameters
        ----------
        events : list of dict, or dict of lists or arrays
            As in `score`, of one customer or of several.
        n : int, default=10
            Most offers a customer gets.
        as_of : str, date or datetime
            Exclusive cut-off, not before that of the fit.
        customer : str, int or None, default=None
            The id; its column may then be left away.
        exclude_seen : bool or None, default=None
            Leave out what a customer already bought; None is what the recommender is made for.
        allow, deny : list of item ids, dict, flags or frame, default=None
            What may and may not be offered, as in `crmkit.recommend`.
        stock : dict or frame of item and quantity, default=None
            Items of quantity 0 or less are not offered.

        Returns
        -------
        list of dict
            Customer id, item id, `score`, `rank` from 1, `source` and `reason`, best first.

        Raises
        ------
        DataError
            If there is no recommender, or the events or a parameter cannot be used.
        """
        log = self._log(events, customer)
        rules = {"exclude_seen": exclude_seen, "allow": allow, "deny": deny, "stock": stock}
        return plain_rows(self.pipeline.recommend(log, n, as_of=as_of, **rules))

    def __repr__(self) -> str:
        return f"CustomerScorer({self.pipeline!r})"

    def _log(self, events: Any, customer: Any) -> EventLog:
        """The events as a log: of plain arrays where they are clean, else of a pandas frame."""
        columns = told_columns(events, self._names, customer)
        plain = as_plain(columns, self._names)
        if plain is not None:
            check_clock(plain, self._names["when"], self._rules["tz"])
        frame = pd.DataFrame(columns) if plain is None else plain
        return EventLog(frame, **self._parts, **self._rules)


def check_clock(events: _frames.PlainFrame, when: str, tz: str | None) -> None:
    """Refuse naive instants where the log of the fit was aware, and the other way round."""
    if (when in events.zones) is not (tz is not None):
        kinds = ("naive", "timezone-aware") if tz else ("timezone-aware", "naive")
        cure = f"Say their zone, such as 2024-05-01T10:00Z (the log's is {tz})" if tz else ""
        raise DataError(
            f"{OWNER}: the times in {when!r} are {kinds[0]}, but those of the fitted log are "
            f"{kinds[1]}. {cure or 'Give them without a zone, by the clock of the log'}."
        )


def plain_rows(table: Any) -> list[dict[str, Any]]:
    """Rows of a frame as dicts of plain Python values."""
    zones: Mapping[str, str] = {}
    if isinstance(table, _frames.PlainFrame):
        held, zones = table.columns, table.zones
    else:
        names = _frames.column_names(table, OWNER)
        held = {name: _frames.column_values(table, name, OWNER) for name in names}
    columns = [plain(values, zones.get(name)) for name, values in held.items()]
    return [dict(zip(held, row, strict=True)) for row in zip(*columns, strict=True)]


def plain(column: npt.NDArray[Any], zone: str | None = None) -> list[Any]:
    """Values with None where missing, and instants as datetimes; those of UTC in a zone."""
    values: list[Any] = column.tolist()
    if zone is not None:
        return [value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for value in values]
    if column.dtype.kind != "O":
        return [None if v != v else v for v in values]
    return [None if v is None or v != v else as_datetime(v) for v in values]


def as_datetime(value: Any) -> Any:
    """An instant of pandas as Python's own; anything else passes."""
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
