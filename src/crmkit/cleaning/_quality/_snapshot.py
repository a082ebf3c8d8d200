"""What a list looked like, in counts: nothing of a person, little enough for a file of text.

Categories and ways of writing are named where at least five rows have them, categories of a log
where at least five customers do; all others are one count. Categories that may be persons are kept
as ways of writing. Edges between ranges of numbers and dates are rounded, and each range holds at
least five rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._normal._kinds import DATES
from crmkit.cleaning._normal._text import as_text
from crmkit.cleaning._quality._findings import Ints
from crmkit.cleaning._quality._judged import Judged
from crmkit.cleaning._quality._personal import tells_persons, way_of
from crmkit.cleaning._quality._value_checks import as_numbers
from crmkit.exceptions import DataError

FORMAT = "crmkit quality snapshot 1"
FEW = 5  # rows that a named category must have
MOST_CATEGORIES = 100
RANGES = 10
CATEGORIES = ("category", "state", "country", "city")
NUMBERS = ("number", "latitude", "longitude")
WRITTEN = ("phone", "postcode", "id", "date", "birth_date")
COUNTS = ("n_missing", "n_placeholders", "n_values", "n_invalid", "n_inconsistent", "n_distinct")


@dataclass(frozen=True, eq=False)
class Spread:
    """How rows spread over the values of a column.

    Either over names (of categories, or of ways of writing) or over sorted `numbers`. `persons` are
    how many each name has, where rows are not persons; names that `may_tell` who somebody is are
    not kept.
    """

    type: str
    counts: Ints
    names: tuple[str, ...] = ()
    numbers: npt.NDArray[np.float64] | None = None
    persons: Ints | None = None
    may_tell: bool = False

    def plain(self) -> dict[str, Any] | None:
        """As counts that name nobody; None where there are too few rows."""
        if self.numbers is not None:
            return _ranges(self.numbers, self.counts)
        if self.may_tell:
            return self.as_ways().plain()
        enough = (self.counts if self.persons is None else self.persons) >= FEW
        order = np.argsort(-self.counts, kind="stable")
        shown = [n for n in order.tolist() if enough[n] and self.counts[n] >= FEW]
        named = {self.names[n]: int(self.counts[n]) for n in shown[:MOST_CATEGORIES]}
        others = np.setdiff1d(order, shown[:MOST_CATEGORIES])
        rest, most = int(self.counts[others].sum()), int(self.counts[others].max(initial=0))
        if not named:
            return None
        return {"type": self.type, "counts": named, "rest": rest, "largest_of_rest": most}

    def as_ways(self) -> "Spread":
        """The same rows by how their categories are written."""
        return _named("formats", map(way_of, self.names), self.counts)


def spread_of(column: Judged, person: Ints | None = None) -> Spread | None:
    """Spread of the values of a column that are there; None for names, texts and the like.

    `person` is the number of the customer of each row, negative where it is not known, for rows
    that are not persons.
    """
    there = column.flags.there & (column.counts > 0)
    places = np.flatnonzero(there)
    values, counts = [column.raw.values[n] for n in places.tolist()], column.counts[places]
    if not values:
        return None
    if column.kind in NUMBERS:
        return _sorted(as_numbers(values, column.flags.settings), counts)
    if column.kind in CATEGORIES:
        texts = [as_text(v).strip() for v in values]
        may_tell = column.kind == "category" and tells_persons(column.name, texts)
        made = _named("categories", texts, counts)
        n_persons = None if person is None else _persons(column, places, texts, made, person)
        return replace(made, persons=n_persons, may_tell=may_tell)
    if column.kind in WRITTEN and any(isinstance(v, str) for v in values):
        return _named("formats", [way_of(as_text(v)) for v in values], counts)
    return None


def dates_of(column: Judged) -> Spread | None:
    """Spread of the days of a column of dates, counted from 1970; None where there is none."""
    if column.kind not in DATES:
        return None
    days = column.days[~np.isnat(column.days)].astype(np.int64)
    distinct, counts = np.unique(days, return_counts=True)
    return _sorted(distinct.astype(np.float64), counts) if len(days) else None


def _sorted(numbers: npt.NDArray[np.float64], counts: Ints) -> Spread:
    good = np.isfinite(numbers)
    order = np.argsort(numbers[good], kind="stable")
    return Spread("numbers", counts[good][order], (), numbers[good][order])


def _persons(
    column: Judged, places: Ints, texts: Sequence[str], spread: Spread, person: Ints
) -> Ints:
    """Customers of each name of a spread; rows without one are nobody's."""
    place_of = {name: n for n, name in enumerate(spread.names)}
    of_value = np.full(len(column.raw.values) + 1, -1, dtype=np.int64)
    of_value[places] = [place_of[text] for text in texts]
    name = of_value[column.raw.codes]
    known = (name >= 0) & (person >= 0)
    width = int(person.max(initial=0)) + 1
    pairs = np.unique(name[known] * width + person[known])
    return np.bincount(pairs // width, minlength=len(spread.names)).astype(np.int64)


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
