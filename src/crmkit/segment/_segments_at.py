"""Which segment every customer of a log is in at some dates, under rules that stay as they are."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._units import in_days
from crmkit.events import EventLog
from crmkit.events._customers_at import CustomersAt, read_customers_at
from crmkit.exceptions import DataError

NEW, LOST = "(new)", "(lost)"
"""States beside the segments: not yet a customer, and silent for too long."""

AGES = ("recency", "T")
"""Columns of customers that are counted in the unit of the frame."""

Codes = npt.NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class SegmentsAt:
    """The segment of every customer at some dates.

    `codes` has a row for each buyer and a column for each date: 0 is not yet a customer, k is
    the k-th of `segments`, one more than there are segments is lost by rule. `segmenter` is the
    fitted one, `lost_after` in days, `ids` ascending; `told` says the library and type of the ids.
    """

    dates: tuple[datetime, ...]
    segments: tuple[str, ...]
    codes: Codes
    ids: npt.NDArray[Any]
    customer: str
    told: dict[str, Any]
    lost_after: float | None
    segmenter: Any


def read_segments_at(
    segmenter: Any, log: EventLog, dates: Sequence[Any], lost_after: Any, owner: str
) -> SegmentsAt:
    """Name everybody at every date: a segmenter, a log and ascending dates in, codes out."""
    for_log = reads_logs(segmenter, owner)
    days = None if lost_after is None else in_days(lost_after, owner, "lost_after")
    at = read_customers_at(log, dates, owner)
    if any(later < earlier for earlier, later in zip(at.days, at.days[1:], strict=False)):
        raise DataError(f"{owner}: dates must ascend, got {[str(d.date()) for d in at.dates]}.")
    ids = _frames.id_values(at.ledger.ids, repr(log.customer), owner)
    fitted = fitted_at_first(segmenter, at, for_log)
    check_ages(fitted, owner)
    segments = segment_names(fitted, owner)
    codes = np.zeros((len(at.dates), len(ids)), dtype=np.int16)
    for i in range(len(at.dates)):
        if i and at.days[i] == at.days[i - 1]:
            codes[i] = codes[i - 1]
            continue
        places = at.moment(i).places
        read = positions_by_log if for_log else positions_by_customers
        codes[i, places] = read(fitted, at, i, ids, segments, owner) + 1
        if days is not None:
            codes[i, places[at.moment(i).since > days]] = len(segments) + 1
    told = _frames.id_types(log.data, [log.customer], owner)
    some = codes.any(axis=0)  # others only brought something back
    return SegmentsAt(
        at.dates, segments, codes[:, some].T, ids[some], log.customer, told, days, fitted
    )


def reads_logs(segmenter: Any, owner: str) -> bool:
    """Whether a segmenter reads an event log (and a date) itself; refuses what is none."""
    for_log = "as_of" in _parameters(getattr(segmenter, "predict_frame", None))
    if isinstance(segmenter, type) or not (for_log or hasattr(segmenter, "predict")):
        raise DataError(
            f"{owner}: segmenter must be a segmenter of customers, such as RFMSegmenter(), or of "
            f"logs with predict_frame(log, as_of=), got {segmenter!r}."
        )
    return for_log


def _parameters(method: Any) -> list[str]:
    return [] if method is None else list(inspect.signature(method).parameters)


def fitted_at_first(segmenter: Any, at: CustomersAt, for_log: bool) -> Any:
    """A fitted segmenter as it is; a clone of any other, fitted at the first date."""
    try:
        check_is_fitted(segmenter)
        return segmenter
    except NotFittedError:
        made = clone(segmenter)
    return made.fit(at.log, as_of=at.dates[0]) if for_log else made.fit(at.frame(0))


def check_ages(segmenter: Any, owner: str) -> None:
    """Refuse a segmenter that learnt from ages in another unit than days."""
    read = [name for name in AGES if name in getattr(segmenter, "feature_names_in_", ())]
    unit = getattr(segmenter, "unit_", None)
    if read and unit not in (None, "D"):
        raise DataError(
            f"{owner}: the segmenter learnt {' and '.join(read)} in {unit!r}, customers at a date "
            "have them in days. Fit it to crmkit.summarize(log, unit='D'), or give one that is not "
            "fitted."
        )


def segment_names(segmenter: Any, owner: str) -> tuple[str, ...]:
    """Names of the segments in the order of the segmenter."""
    for name in ("segments_", "tiers_", "stages_"):
        if hasattr(segmenter, name):
            names = tuple(str(s) for s in getattr(segmenter, name))
            taken = [s for s in (NEW, LOST) if s in names]
            if taken:
                raise DataError(
                    f"{owner}: a segment is called {taken[0]!r}, as is a state. Rename it."
                )
            return names
    raise DataError(
        f"{owner}: {type(segmenter).__name__} does not name its segments in segments_ after fit."
    )


def positions_by_customers(
    segmenter: Any,
    at: CustomersAt,
    i: int,
    _ids: npt.NDArray[Any],
    segments: tuple[str, ...],
    owner: str,
) -> npt.NDArray[Any]:
    """Position of the segment of each customer who has bought before date i."""
    read = set(getattr(segmenter, "feature_names_in_", ()))
    frame = at.frame(i, read if read and read <= set(at.names()) else None)
    if hasattr(segmenter, "_positions"):
        found: npt.NDArray[Any] = segmenter._positions(frame)
        return found
    return positions_of(segmenter.predict(frame), segments, owner)


def positions_by_log(
    segmenter: Any,
    at: CustomersAt,
    i: int,
    ids: npt.NDArray[Any],
    segments: tuple[str, ...],
    owner: str,
) -> npt.NDArray[Any]:
    """Position of the segment, told by a segmenter that reads the log itself."""
    if hasattr(segmenter, "_positions_at"):
        told: npt.NDArray[Any] = segmenter._positions_at(at, i)
        return told
    frame = _frames.to_eager(segmenter.predict_frame(at.log, as_of=at.dates[i]))
    names = _frames.column_names(frame, owner)
    column = next((n for n in ("segment", "stage", "tier") if n in names), names[-1])
    named = _frames.id_column(frame, names[0], owner)
    asked = ids[at.moment(i).places]
    order = np.argsort(named, kind="stable")
    if not np.array_equal(named[order], asked):
        raise DataError(
            f"{owner}: {type(segmenter).__name__} names {len(named):,} customers at "
            f"{at.dates[i]:%Y-%m-%d}, {len(asked):,} have bought before it. A segmenter must name "
            "each of them once, and nobody else."
        )
    given = _frames.column_values(frame, column, owner)
    return positions_of(given[order], segments, owner)


def positions_of(
    names: npt.NDArray[Any], segments: tuple[str, ...], owner: str
) -> npt.NDArray[Any]:
    """Position of each name among the segments."""
    import pandas as pd  # counts text by hashing; here, so that segment loads without it

    codes, found = pd.factorize(np.asarray(names, dtype=object))
    strange = [name for name in found if str(name) not in segments]
    if strange or (codes < 0).any():
        raise DataError(
            f"{owner}: the segmenter says {strange[:3] or 'nothing'} for some customers, its "
            f"segments are {list(segments)}."
        )
    places = np.array([segments.index(str(name)) for name in found], dtype=np.int64)
    taken: npt.NDArray[Any] = places[codes]
    return taken
