"""Gaps of a frame filled where they are: what is there stays as it is, bit by bit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._frames._mixed import LARGEST, _is_missing, _word
from crmkit._frames._native import eager, require_columns, wrap
from crmkit.exceptions import DataError

Rows = npt.NDArray[np.intp]

HUGE = "numbers that are too large"


class Gaps(NamedTuple):
    """Rows of a column to write, ascending, and a number, flag or word for each, or None."""

    rows: Rows
    values: list[Any]


def stored_kinds(data: Any, owner: str) -> dict[str, str]:
    """What each column can hold: "number", "flag", "text" or "category", or what else it holds."""
    table = eager(wrap(data, owner))
    columns: Any = table.iter_columns()
    return {series.name: _stored(series) for series in columns}


def fill_gaps(data: Any, gaps: Mapping[str, Gaps], owner: str) -> Any:
    """Eager frame of the same library and types, with the gaps of some columns filled.

    Whole numbers stay whole. A word that a closed set of categories lacks is added to the set.
    """
    table = eager(wrap(data, owner))
    require_columns(table, dict.fromkeys(gaps), owner)
    native = nw.to_native(table)
    made = {}
    for name, each in gaps.items():
        if len(each.rows):
            values = _as_stored(each.values, table[name].dtype)
            made[name] = _filled(nw.to_native(table[name]), Gaps(each.rows, values), table)
    if not made:
        return native
    if table.implementation.is_pandas():
        return native.assign(**made) if all(isinstance(n, str) for n in made) else native
    if table.implementation.is_polars():
        return native.with_columns([series.alias(name) for name, series in made.items()])
    for name, column in made.items():
        native = native.set_column(native.column_names.index(name), name, column)
    return native


def rows_before(data: Any, when: str, as_of: Any, owner: str) -> npt.NDArray[np.bool_]:
    """Which rows of a frame have an instant before `as_of`, a datetime; rows without one have not.

    Raises
    ------
    DataError
        If the column holds no instants, or only one of the two tells a time zone.
    """
    table = eager(wrap(data, owner))
    require_columns(table, {when: "when"}, owner)
    series = table[when]
    if series.dtype not in (nw.Datetime, nw.Date):
        raise DataError(f"{owner}: {when!r} is {series.dtype}: times must be datetimes or dates.")
    zone = getattr(series.dtype, "time_zone", None)
    if (zone is None) != (as_of.tzinfo is None):
        cure = "Give as_of a zone" if zone is not None else "Give as_of without a zone"
        raise DataError(
            f"{owner}: {when!r} {'has no' if zone is None else 'has a'} time zone and "
            f"as_of={str(as_of)!r} has {'one' if zone is None else 'none'}. {cure}."
        )
    stamps = series.cast(nw.Datetime("us", zone)).dt.timestamp("us").to_list()
    epoch = pd.Timestamp(0, tz=None if zone is None else "UTC")
    cut = int((pd.Timestamp(as_of) - epoch) // pd.Timedelta(microseconds=1))
    return np.asarray([not _is_missing(stamp) and stamp < cut for stamp in stamps], dtype=bool)


def _stored(series: "nw.Series[Any]") -> str:
    dtype = series.dtype
    if dtype == nw.Boolean:
        return "flag"
    if dtype.is_numeric():
        return "number"
    if dtype in (nw.Categorical, nw.Enum):
        return "category"
    if dtype == nw.String:
        return "text"
    if dtype in (nw.Datetime, nw.Date):
        return "dates"
    if dtype == nw.Object:
        return _objects([value for value in series.to_list() if not _is_missing(value)])
    if dtype.is_nested():
        return "lists or records"
    return "durations" if dtype == nw.Duration else f"values of type {dtype}"


def _objects(values: list[Any]) -> str:
    """What Python objects are, where they are all of one kind."""
    found = {_object_kind(value) for value in values}
    return found.pop() if len(found) == 1 else "values of several types" if found else "text"


def _object_kind(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "flag"
    if isinstance(value, (int, float, np.number)):
        return "number" if not isinstance(value, int) or abs(value) <= LARGEST else HUGE
    return "text" if isinstance(value, str) else f"objects of type {type(value).__name__}"


def _as_stored(values: list[Any], dtype: Any) -> list[Any]:
    """Numbers as the type of a column has them."""
    if dtype.is_integer():
        low, high = _limits(str(dtype))
        return [min(max(round(value), low), high) for value in values]
    if dtype.is_decimal():
        return [Decimal(str(value)) for value in values]
    return values


def _limits(name: str) -> tuple[int, int]:
    """Smallest and largest whole number of a type such as Int8 or UInt64."""
    bits = int(name.lower().rpartition("int")[2])
    return (0, 2**bits - 1) if name.startswith("U") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _filled(native: Any, gaps: Gaps, table: "nw.DataFrame[Any]") -> Any:
    if table.implementation.is_pandas():
        return _in_pandas(native, gaps)
    return _in_polars(native, gaps) if table.implementation.is_polars() else _in_arrow(native, gaps)


def _in_pandas(series: Any, gaps: Gaps) -> Any:
    dtype = series.dtype
    if isinstance(dtype, pd.ArrowDtype):
        filled = _in_arrow(series.array.__arrow_array__(), gaps)
        return pd.Series(type(series.array)(filled), index=series.index, name=series.name)
    if isinstance(dtype, pd.CategoricalDtype):
        known = {_word(value): value for value in dtype.categories}
        new = sorted({word for word in gaps.values if word is not None and word not in known})
        series = series.cat.add_categories(new) if new else series.copy()
        series.iloc[gaps.rows] = [known.get(word, word) for word in gaps.values]
        return series
    series = series.copy()
    held = np.empty(len(gaps.values), dtype=object)
    held[:] = gaps.values
    series.iloc[gaps.rows] = held.astype(dtype) if isinstance(dtype, np.dtype) else held
    return series


def _in_polars(series: Any, gaps: Gaps) -> Any:
    if type(series.dtype).__name__ == "Enum":
        known = series.dtype.categories.to_list()
        new = sorted(set(gaps.values) - set(known) - {None})
        if new:
            series = series.cast(type(series.dtype)([*known, *new]))
    column: list[Any] = [None] * len(series)
    gone = np.ones(len(series), dtype=bool)
    for row, value in zip(gaps.rows.tolist(), gaps.values, strict=True):
        column[row] = value
    gone[gaps.rows] = False
    values = type(series)(series.name, column, dtype=series.dtype, strict=False)
    return series.zip_with(type(series)(gone), values)


def _in_arrow(column: Any, gaps: Gaps) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    codes = pa.types.is_dictionary(kind)
    plain = column.cast(kind.value_type) if codes else column
    values = gaps.values
    if pa.types.is_decimal(kind):
        step = Decimal(1).scaleb(-kind.scale)
        values = [value.quantize(step) for value in values]
    new = pa.array(values, type=plain.type)
    gone = np.zeros(len(column), dtype=bool)
    gone[gaps.rows] = True
    filled = pc.replace_with_mask(plain, pa.array(gone), new)
    return filled.dictionary_encode().cast(kind) if codes else filled
