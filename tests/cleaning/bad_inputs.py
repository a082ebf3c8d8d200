"""Tables as they should not be, and every public part of cleaning as a function of one table."""

import datetime
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from crmkit.cleaning import (
    Deduplicator,
    GoldenRecord,
    MissingValueImputer,
    RecordLinker,
    RecordNormalizer,
    WrongValueDetector,
    expect,
    mask,
    pseudonymize,
    quality_report,
)

NAMES = ["Ann Lee", "Bob Ray", "Cid Fox", "Ann Lee", "Dee Orr", "Eli Dunn", "Fay Hill", "Gil Penn"]
CITIES = ["Bath", "York", "Bath", "Bath", "Leeds", "York", "Hull", "Bath"]
STREETS = [f"{number} High Street" for number in (1, 2, 3, 1, 5, 6, 7, 8)]


def people(**columns):
    """Eight records of seven people, with some columns more or written anew."""
    return pd.DataFrame({"name": NAMES, "city": CITIES, "street": STREETS, **columns})


def objects(values):
    """A column of Python objects."""
    held = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        held[place] = value
    return pd.Series(held, dtype=object)


def inputs():
    """Tables by what is wrong with them."""
    days = ["1980-05-01", "01/05/1980", "5 May 1980", None, "31.12.1999", "1999/12/31", "", "x"]
    nothing = [None] * 8
    return {
        "a column without a value": people(phone=nothing, n=[np.nan] * 8),
        "no value at all": pd.DataFrame({"name": nothing, "city": nothing}, dtype=object),
        "one record": people().iloc[:1],
        "no record": people().iloc[:0],
        "all equal": people().iloc[[0] * 8].reset_index(drop=True),
        "all distinct": people(code=[f"K{j}x{j * 7919}" for j in range(8)]),
        "one column": people()[["name"]],
        "ids of several types": people(id=objects([1, "1", 2.5, None, "x", 7, b"y", (1, 2)])),
        "dates in three formats": people(birth_date=days),
        "emoji": people(note=["😀", "👩‍👩‍👧", "🇩🇪", "é", "é", "😀", "", None]),
        "right to left": people(first_name=["محمد", "فاطمة", "דוד", "שרה", "محمد", "a", "b", "c"]),
        "control characters": people(
            note=["\x00", "\x07a", "\u200b", "a\nb", "\t", "\x1b[0m", "", "\ufeff"]
        ),
        "lone surrogates": people(note=objects(["\ud800", "a", "b", "c", "d", "e", "f", "g"])),
        "large cells": people(note=["x" * 1_000_000, "y " * 500_000, *"abcdef"]),
        "infinite numbers": people(age=[1.0, np.inf, -np.inf, 4, 5, 6, 7, np.nan]),
        "huge numbers": people(age=objects([10**400, 1, 2, 3, 4, 5, 6, None])),
        "lists": people(tags=objects([["a", "b"], ["b", "a"], [], None, ["a"], [1], [[2]], ["a"]])),
        "arrays": people(tags=objects([np.array([1, 2])] * 8)),
        "records in cells": people(info=objects([{"a": 1}, {"a": [1]}, {}, None, {}, {}, {}, {}])),
        "sets": people(tags=objects([{"a"}, {"a", "b"}, set(), None, {"b"}, {1}, {"c"}, {"d"}])),
        "bytes": people(raw=objects([b"a", b"\xff", b"", None, b"a", b"b", b"c", b"d"])),
        "decimals": people(price=objects([decimal.Decimal("1.10"), None] * 4)),
        "no number decimal": people(
            price=objects([decimal.Decimal("NaN"), decimal.Decimal(1)] * 4)
        ),
        "dates and times mixed": people(
            at=objects([datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, 5), "2024", 5] * 2)
        ),
        "dates out of range": people(
            at=objects([datetime.date(1, 1, 1), datetime.date(9999, 12, 31)] * 4)
        ),
        "flags": people(flag=pd.array([True, None] * 4, dtype="boolean")),
        "nullable": people(
            n=pd.array([1, None] * 4, dtype="Int64"),
            t=pd.array(["a", None] * 4, dtype="string"),
            f=pd.array([0.5, None] * 4, dtype="Float64"),
        ),
        "categories": people(
            plan=pd.Categorical(["a", None, "b", "a"] * 2, categories=["z", "b", "a"]),
            grade=pd.Categorical([1, 2, None, 1] * 2),
        ),
        "times": people(
            at=pd.to_datetime(["2024-01-01", None] * 4),
            tz=pd.to_datetime(["2024-01-01"] * 8, utc=True),
            gap=pd.to_timedelta(["1h", None] * 4),
        ),
        "names that say nothing": people(**{"": [1] * 8, " ": ["a"] * 8, "a\nb": ["b"] * 8}),
        "a complex column": people(z=[1j] * 8),
        "polars": pl.from_pandas(people()).with_columns(
            cat=pl.Series(["a", None] * 4, dtype=pl.Categorical),
            enum=pl.Series(["a", None] * 4, dtype=pl.Enum(["a", "b"])),
            struct=pl.Series([{"a": 1, "b": "x"}, None] * 4),
            lists=pl.Series([[1, 2], None] * 4),
            raw=pl.Series([b"a", None] * 4),
            price=pl.Series([decimal.Decimal("1.10"), None] * 4),
            day=pl.Series([datetime.date(2024, 1, 1), None] * 4),
            time=pl.Series([datetime.time(5), None] * 4),
            nothing=pl.Series([None] * 8, dtype=pl.Null),
            nan=pl.Series([float("nan"), 1.0] * 4),
            any=pl.Series([object()] * 8, dtype=pl.Object),
        ),
        "pyarrow": pa.Table.from_pandas(people(), preserve_index=False)
        .append_column("coded", pa.array(["a", None] * 4).dictionary_encode())
        .append_column("large", pa.array(["a", None] * 4, pa.large_string()))
        .append_column("raw", pa.array([b"a", None] * 4))
        .append_column("day", pa.array([datetime.date(2024, 1, 1), None] * 4))
        .append_column("nothing", pa.nulls(8))
        .append_column("struct", pa.array([{"a": 1}, None] * 4))
        .append_column("map", pa.array([[("a", 1)], None] * 4, pa.map_(pa.string(), pa.int64()))),
    }


