"""Ids in and out: read as whole numbers or text, written in the library and type they came in.

What is kept of a type is plain text and lists, so that a model that keeps it can be stored.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._frames._engines import is_pyspark
from crmkit._frames._native import _text, eager, hand_back, quoted, require_columns, wrap
from crmkit._frames._plain import PlainFrame
from crmkit._frames._spark_frames import active_session, column_types, spark_frame
from crmkit.exceptions import DataError

TEXT = (nw.String, nw.Categorical, nw.Enum)
PLAIN = "plain"


def id_types(data: Any, names: Iterable[str], owner: str) -> dict[str, Any]:
    """Library of a frame and the types of some of its columns, as plain values.

    `id_frame` builds frames of this library whose columns have these types.
    """
    if isinstance(data, PlainFrame):
        return {"library": PLAIN, "types": {}}
    frame = wrap(data, owner)
    names = list(names)
    require_columns(frame, dict.fromkeys(names), owner)
    engine = frame.implementation
    library = engine.value
    if engine.is_polars() and isinstance(frame, nw.LazyFrame):
        library = "polars lazy"
    native = nw.to_native(frame)
    types: dict[str, Any] = {}
    for name in names:
        if engine.is_pandas():
            types[name] = _pandas_type(native[name].dtype)
        elif engine.is_duckdb():
            types[name] = str(dict(zip(native.columns, native.types, strict=True))[name])
        elif is_pyspark(frame):
            types[name] = column_types(native)[name]
        elif engine.is_pyarrow():
            kind = str(native.schema.field(name).type)
            types[name] = "dictionary" if kind.startswith("dictionary") else kind
        else:
            dtype: Any = frame.collect_schema()[name]
            types[name] = type(dtype).__name__
            if dtype == nw.Enum:
                types[name] = {"type": "Enum", "categories": list(dtype.categories)}
    return {"library": library, "types": types}


def id_frame(
    columns: Mapping[str, npt.NDArray[Any]],
    told: Mapping[str, Any],
    like: Any = None,
    *,
    text: Collection[str] = (),
) -> Any:
    """Frame of columns in the library and types that `id_types` told; others by their values.

    Columns named in `text` are stored as text, even without a row.

    A relation of duckdb comes from the connection of `like`, where that is one, else from the
    default connection. An id that its type cannot hold keeps the type it has here.
    """
    library, types = told["library"], told["types"]
    if library == PLAIN:
        return PlainFrame({}).with_columns(columns)
    if library == "pandas":
        made = {name: _pandas_series(values, types.get(name)) for name, values in columns.items()}
        for name in text:
            made[name] = nw.to_native(_text(name, columns[name], nw.Implementation.PANDAS))
        return pd.DataFrame(made)
    if library.startswith("polars"):
        table: Any = nw.from_dict({k: _plain(v) for k, v in columns.items()}, backend="polars")
        types = {**types, **dict.fromkeys(text, "String")}
        casts = [_polars_column(table[name], types.get(name)) for name in columns]
        table = table.with_columns(*casts)
        return nw.to_native(table.lazy() if library == "polars lazy" else table)
    arrow = _arrow_table(columns, types if library == "pyarrow" else {}, text)
    if library == "pyarrow":
        return arrow
    if library.startswith("pyspark"):
        return spark_frame(arrow, active_session(), types)
    if like is not None:
        return hand_back(arrow, like=like)
    import duckdb

    parts = [
        f"CAST({quoted(name)} AS {types[name]}) AS {quoted(name)}"
        if name in types
        else quoted(name)
        for name in columns
    ]
    return duckdb.from_arrow(arrow).project(", ".join(parts))


def id_column(data: Any, name: str, owner: str) -> npt.NDArray[Any]:
    """A column of ids of a frame as whole numbers or text; missing ids are refused."""
    if isinstance(data, PlainFrame):
        return _array_ids(data.column(name, owner), repr(name), owner)
    frame = wrap(data, owner)
    require_columns(frame, {name: None}, owner)
    return _series_ids(eager(frame.select(name))[name], repr(name), owner)


def id_values(values: Any, name: str, owner: str, column: str | None = None) -> npt.NDArray[Any]:
    """Ids told as a list, array, series, or frame (its `column`, else the first) as an array."""
    if isinstance(values, np.ndarray):
        return _array_ids(values, name, owner)
    if isinstance(values, list):
        return _array_ids(values, name, owner)
    frame = nw.from_native(values, pass_through=True, allow_series=True)
    if isinstance(frame, (nw.DataFrame, nw.LazyFrame)):
        names = frame.collect_schema().names()
        return id_column(values, column if column in names else names[0], owner)
    if isinstance(frame, nw.Series):
        return _series_ids(frame, name, owner)
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise DataError(f"{owner}: {name} must be a list of ids, got {values!r}.")
    return _array_ids(list(values), name, owner)


def joint_ids(parts: Sequence[npt.NDArray[Any]], label: str, owner: str) -> npt.NDArray[Any]:
    """Arrays of ids, all text or all whole numbers, one behind the other and exact.

    Signed and unsigned numbers meet as int64 where they fit, else as uint64, never as floats.
    """
    parts = [part for part in parts if len(part)]
    if not parts:
        return np.empty(0, dtype=np.int64)
    if len({part.dtype for part in parts if part.dtype.kind in "iu"}) < 2:
        return np.concatenate(parts)
    low = min(int(part.min()) for part in parts)
    high = max(int(part.max()) for part in parts)
    dtype = _whole_numbers([low, high], label, owner).dtype
    return np.concatenate([part.astype(dtype) for part in parts])


def named_numbers(data: Any, name: str, owner: str) -> npt.NDArray[np.float64]:
    """A column of numbers or flags of a frame as float64, NaN where missing."""
    frame = wrap(data, owner)
    require_columns(frame, {name: None}, owner)
    series = eager(frame.select(name))[name]
    if not (series.dtype.is_numeric() or series.dtype == nw.Boolean):
        raise DataError(f"{owner}: column {name!r} is {series.dtype}: it must hold numbers.")
    given = series.cast(nw.Float64).to_list()
    return np.asarray([np.nan if v is None else v for v in given], dtype=np.float64)


def missing_values(data: Any, name: str, owner: str) -> npt.NDArray[np.bool_]:
    """Which rows of a frame lack a value in a column."""
    if isinstance(data, PlainFrame):
        return np.zeros(len(data.column(name, owner)), dtype=bool)
    frame = wrap(data, owner)
    require_columns(frame, {name: None}, owner)
    series = eager(frame.select(name))[name]
    gone = series.is_null()
    if series.dtype.is_float():
        gone = gone | series.is_nan().fill_null(False)
    return np.asarray(gone.to_numpy(), dtype=bool)


def drop_rows(data: Any, gone: npt.NDArray[np.bool_], owner: str) -> Any:
    """Eager frame without some rows, in the library of the frame."""
    if isinstance(data, PlainFrame):
        return data.rows(~gone)
    table = eager(wrap(data, owner))
    return nw.to_native(nw.maybe_reset_index(table[np.flatnonzero(~gone)]))


def check_id_type(data: Any, name: str, owner: str) -> None:
    """Refuse a column of ids that holds neither text nor whole numbers."""
    if isinstance(data, PlainFrame):
        return
    _check_type(wrap(data, owner).collect_schema()[name], repr(name), owner)


def ascending(distinct: Any) -> npt.NDArray[np.int64]:
    """Order of distinct values: whole numbers by size, categories of them too; all else as text."""
    if isinstance(distinct, np.ndarray):
        return np.argsort(distinct, kind="stable")
    plain = distinct
    if not distinct.dtype.is_integer():
        held = distinct.to_list() if distinct.dtype == nw.Categorical else []
        if held and all(_is_whole(value) for value in held):
            return np.argsort(np.array(held, dtype=object), kind="stable")
        plain = distinct.cast(nw.String)
    table = plain.alias("value").to_frame().with_row_index("row")
    return np.asarray(table.sort("value")["row"].to_numpy(), dtype=np.int64)


def _check_type(dtype: Any, label: str, owner: str) -> None:
    if dtype.is_float():
        raise DataError(
            f"{owner}: {label} is {str(dtype).lower()}: missing ids turn numbers into floats, "
            "read it as text."
        )
    if not (dtype.is_integer() or dtype in TEXT):
        raise DataError(
            f"{owner}: {label} is {dtype}: ids must be text or whole numbers, all of one type; "
            "convert the column to text."
        )


def _series_ids(series: "nw.Series[Any]", label: str, owner: str) -> npt.NDArray[Any]:
    if not len(series):
        return np.empty(0, dtype=np.int64)
    _check_type(series.dtype, label, owner)
    n_missing = int(series.null_count())
    if n_missing:
        raise DataError(f"{owner}: {label} lacks an id in {n_missing:,} rows. Drop them first.")
    if series.dtype.is_integer():
        numbers = np.asarray(series.to_numpy())
        return numbers if numbers.dtype == np.uint64 else numbers.astype(np.int64)
    if series.dtype == nw.String:
        return np.asarray(series.to_list(), dtype=str)
    return _array_ids(series.to_list(), label, owner)  # categories may be whole numbers


def _array_ids(values: Any, label: str, owner: str) -> npt.NDArray[Any]:
    array = np.asarray(values) if isinstance(values, np.ndarray) else None
    if array is not None and array.ndim != 1:
        raise DataError(f"{owner}: {label} must be a list of ids, got shape {array.shape}.")
    if array is not None and array.dtype.kind in "iuU":
        return array if array.dtype.kind == "U" or array.dtype == np.uint64 else array.astype("i8")
    held = list(values)
    if not held:
        return np.empty(0, dtype=np.int64)
    kinds = set(map(type, held))
    if kinds == {str} or all(isinstance(value, str) for value in held):
        return np.asarray(held, dtype=str)
    if kinds == {int}:
        return _whole_numbers(held, label, owner)
    if all(_is_whole(value) for value in held):
        return _whole_numbers([int(value) for value in held], label, owner)
    raise DataError(
        f"{owner}: {label} must hold text or whole numbers, all of one type, got {held[:5]!r}."
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _whole_numbers(held: list[int], label: str, owner: str) -> npt.NDArray[Any]:
    """Whole numbers as int64, or as uint64 where one needs it: numpy alone would make floats."""
    low, high = min(held), max(held)
    if low >= -(2**63) and high < 2**63:
        return np.asarray(held, dtype=np.int64)
    if low >= 0 and high < 2**64:
        return np.asarray(held, dtype=np.uint64)
    raise DataError(
        f"{owner}: {label} holds whole numbers that no type of 64 bits holds together (from {low} "
        f"to {high}): convert the column to text."
    )


def _pandas_type(dtype: Any) -> Any:
    if isinstance(dtype, pd.CategoricalDtype):
        kept = [value.item() if hasattr(value, "item") else value for value in dtype.categories]
        return {"type": "category", "categories": kept, "ordered": bool(dtype.ordered)}
    return str(dtype)


def _pandas_series(values: npt.NDArray[Any], kind: Any) -> Any:
    series = pd.Series(values)
    if isinstance(kind, dict):
        known = set(kind["categories"])
        new = sorted({value for value in series.unique() if value not in known})
        return series.astype(pd.CategoricalDtype([*kind["categories"], *new], kind["ordered"]))
    if kind is None:
        return series
    typed = series.astype(kind)
    if values.dtype.kind in "iu" and not np.array_equal(typed.to_numpy(dtype=object), values):
        return series
    return typed


def _polars_column(series: "nw.Series[Any]", kind: Any) -> "nw.Series[Any]":
    if kind is None:
        return series
    dtype = nw.Enum(kind["categories"]) if isinstance(kind, dict) else getattr(nw, kind)
    try:
        return series.cast(dtype)
    except Exception as error:  # polars and narwhals have errors of their own for what is too large
        if "InvalidOperation" in type(error).__name__:
            return series
        raise


def _arrow_table(
    columns: Mapping[str, npt.NDArray[Any]], types: Mapping[str, Any], text: Collection[str]
) -> Any:
    import pyarrow as pa

    made = {}
    for name, values in columns.items():
        is_text = values.dtype.kind == "U" or name in text
        array = pa.array(_plain(values), type=pa.string() if is_text else None)
        kind = types.get(name)
        if kind == "dictionary":
            array = array.dictionary_encode()
        elif kind is not None:
            with suppress(pa.ArrowInvalid):
                array = array.cast(pa.type_for_alias(kind))
        made[name] = array
    return pa.table(made)


def _plain(values: npt.NDArray[Any]) -> Any:
    return values.tolist() if values.dtype.kind in "UOS" else values
