"""Values of records in one way of writing, beside the values as they came.

Each distinct value of a column is normalised once, by steps that depend on what the column holds:
Unicode forms (Unicode Standard Annex 15), names, addresses, numbers, dates.
"""

from collections.abc import Iterable, Iterator, Mapping
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
from crmkit.cleaning._normal._forms import for_column, normalised, traced
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
    meant_ : dict of str to list of str
        Words such as "NULL" or "NA" that stand for something in a column, since they are written
        as a name or a code is there, and are rare; anywhere else they mean "missing".
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
        numbered = [name for name in names if not isinstance(name, str)]
        if numbered:
            raise DataError(
                f"{OWNER}: names of columns must be text, got {numbered[0]!r}. Rename the columns: "
                "names tell what columns hold."
            )
        given = dict(self.kinds or {})
        check_kinds(given, names, OWNER)
        if self.record is not None and self.record not in names:
            raise DataError.missing_column(OWNER, self.record, names, "record")
        raw = _frames.coded_columns(X, [n for n in names if n != self.record], OWNER)
        kinds = {c.name: given.get(c.name) or _found_kind(c) for c in raw}
        self.kinds_ = {name: kinds.get(name, IGNORE) for name in names}
        self._check_new_names(names)
        used = [column for column in raw if self.kinds_[column.name] != IGNORE]
        found = {c.name: _found(c, self.kinds_[c.name], settings) for c in used}
        self.date_orders_ = {
            name: own.date_order or UNKNOWN
            for name, own in found.items()
            if self.kinds_[name] in DATES
        }
        self.meant_ = {name: sorted(own.meant) for name, own in found.items() if own.meant}
        self.feature_names_in_ = np.array(names, dtype=object)
        self.n_features_in_ = len(names)
        self._tell_of_unread_dates([c for c in used if self.kinds_[c.name] in DATES])
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
        for raw, kind, settings in self._columns(X_eager):
            name = f"{raw.name}{self.suffix}"
            if kind not in NUMBERS:
                text.add(name)
            add[name] = _spread(raw, kind, normalised(raw.values, kind, settings))
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
            a placeholder. The rule "not read" counts dates that are none of the calendar.
        """
        X_eager = _frames.to_eager(X)
        table = change_table(
            Changed(raw, kind, traced(raw.values, kind, settings))
            for raw, kind, settings in self._columns(X_eager)
        )
        frame = _frames.new_frame(table, like=X_eager, owner=OWNER, text=TEXT_COLUMNS)
        return _frames.hand_back(frame, like=X, keep=())

    def _columns(self, X: Any) -> Iterator[tuple[_frames.RawColumn, str, NormalSettings]]:
        """Columns that get a normal form, with their kind and the settings found in `fit`."""
        check_is_fitted(self)
        settings = self._settings()
        used = [name for name, kind in self.kinds_.items() if kind != IGNORE]
        for raw in _frames.coded_columns(X, used, OWNER):
            yield raw, self.kinds_[raw.name], self._of_column(raw.name, settings)

    def _of_column(self, name: str, settings: NormalSettings) -> NormalSettings:
        order: Any = self.date_orders_.get(name)
        return replace(settings, date_order=order, meant=frozenset(self.meant_.get(name, ())))

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

    def _tell_of_unread_dates(self, columns: Iterable[_frames.RawColumn]) -> None:
        settings = self._settings()
        for raw in columns:
            name, kind = raw.name, self.kinds_[raw.name]
            forms = normalised(raw.values, kind, self._of_column(name, settings))
            unread = unread_dates(kind, forms)
            if not unread:
                continue
            n = int(records_with(raw)[unread].sum())
            cure = "Their normal forms are no dates; see changes()."
            if self.date_orders_[name] == UNKNOWN:
                cure += (
                    ' If they are day and month, state which is first: date_order="DMY" or "MDY".'
                )
            warn_user(
                f"{OWNER}: {n:,} records have a {name!r} that cannot be read as one date of the "
                f"calendar (first {as_text(raw.values[unread[0]])!r}). {cure}",
                DataWarning,
            )


OWNER = "RecordNormalizer"


def _found_kind(raw: _frames.RawColumn) -> str:
    """Kind of a column by name and content; an id is left alone."""
    kind = kind_of(raw.name, Values(raw.values, records_with(raw)))
    return IGNORE if kind == "id" else kind


def _found(raw: _frames.RawColumn, kind: str, settings: NormalSettings) -> NormalSettings:
    """Settings of a column with what its values tell: see `for_column`."""
    texts = [as_text(value) for value in raw.values]
    return for_column(texts, kind, settings, records_with(raw))


def _spread(raw: _frames.RawColumn, kind: str, forms: list[str | None]) -> Any:
    """Normal forms of the rows of a column."""
    if kind in NUMBERS:
        numbers = [np.nan if form is None else float(form) for form in forms]
        return np.array([*numbers, np.nan], dtype=np.float64)[raw.codes]
    return np.array([*forms, None], dtype=object)[raw.codes]
