"""BPR: factors that put what a customer bought before what he did not.

For customer u with an item i and without item j the factors raise ln sigma(s_ui - s_uj), where
s_ui = p_u'q_i + b_i, less regularization (|p_u|**2 + |q_i|**2 + |q_j|**2), by stochastic gradients.
Rendle, Freudenthaler, Gantner and Schmidt-Thieme (2009), UAI, 452-461. Of the fit the items are
kept; p of anybody is a linear map of the mean of the q of his items, learned by ridge regression
from the customers of the fit, as Gantner et al. (2010), ICDM, 176-185, map what is known of
newcomers. So strangers are served, and the trained p, which know their customers by heart, are
smoothed.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from crmkit._progress import Progress, check_verbose
from crmkit._validation import check_real, check_whole, generator
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._factors import FactorModel, row_sums
from crmkit.recommend._history import Histories
from crmkit.recommend._implicit import native_factors
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._reasons import Contributions, history_pairs
from crmkit.recommend._top_items import Scores, row_times_columns


class BPR(FactorModel):
    """Offer by pairwise ranking: events in, factors and popularity of items out.

    For comparison, and as a member of a mix: on retail and on films it ranks behind `EASE`, `ALS`
    and `PureSVD` at several times their cost, and long training makes it worse. Needs
    ``pip install "crmkit[recommend]"``.

    Parameters
    ----------
    n_factors : int, default=64
        Numbers that describe an item, at least 1.
    learning_rate : float, default=0.01
        Length of a step, above 0.
    regularization : float, default=0.01
        Penalty on the factors, at least 0.
    n_iter : int, default=50
        Turns of the fit, in each of which every purchase is met once on average.
    random_state : int, Generator, RandomState or None, default=0
        Source of the random start and pairs; a whole number gives the same answer again.
    verbose : int, default=0
        1 tells the turns of the fit, with counts and seconds: logger "crmkit", level INFO, or
        standard error where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    item_factors_ : ndarray of float32 of shape (n_items, n_factors + 1)
        Factors q, and b in the last column; zero for items never sold.
    map_ : ndarray of float32 of shape (n_factors + 1, n_factors + 1)
        From the mean of the rows of `item_factors_` of a history, the last number set to 1, to
        the factors of the customer, the last of which is 1.
    unsold_ : ndarray of int
        Places in `items_` of the items that nobody bought.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import BPR
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = BPR(n_factors=4, n_iter=300, learning_rate=0.1).fit(log)
    >>> model.recommend(["dan"], n=1, explain=True)[["item", "reason"]]
      item                  reason
    0  cup  because you bought tea
    """

    def __init__(
        self,
        n_factors: int = 64,
        learning_rate: float = 0.01,
        regularization: float = 0.01,
        *,
        n_iter: int = 50,
        random_state: Any = 0,
        verbose: int = 0,
    ) -> None:
        self.n_factors = n_factors
        self.learning_rate = learning_rate
        self.regularization = regularization
        self.n_iter = n_iter
        self.random_state = random_state
        self.verbose = verbose

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_whole(self.n_factors, "n_factors", owner, low=1)
        check_real(self.learning_rate, "learning_rate", owner, low=0.0, open_low=True)
        check_real(self.regularization, "regularization", owner, low=0.0)
        check_whole(self.n_iter, "n_iter", owner, low=1)
        generator(self.random_state, owner)
        check_verbose(self.verbose, owner)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        bought = known.matrix()
        customers, items = native_factors(
            "bpr",
            "BayesianPersonalizedRanking",
            bought,
            self.random_state,
            Progress(type(self).__name__, self.verbose),
            "Lower learning_rate.",
            factors=int(self.n_factors),
            learning_rate=float(self.learning_rate),
            regularization=float(self.regularization),
            iterations=int(self.n_iter),
        )
        self._keep(known, items)
        some = np.flatnonzero(np.diff(bought.indptr))
        self.map_: Scores = customer_map(mean_rows(bought[some], items), customers[some])

    def _customer_factors(self, histories: Histories) -> Scores:
        return row_times_columns(mean_rows(histories.matrix(), self.item_factors_), self.map_)

    def _item_vectors(self) -> Scores:
        return self.item_factors_[:, :-1]

    def _parts(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        matrix = histories.matrix()
        pair, item, entry = history_pairs(matrix, rows)
        seen = self.item_factors_[items] @ self.map_[:-1].T
        parts = np.einsum("ij,ij->i", seen[pair], self.item_factors_[item, :-1])
        return pair, item, entry * parts / np.diff(matrix.indptr)[rows][pair]


def mean_rows(matrix: sp.csr_matrix, item_factors: Scores) -> Scores:
    """Mean of the factors of the items of each row, and a 1 in place of the last of them."""
    n_known = np.maximum(np.diff(matrix.indptr), 1)
    means = row_sums(matrix, item_factors) / n_known[:, None]
    means[:, -1] = 1.0
    return np.asarray(means, dtype=np.float32)


def customer_map(means: Scores, customers: Scores, ridge: float = 1e-3) -> Scores:
    """Ridge regression of the factors of the customers on the means of those of their items."""
    x, y = means.astype(np.float64), customers.astype(np.float64)
    left = x.T @ x + ridge * np.eye(x.shape[1])
    found = np.linalg.solve(left, x.T @ y)
    found[:, -1] = 0.0
    found[-1, -1] = 1.0
    return found.astype(np.float32)
