"""Which records are one person: an unsupervised matcher.

Records that share a key in one of several passes are compared, column by column; the model of
Fellegi and Sunter (1969), Journal of the American Statistical Association 64, 1183-1210, with
classes for people of one household and for namesakes beside it, turns levels of agreement into
log-odds; average linkage on the log-odds makes entities of the pairs.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import ClusterMixin, clone
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import check_choice
from crmkit.cleaning._golden_record import GoldenRecord
from crmkit.cleaning._matching._absorbing import Absorbing
from crmkit.cleaning._matching._coded import Ints, Units, units_of
from crmkit.cleaning._matching._engine import Learnt, match
from crmkit.cleaning._matching._records import UNUSED, row_numbers, usable
from crmkit.exceptions import DataError, DataWarning, warn_user

LINKAGES = ("average", "components")
FEW_MATCHES = 3.0


class Deduplicator(Absorbing, ClusterMixin):
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
        contents; see `kinds_`. Full names of persons are compared as given and family names where
        there are no columns of these, so that a family is not one person.
    record : str, default=None
        Column of record ids: kept out of the comparison, used in the tables of pairs. None counts
        rows from 0.
    threshold : float, default=0.5
        Probability from which records are joined, between 0 and 1.
    precision : float, default=None
        Wanted share of right pairs among all that are joined, such as 0.99, between 0 and 1: the
        threshold is then about the lowest that reaches it by the matcher's own probabilities, and
        `threshold` is not read. They err on the safe side: below 0.99 the share of right pairs is
        mostly larger than wanted, and fewer are found than might be. `estimated_precision_` tells
        what was reached.
    look_alikes : bool, default=True
        Model people of one household and namesakes as classes of their own. Without them, family
        members become one person.
    linkage : {"average", "components"}, default="average"
        How pairs become entities: "average" joins groups whose mean log-odds reach the threshold;
        "components" joins whatever a chain of matches connects, which is faster and, on large
        lists, wrong.
    one_per_source : str, default=None
        Column that names where a record is from, where no source holds a person twice: records of
        one source are then never together, unless they are equal in all other columns. A record
        without a source, or with blank text, may join any. Sources are told apart by their text:
        1, 1.0 and "1" are one. The column is not compared.
    golden : GoldenRecord, default=None
        How `transform` makes one record of those of an entity; None is a `GoldenRecord` with the
        kinds of this matcher. A copy of it is fitted.
    max_block_size : int, default=400
        Most records that share a key and are still compared with each other, at least 2; larger
        blocks are left to the other keys and told in `blocking_report`.
    random_state : int, default=0
        Seed of the random pairs from which chance agreement is learnt.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

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
        Mean probability of the pairs of distinct records that are together, 1.0 where there is
        none: the share of right ones, as far as the model holds.
    precision_interval_ : tuple of two floats
        Interval of 95 % of that share: log-odds may all be too high or too low by one, less so
        the more labels there are, and chance decides which pairs are right.
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
        one_per_source: str | None = None,
        golden: GoldenRecord | None = None,
        max_block_size: int = 400,
        random_state: int = 0,
        verbose: int = 0,
    ) -> None:
        self.kinds = kinds
        self.record = record
        self.threshold = threshold
        self.precision = precision
        self.look_alikes = look_alikes
        self.linkage = linkage
        self.one_per_source = one_per_source
        self.golden = golden
        self.max_block_size = max_block_size
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None, *, must_link: Any = None, cannot_link: Any = None) -> Self:
        """Learn from a list and find its entities: records in, the fitted matcher out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            One row a record, of pandas, polars, pyarrow or duckdb.
        y : array-like of shape (n_records,) or frame, default=None
            What is known of the truth. Either the entity of each record, of any type, unknown
            where it is None, NaN, blank text or, among labels that are all whole numbers, -1, as
            scikit-learn marks what has no label; or a frame of pairs whose first two columns are
            ids (`record`, or rows from 0) and whose column `match` is true for one person, false
            for two, missing for unknown. It holds for certain and corrects what is thought of all
            other pairs, as far as cross-validation shows that it does.
        must_link, cannot_link : frame or sequence of pairs, default=None
            Pairs of ids (or rows) of records that are together, or apart, for certain. They bind
            and do not teach.

        Returns
        -------
        Deduplicator
            The matcher itself.

        Raises
        ------
        DataError
            If a parameter or a kind is wrong, no column can be used, records are unknown, or what
            is told contradicts itself.

        Warns
        -----
        DataWarning
            If the list seems to hold no duplicates, or equal records have unlike labels.
        """
        check_choice(self.linkage, "linkage", LINKAGES, type(self).__name__)
        settings = self._settings(self.linkage)
        units, source = self._read(X)
        settings.progress.step(f"read {len(units.unit_of_row):,} records, {units.n:,} distinct")
        self._tell(y, must_link, cannot_link, source)
        learnt, matching = match(units, settings)
        self._keep_model(units, learnt, matching)
        table = self._keep_pairs(matching)
        self._decide(units, settings, table)
        self._forget_changes()
        settings.progress.done(f"put them together as {self.n_entities_:,} entities")
        if len(self.labels_) > 1 and learnt.n_expected < FEW_MATCHES:
            self._tell_of_no_matches(learnt)
        return self

    def fit_predict(
        self, X: Any, y: Any = None, *, must_link: Any = None, cannot_link: Any = None
    ) -> Ints:
        """Learn from a list and give the entity of each record: `fit`, then `labels_`.

        Parameters
        ----------
        X, y : as in `fit`
        must_link, cannot_link : frame or sequence of pairs, default=None
            As in `fit`.

        Returns
        -------
        ndarray of int of shape (n_records,)
            Entities from 0.
        """
        return self.fit(X, y, must_link=must_link, cannot_link=cannot_link).labels_

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

    def transform(self, X: Any) -> Any:
        """Make one record of those of each entity: records in, one row an entity out.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            One row a record, with the columns of `fit`.

        Returns
        -------
        frame
            In the caller's library, with the column `entity`: what `golden` chooses from the
            records of X, in the order of the entities.
        """
        check_is_fitted(self)
        golden = self.golden
        if golden is None:
            kinds = {name: kind for name, kind in self.kinds_.items() if kind != UNUSED}
            golden = GoldenRecord(kinds=kinds, record=self.record)
        annotated = self.annotate(X, entity=golden.entity)
        return clone(golden).fit_transform(annotated)

    def _read(self, X: Any) -> tuple[Units, _frames.RawColumn | None]:
        """Distinct records of a frame and its column of sources; keeps kinds, ids and rows."""
        owner, names = type(self).__name__, _frames.column_names(X, type(self).__name__)
        self.feature_names_in_ = np.array(names, dtype=object)
        self.n_features_in_ = len(names)
        for parameter in ("record", "one_per_source"):
            wanted = getattr(self, parameter)
            if wanted is not None and wanted not in names:
                raise DataError.missing_column(owner, wanted, names, parameter)
        if self.one_per_source is not None and self.one_per_source == self.record:
            raise DataError(
                f"{owner}: one_per_source and record are both {self.record!r}: each record would "
                "be a source of its own, and nothing kept apart. Name the column that tells where "
                "records are from."
            )
        self._library = _frames.id_types(X, [] if self.record is None else [self.record], owner)
        X = _frames.to_eager(X)
        self._ids = None if self.record is None else _frames.id_column(X, self.record, owner)
        raw = _frames.coded_columns(
            X, [name for name in names if name != self.record], owner, by_day=True
        )
        source = next((column for column in raw if column.name == self.one_per_source), None)
        self._find_kinds(raw, names, [] if source is None else [source.name])
        self.kinds_ |= dict.fromkeys(row_numbers(raw, self.kinds_), UNUSED)
        columns, n_rows = self._coded(raw)
        used = usable(columns)
        self.kinds_ |= {column.name: UNUSED for column in columns if column not in used}
        units = units_of(self._learn_parts(used), n_rows)
        self._unit_of_row: Ints = units.unit_of_row
        return units, source

    def _tell_of_no_matches(self, learnt: Learnt) -> None:
        warn_user(
            f"Deduplicator: about {learnt.n_expected:.1f} pairs of records seem to be of one "
            "person: this list holds next to no duplicates, or columns that tell people apart "
            f"are missing. Kinds: {self.kinds_}.",
            DataWarning,
        )
