"""The events that a night starts from: those that are kept and those that came."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from crmkit import _frames
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.pipelines._churn_plan import days_in
from crmkit.pipelines._daily_state import added, is_empty, kept_events, since
from crmkit.pipelines._daily_watch import Days, days_of

OWNER = "DailyScoring"
LONGEST_GAP = 31  # days since the last night that are looked at one by one
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Taken:
    """All events that are known, the night's cut-off, and how many events came.

    `table` is what is to be written, None where nothing is. `begin` and `end` are the local days
    that are new since the night before, `last_night` the date of that night.
    """

    log: EventLog
    table: Any
    cutoff: datetime
    days: Days
    begin: int
    last_night: date | None
    counts: dict[str, int]

    @property
    def day(self) -> date:
        """Local day that the night begins."""
        return self.cutoff.date()

    @property
    def end(self) -> int:
        """The same as days since 1970."""
        return (self.day - EPOCH).days

    def text(self) -> str:
        """How many events came, in words."""
        counts = self.counts
        if "new" not in counts:
            return f"Read {counts['known']:,} events."
        late = f", {counts['late']:,} of them late" if counts["late"] else ""
        again = f"; {counts['repeated']:,} were known" if counts["repeated"] else ""
        return f"Took in {counts['new']:,} events{late}{again}. {counts['known']:,} are known."


def take_in(
    folder: Path | None, log: EventLog, as_of: Any, nights: dict[str, Any], keep: Any
) -> Taken:
    """Add the events of a log to those of the folder, checked before anything is written."""
    kept = None if folder is None else kept_events(folder)
    nothing = kept is not None and is_empty(log)
    n_rows = 0 if nothing else log.facts.n_rows  # refuses what cannot be used
    if folder is None:
        return of_night(log, None, as_of, nights, {"known": n_rows})
    table, is_new = added(kept, log)
    whole = replace(log, data=_frames.from_arrow(table, log.data, OWNER))
    cutoff = whole.cutoff(as_of, OWNER)
    day = np.empty(0) if nothing else _frames.local_days(log.data, log.when, log.tz, OWNER)
    is_young = np.ones(len(day), dtype=bool)
    if keep is not None:
        first = (cutoff.date() - EPOCH).days - days_in(keep, "keep", OWNER)
        table, is_young = since(table, log, first), ~(day < first)
        if not table.num_rows:
            raise DataError(
                f"{OWNER}: keep={keep!r} leaves no event before {cutoff:%Y-%m-%d}. Keep them for "
                "longer."
            )
        whole = replace(log, data=_frames.from_arrow(table, log.data, OWNER))
    counts = {"known": len(table), "new": int((is_new & is_young).sum())}
    counts["repeated"] = int((~is_new & is_young).sum())
    before = last_of(nights, cutoff.date())
    is_late = np.zeros(len(day), dtype=bool) if before is None else day < (before - EPOCH).days
    counts["late"] = int((is_new & is_young & is_late).sum())
    same = kept is not None and not counts["new"] and len(table) == len(kept)
    return of_night(whole, None if same else table, as_of, nights, counts)


def of_night(
    log: EventLog, table: Any, as_of: Any, nights: dict[str, Any], counts: dict[str, int]
) -> Taken:
    """The log of a night, and which days are new in it."""
    cutoff = log.cutoff(as_of, OWNER)
    end = (cutoff.date() - EPOCH).days
    before = last_of(nights, cutoff.date())
    begin = end - 1 if before is None else (before - EPOCH).days
    days = days_of(log, end)
    return Taken(log, table, cutoff, days, max(begin, end - LONGEST_GAP), before, counts)


def last_of(nights: dict[str, Any], day: date) -> date | None:
    """The last night before a day."""
    former = [each for each in nights if each < day.isoformat()]
    return date.fromisoformat(max(former)) if former else None
