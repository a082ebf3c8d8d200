"""EASE: a linear model of items on items in closed form.

With X the customers x items matrix of zeros and ones and P = (X'X + lambda I)^-1, the weights are
B_ij = -P_ij / P_jj with a zero diagonal, and the scores X B: column j is the ridge regression of
item j on all others. Steck (2019), Embarrassingly shallow autoencoders for sparse data, WWW 2019,
3251-3257. Customers of whom little is known get popularity on top, fading as they buy.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.linalg.lapack import spotrf, spotri

from crmkit._validation import check_real
from crmkit.exceptions import DataError
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._popularity_strength import learnt_strength
from crmkit.recommend._prior import EVER, add_popularity, popularity_prior, unless_popular
from crmkit.recommend._reasons import Contributions, history_pairs
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import Scores


class EASE(Recommender):
    """Offer what goes with what a customer bought: events in, a linear item-to-item model out.

    The best collaborative model for up to some ten thousand items: closed form, one parameter that
    hardly matters, deterministic, and every score is a sum over the items of the history. New
    customers need no training. It knows no time: where items come and go, reweight it by trend.
    For repeat purchases use `BuyAgain`; for more items than fit the memory use `SparseEASE`.

    Parameters
    ----------
    regularization : float, default=500.0
        Ridge penalty, above 0, in customers; 200 to 1,000 are all good, more for sparser data.
    popularity : {"tune"} or float, default="tune"
        What the best seller gains, as a share of the range of the scores of a customer
        with at most 5 items; it fades to nothing at 10 items. 0 leaves the model pure. "tune" takes
        what would have served strangers best: 0.3, where none of 0 to 2 is better beyond noise.
    max_memory : float, default=4.0
        Most memory that the fit may take, in gigabytes; a larger catalogue is refused.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    weights_ : ndarray of float32 of shape (n_sold, n_sold)
        What having item i adds to the score of item j, over the items that anybody bought.
    sold_ : ndarray of int
        Places in `items_` of the items that anybody bought.
    n_items_ : int
        Number of items, those never sold among them.
    prior_ : ndarray of float32 of shape (n_sold,)
        Popularity of these items, 1 for the best seller.
    strength_ : float
        The share that is used.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import EASE
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = EASE(regularization=1.0, popularity=0.0).fit(log)
    >>> model.recommend(["dan"], n=1, explain=True)[["item", "rank", "reason"]]
      item  rank                  reason
    0  cup     1  because you bought tea
    """

    def __init__(
        self, regularization: float = 500.0, popularity: Any = "tune", max_memory: float = 4.0
    ) -> None:
        self.regularization = regularization
        self.popularity = popularity
        self.max_memory = max_memory

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_real(self.regularization, "regularization", owner, low=0.0, open_low=True)
        if not (isinstance(self.popularity, str) and self.popularity == "tune"):
            check_real(self.popularity, "popularity", owner, low=0.0)
        check_real(self.max_memory, "max_memory", owner, low=0.0, open_low=True)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        self.sold_: Whole = np.flatnonzero(known.sold)
        check_memory(len(self.sold_), self.max_memory, type(self).__name__)
        self.n_items_: int = known.n_items
        self._solve(known, gram(self._of_sold(known.matrix())))

    def _solve(self, known: Interactions, total: Scores) -> None:
        """Weights from the Gram matrix, which is written over, and how popularity is mixed in."""
        self.weights_: Scores
        self.weights_, variances = ease_solution(total, self.regularization)
        self.prior_: Scores = np.maximum(popularity_prior(known, EVER)[self.sold_], np.float32(0))
        self.strength_: float = (
            learnt_strength(known, self.sold_, self.weights_, variances, self.prior_)
            if isinstance(self.popularity, str)
            else float(self.popularity)
        )

    def _scores(self, histories: Histories) -> Scores:
        found = self._of_sold(histories.matrix()) @ self.weights_
        add_popularity(found, histories, self.prior_, self.strength_)
        if len(self.sold_) == histories.n_items:
            return np.asarray(found, dtype=np.float32)
        scores = histories.buffer()
        scores[:] = -np.inf
        scores[:, self.sold_] = found
        return scores

    def _similar(self, items: Whole) -> Scores:
        place = np.full(self.n_items_, -1)
        place[self.sold_] = np.arange(len(self.sold_))
        scores = np.full((len(items), self.n_items_), -np.inf, dtype=np.float32)
        rows = np.flatnonzero(place[items] >= 0)
        scores[np.ix_(rows, self.sold_)] = self.weights_[place[items[rows]]]
        return scores

    def _contributions(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        matrix = self._of_sold(histories.matrix())
        parts = linear_contributions(matrix, self.weights_, self.sold_, rows, items)
        prior = np.zeros(self.n_items_, dtype=np.float32)
        prior[self.sold_] = self.prior_
        asked = (prior, self.strength_, histories, rows, items)
        return unless_popular(parts, lambda: matrix @ self.weights_, *asked)

    def _of_sold(self, matrix: sp.csr_matrix) -> sp.csr_matrix:
        """The columns of the items that anybody bought."""
        return matrix if len(self.sold_) == matrix.shape[1] else matrix[:, self.sold_]


def gram(bought: sp.csr_matrix) -> Scores:
    """X'X of zeros and ones as a dense float32 matrix: whole numbers, exact below 2**24."""
    n, n_items = bought.shape
    pairs = float(np.sum(np.diff(bought.indptr).astype(np.float64) ** 2))
    if pairs < 0.02 * float(n) * n_items**2:
        return sparse_gram(bought)
    total = np.zeros((n_items, n_items), dtype=np.float32)
    for begin in range(0, n, 2048):
        block = bought[begin : begin + 2048].toarray()
        total += block.T @ block
    return total


