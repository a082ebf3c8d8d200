"""Columns as codes and the distinct values they stand for: work is done once per value."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._frames._native import eager, require_columns, wrap


@dataclass(frozen=True, eq=False)
class RawColumn:
    """A column of any type: a code for each row, -1 where missing, and what the codes stand for.

    `values` are Python objects as the frame's library gives them, in order of first appearance.
    """

    name: str
    codes: npt.NDArray[np.int64]
    values: list[Any]


class _Truth(NamedTuple):
    """True or False among other values, of which 1 and 0 would be equal to them."""

    value: bool
    kind: str = "bool"


_TRUTH = {value: _Truth(value) for value in (True, False)}


def coded_columns(
    data: Any, names: Iterable[str], owner: str, *, by_day: bool = False
) -> list[RawColumn]:
    """Columns of a frame as codes and distinct values; NaN and null are missing.

    With `by_day`, times are the midnights before them: a long list has few days and many times.
    """
    frame = wrap(data, owner)
    names = list(names)
    require_columns(frame, dict.fromkeys(names), owner)
    table = eager(frame.select(*(nw.col(name) for name in names)))
    held = {name: table.get_column(name) for name in names}
    if by_day:
        held = {
            name: series.dt.truncate("1d") if isinstance(series.dtype, nw.Datetime) else series
            for name, series in held.items()
        }
    return [RawColumn(name, *_coded(held[name])) for name in names]


def _coded(series: "nw.Series[Any]") -> tuple[npt.NDArray[np.int64], list[Any]]:
    if series.dtype.is_float():
        series = series.fill_nan(None)
    if series.dtype.is_nested() or series.dtype == nw.Object:
        return _of_objects([_hashable(value) for value in series.to_list()])
    if not series.implementation.is_pandas() and find_spec("pyarrow") is not None:
        held = series.to_arrow()
        if hasattr(held.type, "value_type"):  # codes of its own, of words that may not be there
            held = held.cast(held.type.value_type)
        encoded = held.dictionary_encode()
        chunks = getattr(encoded, "chunks", [encoded])
        encoded = encoded.combine_chunks() if len(chunks) != 1 else chunks[0]
        codes = np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)
        return codes, encoded.dictionary.to_pylist()
    if not series.implementation.is_pandas():
        return _of_objects([_hashable(value) for value in series.to_list()])
    codes, values = pd.factorize(series.to_pandas())
    return np.asarray(codes, dtype=np.int64), list(values.tolist())


def _of_objects(values: list[Any]) -> tuple[npt.NDArray[np.int64], list[Any]]:
    array = np.empty(len(values), dtype=object)
    array[:] = [_TRUTH[value] if isinstance(value, bool) else value for value in values]
    codes, distinct = pd.factorize(array)
    held = [isinstance(value, _Truth) for value in distinct]
    return np.asarray(codes, dtype=np.int64), [
        value.value if truth else value for value, truth in zip(distinct, held, strict=True)
    ]


def _hashable(value: Any) -> Any:
    """A list or array as a tuple, a set as a sorted one, a mapping as its items; so inside."""
    if isinstance(value, (set, frozenset)):
        return tuple(sorted((_hashable(each) for each in value), key=str))
    if isinstance(value, dict):
        return tuple(sorted(((k, _hashable(v)) for k, v in value.items()), key=str))
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(_hashable(each) for each in value) if isinstance(value, (list, tuple)) else value
