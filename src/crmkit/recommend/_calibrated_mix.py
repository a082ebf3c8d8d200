"""CalibratedMix: lists with the mix of categories that the customer buys.

Let p be the shares of the categories in what a customer bought, and q those in the list. With
q' = (1 - a) q + a p, a = .01, the list misses the mix by the divergence

    C(list) = sum over the categories g of p(g) log(p(g) / q'(g))

and is built place by place: the next item is the candidate with the highest

    (1 - strength) sum of relevance(list) - strength C(list).

Steck (2018), Calibrated recommendations, RecSys, 154-162.
"""

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._half_life import read_half_life
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._item_features import values_of
from crmkit.recommend._rerank_lists import Lists
from crmkit.recommend._reranker import Reranker
from crmkit.recommend._strength import check_strength

SMOOTHING = 0.01


class CalibratedMix(Reranker):
    """Offer in the mix that a customer buys: a long frame of candidates in, it reordered out.

    Who buys seven novels to three cookbooks gets seven to three, where a model that looks for hits
    alone would offer ten novels. Customers who bought nothing with a category keep their lists, and
    a history that comes with a call of `recommend` does not change the mix of the fit.

    Parameters
    ----------
    strength : float, default=0.2
        From 0, which leaves the lists as they are, to 1, which looks at the mix alone.
    category : str or None, default=None
        Column of the items with the category; several of an item are parted by "|" or ";" and
        count in equal shares. None is the only category column of `items`.
    half_life : str, float or None, default=None
        After which time a purchase counts half in the mix: days, or text such as "90D". None counts
        all purchases alike.

    Attributes
    ----------
    categories_ : ndarray of str
        The categories, ascending.
    mix_ : csr matrix of float64 of shape (n_customers, n_categories)
        Shares of the categories in what each customer bought.
    codes_ : ndarray of int of shape (n_items, n)
        Categories of each item, -1 behind the last.
    shares_ : ndarray of float of shape (n_items,)
        What each value of an item counts: one over their number.
    customers_, items_ : ndarray
        Ids of the fit, ascending.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import CalibratedMix
    >>> lines = pd.DataFrame({"customer": "ann", "item": ["tea", "jam", "mug"]})
    >>> log = ck.EventLog(
    ...     lines.assign(day=pd.Timestamp("2024-01-05")),
    ...     customer="customer", when="day", amount=None, item="item",
    ... )
    >>> items = pd.DataFrame(
    ...     {
    ...         "item": ["tea", "jam", "mug", "cup", "oil"],
    ...         "kind": ["food", "food", "home", "home", "food"],
    ...     }
    ... )
    >>> offers = pd.DataFrame(
    ...     {"customer": "ann", "item": ["mug", "cup", "oil"], "score": [0.9, 0.8, 0.5]}
    ... )
    >>> CalibratedMix(0.9).fit(log, items).rerank(offers, n=2)["item"].tolist()
    ['oil', 'mug']
    """

    _customer_rows: ClassVar[tuple[str, ...]] = ("customers_", "mix_")

    def __init__(
        self, strength: float = 0.2, category: str | None = None, half_life: Any = None
    ) -> None:
        self.strength = strength
        self.category = category
        self.half_life = half_life

    def _check_parameters(self) -> None:
        check_strength(self.strength, type(self).__name__)
        read_half_life(self.half_life, type(self).__name__)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        owner = type(self).__name__
        words = category_column(catalogue, self.category, owner)
        told = [sorted(set(values_of(word or ""))) for word in words]
        self.categories_: npt.NDArray[Any] = np.unique([w for some in told for w in some])
        width = max((len(some) for some in told), default=0)
        self.codes_: Whole = np.full((len(told), width), -1)
        sizes = np.asarray([len(some) for some in told])
        row = np.repeat(np.arange(len(told)), sizes)
        place = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        every = np.asarray([w for some in told for w in some], dtype=self.categories_.dtype)
        self.codes_[row, place] = np.searchsorted(self.categories_, every)
        self.shares_: Floats = 1.0 / np.maximum(sizes, 1)
        of = sp.csr_matrix(
            (self.shares_[row], (row, self.codes_[row, place])),
            shape=(len(told), len(self.categories_)),
        )
        bought = known.matrix("days", read_half_life(self.half_life, owner)).astype(np.float64)
        mix = (bought @ of).tocsr()
        mix.sort_indices()
        total = np.asarray(mix.sum(axis=1)).ravel()
        each = np.repeat(np.where(total > 0, total, 1.0), np.diff(mix.indptr))
        self.mix_: sp.csr_matrix = sp.csr_matrix(
            (mix.data / each, mix.indices, mix.indptr), shape=mix.shape
        )

    def _order(self, lists: Lists, n: int) -> Whole:
        wanted = np.zeros((len(lists.who), len(self.categories_)))
        known = np.flatnonzero(lists.customer >= 0)
        wanted[known] = self.mix_[lists.customer[known]].toarray()
        share = lists.of_items(self.shares_, 0.0)
        none = np.full((1, self.codes_.shape[1]), -1)
        codes = np.concatenate([self.codes_, none])[np.minimum(lists.item, len(self.items_))]
        return calibrated_order(
            lists.relevance, lists.there, wanted, codes, share, self.strength, n
        )


