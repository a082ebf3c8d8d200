"""The folder of DailyScoring: model, events and nights, each replaced whole or not at all.

`model.crmkit` is written by `crmkit.io.save`, `events.parquet` and `nights.json` beside their place
and then moved there. They are written in the order events, model, nights: whoever stops in between
leaves what the next run of the same night takes up, because events are added once only, a model of
tonight is not fitted again, and a night is known by its date.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames, _optional
from crmkit.events import EventLog
from crmkit.exceptions import DataError

OWNER = "DailyScoring"
MODEL, EVENTS, NIGHTS = "model.crmkit", "events.parquet", "nights.json"
COLUMNS, NIGHT = "columns", "nights"


def opened(folder: Any) -> Path:
    """The folder, made where it is not there."""
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path


def kept_events(folder: Path) -> Any:
    """Events of the folder as a pyarrow table; None before the first night."""
    path = folder / EVENTS
    if not path.exists():
        return None
    parquet = _optional.require("pyarrow.parquet", extra="service", purpose="DailyScoring(folder)")
    return parquet.read_table(path)


def write_events(folder: Path, table: Any) -> None:
    """Replace the events of the folder."""
    parquet = _optional.require("pyarrow.parquet", extra="service", purpose="DailyScoring(folder)")
    replace_file(folder / EVENTS, lambda path: parquet.write_table(table, path))


def kept_nights(folder: Path) -> dict[str, Any]:
    """Nights of the folder by their date."""
    path = folder / NIGHTS
    if not path.exists():
        return {}
    try:
        nights: dict[str, Any] = json.loads(path.read_text("utf-8"))[NIGHT]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{OWNER}: {str(path)!r} cannot be read ({error}). Put it back from a copy, or remove "
            "it: the watch then begins anew."
        ) from error
    return nights


def write_nights(folder: Path, nights: dict[str, Any]) -> None:
    """Replace the nights of the folder."""
    told = json.dumps({NIGHT: nights}, indent=1, ensure_ascii=False, sort_keys=True)
    replace_file(folder / NIGHTS, lambda path: path.write_text(told, "utf-8"))


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        write(Path(name))
        with open(name, "rb") as file:
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def used_columns(log: EventLog) -> list[str]:
    """Columns of a log that are kept."""
    return list(dict.fromkeys(log.columns.named().values()))


def added(kept: Any, log: EventLog) -> tuple[Any, npt.NDArray[np.bool_]]:
    """Kept events and those of a log as one table, and which of the log's rows were new.

    A row that was given before in all its columns is known, however often and in whatever order it
    comes again; a row that one log holds twice is two events.
    """
    pa = _optional.require("pyarrow", extra="service", purpose="DailyScoring(folder)")
    table = _frames.to_arrow(log.data, used_columns(log), OWNER)
    if kept is None:
        return table, np.ones(table.num_rows, dtype=bool)
    if kept.column_names != table.column_names:
        raise DataError(
            f"{OWNER}: the events of the folder have the columns {kept.column_names}, these have "
            f"{table.column_names}. Name the same columns in EventLog, or begin a new folder."
        )
    try:
        table = table.cast(kept.schema)
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{OWNER}: the events do not fit those of the folder: {error}. Give the columns the "
            f"types that they have there: {dict(zip(kept.column_names, kept.schema.types))}."  # noqa: B905
        ) from error
    is_new = ~np.isin(numbered(table), numbered(kept))
    return pa.concat_tables([kept, table.filter(pa.array(is_new))]), is_new


def numbered(table: Any) -> npt.NDArray[np.uint64]:
    """A number for each row that equal rows share, but for the first, second ... of them."""
    key = pd.util.hash_pandas_object(table.to_pandas(), index=False)
    place = key.groupby(key).cumcount()
    both = pd.DataFrame({"key": key, "place": place})
    return np.asarray(pd.util.hash_pandas_object(both, index=False), dtype=np.uint64)


def since(table: Any, log: EventLog, first_day: int) -> Any:
    """The events from a local day on."""
    pa = _optional.require("pyarrow", extra="service", purpose="DailyScoring(folder)")
    day = _frames.local_days(table.select([log.when]), log.when, log.tz, OWNER)
    return table.filter(pa.array(~(day < first_day)))
