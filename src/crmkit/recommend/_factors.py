"""Factors: scores that are products of a few numbers of the customer and of the item.

score of (u, j) = p_u'q_j, where q are learned and p is found from the lines of u alone, by the same
rule for customers of the fit and for strangers. Items that nobody bought are no candidates.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._prior import EVER, add_popularity, popularity_prior, unless_popular
from crmkit.recommend._reasons import Contributions
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import Scores, row_times_columns


class FactorModel(Recommender):
    """Base of models that learn `item_factors_`: events in, offers by products of factors out.

    A model sets `item_factors_` of shape (n_items, n_factors) and calls `_keep`, gives
    `_customer_factors` and `_parts`, the additive parts of scores, and has a parameter or attribute
    `popularity`, as in `EASE`.
    """

    popularity: float = 0.0
    item_factors_: Scores

    def _customer_factors(self, histories: Histories) -> Scores:
        raise AttributeError(f"{type(self).__name__} does not say how it finds customers.")

    def _item_vectors(self) -> Scores:
        """What tells which items are alike, by their angle."""
        return self.item_factors_

    def _keep(self, known: Interactions, item_factors: npt.NDArray[np.floating]) -> None:
        """Keep factors so that their transpose is contiguous, and what else scores need."""
        self.item_factors_ = np.asfortranarray(item_factors, dtype=np.float32)
        self.unsold_: Whole = np.flatnonzero(~known.sold)
        self.prior_: Scores = np.maximum(popularity_prior(known, EVER), np.float32(0.0))

    def _scores(self, histories: Histories) -> Scores:
        customers = self._customer_factors(histories)
        scores = row_times_columns(customers, self.item_factors_.T, histories.buffer())
        if self.popularity:
            add_popularity(scores, histories, self.prior_, self.popularity)
        scores[:, self.unsold_] = -np.inf
        return scores

    def _parts(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        raise AttributeError(f"{type(self).__name__} does not say what its scores are made of.")

    def _contributions(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        parts = self._parts(histories, rows, items)
        asked = (self.prior_, float(self.popularity), histories, rows, items)
        return unless_popular(parts, lambda: self._pure_of(histories), *asked)

    def _pure_of(self, histories: Histories) -> Scores:
        """Scores without popularity, in memory of their own."""
        return row_times_columns(self._customer_factors(histories), self.item_factors_.T)

    def _similar(self, items: Whole) -> Scores:
        vectors = self._item_vectors()
        length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        ways: Scores = (vectors / np.where(length > 0, length, 1.0)[:, None]).astype(np.float32)
        scores = row_times_columns(ways[items], ways.T)
        scores[:, length == 0] = -np.inf
        scores[length[items] == 0] = -np.inf
        return scores


def row_sums(matrix: sp.csr_matrix, factors: npt.NDArray[Any], dtype: Any = np.float32) -> Any:
    """Product of a block of rows and the factors, of which only the rows it needs are read."""
    some, place = np.unique(matrix.indices, return_inverse=True)
    small = sp.csr_matrix((matrix.data, place, matrix.indptr), (matrix.shape[0], len(some)))
    return small @ np.ascontiguousarray(factors[some], dtype=dtype)
