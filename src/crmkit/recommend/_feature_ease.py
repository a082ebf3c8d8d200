"""FeatureEASE: EASE that knows what items are, not only who bought them.

G = X'X + w F F' + lambda I with the rows of F, the features of the items, of length one: w acts
like w further customers who own each item in the share in which its features are theirs. Then
P = G^-1, B_ij = -P_ij / P_jj with a zero diagonal, and the scores are X B, as in EASE. An item that
nobody bought has a column of weights as well, from its features alone. Jeunen, Van Balen and
Goethals (2020), Closed-form models for collaborative filtering with side-information, RecSys 2020,
651-656 (there: collective EASE).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._validation import check_real
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._ease import EASE, check_memory, gram
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._item_features import check_features, item_features
from crmkit.recommend._top_items import Scores


class FeatureEASE(EASE):
    """Offer what goes with a history, new items too: events and items in, offers out.

    `EASE` with the features of the items beside the purchases: for items that many bought it is
    as good, and items that nobody or hardly anybody bought yet have a score as well. Good where
    products come in variants that the texts tell apart, as in retail; where features are broad,
    such as the genres of films, `MappedFactors` may be better, and `ColdStartRecommender` finds
    out. In one list with old items new ones still come late: their scores are small. Scores of
    different customers do not compare, since long histories have larger sums: for
    `recommend_customers`, a mailing on a new item, `MappedFactors` or `ContentRecommender` is
    better (10.8 and 9.4 buyers among 100 told against 6.8, Online Retail, October 2011).

    Parameters
    ----------
    regularization : float, default=500.0
        Ridge penalty, above 0, in customers.
    feature_weight : float, default=300.0
        Weight of the features, at least 0, in customers. 0 is `EASE`; 10 changes nothing for items
        that many bought; 100 to 1,000 are good for new items.
    popularity : {"tune"} or float, default="tune"
        As in `EASE`: what best sellers gain with customers of at most 5 items.
    text, category, number : list of str or None, default=None
        Columns of the items to read as text, category or number, as in `ContentRecommender`.
    characters : float, default=0.5
        Share of runs of characters in the weight of a text, from 0 (words alone) to 1.
    max_memory : float, default=4.0
        Most memory that the fit may take, in gigabytes; a larger catalogue is refused.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending; those of items never sold are among them.
    weights_ : ndarray of float32 of shape (n_scored, n_scored)
        What having item i adds to the score of item j.
    sold_ : ndarray of int
        Places in `items_` of the items that have a score: those that anybody bought, and those
        with features.
    new_ : ndarray of bool of shape (n_items,)
        Which items nobody bought.
    n_items_ : int
        Number of items, those without a score among them.
    prior_ : ndarray of float32 of shape (n_scored,)
        Popularity of the items with a score, 1 for the best seller, 0 for items never sold.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import FeatureEASE
    >>> baskets = {"ann": "tea cup", "bob": "tea cup", "cid": "jam oil", "dan": "tea"}
    >>> lines = pd.DataFrame(
    ...     [(who, item) for who, items in baskets.items() for item in items.split()],
    ...     columns=["customer", "item"],
    ... ).assign(day=pd.Timestamp("2024-01-05"))
    >>> names = {"tea": "green tea", "cup": "tea cup", "jam": "plum jam", "new": "black tea"}
    >>> items = pd.DataFrame({"item": names.keys(), "name": names.values()})
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = FeatureEASE(1.0, feature_weight=1.0, popularity=0.0).fit(log, items)
    >>> model.recommend(["dan"], n=2)[["item", "rank", "source"]]
      item  rank   source
    0  cup     1    model
    1  new     2  content
    """

    def __init__(
        self,
        regularization: float = 500.0,
        feature_weight: float = 300.0,
        popularity: Any = "tune",
        text: Sequence[str] | None = None,
        category: Sequence[str] | None = None,
        number: Sequence[str] | None = None,
        characters: float = 0.5,
        max_memory: float = 4.0,
    ) -> None:
        super().__init__(regularization, popularity, max_memory)
        self.feature_weight = feature_weight
        self.text = text
        self.category = category
        self.number = number
        self.characters = characters

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_real(self.feature_weight, "feature_weight", type(self).__name__, low=0.0)
        check_features(self, type(self).__name__)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        features = item_features(
            catalogue,
            type(self).__name__,
            text=self.text,
            category=self.category,
            number=self.number,
            characters=self.characters,
        )
        told = (np.diff(features.indptr) > 0) & (self.feature_weight > 0)
        self.new_: npt.NDArray[np.bool_] = ~known.sold
        self.sold_: Whole = np.flatnonzero(known.sold | told)
        check_memory(len(self.sold_), self.max_memory, type(self).__name__)
        self.n_items_: int = known.n_items
        total = gram(self._of_sold(known.matrix()))
        add_features(total, features[self.sold_], self.feature_weight)
        self._solve(known, total)

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> npt.NDArray[np.object_]:
        return np.where(self.new_[items], "content", "model").astype(object)


def add_features(total: Scores, features: sp.csr_matrix, weight: float, size: int = 256) -> None:
    """Add weight times F F' to a square matrix, in place and a block of rows at a time."""
    across = features.T.tocsr()
    for begin in range(0, len(total), size):
        block = slice(begin, begin + size)
        total[block] += np.float32(weight) * (features[block] @ across).toarray()
