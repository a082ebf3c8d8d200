"""Columns that know the future: found one by one, before a model learns from them.

The area under the curve of a column alone is cross-fitted: each row is scored by the churn rate of
its bin or word among the rows of the other folds, so that neither the direction nor the shape
matters and a column of many words gains nothing by chance.
"""

from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._mixed_columns import identifier, is_numeric_text, names_of, read_columns
from crmkit._validation import Floats, check_share
from crmkit.churn._binary import encoded_labels
from crmkit.churn._drift import area, bin_edges
from crmkit.churn._snapshots import opened
from crmkit.exceptions import DataError

OWNER = "leakage_check"
COLUMNS = ["column", "finding", "auc", "reason"]
FINDINGS = ("after the cut-off", "tells the label", "constant in one class", "identifier", "date")

_N_BINS, _N_FOLDS, _FEW, _APART = 20, 5, 20, 0.1
_ISO = r"\d{4}-\d{2}-\d{2}(?:[T ].*)?"

Ints = npt.NDArray[np.int64]
Finding = tuple[str, str, float, str]


def leakage_check(
    X: Any,
    y: npt.ArrayLike | None = None,
    cutoff: Any = None,
    *,
    auc_limit: float = 0.95,
    constant: float = 0.995,
) -> pd.DataFrame:
    """Find columns that know the future: customers and labels in, a frame of findings out.

    Run it on every table that somebody else has made, before the first model: a column that was
    written after customers left makes a model look excellent and fail at work. What it finds is a
    suspicion with a reason: a column that was computed of the past alone, such as the score of a
    purchase model, tells the label as well where most customers are long gone. And a small leak
    (a window that ends a day late) is beyond it: build features with `SnapshotBuilder`, which
    cannot look ahead.

    Parameters
    ----------
    X : {dataframe, array-like} of shape (n_rows, n_columns) or Snapshots
        One row per customer (and cut-off), ids and dates left in.
    y : array-like of shape (n_rows,), default=None
        1 for churned and 0 for stayed, or any two labels; snapshots hold it.
    cutoff : str, date, datetime or array-like of shape (n_rows,), default=None
        When the features should have been known, one instant or one per row; snapshots hold it.
        Times with a zone are compared in UTC.
    auc_limit : float, default=0.95
        Area under the curve of one column alone from which it is suspected.
    constant : float, default=0.995
        Share of one value in one class from which the column is constant there.

    Returns
    -------
    pandas.DataFrame
        One row per finding, the gravest first: `column`, `finding` ("after the cut-off", "tells
        the label", "constant in one class", "identifier" or "date", a date that was not checked
        for want of a cut-off), `auc` of the column alone, and `reason`. No rows: nothing found.

    Raises
    ------
    DataError
        If lengths differ, `y` does not hold two classes, or a parameter is not allowed.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmkit.churn import leakage_check
    >>> random = np.random.default_rng(0)
    >>> y = (random.random(500) < 0.3).astype(int)
    >>> X = pd.DataFrame({
    ...     "customer_id": np.arange(500) + 1000,
    ...     "orders": random.poisson(3, 500),
    ...     "exit_survey": np.where((y == 1) & (random.random(500) < 0.5), "sent", None),
    ... })
    >>> leakage_check(X, y)[["column", "finding"]]
            column                finding
    0  exit_survey  constant in one class
    1  customer_id             identifier
    """
    check_share(auc_limit, "auc_limit", OWNER)
    check_share(constant, "constant", OWNER)
    X, told = opened(X, y=y, cutoff=cutoff)
    y, cutoff = told["y"], told["cutoff"]
    table = _frames.to_eager(X)
    columns, names = read_columns(table, None, OWNER), names_of(table, OWNER)
    n = len(columns[0].values)
    known = np.ones(n, dtype=bool) if y is None else ~np.asarray(pd.isna(np.asarray(y)), dtype=bool)
    if y is not None and len(known) != n:
        raise DataError(f"{OWNER}: X has {n:,} rows and y {len(known):,}.")
    labels = None if y is None else np.asarray(y)[known]
    _, churned = encoded_labels(_two_labels(labels), int(known.sum()), OWNER)
    limit = cutoffs(cutoff, n)
    named = _frames.is_frame(table)
    found: list[Finding] = []
    for name, column in zip(names, columns, strict=True):
        dates = instants_of(table, name, column) if named else None
        found += look(
            name, column, dates, churned, known, limit, (auc_limit, constant), named=named
        )
    found.sort(key=lambda each: (FINDINGS.index(each[1]), -each[2], each[0]))
    return pd.DataFrame(found, columns=COLUMNS)


