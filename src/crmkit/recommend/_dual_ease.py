"""DualEASE: EASE by way of the customers, for catalogues with more items than customers.

With X the customers x items matrix of zeros and ones, EASE needs P = (X'X + regularization I)^-1, a
matrix of items x items. By the identity of Woodbury

    regularization P = I - X' K X,    K = (X X' + regularization I)^-1

where K is a matrix of customers x customers. With g_j = 1 - x_j'K x_j of the column x_j of item j,
the weight of item i on item j is B_ij = x_i'K x_j / g_j and the score of a history h

    score of (h, j) = h_j - (h_j - h'X'K x_j) / g_j

which is h'B of EASE with its zero diagonal, exactly, and needs no items x items matrix. Steck
(2019), Embarrassingly shallow autoencoders for sparse data, WWW 2019, 3251-3257; the identity as in
kernel ridge regression: Saunders, Gammerman and Vovk (1998), ICML, 515-521.
"""

import numpy as np
import scipy.sparse as sp
from scipy.linalg.lapack import spotrf, spotri

from crmkit._validation import check_real
from crmkit.exceptions import DataError
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._ease import gram, mirror_lower
from crmkit.recommend._history import BLOCK, Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._prior import EVER, add_popularity, popularity_prior, unless_popular
from crmkit.recommend._reasons import Contributions, history_pairs
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import Scores, row_times_columns

ITEMS = 512  # whose scores are turned from columns to rows together


