"""Frames of any library in, columns out; columns in, a frame of the same library out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._frames._plain import PlainFrame
from crmkit._frames._spark_frames import column_types, spark_frame
from crmkit.exceptions import DataError

Frame: TypeAlias = "nw.DataFrame[Any] | nw.LazyFrame[Any]"

MOST_SIGNED = 2**63 - 1

SUPPORTED = "pandas, polars (eager or lazy), pyarrow, duckdb; events and customers of Spark"


def is_frame(data: object) -> bool:
    """Tell whether `data` is a frame of a library that crmkit reads."""
    if isinstance(data, PlainFrame):
        return True
    try:
        return isinstance(nw.from_native(data, pass_through=True), (nw.DataFrame, nw.LazyFrame))
    except nw.exceptions.DuplicateError:  # a frame, which `wrap` refuses in words
        return True


def wrap(data: object, owner: str) -> Frame:
    """Wrap a frame for this package, or say which kinds of frame are read."""
    try:
        frame = nw.from_native(data, pass_through=True)
        if isinstance(frame, (nw.DataFrame, nw.LazyFrame)):
            frame.collect_schema()
            return frame
    except nw.exceptions.DuplicateError as error:
        raise DataError(f"{owner}: two columns have one name; rename one. {error}") from None
    kind = f"{type(data).__module__}.{type(data).__qualname__}"
    cure = " Read the file first, for example pd.read_csv(...)." if isinstance(data, str) else ""
    raise DataError(f"{owner}: a frame is needed ({SUPPORTED}), got {kind}.{cure}")


def refuse_spark(frame: Frame, owner: str) -> None:
    """Refuse a frame of Spark to what reads single rows: all of them would be fetched."""
    if frame.implementation.is_pyspark() or frame.implementation.is_pyspark_connect():
        raise DataError(
            f"{owner}: the rows are read one by one, and those of a frame of Spark stay where they "
            "are. crmkit.scale works where they lie; or fetch what fits in memory, of some "
            "customers where all are too many: frame.toArrow(), EventLog(frame.toArrow(), ...)."
        )


def eager(frame: Frame) -> nw.DataFrame[Any]:
    """Collect a lazy frame; an eager one passes."""
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame


def column_names(data: object, owner: str) -> list[str]:
    """Names of the columns of a frame, in order."""
    if isinstance(data, PlainFrame):
        return list(data.columns)
    return wrap(data, owner).collect_schema().names()


def has_rows(data: object, owner: str) -> bool:
    """Tell whether a frame has a row; no more than one of them is fetched."""
    if isinstance(data, PlainFrame):
        return len(data) > 0
    return len(eager(wrap(data, owner).head(1))) > 0


def to_eager(data: object) -> object:
    """Collect a lazy frame or relation; anything else passes through as it is."""
    if isinstance(data, (PlainFrame, pd.DataFrame)):
        return data
    try:
        frame = nw.from_native(data, pass_through=True)
    except nw.exceptions.DuplicateError:  # an eager frame, which `wrap` refuses in words
        return data
    return nw.to_native(frame.collect()) if isinstance(frame, nw.LazyFrame) else data


def held(data: object, owner: str) -> object:
    """Frame in memory: a lazy one or a relation is collected, one of Spark refused."""
    if not isinstance(data, PlainFrame):
        refuse_spark(wrap(data, owner), owner)
    return to_eager(data)


def float_columns(
    data: object, names: Sequence[str], owner: str, *, flags: Sequence[str] = ()
) -> object:
    """Pick columns as float64: frame in, eager frame of the same library out, in this order.

    Columns named in `flags` may also be Boolean: true is 1.

    Raises
    ------
    DataError
        If a column is missing or holds no numbers; all faults are told in one error.
    """
    if isinstance(data, PlainFrame):
        return data.floats(names, owner)
    frame = wrap(data, owner)
    require_columns(frame, dict.fromkeys(names), owner)
    schema = frame.collect_schema()
    wrong = [
        f"{name!r} is {schema[name]}"
        for name in names
        if not (schema[name].is_numeric() or (name in flags and schema[name] == nw.Boolean))
    ]
    if wrong:
        raise DataError(f"{owner}: columns must hold numbers, but {', '.join(wrong)}.")
    picked = nw.to_native(eager(frame.select(nw.col(name).cast(nw.Float64) for name in names)))
    # pandas has floats with a missing value of their own, which numpy cannot read
    return picked.astype("float64") if frame.implementation.is_pandas() else picked


def column_values(data: object, name: str, owner: str) -> npt.NDArray[Any]:
    """One column as a numpy array of whatever it holds."""
    if isinstance(data, PlainFrame):
        return data.column(name, owner)
    frame = wrap(data, owner)
    require_columns(frame, {name: None}, owner)
    return np.asarray(eager(frame.select(name))[name].to_numpy())


def rows_with(data: object, key: str, names: Sequence[str], owner: str) -> object:
    """Pick columns of the rows that have a `key`: frame in, eager frame of the library out.

    A missing key turns whole numbers beside it to floats, and large ones to their neighbours.
    """
    if isinstance(data, PlainFrame):  # which holds no row without one
        return data.pick([key, *names], owner)
    frame = wrap(data, owner)
    refuse_spark(frame, owner)
    require_columns(frame, dict.fromkeys([key, *names]), owner)
    table = eager(frame.select(key, *names))
    return nw.to_native(table.filter(~nw.col(key).is_null()))


def attach(
    data: object,
    *,
    keep: Iterable[str],
    add: Mapping[str, npt.ArrayLike],
    owner: str,
    text: Collection[str] = (),
) -> Any:
    """Select columns and put new ones beside them: the caller's kind of frame in and out.

    The rows of `add` are in the row order of `data`; an index of pandas is kept. Columns of `add`
    named in `text` are stored as text, even where every value is missing.

    Raises
    ------
    DataError
        If a column to keep is missing or is called like a new one.
    """
    keep = list(keep)
    if not isinstance(data, PlainFrame):
        require_columns(wrap(data, owner), dict.fromkeys(keep), owner)
    taken = [name for name in keep if name in add]
    if taken:
        raise DataError(
            f"{owner}: column {taken[0]!r} is called like a new column ({', '.join(add)}). "
            "Rename it first."
        )
    if isinstance(data, PlainFrame):
        return data.pick(keep, owner).with_columns(add)
    table = eager(wrap(data, owner))
    backend = table.implementation
    columns = [
        _text(name, values, backend) if name in text else _column(name, values, backend)
        for name, values in add.items()
    ]
    joined = table.select(*keep).with_columns(*columns)
    return hand_back(nw.to_native(joined), like=data, keep=keep)


def with_column(data: object, name: str, values: npt.ArrayLike, owner: str) -> Any:
    """Eager frame with one column replaced where it stands, or added behind the others."""
    if isinstance(data, PlainFrame):
        return data.with_columns({name: values})
    table = eager(wrap(data, owner))
    column = nw.new_series(name, _plain(values), backend=table.implementation)
    return nw.to_native(table.with_columns(column))


def new_frame(
    columns: Mapping[str, npt.ArrayLike],
    *,
    like: object,
    owner: str,
    text: Collection[str] = (),
) -> Any:
    """Build an eager frame from columns, of the library of `like` when it is collected.

    Columns named in `text` are stored as text, even without a row.
    """
    if isinstance(like, PlainFrame):
        return PlainFrame({}).with_columns(columns)
    backend = eager(wrap(like, owner).head(0)).implementation
    made = {k: _text(k, v, backend) if k in text else _plain(v) for k, v in columns.items()}
    return nw.to_native(nw.from_dict(made, backend=backend))


def hand_back(result: Any, *, like: object, keep: Iterable[str] | None = None) -> Any:
    """Turn an eager result into the kind of `like`, the caller's own frame.

    A relation comes from the connection of the caller's. Its columns named in `keep` are those of
    the caller and have the types that they have there; None is the first one, the id. A new
    column has a type of its own, whatever the caller's frame holds under its name.
    """
    if isinstance(like, (PlainFrame, pd.DataFrame)):
        return result
    given = nw.from_native(like, pass_through=True)
    if not isinstance(given, nw.LazyFrame):
        return result
    if given.implementation.is_pyspark() or given.implementation.is_pyspark_connect():
        return _as_spark(result, like, keep)
    if not given.implementation.is_duckdb():
        return nw.to_native(nw.from_native(result).lazy(backend=given.implementation))
    relation: Any = like
    crmkit_result = result  # the query finds it by this name
    names = list(crmkit_result.column_names)
    kept = set(names[:1] if keep is None else keep)
    types = {k: v for k, v in zip(relation.columns, relation.types, strict=True) if k in kept}
    columns = ", ".join(
        f"CAST({quoted(name)} AS {types[name]}) AS {quoted(name)}"
        if name in types
        else quoted(name)
        for name in names
    )
    return relation.query("crmkit_events", f"SELECT {columns} FROM crmkit_result")


def _as_spark(result: Any, like: Any, keep: Iterable[str] | None) -> Any:
    """Eager result as a frame of the session of `like`, with the types of its columns `keep`."""
    table = nw.from_native(result, eager_only=True).to_arrow()
    held, names = column_types(like), table.column_names
    kept = set(names[:1] if keep is None else keep) & set(names)
    types = {name: held[name] for name in kept if name in held}
    return spark_frame(table, like.sparkSession, types)


def quoted(name: str) -> str:
    """Name of a column as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def require_columns(frame: Frame, wanted: Mapping[str, str | None], owner: str) -> None:
    """Check that columns exist; `wanted` maps each to the parameter that names it, or None."""
    columns = frame.collect_schema().names()
    for name, parameter in wanted.items():
        if name not in columns:
            raise DataError.missing_column(owner, name, columns, parameter)