def _two_labels(labels: npt.NDArray[Any] | None) -> npt.NDArray[Any] | None:
    """Refuse labels that are all unknown, or that are amounts."""
    if labels is None:
        return None
    if not len(labels):
        raise DataError(f"{OWNER}: every label in y is missing. Take cut-offs that lie earlier.")
    values = pd.unique(pd.Series(labels.ravel()))
    if len(values) > 2:
        raise DataError(
            f"{OWNER}: y holds {len(values):,} values, such as {values[:3].tolist()}, and two are "
            "needed. Of an amount or a time make a question first: y=snapshots.y > 0."
        )
    return labels


def look(
    name: str,
    column: MixedColumn,
    dates: npt.NDArray[np.datetime64] | None,
    churned: Ints,
    known: npt.NDArray[np.bool_],
    cutoff: npt.NDArray[np.datetime64] | None,
    limits: tuple[float, float],
    *,
    named: bool,
) -> list[Finding]:
    """Everything that is suspicious of one column."""
    if column.kind == "nested":
        return []
    number = column.kind == "number" or (column.kind == "text" and is_numeric_text(column.values))
    codes = codes_of(column, dates, cutoff, number)[known]
    auc = area_alone(codes, churned)
    found: list[Finding] = []
    if dates is not None:
        found += late(name, dates, cutoff, auc)
    why = identifier(name, column, number) if named and dates is None else None
    if auc >= limits[0]:
        text = f"alone it tells churned from stayed almost surely (area under the curve {auc:.3f})"
        why_else = (
            "find out when it was written, or of what it was computed. Where most customers are "
            "long gone, an honest recency or score tells as much: then look at active ones alone."
        )
        found.append((name, FINDINGS[1], auc, f"{text}: {why_else}"))
    elif not why and (said := one_sided(codes, churned, limits[1])):
        found.append((name, FINDINGS[2], auc, said))
    if why:
        text = f"{why}: leave it out of the features, or name it as the customer."
        found.append((name, FINDINGS[3], auc, text))
    return found


def late(
    name: str,
    dates: npt.NDArray[np.datetime64],
    cutoff: npt.NDArray[np.datetime64] | None,
    auc: float,
) -> list[Finding]:
    """Dates at or after the cut-off, or that could not be compared."""
    if cutoff is None:
        text = "it holds dates: pass cutoff= to see whether they were known by then."
        return [(name, FINDINGS[4], auc, text)]
    after = dates >= cutoff
    if not after.any():
        return []
    first = int(after.argmax())
    text = (
        f"{after.sum():,} of {len(after):,} dates are at or after the cut-off (first at row "
        f"{first:,}: {dates[first].astype('datetime64[s]')}): it was written later."
    )
    return [(name, FINDINGS[0], auc, text)]


def instants_of(table: Any, name: str, column: MixedColumn) -> npt.NDArray[np.datetime64] | None:
    """Instants of a column of dates, or of words that are dates year first; None of others."""
    if column.kind == "instant":
        values = pd.Series(_frames.column_values(table, name, OWNER), dtype=object)
    elif column.kind == "text":
        values = pd.Series(column.values, dtype=object)
        there = values.dropna()
        if not len(there) or not there.str.fullmatch(_ISO).all():
            return None
    else:
        return None
    told = pd.to_datetime(values, utc=True, errors="coerce", format="ISO8601")
    return np.asarray(told.dt.tz_localize(None).to_numpy(), dtype="datetime64[us]")


