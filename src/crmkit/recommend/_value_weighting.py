"""ValueWeighting: what sells is weighed with what it earns.

key of i = chance(i) ((1 - strength) + strength value(i) / mean value of the items)

With strength 1 the list is in the order of the expected value; in between it is in the order of
(1 - strength) expected purchases + strength expected value, in units of a mean item.

Scores of recommenders are no chances: they order, and twice the score is not twice the chance. So
the chance is that of the place. Unless it was measured, it is taken as 1 / place: how steeply
purchases fall along a list is then a guess, and so is what the order earns.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._rerank_lists import Lists, best_first
from crmkit.recommend._reranker import Reranker
from crmkit.recommend._strength import check_strength


class ValueWeighting(Reranker):
    """Offer what earns more: a long frame of candidates in, the same in a new order out.

    Use it with margins where you have them: revenue lifts what is dear, whether or not it earns.
    An offer that nobody takes earns nothing, so measure `hit_rates` on past lists before you trust
    a strong weight, and judge by `revenue_recall` of `crmkit.metrics.ranking_scores`.

    Parameters
    ----------
    strength : float, default=0.5
        From 0, which leaves the lists as they are, to 1, which orders by expected value.
    value : str or None, default=None
        Column of the items with what a sale earns, such as the margin in currency; below 0 is a
        loss. None is the mean money that an order with the item brought, from the log. Items
        without a value get the median.
    chance : {"place", "score"} or sequence of float, default="place"
        How likely a candidate is bought. "place" is 1 / place; "score" takes the scores themselves,
        which must be probabilities; numbers are the measured chances of places 1, 2, ..., of which
        the last stands for all that follow.

    Attributes
    ----------
    values_ : ndarray of float64 of shape (n_items,)
        What a sale of each item earns, in the unit of `value` or the currency of the log.
    scale_, middle_ : float
        Mean and median of the values that are told, in the same unit.
    customers_, items_ : ndarray
        Ids of the fit, ascending.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import ValueWeighting
    >>> lines = pd.DataFrame({"customer": ["ann", "bob"], "item": ["tea", "pot"]})
    >>> log = ck.EventLog(
    ...     lines.assign(day=pd.Timestamp("2024-01-05")),
    ...     customer="customer", when="day", amount=None, item="item",
    ... )
    >>> items = pd.DataFrame({"item": ["tea", "pot"], "margin": [1.0, 12.0]})
    >>> offers = pd.DataFrame({"customer": "cid", "item": ["tea", "pot"], "score": [0.9, 0.5]})
    >>> weighting = ValueWeighting(1.0, value="margin", chance=[0.10, 0.04]).fit(log, items)
    >>> weighting.rerank(offers)["item"].tolist()  # 0.04 x 12.0 is more than 0.10 x 1.0
    ['pot', 'tea']
    """

    def __init__(
        self, strength: float = 0.5, value: str | None = None, chance: Any = "place"
    ) -> None:
        self.strength = strength
        self.value = value
        self.chance = chance

    def _check_parameters(self) -> None:
        check_strength(self.strength, type(self).__name__)
        read_chances(self.chance, type(self).__name__)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        owner = type(self).__name__
        values = (
            money_of_items(known, owner)
            if self.value is None
            else told_values(catalogue, self.value, owner)
        )
        there = np.isfinite(values)
        self.scale_: float = float(values[there].mean()) if there.any() else 0.0
        if self.scale_ <= 0.0:
            raise DataError(
                f"{owner}: the mean value of {there.sum():,} items is {self.scale_:g}; it must be "
                "above 0. Name the column with what a sale earns: value=."
            )
        if not there[known.sold].all():
            warn_user(
                f"{owner}: {(~there[known.sold]).sum():,} of {known.sold.sum():,} sold items have "
                "no value and get the median. Fill them first to silence this.",
                DataWarning,
            )
        self.middle_: float = float(np.median(values[there]))
        self.values_: Floats = np.where(there, values, self.middle_)

    def _order(self, lists: Lists, n: int) -> Whole:
        value = lists.of_items(self.values_, self.middle_) / self.scale_
        weight = (1.0 - self.strength) + self.strength * value
        return best_first(self._chances(lists) * weight, lists.there, n)

    def _chances(self, lists: Lists) -> Floats:
        chances = read_chances(self.chance, type(self).__name__)
        if chances is not None:
            place = np.minimum(np.arange(lists.item.shape[1]), len(chances) - 1)
            return np.broadcast_to(chances[place], lists.item.shape)
        if self.chance == "place":
            return np.broadcast_to(1.0 / np.arange(1, lists.item.shape[1] + 1), lists.item.shape)
        own = lists.own[lists.there]
        wrong = (own < 0.0) | (own > 1.0)
        if wrong.any():
            raise DataError(
                f"{type(self).__name__}: chance='score' needs probabilities from 0 to 1, but "
                f"{wrong.sum():,} scores are others (first {own[wrong][0]:g}). Scores of "
                "recommenders are none: use chance='place' or measured chances."
            )
        return lists.own


def read_chances(chance: Any, owner: str) -> Floats | None:
    """Chances of the places as numbers; None for a word."""
    if isinstance(chance, str) and chance in ("place", "score"):
        return None
    try:
        found = np.asarray(chance, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    if isinstance(chance, str) or found.ndim != 1 or not found.size:
        raise DataError(
            f"{owner}: chance must be 'place', 'score' or a list of chances by place, got "
            f"{chance!r}."
        )
    if not ((found >= 0.0) & (found <= 1.0)).all() or (np.diff(found) > 0).any():
        raise DataError(
            f"{owner}: chances must lie between 0 and 1 and never rise along the list, got "
            f"{chance!r}. Smooth what was measured."
        )
    return found


def told_values(catalogue: Catalogue | None, name: str, owner: str) -> npt.NDArray[np.float64]:
    """A column of the items as numbers, NaN where missing."""
    if catalogue is None:
        raise DataError(f"{owner}: value={name!r} is a column of the items: fit(log, items=frame).")
    if name not in catalogue.columns:
        raise DataError.missing_column(owner, name, catalogue.columns, "value")
    values = catalogue.columns[name]
    if values.dtype == object:
        raise DataError(f"{owner}: item column {name!r} holds words, not numbers.")
    return np.asarray(values, dtype=np.float64)


def money_of_items(known: Interactions, owner: str) -> Floats:
    """Mean money of an order with each item; NaN where nobody bought it."""
    if known.amount is None:
        raise DataError(
            f"{owner}: the log has no money, so the value of an item is not known. Name a column "
            "of the items: value=."
        )
    orders = known.per_item(known.orders)
    money = known.per_item(known.amount)
    return np.asarray(np.where(orders > 0, money / np.maximum(orders, 1.0), np.nan))
