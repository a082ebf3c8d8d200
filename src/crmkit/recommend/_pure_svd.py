"""PureSVD: the customers x items matrix as it looks from its few strongest directions.

With X the matrix of zeros and ones and X ~ U S V' its truncated singular value decomposition, the
scores of a history x are x V V': what was not bought counts as zero, and a customer is a sum of
items. Cremonesi, Koren and Turrin (2010), Performance of recommender algorithms on top-N
recommendation tasks, RecSys, 39-46. The decomposition is randomised: Halko, Martinsson and Tropp
(2011), SIAM Review 53, 217-288.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils.extmath import randomized_svd

from crmkit._validation import Floats, check_real, check_whole, generator
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._factors import FactorModel, row_sums
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._reasons import Contributions, history_pairs
from crmkit.recommend._top_items import Scores


class PureSVD(FactorModel):
    """Offer what few directions of taste suggest: events in, factors of items out.

    The most accuracy for a second of computing: a fit takes moments, a catalogue may be large, new
    customers need no training. Where `EASE` fits the memory it is a little better.

    Parameters
    ----------
    n_factors : int, default=32
        Directions of taste, at least 1: 16 to 32 suit dense data such as film ratings, 64 retail
        with thousands of items. More than the matrix has are left out.
    popularity : float, default=0.3
        What the best seller gains, as a share of the range of scores of a customer with at most 5
        items; it fades to nothing at 10 items. 0 leaves the model pure.
    random_state : int, Generator, RandomState or None, default=0
        Source of the random start; a whole number gives the same answer again.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    item_factors_ : ndarray of float32 of shape (n_items, n_factors)
        The directions V, approximately; orthonormal columns, zero for items never sold.
    singular_values_ : ndarray of float64 of shape (n_factors,)
        How strong each direction is, approximately, falling.
    prior_ : ndarray of float32 of shape (n_items,)
        Popularity of each item, 1 for the best seller.
    unsold_ : ndarray of int
        Places in `items_` of the items that nobody bought.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import PureSVD
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = PureSVD(n_factors=2, popularity=0.0).fit(log)
    >>> model.recommend(["dan"], n=1, explain=True)[["item", "score", "reason"]].round(3)
      item  score                  reason
    0  cup  0.485  because you bought tea
    """

    def __init__(
        self, n_factors: int = 32, *, popularity: float = 0.3, random_state: Any = 0
    ) -> None:
        self.n_factors = n_factors
        self.popularity = popularity
        self.random_state = random_state

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_whole(self.n_factors, "n_factors", owner, low=1)
        check_real(self.popularity, "popularity", owner, low=0.0)
        generator(self.random_state, owner)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        source = generator(self.random_state, type(self).__name__)
        seed = int(source.integers(2**31 - 1))
        strength, directions = truncated_svd(known.matrix(), self.n_factors, seed)
        self.singular_values_: Floats = strength
        self._keep(known, directions)

    def _customer_factors(self, histories: Histories) -> Scores:
        return np.asarray(row_sums(histories.matrix(), self.item_factors_), dtype=np.float32)

    def _item_vectors(self) -> Scores:
        return self.item_factors_ * self.singular_values_.astype(np.float32)

    def _parts(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        pair, item, entry = history_pairs(histories.matrix(), rows)
        parts = np.einsum("ij,ij->i", self.item_factors_[item], self.item_factors_[items[pair]])
        return pair, item, entry * parts


def truncated_svd(bought: sp.csr_matrix, n_factors: int, seed: int) -> tuple[Floats, Scores]:
    """The largest singular values, falling, and their right vectors as columns.

    Directions without strength are left out: they are arbitrary.
    """
    wanted = min(n_factors, *bought.shape)
    _, strength, directions = randomized_svd(bought, wanted, random_state=seed)
    rounding = np.finfo(np.float32).eps * max(bought.shape)
    kept = strength > rounding * strength.max(initial=0.0)
    return strength[kept].astype(np.float64), np.asarray(directions[kept].T, dtype=np.float32)
