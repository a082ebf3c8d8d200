"""Transactions from a file, read without guessing: ids as text, dates and amounts checked."""

import lzma
import warnings
import zipfile
import zlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crmkit._optional import require
from crmkit.exceptions import DataError

OWNER = "crmkit report"
CSV, PARQUET = (".csv", ".tsv", ".txt"), (".parquet", ".pq")
EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
PACKED = (".gz", ".bz2", ".xz", ".zip", ".zst")
DATE_FORMATS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%Y/%m/%d %H:%M",
    "%d/%m/%y %H:%M",
    "%m/%d/%y %H:%M",
    "%Y/%m/%d %H:%M:%S",
)
OFFSET = r"[T ]\d.*(?:Z|[+-]\d\d:?\d\d)$"  # such times are instants, in any mix of offsets
UNREADABLE = (
    ValueError,  # the errors of pandas' own parser among them
    LookupError,
    EOFError,
    ImportError,
    lzma.LZMAError,
    zlib.error,
    zipfile.BadZipFile,
)
MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"]


@dataclass(frozen=True)
class Columns:
    """Names of the columns to read; `amount` may be a product such as "Quantity*UnitPrice"."""

    customer: str
    when: str
    amount: str
    order: str | None = None
    item: str | None = None
    quantity: str | None = None
    item_text: str | None = None
    category: str | None = None
    channel: str | None = None
    promotion: str | None = None

    def ids(self) -> dict[str, str]:
        """Options and names of the columns that are read as text: ids and names."""
        named = {
            "--customer": self.customer,
            "--order": self.order,
            "--item": self.item,
            "--item-text": self.item_text,
            "--category": self.category,
            "--channel": self.channel,
        }
        return {option: name for option, name in named.items() if name is not None}

    def read(self, factors: Sequence[str]) -> list[str]:
        """Every column that is read: ids, dates, factors of the amount, units, promotion."""
        more = (self.quantity, self.promotion)
        named = [*self.ids().values(), self.when, *factors, *(name for name in more if name)]
        return list(dict.fromkeys(named))

    def first_factor(self, names: Container[str]) -> str | None:
        """First column of a product, which counts units; None for a plain amount."""
        first, times, _ = self.amount.partition("*")
        return first.strip() if times and first.strip() in names else None


@dataclass(frozen=True)
class CsvStyle:
    """How a CSV file is written."""

    sep: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"


def read_transactions(
    path: Path, columns: Columns, *, date_format: str | None = None, style: CsvStyle | None = None
) -> pd.DataFrame:
    """Read a CSV or parquet file and check its named columns, with the amount computed.

    Raises
    ------
    DataError
        If the file cannot be read, a column is missing, a date is not written as stated, or an
        amount is no number.
    """
    if kind_of(path) == "parquet":
        frame, factors = read_parquet(path, columns)
    else:
        frame, factors = read_csv(path, columns, CsvStyle() if style is None else style)
    if frame.empty:
        raise DataError(f"{OWNER}: {path.name} has no rows of data.")
    decimal = "." if style is None else style.decimal
    added: dict[str, Any] = {columns.when: as_times(frame[columns.when], date_format)}
    for name in [*factors, *([columns.quantity] if columns.quantity else [])]:
        added[name] = as_numbers(frame[name], decimal)
    if len(factors) > 1:
        added[columns.amount] = np.prod([added[name] for name in factors], axis=0)
    return frame.assign(**added)


def kind_of(path: Path) -> str:
    """Tell "csv" or "parquet" by the ending; files of another kind are refused with a way out."""
    endings = [e.lower() for e in path.suffixes if e.lower() not in PACKED]
    ending = endings[-1] if endings else ""
    if ending in PARQUET:
        return "parquet"
    if ending in CSV:
        return "csv"
    way = ""
    if ending in EXCEL:
        way = (
            ' Open it in Excel and save it by "Save As" as "CSV UTF-8 (Comma delimited)"; where '
            "the computer writes decimal commas, that file has semicolons: --sep ';' --decimal ,"
        )
    raise DataError(
        f"{OWNER}: {path.name} ends in {ending or 'nothing'!r}. "
        f"Files that can be read: {', '.join((*CSV, *PARQUET))}, the former also packed "
        f"({', '.join(PACKED)}).{way}"
    )


