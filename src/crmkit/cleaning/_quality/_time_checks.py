"""How old a list is, and the days on which nothing came.

A day without a row is told where the same days of the weeks around it have so many that none is no
accident: a shop that is closed on Sundays lacks no Sundays.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._quality._findings import CHECKS, Finding, found
from crmkit.cleaning._quality._judged import Judged

YEAR = np.timedelta64(365, "D")
SLIPS = 0.01  # most dates, of all, that are taken for slips
USUAL = 0.9  # share of the same days of the week that have rows
FEWEST_WEEKS = 4  # of the span of the dates, before days of the week are told
WEEKS = 4  # before and after a day that tell how many rows it ought to have
MOST_DAYS = 200_000  # of a span whose days are counted

Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Timeliness:
    """Age of the records by one column of dates, as of an instant.

    `n_old` of `n_dated` records are more than a year old at `as_of`, `n_ahead` are not before it.
    `longest_gap` is the largest number of days from one day with records to the next, less one.
    """

    column: str
    as_of: str
    newest: str
    oldest: str
    age: int
    n_dated: int
    n_old: int
    n_ahead: int
    n_days: int
    n_days_without: int
    longest_gap: int


class Instants(NamedTuple):
    """Different instants of a column in order, in UTC where they are of a time zone."""

    values: "npt.NDArray[np.datetime64]"
    has_zone: bool

    def newest_before(self, as_of: datetime) -> datetime | None:
        """Latest one before an instant, in UTC without saying so; None where there is none."""
        end = as_of if as_of.tzinfo is None else as_of.astimezone(UTC)
        before = self.values[self.values < np.datetime64(end.replace(tzinfo=None), "us")]
        return before[-1].item() if len(before) else None


def instants_of(column: Judged) -> Instants:
    """Instants of a column that are there; dates count from midnight."""
    values = column.raw.values
    if not values or not all(isinstance(value, datetime) for value in values):
        days = column.days[~np.isnat(column.days)]
        return Instants(np.unique(days).astype("datetime64[us]"), has_zone=False)
    some = [v for v, there in zip(values, column.flags.there.tolist(), strict=True) if there]
    has_zone = values[0].tzinfo is not None
    if has_zone:
        some = [value.astimezone(UTC).replace(tzinfo=None) for value in some]
    return Instants(np.unique(np.array(some, dtype="datetime64[us]")), has_zone)


def timeliness(
    column: Judged, as_of: "np.datetime64 | None", *, may_be_old: bool = False
) -> tuple[Timeliness | None, list[Finding]]:
    """Age of records, and what is wrong with their dates; None where there are no dates.

    Records that `may_be_old`, events, are counted by age and not found fault with.
    """
    days = column.days
    known = ~np.isnat(days)
    if not known.any():
        return None, []
    newest = days[known].max()
    end = _day_after(days[known]) if as_of is None else as_of
    old, ahead = known & (days < end - YEAR), known & (days >= end)
    n = int(known.sum())
    made = [
        found(check, column.name, np.flatnonzero(flags), n, str(days[flags].min()))
        for check, flags in (("old", old), ("ahead", ahead))
        if flags.any() and not (may_be_old and check == "old")
    ]
    span, without = missing_days(days[known & ~ahead])
    if without.size:
        shown = ", ".join(str(day) for day in without[:3])
        what = f"{CHECKS['days without'].what}, though its weekday has many in the weeks around"
        made.append(
            Finding(
                "days without", column.name, _no_rows(), len(without), span, what, shown, "days"
            )
        )
    gaps = np.diff(np.unique(days[known & ~ahead])).astype(np.int64) - 1
    facts = Timeliness(
        column.name, str(end), str(newest), str(days[known].min()),
        int((end - np.timedelta64(1, "D") - newest).astype(np.int64)),
        n, int(old.sum()), int(ahead.sum()), span, len(without), int(gaps.max(initial=0)),
    )  # fmt: skip
    return facts, made


def _day_after(days: Days) -> np.datetime64:
    """The day after the newest date, slips aside.

    A slip is at most one of a hundred dates, or the only one, that lie after all others by more
    than five years and than the span of the others.
    """
    distinct, counts = np.unique(days, return_counts=True)
    above = len(days) - np.cumsum(counts)[:-1]
    gap, span = np.diff(distinct), distinct[:-1] - distinct[0]
    few = (above <= max(1, SLIPS * len(days))) & (2 * above <= len(days) - above)
    cuts = np.flatnonzero(few & (gap > np.maximum(span, 5 * YEAR)))
    newest = distinct[cuts[0]] if len(cuts) else distinct[-1]
    return np.datetime64(newest + np.timedelta64(1, "D"), "D")


def missing_days(days: Days) -> tuple[int, Days]:
    """Days of the span of some dates, and those that have none though they ought to.

    A day is expected to have as many as the same day of the week had on average in the four weeks
    before and after. It is told where so many would all fail to come by chance in less than one
    span of a hundred, and where days of the week of its kind mostly have some.
    """
    none = days[:0]
    if not len(days):
        return 0, none
    first = days.min()
    place = (days - first).astype(np.int64)
    span = int(place.max()) + 1
    if span < 7 * FEWEST_WEEKS or span > MOST_DAYS:
        return span, none
    counts = np.bincount(place, minlength=span)
    weekday = np.arange(span) % 7
    usual = np.bincount(weekday, counts > 0, minlength=7) / np.bincount(weekday, minlength=7)
    near = np.zeros(span)
    n_near = np.zeros(span)
    for week in (w * 7 for w in range(-WEEKS, WEEKS + 1) if w):
        other = np.arange(span) + week
        inside = (other >= 0) & (other < span)
        near[inside] += counts[other[inside]]
        n_near += inside
    expected = near / np.maximum(n_near, 1)
    rare = expected > np.log(100.0 * span)
    gone = np.flatnonzero((counts == 0) & rare & (usual[weekday] >= USUAL))
    return span, first + gone.astype("timedelta64[D]")


def _no_rows() -> "npt.NDArray[np.int64]":
    return np.empty(0, dtype=np.int64)
