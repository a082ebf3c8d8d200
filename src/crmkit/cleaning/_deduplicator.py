"""Which records are one person: an unsupervised matcher.

Records that share a key in one of several passes are compared, column by column; the model of
Fellegi and Sunter (1969), Journal of the American Statistical Association 64, 1183-1210, with
classes for people of one household and for namesakes beside it, turns levels of agreement into
log-odds; average linkage on the log-odds makes entities of the pairs.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import check_choice, check_share, check_whole
from crmkit.cleaning._matching._assignment import assigned
from crmkit.cleaning._matching._block_keys import Pass
from crmkit.cleaning._matching._blocking import PassReport
from crmkit.cleaning._matching._coded import CodedColumn, Ints, units_of
from crmkit.cleaning._matching._engine import Learnt, Matching, Settings, match
from crmkit.cleaning._matching._kind_rules import RULES
from crmkit.cleaning._matching._look_alikes import logistic
from crmkit.cleaning._matching._match_tables import MatchTables
from crmkit.cleaning._matching._records import (
    UNUSED,
    check_kinds,
    coded,
    joined,
    kept,
    kinds_of,
    known_units,
    usable,
)
from crmkit.exceptions import DataError, DataWarning, warn_user

LINKAGES = ("average", "components")
FEW_MATCHES = 3.0


class Deduplicator(MatchTables, ClusterMixin, BaseEstimator):
    """Find the records of one person: records in, one entity number a record out.

    Learns without labels how often records of one person agree. Use it on customer lists with
    names, addresses, e-mail, phone or birth dates; on lists of companies or places give `kinds`.
    Two columns that tell people apart are the least it needs; a list of nothing but first names
    has no answer. A list without duplicates gets (nearly) no matches, and a warning that says so.

    Records whose values are all equal once in normal form are always one entity; a record with no
    value at all is always alone. Labels depend neither on the order of the rows nor on that of
    the columns.

    Parameters
    ----------
    kinds : dict of str to str, default=None
        What columns hold, by name: "first_name", "last_name", "name", "company", "email",
        "phone", "street", "city", "postcode", "state", "country", "birth_date", "date", "number",
        "category", "text", "set", "latitude", "longitude", "id" (a number of the person, not of
        the row) or "ignore". Columns that are not named, or all, are told by their names and
        contents; see `kinds_`.
    record : str, default=None
        Column of record ids: kept out of the comparison, used in the tables of pairs. None counts
        rows from 0.
    threshold : float, default=0.5
        Probability from which records are joined, between 0 and 1.
    precision : float, default=None
        Wanted share of right pairs among all that are joined, such as 0.99, between 0 and 1: the
        threshold is then the lowest that reaches it by the matcher's own probabilities, and
        `threshold` is not read.
    look_alikes : bool, default=True
        Model people of one household and namesakes as classes of their own. Without them, family
        members become one person.
    linkage : {"average", "components"}, default="average"
        How pairs become entities: "average" joins groups whose mean log-odds reach the threshold;
        "components" joins whatever a chain of matches connects, which is faster and, on large
        lists, wrong.
    max_block_size : int, default=400
        Most records that share a key and are still compared with each other, at least 2; larger
        blocks are left to the other keys and told in `blocking_report`.
    random_state : int, default=0
        Seed of the random pairs from which chance agreement is learnt.

    Attributes
    ----------
    labels_ : ndarray of int of shape (n_records,)
        Entity of each record of `fit`, from 0, in the order of their values.
    n_entities_ : int
        Number of entities among the records of `fit`.
    kinds_ : dict of str to str
        Kind of each column; "ignore" where it is not used.
    prior_ : float
        Share of matches among all pairs of distinct records.
    threshold_ : float
        Probability from which records were joined.
    estimated_precision_ : float
        Mean probability of the pairs that are together, 1.0 where there is none: the share of
        right ones, as far as the model holds.
    expected_matches_ : float
        Expected number of matching pairs of distinct records.
    m_, u_ : dict of str to ndarray
        Shares of the levels of agreement, from different to equal, among matches and among
        strangers, by column.
    look_alikes_ : dict of str to dict
        The same for each class of look-alikes, by class and column.
    converged_ : bool
        Whether every EM run settled.
    guarded_ : list of str
        Columns whose m was put back because matches cannot differ so often: a sign that the list
        holds few duplicates.
    feature_names_in_ : ndarray of str
        Columns of the frame given to `fit`.
    n_features_in_ : int
        Number of these columns.

    Notes
    -----
    A fitted matcher keeps the distinct records in normal form, because `predict` compares with
    them: it is personal data, and so is a file of it.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.datasets import make_customers
    >>> records = make_customers(300, duplicates=0.3, random_state=1).records
    >>> matcher = Deduplicator(record="record_id").fit(records)
    >>> len(records), matcher.n_entities_ < len(records)
    (390, True)
    >>> matcher.pairs().columns.tolist()[:4]
    ['record_id_a', 'record_id_b', 'entity', 'probability']
    """

    def __init__(
        self,
        kinds: Mapping[str, str] | None = None,
        *,
        record: str | None = None,
        threshold: float = 0.5,
        precision: float | None = None,
        look_alikes: bool = True,
        linkage: str = "average",
        max_block_size: int = 400,
        random_state: int = 0,
    ) -> None:
        self.kinds = kinds
        self.record = record
        self.threshold = threshold
        self.precision = precision
        self.look_alikes = look_alikes
        self.linkage = linkage
        self.max_block_size = max_block_size
        self.random_state = random_state

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn from a list and find its entities: records in, the fitted matcher out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            One row a record, of pandas, polars, pyarrow or duckdb.
        y : None
            Ignored.

        Returns
        -------
        Deduplicator
            The matcher itself.

        Raises
        ------
        DataError
            If a parameter or a kind is wrong, or no column can be used.

        Warns
        -----
        DataWarning
            If the list seems to hold no duplicates.
        """
        settings = self._settings()
        X = _frames.to_eager(X)
        columns, n_rows = self._columns(X, reset=True)
        kept_columns = usable(columns)
        self.kinds_ |= {c.name: UNUSED for c in columns if c not in kept_columns}
        units = units_of(kept_columns, n_rows)
        learnt, matching = match(units, settings)
        self._known = kept(units)
        self._entities = matching.clusters.labels
        self._unit_of_row = units.unit_of_row
        self.labels_: Ints = _labels(self._entities, units.unit_of_row)
        self.n_entities_ = int(self.labels_.max(initial=-1)) + 1
        self._keep(learnt, matching)
        if n_rows > 1 and learnt.n_expected < FEW_MATCHES:
            self._tell_of_no_matches(learnt)
        return self

    def predict(self, X: Any) -> Ints:
        """Entity of each record: known ones as in `fit`, others by their best match.

        A record that matches no known entity gets a new number; new records that match each
        other share one. Nothing is learnt: the next call may give the same new number to others.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            One row a record, with the columns of `fit`.

        Returns
        -------
        ndarray of int of shape (n_records,)
            Entities; those from `n_entities_` on are new.
        """
        check_is_fitted(self)
        columns, n_rows = self._columns(_frames.to_eager(X), reset=False)
        known = known_units(self._known)
        units, unit_of_row = joined(known, columns, n_rows)
        entities = self._entities
        if units.n > known.n:
            settings = replace(self._settings(), threshold=self.threshold_)
            passes = [Pass(tuple((name, part) for name, part in each)) for each in self._passes]
            new = assigned(units, known.n, entities, self._model(), passes, settings)
            entities = np.concatenate([entities, new])
        return _labels(entities, unit_of_row, self.n_entities_)

    def annotate(self, X: Any, *, entity: str = "entity") -> Any:
        """Put the entity beside each record: records in, the same rows with one more column out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            One row a record, with the columns of `fit`.
        entity : str, default="entity"
            Name of the new column.

        Returns
        -------
        frame
            In the caller's library.
        """
        check_is_fitted(self)
        X_eager = _frames.to_eager(X)
        names = _frames.column_names(X_eager, "Deduplicator")
        labels = self.predict(X_eager)
        table = _frames.attach(X_eager, keep=names, add={entity: labels}, owner="Deduplicator")
        return _frames.hand_back(table, like=X, keep=names)

    def _settings(self) -> Settings:
        owner = type(self).__name__
        check_share(self.threshold, "threshold", owner)
        if self.precision is not None:
            check_share(self.precision, "precision", owner)
        check_choice(self.linkage, "linkage", LINKAGES, owner)
        check_whole(self.max_block_size, "max_block_size", owner, low=2)
        check_whole(self.random_state, "random_state", owner, low=0)
        return Settings(
            float(self.threshold),
            None if self.precision is None else float(self.precision),
            bool(self.look_alikes),
            self.linkage,
            int(self.max_block_size),
            int(self.random_state),
        )

    def _columns(self, X: Any, *, reset: bool) -> tuple[list[CodedColumn], int]:
        """Columns in normal form, and the number of rows; with `reset` their kinds are found."""
        owner = type(self).__name__
        if reset:
            names = _frames.column_names(X, owner)
            self.feature_names_in_ = np.array(names, dtype=object)
            self.n_features_in_ = len(names)
            self._library = _frames.id_types(X, [], owner)
            if self.record is not None and self.record not in names:
                raise DataError.missing_column(owner, self.record, names, "record")
            given = dict(self.kinds or {})
            check_kinds(given, names, owner)
            free = [name for name in names if name != self.record]
            raw = _frames.coded_columns(X, free, owner)
            self.kinds_ = kinds_of(raw, given)
            self._ids = None
            if self.record is not None:
                self._library = _frames.id_types(X, [self.record], owner)
                self._ids = _frames.id_column(X, self.record, owner)
        else:
            wanted = [name for name, kind in self.kinds_.items() if kind != UNUSED]
            raw = _frames.coded_columns(X, wanted, owner)
        if not any(kind != UNUSED for kind in self.kinds_.values()):
            raise DataError(
                f"{owner}: none of the columns {list(self.kinds_)} can be compared. Name their "
                'kinds, such as kinds={"last name": "last_name"}.'
            )
        used = [column for column in raw if self.kinds_[column.name] != UNUSED]
        return [coded(column, self.kinds_[column.name]) for column in used], len(used[0].codes)

    def _keep(self, learnt: Learnt, matching: Matching) -> None:
        """Write the fitted attributes that others may read."""
        model = learnt.model
        names = list(self._known["codes"])
        self.prior_, self.expected_matches_ = model.prior, learnt.n_expected
        self.m_, self.u_ = _rows(names, model.kinds, model.m), _rows(names, model.kinds, model.u)
        self.look_alikes_ = {
            each: _rows(names, model.kinds, h)
            for each, h in zip(model.classes, model.h, strict=True)
        }
        self.converged_, self.guarded_ = learnt.converged, learnt.caught
        self._parameters = {
            "m": model.m, "u": model.u, "h": model.h, "shares": model.shares,
            "adopts": model.adopts,
        }  # fmt: skip
        self._passes = [[list(part) for part in rule.parts] for rule in matching.pairs.passes]
        labels = matching.clusters.labels
        left, right = matching.pairs.left, matching.pairs.right
        together = labels[left] == labels[right]
        sure = logistic(matching.scores.log_odds[together])
        self.threshold_ = matching.threshold
        self.estimated_precision_ = float(sure.mean()) if len(sure) else 1.0
        self._pairs = {
            "left": left[together],
            "right": right[together],
            "log_odds": matching.scores.log_odds[together],
        } | {each: p[together] for each, p in matching.scores.look_alike.items()}
        self._report = [_row(each) for each in matching.pairs.report]

    def _tell_of_no_matches(self, learnt: Learnt) -> None:
        warn_user(
            f"Deduplicator: about {learnt.n_expected:.1f} pairs of records seem to be of one "
            "person: this list holds next to no duplicates, or columns that tell people apart "
            f"are missing. Kinds: {self.kinds_}.",
            DataWarning,
        )


def _labels(entities: Ints, unit_of_row: Ints, fresh: int = 0) -> Ints:
    """Entity of each row; a row without any value is a new entity of its own."""
    empty = unit_of_row < 0
    labels = np.append(entities, -1)[unit_of_row].astype(np.int64)
    labels[empty] = max(fresh, int(entities.max(initial=-1)) + 1) + np.arange(empty.sum())
    return labels


def _rows(
    names: list[str], kinds: tuple[str, ...], table: npt.NDArray[np.float64]
) -> dict[str, npt.NDArray[np.float64]]:
    return {
        name: row[1 : RULES[kind].n_levels + 1].copy()
        for name, kind, row in zip(names, kinds, table, strict=True)
    }


def _row(report: PassReport) -> list[Any]:
    return [
        report.label, report.n_pairs, report.n_new, report.n_large_blocks, report.largest_block,
        report.used,
    ]  # fmt: skip