def read_csv(path: Path, columns: Columns, style: CsvStyle) -> tuple[pd.DataFrame, list[str]]:
    """Every column of a CSV file, ids and dates as text, and the factors of the amount.

    With some columns only, rows would seem equal that are not, and lines of too many fields pass.
    """
    options = csv_options(style)
    try:
        names = [str(name) for name in pd.read_csv(path, nrows=0, **options).columns]
        factors = wanted(names, columns, style)
        check_once(path, columns.read(factors), options)
        text = [*columns.ids().values(), columns.when]
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                path,
                index_col=False,
                dtype=dict.fromkeys(text, "str"),
                keep_default_na=False,
                na_values={name: [""] for name in text} | dict.fromkeys(factors, MISSING),
                decimal=style.decimal,
                **options,
            )
    except DataError:
        raise
    except (*UNREADABLE, pd.errors.ParserWarning) as error:
        raise unreadable(path, style, error) from None
    return frame, factors


def check_once(path: Path, names: Iterable[str], options: Mapping[str, Any]) -> None:
    """Refuse a header that names a column twice that is read: which one is meant is not told."""
    header = pd.read_csv(path, nrows=1, header=None, dtype="str", keep_default_na=False, **options)
    written = header.iloc[0].tolist()
    for name in names:
        if written.count(name) > 1:
            raise DataError(
                f"{OWNER}: the header of {path.name} names column {name!r} {written.count(name)} "
                "times. Rename those that are not meant."
            )


def csv_options(style: CsvStyle) -> dict[str, Any]:
    """How pandas is told to read a CSV file; marks that are none are refused."""
    for option, mark in (("--sep", style.sep), ("--decimal", style.decimal)):
        if len(mark) != 1:
            raise DataError(f"{OWNER}: {option} must be one character, got {mark!r}.")
    return {"sep": style.sep, "encoding": style.encoding, "engine": "c", "low_memory": False}


def unreadable(path: Path, style: CsvStyle, error: Exception) -> DataError:
    """What to say of a CSV file that pandas cannot read."""
    if isinstance(error, UnicodeDecodeError):
        return DataError(
            f"{OWNER}: {path.name} is not written in {style.encoding} ({error.reason} at byte "
            f"{error.start:,}). Name its encoding, such as --encoding latin-1."
        )
    if isinstance(error, pd.errors.EmptyDataError):
        return DataError(f"{OWNER}: {path.name} is empty: it has no header and no rows.")
    if isinstance(error, pd.errors.ParserWarning):
        return DataError(
            f"{OWNER}: {path.name} has lines with more fields than its header. Quote text "
            "that holds the separator, and take separators off the ends of lines."
        )
    return DataError(f"{OWNER}: {path.name} cannot be read as CSV: {error}".strip())


def read_parquet(path: Path, columns: Columns) -> tuple[pd.DataFrame, list[str]]:
    """Every column of a parquet file, float ids that are whole as text, and the factors."""
    parquet: Any = require("pyarrow.parquet", extra="report", purpose=OWNER)
    arrow: Any = require("pyarrow", extra="report", purpose=OWNER)
    try:
        names = list(parquet.read_schema(path).names)
        factors = wanted(names, columns, None)
        frame = pd.DataFrame(parquet.read_table(path).to_pandas())
    except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError) as error:
        raise DataError(f"{OWNER}: {path.name} cannot be read as parquet: {error}") from None
    for name in columns.ids().values():
        if frame[name].dtype.kind == "f" and (frame[name].dropna() % 1 == 0).all():
            ids = frame[name].astype("Int64").astype("str")
            frame[name] = ids.where(frame[name].notna(), None)
    return frame, factors


