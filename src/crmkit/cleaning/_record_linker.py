"""Which record of one list is which of another: one-to-one links without labels.

The model of a `Deduplicator` on the pairs between two lists; the links are the set of pairs with
the largest sum of log-odds in which no record occurs twice.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.cleaning._matching._coded import Ints, Units
from crmkit.cleaning._matching._engine import match
from crmkit.cleaning._matching._linking import (
    TwoLists,
    crossing,
    links_of,
    read_lists,
    units_of_lists,
)
from crmkit.cleaning._matching._look_alikes import logistic
from crmkit.cleaning._matching._matcher import Matcher
from crmkit.cleaning._matching._precision import log_odds_of_cut, mean_probability, threshold_for
from crmkit.cleaning._matching._records import UNUSED, usable
from crmkit.exceptions import DataError


class RecordLinker(Matcher):
    """Link the records of two lists one to one: two frames in, a frame of links out.

    Use it where neither list holds a person twice, such as the customers of two shops; a record
    without a partner stays unlinked. A list with duplicates is first given to a `Deduplicator`;
    many lists at once are one frame for a `Deduplicator` with `one_per_source`.

    Parameters
    ----------
    kinds : dict of str to str, default=None
        What columns hold, by their names in the first list, as in `Deduplicator`; the others are
        told by names and contents.
    record : str, default=None
        Column of record ids in the first list, used in `links`. None counts rows from 0.
    columns : dict of str to str, default=None
        Names of the second list by those of the first, where they differ.
    source : str, default=None
        Column that tells the lists apart where both come in one frame; it must have two values,
        and the first list is the one whose value comes first in order.
    threshold : float, default=0.5
        Probability from which records may be linked, between 0 and 1.
    precision : float, default=None
        Wanted share of right links, such as 0.99, between 0 and 1: the threshold is then the
        lowest whose pairs reach it by the linker's own probabilities, and `threshold` is not
        read.
    look_alikes : bool, default=True
        Model people of one household and namesakes as classes of their own.
    max_block_size : int, default=400
        Most records that share a key and are still compared with each other, at least 2.
    random_state : int, default=0
        Seed of the random pairs from which chance agreement is learnt.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    links_ : ndarray of int of shape (n_first,)
        Row of the partner in the second list of each record of the first, -1 for none.
    probabilities_ : ndarray of float of shape (n_first,)
        Probability of each of these links, NaN where there is none.
    kinds_ : dict of str to str
        Kind of each column that both lists have; "ignore" where it is not used.
    prior_, threshold_, expected_matches_, m_, u_, look_alikes_, converged_, guarded_
        As in `Deduplicator`.
    estimated_precision_ : float
        Mean probability of the links, 1.0 where there is none.

    Notes
    -----
    A fitted linker keeps the distinct records of both lists in normal form, because `explain`
    shows them: it is personal data, and so is a file of it.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.datasets import make_customers
    >>> records = make_customers(300, duplicates=0.3, random_state=1).records
    >>> shop, web = records.iloc[:300], records.iloc[300:]
    >>> linker = RecordLinker(record="record_id").fit(shop, web)
    >>> linker.links().columns.tolist()
    ['record_id_a', 'record_id_b', 'probability']
    """

    def __init__(
        self,
        kinds: Mapping[str, str] | None = None,
        *,
        record: str | None = None,
        columns: Mapping[str, str] | None = None,
        source: str | None = None,
        threshold: float = 0.5,
        precision: float | None = None,
        look_alikes: bool = True,
        max_block_size: int = 400,
        random_state: int = 0,
        verbose: int = 0,
    ) -> None:
        self.kinds = kinds
        self.record = record
        self.columns = columns
        self.source = source
        self.threshold = threshold
        self.precision = precision
        self.look_alikes = look_alikes
        self.max_block_size = max_block_size
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, a: Any, b: Any = None) -> Self:
        """Learn from two lists and link them: two frames in, the fitted linker out.

        Parameters
        ----------
        a : frame of shape (n_first, n_columns)
            One row a record, of pandas, polars, pyarrow or duckdb.
        b : frame, default=None
            The second list, of any of these libraries. None where both lists are in `a`, told
            apart by `source`.

        Returns
        -------
        RecordLinker
            The linker itself.

        Raises
        ------
        DataError
            If a parameter or a kind is wrong, the lists have no column in common, or no column
            can be used.
        """
        settings = self._settings()
        lists = read_lists(a, b, self.record, self.columns, self.source)
        units = self._read(lists)
        settings.progress.step(f"read {len(units.unit_of_row):,} records, {units.n:,} distinct")
        learnt, matching = match(units, settings)
        self._keep_model(units, learnt, matching)
        self._correction: dict[str, Any] = {}
        pairs = crossing(units, matching, lists.n_first)
        self.threshold_ = settings.threshold
        if settings.precision is not None:
            self.threshold_ = threshold_for(pairs.log_odds, settings.precision)
        links = links_of(units.unit_of_row, lists.n_first, pairs, log_odds_of_cut(self.threshold_))
        self.links_: Ints = np.full(lists.n_first, -1, dtype=np.int64)
        self.links_[links.left] = links.right
        self.probabilities_ = np.full(lists.n_first, np.nan)
        self.probabilities_[links.left] = logistic(links.log_odds)
        self.estimated_precision_ = mean_probability(links.log_odds)
        settings.progress.done(f"linked {len(links.left):,} of {lists.n_first:,} records")
        return self

    def links(self) -> Any:
        """Name the links: fitted lists in, one row a link out.

        Returns
        -------
        frame
            In the library of the first frame given to `fit`: the ids of both records (`record`
            with `_a` and `_b`, or `row_a` and `row_b`) and `probability` that they are one
            person; surest links first.
        """
        check_is_fitted(self)
        rows = np.flatnonzero(self.links_ >= 0)
        rows = rows[np.argsort(-self.probabilities_[rows], kind="stable")]
        table = self._with_ids({"a": rows, "b": self.links_[rows]})
        table["probability"] = self.probabilities_[rows]
        return _frames.id_frame(table, self._library)

    def fit_predict(self, a: Any, b: Any = None) -> Ints:
        """Learn from two lists and link them: `fit`, then `links_`.

        Parameters
        ----------
        a, b : as in `fit`

        Returns
        -------
        ndarray of int of shape (n_first,)
            Row of the partner in the second list of each record of the first, -1 for none.
        """
        return self.fit(a, b).links_

    def _read(self, lists: TwoLists) -> Units:
        """Distinct records of both lists; keeps kinds, ids and rows."""
        self._find_kinds(lists.raw, lists.names)
        columns, n_rows = self._coded(lists.raw)
        used = usable(columns)
        self.kinds_ |= {column.name: UNUSED for column in columns if column not in used}
        units = units_of_lists(self._learn_parts(used), lists.n_first, n_rows)
        self._unit_of_row: Ints = units.unit_of_row
        self._n_first, self._rows = lists.n_first, list(lists.rows)
        self._both_ids = None if lists.ids is None else list(lists.ids)
        self._library = lists.library
        return units

    def _unit_of(self, record: Any, side: int = 0) -> int:
        """Unit of a record of the first or second list by its id or row."""
        told = self._rows if self._both_ids is None else self._both_ids
        which, parameter = ("first", "a") if side == 0 else ("second", "b")
        try:
            place = int(np.flatnonzero(told[side] == record)[0])
        except IndexError:
            how = "its row from 0" if self._both_ids is None else f"its {self.record!r}"
            raise DataError(
                f"RecordLinker: {parameter}: record {record!r} is not among the "
                f"{len(told[side]):,} of the {which} list. Name it by {how}."
            ) from None
        unit = int(self._unit_of_row[place + side * self._n_first])
        if unit < 0:
            raise DataError(f"RecordLinker: record {record!r} has no values to compare.")
        return unit

    def _with_ids(self, table: dict[str, Any]) -> dict[str, Any]:
        """Records of both lists by their ids, or by their rows in the frames they came in."""
        told = self._rows if self._both_ids is None else self._both_ids
        name = "row" if self._both_ids is None else self.record
        return {
            f"{name}_a": told[0][table["a"]],
            f"{name}_b": told[1][table["b"]],
        }