def cutoffs(cutoff: Any, n: int) -> npt.NDArray[np.datetime64] | None:
    """One cut-off per row, or None."""
    if cutoff is None:
        return None
    each = cutoff if not isinstance(cutoff, str) and np.ndim(cutoff) == 1 else [cutoff] * n
    numbers = [value for value in each if isinstance(value, Number)]
    if numbers:
        raise DataError(
            f"{OWNER}: cutoff must be instants, such as '2024-06-01' or one per row, got "
            f"{numbers[0]!r}. Numbers have no unit."
        )
    try:
        told = pd.to_datetime(pd.Series(list(each), dtype=object), utc=True, format="ISO8601")
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{OWNER}: cutoff must be instants, such as '2024-06-01' or one per row. {error}"
        ) from None
    if len(told) != n or told.isna().any():
        raise DataError(
            f"{OWNER}: cutoff must be one instant or one for each of {n:,} rows, none missing, got "
            f"{len(told):,}."
        )
    return np.asarray(told.dt.tz_localize(None).to_numpy(), dtype="datetime64[us]")


def codes_of(
    column: MixedColumn,
    dates: npt.NDArray[np.datetime64] | None,
    cutoff: npt.NDArray[np.datetime64] | None,
    number: bool,
) -> Ints:
    """Number of the bin or the word of each row; the missing are one of their own."""
    if dates is not None:
        since = dates - (np.datetime64(0, "us") if cutoff is None else cutoff)
        days = since / np.timedelta64(1, "D")
        return binned(np.where(np.isnat(dates), np.nan, days))
    if column.kind == "number":
        return binned(column.values)
    if number:
        words = pd.Series(column.values, dtype=object).str.strip().replace("", None)
        return binned(np.asarray(pd.to_numeric(words), dtype=np.float64))
    codes, _ = pd.factorize(pd.Series(column.values, dtype=object), use_na_sentinel=False)
    return np.asarray(codes, dtype=np.int64)


def binned(x: Floats) -> Ints:
    """Number of the bin of each value."""
    finite = np.where(np.isinf(x), np.sign(x) * np.finfo(np.float64).max, x)
    edges = bin_edges(finite, _N_BINS)
    place = np.searchsorted(edges, finite, side="right")
    return np.where(np.isnan(x), len(edges) + 1, place).astype(np.int64)


def area_alone(codes: Ints, churned: Ints) -> float:
    """Area under the curve of the churn rate of a row's bin among the other folds."""
    fold = np.random.default_rng(0).permutation(len(codes)) % _N_FOLDS
    n_codes = int(codes.max()) + 1
    n = np.zeros((_N_FOLDS, n_codes))
    hits = np.zeros((_N_FOLDS, n_codes))
    np.add.at(n, (fold, codes), 1.0)
    np.add.at(hits, (fold, codes), churned)
    others, their_hits = n.sum(axis=0) - n, hits.sum(axis=0) - hits
    base = their_hits.sum(axis=1, keepdims=True) / others.sum(axis=1, keepdims=True)
    rate = (their_hits + base) / (others + 1.0)
    return area(churned.astype(np.float64), (rate - base)[fold, codes])[0]


def one_sided(codes: Ints, churned: Ints, constant: float) -> str | None:
    """Say that a value is all there is in one class and not in the other, or None."""
    counts = np.zeros((2, int(codes.max()) + 1))
    np.add.at(counts, (churned, codes), 1.0)
    shares = counts / counts.sum(axis=1, keepdims=True)
    for here, there, words in ((0, 1, ("stayed", "churned")), (1, 0, ("churned", "stayed"))):
        top = int(shares[here].argmax())
        others = counts[there].sum() - counts[there, top]
        apart = shares[here, top] - shares[there, top] >= _APART
        if shares[here, top] >= constant and apart and others >= _FEW:
            return (
                f"{shares[here, top]:.1%} of those who {words[0]} have one value, "
                f"{1.0 - shares[there, top]:.1%} of those who {words[1]} have others: it may be "
                "filled in only when they leave."
            )
    return None
