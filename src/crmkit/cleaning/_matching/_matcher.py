"""What all matchers share: their parameters, reading records, and what is kept of a model."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._progress import Progress
from crmkit._validation import check_share, check_whole
from crmkit.base import Estimator
from crmkit.cleaning._matching._blocking import report_row
from crmkit.cleaning._matching._coded import CodedColumn, Flags, Floats, Ints, Units
from crmkit.cleaning._matching._comparison import LevelTable
from crmkit.cleaning._matching._engine import Learnt, Matching, Settings
from crmkit.cleaning._matching._entities import ScoredPairs, corrected
from crmkit.cleaning._matching._full_names import are_of_persons, in_parts
from crmkit.cleaning._matching._kind_rules import RULES
from crmkit.cleaning._matching._match_tables import MatchTables
from crmkit.cleaning._matching._records import UNUSED, coded, date_orders, kept, kinds_of
from crmkit.cleaning._matching._supervised import final_scores
from crmkit.cleaning._normal._kinds import check_kinds
from crmkit.exceptions import DataError

LEAST_KEPT = -10.0  # log-odds below which a pair is forgotten


class Matcher(MatchTables, Estimator):
    """Base of the matchers: learns a model of matches from coded records and keeps it."""

    _customer_data: ClassVar[tuple[str, ...]] = ("_known",)

    kinds: Mapping[str, str] | None
    threshold: float
    precision: float | None
    look_alikes: bool
    max_block_size: int
    random_state: int
    verbose: int
    _scored: dict[str, npt.NDArray[Any]]

    def _settings(self, linkage: str = "average") -> Settings:
        owner = type(self).__name__
        check_share(self.threshold, "threshold", owner)
        if self.precision is not None:
            check_share(self.precision, "precision", owner)
        check_whole(self.max_block_size, "max_block_size", owner, low=2)
        check_whole(self.random_state, "random_state", owner, low=0)
        return Settings(
            float(self.threshold),
            None if self.precision is None else float(self.precision),
            bool(self.look_alikes),
            linkage,
            int(self.max_block_size),
            int(self.random_state),
            Progress(owner, self.verbose),
        )

    def _find_kinds(
        self, raw: list[_frames.RawColumn], names: list[str], apart: Iterable[str] = ()
    ) -> None:
        """Kind of each column of `raw`; `names` are those of the frame, `apart` not compared."""
        given = dict(self.kinds or {})
        check_kinds(given, names, type(self).__name__)
        self.kinds_: dict[str, str] = kinds_of(raw, given | dict.fromkeys(apart, UNUSED))
        self._date_orders = date_orders(raw, self.kinds_)

    def _coded(self, raw: list[_frames.RawColumn]) -> tuple[list[CodedColumn], int]:
        """Columns that are compared, in normal form, and the number of rows."""
        used = [column for column in raw if self.kinds_[column.name] != UNUSED]
        if not used:
            raise DataError(
                f"{type(self).__name__}: none of the columns {list(self.kinds_)} can be compared. "
                'Name their kinds, such as kinds={"last name": "last_name"}.'
            )
        made = [
            coded(column, self.kinds_[column.name], self._date_orders.get(column.name))
            for column in used
        ]
        return made, len(made[0].codes)

    def _learn_parts(self, columns: list[CodedColumn]) -> list[CodedColumn]:
        """Columns of full names of persons in two parts, from now on; the others as they are."""
        kinds = {column.kind for column in columns}
        self._compared = [column.name for column in columns]
        self._parted = [
            column.name
            for column in columns
            if column.kind == "name"
            and not kinds & {"first_name", "last_name"}
            and are_of_persons(column.values)
        ]
        return self._in_parts(columns)

    def _in_parts(self, columns: list[CodedColumn]) -> list[CodedColumn]:
        return [
            part
            for column in columns
            for part in (
                in_parts(column, self._compared) if column.name in self._parted else [column]
            )
        ]

    def _keep_model(self, units: Units, learnt: Learnt, matching: Matching) -> None:
        """Write the fitted attributes of the model, and what `predict` needs of the records."""
        model = learnt.model
        self._known = kept(units)
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
        self._report = [report_row(each) for each in matching.pairs.report]

    def _keep_pairs(self, matching: Matching) -> LevelTable:
        """Keep the scored pairs that may yet be matches; their levels."""
        left, right, odds = matching.pairs.left, matching.pairs.right, matching.scores.log_odds
        enough = odds >= LEAST_KEPT
        self._scored = {"left": left[enough], "right": right[enough], "log_odds": odds[enough]}
        for name, p in matching.scores.look_alike.items():
            self._scored[name] = p[enough]
        return matching.table[enough]

    def _score_also(self, units: Units, left: Ints, right: Ints) -> bool:
        """Score further pairs of units; whether there were any that had no score."""
        low, high = np.minimum(left, right), np.maximum(left, right)
        keys = np.unique((low * units.n + high)[low != high])
        low, high = np.divmod(keys, max(units.n, 1))
        new = self._plain_pairs().places(low, high, units.n) < 0
        if not new.any():
            return False
        low, high = low[new], high[new]
        scores = final_scores(self._model(), None, units, low, high)
        more = {"left": low, "right": high, "log_odds": scores.log_odds} | scores.look_alike
        both = {name: np.concatenate([old, more[name]]) for name, old in self._scored.items()}
        order = np.lexsort((both["right"], both["left"]))
        self._scored = {name: values[order] for name, values in both.items()}
        return True

    def _plain_pairs(self) -> ScoredPairs:
        """Kept pairs with the log-odds of the unsupervised model."""
        return ScoredPairs(self._scored["left"], self._scored["right"], self._scored["log_odds"])

    def _final_pairs(
        self,
        units: Units,
        settings: Settings,
        labelled: tuple[Ints, Flags],
        table: LevelTable | None,
    ) -> ScoredPairs:
        """Kept pairs with what labels teach."""
        plain = self._plain_pairs()
        correction, odds = corrected(self._model(), units, plain, labelled, settings.seed, table)
        self._correction: dict[str, Any] = {}
        if correction is not None:
            self._correction = {
                "weights": correction.weights,
                "penalty": correction.penalty,
                "trees": correction.trees,
            }
        self._final = odds
        return ScoredPairs(plain.left, plain.right, odds)

    def _log_odds(self, units: Units, left: Ints, right: Ints) -> Floats:
        """Log-odds of pairs of units, with what labels have taught."""
        return final_scores(self._model(), self._corrector(), units, left, right).log_odds


def _rows(
    names: list[str], kinds: tuple[str, ...], table: npt.NDArray[np.float64]
) -> dict[str, npt.NDArray[np.float64]]:
    return {
        name: row[1 : RULES[kind].n_levels + 1].copy()
        for name, kind, row in zip(names, kinds, table, strict=True)
    }