def sparse_gram(bought: sp.csr_matrix, size: int = 128) -> Scores:
    """The same by sparse products of a block of items at a time: little more than the answer."""
    n_items = bought.shape[1]
    across = bought.T.tocsr()
    total = np.empty((n_items, n_items), dtype=np.float32)
    for begin in range(0, n_items, size):
        total[begin : begin + size] = (across[begin : begin + size] @ bought).toarray()
    return total


def ease_solution(gram: Scores, regularization: float) -> tuple[Scores, Scores]:
    """Weights B of the items on one another from X'X, which is written over, and diag(P).

    Cholesky and inverse by LAPACK in single precision, in the memory of the one matrix.
    """
    n = len(gram)
    gram[np.diag_indices(n)] += np.float32(regularization)
    factor, failed = spotrf(gram.T, lower=1, overwrite_a=1)
    if failed:
        raise DataError(
            "EASE: the item matrix is not positive definite in single precision. Raise "
            "regularization."
        )
    inverse, _ = spotri(factor, lower=1, overwrite_c=1)
    mirror_lower(inverse)
    weights = inverse.T  # the matrix is symmetric: this only names rows what were columns
    variances = np.diag(weights).copy()
    weights /= -variances
    weights[np.diag_indices(n)] = 0.0
    return weights, variances


def mirror_lower(matrix: Scores, size: int = 512) -> None:
    """Copy the lower triangle of a square matrix to the upper one, in place."""
    n = len(matrix)
    for low in range(0, n, size):
        high = min(low + size, n)
        matrix[low:high, high:] = matrix[high:, low:high].T
        square = np.tril(matrix[low:high, low:high])
        matrix[low:high, low:high] = square + np.tril(square, -1).T


def linear_contributions(
    matrix: sp.csr_matrix, weights: Scores, items: Whole, rows: Whole, asked: Whole
) -> Contributions:
    """Parts x_i B_ij of scores: pairs (row, asked item) in, pair, item i and part out.

    `items` are the places of the rows and columns of `weights`, ascending.
    """
    pair, item, bought = history_pairs(matrix, rows)
    column = np.minimum(np.searchsorted(items, asked), max(len(items) - 1, 0))
    there = items[column] == asked
    value = bought * weights[item, column[pair]]
    return pair, items[item], np.where(there[pair], value, 0.0)


def check_memory(n_items: int, limit: float, owner: str) -> None:
    """Refuse a catalogue whose dense matrix, its mirror and a block do not fit the memory."""
    needed = 2 * 4 * float(n_items) ** 2 / 1e9
    if needed > limit:
        raise DataError(
            f"{owner}: {n_items:,} items need {needed:.1f} GB of memory, and max_memory is "
            f"{limit:g}. Raise it, use SparseEASE or ItemKNN, or leave rare items out."
        )
