"""What a matcher is told beside its records: constraints, labels, answers to its questions."""

from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.cleaning._matching._coded import Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import LevelTable, compare
from crmkit.cleaning._matching._constraints import Constraints, check_constraints
from crmkit.cleaning._matching._engine import Settings
from crmkit.cleaning._matching._entities import entities_of, labels_of_rows, log_odds_together
from crmkit.cleaning._matching._labels import (
    ANSWER,
    answers,
    chained,
    entities_of_units,
    entity_codes,
    labelled_among,
    pairs_of_ids,
    rows_of,
    source_codes,
)
from crmkit.cleaning._matching._look_alikes import logistic
from crmkit.cleaning._matching._match_tables import PairTables
from crmkit.cleaning._matching._matcher import Matcher
from crmkit.cleaning._matching._precision import (
    interval_of_mean,
    log_odds_of_cut,
    mean_probability,
    reached,
)
from crmkit.cleaning._matching._queries import worth_asking
from crmkit.exceptions import DataError, DataWarning, warn_user

NO_PAIRS: Ints = np.empty((2, 0), dtype=np.int64)


class Teaching(PairTables, Matcher):
    """Constraints and labels of a fitted `Deduplicator`, and the questions it asks."""

    one_per_source: str | None
    linkage: str
    _told: dict[str, Any]

    def query(self, n: int = 20) -> Any:
        """Ask about the pairs whose answers help most: a number in, one row a pair out.

        Pairs in doubt come first, and no two alike. Put the answers into a column `match` (true,
        false, or missing where nobody can tell) and give the frame to `teach`. The same matcher
        asks the same; pairs that were answered are not asked again.

        Parameters
        ----------
        n : int, default=20
            Most pairs to ask about, at least 1.

        Returns
        -------
        frame
            In the library of the frame given to `fit`: the ids of both records (or their rows),
            `probability` that they are one person, and of every column that is compared the
            normal forms of both, such as `city_a` and `city_b`.

        Raises
        ------
        DataError
            If `n` is no whole number of at least 1.
        """
        check_is_fitted(self)
        check_whole(n, "n", type(self).__name__, low=1)
        units = self._units()
        left, right, odds = self._scored["left"], self._scored["right"], self._final
        near = np.flatnonzero(np.abs(odds - log_odds_of_cut(self.threshold_)) < 12.0)
        places = worth_asking(
            (left[near], right[near], odds[near]),
            compare(units, left[near], right[near]),
            self._answered(units)[near],
            log_odds_of_cut(self.threshold_),
            int(n),
        )
        places = near[places]
        return self._side_by_side(units, left[places], right[places], logistic(odds[places]))

    def teach(self, answers: Any) -> Self:
        """Learn from answers on pairs: frame of answers in, the matcher with new entities out.

        Answers hold for certain, and teach what to think of other pairs. They add to those that
        were given before; entities are found and numbered anew.

        Parameters
        ----------
        answers : frame
            Pairs as `query` gives them (the first two columns are ids, or rows, of records) with
            a column `match`: true for one person, false for two, missing for unknown.

        Returns
        -------
        Deduplicator
            The matcher itself.

        Raises
        ------
        DataError
            If records are unknown, answers are neither true nor false, or they contradict each
            other or the constraints.
        """
        check_is_fitted(self)
        settings = self._settings(self.linkage)
        asked, match = self._read_answers(answers, "answers")
        old = self._told
        self._told = old | {
            "asked": np.concatenate([old["asked"], asked], axis=1),
            "match": np.concatenate([old["match"], match]),
        }
        try:
            self._decide(self._units(), settings, None)
        except DataError:
            self._told = old
            raise
        return self

    def _tell(self, y: Any, must_link: Any, cannot_link: Any, source: Any) -> None:
        """Read what the caller knows of the records of `fit` as numbers of units."""
        owner = type(self).__name__
        units, entities, n_split = NO_PAIRS[0], NO_PAIRS[0], 0
        asked, match = NO_PAIRS, np.empty(0, dtype=bool)
        if y is not None and _frames.is_frame(y) and ANSWER in _frames.column_names(y, owner):
            asked, match = self._read_answers(y, "y")
        elif y is not None:
            codes = entity_codes(y, len(self._unit_of_row), owner)
            units, entities, n_split = entities_of_units(codes, self._unit_of_row)
        self._told = {
            "must": self._read_pairs(must_link, "must_link"),
            "cannot": self._read_pairs(cannot_link, "cannot_link"),
            "asked": asked,
            "match": match,
            "known": units,
            "entities": entities,
        } | self._read_sources(source, self._unit_of_row, [])
        if n_split:
            warn_user(
                f"{owner}: {n_split:,} records that are equal in all columns have unlike labels; "
                "they stay together, and their labels are not used.",
                DataWarning,
            )

    def _decide(self, units: Units, settings: Settings, table: LevelTable | None) -> None:
        """Entities of all units from their scored pairs, labels and constraints."""
        rules = self._rules()
        check_constraints(rules, units.n, self._called, type(self).__name__, self.one_per_source)
        told = [self._told[each] for each in ("must", "cannot", "asked")]
        if self._score_also(units, *np.concatenate(told, axis=1)):
            table = None
        pairs = self._final_pairs(units, settings, self._labelled(units), table)
        model, correction = self._model(), self._corrector()

        def entities_at(threshold: float) -> Ints:
            return entities_of(model, correction, units, pairs, threshold, self.linkage, rules)

        def odds_in(entities: Ints) -> Floats:
            return log_odds_together(model, correction, units, pairs, entities, rules.must)

        self.threshold_, self._entities = (
            (settings.threshold, entities_at(settings.threshold))
            if settings.precision is None
            else reached(pairs.log_odds, settings.precision, entities_at, odds_in)
        )
        places, match = self._labelled(units)
        together = odds_in(self._entities)
        self.estimated_precision_ = mean_probability(together)
        self.precision_interval_ = interval_of_mean(together, pairs.log_odds[places], match)
        self.labels_ = labels_of_rows(self._entities, self._unit_of_row)
        self.n_entities_ = int(self.labels_.max(initial=-1)) + 1

    def _rules(self) -> Constraints:
        told = self._told
        asked, match = told["asked"], told["match"]
        must = np.concatenate(
            [told["must"], asked[:, match], np.stack(chained(told["known"], told["entities"]))],
            axis=1,
        )
        cannot = np.concatenate([told["cannot"], asked[:, ~match]], axis=1)
        return Constraints(
            (must[0], must[1]), (cannot[0], cannot[1]),
            told["holders"], told["sources"], told["known"], told["entities"],
        )  # fmt: skip

    def _labelled(self, units: Units) -> tuple[Ints, Flags]:
        """Places of kept pairs with a label, and whether they match."""
        told, pairs = self._told, self._plain_pairs()
        low, high = np.sort(told["asked"], axis=0)
        asked = pairs.places(low, high, units.n)
        places, match = labelled_among(
            pairs.left, pairs.right, told["known"], told["entities"], units.n
        )
        places = np.concatenate([asked, places])
        match = np.concatenate([told["match"], match])
        _, first = np.unique(places, return_index=True)
        first = first[places[first] >= 0]
        return places[first], match[first]

    def _answered(self, units: Units) -> Flags:
        """Kept pairs about which something is known for certain."""
        flags = np.zeros(len(self._final), dtype=bool)
        pairs = self._plain_pairs()
        flags[self._labelled(units)[0]] = True
        for told in (self._told["must"], self._told["cannot"]):
            low, high = np.sort(told, axis=0)
            places = pairs.places(low, high, units.n)
            flags[places[places >= 0]] = True
        return flags

    def _read_answers(self, given: Any, name: str) -> tuple[Ints, Flags]:
        """Pairs of units with an answer, and the answers."""
        owner = type(self).__name__
        rows, match = answers(given, owner)
        return self._read_pairs(given, name)[:, rows], match

    def _read_pairs(self, given: Any, name: str) -> Ints:
        """Pairs of ids as pairs of units, shape (2, n_pairs)."""
        if given is None:
            return NO_PAIRS
        owner, n = type(self).__name__, len(self._unit_of_row)
        one, other = pairs_of_ids(given, name, owner, self._sides())
        both = _frames.joint_ids([one, other], name, owner)
        rows = rows_of(self._ids, both, n, name, owner).reshape(2, -1)
        units: Ints = self._unit_of_row[rows]
        if (units < 0).any():
            row = int(rows[units < 0][0])
            raise DataError(
                f"{owner}: {name}: {self._name_of_row(row)} has no values to compare and is "
                "always alone. Leave it out."
            )
        return units

    def _read_sources(self, source: Any, unit_of_row: Ints, known: list[str]) -> dict[str, Any]:
        """Units and the sources they stand in, as numbers of names; a missing one is none."""
        if source is None:
            return {"holders": NO_PAIRS[0], "sources": NO_PAIRS[0], "names": known}
        numbers, names = source_codes(source.values, known)
        codes = np.append(numbers, -1)[source.codes]
        there = (codes >= 0) & (unit_of_row >= 0)
        held = np.unique(np.stack([unit_of_row[there], codes[there]]), axis=1)
        return {"holders": held[0], "sources": held[1], "names": names}

    def _called(self, unit: int) -> str:
        """What a unit is called: the first record that has its values."""
        return self._name_of_row(int(np.flatnonzero(self._unit_of_row == unit)[0]))
