"""What a list looked like, in counts: nothing of a person, little enough for a file of text.

Categories and ways of writing are named where at least five rows have them, all others are one
count; edges between ranges of numbers are rounded, and each range holds at least five rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import ascii_letters
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._normal._text import as_text
from crmkit.cleaning._quality._findings import Ints
from crmkit.cleaning._quality._judged import Judged
from crmkit.cleaning._quality._value_checks import as_numbers
from crmkit.exceptions import DataError

FORMAT = "crmkit quality snapshot 1"
FEW = 5  # rows that a named category must have
MOST_CATEGORIES = 100
RANGES = 10
CATEGORIES = ("category", "state", "country", "city")
NUMBERS = ("number", "latitude", "longitude")
WRITTEN = ("phone", "postcode", "id", "date", "birth_date")
LONGEST = 30  # characters of a value that tell how it is written
WAYS = str.maketrans(dict.fromkeys("0123456789", "9") | dict.fromkeys(ascii_letters, "a"))
COUNTS = ("n_missing", "n_placeholders", "n_values", "n_invalid", "n_inconsistent", "n_distinct")


@dataclass(frozen=True, eq=False)
class Spread:
    """How rows spread over the values of a column.

    Either over names (of categories, or of ways of writing) or over sorted `numbers`.
    """

    type: str
    counts: Ints
    names: tuple[str, ...] = ()
    numbers: npt.NDArray[np.float64] | None = None

    def plain(self) -> dict[str, Any] | None:
        """As counts that name nobody; None where there are too few rows."""
        if self.numbers is not None:
            return _ranges(self.numbers, self.counts)
        order = np.argsort(-self.counts, kind="stable")[:MOST_CATEGORIES]
        named = {self.names[n]: int(self.counts[n]) for n in order if self.counts[n] >= FEW}
        rest = int(self.counts.sum()) - sum(named.values())
        return {"type": self.type, "counts": named, "rest": rest} if named else None


def spread_of(column: Judged) -> Spread | None:
    """Spread of the values of a column that are there; None for names, texts and the like."""
    there = column.flags.there & (column.counts > 0)
    places = np.flatnonzero(there)
    values, counts = [column.raw.values[n] for n in places.tolist()], column.counts[places]
    if not values:
        return None
    if column.kind in NUMBERS:
        numbers = as_numbers(values, column.flags.settings)
        good = np.isfinite(numbers)
        order = np.argsort(numbers[good], kind="stable")
        return Spread("numbers", counts[good][order], (), numbers[good][order])
    if column.kind in CATEGORIES:
        return _named("categories", (as_text(v).strip() for v in values), counts)
    if column.kind in WRITTEN and any(isinstance(v, str) for v in values):
        ways = [v[:LONGEST].translate(WAYS) if type(v) is str else _way(v) for v in values]
        return _named("formats", ways, counts)
    return None


def _way(value: Any) -> str:
    """How a value is written: its digits as 9, its letters as a."""
    return as_text(value)[:LONGEST].translate(WAYS)


def _named(kind: str, names: Iterable[str], counts: Ints) -> Spread:
    rows: Counter[str] = Counter()
    if int(counts.max(initial=1)) == 1:
        rows.update(names)
    else:
        for name, n in zip(names, counts.tolist(), strict=True):
            rows[name] += n
    ordered = sorted(rows)
    return Spread(kind, np.array([rows[name] for name in ordered], dtype=np.int64), tuple(ordered))


def _ranges(numbers: npt.NDArray[np.float64], counts: Ints) -> dict[str, Any] | None:
    """Ranges of about as many rows each, between rounded edges."""
    total = int(counts.sum())
    if total < 2 * FEW:
        return None
    below = np.cumsum(counts)
    wanted = np.arange(1, RANGES) * total / RANGES
    at = numbers[np.searchsorted(below, wanted, side="right").clip(max=len(numbers) - 1)]
    edges = np.unique(_rounded(at, numbers, below))
    held = ranges_held(numbers, counts, edges)
    while len(edges) and held.min() < FEW:
        least = int(held.argmin())
        edges = np.delete(edges, min(least, len(edges) - 1))
        held = ranges_held(numbers, counts, edges)
    return {"type": "numbers", "edges": edges.tolist(), "counts": held.tolist()}


def _rounded(
    at: npt.NDArray[np.float64], numbers: npt.NDArray[np.float64], below: Ints
) -> npt.NDArray[np.float64]:
    """Edges rounded to a hundredth of the span of the middle nine tenths."""
    ends = np.searchsorted(below, np.array([0.05, 0.95]) * below[-1]).clip(max=len(numbers) - 1)
    span = float(numbers[ends[1]] - numbers[ends[0]])
    if not span > 0:
        return at
    digits = int(np.ceil(-np.log10(span / 100.0)))
    return np.round(at, digits)


def ranges_held(numbers: npt.NDArray[np.float64], counts: Ints, edges: Any) -> Ints:
    """Rows in each range: below the first edge, from edge to edge, from the last one on."""
    place = np.searchsorted(np.asarray(edges, dtype=np.float64), numbers, side="right")
    return np.bincount(place, counts, minlength=len(edges) + 1).astype(np.int64)


def check_snapshot(earlier: Mapping[str, Any], owner: str) -> None:
    """Refuse a mapping that is no snapshot."""
    if earlier.get("format") != FORMAT or not isinstance(earlier.get("columns"), Mapping):
        raise DataError(
            f"{owner}: earlier must be what QualityReport.snapshot gave (its 'format' is "
            f"{FORMAT!r}), a report or a frame, got a mapping with {sorted(map(str, earlier))[:5]}."
        )
