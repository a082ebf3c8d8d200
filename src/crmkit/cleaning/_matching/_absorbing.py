"""New records beside those of `fit`: which entity they are of, without learning anew."""

from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit.cleaning._matching._assignment import Assigned, assigned
from crmkit.cleaning._matching._block_keys import Pass
from crmkit.cleaning._matching._blocking import pairs_with_new
from crmkit.cleaning._matching._coded import CodedColumn, Floats, Ints, Units
from crmkit.cleaning._matching._entities import ScoredPairs, labels_of_rows
from crmkit.cleaning._matching._look_alikes import logistic
from crmkit.cleaning._matching._matcher import LEAST_KEPT
from crmkit.cleaning._matching._precision import log_odds_of_cut
from crmkit.cleaning._matching._records import joined, kept
from crmkit.cleaning._matching._supervised import final_scores
from crmkit.cleaning._matching._teaching import Teaching
from crmkit.exceptions import DataError

KNOWN, ASSIGNED, OPENED = "known", "assigned", "opened"


class Absorbing(Teaching):
    """Entities of new records, and the known entities that they tie together."""

    def predict(self, X: Any) -> Ints:
        """Entity of each record: known ones as in `fit`, others by their best match.

        A record that matches no known entity gets a new number; new records that match each
        other share one. Nothing is kept: the next call may give the same new number to others.
        A record that equals a known one is of its entity, whatever its source. A record without
        any value is always a new entity, so that it has another number than in `labels_`.

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
        columns, n_rows, source = self._columns(_frames.to_eager(X))
        units, unit_of_row = joined(self._units(), columns, n_rows)
        told = self._read_sources(source, unit_of_row, self._told["names"])
        entities = np.concatenate([self._entities, self._assigned(units, told)[0].entities])
        return labels_of_rows(entities, unit_of_row, self.n_entities_)

    def partial_fit(self, X: Any, y: None = None) -> Self:
        """Absorb new records: a frame of them in, the matcher that knows them out.

        Entities that are known keep their numbers and their records; new entities get numbers
        from `n_entities_` on. The model of matches stays as `fit` learnt it. Where a new record
        matches two known entities it joins the better one, and their merger is proposed, never
        done: see `proposed_merges`. Labels and ids of the records are put behind those known. The
        first call on a matcher that is not fitted is `fit`.

        Parameters
        ----------
        X : frame of shape (n_records, n_columns)
            One row a record, with the columns of `fit`.
        y : None
            Ignored.

        Returns
        -------
        Deduplicator
            The matcher itself; `changes` tells what became of the records.
        """
        if not hasattr(self, "labels_"):
            self.fit(X)
            return self
        X = _frames.to_eager(X)
        columns, n_rows, source = self._columns(X)
        ids = self._ids_with(X)
        units, unit_of_row = joined(self._units(), columns, n_rows)
        told = self._read_sources(source, unit_of_row, self._told["names"])
        found, pairs = self._assigned(units, told)
        self._absorb(units, unit_of_row, ids, found, pairs)
        holders, sources = self._held_with(told)
        self._told |= {"holders": holders, "sources": sources, "names": told["names"]}
        return self

    def changes(self) -> Any:
        """Tell what became of the records of the last `partial_fit`: one row a record out.

        Returns
        -------
        frame
            In the library of the frame given to `fit`: the id of the record (or its row),
            `entity`, `change` ("known": it equals a record that was known; "assigned" to a known
            entity; "opened": a new entity) and `probability` that it is of its entity: of the
            mean log-odds with the records that were there, and 1 where it is known or opened it.
        """
        check_is_fitted(self)
        rows = self._changes["row"]
        name = "row" if self._ids is None else str(self.record)
        table = {name: rows if self._ids is None else self._ids[rows]} | {
            "entity": self.labels_[rows],
            "change": np.array([KNOWN, ASSIGNED, OPENED], dtype=str)[self._changes["change"]],
            "probability": self._changes["probability"],
        }
        return _frames.id_frame(table, self._library)

    def proposed_merges(self) -> Any:
        """Name known entities that records of the last `partial_fit` tie together.

        Returns
        -------
        frame
            In the library of the frame given to `fit`: `entity` that the record joined,
            `other_entity` that it matches too, the id of the record (or its row), and
            `probability` and `other_probability` that it is of each; the surest first. Entities
            that constraints, labels or sources keep apart are left out. To merge the others, fit
            anew with a `must_link`.
        """
        check_is_fitted(self)
        rows = self._merges["row"]
        name = "row" if self._ids is None else str(self.record)
        table = {
            "entity": self.labels_[rows],
            "other_entity": self._merges["entity"],
            name: rows if self._ids is None else self._ids[rows],
            "probability": self._merges["probability"],
            "other_probability": self._merges["other_probability"],
        }
        return _frames.id_frame(table, self._library)

    def _forget_changes(self) -> None:
        none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
        self._changes = {"row": none, "change": none, "probability": nothing}
        self._merges = {
            "row": none, "entity": none, "probability": nothing, "other_probability": nothing,
        }  # fmt: skip

    def _assigned(self, units: Units, told: dict[str, Any]) -> tuple[Assigned, dict[str, Any]]:
        """Entities of the units behind the known ones, and the scored pairs with them."""
        n_known = len(self._entities)
        passes = [Pass(tuple((name, part) for name, part in each)) for each in self._passes]
        left, right = pairs_with_new(units, n_known, passes, int(self.max_block_size))
        model = self._model()
        plain = final_scores(model, None, units, left, right)
        final = final_scores(model, self._corrector(), units, left, right).log_odds
        holders, sources = self._held_with(told)
        rules = replace(self._rules(), holders=holders, sources=sources)

        def scorer(a: Ints, b: Ints) -> Floats:
            return self._log_odds(units, a, b)

        cut = log_odds_of_cut(self.threshold_)
        pairs = ScoredPairs(left, right, final)
        result = assigned(units.n, self._entities, pairs, cut, scorer, self.n_entities_, rules)
        scored = {"left": left, "right": right, "log_odds": plain.log_odds} | plain.look_alike
        return result, scored | {"final": final}

    def _ids_with(self, X: Any) -> Any:
        """Ids of all records so far and of these, None where there are none."""
        if self._ids is None or self.record is None:
            return None
        owner = type(self).__name__
        ids = _frames.id_column(X, self.record, owner)
        texts = [part.dtype.kind == "U" for part in (self._ids, ids) if len(part)]
        if len(set(texts)) > 1:
            kinds = ("text", "whole numbers") if texts[1] else ("whole numbers", "text")
            raise DataError(
                f"{owner}: column {self.record!r} holds {kinds[0]} here and {kinds[1]} in `fit`. "
                "Give ids of one type."
            )
        return _frames.joint_ids([self._ids, ids], repr(self.record), owner)

    def _held_with(self, told: dict[str, Any]) -> Ints:
        """Units and the sources they stand in, of all records so far and these, shape (2, n)."""
        each = [np.stack([part["holders"], part["sources"]]) for part in (self._told, told)]
        held: Ints = np.unique(np.concatenate(each, axis=1), axis=1)
        return held

    def _absorb(
        self,
        units: Units,
        unit_of_row: Ints,
        ids: Any,
        found: Assigned,
        pairs: dict[str, Any],
    ) -> None:
        """Keep new records, their entities and pairs, and what changed."""
        n_known, n_old = len(self._entities), len(self.labels_)
        first_number = self.n_entities_
        counts = {column.name: column.counts for column in units.columns}
        self._known = kept(units) | {"counts": counts}
        self._entities = np.concatenate([self._entities, found.entities])
        new = labels_of_rows(self._entities, unit_of_row, first_number)
        self.labels_ = np.concatenate([self.labels_, new])
        self.n_entities_ = int(self.labels_.max(initial=-1)) + 1
        self._unit_of_row = np.concatenate([self._unit_of_row, unit_of_row])
        self._ids = ids
        self._keep_more(pairs)
        odds = np.concatenate([np.full(n_known, np.nan), found.log_odds, [np.nan]])[unit_of_row]
        seen = (unit_of_row >= 0) & (unit_of_row < n_known)
        self._changes = {
            "row": n_old + np.arange(len(unit_of_row)),
            "change": np.where(seen, 0, np.where(new < first_number, 1, 2)),
            "probability": np.where(np.isnan(odds), 1.0, logistic(odds)),
        }
        first = np.full(units.n, -1, dtype=np.int64)
        first[unit_of_row[::-1]] = n_old + np.arange(len(unit_of_row))[::-1]
        self._merges = {
            "row": first[found.others.unit],
            "entity": found.others.entity,
            "probability": logistic(found.log_odds[found.others.unit - n_known]),
            "other_probability": logistic(found.others.log_odds),
        }

    def _keep_more(self, pairs: dict[str, Any]) -> None:
        """Put new scored pairs among those kept, in order."""
        enough = pairs["log_odds"] >= LEAST_KEPT
        both = {
            name: np.concatenate([old, pairs[name][enough]])
            for name, old in (self._scored | {"final": self._final}).items()
        }
        order = np.lexsort((both["right"], both["left"]))
        self._final = both.pop("final")[order]
        self._scored = {name: values[order] for name, values in both.items()}

    def _columns(self, X: Any) -> tuple[list[CodedColumn], int, _frames.RawColumn | None]:
        """Compared columns of new records, the number of rows, and the column of sources."""
        owner = type(self).__name__
        raw = _frames.coded_columns(X, self._compared, owner, by_day=True)
        source = None
        if self.one_per_source is not None:
            (source,) = _frames.coded_columns(X, [self.one_per_source], owner, by_day=True)
        columns, n_rows = self._coded(raw)
        return self._in_parts(columns), n_rows, source