def normalised(frame):
    normalizer = RecordNormalizer().fit(frame)
    normalizer.changes(frame)
    return normalizer.transform(frame)


def deduplicated(frame):
    deduplicator = Deduplicator().fit(frame)
    deduplicator.pairs()
    deduplicator.blocking_report()
    deduplicator.predict(frame)
    return deduplicator.annotate(frame)


def linked(frame):
    linker = RecordLinker().fit(frame, frame)
    linker.links()
    return linker.links_


def golden(frame):
    if isinstance(frame, pl.DataFrame):
        known = frame.with_columns(entity=pl.int_range(pl.len()) // 2)
    elif isinstance(frame, pa.Table):
        known = frame.append_column("entity", pa.array(np.arange(frame.num_rows) // 2))
    else:
        known = frame.assign(entity=np.arange(len(frame)) // 2)
    return GoldenRecord().fit_transform(known)


def imputed(frame):
    imputer = MissingValueImputer(n_jobs=1).fit(frame)
    imputer.report()
    imputer.transform_draws(frame, draws=1)
    return imputer.transform(frame)


def judged(frame):
    detector = WrongValueDetector().fit(frame)
    detector.detect(frame)
    detector.summary(frame)
    return detector.repair(frame)


def reported(frame):
    report = quality_report(frame)
    report.issues()
    report.rows()
    report.to_frame()
    return report.scores()


def expected(frame):
    wanted = expect(frame).no_copies().has_rows(0).unique("name").no_missing().valid()
    return wanted.result()


def named_anew(frame):
    names = list(frame.column_names if isinstance(frame, pa.Table) else frame.columns)
    return pseudonymize(frame, names[-1], key="a key of thirty-two characters!!")


TOOLS = {
    "RecordNormalizer": normalised,
    "Deduplicator": deduplicated,
    "RecordLinker": linked,
    "GoldenRecord": golden,
    "MissingValueImputer": imputed,
    "WrongValueDetector": judged,
    "quality_report": reported,
    "expect": expected,
    "mask": mask,
    "pseudonymize": named_anew,
}
