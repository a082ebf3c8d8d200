"""What batches of rows become: normal forms of records, keys of units, log-odds of pairs.

Each function takes an Arrow table and gives one; it knows of the matcher what a worker needs and of
the list nothing but the rows at hand.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit.cleaning import Deduplicator
from crmkit.cleaning._matching._block_keys import (
    NAMES,
    PARTS,
    Pass,
    candidate_passes,
    second_keys,
)
from crmkit.cleaning._matching._coded import CodedColumn, Ints, Units
from crmkit.cleaning._matching._likely_pairs import likely_pairs
from crmkit.cleaning._matching._matcher import LEAST_KEPT
from crmkit.cleaning._matching._supervised import final_scores
from crmkit.scale._spark import Table

Hashes = npt.NDArray[np.uint64]
SEED = "crmkit of records"[:16]  # of the hashes of keys, the same on every worker
SPREAD = np.uint64(0x9E3779B97F4A7C15)
HEAVY = (
    "labels_", "_scored", "_final", "_entities", "_ids", "_unit_of_row", "_told", "_changes",
    "_merges",
)  # fmt: skip
REST = "\x00"  # stands for the values of a column that are not at hand


@dataclass(frozen=True, eq=False)
class Parts:
    """A fitted matcher with its columns and keys in order; `seconds` part the large blocks."""

    matcher: Deduplicator
    columns: tuple[str, ...]
    passes: tuple[Pass, ...]
    seconds: tuple[tuple[tuple[str, str], ...], ...]

    @property
    def values(self) -> list[str]:
        """What the columns are called in SQL."""
        return [f"v{place}" for place in range(len(self.columns))]

    @property
    def counts(self) -> list[str]:
        """What the numbers of units with each value are called in SQL."""
        return [f"n{place}" for place in range(len(self.columns))]


def parts_of(matcher: Deduplicator) -> Parts:
    """Columns and keys of a fitted matcher."""
    units = matcher._units()
    telling = {rule.parts: rule.telling for rule in candidate_passes(units)}
    used = [tuple((name, part) for name, part in each) for each in matcher._passes]
    passes = [Pass(parts, telling.get(parts, True)) for parts in used]
    seconds = [tuple(second_keys(units, rule)) if rule.telling else () for rule in passes]
    columns = tuple(column.name for column in units.columns)
    return Parts(without_records(matcher), columns, tuple(passes), tuple(seconds))


def without_records(matcher: Deduplicator) -> Deduplicator:
    """A matcher that knows the model alone, light enough to travel."""
    light = copy.copy(matcher)
    for name in HEAVY:
        light.__dict__.pop(name, None)
    nothing = {name: np.empty(0, dtype=np.int32) for name in matcher._known["codes"]}
    no_values = {name: [] for name in nothing}  # type: dict[str, list[str]]
    light._known = {
        "n": 0, "kinds": matcher._known["kinds"], "values": no_values, "codes": nothing,
    }  # fmt: skip
    return light


def normal_forms(records: Table, parts: Parts, record: str) -> Table:
    """Records in, their ids and the normal forms of the compared columns out."""
    import pyarrow as pa

    columns, _, _ = parts.matcher._columns(records)
    by_name = {column.name: column for column in columns}
    made = [texts_of(by_name[name]) for name in parts.columns]
    return pa.Table.from_arrays([records.column(record), *made], names=["record", *parts.values])


def texts_of(column: CodedColumn) -> Any:
    """Values of the rows of a coded column, null where missing."""
    import pyarrow as pa

    codes = pa.array(column.codes, mask=column.codes < 0)
    return pa.array(column.values, type=pa.string()).take(codes)


def keys_of_units(units: Table, parts: Parts) -> Table:
    """Units in, one row a unit and key out: the pass and a hash of the key.

    Values by themselves are keys too, to be counted: see `number_of_value`.
    """
    hashes = _hashes_of(units, parts)
    rows = [(place, hashes.of(rule.parts)) for place, rule in enumerate(parts.passes)]
    rows += [
        (number_of_value(place), hashes.of(((name, "whole"),)))
        for place, name in enumerate(parts.columns)
    ]
    return _long(units, rows)


def second_keys_of_units(units: Table, parts: Parts) -> Table:
    """Units of large blocks in, one row a unit, pass and second key out.

    The pass is that of the block, at `p`; the key is of both; `p` counts on: see `number_of`.
    """
    hashes, first = _hashes_of(units, parts), units.column("p").to_numpy()
    block = units.column("k").to_numpy().view(np.uint64)
    rows = []
    for place, seconds in enumerate(parts.seconds):
        for which, part in enumerate(seconds):
            found, there = hashes.of((part,))
            rows.append((number_of(place, which), (_mixed(block, found), there & (first == place))))
    return _long(units, rows)


def number_of(place: int, which: int) -> int:
    """Number of a second key of a pass among all passes."""
    return 1000 * (place + 1) + which


def number_of_value(place: int) -> int:
    """Number of the values of a column among all passes: below 0."""
    return -1 - place


def scored_pairs(pairs: Table, parts: Parts, totals: Sequence[int]) -> Table:
    """Pairs of units with the values of both sides in, those that may be matches out.

    The left side tells too how many units of the list have each of its values; `totals` are the
    units with any value, by column.
    """
    import pyarrow as pa

    model, corrector = parts.matcher._model(), parts.matcher._corrector()
    n = pairs.num_rows
    columns = [
        _coded(pairs, parts, place, kind, total)
        for place, (kind, total) in enumerate(zip(model.kinds, totals, strict=True))
    ]
    units = Units(columns, np.empty(0, dtype=np.int64), 2 * n)
    left = np.arange(n)
    places, levels = likely_pairs(units, model, left, left + n, LEAST_KEPT)
    left, right = left[places], left[places] + n
    odds = final_scores(model, None, units, left, right, levels).log_odds
    kept = odds >= LEAST_KEPT
    if corrector is not None:
        odds = final_scores(model, corrector, units, left, right, levels).log_odds
    found = pairs.select(["a", "b"]).take(pa.array(places[kept]))
    return found.append_column("odds", pa.array(odds[kept]))


def units_with_values(rows: Table, parts: Parts, totals: Sequence[int]) -> Units:
    """Units of a table of values and of how many have each; in the order of the rows."""
    kinds = parts.matcher._model().kinds
    columns = []
    for place, (name, kind) in enumerate(zip(parts.columns, kinds, strict=True)):
        codes, values = _codes(rows.column(f"v{place}"))
        counts = rows.column(f"n{place}").to_numpy()
        known = _counted(codes, values, counts, totals[place])
        columns.append(CodedColumn(name, kind, codes, [*values, REST], known))
    return Units(columns, np.empty(0, dtype=np.int64), rows.num_rows)


def _coded(pairs: Table, parts: Parts, place: int, kind: str, total: int) -> CodedColumn:
    """One column of both sides: the left units, then the right ones."""
    import pyarrow as pa

    sides = [pairs.column(f"{side}{place}") for side in ("va", "vb")]
    codes, values = _codes(
        pa.chunked_array([c for side in sides for c in side.chunks], pa.string())
    )
    counts = pairs.column(f"n{place}").fill_null(0).to_numpy()
    known = _counted(codes[: len(counts)], values, counts, total)
    return CodedColumn(parts.columns[place], kind, codes, [*values, REST], known)


def _codes(column: Any) -> tuple[Ints, list[str]]:
    """Codes and values of a column of text, the values in order, -1 where missing."""
    import pyarrow as pa

    encoded = column.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    codes = np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)
    return codes, encoded.dictionary.to_pylist()


def _counted(codes: Ints, values: list[str], counts: Ints, total: int) -> Ints:
    """Units of the list that have each value, one where it is not told, and the rest of them."""
    known = np.ones(len(values) + 1, dtype=np.int64)
    there = codes >= 0
    known[codes[there]] = counts[there]
    known[-1] = max(total - int(known[:-1].sum()), 0)
    return known


class _Hashes:
    """Hashes of the parts of keys of some units, each worked out once."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._known: dict[tuple[str, str], tuple[Hashes, npt.NDArray[np.bool_]]] = {}

    def of(self, parts: Sequence[tuple[str, str]]) -> tuple[Hashes, npt.NDArray[np.bool_]]:
        """Hash of a key of each unit, and whether all its parts are there."""
        whole = np.zeros(self._units.n, dtype=np.uint64)
        there = np.ones(self._units.n, dtype=bool)
        for part in parts:
            if part not in self._known:
                self._known[part] = self._part(*part)
            found, some = self._known[part]
            whole, there = _mixed(whole, found), there & some
        return whole, there

    def _part(self, name: str, part: str) -> tuple[Hashes, npt.NDArray[np.bool_]]:
        if part == NAMES:
            sides = [self._values(self._units.of_kind(kind)[0], str) for kind in NAME_KINDS]
            (a, one), (b, other) = sides
            return _mixed(np.minimum(a, b), np.maximum(a, b)), one & other
        return self._values(self._units.column(name), PARTS[part])

    def _values(self, column: CodedColumn, form: Any) -> tuple[Hashes, npt.NDArray[np.bool_]]:
        cut = np.array([*map(form, column.values), ""], dtype=object)
        hashes = pd.util.hash_array(cut, hash_key=SEED, categorize=False)
        return hashes[column.codes], (cut != "")[column.codes]


NAME_KINDS = ("first_name", "last_name")


def _hashes_of(table: Table, parts: Parts) -> _Hashes:
    kinds = parts.matcher._model().kinds
    columns = [
        CodedColumn(name, kind, *_codes(table.column(f"v{place}")))
        for place, (name, kind) in enumerate(zip(parts.columns, kinds, strict=True))
    ]
    return _Hashes(Units(columns, np.empty(0, dtype=np.int64), table.num_rows))


def _mixed(one: Hashes, other: Hashes) -> Hashes:
    return one * SPREAD + other


def _long(units: Table, rows: list[tuple[int, tuple[Hashes, npt.NDArray[np.bool_]]]]) -> Table:
    """One row a unit and key that it has."""
    import pyarrow as pa

    unit = units.column("unit").to_numpy()
    each = [(unit[there], np.full(there.sum(), p), key[there]) for p, (key, there) in rows]
    nothing = [np.empty(0, dtype=np.int64)] * 3
    columns = [np.concatenate(column) for column in zip(*each, strict=True)] if each else nothing
    keys = columns[2].view(np.int64)
    return pa.table({"unit": columns[0], "p": columns[1].astype(np.int32), "k": keys})