class DualEASE(Recommender):
    """Offer what goes with a history, where items outnumber customers: events in, offers out.

    The scores of `EASE`, up to rounding, in memory that grows with the square of the customers
    instead of the items. Where both are many, use `PureSVD` or `SparseEASE`.

    Parameters
    ----------
    regularization : float, default=500.0
        Ridge penalty, above 0, in customers; as in `EASE`.
    popularity : float, default=0.3
        What the best seller gains, as a share of the range of the scores of a customer with at
        most 5 items; it fades to nothing at 10 items. 0 leaves the model pure.
    max_memory : float, default=4.0
        Most memory of the matrix of customers, in gigabytes.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    inverse_ : ndarray of float32 of shape (n_customers, n_customers)
        The matrix K.
    buyers_ : csr matrix of float32 of shape (n_items, n_customers)
        1 where a customer bought an item.
    room_ : ndarray of float32 of shape (n_items,)
        g_j: what the customers leave open about each item, above 0 up to 1.
    prior_ : ndarray of float32 of shape (n_items,)
        Popularity of each item, 1 for the best seller; 0 for items that nobody bought.
    unsold_ : ndarray of int
        Places in `items_` of the items that nobody bought.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend._dual_ease import DualEASE
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = DualEASE(regularization=1.0, popularity=0.0).fit(log)
    >>> model.recommend(["dan"], n=1, explain=True)[["item", "rank", "reason"]]
      item  rank                  reason
    0  cup     1  because you bought tea
    """

    def __init__(
        self, regularization: float = 500.0, popularity: float = 0.3, max_memory: float = 4.0
    ) -> None:
        self.regularization = regularization
        self.popularity = popularity
        self.max_memory = max_memory

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_real(self.regularization, "regularization", owner, low=0.0, open_low=True)
        check_real(self.popularity, "popularity", owner, low=0.0)
        check_real(self.max_memory, "max_memory", owner, low=0.0, open_low=True)

    def _needs_customers(self) -> bool:
        return True

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        needed = gigabytes(known.n_customers)
        if needed > self.max_memory:
            raise DataError(
                f"{type(self).__name__}: {known.n_customers:,} customers need {needed:.1f} GB of "
                f"memory, and max_memory is {self.max_memory:g}. Raise it, or use PureSVD or "
                "SparseEASE."
            )
        self.buyers_: sp.csr_matrix = known.matrix().T.tocsr()
        self.inverse_: Scores = inverse_of(gram(self.buyers_), self.regularization)
        self.room_: Scores = left_open(self.buyers_, self.inverse_)
        self.unsold_: Whole = np.flatnonzero(~known.sold)
        self.prior_: Scores = np.maximum(popularity_prior(known, EVER), np.float32(0.0))

    def _scores(self, histories: Histories) -> Scores:
        scores = self._pure(histories.matrix(), histories.buffer())
        add_popularity(scores, histories, self.prior_, self.popularity)
        scores[:, self.unsold_] = -np.inf
        return scores

    def _pure(self, matrix: sp.csr_matrix, scores: Scores) -> Scores:
        """Scores h'B of at most 64 rows of items, into a block."""
        alike = (matrix @ self.buyers_).toarray()
        weights = np.zeros((BLOCK, alike.shape[1]), dtype=np.float32)
        row_times_columns(alike, self.inverse_, weights[: len(alike)])
        spoken = self.buyers_ @ np.ascontiguousarray(weights.T)
        for begin in range(0, len(spoken), ITEMS):  # a part that fits the cache is turned quickly
            part = slice(begin, begin + ITEMS)
            np.divide(spoken[part].T[: len(scores)], self.room_[part], out=scores[:, part])
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        scores[row, matrix.indices] += 1.0 - 1.0 / self.room_[matrix.indices]
        return scores

    def _similar(self, items: Whole) -> Scores:
        n_items = self.buyers_.shape[0]
        ones = np.ones(len(items), dtype=np.float32)
        one = sp.csr_matrix((ones, items, np.arange(len(items) + 1)), (len(items), n_items))
        scores = self._pure(one, np.empty((len(items), n_items), dtype=np.float32))
        scores[:, self.unsold_] = -np.inf
        scores[np.isin(items, self.unsold_)] = -np.inf
        return scores

    def _contributions(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        pair, item, _ = history_pairs(histories.matrix(), rows)
        had, place = np.unique(item, return_inverse=True)
        owned = self.buyers_[had]
        value = np.zeros(len(pair), dtype=np.float32)
        offered, column = np.unique(items[pair], return_inverse=True)
        for begin in range(0, len(offered), BLOCK):
            block = offered[begin : begin + BLOCK]
            spoken = owned @ np.ascontiguousarray((self.buyers_[block] @ self.inverse_).T)
            there = np.flatnonzero((column >= begin) & (column < begin + BLOCK))
            found = spoken[place[there], column[there] - begin]
            value[there] = found / self.room_[items[pair[there]]]
        parts = (pair, item, np.where(item == items[pair], 0.0, value))
        asked = (self.prior_, self.popularity, histories, rows, items)
        return unless_popular(parts, lambda: self._pure_of(histories), *asked)

    def _pure_of(self, histories: Histories) -> Scores:
        """Scores without popularity, in memory of their own."""
        shape = (len(histories), histories.n_items)
        return self._pure(histories.matrix(), np.empty(shape, dtype=np.float32))


def gigabytes(n_customers: int) -> float:
    """Memory of the matrix of customers, and of its factor on the way."""
    return 2 * 4 * float(n_customers) ** 2 / 1e9


def inverse_of(gram: Scores, regularization: float) -> Scores:
    """(G + regularization I)^-1 by LAPACK in single precision, in the memory of G."""
    gram[np.diag_indices(len(gram))] += np.float32(regularization)
    factor, failed = spotrf(gram.T, lower=1, overwrite_a=1)
    if failed:
        raise DataError(
            "DualEASE: the matrix of customers is not positive definite in single precision. Raise "
            "regularization."
        )
    inverse, _ = spotri(factor, lower=1, overwrite_c=1)
    mirror_lower(inverse)
    return np.ascontiguousarray(inverse.T)  # it is symmetric


def left_open(buyers: sp.csr_matrix, inverse: Scores, size: int = 1024) -> Scores:
    """1 - x_j'K x_j of each row x_j of `buyers`."""
    made = np.empty(buyers.shape[0], dtype=np.float32)
    for begin in range(0, len(made), size):
        block = buyers[begin : begin + size]
        spoken = block @ inverse
        row = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
        own = spoken[row, block.indices].astype(np.float64)
        made[begin : begin + size] = 1.0 - np.bincount(row, own, minlength=block.shape[0])
    return made
