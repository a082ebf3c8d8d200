"""Scorer: what makes a model, two hooks that most models give and the others that some do.

A model derives from `Recommender`, stores its parameters in `__init__` and gives

`_learn(known: Interactions, catalogue: Catalogue | None) -> None`
    Sets the fitted attributes of the model: arrays, numbers, text, dicts, lists, csr matrices,
    estimators. Columns of items are places in `known.items`, which holds items never sold too.
`_scores(histories: Histories) -> float32 ndarray (n_rows, n_items)`
    Scores a block of at most 64 customers, each of whom has at least one line; higher is better,
    -inf is no candidate. A row depends on the lines of its customer alone, never on the block.
    The caller may write into the answer; `histories.buffer()` is memory to fill.

A model whose scores are mostly missing sets `_is_sparse = True` and gives instead of `_scores`

`_entries(histories: Histories) -> csr_matrix of float32 (n_rows, n_items)`
    Blocks of any height; an entry that is not stored is no candidate.

The hooks below see customers with at least one line only, as `_scores` does.

Optional: `_excludes_seen` (class attribute, default of `exclude_seen`), `_needs_history = False`
(class attribute: scores customers without a line too, who otherwise get `popularity_`),
`_leaves_out_seen()` (where the default of `exclude_seen` depends on parameters),
`_check_parameters()`,
`_similar(items: int array) -> float32 ndarray (len(items), n_items)`,
`_contributions(histories, rows, items) -> (pair, because, value)`, the additive parts of the score
of pair k = (rows[k], items[k]) by item of the history (without it `explain` tells what goes with
the offer), and
`_sources(histories, rows, items) -> array of str | None` ("model" where None).

Members of a hybrid are fitted by `member._learn(known, catalogue)` with one and the same
`Interactions`, and scored by `member._scores(histories)`.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit.base import Estimator
from crmkit.exceptions import DataError
from crmkit.recommend._asked import Asked
from crmkit.recommend._best import best_entries, best_items, densified
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._filters import Filters
from crmkit.recommend._history import Histories
from crmkit.recommend._ids import Ids
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._reasons import (
    FITTING,
    POPULAR,
    UNSOLD,
    Contributions,
    because,
    bought_before,
    co_purchases,
    goes_with,
)
from crmkit.recommend._top_items import Ranked, Scores

SOURCES = np.asarray(["model", "fold-in", "popular"])


class Scorer(Estimator):
    """Base of `Recommender`: the hooks, and scores and reasons for whoever is asked for.

    `fit` sets `items_`, `labels_`, `purchases_` and `popularity_`.
    """

    items_: Ids
    labels_: npt.NDArray[Any] | None
    purchases_: dict[str, Any]
    popularity_: Scores

    _excludes_seen: ClassVar[bool] = True
    _is_sparse: ClassVar[bool] = False
    _needs_history: ClassVar[bool] = True

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        raise AttributeError(f"{type(self).__name__} does not say what it learns.")

    def _scores(self, histories: Histories) -> Scores:
        return densified(self._entries(histories), histories.buffer())

    def _entries(self, histories: Histories) -> sp.csr_matrix:
        raise AttributeError(f"{type(self).__name__} does not say how it scores.")

    def _check_parameters(self) -> None:
        """Refuse parameters without meaning; called by `fit` before anything is read."""

    def _leaves_out_seen(self) -> bool:
        """Default of `exclude_seen`, where it depends on parameters."""
        return self._excludes_seen

    def _similar(self, items: Whole) -> Scores:
        if not self._known().n_customers:
            raise DataError(
                f"{type(self).__name__}: what goes together is told by common customers, and this "
                "model holds none. Ask the model it was made of, before without_customers()."
            )
        return co_purchases(self._known(), items)

    def _needs_customers(self) -> bool:
        """Whether it scores by the purchases of other customers, and not by what it learnt."""
        return False

    def _alike(self) -> "Scorer | None":
        """The model whose `_similar` tells what is alike; None where common customers do."""
        return None if type(self)._similar is Scorer._similar else self

    def _contributions(
        self, histories: Histories, rows: Whole, items: Whole
    ) -> Contributions | None:
        return None

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> Any:
        return None

    def _known(self) -> Interactions:
        """What was learnt from: one object for all calls, with what it has worked out."""
        kept: Interactions | None = self.__dict__.get("_kept")
        if kept is None or kept.item is not self.purchases_["item"]:
            kept = self._kept = Interactions(**self.purchases_)
        return kept

    def _best(
        self, asked: Asked, filters: Filters, n: int
    ) -> Iterator[tuple[slice, Histories, Ranked]]:
        """Best n items of each customer, a block at a time."""
        if self._is_sparse:
            return best_entries(asked, filters, n, self._all_entries)
        return best_items(asked, filters, n, self._all_scores)

    def _all_scores(self, histories: Histories) -> Scores:
        """Scores of a block, by popularity where nothing is known of a customer."""
        some = histories.is_told
        if some.all() or not self._needs_history:
            return self._scores(histories)
        scores = histories.buffer()
        scores[~some] = self.popularity_
        if some.any():
            scores[some] = self._scores(histories.take(np.flatnonzero(some)))
        return scores

    def _all_entries(self, histories: Histories) -> sp.csr_matrix:
        matrix = self._entries(histories)
        nothing = np.diff(histories.start) == 0
        if not nothing.any() or not self._needs_history:
            return matrix
        popular = np.where(self.popularity_ > -np.inf, self.popularity_, 0.0)
        every = sp.csr_matrix(popular[None, :])[np.zeros(nothing.sum(), dtype=int)]
        places = np.argsort(np.concatenate([np.flatnonzero(~nothing), np.flatnonzero(nothing)]))
        joint: sp.csr_matrix = sp.vstack([matrix[~nothing], every], format="csr")[places]
        return joint

    def _source(
        self, asked: Asked, rows: slice, histories: Histories, row: Whole, item: Whole
    ) -> npt.NDArray[Any]:
        """Where each score comes from, told by the customer and, if it knows better, the model."""
        kind = asked.kind[rows][row]
        source = SOURCES[kind].astype(object)
        some = (kind < 2).nonzero()[0]
        told = self._sources(*with_lines(histories, row[some]), item[some]) if len(some) else None
        if told is not None:
            differs = told != "model"
            source[some[differs]] = told[differs]
        return source

    def _reason(
        self, histories: Histories, row: Whole, item: Whole, source: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        """Why each is offered: on which days it was bought, else what speaks for it, in words."""
        is_popular = source == "popular"
        made = np.where(is_popular, POPULAR, "").astype(object)
        own = (histories.is_told[row] & ~is_popular).nonzero()[0]
        made[own] = bought_before(histories, row[own], item[own])
        some, default = own[made[own] == ""], POPULAR
        if len(some):
            pairs = (*with_lines(histories, row[some]), item[some])
            words, told = "because you bought", self._contributions(*pairs)
            if told is None:
                words, told = "goes with", goes_with(self._known(), *pairs)
                default = POPULAR if self._known().n_customers else FITTING
            names = self.items_ if self.labels_ is None else self.labels_
            made[some] = because(told, names, len(some), words)
        unsaid = made == ""
        made[unsaid] = np.where(self.popularity_[item[unsaid]] > -np.inf, default, UNSOLD)
        return made


def with_lines(histories: Histories, row: Whole) -> tuple[Histories, Whole]:
    """Histories of the customers with a line, as hooks expect them, and the rows among them."""
    some = histories.is_told
    if some.all():
        return histories, row
    return histories.take(np.flatnonzero(some)), (np.cumsum(some) - 1)[row]
