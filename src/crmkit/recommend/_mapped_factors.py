"""MappedFactors: factors of the items from who bought them, or from what they are.

The purchases X (customers x items, zeros and ones) are taken apart as X ~ U S V' with the largest
singular values. Ridge regression maps the features F of the items that anybody bought to their rows
of V: W = argmin |V - 1 m' - F W|^2 + ridge |W|^2, with m the mean row. An item of n customers has
the factors

z = a v + (1 - a) (m + f W),  a = n / (n + trust),

those of its features alone where nobody bought it, and the scores are X Z Z'. Cremonesi, Koren and
Turrin (2010), Performance of recommender algorithms on top-N tasks, RecSys 2010, 39-46 (V); Gantner
et al. (2010), Learning attribute-to-feature mappings for cold-start recommendations, ICDM 2010,
176-185.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._validation import Floats, check_real, check_whole, generator
from crmkit.exceptions import ConvergenceWarning, warn_user
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._factors import FactorModel
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._item_features import check_features, item_features
from crmkit.recommend._pure_svd import truncated_svd
from crmkit.recommend._reasons import Contributions, history_pairs
from crmkit.recommend._top_items import Scores

STEPS, TOLERANCE = 500, 1e-6


class MappedFactors(FactorModel):
    """Offer items by factors that their features tell too: events and items in, offers out.

    A factor model in which an item that nobody bought has the factors of items with like features.
    Good for new items where features are broad, such as genres and years of films, and for large
    catalogues: memory grows with the items, not with their square. Where products come in variants
    that their texts tell apart `FeatureEASE` may be better; `ColdStartRecommender` finds out.

    Parameters
    ----------
    n_factors : int, default=256
        Directions of taste, at least 1; more than the matrix has are left out. Many let new items
        come forward in one list with old ones; 64 can order new items by broad features better.
    ridge : float, default=1.0
        Penalty of the map from features to factors, above 0, in items.
    trust : float, default=10.0
        Customers from whom on an item's factors come more from purchases than from features, at
        least 0.
    text, category, number : list of str or None, default=None
        Columns of the items to read as text, category or number, as in `ContentRecommender`.
    characters : float, default=0.5
        Share of runs of characters in the weight of a text, from 0 (words alone) to 1.
    popularity : float, default=0.3
        What the best seller gains, as a share of the range of scores of a customer with at most 5
        items; it fades to nothing at 10 items. 0 leaves the model pure.
    random_state : int, Generator, RandomState or None, default=0
        Source of the random start; a whole number gives the same answer again.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending; those of items never sold are among them.
    item_factors_ : ndarray of float32 of shape (n_items, n_factors)
        Factors Z of the items.
    prior_ : ndarray of float32 of shape (n_items,)
        Popularity of each item, 1 for the best seller, 0 for items never sold.
    unsold_ : ndarray of int
        Places in `items_` of the items without a score: nobody bought them and they have no
        features.
    new_ : ndarray of bool of shape (n_items,)
        Which items nobody bought.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import MappedFactors
    >>> baskets = {"ann": "tea mug", "bob": "tea mug", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> kinds = {"tea": "drinks", "mug": "drinks", "jam": "food", "oil": "food", "new": "drinks"}
    >>> items = pd.DataFrame({"item": kinds.keys(), "kind": kinds.values()})
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = MappedFactors(n_factors=2).fit(log, items)
    >>> model.recommend(["dan"], n=2)[["item", "rank", "source"]]
      item  rank   source
    0  mug     1    model
    1  new     2  content
    """

    def __init__(
        self,
        n_factors: int = 256,
        ridge: float = 1.0,
        trust: float = 10.0,
        text: Sequence[str] | None = None,
        category: Sequence[str] | None = None,
        number: Sequence[str] | None = None,
        characters: float = 0.5,
        popularity: float = 0.3,
        random_state: Any = 0,
    ) -> None:
        self.n_factors = n_factors
        self.ridge = ridge
        self.trust = trust
        self.text = text
        self.category = category
        self.number = number
        self.characters = characters
        self.popularity = popularity
        self.random_state = random_state

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        check_whole(self.n_factors, "n_factors", owner, low=1)
        check_real(self.ridge, "ridge", owner, low=0.0, open_low=True)
        check_real(self.trust, "trust", owner, low=0.0)
        check_real(self.popularity, "popularity", owner, low=0.0)
        generator(self.random_state, owner)
        check_features(self, owner)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        owner = type(self).__name__
        features = item_features(
            catalogue,
            owner,
            text=self.text,
            category=self.category,
            number=self.number,
            characters=self.characters,
        ).astype(np.float64)
        bought, sold = known.matrix(), known.sold
        n_buyers = np.bincount(bought.indices, minlength=known.n_items)[sold]
        seed = int(generator(self.random_state, owner).integers(2**31 - 1))
        own = truncated_svd(bought[:, sold], self.n_factors, seed)[1].astype(np.float64)
        factors, converged = map_features(features[sold], own, features, self.ridge)
        if not converged:
            warn_user(
                f"{owner}: the map from features to factors stopped after {STEPS} steps. Raise "
                "ridge.",
                ConvergenceWarning,
            )
        share = (n_buyers / (n_buyers + self.trust))[:, None]
        factors[sold] = share * own + (1.0 - share) * factors[sold]
        told = np.diff(features.indptr) > 0
        factors[~(sold | told)] = 0.0
        self._keep(known, factors)
        self.unsold_: Whole = np.flatnonzero(~(sold | told))
        self.new_: npt.NDArray[np.bool_] = ~sold

    def _customer_factors(self, histories: Histories) -> Scores:
        return np.asarray(histories.matrix() @ self.item_factors_, dtype=np.float32)

    def _parts(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        pair, item, entry = history_pairs(histories.matrix(), rows)
        parts = np.einsum("ij,ij->i", self.item_factors_[item], self.item_factors_[items[pair]])
        return pair, item, entry * parts

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> npt.NDArray[np.object_]:
        return np.where(self.new_[items], "content", "model").astype(object)


def map_features(
    known: sp.csr_matrix, factors: Floats, asked: sp.csr_matrix, ridge: float
) -> tuple[Floats, bool]:
    """Factors that ridge regression from features foretells for the asked rows; if it converged.

    The dual form (F F' + ridge I) C = V - 1 m', W = F' C, by conjugate gradients.
    """
    mean = factors.mean(axis=0)
    across = known.T.tocsr()
    dual, converged = conjugate_gradients(
        lambda c: known @ (across @ c) + ridge * c, factors - mean
    )
    return np.asarray(asked @ (across @ dual)) + mean, converged


def conjugate_gradients(times: Callable[[Floats], Floats], right: Floats) -> tuple[Floats, bool]:
    """Solve A x = b for every column b of `right` at once; `times(x)` is A x, A positive definite.

    Hestenes and Stiefel (1952), Journal of Research of the NBS 49, 409-436.
    """
    x = np.zeros_like(right)
    left = right.copy()
    step = left.copy()
    size = (left**2).sum(axis=0)
    enough = TOLERANCE**2 * size
    for _ in range(STEPS):
        if (size <= enough).all():
            return x, True
        moved = times(step)
        along = (step * moved).sum(axis=0)
        rate = np.divide(size, along, out=np.zeros_like(size), where=along > 0)
        x += rate * step
        left -= rate * moved
        before, size = size, (left**2).sum(axis=0)
        step = left + np.divide(size, before, out=np.zeros_like(size), where=before > 0) * step
    return x, bool((size <= enough).all())
