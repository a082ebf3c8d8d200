"""What changed since an earlier report, with bounds for what chance alone would change.

Shares (of missing, invalid ... values): given the failures of the earlier list, those to come are
beta-binomial under no change; beyond the quantiles of that, something changed.
Distributions: the Jensen-Shannon distance (Lin 1991, IEEE Transactions on Information Theory 37,
145-151), from 0 for equal to 1 for disjoint. Its square, times ln 2, is about (1/n + 1/m) / 8 times
a chi-squared variable under no change: the distance of small lists is never 0.
Values that repeat earlier ones: a larger list has at least as many distinct values and at most as
many times more as it has rows, so the bounds are those of both ends.
Numbers of rows and dates of a list move by themselves: only a list many times as large or small,
and dates that lie wholly before the earlier ones, or after them by more than their span, count.
The chance of a false alarm is shared among all comparisons of a report (Bonferroni), and a change
must also be large enough to matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, chi2, nbinom, norm

from crmkit.cleaning._quality._findings import Ints
from crmkit.cleaning._quality._measures import FEW_TELLING
from crmkit.cleaning._quality._snapshot import FEW, Spread, ranges_held

Floats = npt.NDArray[np.float64]

SHARES = {
    "missing": ("n_missing", "n_rows"),
    "placeholders": ("n_placeholders", "n_rows"),
    "invalid": ("n_invalid", "n_values"),
    "inconsistent": ("n_inconsistent", "n_values"),
}
LEAST_EXPECTED = 10.0
MANY = 50.0  # expected failures from which the normal distribution serves
YEAR = 365.0  # days
UNKNOWN = (np.nan, np.nan, np.nan, np.nan)
NAMED = 5  # categories that are named


class Drift(NamedTuple):
    """One measure of one column, before and now, with the bounds of chance."""

    column: str
    measure: str
    before: float
    now: float
    low: float
    high: float
    drifted: bool
    what: str


@dataclass(frozen=True)
class Limits:
    """What counts as a change: chance of a false alarm in all, and least sizes that matter."""

    false_alarms: float = 0.01
    min_shift: float = 0.02
    min_distance: float = 0.1
    min_rows: float = 0.1


def drifts(
    earlier: Mapping[str, Any],
    now: Mapping[str, Any],
    spreads: Mapping[str, Spread | None],
    limits: Limits,
    dates: Mapping[str, Spread | None] | None = None,
) -> list[Drift]:
    """Compare two snapshots; `spreads` and `dates` are those of the later list, in full."""
    before, after = earlier["columns"], now["columns"]
    shared = [name for name in before if name in after]
    alpha = limits.false_alarms / max(len(shared) * (len(SHARES) + 5) + 1, 1)
    made = [_rows(earlier["n_rows"], now["n_rows"], limits)]
    if "n_copies" in earlier:
        copies, sizes_all = ((earlier[n], now[n]) for n in ("n_copies", "n_rows"))
        made += _repeated("", "copies", copies, sizes_all, alpha, limits)
    made += [_lost(name) for name in before if name not in after]
    made += [_gained(name) for name in after if name not in before]
    for name in shared:
        old, new = before[name], after[name]
        made += _kind(name, old, new)
        sizes = {"n_rows": (earlier["n_rows"], now["n_rows"])}
        sizes["n_values"] = (old["n_values"], new["n_values"])
        for measure, (count, of) in SHARES.items():
            made += _share(name, measure, (old[count], new[count]), sizes[of], alpha, limits)
        again = (old["n_values"] - old["n_distinct"], new["n_values"] - new["n_distinct"])
        made += _repeated(name, "repeated", again, sizes["n_values"], alpha, limits)
        spread = spreads.get(name)
        if old.get("spread") and spread is not None:
            made += _spread(name, old["spread"], spread, alpha, limits)
        days = (dates or {}).get(name)
        if old.get("dates") and days is not None:
            made += _dates(name, old, days, alpha, limits)
    return made


def _rows(before: int, now: int, limits: Limits) -> Drift:
    """Number of rows: no chance is known of it, so only one far from the other counts."""
    drifted = min(before, now) < limits.min_rows * max(before, now)
    what = f"{before:,} before, {now:,} now"
    return Drift("", "rows", before, now, np.nan, np.nan, bool(drifted), what)


def _kind(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Drift]:
    """Another kind; of a column without a value nothing can be told."""
    if old["kind"] == new["kind"] or not (old["n_values"] and new["n_values"]):
        return []
    what = f"{old['kind']} before, {new['kind']} now"
    few = min(old["n_distinct"], new["n_distinct"])
    what += f" (told by {few} different values)" if few < FEW_TELLING else ""
    return [Drift(name, "kind", *UNKNOWN, drifted=True, what=what)]


def _repeated(
    name: str,
    measure: str,
    again: tuple[int, int],
    sizes: tuple[int, int],
    alpha: float,
    limits: Limits,
) -> list[Drift]:
    """Share of what repeats something earlier in its list, which grows with the list."""
    if not all(sizes):
        return []
    before, now = (count / size for count, size in zip(again, sizes, strict=True))
    times = sizes[1] / sizes[0]
    low = share_bounds(int(again[0] * min(times, 1.0)), sizes, alpha)[0]
    high = share_bounds(again[0], (sizes[0], min(sizes)), alpha)[1] * max(times, 1.0)
    high = min(high, 1.0)
    drifted = not low <= now <= high and abs(now - before) >= limits.min_shift
    what = f"{before:.1%} before, {now:.1%} now"
    return [Drift(name, measure, before, now, low, high, bool(drifted), what)]


def _dates(
    name: str, old: Mapping[str, Any], now: Spread, alpha: float, limits: Limits
) -> list[Drift]:
    """Days of birth as numbers are compared; other dates, which move on, by where they lie."""
    if old["kind"] == "birth_date":
        return _spread(name, old["dates"], now, alpha, limits)
    edges = old["dates"]["edges"]
    if not edges or now.numbers is None or int(now.counts.sum()) < 2 * FEW:
        return []
    first, last = edges[0], edges[-1]
    below = np.cumsum(now.counts)
    low, high = now.numbers[np.searchsorted(below, np.array([0.1, 0.9]) * below[-1])]
    drifted = high < first or low > last + max(last - first, YEAR)
    what = f"mostly {_day(first)} to {_day(last)} before, {_day(low)} to {_day(high)} now"
    return [Drift(name, "dates", *UNKNOWN, drifted=bool(drifted), what=what)]


def _day(number: float) -> str:
    return str(np.datetime64(round(number), "D"))


def _lost(name: str) -> Drift:
    return Drift(name, "column gone", *UNKNOWN, drifted=True, what="column is no longer there")


def _gained(name: str) -> Drift:
    return Drift(name, "new column", *UNKNOWN, drifted=True, what="column was not there")


def _share(
    name: str,
    measure: str,
    counts: tuple[int, int],
    sizes: tuple[int, int],
    alpha: float,
    limits: Limits,
) -> list[Drift]:
    """Shift of a share; nothing where there was nothing to count, before or now."""
    if not all(sizes):
        return []
    before, now = (count / size for count, size in zip(counts, sizes, strict=True))
    low, high = share_bounds(counts[0], sizes, alpha)
    drifted = not low <= now <= high and abs(now - before) >= limits.min_shift
    what = f"{before:.1%} before, {now:.1%} now"
    return [Drift(name, measure, before, now, low, high, bool(drifted), what)]


def share_bounds(before: int, sizes: tuple[int, int], alpha: float) -> tuple[float, float]:
    """Bounds of the later share under no change, given the failures of the earlier list.

    The failures to come are beta-binomial (prior of Jeffreys); where they are few, by its limit,
    the negative binomial, which is a little wider.
    """
    earlier, later = sizes
    if 2 * before > earlier:
        low, high = share_bounds(earlier - before, sizes, alpha)
        return 1.0 - high, 1.0 - low
    share = (before + 0.5) / (earlier + 1.0)
    if min(before, share * later) >= MANY:
        spread = np.sqrt(share * (1.0 - share) * later * (1.0 + later / (earlier + 1.0)))
        reach = float(norm.isf(alpha / 2.0)) * spread + 0.5
        low, high = share * later - reach, share * later + reach
    else:
        part = earlier / (earlier + later)
        tails = (alpha / 2.0, 1.0 - alpha / 2.0)
        low, high = (float(nbinom.ppf(tail, before + 0.5, part)) for tail in tails)
    return max(low, 0.0) / later, min(high, later) / later


def _spread(
    name: str, before: Mapping[str, Any], now: Spread, alpha: float, limits: Limits
) -> list[Drift]:
    if before["type"] == "formats" and now.type == "categories":
        now = now.as_ways()
    if before["type"] != now.type:
        return []
    if now.numbers is not None:
        old = np.asarray(before["counts"], dtype=np.int64)
        new = ranges_held(now.numbers, now.counts, before["edges"])
        return [_distance(name, "distribution", old, new, alpha, limits)]
    listed = before["counts"]
    counts = dict(zip(now.names, now.counts.tolist(), strict=True))
    old = np.array([*listed.values(), before["rest"]], dtype=np.int64)
    same = [counts.pop(each, 0) for each in listed]
    new = np.array([*same, sum(counts.values())], dtype=np.int64)
    made = [_distance(name, _TITLES[now.type], old, new, alpha, limits)]
    sizes = int(old.sum()), int(new.sum())
    unseen = before.get("largest_of_rest", FEW - 1)  # rows it may have had before without a name
    come = {k: n for k, n in counts.items() if n >= FEW and _is_news(n, unseen, sizes[::-1], alpha)}
    gone = {
        k: n
        for (k, n), left in zip(listed.items(), same, strict=True)
        if not left and _is_news(n, 0, sizes, alpha)
    }
    for title, found in (("new", come), ("vanished", gone)):
        if found:
            told = _told(found)
            made.append(Drift(name, f"{title} {now.type}", *_sizes(title, found), True, told))
    return made


_TITLES = {"categories": "distribution", "formats": "ways of writing"}


def _sizes(title: str, found: Mapping[str, int]) -> tuple[float, float, float, float]:
    n = float(len(found))
    return (0.0, n, 0.0, 0.0) if title == "new" else (n, 0.0, n, n)


def _told(found: Mapping[str, int]) -> str:
    largest = sorted(found, key=lambda name: (-found[name], name))
    shown = ", ".join(f"{name} ({found[name]:,} rows)" for name in largest[:NAMED])
    return f"{shown} and {len(largest) - NAMED} more" if len(largest) > NAMED else shown


def _is_news(there: int, elsewhere: int, sizes: tuple[int, int], alpha: float) -> bool:
    """Whether so many rows in the first list are no accident when the second has so few."""
    part = sizes[1] / sum(sizes)
    return bool(binom.cdf(elsewhere, there + elsewhere, part) < alpha)


def _distance(name: str, measure: str, old: Ints, new: Ints, alpha: float, limits: Limits) -> Drift:
    distance, noise = js_distance(old, new, alpha)
    drifted = distance > noise and distance >= limits.min_distance
    what = f"distance {distance:.2f} of 1; chance alone gives up to {noise:.2f}"
    return Drift(name, measure, 0.0, distance, 0.0, noise, bool(drifted), what)


def js_distance(old: Ints, new: Ints, alpha: float) -> tuple[float, float]:
    """Jensen-Shannon distance of two lists of counts, and what chance alone surpasses rarely.

    Cells in which fewer than ten rows are expected are one cell.
    """
    n, m = int(old.sum()), int(new.sum())
    if not n or not m:
        return 0.0, 0.0
    both = (old + new) / (n + m)
    small = both * min(n, m) < LEAST_EXPECTED
    cells = [np.append(each[~small], each[small].sum()) for each in (old, new)]
    p, q = (cell / size for cell, size in zip(cells, (n, m), strict=True))
    divergence = (_relative_entropy(p, (p + q) / 2) + _relative_entropy(q, (p + q) / 2)) / 2
    free = max(int(((p + q) > 0).sum()) - 1, 0)
    noise = float(chi2.isf(alpha, free)) * (1.0 / n + 1.0 / m) / 8.0 if free else 0.0
    to_bits = 1.0 / np.log(2.0)
    return float(np.sqrt(max(divergence, 0.0) * to_bits)), float(np.sqrt(noise * to_bits))


def _relative_entropy(p: Floats, q: Floats) -> float:
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())
