"""ContentRecommender: items are alike when their texts, categories and numbers are.

score of (u, j) = sum over the items i of u of the cosine of i and j, where j keeps the k items that
are most like it; see `crmkit.recommend._item_features` for the features. Lops, de Gemmis and
Semeraro (2011), Content-based recommender systems, Recommender Systems Handbook, 73-105.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from crmkit._validation import check_whole
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._item_features import check_features, features_of
from crmkit.recommend._item_knn import ItemKNN
from crmkit.recommend._neighbours import item_neighbours


class ContentRecommender(ItemKNN):
    """Offer items that read like those a customer bought: events and items in, offers out.

    It needs no purchase of the item that it offers, so it can sell what is new today, and it names
    the item of the history that is like it. Among items that many bought, `EASE` knows more; to
    mix both in one model use `FeatureEASE`. Texts are compared by words and by runs of characters,
    so that names in Chinese or with spelling mistakes work.

    Parameters
    ----------
    k : int, default=20
        Items that each item is compared with, the most similar ones; more offer to more
        customers and less precisely.
    text, category, number : list of str or None, default=None
        Columns of the items to read as text, category or number. None is what they look like:
        text is mostly different from item to item. With a list, only these columns of that kind
        are read; an empty list reads none. Several values of a category are parted by "|" or ";".
    characters : float, default=0.5
        Share of runs of characters in the weight of a text, from 0 (words alone) to 1.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending; those of items never sold are among them.
    similarity_ : csr matrix of float32 of shape (n_items, n_items)
        Column j holds the k items most similar to j, from 0 to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ContentRecommender
    >>> lines = pd.DataFrame(
    ...     {"customer": ["ann", "bob"], "day": pd.Timestamp("2024-01-05"), "item": ["p1", "p2"]}
    ... )
    >>> items = pd.DataFrame(
    ...     {
    ...         "item": ["p1", "p2", "p3", "p4"],
    ...         "name": ["格力空调 1.5匹", "小米净水器", "美的空调 2匹", "小米净水器滤芯"],
    ...     }
    ... )
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> model = ContentRecommender().fit(log, items)
    >>> model.recommend(n=1, explain=True)[["customer", "item", "source", "reason"]]
      customer item   source                       reason
    0      ann   p3  content  because you bought 格力空调 1.5匹
    1      bob   p4  content     because you bought 小米净水器
    """

    def __init__(
        self,
        k: int = 20,
        text: Sequence[str] | None = None,
        category: Sequence[str] | None = None,
        number: Sequence[str] | None = None,
        characters: float = 0.5,
    ) -> None:
        self.k = k
        self.text = text
        self.category = category
        self.number = number
        self.characters = characters

    def _check_parameters(self) -> None:
        check_whole(self.k, "k", type(self).__name__, low=1)
        check_features(self, type(self).__name__)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        features = features_of(self, catalogue)
        self.similarity_ = item_neighbours(features.T.tocsr(), self.k, 0.0)

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> npt.NDArray[np.object_]:
        return np.full(len(rows), "content", dtype=object)
