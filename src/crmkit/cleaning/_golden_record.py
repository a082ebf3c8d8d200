"""One record an entity: rules of survivorship, where each value is from, and the ids that follow.

Survivorship is the word of master data management for the choice among the values of records that
are one person. Values that mean something together, such as those of an address, come from one
record: an address of parts of two is nobody's.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.base import Estimator
from crmkit.cleaning._normal._kinds import DATES, check_kinds
from crmkit.cleaning._survivorship._choosing import (
    Chosen,
    Ids,
    choose,
    date_order,
    found_kinds,
    n_contested,
    read_ids,
)
from crmkit.cleaning._survivorship._golden_ids import OWNER, golden_places
from crmkit.cleaning._survivorship._golden_tables import GoldenTables
from crmkit.cleaning._survivorship._kept import kept, objects
from crmkit.cleaning._survivorship._rules import Part, Rule, parts_of
from crmkit.cleaning._survivorship._standing import (
    Standing,
    distrust_of,
    has_text,
    newness_of,
    standing,
    without_blanks,
)
from crmkit.exceptions import DataError, DataWarning, nearest, warn_user


class GoldenRecord(GoldenTables, TransformerMixin, Estimator):
    """Choose the best value of each column: records of known entities in, one row an entity out.

    Use it after `Deduplicator.annotate`, or on any list that says which records are one person.
    It chooses among the values there are and does not correct them: normal forms are used to see
    which values are the same, and the golden value is written as a record writes it. Ties are
    broken by trusted source, age, gaps and the text of the value, never by the order of the rows.

    Parameters
    ----------
    entity : str, default="entity"
        Column that says which records are one person: text or whole numbers, never missing.
    rules : str, callable or dict, default=None
        One rule for all columns, or rules by column or by kind of column. See Notes for what is
        usual.

        * "most_recent", "oldest": the newest or oldest known value, by `when`;
        * "most_frequent": the value that most records have, however they write it, in its most
          frequent way of writing;
        * "longest": the longest text;
        * "most_complete": the value of the record with the fewest gaps;
        * "most_trusted": the value of the first of `sources` that has one;
        * "first": the value of the record with the smallest id (without `record`, the first row);
        * "min", "max": of dates and numbers;
        * a function: gets the list of known values of an entity, best record first, and returns
          one. Functions are called once an entity, which takes time, and cannot be stored by
          skops.
    kinds : dict of str to str, default=None
        What columns hold, by name, as in `Deduplicator`; columns that are not named are told by
        their names and contents.
    record : str, default=None
        Column of record ids. The smallest id of an entity stands for all of them: it is the id of
        the golden record, the customer id in `id_map`, and stays when records are added behind.
    when : str, default=None
        Column that says how new a record is: dates, datetimes, numbers or text in ISO 8601, in
        which "N/A" and the like are missing.
    source : str, default=None
        Column that says where a record is from.
    sources : sequence, default=None
        Values of `source`, the most trusted first; others come last. Those that no record has
        are warned of.
    together : list of lists of str, default=None
        Columns whose values come from one record. None keeps first and last name together, and
        street, postcode, city, state, country and coordinates, where each of these kinds is that
        of one column; an empty list keeps none together.

    Attributes
    ----------
    kinds_ : dict of str to str
        Kind of each column.
    rules_ : dict of str to str
        Rule of each column; the name of a function.
    together_ : list of list of str
        Columns whose values come from one record.
    date_orders_ : dict of str to str
        Order of the dates of each column of dates: "DMY", "MDY" or "unknown".
    n_entities_, n_records_ : int
        Number of entities and records of `fit`.
    n_contested_ : dict of str to int
        Number of entities whose records have different values, ways of writing apart, by column.
    feature_names_in_ : ndarray of str
        Columns of the frame given to `fit`.
    n_features_in_ : int
        Number of these columns.

    Notes
    -----
    *Usual rules.* What changes in the life of a person (e-mail, phone, address, company, numbers,
    categories, dates) is "most_recent" where `when` is given, else "most_trusted" where `sources`
    are, else "most_frequent"; what does not change (names, birth dates, ids) is "most_frequent";
    texts are "longest".

    *Typing errors.* Where as many records say one thing as another, "most_frequent" does not take
    the name, city, country or category that ten times fewer entities of the list have than have
    its rival: "Amrtin" loses against "Martin", and "Lee" as a first name against "Ann". Only then
    do the ties of the other rules follow.

    *Columns that stay together* take one record: the rule chooses among the records that have the
    leading column (the street of an address, the last name of a name), and of all records that say
    the same the fullest one is taken. By "most_frequent" that is the record whose values agree
    most often with those of the others.

    *Missing values.* Empty texts are missing. What says nothing ("N/A", 999-999-9999) gives way to
    any other value, and stays where there is none; so do dates, phone numbers, postcodes and ids
    of this kind that are stored as dates or numbers (1900-01-01, 9999999999).

    *What it keeps.* A fitted GoldenRecord keeps the values of all records as text, for
    `provenance`: it is personal data, and so is a file of it.

    Examples
    --------
    >>> import pandas as pd
    >>> records = pd.DataFrame({
    ...     "record_id": ["r1", "r2", "r3"],
    ...     "entity": [0, 0, 1],
    ...     "name": ["Ann Lee", "ANN LEE", "Bo Ray"],
    ...     "email": ["ann@old.com", "ann@new.com", None],
    ...     "updated": pd.to_datetime(["2023-01-05", "2024-06-01", "2024-01-01"]),
    ... })
    >>> golden = GoldenRecord(record="record_id", when="updated")
    >>> golden.fit_transform(records)[["record_id", "name", "email"]]
      record_id     name        email
    0        r1  Ann Lee  ann@new.com
    1        r3   Bo Ray          NaN
    >>> golden.id_map()
      record_id  entity golden_id
    0        r1       0        r1
    1        r2       0        r1
    2        r3       1        r3
    """

    def __init__(
        self,
        entity: str = "entity",
        rules: Rule | Mapping[str, Rule] | None = None,
        *,
        kinds: Mapping[str, str] | None = None,
        record: str | None = None,
        when: str | None = None,
        source: str | None = None,
        sources: Sequence[Any] | None = None,
        together: Iterable[Iterable[str]] | None = None,
    ) -> None:
        self.entity = entity
        self.rules = rules
        self.kinds = kinds
        self.record = record
        self.when = when
        self.source = source
        self.sources = sources
        self.together = together

    def fit(self, X: Any, y: None = None) -> Self:
        """Find kinds and rules, and choose the values: records in, itself out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            One row a record, of pandas, polars, pyarrow or duckdb.
        y : None
            Ignored.

        Returns
        -------
        GoldenRecord
            The estimator itself.

        Raises
        ------
        DataError
            If a column or parameter is wrong, an entity or record id is missing, or one record id
            is in two entities.
        """
        self._fit(_frames.to_eager(X), X)
        return self

    def fit_transform(self, X: Any, y: None = None) -> Any:
        """Choose the golden records of X: records in, one row an entity out; see `transform`.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            One row a record, of pandas, polars, pyarrow or duckdb.
        y : None
            Ignored.

        Returns
        -------
        frame
            As `transform` gives it.
        """
        table = _frames.to_eager(X)
        return self._frame(table, self._fit(table, X), X)

    def transform(self, X: Any) -> Any:
        """Choose golden records by the rules of `fit`: records in, one row an entity out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            Records with the columns of `fit`, of the same people or of others.

        Returns
        -------
        frame
            In the caller's library, sorted by entity, with the columns of `X` in their order and
            types. The column `record` holds the smallest record id of the entity.
        """
        check_is_fitted(self)
        table = _frames.to_eager(X)
        ids, raw = self._read(table, self.kinds_)
        return self._frame(table, self._choose(raw, ids), X)

    def _fit(self, table: Any, X: Any) -> Chosen:
        names = _frames.column_names(table, OWNER)
        self._check_columns(names)
        given = dict(self.kinds or {})
        check_kinds(given, names, OWNER)
        ids, raw = self._read(table, names)
        self.kinds_ = found_kinds(raw, given, ids)
        self.date_orders_ = {c.name: date_order(c) for c in raw if self.kinds_[c.name] in DATES}
        parts = self._parts()
        labels = {name: part.label for part in parts for name in part.names}
        self.rules_ = {name: labels[name] for name in self.kinds_}
        self.together_ = [list(part.names) for part in parts if len(part.names) > 1]
        self.feature_names_in_ = np.array(names, dtype=object)
        self.n_features_in_ = len(names)
        chosen = self._choose(raw, ids)
        self._check_sources(raw)
        columns = [self.entity] if self.record is None else [self.entity, self.record]
        self._library = _frames.id_types(X, columns, OWNER)
        self._kept = kept(chosen)
        self.n_entities_, self.n_records_ = chosen.at.n_entities, len(ids.entity)
        self.n_contested_ = {k: n_contested(field, chosen.at) for k, field in chosen.fields.items()}
        return chosen

    def _check_columns(self, names: list[str]) -> None:
        for part in ("entity", "record", "when", "source"):
            name = getattr(self, part)
            if name is not None and name not in names:
                raise DataError.missing_column(OWNER, str(name), names, part)
        if self.entity is None or self.entity == self.record:
            raise DataError(f"{OWNER}: entity and record must be two columns, got {self.entity!r}.")
        if (self.source is None) != (self.sources is None):
            raise DataError(
                f"{OWNER}: source= names a column and sources= its values, the most trusted "
                "first: give both or none."
            )
        is_list = isinstance(self.sources, Iterable) and not isinstance(self.sources, str)
        if self.sources is not None and not is_list:
            raise DataError(f"{OWNER}: sources must be a list of values, got {self.sources!r}.")

    def _check_sources(self, raw: Sequence[_frames.RawColumn]) -> None:
        """Warn of named sources that no record is from: they decide nothing."""
        held = {value for c in raw if c.name == self.source for value in c.values}
        absent = [source for source in self.sources or () if source not in held]
        if not absent:
            return
        near = nearest(str(absent[0]), [str(value) for value in held - set(self.sources or ())])
        meant = "" if near is None else f" Did you mean {near!r}?"
        warn_user(
            f"{OWNER}: sources: no record has {', '.join(map(repr, absent))} in {self.source!r}, "
            f"which decides nothing.{meant}",
            DataWarning,
        )

    def _read(self, table: Any, names: Iterable[str]) -> tuple[Ids, list[_frames.RawColumn]]:
        """Ids, and the other columns with blanks missing."""
        ids = read_ids(table, self.entity, self.record)
        wanted = [name for name in names if name not in (self.entity, self.record)]
        if not wanted:
            raise DataError(f"{OWNER}: there are no columns beside the ids to choose values of.")
        return ids, [without_blanks(c) for c in _frames.coded_columns(table, wanted, OWNER)]

    def _parts(self) -> list[Part]:
        timed, trusted = self.when is not None, self.source is not None
        return parts_of(
            self.kinds_, self.rules, self.together, timed=timed, trusted=trusted, owner=OWNER
        )

    def _standing(self, raw: Sequence[_frames.RawColumn], ids: Ids) -> Standing:
        by_name = {column.name: column for column in raw}
        newness = distrust = None
        if self.when is not None:
            newness = newness_of(by_name[self.when], OWNER)
        if self.source is not None:
            distrust = distrust_of(by_name[self.source], list(self.sources or ()))
        return standing(ids.entity, len(ids.entities), raw, ids.place, newness, distrust)

    def _choose(self, raw: list[_frames.RawColumn], ids: Ids) -> Chosen:
        at = self._standing(raw, ids)
        return choose(raw, self.kinds_, self.date_orders_, self._parts(), ids, at)

    def _frame(self, table: Any, chosen: Chosen, X: Any) -> Any:
        """Golden records in the library of X."""
        at, rows = chosen.at, dict(chosen.rows)
        rows[self.entity] = chosen.anyone
        if self.record is not None:
            rows[self.record] = golden_places(at.entity, at.n_entities, at.place)
        names = [name for name in _frames.column_names(table, OWNER) if name in rows]
        taken = {name: np.maximum(rows[name], 0) for name in names}
        for field in chosen.fields.values():  # a blank text is missing in every order of the rows
            if field.name in taken and (has_text(field.values) or not field.values):
                taken[field.name][field.codes[taken[field.name]] < 0] = -1
        golden = _frames.take_cells(table, taken, OWNER)
        if chosen.made:
            made = {name: objects(values) for name, values in chosen.made.items()}
            golden = _frames.write_columns(golden, made, OWNER)
        return _frames.hand_back(golden, like=X, keep=[n for n in names if n not in chosen.made])
