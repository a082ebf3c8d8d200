"""Records of customers from a file: everything as text, so that no id and no number is changed."""

from pathlib import Path
from typing import Any

import pandas as pd

from crmkit._optional import require
from crmkit.cli._transactions import (
    OWNER,
    UNREADABLE,
    CsvStyle,
    check_once,
    csv_options,
    kind_of,
    other_separator,
    unreadable,
)
from crmkit.exceptions import DataError


def read_records(path: Path, record: str, style: CsvStyle) -> pd.DataFrame:
    """Read a CSV or parquet file of records with a column of ids.

    Raises
    ------
    DataError
        If the file cannot be read, has no rows, or the column of ids is missing.
    """
    csv = kind_of(path) == "csv"
    frame = read_text(path, style) if csv else read_parquet(path)
    names = [str(name) for name in frame.columns]
    if record not in names:
        error = DataError.missing_column(OWNER, record, names, "--record-id")
        raise DataError(f"{error}{other_separator(names, style if csv else None)}")
    if csv:
        check_once(path, [record], csv_options(style))
    if frame.empty:
        raise DataError(f"{OWNER}: {path.name} has no rows of data.")
    return frame


def read_text(path: Path, style: CsvStyle) -> pd.DataFrame:
    """Every column of a CSV file as text; empty fields are missing."""
    options: dict[str, Any] = csv_options(style)
    try:
        frame: pd.DataFrame = pd.read_csv(
            path, dtype="str", keep_default_na=False, na_values=[""], index_col=False, **options
        )
    except UNREADABLE as error:
        raise unreadable(path, style, error) from None
    return frame


def read_parquet(path: Path) -> pd.DataFrame:
    """Every column of a parquet file."""
    parquet: Any = require("pyarrow.parquet", extra="report", purpose=OWNER)
    arrow: Any = require("pyarrow", extra="report", purpose=OWNER)
    try:
        return pd.DataFrame(parquet.read_table(path).to_pandas())
    except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError) as error:
        raise DataError(f"{OWNER}: {path.name} cannot be read as parquet: {error}") from None
