"""Values of records in one way of writing, beside the values as they came.

Each distinct value of a column is normalised once, by steps that depend on what the column holds:
Unicode forms (Unicode Standard Annex 15), names, addresses, numbers, dates.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.cleaning._normal._change_report import (
    TEXT_COLUMNS,
    Changed,
    change_table,
    records_with,
    unread_dates,
)
from crmkit.cleaning._normal._detect import Values, kind_of
from crmkit.cleaning._normal._forms import for_column, traced
from crmkit.cleaning._normal._kinds import DATES, IGNORE, NUMBERS, check_kinds
from crmkit.cleaning._normal._settings import UNKNOWN, NormalSettings
from crmkit.cleaning._normal._stated import stated
from crmkit.cleaning._normal._text import as_text
from crmkit.exceptions import DataError, DataWarning, warn_user


class RecordNormalizer(TransformerMixin, BaseEstimator):
    """Bring values to one way of writing: records in, the same records with normal forms out.

    Use it to compare, count or join records by what their values mean; the values as they came
    stay beside the normal forms. `Deduplicator` does this work itself and needs no normal forms.
    It does not correct values: a name with a typing error keeps it.

    Parameters
    ----------
    kinds : dict of str to str, default=None
        What columns hold, by name: "first_name", "last_name", "name", "company", "email",
        "phone", "street", "city", "postcode", "state", "country", "birth_date", "date", "number",
        "category", "text", "set", "latitude", "longitude", "id" or "ignore". Columns that are not
        named, or all, are told by their names and contents; see `kinds_`. A column that is found
        to be an "id" is left alone; one that is named so is normalised.
    record : str, default=None
        Column of record ids, left alone.
    date_order : {"DMY", "MDY"}, default=None
        Order of dates with the year last. None finds it, column by column, from dates that can be
        read in one way only, and reads no others where there are none or where they disagree.
    phone_region : str, default=None
        Country of phone numbers that do not state theirs, as two capital letters such as "US":
        numbers are then written as in E.164, by the package phonenumbers
        (``pip install "crmkit[cleaning]"``). None guesses no country.
    nicknames : bool or dict of str to str, default=False
        Whether nicknames become given names ("Bob" is "robert"), or further ones beside the
        built-in ones. Off, since one nickname can stand for several names.
    placeholders : iterable of str, default=()
        Further values that mean "missing", in any case, beside "N/A", 999-999-9999, 1900-01-01,
        test@... and the like.
    decimal : {".", ","}, default="."
        Mark before the decimals of numbers that are text.
    suffix : str, default="_normal"
        End of the names of the new columns.

    Attributes
    ----------
    kinds_ : dict of str to str
        Kind of each column; "ignore" for those that get no normal form.
    date_orders_ : dict of str to str
        Order of each column of dates: "DMY", "MDY" or "unknown".
    feature_names_in_ : ndarray of str
        Columns of the frame given to `fit`.
    n_features_in_ : int
        Number of these columns.

    Examples
    --------
    >>> import pandas as pd
    >>> records = pd.DataFrame({
    ...     "name": ["Dr. José Müller", "MULLER, JOSE"],
    ...     "birth_date": ["31/12/1980", "05/06/1981"],
    ...     "phone": ["(212) 736-5000", "999-999-9999"],
    ... })
    >>> normal = RecordNormalizer().fit_transform(records)
    >>> normal[["name_normal", "birth_date_normal"]]
       name_normal birth_date_normal
    0  jose muller        1980-12-31
    1  jose muller        1981-06-05
    >>> changes = RecordNormalizer().fit(records).changes(records)
    >>> changes.loc[changes["column"] == "phone", ["rule", "n_records"]]
              rule  n_records
    6  placeholder          1
    7       digits          1
    """

    def __init__(
        self,
        kinds: Mapping[str, str] | None = None,
        *,
        record: str | None = None,
        date_order: str | None = None,
        phone_region: str | None = None,
        nicknames: bool | Mapping[str, str] = False,
        placeholders: Iterable[str] = (),
        decimal: str = ".",
        suffix: str = "_normal",
    ) -> None:
        self.kinds = kinds
        self.record = record
        self.date_order = date_order
        self.phone_region = phone_region
        self.nicknames = nicknames
        self.placeholders = placeholders
        self.decimal = decimal
        self.suffix = suffix

    def fit(self, X: Any, y: None = None) -> Self:
        """Find what columns hold and how their dates are written: records in, itself out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            One row a record, of pandas, polars, pyarrow or duckdb.
        y : None
            Ignored.

        Returns
        -------
        RecordNormalizer
            The normaliser itself.

        Raises
        ------
        DataError
            If a parameter or a kind is wrong, or a new column would have the name of an old one.

        Warns
        -----
        DataWarning
            If dates stay unread, with their number.
        """
        settings = self._settings()
        X = _frames.to_eager(X)
        names = _frames.column_names(X, OWNER)
        given = dict(self.kinds or {})
        check_kinds(given, names, OWNER)
        if self.record is not None and self.record not in names:
            raise DataError.missing_column(OWNER, self.record, names, "record")
        raw = _frames.coded_columns(X, [n for n in names if n != self.record], OWNER)
        kinds = {c.name: given.get(c.name) or _found_kind(c) for c in raw}
        self.kinds_ = {name: kinds.get(name, IGNORE) for name in names}
        self._check_new_names(names)
        self.date_orders_ = {
            column.name: _order(column, self.kinds_[column.name], settings)
            for column in raw
            if self.kinds_[column.name] in DATES
        }
        self.feature_names_in_ = np.array(names, dtype=object)
        self.n_features_in_ = len(names)
        self._tell_of_unread_dates(X)
        return self

    def transform(self, X: Any) -> Any:
        """Put normal forms beside the values: records in, records with more columns out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            Records with the columns of `fit`; others stay as they are.

        Returns
        -------
        frame of shape (n_records, n_columns + n_normal_forms)
            The rows and columns of `X`, in the caller's library, and a column with the normal form
            of each column whose kind is not "ignore". All are text, dates as YYYY-MM-DD, but
            "number", "latitude" and "longitude", which are float64 with NaN where missing.
        """
        X_eager = _frames.to_eager(X)
        add: dict[str, Any] = {}
        text = set()
        for column in self._changed(X_eager):
            name = f"{column.raw.name}{self.suffix}"
            if column.kind not in NUMBERS:
                text.add(name)
            add[name] = _spread(column)
        names = _frames.column_names(X_eager, OWNER)
        beside = _frames.attach(X_eager, keep=names, add=add, owner=OWNER, text=text)
        return _frames.hand_back(beside, like=X, keep=names)

    def changes(self, X: Any) -> Any:
        """Tell what normalising changes: records in, one row per column and rule out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            Records with the columns of `fit`.

        Returns
        -------
        frame
            In the caller's library: `column`, `kind`, `rule`, `n_values` (distinct values that
            the rule changed), `n_records` (records that have one of them), and the most frequent
            of these values `before` and `after` all rules; it is missing after a rule that found
            a placeholder. The rule "not read" counts dates that stay as they were written.
        """
        X_eager = _frames.to_eager(X)
        table = change_table(self._changed(X_eager))
        frame = _frames.new_frame(table, like=X_eager, owner=OWNER, text=TEXT_COLUMNS)
        return _frames.hand_back(frame, like=X, keep=())

    def _changed(self, X: Any) -> list[Changed]:
        check_is_fitted(self)
        settings = self._settings()
        used = [name for name, kind in self.kinds_.items() if kind != IGNORE]
        made = []
        for raw in _frames.coded_columns(X, used, OWNER):
            order: Any = self.date_orders_.get(raw.name)
            own = replace(settings, date_order=order)
            kind = self.kinds_[raw.name]
            made.append(Changed(raw, kind, traced(raw.values, kind, own)))
        return made

    def _settings(self) -> NormalSettings:
        """The parameters, checked."""
        if not isinstance(self.suffix, str) or not self.suffix:
            raise DataError(
                f"{OWNER}: suffix must be a text that is not empty, got {self.suffix!r}."
            )
        return stated(
            OWNER,
            date_order=self.date_order,
            phone_region=self.phone_region,
            nicknames=self.nicknames,
            placeholders=self.placeholders,
            decimal=self.decimal,
        )

    def _check_new_names(self, names: list[str]) -> None:
        new = {f"{n}{self.suffix}" for n in names if self.kinds_[n] != IGNORE}
        taken = sorted(new & set(names))
        if taken:
            raise DataError(
                f"{OWNER}: the normal form of a column would be called {taken[0]!r}, as a column "
                "is. Give another suffix."
            )

    def _tell_of_unread_dates(self, X: Any) -> None:
        for column in self._changed(X):
            unread = unread_dates(column)
            if not unread:
                continue
            name, n = column.raw.name, int(records_with(column.raw)[unread].sum())
            cure = "They stay as they were written."
            if self.date_orders_[name] == UNKNOWN:
                cure += (
                    ' If they are day and month, state which is first: date_order="DMY" or "MDY".'
                )
            warn_user(
                f"{OWNER}: {n:,} records have a {name!r} that cannot be read as one date (first "
                f"{as_text(column.raw.values[unread[0]])!r}). {cure}",
                DataWarning,
            )


OWNER = "RecordNormalizer"


def _found_kind(raw: _frames.RawColumn) -> str:
    """Kind of a column by name and content; an id is left alone."""
    kind = kind_of(raw.name, Values(raw.values, records_with(raw)))
    return IGNORE if kind == "id" else kind


def _order(raw: _frames.RawColumn, kind: str, settings: NormalSettings) -> str:
    """Order of the dates of a column, stated or found."""
    texts = [as_text(value) for value in raw.values]
    return for_column(texts, kind, settings).date_order or UNKNOWN


def _spread(column: Changed) -> Any:
    """Normal forms of the rows of a column."""
    if column.kind in NUMBERS:
        forms = [np.nan if form is None else float(form) for form in column.traced.forms]
        return np.array([*forms, np.nan], dtype=np.float64)[column.raw.codes]
    texts = np.array([*column.traced.forms, None], dtype=object)
    return texts[column.raw.codes]
