"""ItemKNN: items are alike when the same customers bought them.

score of (u, j) = sum over the items i of u of S_ij, where column j of S keeps the k items most
similar to j; see `crmkit.recommend._neighbours` for the similarities. Deshpande and Karypis (2004),
ACM Transactions on Information Systems 22, 143-177.
"""

import numpy as np
import scipy.sparse as sp

from crmkit._validation import check_choice, check_real, check_whole
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._item_weights import ItemWeights
from crmkit.recommend._neighbours import bm25, item_neighbours
from crmkit.recommend._top_items import Scores


class ItemKNN(ItemWeights):
    """Offer items like those a customer bought: events in, nearest items by common buyers out.

    Sparse from end to end, so it serves catalogues that `EASE` cannot hold, and easy to explain.
    Where EASE fits the memory it is usually better.

    Parameters
    ----------
    metric : {"cosine", "bm25"}, default="cosine"
        How customers are weighed: alike, or less those who buy everything and items that everybody
        buys ("bm25"), which is often better in retail.
    k : int, default=50
        Neighbours of each item; 20 suits retail, some hundreds dense data such as film ratings.
    shrinkage : float, default=10.0
        Damps similarities that rest on few customers, at least 0.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    similarity_ : csr matrix of float32 of shape (n_items, n_items)
        Column j holds the k items most similar to j.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ItemKNN
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> ItemKNN(shrinkage=0.0).fit(log).recommend(["dan"]).round(3)
      customer item  score  rank source
    0      dan  cup  0.816     1  model
    """

    def __init__(self, metric: str = "cosine", k: int = 50, shrinkage: float = 10.0) -> None:
        self.metric = metric
        self.k = k
        self.shrinkage = shrinkage

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_choice(self.metric, "metric", ["cosine", "bm25"], owner)
        check_whole(self.k, "k", owner, low=1)
        check_real(self.shrinkage, "shrinkage", owner, low=0.0)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        bought = known.matrix()
        weights = bm25(bought) if self.metric == "bm25" else bought
        self.similarity_: sp.csr_matrix = item_neighbours(weights, self.k, self.shrinkage)

    def _item_weights(self) -> sp.csr_matrix:
        return self.similarity_

    def _similar(self, items: Whole) -> Scores:
        near = self.similarity_[:, items].T.toarray()
        return np.where(near > 0, near, -np.inf).astype(np.float32)
