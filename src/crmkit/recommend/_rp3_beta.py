"""RP3beta: three random steps from a customer over customers of like items, popular items damped.

With x the customers x items matrix of zeros and ones, n_u the items of customer u and n_i the
customers of item i, the weight of item i on item j is

    W_ij = sum over v of (x_vi / n_i) ** alpha (x_vj / n_v) ** alpha / n_j ** beta

with a zero diagonal and the best k entries of each column, and the scores are x W: a walk from the
customer to one of his items, to one of its customers, to one of his items, whose chance is raised
to alpha, divided by a power of the popularity of where it ends. Cooper, Lee, Radinsky and Avidan
(2014), Random walks in recommender systems, WWW Companion, 811-816 (alpha); Paudel, Christoffel,
Newell and Bernstein (2016), ACM Transactions on Interactive Intelligent Systems 7(1), 1 (beta).
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from crmkit._validation import check_real, check_whole
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._item_weights import ItemWeights
from crmkit.recommend._top_items import Ranked, top_items

BLOCK = 128


class RP3beta(ItemWeights):
    """Offer what a random walk reaches: events in, sparse weights of items on items out.

    Sparse from end to end, deterministic and easy to explain, so it serves catalogues that `EASE`
    cannot hold; usually a little better than `ItemKNN`. Where EASE fits the memory it is better.

    Parameters
    ----------
    alpha : float, default=0.8
        Power of the chance of each step, above 0; below 1 it lifts what few customers share.
    beta : float, default=0.3
        How much popular items are damped: 0 not at all, 1 in full. 0.1 to 0.5 are good in retail,
        0.3 to 0.7 on dense data such as film ratings.
    k : int, default=100
        How many items may speak for each item: the heaviest weights of its column.

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
    >>> from crmkit.recommend import RP3beta
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = RP3beta(alpha=1.0, beta=0.0).fit(log)
    >>> model.recommend(["dan"], explain=True)[["item", "score", "reason"]].round(3)
      item  score                  reason
    0  cup  0.333  because you bought tea
    """

    def __init__(self, alpha: float = 0.8, beta: float = 0.3, k: int = 100) -> None:
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_real(self.alpha, "alpha", owner, low=0.0, open_low=True)
        check_real(self.beta, "beta", owner, low=0.0)
        check_whole(self.k, "k", owner, low=1)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        bought = known.matrix()
        self.weights_ = walk_weights(bought, self.alpha, self.beta, self.k)


def walk_weights(bought: sp.csr_matrix, alpha: float, beta: float, k: int) -> sp.csr_matrix:
    """Weights W of a matrix of zeros and ones, customers x items, a block of columns at a time."""
    n_items = bought.shape[1]
    n_buyers = np.maximum(np.bincount(bought.indices, minlength=n_items), 1).astype(np.float64)
    n_bought = np.maximum(np.diff(bought.indptr), 1).astype(np.float64)
    to_buyer = powered(bought, n_buyers[bought.indices], alpha)
    to_item = powered(bought, np.repeat(n_bought, np.diff(bought.indptr)), alpha).T.tocsr()
    damping = (n_buyers**-beta).astype(np.float32)
    parts: list[Ranked] = []
    for begin in range(0, n_items, BLOCK):
        reached = (to_item[begin : begin + BLOCK] @ to_buyer).tocsr()
        reached.data *= np.repeat(damping[begin : begin + BLOCK], np.diff(reached.indptr))
        target, item, weight = best_sources(reached, begin, k)
        parts.append((target + begin, item, weight))
    return by_column(parts, n_items)


def powered(bought: sp.csr_matrix, sizes: Any, power: float) -> sp.csr_matrix:
    """The matrix whose ones are divided by sizes and raised to a power."""
    values = (sizes**-power).astype(np.float32)
    return sp.csr_matrix((values, bought.indices, bought.indptr), bought.shape)


def best_sources(reached: sp.csr_matrix, begin: int, k: int) -> Ranked:
    """Best k entries of each row of a block of rows from `begin` on, the diagonal left out."""
    dense = np.full(reached.shape, -np.inf, dtype=np.float32)
    row = np.repeat(np.arange(reached.shape[0]), np.diff(reached.indptr))
    dense[row, reached.indices] = reached.data
    own: Whole = np.arange(reached.shape[0])
    dense[own, own + begin] = -np.inf
    return top_items(dense, k)


def by_column(parts: list[Ranked], n_items: int) -> sp.csr_matrix:
    """Items x items of blocks of (column, row, value), the rows sorted."""
    column, row, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    shape = (n_items, n_items)
    weights = sp.csr_matrix((value, (row, column)), shape=shape, dtype=np.float32)
    weights.sort_indices()
    return weights
