"""Wrong values of records, each with a reason, a proposal and a probability.

Detectors look at formats, numbers and dates far out, typing errors, the order of dates, rules of
the user, and functional dependencies that hold in the data but for a few rows; what they say is
added up as in naive Bayes, with the share of wrong cells of each column found by EM (Dempster,
Laird and Rubin, 1977, Journal of the Royal Statistical Society B 39, 1-38).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import check_share
from crmkit.cleaning._normal._forms import for_column
from crmkit.cleaning._normal._kinds import DATES, IGNORE, check_kinds
from crmkit.cleaning._normal._settings import UNKNOWN, NormalSettings
from crmkit.cleaning._quality._logic import date_pairs, given_pairs, order_signs
from crmkit.cleaning._quality._repair import (
    Suspect,
    dates_of_nothing,
    missing_cells,
    repaired,
    suspects,
)
from crmkit.cleaning._quality._rules import broken_rules, check_rules
from crmkit.cleaning._quality._suspect_tables import counted, is_sure, listed, listed_changes
from crmkit.cleaning._quality._suspects import RowSign, judge, learn
from crmkit.cleaning._quality._table import TextColumn, read_table
from crmkit.exceptions import DataError

OWNER = "WrongValueDetector"
EPOCH = 719_163  # number of 1970-01-01 among all days
SURE = 0.9  # probability from which `repair` changes a cell by default


class WrongValueDetector(BaseEstimator):
    """Find values that are likely wrong: records in, one row a suspect cell out.

    Use it on a list before it is matched, merged or counted, and on each new delivery with what
    was learnt on a good one. It knows nothing of the world: a value that is wrong in the same way
    everywhere, or that fits its column and its row, is not found. Ids are never judged, and
    missing values are the work of `MissingValueImputer` unless `missing` is true. What it keeps of
    the records: frequent values and words of each column, the most frequent value on the right of
    each dependency, and hashes of the values on the left: personal data, where columns are of
    persons.

    Parameters
    ----------
    kinds : dict of str to str, default=None
        What columns hold, by name, as in `RecordNormalizer`; columns that are not named, or all,
        are told by their names and contents. A column named "number" or "date" is checked for
        values that cannot be read as such; "ignore" leaves a column alone.
    record : str, default=None
        Column of record ids, shown beside each suspect and left alone.
    rules : dict of str to rule, default=None
        Rules of your own by name. A rule is a text that compares columns ("start <= end",
        "0 <= age < 120") or a pair of a function, which gets the frame and returns true or false
        for each row, and the columns it is about.
    as_of : str or datetime, default=None
        Instant that the list is of, exclusive: birth dates at or after it are wrong, and so are
        those more than 120 years before. None checks neither.
    date_pairs : list of pairs of str, default=None
        Columns of dates of which the first is never later than the second. None finds them: pairs
        in one order in 98 % of the rows, and a birth date before any other date.
    together : str or list of str, default=None
        Columns whose rows with equal values are entries about one thing, such as one flight told
        by many sites: their other columns should agree, and the majority is taken for right.
    missing : bool, default=False
        Whether to list missing values and placeholders ("N/A") as well, with what dependencies
        expect there. `repair` then fills what they expect, and empties other placeholders. Dates
        that stand for nothing (1900-01-01) are listed in any case: others take them for dates.
    min_confidence : float, default=0.5
        Least probability of being wrong that makes a cell a suspect, between 0 and 1.

    Attributes
    ----------
    kinds_ : dict of str to str
        Kind of each column.
    dependencies_ : list of dict
        Dependencies in use: `left`, `right`, `error` (probability that a value on the right is
        wrong) and `mixed` (share of the groups with several right values).
    date_pairs_ : list of list of str
        Pairs of columns of dates in use.
    error_rates_ : dict of str to float
        Estimated share of wrong values of each column that was judged.
    feature_names_in_ : ndarray of str
        Columns of the frame given to `fit`.
    n_features_in_ : int
        Number of these columns.

    Examples
    --------
    >>> import pandas as pd
    >>> records = pd.DataFrame({
    ...     "postcode": ["10115", "10115", "10115", "80331", "80331", "80331", "50667"] * 8,
    ...     "city": (["Berlin"] * 3 + ["Munich"] * 3 + ["Cologne"]) * 8,
    ... })
    >>> records.loc[1, "city"] = "Berlni"
    >>> detector = WrongValueDetector().fit(records)
    >>> detector.detect(records)[["row", "column", "value", "suggestion"]]
       row column   value suggestion
    0    1   city  Berlni     Berlin
    >>> detector.repair(records)["city"][1]
    'Berlin'
    """

    _customer_data: ClassVar[tuple[str, ...]] = ("_learnt",)

    def __init__(
        self,
        kinds: Mapping[str, str] | None = None,
        *,
        record: str | None = None,
        rules: Mapping[str, Any] | None = None,
        as_of: Any = None,
        date_pairs: Iterable[Any] | None = None,
        together: str | Sequence[str] | None = None,
        missing: bool = False,
        min_confidence: float = 0.5,
    ) -> None:
        self.kinds = kinds
        self.record = record
        self.rules = rules
        self.as_of = as_of
        self.date_pairs = date_pairs
        self.together = together
        self.missing = missing
        self.min_confidence = min_confidence

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn what is usual and what determines what: records in, itself out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            One row a record, of pandas, polars, pyarrow or duckdb. It may hold wrong values, as
            long as most are right.
        y : None
            Ignored.

        Returns
        -------
        WrongValueDetector
            The detector itself.

        Raises
        ------
        DataError
            If a parameter, a kind or a rule is wrong.
        """
        X = _frames.to_eager(X)
        names = _frames.column_names(X, OWNER)
        self._check(names)
        given = dict(self.kinds or {})
        check_kinds(given, names, OWNER)
        used = [name for name in names if name != self.record]
        columns = {c.name: c for c in read_table(X, used, given, {}, OWNER)}
        self.kinds_ = {name: columns[name].kind if name in columns else "id" for name in names}
        self._orders = {name: _order(c) for name, c in columns.items() if c.kind in DATES}
        self.date_pairs_ = (
            date_pairs(list(columns.values()))
            if self.date_pairs is None
            else given_pairs(self.date_pairs, self.kinds_, OWNER)
        )
        self.feature_names_in_ = np.array(names, dtype=object)
        self.n_features_in_ = len(names)
        signs = self._row_signs(columns, X)
        self._learnt = learn(columns, self._keys(), signs)
        _, _, self.error_rates_ = judge(columns, self._learnt, signs, self._as_of_day())
        self._learnt["shares"] = self.error_rates_
        self.dependencies_ = [
            {name: group[name] for name in ("left", "right", "error", "mixed")}
            for group in self._learnt["groups"]
        ]
        return self

    def detect(self, X: Any) -> Any:
        """List suspect cells: records in, one row a suspect cell out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            Records with the columns of `fit`.

        Returns
        -------
        frame
            In the caller's library, by row and column: the record id where `record` is given,
            `row` (from 0), `column`, `value` as text, `reason`, `detector` ("format", "typo",
            "range", "order", "rule", "dependency", "missing", joined where several agree),
            `confidence` (probability that the value is wrong), `suggestion` as text, and
            `repair_confidence` (probability that it is wrong and the suggestion right).
        """
        X_eager = _frames.to_eager(X)
        frame = listed(self._suspects(X_eager), X_eager, self.record, OWNER)
        return _frames.hand_back(frame, like=X, keep=self._kept())

    def predict(self, X: Any) -> npt.NDArray[np.bool_]:
        """Mark suspect cells: records in, true or false for each cell out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            Records with the columns of `fit`.

        Returns
        -------
        ndarray of bool of shape (n_records, n_columns)
            In the row order of `X` and the column order of `feature_names_in_`.
        """
        X = _frames.to_eager(X)
        found = self._suspects(X)
        n_rows = len(_frames.column_values(X, self.feature_names_in_[0], OWNER))
        mask = np.zeros((n_rows, self.n_features_in_), dtype=bool)
        place = {name: number for number, name in enumerate(self.feature_names_in_.tolist())}
        for suspect in found:
            mask[suspect.row, place[suspect.column]] = True
        return mask

    def repair(self, X: Any, confidence: float = SURE) -> Any:
        """Put suggestions in place where they are sure enough: records in, records out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            Records with the columns of `fit`.
        confidence : float, default=0.9
            Least `repair_confidence` of a suggestion that is applied, between 0 and 1.

        Returns
        -------
        frame of shape (n_records, n_columns)
            The same rows and columns, in the caller's library, with their types; only cells that
            `changes` lists are other.
        """
        X_eager = _frames.to_eager(X)
        made = repaired(X_eager, self._changes(X_eager, confidence), OWNER)
        return _frames.hand_back(made, like=X, keep=_frames.column_names(X_eager, OWNER))

    def changes(self, X: Any, confidence: float = SURE) -> Any:
        """List what `repair` changes: records in, one row a change out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            Records with the columns of `fit`.
        confidence : float, default=0.9
            As in `repair`.

        Returns
        -------
        frame
            In the caller's library, by row and column: the record id where `record` is given,
            `row`, `column`, `old`, `new` (texts), `reason`, `detector` and `confidence` (that the
            old value is wrong and the new one right).
        """
        X_eager = _frames.to_eager(X)
        frame = listed_changes(self._changes(X_eager, confidence), X_eager, self.record, OWNER)
        return _frames.hand_back(frame, like=X, keep=self._kept())

    def summary(self, X: Any) -> Any:
        """Count suspects: records in, one row a column out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            Records with the columns of `fit`.

        Returns
        -------
        frame
            In the caller's library: `column`, `kind`, `n_values` (that are there), `n_suspect`,
            `n_repairable` (that `repair` changes by default), `error_rate` (share of wrong values
            estimated at `fit`, NaN for a column that is not judged). Without the column of ids.
        """
        X_eager = _frames.to_eager(X)
        found = self._suspects(X_eager)
        changed = [s for s in found if is_sure(s, SURE)]
        filled = {name: int(c.known.sum()) for name, c in self._columns(X_eager).items()}
        frame = counted(found, changed, self.kinds_, filled, self.error_rates_, X_eager, OWNER)
        return _frames.hand_back(frame, like=X, keep=())

    def _check(self, names: list[str]) -> None:
        """Refuse wrong parameters."""
        check_share(self.min_confidence, "min_confidence", OWNER)
        for name in [] if self.record is None else [self.record]:
            if name not in names:
                raise DataError.missing_column(OWNER, name, names, "record")
        for name in self._keys():
            if name not in names:
                raise DataError.missing_column(OWNER, name, names, "together")
        check_rules(self.rules, names, OWNER)
        self._as_of_day()
        if not isinstance(self.missing, (bool, np.bool_)):
            raise DataError(f"{OWNER}: missing must be True or False, got {self.missing!r}.")

    def _keys(self) -> list[str]:
        if self.together is None:
            return []
        return [self.together] if isinstance(self.together, str) else list(self.together)

    def _kept(self) -> list[str]:
        return [] if self.record is None else [self.record]

    def _as_of_day(self) -> int | None:
        if self.as_of is None:
            return None
        try:
            instant: Any = pd.Timestamp(self.as_of)
        except (ValueError, TypeError):
            instant = None
        if instant is None or pd.isna(instant):
            raise DataError(
                f"{OWNER}: as_of must be an instant such as '2026-01-31', got {self.as_of!r}."
            )
        return int(instant.toordinal()) - EPOCH

    def _columns(self, X: Any) -> dict[str, TextColumn]:
        check_is_fitted(self)
        used = [str(name) for name in self.feature_names_in_ if name != self.record]
        return {c.name: c for c in read_table(X, used, self.kinds_, self._orders, OWNER)}

    def _row_signs(self, columns: dict[str, TextColumn], X: Any) -> list[RowSign]:
        """What rules and the order of dates say."""
        judged = {name for name, c in columns.items() if c.kind not in ("id", IGNORE)}
        signs = [
            RowSign("order", name, rows, weights, reason)
            for name, rows, weights, reason in order_signs(self.date_pairs_, columns)
        ]
        rules = dict(self.rules or {})
        for broken in broken_rules(rules, columns, X, OWNER) if rules else ():
            for name in broken.columns:
                weights = np.full(len(broken.rows), broken.weight)
                reason = f"breaks the rule {broken.name!r}"
                signs.append(RowSign("rule", name, broken.rows, weights, reason))
        return [sign for sign in signs if sign.column in judged and len(sign.rows)]

    def _suspects(self, X: Any) -> list[Suspect]:
        columns = self._columns(X)
        signs = self._row_signs(columns, X)
        day = self._as_of_day()
        rows, judged, _ = judge(columns, self._learnt, signs, day, missing=bool(self.missing))
        found = suspects(rows, judged, columns, signs, self.min_confidence)
        if self.missing:
            return found + missing_cells(rows, judged, columns)
        return sorted(
            found + dates_of_nothing(columns, judged),
            key=lambda suspect: (suspect.row, list(columns).index(suspect.column)),
        )

    def _changes(self, X: Any, confidence: float) -> list[Suspect]:
        check_share(confidence, "confidence", OWNER)
        return [s for s in self._suspects(X) if is_sure(s, confidence)]


def _order(column: TextColumn) -> str:
    """Order of the dates of a column, as found."""
    return for_column(column.texts, column.kind, NormalSettings()).date_order or UNKNOWN
