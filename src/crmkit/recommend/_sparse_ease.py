"""SparseEASE: each item's ridge regression on the items most like it.

Column j of the weights of EASE is the ridge regression of item j on all other items. Here it is
that on the k items N of the highest cosine with j: with G = X'X of the customers x items matrix of
zeros and ones,

    W_Nj = (G_NN + regularization I)^-1 G_Nj

and nothing elsewhere. Items without a common customer are no neighbours, however large k is, though
EASE gives such pairs weights too (mostly below 0): with k at least the number of items the two are
the same only where every two items share a customer. Steck (2019), Embarrassingly shallow
autoencoders for sparse data, WWW 2019, 3251-3257; items chosen by neighbours before the regression
as in Ning and Karypis (2011), SLIM, ICDM, 497-506.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from crmkit._validation import check_real, check_whole
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._ease import gram
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._item_weights import ItemWeights
from crmkit.recommend._neighbours import item_neighbours
from crmkit.recommend._top_items import Scores

WHOLE = 8192  # items of which one dense matrix is held
UNION = 4096  # neighbours of a block of items that are looked at together


class SparseEASE(ItemWeights):
    """Offer what goes with a history in a large catalogue: events in, sparse item weights out.

    Nearly `EASE` where `k` is large, in memory that does not grow with the square of the
    catalogue; what `EASE` learns of items that no customer bought both of is left out. For small
    catalogues use `EASE`, which scores every item; here only items with a weight from the history
    are candidates.

    Parameters
    ----------
    k : int, default=100
        How many items may speak for each item, at least 1: those most like it of the items that
        share a customer with it. 50 is enough in retail, 200 on dense data such as film ratings;
        the cost grows with its square and more.
    regularization : float, default=200.0
        Ridge penalty, above 0, in customers.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    weights_ : csr matrix of float32 of shape (n_items, n_items)
        What having item i adds to the score of item j; column j holds at most k entries.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import SparseEASE
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = SparseEASE(regularization=1.0).fit(log)
    >>> model.recommend(["dan"], explain=True)[["item", "score", "reason"]]
      item  score                  reason
    0  cup    0.5  because you bought tea
    """

    def __init__(self, k: int = 100, regularization: float = 200.0) -> None:
        self.k = k
        self.regularization = regularization

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_whole(self.k, "k", owner, low=1)
        check_real(self.regularization, "regularization", owner, low=0.0, open_low=True)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        bought = known.matrix()
        near = item_neighbours(bought, self.k, 0.0).T.tocsr()
        with threadpool_limits(1, "blas"):  # threads would wait longer than such systems take
            self.weights_ = local_weights(bought, near, self.regularization)


def local_weights(
    bought: sp.csr_matrix, near: sp.csr_matrix, regularization: float
) -> sp.csr_matrix:
    """Ridge regression of each item on its neighbours, the entries of its row of `near`."""
    n_items = bought.shape[1]
    counts = np.diff(near.indptr)
    width = int(counts.max(initial=1))
    by_item = bought.T.tocsr()
    whole = gram(bought) if n_items <= WHOLE else None
    values = np.zeros(near.nnz, dtype=np.float32)
    height = max(UNION // width, 1)
    for begin in range(0, n_items, height):
        targets = np.arange(begin, min(begin + height, n_items))
        places = slice(near.indptr[begin], near.indptr[targets[-1] + 1])
        there = np.arange(width) < counts[targets, None]
        neighbours = np.zeros(there.shape, dtype=np.int64)
        neighbours[there] = near.indices[places]
        products, own, others = whole, targets, neighbours
        if products is None:
            products, own, others = products_of(by_item, targets, neighbours, there)
        values[places] = ridge(products, own, others, there, regularization)[there]
    made = sp.csr_matrix((values, near.indices, near.indptr), near.shape).T.tocsr()
    made.sort_indices()
    return made


def products_of(
    by_item: sp.csr_matrix, targets: Whole, neighbours: Whole, there: npt.NDArray[np.bool_]
) -> tuple[Scores, Whole, Whole]:
    """Products X'X of the items of a block, and where its targets and neighbours stand in them."""
    some = np.union1d(targets, neighbours[there])
    rows = by_item[some]
    products = np.asarray((rows @ rows.T).toarray(), dtype=np.float32)
    others = np.where(there, np.searchsorted(some, neighbours), 0)
    return products, np.searchsorted(some, targets), np.minimum(others, len(some) - 1)


def ridge(
    products: Scores,
    targets: Whole,
    neighbours: Whole,
    there: npt.NDArray[np.bool_],
    regularization: float,
) -> Scores:
    """Weights of the neighbours of each target, one row each, zero where there is none."""
    left = products[neighbours[:, :, None], neighbours[:, None, :]]
    left *= there[:, :, None] & there[:, None, :]
    diagonal = np.arange(left.shape[1])
    left[:, diagonal, diagonal] += np.float32(regularization)
    right = np.where(there, products[neighbours, targets[:, None]], np.float32(0.0))
    weights: Scores = np.linalg.solve(left, right[:, :, None])[:, :, 0]
    return weights