def _plain(values: npt.ArrayLike) -> Any:
    array = np.asarray(values)
    return array.tolist() if array.dtype.kind in "UOS" else array


def _text(name: str, values: npt.ArrayLike, backend: Any) -> "nw.Series[Any]":
    """A series of text, None where missing."""
    plain = _plain(values)
    if not backend.is_pandas():
        return nw.new_series(name, plain, nw.String(), backend=backend)
    dtype: Any = "str" if pd.Series(["text"]).dtype != object else object
    try:
        series = pd.Series(plain, dtype=dtype, name=name)
    except UnicodeEncodeError:  # half a letter, which only Python's own text can hold
        whole = [v if v is None else v.encode("utf-8", "replace").decode() for v in plain]
        series = pd.Series(whole, dtype=dtype, name=name)
    return nw.from_native(series, series_only=True)


def _column(name: str, values: npt.ArrayLike, backend: Any) -> "nw.Series[Any]":
    """A series; whole numbers stay whole where some are missing, in pandas too."""
    plain = _plain(values)
    if not (isinstance(plain, list) and None in plain):
        return nw.new_series(name, plain, backend=backend)
    there = [value for value in plain if value is not None]
    if {type(value) for value in there} != {int}:
        return nw.new_series(name, plain, backend=backend)
    is_large = max(there) > MOST_SIGNED
    if backend.is_pandas():
        whole = pd.array(plain, dtype="UInt64" if is_large else "Int64")
        return nw.new_series(name, whole, backend=backend)
    return nw.new_series(name, plain, nw.UInt64() if is_large else nw.Int64(), backend=backend)
