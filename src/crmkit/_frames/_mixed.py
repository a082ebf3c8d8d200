"""Columns of any kind as arrays: numbers, flags, words and instants apart."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from crmkit._frames._native import eager, wrap
from crmkit._frames._plain import PlainFrame

Kind: TypeAlias = Literal["number", "text", "category", "instant", "nested"]

LARGEST = 10**308  # no float holds a larger whole number


@dataclass(eq=False, slots=True)
class MixedColumn:
    """A column as an array: float64 with NaN for a "number", else objects, None where missing.

    `whole` tells that the numbers are stored as integers, `flag` that they were true and false.
    """

    kind: Kind
    values: npt.NDArray[Any]
    whole: bool = False
    flag: bool = False


def mixed_columns(data: Any, places: list[int] | None, owner: str) -> list[MixedColumn]:
    """Columns of a frame by place, all where `places` is None, each read as what it is."""
    if isinstance(data, PlainFrame):
        held = list(data.columns.values())
        asked = held if places is None else [held[i] for i in places]
        return [array_column(each) for each in asked]
    frame = wrap(data, owner)
    names = frame.collect_schema().names()
    wanted = names if places is None else [names[place] for place in places]
    table = eager(frame.select(nw.col(name) for name in wanted))
    columns: Any = table.iter_columns()
    return [_column(series) for series in columns]


def array_column(values: npt.NDArray[Any]) -> MixedColumn:
    """One column of an array: numbers where it holds nothing else, words otherwise."""
    if values.dtype == np.float64:
        return MixedColumn("number", values)
    kind = values.dtype.kind
    if kind in "biuf":
        return MixedColumn("number", values.astype(np.float64), kind in "iu", kind == "b")
    return _of_objects(list(values))


def _column(series: "nw.Series[Any]") -> MixedColumn:
    dtype = series.dtype
    if dtype.is_numeric() or dtype == nw.Boolean:
        return MixedColumn("number", _floats(series), dtype.is_integer(), dtype == nw.Boolean)
    if dtype == nw.Duration:
        days = _floats(series.dt.total_seconds()) / 86_400.0
        return MixedColumn("number", days)
    if dtype.is_temporal():
        return MixedColumn("instant", np.empty(len(series), dtype=object))
    if dtype.is_nested():
        return MixedColumn("nested", np.empty(len(series), dtype=object))
    if dtype in (nw.Categorical, nw.Enum):
        return MixedColumn("category", _words(series.to_list()))
    return _of_objects(series.to_list())


def _floats(series: "nw.Series[Any]") -> npt.NDArray[np.float64]:
    numbers = series.cast(nw.Float64)
    array = numbers.to_numpy()
    if array.dtype == np.float64:
        return np.asarray(array)
    given = numbers.to_list()
    return np.asarray([np.nan if _is_missing(v) else v for v in given], dtype=np.float64)


def _of_objects(values: list[Any]) -> MixedColumn:
    there = [value for value in values if not _is_missing(value)]
    if all(isinstance(value, (bool, int, float, np.number, np.bool_)) for value in there) and all(
        abs(value) <= LARGEST for value in there if isinstance(value, int)
    ):
        numbers = [np.nan if _is_missing(value) else float(value) for value in values]
        whole = bool(there) and all(isinstance(value, (int, np.integer)) for value in there)
        flag = bool(there) and all(isinstance(value, (bool, np.bool_)) for value in there)
        return MixedColumn("number", np.asarray(numbers, dtype=np.float64), whole, flag)
    return MixedColumn("text", _words(values))


def _words(values: list[Any]) -> npt.NDArray[Any]:
    words = np.empty(len(values), dtype=object)
    words[:] = [None if _is_missing(value) else _word(value) for value in values]
    return words


def _word(value: Any) -> str:
    """A value as text; 3.0 and 3 are one word."""
    return f"{value:.15g}" if isinstance(value, (float, np.floating)) else str(value)


def _is_missing(value: Any) -> bool:
    """Tell None, NaN and the NA of pandas: the last two are not equal to themselves."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:  # the NA of pandas has no truth
        return True
    except ValueError:  # nor has an array, but it is there
        return False
