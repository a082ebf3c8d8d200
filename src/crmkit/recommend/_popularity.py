"""Popularity: what everybody buys, the baseline that every other recommender has to beat.

score of i = sum over the days on which customers bought i of 0.5 ** (age / half_life), ages in
days before the newest sale of all. With a half-life of a few days it is what sells now.
"""

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._half_life import read_half_life
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import Scores


class Popularity(Recommender):
    """Offer best sellers: events in, the same popular items for everybody out.

    The honest baseline: in a shop with seasons a half-life of a few days is hard to beat. It is
    what a stranger should be shown, and no answer for a customer who is known: use `EASE` for new
    items and `BuyAgain` for repeat purchases.

    Parameters
    ----------
    half_life : str, float or None, default=None
        After which time a purchase counts half: days, or text such as "14D" or "2W". None counts
        all purchases alike.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    scores_ : ndarray of float32 of shape (n_items,)
        Purchases of each item on distinct days of customers, discounted from the newest sale of
        all; -inf for items that nobody bought.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import Popularity
    >>> lines = pd.DataFrame(
    ...     {
    ...         "customer": ["ann", "bob", "bob", "cid"],
    ...         "day": pd.to_datetime(["2024-01-05", "2024-01-06", "2024-01-06", "2024-01-09"]),
    ...         "item": ["tea", "tea", "jam", "oil"],
    ...     }
    ... )
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> Popularity().fit(log).recommend(["cid"])
      customer item  score  rank   source
    0      cid  tea    2.0     1  popular
    1      cid  jam    1.0     2  popular
    """

    _needs_history: ClassVar[bool] = False

    def __init__(self, half_life: Any = None) -> None:
        self.half_life = half_life

    def _check_parameters(self) -> None:
        read_half_life(self.half_life, type(self).__name__)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        half_life = read_half_life(self.half_life, type(self).__name__)
        ages = known.ages - (known.ages.min() if len(known.ages) else 0)
        with np.errstate(under="ignore"):
            sums = known.per_item(0.5 ** (ages / half_life))
        self.scores_: Scores = np.where(known.sold, sums, -np.inf).astype(np.float32)

    def _scores(self, histories: Histories) -> Scores:
        scores = histories.buffer()
        scores[:] = self.scores_
        return scores

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> npt.NDArray[Any]:
        return np.full(len(rows), "popular", dtype=object)
