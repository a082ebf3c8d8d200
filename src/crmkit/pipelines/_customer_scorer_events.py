"""Events told as plain Python values: rows or columns in, columns out, each as the waist reads it.

What is clean becomes arrays at once. Anything else (missing values, mixed types, a column that is
not there) becomes a frame of pandas, so that `EventLog` looks at it and tells what is wrong.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.exceptions import DataError

OWNER = "CustomerScorer"
NUMBERS = ("amount", "quantity")
EPOCH, MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)
STORED = re.compile(r"[^\0\ud800-\udfff]*")  # text that every frame library holds as it is
Column = npt.NDArray[Any]
Columns = dict[str, Any]


def told_columns(events: Any, names: Mapping[str, str], customer: Any) -> Columns:
    """The named columns that there are, as lists or arrays; the customer's filled in.

    `names` maps the parts of a log to its columns; `customer` is the id of all events, or None.
    """
    columns = _rows(events, names) if _is_rows(events) else _columns(events)
    name = names["customer"]
    n_rows = len(next(iter(columns.values()))) if columns else 0
    if n_rows == 0:
        raise DataError(
            f"{OWNER}: there are no events. A customer is scored by what he bought before as_of."
        )
    if customer is not None:
        given = columns.get(name)
        others = [] if given is None else [each for each in given if each != customer]
        if others:
            raise DataError(
                f"{OWNER}: customer={customer!r}, but {len(others):,} events are of others (first "
                f"{others[0]!r}). Pass the events of one customer, or take score_many."
            )
        columns[name] = [customer] * n_rows
    if names["when"] in columns:
        columns[names["when"]] = _parsed(columns[names["when"]], names["when"])
    return columns


def _is_rows(events: Any) -> bool:
    if isinstance(events, Mapping):
        return False
    if isinstance(events, Sequence) and all(isinstance(event, Mapping) for event in events):
        return True
    raise DataError(
        f"{OWNER}: events must be a list of dicts, one an event, or a dict of columns, got "
        f"{type(events).__name__}. For a frame: pipeline.transform(EventLog(frame, ...))."
    )


def _rows(events: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Columns:
    """Columns of a list of events; what some of them lack is missing there."""
    wanted = set(names.values())
    there = dict.fromkeys(name for event in events for name in event)
    if not wanted <= there.keys():  # an error will list them all
        return {name: [event.get(name) for event in events] for name in there}
    return {name: [event.get(name) for event in events] for name in there if name in wanted}


def _columns(events: Mapping[str, Any]) -> Columns:
    columns = dict(events)
    lengths = {}
    for name, values in columns.items():
        if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
            raise DataError(
                f"{OWNER}: {name!r} must be a list or an array with a value for each event, got "
                f"{values!r}."
            )
        lengths[name] = len(values)
    if len(set(lengths.values())) > 1:
        raise DataError(f"{OWNER}: the columns must be of one length, got {lengths}.")
    return columns


def _parsed(values: Any, name: str) -> Any:
    """Instants, those that are text read by ISO 8601."""
    if isinstance(values, np.ndarray) or not any(
        issubclass(k, str) for k in set(map(type, values))
    ):
        return values
    read = []
    for row, value in enumerate(values):
        try:
            read.append(datetime.fromisoformat(value) if isinstance(value, str) else value)
        except ValueError:
            raise DataError(
                f"{OWNER}: {name!r} holds {value!r} (event {row:,}), which is no ISO 8601 date or "
                "time. Write it year first, such as '2011-10-01T08:00'."
            ) from None
    return read


def as_plain(columns: Columns, names: Mapping[str, str]) -> _frames.PlainFrame | None:
    """The events as plain arrays; None where `EventLog` should look at them."""
    if not set(names.values()) <= columns.keys():
        return None
    made: dict[str, Column] = {}
    zones: dict[str, str] = {}
    for part, name in names.items():
        values = columns[name]
        if part == "when":
            found, is_aware = instants(values)
            zones = {name: "UTC"} if is_aware else {}
        elif part in NUMBERS:
            found = numbers(values)
        else:
            found = ids(values)
        if found is None:
            return None
        made[name] = found
    return _frames.PlainFrame(made, zones)


def instants(values: Any) -> tuple[Column | None, bool]:
    """Instants as datetime64[us], and whether they are aware (then of UTC); None if unclear."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        made = values.astype("datetime64[us]")
        return (None if np.isnat(made).any() else made), False
    held = list(values)
    kinds = set(map(type, held))
    if not kinds <= {datetime, date}:
        return None, False
    if date in kinds:
        held = [v if type(v) is datetime else datetime(v.year, v.month, v.day) for v in held]
    zoned = {value.tzinfo is not None for value in held}
    if len(zoned) > 1:
        return None, False
    is_aware = True in zoned
    if is_aware:
        odd = next((value for value in held if value.year in (MINYEAR, MAXYEAR)), None)
        if odd is not None:  # by another clock it would be of a year that no datetime has
            raise DataError(f"{OWNER}: {odd.isoformat()} is no time of an event. Correct it.")
    epoch = EPOCH.replace(tzinfo=UTC) if is_aware else EPOCH
    us = np.array([(value - epoch) // MICROSECOND for value in held], dtype=np.int64)
    return us.view("datetime64[us]"), is_aware


def numbers(values: Any) -> Column | None:
    """Finite numbers as float64, else None."""
    if not isinstance(values, np.ndarray):
        if not set(map(type, values)) <= {int, float}:
            return None
    elif values.dtype.kind not in "iuf":
        return None
    made = np.array(values, dtype=np.float64)
    return made if np.isfinite(made).all() else None


def ids(values: Any) -> Column | None:
    """Ids as int64 or text of one type, else None."""
    if isinstance(values, np.ndarray):
        if values.dtype == np.int64:
            return values
        values = values.tolist()
    kinds = set(map(type, values))
    if kinds == {int}:
        fits = max(values) < 2**63 and min(values) >= -(2**63)
        return np.array(values, dtype=np.int64) if fits else None
    if kinds == {str} and all(map(STORED.fullmatch, values)):
        return np.array(values, dtype=str)
    return None
