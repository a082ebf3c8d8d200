"""BuyAgain: what a customer buys over and over, most of all of late.

score of (u, i) = (sum over the days on which u bought i of 0.5 ** (age / half_life)) * (1 +
popularity * p_i), ages in days, plus a thousandth of p_i, which orders what is equal. p_i goes from
0 to 1 for the best seller: sales of i of late, with a half-life of 14 days. What u never bought has
a thousandth of p_i less 2: it is below 0, behind all that u bought. Frequency with recency is the
baseline of next-basket prediction that deep models rarely beat: Li et al. (2023), ACM Transactions
on Information Systems 41, article 7; Hu et al. (2020), SIGIR, 1071-1080.

With `rhythm` the weight of an item that is overdue fades: it is multiplied by 0.5 ** (max(pause /
gap - 2, 0) / 4), where gap is the mean number of days between the purchases of i by u and pause the
days since the last. Items bought on fewer than three days have no rhythm.
"""

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from crmkit._runs import fresh_rows, runs
from crmkit._validation import check_real
from crmkit.exceptions import DataError
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._half_life import read_half_life
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._prior import popularity_prior
from crmkit.recommend._reasons import Contributions
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._top_items import Scores

TIE = np.float32(1e-3)
LATE = 14.0
"""Days after which a sale to anybody counts half."""
GRACE, FADE = 2.0, 4.0  # gaps: without loss, and until the weight has halved


class BuyAgain(Recommender):
    """Offer what a customer bought before: events in, the likely repeat purchases out.

    The recommender to beat where people buy the same things again: groceries, consumables, gifts
    to resell. It offers nothing new; for new items use `EASE`. What was bought before is therefore
    not left out by default.

    Parameters
    ----------
    half_life : str, float or None, default="60D"
        After which time a purchase counts half: days, or text such as "60D" or "8W". None counts
        all purchases alike. Tune it on a window of time before the one that judges; None is worth
        trying.
    rhythm : bool, default=False
        Whether an item bought on at least three days counts less when it is overdue by the
        customer's own mean gap; with a long half-life, which it then tempers.
    only_bought : bool, default=False
        Whether the list ends with what the customer bought. Otherwise best sellers follow, told
        by `source` "popular".
    popularity : float, default=2.0
        How much more an item counts that sells well to everybody of late: the best seller of late
        1 + popularity times as much as one that nobody buys now. 0 is the customer alone; more
        than 3 harms where habits are strong.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    prior_ : ndarray of float32 of shape (n_items,)
        Sales of each item of late, 1 for the best seller; -inf for items that nobody bought.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import BuyAgain
    >>> lines = pd.DataFrame(
    ...     {
    ...         "customer": ["ann", "ann", "ann", "bob"],
    ...         "day": pd.to_datetime(["2024-01-05", "2024-02-04", "2024-03-05", "2024-03-05"]),
    ...         "item": ["oil", "tea", "tea", "jam"],
    ...     }
    ... )
    >>> log = ck.EventLog(lines, customer="customer", when="day", amount=None, item="item")
    >>> BuyAgain(half_life="30D", only_bought=True).fit(log).recommend(["ann"]).round(3)
      customer item  score  rank source
    0      ann  tea  4.501     1  model
    1      ann  oil  0.271     2  model
    """

    _excludes_seen: ClassVar[bool] = False

    def __init__(
        self,
        half_life: Any = "60D",
        rhythm: bool = False,
        only_bought: bool = False,
        popularity: float = 2.0,
    ) -> None:
        self.half_life = half_life
        self.rhythm = rhythm
        self.only_bought = only_bought
        self.popularity = popularity

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        read_half_life(self.half_life, owner)
        for name in ("rhythm", "only_bought"):
            value = getattr(self, name)
            if not isinstance(value, bool | np.bool_):
                raise DataError(f"{owner}: {name} must be True or False, got {value!r}.")
        check_real(self.popularity, "popularity", owner, low=0.0)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        self.prior_: Scores = popularity_prior(known, LATE)

    def _scores(self, histories: Histories) -> Scores:
        scores = histories.buffer()
        scores[:] = -np.inf if self.only_bought else TIE * (self.prior_ - np.float32(2.0))
        row, item, value = self._own(histories)
        scores[row, item] = value + TIE * np.maximum(self.prior_[item], np.float32(0.0))
        return scores

    def _own(self, histories: Histories) -> tuple[Whole, Whole, npt.NDArray[np.float32]]:
        """Row, item and weight of everything that the customers bought."""
        half_life = read_half_life(self.half_life, type(self).__name__)
        row, item, value = histories.entries("days", half_life)
        late = np.maximum(self.prior_[item], np.float32(0.0))
        value = value * (np.float32(1.0) + np.float32(self.popularity) * late)
        if self.rhythm:
            value = value * in_rhythm(histories)
        return row, item, value

    def _contributions(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        row, item, value = self._own(histories)
        n = np.int64(histories.n_items)
        keys, wanted = row * n + item, rows * n + items
        place = np.searchsorted(keys, wanted)
        pair = np.flatnonzero(np.append(keys, -1)[place] == wanted)
        return pair, items[pair], value[place[pair]]

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> npt.NDArray[Any]:
        low, high = histories.lines_of(rows, items)
        return np.where(low < high, "model", "popular").astype(object)


def in_rhythm(histories: Histories) -> npt.NDArray[np.float32]:
    """1 for each distinct item of a row that is not overdue, falling to 0 as its pause grows.

    One number per row and item, in the order of the lines; 1 where there is no rhythm.
    """
    first, n_days = runs(fresh_rows(histories.item, histories.customer))
    last = first + n_days - 1
    span = (histories.day[last] - histories.day[first]).astype(np.float64)
    gap = np.maximum(span / np.maximum(n_days - 1, 1), 1.0)
    overdue = np.maximum((histories.ages[last] + 1.0) / gap - GRACE, 0.0)
    return np.where(n_days >= 3, 0.5 ** (overdue / FADE), 1.0).astype(np.float32)
