"""UserKNN: customers are alike when they bought the same items.

score of (u, i) = sum over the k customers v most like u of S_uv x_vi, where x are zeros and ones
and S_uv = w_u'w_v / (|w_u| |w_v| + shrinkage) with w = x ("cosine") or w_ui = x_ui (log(N) -
log(1 + n_i)), n_i of the N customers having item i ("idf"). A customer of the fit is his own
nearest neighbour, which moves only what he already has. Herlocker et al. (1999), SIGIR, 230-237.
"""

from typing import ClassVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._validation import check_choice, check_real, check_whole
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions
from crmkit.recommend._neighbours import cosines, norms
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import top_items

CELLS = 4_000_000  # similarities that are held at a time


class UserKNN(Recommender):
    """Offer what like-minded customers bought: events in, nearest customers' items out.

    Strong where customers fall into kinds and for new items of short lists; slow for many
    customers, whose purchases are all compared at every call: then use `ItemKNN` or `EASE`.

    Parameters
    ----------
    metric : {"cosine", "idf"}, default="cosine"
        How items are weighed: alike, or less those that everybody buys ("idf").
    k : int, default=100
        Neighbours of each customer.
    shrinkage : float, default=10.0
        Damps similarities that rest on few items, at least 0.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    bought_ : csr matrix of float32 of shape (n_customers, n_items)
        What each customer bought: ones.
    item_weights_ : ndarray of float32 of shape (n_items,)
        How much having an item in common tells.
    weighed_ : csr matrix of float32 of shape (n_items, n_customers)
        What each customer bought, times the weights of the items.
    norms_ : ndarray of float64 of shape (n_customers,)
        Length of each customer's column of it.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import UserKNN
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> UserKNN(shrinkage=0.0).fit(log).recommend(["dan"]).round(3)
      customer item  score  rank source
    0      dan  cup  1.414     1  model
    """

    _is_sparse: ClassVar[bool] = True

    def __init__(self, metric: str = "cosine", k: int = 100, shrinkage: float = 10.0) -> None:
        self.metric = metric
        self.k = k
        self.shrinkage = shrinkage

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_choice(self.metric, "metric", ["cosine", "idf"], owner)
        check_whole(self.k, "k", owner, low=1)
        check_real(self.shrinkage, "shrinkage", owner, low=0.0)

    def _needs_customers(self) -> bool:
        return True

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        self.bought_: sp.csr_matrix = known.matrix()
        n_buyers = np.bincount(self.bought_.indices, minlength=known.n_items)
        weights = np.ones(known.n_items)
        if self.metric == "idf":
            weights = np.maximum(np.log(known.n_customers) - np.log1p(n_buyers), 0.0)
        self.item_weights_: npt.NDArray[np.float32] = weights.astype(np.float32)
        weighed = self._weighed(self.bought_)
        self.norms_: npt.NDArray[np.float64] = norms(weighed)
        self.weighed_: sp.csr_matrix = weighed.T.tocsr()

    def _entries(self, histories: Histories) -> sp.csr_matrix:
        mine = self._weighed(histories.matrix())
        height = max(1, CELLS // len(self.norms_))
        parts = []
        for begin in range(0, len(histories), height):
            block = mine[begin : begin + height]
            shared = (block @ self.weighed_).tocsr()
            near = cosines(shared, norms(block), self.norms_, self.shrinkage)
            row, other, value = top_items(near, self.k)
            alike = sp.csr_matrix((value, (row, other)), shape=near.shape, dtype=np.float32)
            parts.append(alike @ self.bought_)
        entries: sp.csr_matrix = sp.vstack(parts, format="csr")
        return entries

    def _weighed(self, bought: sp.csr_matrix) -> sp.csr_matrix:
        values = bought.data * self.item_weights_[bought.indices]
        return sp.csr_matrix((values, bought.indices, bought.indptr), bought.shape)
