"""The whole inspection: a frame or a log in, columns, findings and facts out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.cleaning._normal._kinds import check_kinds
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._normal._stated import stated
from crmkit.cleaning._quality._findings import Finding, Ints, by_weight, check_rule
from crmkit.cleaning._quality._judged import Judged, judged, value_findings
from crmkit.cleaning._quality._likely_duplicates import (
    LikelyDuplicates,
    likely_duplicates,
    skipped,
)
from crmkit.cleaning._quality._log_checks import amounts, many_names
from crmkit.cleaning._quality._measures import ColumnQuality, chained, column_quality
from crmkit.cleaning._quality._row_checks import (
    birth_dates,
    copies,
    dependencies,
    is_identifying,
    repeated_ids,
)
from crmkit.cleaning._quality._snapshot import Spread, dates_of, spread_of
from crmkit.cleaning._quality._time_checks import Instants, Timeliness, instants_of, timeliness
from crmkit.events import EventLog
from crmkit.events._instants import read_instant
from crmkit.exceptions import DataError

OWNER = "quality_report"


@dataclass(frozen=True)
class How:
    """Parameters of an inspection, as they were given."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    record: str | None = None
    when: str | None = None
    as_of: Any = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    date_order: str | None = None
    placeholders: Iterable[str] = ()
    decimal: str = "."
    duplicates: bool = True
    sample: int = 20_000
    random_state: int = 0

    def settings(self, owner: str = OWNER) -> NormalSettings:
        """How values are written."""
        return stated(
            owner,
            date_order=self.date_order,
            phone_region=None,
            nicknames=False,
            placeholders=self.placeholders,
            decimal=self.decimal,
        )


@dataclass(frozen=True, eq=False)
class Inspected:
    """What an inspection found."""

    n_rows: int
    columns: tuple[ColumnQuality, ...]
    findings: tuple[Finding, ...]
    time: Timeliness | None
    duplicates: LikelyDuplicates
    spreads: dict[str, Spread | None]
    dates: dict[str, Spread | None]
    library: dict[str, Any]
    ids: Any = None
    is_log: bool = False
    instants: Instants | None = None


def inspect(data: Any, how: How) -> Inspected:
    """Look at all of a frame or of a log."""
    log = data if isinstance(data, EventLog) else None
    frame = _frames.held(log.data if log is not None else data, OWNER)
    names = _frames.column_names(frame, OWNER)
    check_how(how, names)
    record = [] if how.record is None else [how.record]
    told = _frames.id_types(log.data if log is not None else data, record, OWNER)
    raw = _frames.coded_columns(frame, names, OWNER)
    kinds = log_kinds(log) | dict(how.kinds)
    columns = judged(raw, kinds, how.rules, how.settings())
    when = log.when if log is not None else how.when
    as_of = as_of_day(how.as_of)
    time, late = _time(columns, when, as_of, is_log=log is not None)
    ids = (log.customer,) if log is not None else (how.record,)
    findings = chained(
        [
            *(value_findings(column, is_id=column.name in ids) for column in columns),
            _of_log(columns, log) if log is not None else _of_records(columns, how, as_of),
            dependencies(columns),
            late,
        ]
    )
    measured = tuple(
        column_quality(
            column,
            findings,
            time,
            should_differ=log is None and (column.name == how.record or is_identifying(column)),
            is_stated=column.name in kinds,
        )
        for column in columns
    )
    return Inspected(
        len(raw[0].codes) if raw else 0,
        measured,
        tuple(by_weight(findings)),
        time,
        _duplicates(frame, columns, log, how),
        {column.name: spread_of(column, _persons(columns, log, how)) for column in columns},
        {column.name: dates_of(column) for column in columns},
        told,
        _record_values(columns, how.record),
        log is not None,
        next((instants_of(column) for column in columns if column.name == when), None),
    )


def check_how(how: How, names: list[str]) -> None:
    """Refuse wrong parameters and columns that are not there."""
    check_kinds(how.kinds, names, OWNER)
    for parameter in ("record", "when"):
        name = getattr(how, parameter)
        if name is not None and name not in names:
            raise DataError.missing_column(OWNER, name, names, parameter)
    for name, rule in how.rules.items():
        if name not in names:
            raise DataError.missing_column(OWNER, name, names)
        check_rule(name, rule, OWNER)
    check_whole(how.sample, "sample", OWNER, low=2)
    check_whole(how.random_state, "random_state", OWNER, low=0)


def log_kinds(log: EventLog | None) -> dict[str, str]:
    """Kinds of the columns that a log names."""
    if log is None:
        return {}
    parts = {
        "customer": "id", "when": "date", "amount": "number", "quantity": "number",
        "order": "id", "item": "id",
    }  # fmt: skip
    return {name: parts[part] for part, name in log.columns.named().items()}


def as_of_day(as_of: Any) -> "np.datetime64 | None":
    """Day of an instant from which on nothing is known."""
    if as_of is None:
        return None
    instant = read_instant(as_of, "as_of", OWNER)
    return np.datetime64(datetime(instant.year, instant.month, instant.day), "D")


def _of_log(columns: list[Judged], log: EventLog) -> list[Finding]:
    by_name = {column.name: column for column in columns}
    instants = instants_of(by_name[log.when]).values
    has_clock = bool((instants != instants.astype("datetime64[D]")).any())
    made = copies(columns, None, alike=False, apart=log.order is not None or has_clock)
    if log.amount is not None:
        quantity = None if log.quantity is None else by_name[log.quantity]
        made += amounts(by_name[log.amount], quantity)
    return made + many_names(by_name[log.customer], columns)


def _of_records(columns: list[Judged], how: How, as_of: "np.datetime64 | None") -> list[Finding]:
    made = copies(columns, how.record)
    for column in columns:
        made += repeated_ids(column, is_record=column.name == how.record)
    return made + birth_dates(columns, as_of)


def _time(
    columns: list[Judged], when: str | None, as_of: "np.datetime64 | None", *, is_log: bool
) -> tuple[Timeliness | None, list[Finding]]:
    if when is None:
        return None, []
    dated = next(column for column in columns if column.name == when)
    return timeliness(dated, as_of, may_be_old=is_log)


def _duplicates(
    frame: Any, columns: list[Judged], log: EventLog | None, how: How
) -> LikelyDuplicates:
    if log is not None:
        return skipped("since rows of a log are purchases, not people")
    if not how.duplicates:
        return skipped("since duplicates=False")
    free = [column for column in columns if column.name != how.record]
    return likely_duplicates(frame, free, int(how.sample), int(how.random_state))


def _persons(columns: list[Judged], log: EventLog | None, how: How) -> Ints | None:
    """Customer or record of each row, negative where it has none; None where rows are persons."""
    name = how.record if log is None else log.customer
    if name is None:
        return None
    return next(column for column in columns if column.name == name).raw.codes


def _record_values(columns: list[Judged], record: str | None) -> Any:
    """Ids of the rows as text or numbers, to name rows by; None without a column of ids."""
    if record is None:
        return None
    raw = next(column for column in columns if column.name == record).raw
    values = np.empty(len(raw.values) + 1, dtype=object)
    values[:-1] = raw.values
    return values[raw.codes]
