"""MarketBasket: what belongs together because it is bought together.

score of (u, c) = the best confidence (or adjusted lift, lift or leverage) of the rules A -> c whose
items A, one or two, are all in the basket of u; c itself is not. What chance is, with its sources,
stands in `crmkit.recommend._basket_sizes`, the measures in `crmkit.recommend._association`.
`crmkit.recommend._rule_mining` finds the rules in the baskets of `crmkit.recommend._baskets`, and
`crmkit.recommend._rule_tables` shows them.
"""

from dataclasses import fields
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.utils.validation import check_is_fitted

from crmkit._validation import check_choice, check_real, check_share, check_whole
from crmkit.exceptions import DataError
from crmkit.recommend._association import PARTS, Rules, best_rules
from crmkit.recommend._baskets import daily_baskets, order_baskets
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._prior import popularity_prior
from crmkit.recommend._reasons import Contributions
from crmkit.recommend._recommender import Recommender
from crmkit.recommend._rule_mining import Limits, kept_rules
from crmkit.recommend._rule_tables import RESERVED, Table, bundle_table, in_words, rule_table
from crmkit.recommend._top_items import Scores

MEASURES = ["confidence", "adjusted_lift", "lift", "leverage"]


class MarketBasket(Recommender):
    """Offer what goes into the same basket: events in, rules, bundles and offers out.

    For "customers who buy an air conditioner take a water purifier with it": the next item for a
    basket at hand, and sets to sell as one. Rules are kept when they are more than chance, after
    correction for all that were tested, and rules of two items only where both of them matter.
    Chance knows how large baskets are: best sellers that meet because people with a full trolley
    buy both make no rule. To foretell what a customer buys weeks later use `EASE`.

    Parameters
    ----------
    min_support : int or float, default=0.002
        Baskets that must hold all items of a rule: a number of at least 2, or a share below 1
        (then at least 2, too).
    min_confidence : float, default=0.0
        Smallest share of the baskets with the first items that hold the last, from 0 to 1.
    max_fdr : float, default=0.05
        Share of the rules that may be chance, above 0 and at most 1: the largest adjusted
        p-value. 1 keeps all rules that raise the chance of their last item.
    max_size : {2, 3}, default=3
        Most items of a rule.
    by : {"confidence", "adjusted_lift", "lift", "leverage"}, default="confidence"
        What the offers are ranked by: chance of a purchase, how much it is raised (beyond what
        basket sizes do, or with it), or how many further baskets that means.
    whole_history : bool, default=False
        Whether the basket at hand is all that a customer ever bought; otherwise it is what he
        bought on the last day of his history.
    only_rules : bool, default=False
        Whether the list ends with what rules lead to. Otherwise best sellers follow, told by
        `source` "popular", with scores of at most 0.
    max_sets : int, default=2000000
        Most frequent sets of a size; more are refused, with the way out.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending.
    basket_ : str
        What a basket is: "order", or "customer and day" where the log tells no orders.
    n_baskets_ : int
        Number of baskets.
    n_tests_ : list of int
        Pairs, and with `max_size=3` rules of three items, that could have been found: what p-values
        are adjusted for, pairs and others apart.
    prior_ : ndarray of float32 of shape (n_items,)
        Popularity of each item, 1 for the best seller; -inf for items that nobody bought.
    rules_ : dict of ndarray
        The rules as places in `items_` and counts; see `rules` for a frame.

    Notes
    -----
    A rule A -> c is held against items that are dealt to the baskets by lot, every basket keeping
    its size and every item the number of its baskets. For two items, p_i(s) = x_i y_s / (1 + x_i
    y_s) is the chance that i stands in a basket of size s, with x and y such that both margins are
    kept, and the number of baskets expected to hold both is

    E = sum over baskets of p_a p_c (1 - (1 - p_a) (1 - p_c) / D), D = sum over items of p (1 - p)
    times (n_items - 1) / n_items,

    or n_a n_c / N, were items independent and all baskets alike, whichever is more. Of N baskets,
    n_A hold A, n_c hold c and k both; then the adjusted lift is k / E, the leverage (k - E) / N and
    the plain lift k N / (n_A n_c), which basket sizes raise. P-values are those of Fisher's test
    with so many baskets that E is expected, after the correction of Benjamini and Hochberg (1995).
    A rule of two items must also tell more than each of them tells alone.

    References
    ----------
    Gionis, Mannila, Mielikainen and Tsaparas (2007), Assessing data mining results via swap
    randomization, ACM Transactions on Knowledge Discovery from Data 1(3), 14.

    Saracco, Di Clemente, Gabrielli and Squartini (2015), Randomizing bipartite networks: the case
    of the World Trade Web, Scientific Reports 5, 10595.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.recommend import MarketBasket
    >>> sold = ["cooler purifier"] * 12 + ["cooler"] * 3 + ["fan lamp"] * 5 + ["lamp", "fan"] * 10
    >>> lines = pd.DataFrame(
    ...     [(order, item) for order, items in enumerate(sold) for item in items.split()],
    ...     columns=["order", "item"],
    ... ).assign(customer=lambda t: t["order"] % 9, day=pd.Timestamp("2024-01-05"))
    >>> log = ck.EventLog(lines, "customer", "day", None, order="order", item="item")
    >>> model = MarketBasket().fit(log)
    >>> columns = ["item", "then_item", "n_baskets", "confidence", "adjusted_lift", "lift"]
    >>> model.rules()[columns].round(2)
           item then_item  n_baskets  confidence  adjusted_lift  lift
    0    cooler  purifier         12         0.8           2.67  2.67
    1  purifier    cooler         12         1.0           2.67  2.67
    >>> model.bundles(1)["bundle"].tolist()
    ['cooler + purifier']
    >>> basket = pd.DataFrame({"customer": [77], "item": ["cooler"]})
    >>> model.recommend(history=basket, n=1, explain=True)[["item", "score", "reason"]]
           item  score                     reason
    0  purifier    0.8  because you bought cooler
    """

    _excludes_seen: ClassVar[bool] = False

    def __init__(
        self,
        min_support: float = 0.002,
        min_confidence: float = 0.0,
        max_fdr: float = 0.05,
        max_size: int = 3,
        by: str = "confidence",
        whole_history: bool = False,
        only_rules: bool = False,
        max_sets: int = 2_000_000,
    ) -> None:
        self.min_support = min_support
        self.min_confidence = min_confidence
        self.max_fdr = max_fdr
        self.max_size = max_size
        self.by = by
        self.whole_history = whole_history
        self.only_rules = only_rules
        self.max_sets = max_sets

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        if isinstance(self.min_support, float) and self.min_support < 1.0:
            check_share(self.min_support, "min_support", owner)
        else:
            check_whole(self.min_support, "min_support", owner, low=2)
        check_real(self.min_confidence, "min_confidence", owner, low=0.0)
        if self.min_confidence > 1.0:
            raise DataError(
                f"{owner}: min_confidence must be at most 1, got {self.min_confidence}."
            )
        check_real(self.max_fdr, "max_fdr", owner, low=0.0, open_low=True)
        if self.max_fdr > 1.0:
            raise DataError(f"{owner}: max_fdr must be at most 1, got {self.max_fdr}.")
        if self.max_size not in (2, 3):
            raise DataError(f"{owner}: max_size must be 2 or 3, got {self.max_size!r}.")
        check_choice(self.by, "by", MEASURES, owner)
        for name in ("whole_history", "only_rules"):
            value = getattr(self, name)
            if not isinstance(value, bool | np.bool_):
                raise DataError(f"{owner}: {name} must be True or False, got {value!r}.")
        check_whole(self.max_sets, "max_sets", owner, low=1)

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        lines = known.lines
        self.basket_: str = "customer and day" if lines is None else "order"
        self.prior_: Scores = popularity_prior(known)
        baskets = daily_baskets(known) if lines is None else order_baskets(lines, known.n_items)
        self.n_baskets_: int = baskets.shape[0]
        limits = Limits(**{part.name: getattr(self, part.name) for part in fields(Limits)})
        rules, self.n_tests_ = kept_rules(baskets, limits, type(self).__name__)
        self.rules_: dict[str, npt.NDArray[Any]] = {name: getattr(rules, name) for name in PARTS}

    def _rules(self) -> Rules:
        return Rules(**self.rules_, n_baskets=self.n_baskets_)

    def rules(self, size: int = 2, *, by: str = "adjusted_lift") -> Any:
        """Rules that are more than chance: a frame with one row a rule, the best first.

        Parameters
        ----------
        size : {2, 3}, default=2
            Items of the rules: one leads to one, or two lead to one.
        by : {"adjusted_lift", "confidence", "lift", "leverage"}, default="adjusted_lift"
            What they are sorted by.

        Returns
        -------
        frame
            Item id, with `size=3` `and_item`, and `then_item`; `n_baskets` with all of them,
            `expected` (the same by chance), `support` (share of all baskets),
            `confidence`, `adjusted_lift` (`n_baskets` over `expected`), `lift` (over what baskets
            that are all alike would give), `leverage` (further share of all baskets) and `p_value`
            (adjusted for all tests), in the library of the log.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        self._check_size(size, owner)
        check_choice(by, "by", MEASURES, owner)
        return self._frame(rule_table(self._rules(), size, by, self._item_column()))

    def bundles(self, n: int = 10, size: int = 2, *, overlap: bool = False) -> Any:
        """Items to sell as one: a frame with one row a bundle, by further baskets beyond chance.

        Parameters
        ----------
        n : int, default=10
            Most bundles.
        size : {2, 3}, default=2
            Items of a bundle. Of three, each must matter: all three rules are more than chance.
        overlap : bool, default=False
            Whether an item may be in several bundles.

        Returns
        -------
        frame
            `bundle` in words, item id, `and_item`, with `size=3` `and_third_item`; `n_baskets` with
            all of them, `expected`, `support`, `adjusted_lift`, `lift` (against independent items),
            `leverage` and `p_value` (adjusted), as in `rules`, in the library of the log;
            `leverage` falls. Of three, what is expected is the most over which of them is the odd
            one, added to the other two.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        check_whole(n, "n", owner, low=1)
        self._check_size(size, owner)
        if not isinstance(overlap, bool | np.bool_):
            raise DataError(f"{owner}: overlap must be True or False, got {overlap!r}.")
        table = bundle_table(self._rules(), size, n, self._item_column(), overlap=bool(overlap))
        names = self.items_ if self.labels_ is None else self.labels_
        return self._frame(table, {"bundle": in_words(table, names)})

    def _check_size(self, size: object, owner: str) -> None:
        if not isinstance(size, int) or size not in (2, 3):
            raise DataError(f"{owner}: size must be 2 or 3, got {size!r}.")
        if len(self.n_tests_) < size - 1:
            raise DataError(f"{owner}: it was fitted with max_size=2 and knows no rules of three.")

    def _item_column(self) -> str:
        item: str = self.columns_["item"]
        if item in RESERVED:
            raise DataError(
                f"{type(self).__name__}: column {item!r} is called like one of the answer. Rename "
                "it first."
            )
        return item

    def _frame(self, table: Table, front: dict[str, Any] | None = None) -> Any:
        """A table with raw ids, in the library of the log."""
        ids = {name: self.items_[place] for name, place in table.places.items()}
        kind = self.frame_["types"][self.columns_["item"]]
        told = {
            "library": self.frame_["library"],
            "types": {**self.frame_["types"], **dict.fromkeys(ids, kind)},
        }
        return self._handed_back({**(front or {}), **ids, **table.told}, told)

    def _scores(self, histories: Histories) -> Scores:
        scores = histories.buffer()
        scores[:] = -np.inf if self.only_rules else self.prior_ - 1.0
        basket = self._at_hand(histories)
        row, rule = best_rules(self._rules(), basket, self.by)
        rules = self._rules().take(rule)
        scores[row, rules.right] = getattr(rules, self.by)
        scores[
            np.repeat(np.arange(len(histories)), np.diff(basket.indptr)), basket.indices
        ] = -np.inf
        return scores

    def _at_hand(self, histories: Histories) -> sp.csr_matrix:
        """The basket of each row as zeros and ones."""
        basket = histories.matrix()
        if self.whole_history:
            return basket
        last = np.maximum.reduceat(histories.day, histories.start[:-1])
        today = histories.day == last[histories.customer]
        start = np.append(0, np.cumsum(today))[histories.start]
        ones = np.ones(int(today.sum()), dtype=np.float32)
        return sp.csr_matrix((ones, histories.item[today], start), shape=basket.shape)

    def _told(self, histories: Histories, rows: Whole, items: Whole) -> tuple[Whole, Rules]:
        """Pairs (row, item) that a rule leads to, and the best rule of each."""
        row, rule = best_rules(self._rules(), self._at_hand(histories), self.by)
        rules = self._rules().take(rule)
        n = np.int64(histories.n_items)
        keys, asked = row * n + rules.right, rows * n + items
        if not len(keys):
            return np.empty(0, dtype=np.int64), rules
        place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        pair = np.flatnonzero(keys[place] == asked)
        return pair, rules.take(place[pair])

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> npt.NDArray[np.object_]:
        source = np.full(len(rows), "popular", dtype=object)
        source[self._told(histories, rows, items)[0]] = "model"
        return source

    def _similar(self, items: Whole) -> Scores:
        rules = self._rules()
        rules = rules.take(rules.second < 0)
        values = rules.adjusted_lift.astype(np.float32)
        n = len(self.prior_)
        near = sp.csr_matrix((values, (rules.left, rules.right)), shape=(n, n))[items].toarray()
        return np.where(near > 0, near, -np.inf).astype(np.float32)

    def _contributions(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        pair, rules = self._told(histories, rows, items)
        two = rules.second >= 0
        value = getattr(rules, self.by) / np.where(two, 2.0, 1.0)
        because = np.concatenate([rules.left, rules.second[two]])
        return np.concatenate([pair, pair[two]]), because, np.concatenate([value, value[two]])