def wanted(names: list[str], columns: Columns, style: CsvStyle | None) -> list[str]:
    """Check that the columns are there; the factors of the amount come back."""
    factors = [columns.amount]
    if columns.amount not in names:
        factors = [part.strip() for part in columns.amount.split("*")]
    options = {**columns.ids(), "--when": columns.when}
    if columns.quantity is not None:
        options["--quantity"] = columns.quantity
    if columns.promotion is not None:
        options["--promotion"] = columns.promotion
    for option, name in [*options.items(), *(("--amount", name) for name in factors)]:
        if name not in names:
            error = DataError.missing_column(OWNER, name, names, option)
            raise DataError(f"{error}{other_separator(names, style)}")
    return factors


def other_separator(names: list[str], style: CsvStyle | None) -> str:
    """A hint when the header looks as if another character parted it."""
    likely = [s for s in (";", "\t", "|", ",") if len(names) == 1 and s in names[0]]
    if style is None or not likely:
        return ""
    return f" The header looks parted by {likely[0]!r}: pass --sep {likely[0]!r}."


def as_times(values: "pd.Series[Any]", date_format: str | None) -> "pd.Series[Any]":
    """Dates and times as stated, ISO 8601 unless told otherwise; missing ones stay missing."""
    if not (pd.api.types.is_string_dtype(values.dtype) or values.dtype.kind in "iuf"):
        return values
    text = values.astype("str").where(values.notna(), None).str.strip()
    try:
        aware = date_format is None and bool(text.str.contains(OFFSET, na=False).all())
        times = pd.to_datetime(text, format=date_format or "ISO8601", errors="coerce", utc=aware)
    except ValueError as error:
        if date_format is None:
            raise DataError(
                f"{OWNER}: column {values.name!r} mixes times with and without an offset from UTC. "
                "Write all of them in one way."
            ) from None
        raise DataError(f"{OWNER}: --date-format {date_format!r}: {error}") from None
    bad = np.asarray(times.isna() & text.notna())
    if not bad.any():
        return times
    first = int(bad.argmax())
    stated = "ISO 8601 dates" if date_format is None else f"written as {date_format!r}"
    raise DataError(
        f"{OWNER}: column {values.name!r} has {bad.sum():,} values that are not {stated} (first in "
        f"data row {first + 1:,}: {text.iloc[first]!r}).{format_hint(text.dropna())}"
    )


def format_hint(text: "pd.Series[Any]") -> str:
    """Which usual formats fit every value: told, never chosen."""
    values = pd.Series(text.unique())
    fits = []
    for candidate in DATE_FORMATS:
        if pd.to_datetime(values, format=candidate, errors="coerce").notna().all():
            fits.append(f"--date-format {candidate!r}")
    if not fits:
        return " Say how they are written, such as --date-format '%d/%m/%Y'."
    return f" All of them fit {' and '.join(fits)}: say which is meant."


def as_numbers(values: "pd.Series[Any]", decimal: str) -> "pd.Series[Any]":
    """Numbers as float64; text is refused with the first value that is none.

    Text with a point is none where another character is the decimal point: "2.037" is two
    thousand in one country and two in another.
    """
    if pd.api.types.is_numeric_dtype(values.dtype) and values.dtype.kind != "b":
        return values.astype("float64")
    if values.dtype.kind == "b":
        raise DataError(f"{OWNER}: column {values.name!r} holds yes and no, not numbers.")
    numbers = pd.to_numeric(values, errors="coerce")
    if decimal != ".":
        numbers = numbers.mask(values.astype("str").str.contains(".", regex=False))
    bad = np.asarray(numbers.isna() & values.notna())
    if not bad.any():
        return numbers.astype("float64")
    first = int(bad.argmax())
    raise DataError(
        f"{OWNER}: column {values.name!r} has {bad.sum():,} values that are no numbers (first in "
        f"data row {first + 1:,}: {str(values.iloc[first])!r}). Remove signs of currency and "
        "thousands; for decimal commas pass --decimal ,"
    )
