"""What is unlike the past nights: volumes of events, shares of kinds of customers, churn scores."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.churn._drift import index_noise, merged, stability_index
from crmkit.events import EventLog

OWNER = "DailyScoring"
KINDS = ("segment", "stage", "tier")
CHANCE = 0.001  # of an index of shares by chance
FEWEST, SAME_WEEKDAYS = 7, 6  # days that tell what is usual; of the same weekday if so many
SPREADS, FACTOR, POINTS = 4.0, 1.5, 0.1  # how far, and how much at least, is unusual
FLOOR = 0.05  # relative spread that days have at the least
FLUKE = 1e-5  # chance of a share of one day that is no alarm
SINCE_FIT = 2.5  # a shift since the fit counts from so many times the limit of one night

MEAN = "mean amount"
SHARES = {
    "share of new customers": "customers",
    "share of returns": "events",
    "share of unknown items": "events",
}  # and what they are shares of
NEW, RETURNED, UNKNOWN = SHARES
TABLE = ("what", "day", "usual", "now", "limit", "alarm")

Row = tuple[str, str, float, float, float, bool]


@dataclass(frozen=True, eq=False)
class Days:
    """Numbers of each local day, from the first to the last before the cut-off."""

    first: int
    numbers: Mapping[str, Floats]


def days_of(log: EventLog, end: int) -> Days:
    """Numbers of each day of a log before the local day `end`."""
    named = {name: getattr(log, name) for name in ("when", "amount", "item")}
    used = [name for name in dict.fromkeys(named.values()) if name is not None]
    table = _frames.rows_with(log.data, log.customer, used, OWNER)
    day = _frames.local_days(table, log.when, log.tz, OWNER)
    known = day < end
    if not known.any():  # all of it happened since the last midnight
        return Days(end, {"events": np.empty(0)})
    first, n = int(day[known].min()), end - int(day[known].min())
    place = (day[known] - first).astype(np.int64)
    customer = _frames.id_codes(table, log.customer, OWNER)[0][known]
    lines = np.bincount(place, minlength=n).astype(np.float64)
    pairs = np.unique(np.stack([place, customer]), axis=1)[0]
    made = {"events": lines, "customers": np.bincount(pairs, minlength=n).astype(np.float64)}
    made[NEW] = new_share(place, customer, n, made["customers"])
    if log.amount is not None:
        amount = np.asarray(_frames.column_values(table, log.amount, OWNER), dtype=np.float64)
        bought = amount[known] >= 0
        total = np.bincount(place[bought], weights=amount[known][bought], minlength=n)
        made[MEAN] = over(total, np.bincount(place[bought], minlength=n))
        made[RETURNED] = over(np.bincount(place[~bought], minlength=n), lines)
    if log.item is not None:
        made[UNKNOWN] = unknown_share(table, log.item, place, known, n, lines)
    return Days(first, made)


def unknown_share(
    table: Any, item: str, place: npt.NDArray[np.int64], known: Any, n: int, lines: Floats
) -> Floats:
    """Share of the lines of each day whose item was never sold before it; a missing one is."""
    missing = _frames.missing_values(table, item, OWNER)
    code = np.full(len(missing), -1)
    code[~missing] = _frames.id_codes(_frames.drop_rows(table, missing, OWNER), item, OWNER)[0]
    code = code[known]
    there = code >= 0
    first = np.full(int(code.max(initial=-1)) + 1, n)
    np.minimum.at(first, code[there], place[there])
    unknown = ~there
    unknown[there] = first[code[there]] == place[there]
    return over(np.bincount(place[unknown], minlength=n), lines)


def new_share(
    place: npt.NDArray[np.int64], customer: npt.NDArray[Any], n: int, customers: Floats
) -> Floats:
    """Share of the customers of each day who were never there before it."""
    first = np.full(int(customer.max()) + 1, n)
    np.minimum.at(first, customer, place)
    return over(np.bincount(first[first < n], minlength=n), customers)


def over(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Floats:
    """Share of each day; NaN where nothing happened."""
    share: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return share


def unusual_days(days: Days, begin: int, end: int, length: int) -> Iterator[Row]:
    """Compare each local day from `begin` to before `end` with the days before `begin`.

    What is usual is told by the same weekday where there are enough of it, and how much days
    differ by all of them, each beside its own weekday.
    """
    past = np.arange(max(begin - length, days.first), begin)
    for day in range(max(begin, days.first), end):
        alike = past[(past - day) % 7 == 0]
        weekly = len(alike) >= SAME_WEEKDAYS
        if not weekly and len(past) < FEWEST:
            continue
        at, before, usual = (each - days.first for each in (day, past, alike if weekly else past))
        weekday = past % 7 * weekly
        for name, numbers in days.numbers.items():
            if np.isnan(numbers[at]) or np.isnan(numbers[usual]).all():
                continue
            size = days.numbers[SHARES.get(name, "events")]
            differ = spread(scaled(name, numbers[before]), weekday)
            now, sizes = float(numbers[at]), (size[usual], float(size[at]))
            middle, limit, alarm = judged(name, now, numbers[usual], sizes, differ)
            yield name, str(np.datetime64(day, "D")), middle, now, limit, alarm


def scaled(name: str, values: Floats) -> Floats:
    """Numbers on the scale that they differ on: logs, but shares as they are."""
    if name in SHARES:
        return values
    logs: Floats = np.log(np.maximum(values, 1e-9)) if name == MEAN else np.log1p(values)
    return logs


def judged(
    name: str, now: float, usual: Floats, sizes: tuple[Floats, float], differ: float
) -> tuple[float, float, bool]:
    """What is usual, the limit (a factor, or points of a share), and whether a day is beyond it.

    `sizes` are the lines, or the customers, of the usual days and of this one; `differ` is how much
    days differ on their scale.
    """
    if name in SHARES:
        middle, chance = share_by_chance(usual, *sizes, is_more=bool(now > np.nanmean(usual)))
        limit = max(SPREADS * differ, POINTS, chance)
        return middle, limit, bool(abs(now - middle) > limit)
    middle, lines = float(np.nanmedian(usual)), float(np.median(sizes[0]))
    if name == MEAN:  # few lines differ more
        differ *= float(np.sqrt(max(lines / sizes[1], 1.0)))
    noise = float(np.sqrt(1.0 / max(sizes[1] if name == MEAN else middle, 1.0)))
    limit = max(SPREADS * max(differ, FLOOR, noise), float(np.log(FACTOR)))
    here, centre = (float(scaled(name, np.array([each]))[0]) for each in (now, middle))
    return middle, float(np.exp(limit)), bool(abs(here - centre) > limit)


def share_by_chance(
    usual: Floats, sizes: Floats, size: float, *, is_more: bool
) -> tuple[float, float]:
    """The usual share, no day counting more than the middle one, and what chance adds or takes.

    Chance is binomial, at the bound of a share that so few days leave open.
    """
    there = ~np.isnan(usual)
    weight = np.minimum(sizes[there], np.median(sizes[there]))
    n, hits = float(weight.sum()), float(usual[there] @ weight)
    share = hits / n
    bound = stats.beta.ppf(0.95 if is_more else 0.05, hits + 0.5, n - hits + 0.5)
    tail = stats.binom.isf if is_more else stats.binom.ppf
    return share, abs(float(tail(FLUKE, size, bound)) / size - share)


def spread(values: Floats, group: npt.NDArray[np.int64]) -> float:
    """Standard deviation of values beside the median of their group, by the median distance."""
    away = [np.zeros(0)]
    for each in np.unique(group):
        own = values[group == each]
        own = own[~np.isnan(own)]
        if len(own) > 1:
            away.append(np.abs(own - np.median(own)) * np.sqrt(len(own) / (len(own) - 1)))
    distances = np.concatenate(away)
    return float(1.4826 * np.median(distances)) if len(distances) else 0.0


def shares_of(table: Any) -> dict[str, dict[str, int]]:
    """How many customers there are of each kind."""
    eager = _frames.to_eager(table)
    names = set(_frames.column_names(eager, OWNER))
    counted = {}
    for kind in KINDS:
        if kind in names:
            labels = pd.Series(_frames.column_values(eager, kind, OWNER)).astype(str)
            counted[kind] = {str(k): int(v) for k, v in labels.value_counts().items()}
    return counted


def shifted_shares(
    now: Mapping[str, Mapping[str, int]],
    before: Mapping[str, Mapping[str, int]],
    since: str,
    limit: float,
) -> Iterator[Row]:
    """Compare shares of kinds of customers with those of another night."""
    for kind in now:
        if kind not in before:
            continue
        names = sorted({*now[kind], *before[kind]})
        old, new = (np.array([each.get(name, 0) for name in names]) for each in (
            before[kind], now[kind]))  # fmt: skip
        index = stability_index(*merged(old, new))
        noise = index_noise(float(old.sum()), float(new.sum()), len(names), CHANCE)
        most = max(limit, noise)
        yield f"shares of {kind}", f"since {since}", 0.0, index, most, index > most


def shifted(
    night: Mapping[str, Any], before: Mapping[str, Any], at_fit: Mapping[str, Any], limit: float
) -> Iterator[Row]:
    """Compare the shares of a night with those of the night before and of the fit."""
    if before.get("fitted_as_of") == night["fitted_as_of"]:  # else names and edges are others
        yield from shifted_shares(night["shares"], before["shares"], "the night before", limit)
    yield from shifted_shares(night["shares"], at_fit, "the fit", SINCE_FIT * limit)


def alarms_of(rows: list[Row]) -> list[str]:
    """What is unlike the past nights, in sentences."""
    return [in_words(row) for row in rows if row[-1]]


def told(rows: list[Row]) -> pd.DataFrame:
    """What was compared, as a table."""
    return pd.DataFrame(rows, columns=list(TABLE)).astype({"alarm": bool})


def in_words(row: Row) -> str:
    """An alarm as a sentence."""
    what, day, usual, now, limit, _ = row
    if what.startswith("shares of "):
        return f"{what} have shifted {day}: stability index {now:.2f} (limit {limit:.2f})."
    if what in SHARES:
        return f"{day}: {what} {now:.0%}, usually {usual:.0%}."
    if what == MEAN:
        return f"{day}: {what} {now:,.2f}, usually {usual:,.2f}."
    return f"{day}: {now:,.0f} {what}, usually {usual:,.0f}."