def category_column(catalogue: Catalogue | None, name: str | None, owner: str) -> npt.NDArray[Any]:
    """The category of each item as text, or what is needed to know it."""
    if catalogue is None:
        raise DataError(
            f"{owner}: it needs the category of the items. Give one row per item: "
            "fit(log, items=frame)."
        )
    if name is None:
        found = catalogue.names("category")
        if len(found) != 1:
            raise DataError(
                f"{owner}: items have {len(found)} columns of categories {found}. Name one of "
                f"{list(catalogue.columns)}: category=."
            )
        name = found[0]
    column: npt.NDArray[Any] = catalogue.told(owner, category=[name]).columns[name]
    return column


def calibrated_order(
    relevance: Floats,
    there: npt.NDArray[np.bool_],
    wanted: Floats,
    codes: Whole,
    share: Floats,
    strength: float,
    n: int,
) -> Whole:
    """Places of the first n by relevance and by the mix so far; -1 behind the end.

    `wanted` has a row a customer and a column a category; `codes` the categories of each candidate
    (-1 for none), each with its `share`. The divergence with a candidate differs from that without
    it in the candidate's own categories only.
    """
    rows = np.arange(len(relevance))
    left, made = there.copy(), np.full((len(relevance), n), -1)
    n_categories = wanted.shape[1]
    target = np.column_stack([wanted, np.zeros(len(rows))])  # the last is no category
    held = np.zeros_like(target)
    code = np.where(codes >= 0, codes, n_categories)
    own = target[rows[:, None, None], code]
    for step in range(n):
        size = step + 1.0
        part = divergence(own, held[rows[:, None, None], code] / size)
        with_it = divergence(own, (held[rows[:, None, None], code] + share[:, :, None]) / size)
        miss = divergence(target, held / size).sum(axis=1)[:, None] + (with_it - part).sum(axis=2)
        value = (1.0 - strength) * relevance - strength * miss
        best = np.where(left, value, -np.inf).argmax(axis=1)
        some = np.flatnonzero(left[rows, best])
        made[some, step] = best[some]
        left[rows, best] = False
        for k in range(code.shape[2]):
            held[some, code[some, best[some], k]] += share[some, best[some]]
    return made


def divergence(wanted: Floats, held: Floats) -> Floats:
    """Each category's part of the divergence; nothing where nothing is wanted."""
    smooth = (1.0 - SMOOTHING) * held + SMOOTHING * wanted
    there = wanted > 0
    ratio = np.where(there, wanted, 1.0) / np.where(there, smooth, 1.0)
    return np.asarray(wanted * np.log(ratio))
