"""The folder of DailyScoring: model, events and nights, each replaced whole or not at all.

Each file is written beside its place and then moved there, in the order events, model, nights:
whoever stops in between leaves what the next run of the same night takes up, because events are
added once only, a model of tonight is not fitted again, and a night is known by its date.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone

from crmkit import _frames, _optional
from crmkit import io as model_files
from crmkit._model_file import sweep, write_whole
from crmkit.events import EventLog
from crmkit.exceptions import DataError

OWNER = "DailyScoring"
MODEL, EVENTS, NIGHTS = "model.crmkit", "events.parquet", "nights.json"
NIGHT = "nights"
LEARNT = ("pipeline_", "monitor_", "shares_", "settings_", "fitted_as_of_")


def opened(folder: Any) -> Path | None:
    """The folder, made where it is not there; None where none is asked for."""
    if folder is None:
        return None
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise DataError(
            f"{OWNER}: folder={str(folder)!r} is a file, or in one ({error}). Name a folder."
        ) from error
    return path


def sweep_up(folder: Path) -> None:
    """Remove what killed runs left beside the files; for who holds the folder alone."""
    for name in (MODEL, EVENTS, NIGHTS):
        sweep(folder / name, age=0.0)


def take_up(job: Any, folder: Path | None) -> None:
    """Give a job the nights and the model of the folder; without one it goes on with its own."""
    if folder is None:
        job.nights_ = getattr(job, "nights_", {})
        return
    sweep_up(folder)
    job.nights_ = kept_nights(folder)
    if (folder / MODEL).exists():
        kept = kept_model(folder, type(job))
        for name in LEARNT:
            setattr(job, name, getattr(kept, name))
        asked = getattr(job.pipeline, "verbose", 0)
        job.pipeline_.set_params(verbose=max(asked, job.verbose))


def write(job: Any, folder: Path | None, table: Any, refitted: bool) -> None:
    """Keep the state of a night: events, where there are new ones, model and nights."""
    if folder is None:
        return
    if table is not None:
        write_events(folder, table)
    if refitted or not (folder / MODEL).exists():
        bare = clone(job).set_params(folder=None)
        for name in LEARNT:
            setattr(bare, name, getattr(job, name))
        write_model(folder, bare)
    write_nights(folder, job.nights_)


def kept_model(folder: Path, kind: type) -> Any:
    """The model of the folder, which must be of a kind."""
    kept = model_files.load(folder / MODEL)
    if not isinstance(kept, kind):
        raise DataError(
            f"{OWNER}: {str(folder / MODEL)!r} is a {type(kept).__name__}, no state of "
            f"{kind.__name__}. Take an empty folder."
        )
    return kept


def write_model(folder: Path, model: Any) -> None:
    """Replace the model of the folder."""
    model_files.save(model, folder / MODEL, customers=True, note=OWNER)


def kept_events(folder: Path) -> Any:
    """Events of the folder as a pyarrow table; None before the first night."""
    path = folder / EVENTS
    if not path.exists():
        return None
    arrow = _optional.require("pyarrow", extra="service", purpose="DailyScoring(folder)")
    parquet = _optional.require("pyarrow.parquet", extra="service", purpose="DailyScoring(folder)")
    try:
        return parquet.read_table(path)
    except (arrow.ArrowException, OSError) as error:
        raise DataError(
            f"{OWNER}: {str(path)!r} cannot be read ({error}). Put it back from a copy, or remove "
            "it and give all events once more."
        ) from error


def write_events(folder: Path, table: Any) -> None:
    """Replace the events of the folder."""
    parquet = _optional.require("pyarrow.parquet", extra="service", purpose="DailyScoring(folder)")
    write_whole(folder / EVENTS, lambda file: parquet.write_table(table, file), is_private=True)


def kept_nights(folder: Path) -> dict[str, Any]:
    """Nights of the folder by their date."""
    path = folder / NIGHTS
    if not path.exists():
        return {}
    try:
        nights: dict[str, Any] = json.loads(path.read_text("utf-8"))[NIGHT]
        for night in nights.values():
            dict(night["shares"], of=night["fitted_as_of"])
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{OWNER}: {str(path)!r} cannot be read ({type(error).__name__}: {error}). Put it back "
            "from a copy, or remove it: the watch then begins anew."
        ) from error
    return nights


def write_nights(folder: Path, nights: dict[str, Any]) -> None:
    """Replace the nights of the folder."""
    told = json.dumps({NIGHT: nights}, indent=1, ensure_ascii=False, sort_keys=True)
    write_whole(folder / NIGHTS, lambda file: file.write(told.encode("utf-8")), is_private=True)


def used_columns(log: EventLog) -> list[str]:
    """Columns of a log that are kept."""
    return list(dict.fromkeys(log.columns.named().values()))


def is_empty(log: EventLog) -> bool:
    """Whether a log has no row at all: a night on which nothing came."""
    return len(_frames.missing_values(log.data, log.customer, OWNER)) == 0


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
    kept, table = alike(kept, table)
    is_new = ~np.isin(numbered(table), numbered(kept))
    return pa.concat_tables([kept, table.filter(pa.array(is_new))]), is_new


def alike(kept: Any, table: Any) -> tuple[Any, Any]:
    """Two tables with the types of the kept one; where it is too narrow for the other, with wider.

    The amounts of the first night may have been whole numbers, for example.
    """
    pa = _optional.require("pyarrow", extra="service", purpose="DailyScoring(folder)")
    if table.num_rows == 0:  # and no type that says anything
        return kept, kept.slice(0, 0)
    try:
        return kept, table.cast(kept.schema)
    except pa.ArrowException as error:
        try:
            both = [kept.schema, table.schema]
            wide = pa.unify_schemas(both, promote_options="permissive")
            return kept.cast(wide), table.cast(wide)
        except pa.ArrowException:
            types = dict(zip(kept.column_names, map(str, kept.schema.types), strict=True))
            raise DataError(
                f"{OWNER}: the events do not fit those of the folder: {error}. Give the columns "
                f"the types that they have there: {types}."
            ) from error


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
