"""Two lists as one: their columns stacked, the pairs between them, and the links."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.cleaning._matching._coded import CodedColumn, Flags, Ints, Units, units_of
from crmkit.cleaning._matching._engine import Matching
from crmkit.cleaning._matching._entities import ScoredPairs
from crmkit.cleaning._matching._entity_clusters import components
from crmkit.cleaning._matching._one_to_one import many_to_many, once, one_to_one
from crmkit.exceptions import DataError, nearest

OWNER = "RecordLinker"
MOST_COPIED = 1_000_000  # pairs of equal records that are written out


@dataclass(frozen=True, eq=False)
class TwoLists:
    """Columns that two lists share, the second below the first, and the ids of both.

    `rows` are the rows that the records of each list have in the frame they came in.
    """

    raw: list[_frames.RawColumn]
    names: list[str]
    n_first: int
    rows: tuple[Ints, Ints]
    ids: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None
    library: dict[str, Any]


def read_lists(
    a: Any, b: Any, record: str | None, columns: Mapping[str, str] | None, source: str | None
) -> TwoLists:
    """Two frames, or one with a column of sources, as one list of records."""
    names = _frames.column_names(a, OWNER)
    for parameter, wanted in (("record", record), ("source", source)):
        if wanted is not None and wanted not in names:
            raise DataError.missing_column(OWNER, wanted, names, parameter)
    if b is None:
        return _one_frame(a, names, record, source)
    shared = _shared_names(names, _frames.column_names(b, OWNER), columns or {}, record)
    compared = [name for name in names if name in shared and name not in (record, source)]
    if not compared:
        raise DataError(
            f"{OWNER}: the lists have no column in common: {names} and "
            f"{_frames.column_names(b, OWNER)}. Name the pairs, such as "
            "columns={'last_name': 'surname'}."
        )
    table, other_table = _frames.to_eager(a), _frames.to_eager(b)
    first = _frames.coded_columns(table, compared, OWNER, by_day=True)
    second = _frames.coded_columns(
        other_table, [shared[name] for name in compared], OWNER, by_day=True
    )
    n_first, n_second = len(first[0].codes), len(second[0].codes)
    library = _frames.id_types(a, [], OWNER)
    ids = None
    if record is not None:
        ids = (
            _frames.id_column(table, record, OWNER),
            _frames.id_column(other_table, shared[record], OWNER),
        )
        library = _frames.id_types(a, [record], OWNER)
        library["types"] = {f"{record}_a": library["types"][record]}
        other = _frames.id_types(b, [shared[record]], OWNER)
        if other["library"] == library["library"]:
            library["types"][f"{record}_b"] = other["types"][shared[record]]
    stacked = [_stacked(one, other) for one, other in zip(first, second, strict=True)]
    rows = np.arange(n_first), np.arange(n_second)
    return TwoLists(stacked, names, n_first, rows, ids, library)


def units_of_lists(columns: list[CodedColumn], n_first: int, n_rows: int) -> Units:
    """Distinct records of each list: equal records of two lists stay two, so that they count."""
    which = np.repeat(np.arange(2), [n_first, n_rows - n_first])
    empty = np.logical_and.reduce([column.codes < 0 for column in columns])
    side = CodedColumn("", "category", np.where(empty, -1, which), ["first", "second"])
    units = units_of([*columns, side], n_rows)
    return Units([column for column in units.columns if column.name], units.unit_of_row, units.n)


def crossing(units: Units, matching: Matching, n_first: int) -> ScoredPairs:
    """Pairs of units with the left one in the first list and the right one in the second."""
    is_second = np.zeros(units.n, dtype=bool)
    rows = units.unit_of_row[n_first:]
    is_second[rows[rows >= 0]] = True
    left, right, odds = matching.pairs.left, matching.pairs.right, matching.scores.log_odds
    across = is_second[left] != is_second[right]
    left, right, odds = left[across], right[across], odds[across]
    turned = is_second[left]
    return ScoredPairs(np.where(turned, right, left), np.where(turned, left, right), odds)


def links_of(unit_of_row: Ints, n_first: int, pairs: ScoredPairs, cut: float) -> ScoredPairs:
    """Links between rows of the first and the second list, in the order of the first."""
    n = int(unit_of_row.max(initial=-1)) + 1
    chosen = pairs.log_odds >= cut
    left, right, odds = pairs.left[chosen], pairs.right[chosen], pairs.log_odds[chosen]
    first, second = (_Copies(part, n) for part in (unit_of_row[:n_first], unit_of_row[n_first:]))
    plain = once(left) & once(right)
    pair, copy = _repeat(np.minimum(first.count[left], second.count[right]) * plain)
    parts = [(first.row(left[pair], copy), second.row(right[pair], copy), odds[pair])]
    left, right, odds = left[~plain], right[~plain], odds[~plain]
    large = _written_large(left, right, first.count, second.count)
    times = many_to_many(left[large], right[large], odds[large] - cut, first.count, second.count)
    pair = np.flatnonzero(large)[_repeat(times)[0]]
    one, other = left[pair], right[pair]
    parts.append((first.row(one, _number(one)), second.row(other, _number(other)), odds[pair]))
    left, right, odds = left[~large], right[~large], odds[~large]
    pair, a, b = _pairs_of_copies(left, right, first.count, second.count)
    row_a, row_b = first.row(left[pair], a), second.row(right[pair], b)
    place = one_to_one(row_a, row_b, odds[pair] - cut)
    parts.append((row_a[place], row_b[place], odds[pair][place]))
    rows, others, values = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.argsort(rows, kind="stable")
    return ScoredPairs(rows[order], others[order], values[order])


class _Copies:
    """Rows of each unit in one list, in order."""

    def __init__(self, unit_of_row: Ints, n: int) -> None:
        self.order = np.argsort(unit_of_row, kind="stable")
        self.starts = np.searchsorted(unit_of_row[self.order], np.arange(n))
        self.count = np.bincount(unit_of_row[unit_of_row >= 0], minlength=n)

    def row(self, unit: Ints, copy: Ints) -> Ints:
        """Row of a copy, from 0, of each unit."""
        return np.asarray(self.order[self.starts[unit] + copy], dtype=np.int64)


def _pairs_of_copies(left: Ints, right: Ints, first: Ints, second: Ints) -> tuple[Ints, Ints, Ints]:
    """Pairs of units as pairs of their copies: place of the pair, number of each copy.

    No more copies of a unit than its partners have together.
    """
    n_a, n_b = _copies(left, right, first, second)
    pair, number = _repeat(n_a * n_b)
    return pair, number // np.maximum(n_b[pair], 1), number % np.maximum(n_b[pair], 1)


def _copies(left: Ints, right: Ints, first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Copies of both units of each pair that may be linked to partners."""
    asked = np.bincount(left, weights=second[right], minlength=len(first)).astype(np.int64)
    wanted = np.bincount(right, weights=first[left], minlength=len(first)).astype(np.int64)
    return np.minimum(first, asked)[left], np.minimum(second, wanted)[right]


