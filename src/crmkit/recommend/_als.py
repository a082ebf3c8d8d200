"""ALS: factors whose products are near one where a customer bought, near zero where not.

With x the customers x items matrix of zeros and ones and c_ui = alpha where x_ui = 1, else 1, the
factors minimise

    sum over u and i of c_ui (x_ui - p_u'q_i)**2 + regularization (sum |p_u|**2 + sum |q_i|**2)

by turns. Given q, p_u = (Q'Q + (alpha - 1) Q_u'Q_u + regularization I)^-1 alpha Q_u'1, where Q_u
are the factors of the items of u: so are strangers served, and the score of j is a sum over the
items of u. Hu, Koren and Volinsky (2008), Collaborative filtering for implicit feedback datasets,
ICDM, 263-272; conjugate gradients by Takacs, Pilaszy and Tikk (2011), RecSys, 297-300.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._progress import Progress, check_verbose
from crmkit._validation import Floats, check_real, check_whole, generator
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._factors import FactorModel, row_sums
from crmkit.recommend._history import Histories
from crmkit.recommend._implicit import native_factors
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._reasons import Contributions, history_pairs
from crmkit.recommend._top_items import Scores, row_times_columns


class ALS(FactorModel):
    """Offer by weighted matrix factors: events in, factors of items out.

    For catalogues that `EASE` cannot hold and where the weight of what was bought matters. It asks
    for tuning of `regularization` and `alpha` together: on dense data it can reach EASE, and with
    little regularization it falls far behind. Needs ``pip install "crmkit[recommend]"``.

    Parameters
    ----------
    n_factors : int, default=64
        Numbers that describe an item, at least 1.
    regularization : float, default=10.0
        Penalty on the factors, above 0; 3 to 30 are good, more for larger `alpha`.
    alpha : float, default=1.0
        Weight of what was bought against what was not, above 0. 1 is fast for strangers, whose
        factors are then a sum over their items; 5 with a penalty of 30 suits dense data.
    n_iter : int, default=15
        Turns of the fit.
    popularity : float, default=0.3
        What the best seller gains, as a share of the range of scores of a customer with at most 5
        items; it fades to nothing at 10 items. 0 leaves the model pure.
    random_state : int, Generator, RandomState or None, default=0
        Source of the random start; a whole number gives the same answer again.
    verbose : int, default=0
        1 tells the turns of the fit, with counts and seconds: logger "crmkit", level INFO, or
        standard error where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    item_factors_ : ndarray of float32 of shape (n_items, n_factors)
        Factors q; zero for items never sold.
    gram_ : ndarray of float64 of shape (n_factors, n_factors)
        Q'Q + regularization I.
    inverse_ : ndarray of float32 of shape (n_factors, n_factors)
        Its inverse.
    prior_ : ndarray of float32 of shape (n_items,)
        Popularity of each item, 1 for the best seller.
    unsold_ : ndarray of int
        Places in `items_` of the items that nobody bought.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ALS
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = ALS(n_factors=2, regularization=0.1).fit(log)
    >>> model.recommend(["dan"], n=1, explain=True)[["item", "reason"]]
      item                  reason
    0  cup  because you bought tea
    """

    def __init__(
        self,
        n_factors: int = 64,
        regularization: float = 10.0,
        alpha: float = 1.0,
        *,
        n_iter: int = 15,
        popularity: float = 0.3,
        random_state: Any = 0,
        verbose: int = 0,
    ) -> None:
        self.n_factors = n_factors
        self.regularization = regularization
        self.alpha = alpha
        self.n_iter = n_iter
        self.popularity = popularity
        self.random_state = random_state
        self.verbose = verbose

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_whole(self.n_factors, "n_factors", owner, low=1)
        check_real(self.regularization, "regularization", owner, low=0.0, open_low=True)
        check_real(self.alpha, "alpha", owner, low=0.0, open_low=True)
        check_whole(self.n_iter, "n_iter", owner, low=1)
        check_real(self.popularity, "popularity", owner, low=0.0)
        generator(self.random_state, owner)
        check_verbose(self.verbose, owner)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        _, items = native_factors(
            "als",
            "AlternatingLeastSquares",
            known.matrix(),
            self.random_state,
            Progress(type(self).__name__, self.verbose),
            "Raise regularization or lower alpha.",
            factors=int(self.n_factors),
            regularization=float(self.regularization),
            alpha=float(self.alpha),
            iterations=int(self.n_iter),
        )
        self._keep(known, items)
        q = items.astype(np.float64)
        self.gram_: Floats = q.T @ q + self.regularization * np.eye(self.n_factors)
        self.inverse_: Scores = np.linalg.inv(self.gram_).astype(np.float32)

    def _customer_factors(self, histories: Histories) -> Scores:
        matrix = histories.matrix()
        if self.alpha == 1.0:
            return row_times_columns(row_sums(matrix, self.item_factors_), self.inverse_)
        systems = customer_systems(matrix, self.item_factors_, self.gram_, self.alpha)
        sums = self.alpha * row_sums(matrix, self.item_factors_, np.float64)
        return np.linalg.solve(systems, sums[:, :, None])[:, :, 0].astype(np.float32)

    def _parts(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        pair, item, entry = history_pairs(histories.matrix(), rows)
        some, place = np.unique(rows, return_inverse=True)
        matrix = histories.matrix()[some]
        systems = customer_systems(matrix, self.item_factors_, self.gram_, self.alpha)
        inverse = np.linalg.inv(systems)
        seen = np.einsum("pij,pj->pi", inverse[place], self.item_factors_[items])
        parts = np.einsum("ij,ij->i", seen[pair], self.item_factors_[item])
        return pair, item, self.alpha * entry * parts


def customer_systems(
    matrix: sp.csr_matrix, item_factors: Scores, gram: Floats, alpha: float
) -> npt.NDArray[np.float64]:
    """Matrices Q'Q + (alpha - 1) Q_u'Q_u + regularization I of the rows of a block."""
    systems = np.repeat(gram[None], matrix.shape[0], axis=0)
    if alpha != 1.0:
        bought = item_factors[matrix.indices].astype(np.float64)
        for system, low, high in zip(systems, matrix.indptr[:-1], matrix.indptr[1:], strict=True):
            own = bought[low:high]
            system += (alpha - 1.0) * (own.T @ own)
    return systems
