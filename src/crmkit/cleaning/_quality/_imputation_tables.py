"""Tables as an imputer needs them: in one order of rows, in groups, with their gaps counted."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._validation import Floats
from crmkit.cleaning._quality._imputation_asked import OWNER
from crmkit.cleaning._quality._imputation_columns import (
    LOOKS_LIKE_ID,
    MISSING_WORD,
    Learnt,
    Read,
    used,
    value_of,
    words_of,
)
from crmkit.cleaning._quality._imputation_fill import thinned
from crmkit.cleaning._quality._imputation_gaps import goes_with

Names = npt.NDArray[Any]

LOOKED_AT = 20_000
NO_WORD = "\x00"
BETWEEN = "\x1f"


def n_rows(table: Any) -> int:
    """Number of rows of an eager frame or an array."""
    return len(table) if hasattr(table, "__len__") else int(table.num_rows)


def in_one_order(x: Floats, keys: Names | None) -> tuple[Floats, Names | None]:
    """Rows in an order that depends on their values alone, so that what is learnt does."""
    columns = [*([] if keys is None else [keys]), *x.T[::-1]]
    order = np.lexsort(columns) if columns else np.arange(len(x))
    return x[order], None if keys is None else keys[order]


def group_keys(columns: list[MixedColumn]) -> Names:
    """Group of each row: the words of some columns behind one another."""
    words = [
        ["" if word is None else NO_WORD + word for word in words_of(column).tolist()]
        for column in columns
    ]
    return np.array([BETWEEN.join(row) for row in zip(*words, strict=True)])


def flags_at(rows: npt.NDArray[np.intp], n: int) -> npt.NDArray[np.bool_]:
    """Flags that are true at some rows."""
    flags = np.zeros(n, dtype=bool)
    flags[rows] = True
    return flags


def customer_of(learnt: list[Learnt]) -> str | None:
    """Column of the customer id, named or found."""
    names = [each["name"] for each in learnt if each["why"] in LOOKS_LIKE_ID]
    return str(names[0]) if names else None


def count_gaps(table: Any, learnt: list[Learnt], read: Read) -> None:
    """Write into what was learnt of columns how many values lack, and what that goes with."""
    columns = used(learnt)
    rows = thinned(len(read.x), LOOKED_AT)
    places = {each["name"]: j for j, each in enumerate(columns)}
    for each in learnt:
        j = places.get(each["name"])
        gone = _gone(table, each) if j is None else np.isnan(read.x[:, j])
        each |= {"n_rows": len(gone), "n_missing": int(gone.sum())}
        if j is not None:
            found = goes_with(read.x[rows], columns, j)
            each |= {"goes_with": found.column, "area": found.area, "told": found.told}


def filled_gaps(
    read: Read, out: Floats, columns: list[Learnt], fillers: list[dict[str, Any]]
) -> dict[str, _frames.Gaps]:
    """Gaps of each column, and what fills them as the column has it."""
    made = {}
    for j, (each, filler) in enumerate(zip(columns, fillers, strict=True)):
        rows = np.flatnonzero(np.isnan(read.x[:, j]))
        values = [value_of(value, each) for value in out[rows, j].tolist()]
        if filler["method"] == "missing":
            values = [MISSING_WORD] * len(rows)
        made[each["name"]] = _frames.Gaps(rows, values)
    return made


def as_frame(
    X: Any,
    table: Any,
    gaps: dict[str, _frames.Gaps],
    indicators: list[str],
    new_words: list[str],
) -> Any:
    """The eager `table` with its gaps filled and columns of flags, as the kind of frame of `X`.

    Columns of `new_words` hold a word that the type they have in `X` may not.
    """
    names = _frames.column_names(table, OWNER)
    n = n_rows(table)
    add = {f"{name}_missing": flags_at(gaps[name].rows, n) for name in indicators}
    filled = _frames.fill_gaps(table, gaps, OWNER)
    wide = _frames.attach(filled, keep=names, add=add, owner=OWNER)
    return _frames.hand_back(wide, like=X, keep=[name for name in names if name not in new_words])


def as_array(
    array: npt.NDArray[Any],
    gaps: dict[str, _frames.Gaps],
    places: dict[str, int],
    indicators: list[str],
) -> npt.NDArray[Any]:
    """A copy of an array with its gaps filled, and flags as numbers or words behind."""
    words = array.dtype.kind not in "biuf"
    filled = np.array(array, dtype=object if words else array.dtype)
    for name, each in gaps.items():
        for row, value in zip(each.rows.tolist(), each.values, strict=True):
            filled[row, places[name]] = value
    flags = [flags_at(gaps[name].rows, len(array)) for name in indicators]
    wide = np.column_stack([filled, *(flag.astype(filled.dtype) for flag in flags)])
    return wide.astype(str) if array.dtype.kind == "U" else wide


def told(each: Learnt, filler: dict[str, Any] | None) -> dict[str, Any]:
    """Row of the report: of a column that is filled, or left alone where there is no filler."""
    row = {
        "column": each["name"],
        "n_missing": each["n_missing"],
        "share_missing": each["n_missing"] / each["n_rows"],
        "method": "left alone",
        "error": np.nan,
        "error_simple": np.nan,
        "measure": "",
        "n_masked": 0,
        "goes_with": "",
        "area": np.nan,
        "note": each["why"],
    }
    if filler is not None:
        row |= {name: filler[name] for name in ("method", "error", "error_simple", "n_masked")}
        row["measure"] = "share wrong" if each["levels"] else "RMSE"
        row |= {"goes_with": each["goes_with"], "area": each["area"], "note": each["told"]}
    return row


def _gone(table: Any, each: Learnt) -> npt.NDArray[np.bool_]:
    """Which values of a column that is left alone are missing."""
    if _frames.is_frame(table):
        return _frames.missing_values(table, each["name"], OWNER)
    return np.asarray(pd.isna(np.asarray(table)[:, each["place"]]), dtype=bool)