def _written_large(left: Ints, right: Ints, first: Ints, second: Ints) -> Flags:
    """Pairs of units that are counted, not written out copy by copy, and all that hang on them."""
    n_a, n_b = _copies(left, right, first, second)
    more = n_a * n_b - 1
    if more.sum() <= MOST_COPIED:
        return np.zeros(len(left), dtype=bool)
    n = len(first)
    group = components(2 * n, left, n + right, np.ones(len(left), dtype=bool))[left]
    return np.bincount(group, weights=more)[group] > 0


def _number(units: Ints) -> Ints:
    """Number from 0 of each mention of a unit, in order."""
    order = np.argsort(units, kind="stable")
    held = units[order]
    number = np.empty(len(units), dtype=np.int64)
    number[order] = np.arange(len(units)) - np.searchsorted(held, held)
    return number


def _repeat(counts: Ints) -> tuple[Ints, Ints]:
    """Each place as often as it counts, with its number from 0."""
    place = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    return place, number


def _shared_names(
    first: list[str], second: list[str], columns: Mapping[str, str], record: str | None
) -> dict[str, str]:
    """Names of the second list by those of the first, of the columns that both have."""
    faults = []
    for side, names, wanted in (("first", first, columns), ("second", second, columns.values())):
        for name in wanted:
            if name not in names:
                near = nearest(str(name), names)
                meant = "" if near is None else f" (did you mean {near!r}?)"
                faults.append(f"the {side} list has no column {name!r}{meant}")
    if faults:
        raise DataError(f"{OWNER}: columns: {'; '.join(faults)}.")
    taken = set(columns.values())
    shared = {name: name for name in first if name in second and name not in taken}
    shared |= columns
    if record is not None and record not in shared:
        raise DataError.missing_column(OWNER, record, second, "columns")
    return shared


def _one_frame(a: Any, names: list[str], record: str | None, source: str | None) -> TwoLists:
    if source is None:
        raise DataError(
            f"{OWNER}: one frame holds both lists only with a column that tells them apart. Name "
            "it with source=, or give two frames."
        )
    columns = [name for name in names if name not in (record, source)]
    table = _frames.to_eager(a)
    *raw, told = _frames.coded_columns(table, [*columns, source], OWNER, by_day=True)
    if len(told.values) != 2 or (told.codes < 0).any():
        missing = int((told.codes < 0).sum())
        raise DataError(
            f"{OWNER}: column {source!r} must have two values, got {len(told.values):,} and "
            f"{missing:,} missing. More than two lists are linked by a Deduplicator with "
            "one_per_source."
        )
    is_first = told.codes == int(np.argsort([str(value) for value in told.values])[0])
    rows = np.flatnonzero(is_first), np.flatnonzero(~is_first)
    order = np.concatenate(rows)
    library, ids = _frames.id_types(a, [], OWNER), None
    if record is not None:
        held = _frames.id_column(table, record, OWNER)
        ids = held[rows[0]], held[rows[1]]
        library = _frames.id_types(a, [record], OWNER)
        kind = library["types"][record]
        library["types"] = {f"{record}_a": kind, f"{record}_b": kind}
    raw = [_frames.RawColumn(each.name, each.codes[order], each.values) for each in raw]
    return TwoLists(raw, names, len(rows[0]), rows, ids, library)


def _stacked(one: _frames.RawColumn, other: _frames.RawColumn) -> _frames.RawColumn:
    """Two columns one below the other, by the name of the first."""
    place: dict[Any, int] = {value: number for number, value in enumerate(one.values)}
    more = [place.setdefault(value, len(place)) for value in other.values]
    codes = np.array([*more, -1], dtype=np.int64)[other.codes]
    return _frames.RawColumn(one.name, np.concatenate([one.codes, codes]), list(place))
