"""Item weights: scores that are sums of sparse weights of items on items.

score of (u, j) = sum over the items i of u of W_ij. An entry of W that is not stored says nothing,
so that an item without any from the history is no candidate.
"""

from typing import ClassVar

import numpy as np
import scipy.sparse as sp

from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Whole
from crmkit.recommend._reasons import Contributions, entries_at, history_pairs
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import Scores


class ItemWeights(Recommender):
    """Base of models that learn `weights_`, a csr matrix of items x items: events in, offers out.

    Row i of `weights_` is what having item i adds to the score of each item. A model that calls
    them otherwise says so in `_item_weights`.
    """

    _is_sparse: ClassVar[bool] = True
    weights_: sp.csr_matrix

    def _item_weights(self) -> sp.csr_matrix:
        return self.weights_

    def _entries(self, histories: Histories) -> sp.csr_matrix:
        entries: sp.csr_matrix = (histories.matrix() @ self._item_weights()).tocsr()
        return entries

    def _similar(self, items: Whole) -> Scores:
        near = self._item_weights()[items]
        scores = np.full(near.shape, -np.inf, dtype=np.float32)
        row = np.repeat(np.arange(len(items)), np.diff(near.indptr))
        scores[row, near.indices] = near.data
        return scores

    def _contributions(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        return sparse_contributions(histories.matrix(), self._item_weights(), rows, items)


def sparse_contributions(
    matrix: sp.csr_matrix, weights: sp.csr_matrix, rows: Whole, items: Whole
) -> Contributions:
    """Parts x_i W_ij of scores: pairs (row, item j) in; pair, item i and part out."""
    pair, item, bought = history_pairs(matrix, rows)
    return pair, item, bought * entries_at(weights, item, items[pair])
