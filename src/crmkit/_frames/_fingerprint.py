"""What a frame is, told without a value of it: rows, columns, types and a SHA-256."""

import hashlib
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from crmkit._frames._native import eager, refuse_spark, wrap

EXACT = 2.0**53  # from here on float64 leaves whole numbers out
MISSING = "\0"


def fingerprint(data: object, owner: str) -> dict[str, Any]:
    """Rows, columns with their types, and the SHA-256 of the values in their order.

    Numbers are read as float64 (columns of larger whole numbers as text), instants in nanoseconds,
    the rest as text, so that one table has one SHA-256 in pandas, polars, pyarrow and duckdb.
    """
    held = wrap(data, owner)
    refuse_spark(held, owner)
    frame = eager(held)
    digest = hashlib.sha256()
    for name in frame.columns:
        digest.update(str(name).encode())
        digest.update(_hashes(frame[name]).tobytes())
    types = {str(name): str(kind) for name, kind in frame.schema.items()}
    return {"rows": len(frame), "columns": types, "sha256": digest.hexdigest()}


def _hashes(column: nw.Series[Any]) -> Any:
    if column.dtype.is_numeric() or column.dtype == nw.Boolean:
        values = column.cast(nw.Float64).to_numpy()
        if column.dtype.is_integer() and np.nanmax(np.abs(values), initial=0.0) >= EXACT:
            values = np.array([str(v) for v in column.to_list()], dtype=object)
    elif isinstance(column.dtype, (nw.Datetime, nw.Date)):
        zone = getattr(column.dtype, "time_zone", None)
        values = column.cast(nw.Datetime("ns", zone)).to_numpy()
        if values.dtype.kind == "M":
            values = values.astype("datetime64[ns]").view(np.int64)
    else:
        texts = [MISSING if _is_missing(v) else str(v) for v in column.to_list()]
        values = np.array(texts, dtype=object)
    return pd.util.hash_array(np.asarray(values), categorize=True)


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
