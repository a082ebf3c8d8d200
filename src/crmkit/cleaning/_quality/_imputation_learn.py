"""Models that fill the gaps of a table one column after another, chosen by masked values.

Columns with few gaps come first; each model may use what was filled before it, so that values
filled in one row belong together. What is there is hidden from a model the way it is missing where
the model is needed: every row that it learns from borrows the gaps of a row that lacks the value.
An error is that of rows which a model had not seen, hidden in this way, so that a column that is
always missing along with another gets no credit for it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._progress import SILENT, Progress
from crmkit._trees import Growth
from crmkit._validation import Floats
from crmkit.cleaning._quality._imputation_columns import Learnt
from crmkit.cleaning._quality._imputation_draws import donors_of
from crmkit.cleaning._quality._imputation_fill import believe, point, thinned
from crmkit.cleaning._quality._imputation_models import (
    Names,
    believe_groups,
    believe_simple,
    group_model,
    line_model,
    simple_model,
    tree_model,
)

Rows = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

FOLDS = 3
LEAST_VALUES = 50  # fewer are too few to choose a model by
LEAST_GAIN = 0.01
BLENDS = (0.0, 0.05, 0.1, 0.2, 0.4)
CHAINED = ("iterative", "trees")


@dataclass(frozen=True, eq=False)
class Table:
    """Customers to learn from: numbers with NaN, a group for each or None, and the columns."""

    x: Floats
    keys: Names | None
    columns: list[Learnt]

    @property
    def n_levels(self) -> list[int]:
        """Number of levels of each column, 0 for numbers."""
        return [len(each["levels"]) for each in self.columns]


@dataclass(frozen=True, eq=False)
class Asked:
    """What to learn: a strategy for each column, the most rows, chance, and who is told of it."""

    strategies: list[str]
    sample_size: int
    how: Growth
    rng: np.random.Generator
    progress: Progress = SILENT


@dataclass(frozen=True, eq=False)
class Trial:
    """What models expect of rows that they had not seen: to draw from, and to be judged by."""

    method: str
    seen: Floats
    judged: Floats
    models: list[dict[str, Any]]


class Learner:
    """Learns a table column by column; `fillers` holds what was learnt, in plain types."""

    def __init__(self, table: Table, asked: Asked) -> None:
        self.table, self.asked = table, asked
        self.gaps = np.isnan(table.x)
        n = len(table.x)
        self.rows = thinned(n, asked.sample_size)
        self.x = table.x[self.rows]
        self.fold = asked.rng.permutation(len(self.rows)) % FOLDS
        self.state = self.x.copy()
        self.earlier: list[int] = []
        self.unseen: dict[int, list[dict[str, Any]]] = {}
        self.lines: dict[int, dict[str, Any]] = {}
        self.fillers: list[dict[str, Any]] = [{} for _ in table.columns]

    def learn(self) -> "Learner":
        """Learn all columns, those with few gaps first."""
        missing = self.gaps.sum(axis=0)
        for column in np.argsort(missing, kind="stable").tolist():
            filler = self._learn_column(column, int(missing[column]))
            self.fillers[column] = filler
            if missing[column]:
                gaps = f"{int(missing[column]):,} gaps of {self.table.columns[column]['name']!r}"
                self.asked.progress.step(f"learnt to fill {gaps} ({filler['method']})")
        return self

    def _learn_column(self, column: int, n_missing: int) -> dict[str, Any]:
        levels = self.table.n_levels[column]
        present = ~self.gaps[:, column]
        y = self.table.x[present, column]
        filler = {"column": column, "levels": levels, "method": "simple", "blend": 0.0}
        filler |= {"error": np.nan, "error_simple": np.nan, "n_masked": 0, "chained": False}
        asked = self.asked.strategies[column]
        if n_missing == 0 and asked != "groups":
            return self._finished(filler, simple_model(y, levels), y)
        rows = np.flatnonzero(~np.isnan(self.x[:, column]))
        masked, borrowed = self._masked(column, rows)
        judged = np.where(borrowed, np.nan, self.x[rows])
        names = self._names(column)
        if set(names) & set(CHAINED):
            judged = self._filled(judged, self.fold[rows])
        trials = [self._trial(column, rows, name, masked, judged) for name in names]
        base, best = trials[0], self._chosen(column, rows, trials)
        filler["method"] = best.method
        filler["n_masked"] = len(rows)
        true = self.x[rows, column]
        filler["error"] = self._error(best.judged, true, column)
        filler["error_simple"] = self._error(base.judged, true, column)
        if best.method in CHAINED:
            return self._chain(filler, best, column, rows)
        if best.method == "groups":
            keys: Any = self.table.keys
            return self._finished(filler, group_model(y, keys[present], levels), y, keys[present])
        return self._finished(filler, simple_model(y, levels), y)

    def _names(self, column: int) -> list[str]:
        """Models to try for a column, the simple one first."""
        asked = self.asked.strategies[column]
        number = not self.table.n_levels[column]
        several = self.x.shape[1] > 1
        rows = np.count_nonzero(~np.isnan(self.x[:, column]))
        names = {"groups": ["groups"], "iterative": ["iterative"], "trees": ["trees"]}.get(asked)
        if asked == "auto" and rows >= LEAST_VALUES:
            names = ["groups"] * (self.table.keys is not None) + ["iterative", "trees"]
        wanted = [n for n in names or [] if n == "groups" or several]
        wanted = [n for n in wanted if n != "iterative" or number]
        return ["simple", *(wanted if rows >= FOLDS else [])]

    def _masked(self, column: int, rows: Rows) -> tuple[Floats, Flags]:
        """Rows with borrowed gaps as models learn from them, and the gaps of those to judge by."""
        borrowed = borrowed_gaps(self.gaps, column, len(rows), self.asked.rng)
        learnt = borrowed.copy()
        learnt[:, self.earlier] = False
        return np.where(learnt, np.nan, self.x[rows]), borrowed

    def _filled(self, x: Floats, fold: npt.NDArray[Any]) -> Floats:
        """Rows with earlier columns filled by models that had not seen the fold of the row."""
        for other in self.earlier:
            for number, model in enumerate(self.unseen[other]):
                gone = np.flatnonzero((fold == number) & np.isnan(x[:, other]))
                x[gone, other] = self._point(other, model, x[gone])
        return x

    def _point(self, column: int, model: dict[str, Any], x: Floats) -> Floats:
        """What a model of a chained column fills."""
        method = self.fillers[column]["method"]
        expected = believe(model, method, column, self.table.n_levels, x, None)
        return point(expected, self.table.columns[column])

    def _trial(self, column: int, rows: Rows, method: str, masked: Floats, judged: Floats) -> Trial:
        """What models of all folds but one expect of the rows of that one."""
        levels = self.table.n_levels[column]
        shape = (len(rows), levels) if levels else (len(rows),)
        seen, later = np.zeros(shape), np.zeros(shape)
        true = self.x[rows, column]
        models = []
        for fold in range(FOLDS):
            out = self.fold[rows] == fold
            learn = ~out if (~out).any() else out
            model = self._model(column, method, fold, rows[learn], masked[learn], true[learn])
            keys = None if self.table.keys is None else self.table.keys[self.rows[rows[out]]]
            for x, into in ((masked, seen), (judged, later)):
                into[out] = believe(model, method, column, self.table.n_levels, x[out], keys)
            models.append(model)
        return Trial(method, seen, later, models)

    def _model(
        self, column: int, method: str, fold: int, rows: Rows, x: Floats, y: Floats
    ) -> dict[str, Any]:
        """A model of some rows; `fold` is left out by straight lines, which all columns share."""
        levels = self.table.n_levels[column]
        if method == "groups":
            keys: Any = self.table.keys
            return group_model(y, keys[self.rows[rows]], levels)
        if method == "trees":
            return tree_model(x, y, levels, self.asked.how)
        if method == "iterative":
            if fold not in self.lines:
                learn = self.fold != fold if (self.fold != fold).any() else self.fold == fold
                self.lines[fold] = line_model(
                    self.x[learn], self.table.n_levels, self.asked.how.seed
                )
            return self.lines[fold]
        return simple_model(y, levels)

    def _chosen(self, column: int, rows: Rows, trials: list[Trial]) -> Trial:
        """The asked one, or the best one that beats the simple one beyond chance."""
        if self.asked.strategies[column] != "auto":
            return trials[-1]
        levels = self.table.n_levels[column]
        true = self.x[rows, column]
        base = losses(trials[0].judged, true, levels)
        if not levels:
            mean = losses(np.full(len(rows), true.mean()), true, levels)
            base = mean if mean.mean() < base.mean() else base
        best, lowest = trials[0], np.inf
        for trial in trials[1:]:
            own = losses(trial.judged, true, levels)
            gain = base - own
            noise = 2.0 * gain.std() / np.sqrt(len(gain))
            worse = self._error(trial.judged, true, column) > self._error(
                trials[0].judged, true, column
            )
            beats = gain.mean() > max(noise, LEAST_GAIN * base.mean()) and not worse
            if beats and own.mean() < lowest:
                best, lowest = trial, float(own.mean())
        return best

    def _chain(
        self, filler: dict[str, Any], best: Trial, column: int, rows: Rows
    ) -> dict[str, Any]:
        """Learn the model of a column from all rows, and fill the column for those after it."""
        levels = self.table.n_levels[column]
        true = self.x[rows, column]
        masked, _ = self._masked(column, rows)
        filler["model"] = self._model(column, best.method, -1, rows, masked, true)
        filler["chained"] = True
        if levels:
            filler["blend"] = _blend(best.seen, true)
        else:
            filler["donors"] = donors_of(best.seen, true)
        filler["overall"] = simple_model(true, levels)["value"]
        self.fillers[column] = filler
        self.unseen[column] = best.models
        gone = np.flatnonzero(np.isnan(self.x[:, column]))
        self.state[gone, column] = self._point(column, filler["model"], self.state[gone])
        self.earlier.append(column)
        return filler

    def _finished(
        self,
        filler: dict[str, Any],
        model: dict[str, Any],
        y: Floats,
        keys: Names | None = None,
    ) -> dict[str, Any]:
        """A filler that uses no other filled column."""
        filler["model"], filler["overall"] = model, model["value"]
        if not filler["levels"]:
            expected = (
                believe_simple(model, len(y)) if keys is None else believe_groups(model, keys)
            )
            filler["donors"] = donors_of(expected, y)
        return filler

    def _error(self, expected: Floats, true: Floats, column: int) -> float:
        """Root mean squared error of numbers, share of wrong words."""
        told = point(expected, self.table.columns[column])
        if self.table.n_levels[column]:
            return float((told != true).mean())
        return float(np.sqrt(((told - true) ** 2).mean()))


def borrowed_gaps(gaps: Flags, column: int, n: int, rng: np.random.Generator) -> Flags:
    """Gaps of rows that lack a column, for rows that have it: thinned by what these lack anyway.

    With them others are missing as often as where the column is: with a share r of the rows that
    lack it and g of those that have it, (r - g) / (1 - g) of the latter borrow a gap.
    """
    lacking = np.flatnonzero(gaps[:, column])
    if len(lacking):
        where, there = gaps[lacking].mean(axis=0), gaps[~gaps[:, column]].mean(axis=0)
        needed = (where - there) / np.maximum((1.0 - there) * where, 1e-12)
        borrowed = gaps[lacking[rng.integers(len(lacking), size=n)]]
        borrowed &= rng.random((n, 1)) < needed
    else:
        borrowed = np.zeros((n, gaps.shape[1]), dtype=bool)
    borrowed[:, column] = True
    return borrowed


def losses(expected: Floats, true: Floats, levels: int) -> Floats:
    """Squared error of each row: of the number, or of the shares of the levels (Brier, 1950)."""
    if not levels:
        return np.asarray((expected - true) ** 2)
    hit = np.eye(levels)[true.astype(np.int64)]
    return np.asarray(((expected - hit) ** 2).sum(axis=1))


def _blend(shares: Floats, true: Floats) -> float:
    """How far to draw shares towards those of all, so that the true levels are most probable."""
    overall = np.bincount(true.astype(np.int64), minlength=shares.shape[1]) / len(true)
    rows = np.arange(len(true))
    own = shares[rows, true.astype(np.int64)]
    common = overall[true.astype(np.int64)]
    told = [np.log(np.maximum((1 - b) * own + b * common, 1e-12)).mean() for b in BLENDS]
    return BLENDS[int(np.argmax(told))]
