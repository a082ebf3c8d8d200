"""Recommender: the one interface of all recommenders, and the two hooks that make a model.

A model derives from `Recommender`, stores its parameters in `__init__` and gives

`_learn(known: Interactions, catalogue: Catalogue | None) -> None`
    Sets the fitted attributes of the model: arrays, numbers, text, dicts, lists, csr matrices,
    estimators. Columns of items are places in `known.items`, which holds items never sold too.
`_scores(histories: Histories) -> float32 ndarray (n_rows, n_items)`
    Scores a block of at most 64 customers, each of whom has at least one line; higher is better,
    -inf is no candidate. A row depends on the lines of its customer alone, never on the block.
    The caller may write into the answer; `histories.buffer()` is memory to fill.

A model whose scores are mostly missing sets `_is_sparse = True` and gives instead of `_scores`

`_entries(histories: Histories) -> csr_matrix of float32 (n_rows, n_items)`
    Blocks of any height; an entry that is not stored is no candidate.

The hooks below see customers with at least one line only, as `_scores` does.

Optional: `_excludes_seen` (class attribute, default of `exclude_seen`), `_needs_history = False`
(class attribute: scores customers without a line too, who otherwise get `popularity_`),
`_leaves_out_seen()` (where the default of `exclude_seen` depends on parameters),
`_check_parameters()`,
`_similar(items: int array) -> float32 ndarray (len(items), n_items)`,
`_contributions(histories, rows, items) -> (pair, because, value)`, the additive parts of the score
of pair k = (rows[k], items[k]) by item of the history (without it `explain` tells what goes with
the offer), and
`_sources(histories, rows, items) -> array of str | None` ("model" where None).

Members of a hybrid are fitted by `member._learn(known, catalogue)` with one and the same
`Interactions`, and scored by `member._scores(histories)`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import Floats, check_whole
from crmkit.events._event_log import EventLog
from crmkit.events._instants import midnight_after, on_log_clock, read_instant, read_zone
from crmkit.exceptions import DataError
from crmkit.recommend._asked import Asked, ask, given_customers, given_log, read_given, read_pairs
from crmkit.recommend._best import (
    best_customers,
    best_entries,
    best_items,
    densified,
    joined,
    pair_scores,
)
from crmkit.recommend._catalogue import Catalogue
from crmkit.recommend._filters import Filters, read_filters
from crmkit.recommend._history import Histories
from crmkit.recommend._ids import Ids, find
from crmkit.recommend._interactions import (
    Interactions,
    Whole,
    last_day_before,
)
from crmkit.recommend._later import later_pairs, mean_ndcg
from crmkit.recommend._prior import popularity_prior
from crmkit.recommend._reasons import Contributions, because, co_purchases, goes_with
from crmkit.recommend._shop import read_shop
from crmkit.recommend._top_items import Ranked, Scores, ranks, top_items

RESERVED = ("score", "rank", "source", "reason", "similar_item")
SOURCES = np.asarray(["model", "fold-in", "popular"])


class Recommender(BaseEstimator):
    """Base of all recommenders: an event log in, a long frame of offers out."""

    _excludes_seen: ClassVar[bool] = True
    _is_sparse: ClassVar[bool] = False
    _needs_history: ClassVar[bool] = True

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        raise AttributeError(f"{type(self).__name__} does not say what it learns.")

    def _scores(self, histories: Histories) -> Scores:
        return densified(self._entries(histories), histories.buffer())

    def _entries(self, histories: Histories) -> sp.csr_matrix:
        raise AttributeError(f"{type(self).__name__} does not say how it scores.")

    def _check_parameters(self) -> None:
        """Refuse parameters without meaning; called by `fit` before anything is read."""

    def _leaves_out_seen(self) -> bool:
        """Default of `exclude_seen`, where it depends on parameters."""
        return self._excludes_seen

    def _similar(self, items: Whole) -> Scores:
        return co_purchases(self._known(), items)

    def _contributions(
        self, histories: Histories, rows: Whole, items: Whole
    ) -> Contributions | None:
        return None

    def _sources(self, histories: Histories, rows: Whole, items: Whole) -> Any:
        return None

    def fit(self, log: EventLog, items: Any = None, *, as_of: Any = None) -> Self:
        """Learn from purchases: events (and items) in, the fitted recommender out.

        Parameters
        ----------
        log : EventLog
            Purchases with an `item` column. Returns are no purchases.
        items : frame or None, default=None
            One row per item, the id in the column called like that of the log, else the first.
            Items never sold may be in it, and sold items may be missing.
        as_of : str, date, datetime or None, default=None
            Events at or after this instant are unknown; None is midnight after the last event.

        Returns
        -------
        Self

        Raises
        ------
        DataError
            If the log names no items, a parameter has no meaning, or items contradict themselves;
            what was fitted before then stays.
        """
        before = dict(self.__dict__)
        try:
            self._fit(log, items, as_of)
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise
        return self

    def _fit(self, log: EventLog, items: Any, as_of: Any) -> None:
        owner = type(self).__name__
        self._check_parameters()
        cutoff, known, catalogue = read_shop(log, items, as_of, owner)
        named = {"customer": log.customer, "item": str(log.item)}
        taken = [name for name in named.values() if name in RESERVED]
        if taken:
            raise DataError(
                f"{owner}: column {taken[0]!r} is called like one of the answer. Rename it first."
            )
        self.as_of_: str = cutoff.isoformat()
        self.customers_: Ids = known.customers
        self.items_: Ids = known.items
        self.columns_: dict[str, Any] = {
            **named,
            "when": log.when,
            "amount": log.amount,
            "order": log.order,
            "quantity": log.quantity,
            "tz": log.tz,
            "min_amount": log.min_amount,
        }
        self.frame_: dict[str, Any] = _frames.id_types(log.data, named.values(), owner)
        self.labels_: npt.NDArray[Any] | None = None if catalogue is None else catalogue.labels()
        self.purchases_: dict[str, Any] = known.state()
        self.popularity_: Scores = popularity_prior(known)
        self._relation = log.data if self.frame_["library"] == "duckdb" else None
        self._learn(known, catalogue)

    def recommend(
        self,
        customers: Any = None,
        n: int = 10,
        *,
        exclude_seen: bool | None = None,
        allow: Any = None,
        deny: Any = None,
        stock: Any = None,
        history: Any = None,
        as_of: Any = None,
        explain: bool = False,
    ) -> Any:
        """Next offers: customers in, a long frame of their best items out.

        Parameters
        ----------
        customers : list, array, series or frame of ids, or None, default=None
            Whom to serve, in this order, each once; a frame is read in its customer column. None
            means the customers of `history`, else all of the fit. Unknown customers are no error.
        n : int, default=10
            Most items a customer gets. Fewer candidates give fewer rows, never fillers.
        exclude_seen : bool or None, default=None
            Leave out what a customer already bought; None is what the model is made for.
        allow, deny : list of item ids, dict, flags or frame, default=None
            What may and may not be offered. A dict or an indexed series of pandas says True or
            False by item, an array of flags is in the order of `items_`, a frame with the item
            column is a list. With the customer
            column too it holds pairs: `deny` takes them away, and with `allow` a customer gets his
            pairs alone, nothing without any.
        stock : dict or frame of item and quantity, default=None
            Items of quantity 0 or less are not offered; items not in it are not limited. What
            several rows say of an item (warehouses, say) is added up, less than 0 as 0.
        history : EventLog or frame of events, default=None
            What is known of customers now: rows of customer and item, with times where the frame
            has the log's column of times, and the log's rules for returns and small amounts. For a
            customer of the fit it replaces what was known, so that `exclude_seen` forgets what the
            fit saw; where it tells no purchase of him, what was known stays.
        as_of : str, date, datetime or None, default=None
            The present, from which ages count; not before that of the fit, events at or after it
            are unknown. None is the later of the fit's and midnight after the last of `history`.
        explain : bool, default=False
            Whether to add the column `reason`.

        Returns
        -------
        frame
            Customer id, item id, `score` (higher is better; comparable within a customer), `rank`
            from 1, `source` ("model", "fold-in" for a given history, "content", "popular" without
            one) and `reason`, in the library of the log; equal scores in item order.

        Raises
        ------
        DataError
            If a parameter has no meaning or ids are of another type than those of the fit.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        check_whole(n, "n", owner, low=1)
        asked = self._ask(customers, history, as_of)
        filters = self._filters(asked, exclude_seen, allow, deny, stock)
        parts: list[tuple[Any, ...]] = []
        for rows, histories, (row, item, score) in self._best(asked, filters, n):
            source = self._source(asked, rows, histories, row, item)
            reason = self._reason(histories, row, item, source) if explain else None
            parts.append((row + rows.start, item, score, source, reason))
        return self._offers(asked, parts, explain)

    def predict(self, pairs: Any, *, history: Any = None, as_of: Any = None) -> Floats:
        """Score pairs: customers and items in, one score each out, in the order of the rows.

        The scores are those of `recommend`, whether or not an item was bought before. Customers of
        whom nothing is known have the popularity of the item, from 0 to 1.

        Parameters
        ----------
        pairs : frame or list of pairs
            A frame with the customer and item columns of the log, or (customer, item) pairs.
        history : EventLog or frame of events, default=None
            As in `recommend`.
        as_of : str, date, datetime or None, default=None
            As in `recommend`.

        Returns
        -------
        ndarray of float64
            Higher is better; -inf for an item that is no candidate or unknown.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        customers, items = read_pairs(pairs, self.columns_, owner)
        asked = self._ask(customers, history, as_of)
        order = np.argsort(asked.ids, kind="stable")
        row = order[find(asked.ids[order], customers, "customers", owner)]
        item = find(self.items_, items, "items", owner)
        return pair_scores(asked, row, item, self._all_scores)

    def predict_frame(self, pairs: Any, *, history: Any = None, as_of: Any = None) -> Any:
        """Score pairs: a frame of customers and items in, the same with `score` out.

        Parameters
        ----------
        pairs : frame
            With the customer and item columns of the log.
        history : EventLog or frame of events, default=None
            As in `recommend`.
        as_of : str, date, datetime or None, default=None
            As in `recommend`.

        Returns
        -------
        frame
            Customer id, item id and `score`, in the library and row order of `pairs`.
        """
        check_is_fitted(self)
        table = _frames.to_eager(pairs)
        score = self.predict(table, history=history, as_of=as_of)
        keep = [self.columns_["customer"], self.columns_["item"]]
        owner = type(self).__name__
        made = _frames.attach(table, keep=keep, add={"score": score}, owner=owner)
        return _frames.hand_back(made, like=pairs)

    def similar_items(self, items: Any = None, n: int = 10) -> Any:
        """Items that go together: items in, a long frame of the most similar ones out.

        Parameters
        ----------
        items : list, array, series or frame of ids, or None, default=None
            None means all. An unknown item has no rows.
        n : int, default=10
            Most similar items of each.

        Returns
        -------
        frame
            Item id, `similar_item`, `score` (higher is more alike) and `rank` from 1.
        """
        check_is_fitted(self)
        owner, item = type(self).__name__, self.columns_["item"]
        check_whole(n, "n", owner, low=1)
        places = np.arange(len(self.items_))
        if items is not None:
            asked = _frames.id_values(items, "items", owner, item)
            places = find(self.items_, asked, "items", owner)
            places = places[np.sort(np.unique(places, return_index=True)[1])]
            places = places[places >= 0]
        parts: list[Ranked] = []
        for begin in range(0, len(places), 64):
            block = places[begin : begin + 64]
            scores = self._similar(block)
            scores[np.arange(len(block)), block] = -np.inf
            row, other, score = top_items(scores, n)
            parts.append((row + begin, other, score))
        row, other, score = joined(parts, 3)
        columns = {
            item: self.items_[places[row]],
            "similar_item": self.items_[other],
            "score": score.astype(np.float64),
            "rank": ranks(row),
        }
        types = {**self.frame_["types"], "similar_item": self.frame_["types"][item]}
        told = {"library": self.frame_["library"], "types": types}
        return _frames.id_frame(columns, told, like=getattr(self, "_relation", None))

    def recommend_customers(
        self,
        items: Any,
        n: int = 10,
        *,
        customers: Any = None,
        exclude_seen: bool | None = None,
        allow: Any = None,
        deny: Any = None,
        history: Any = None,
        as_of: Any = None,
    ) -> Any:
        """Whom to tell about a product: items in, a long frame of their best customers out.

        Customers of whom nothing is known have no score of their own and are left out.

        Parameters
        ----------
        items : list, array, series or frame of ids
            Products of the campaign; an unknown item has no rows.
        n : int, default=10
            Most customers an item gets.
        customers : list, array, series or frame of ids, or None, default=None
            Who may be told; None means all.
        exclude_seen : bool or None, default=None
            Leave out customers who already bought the item; None is what the model is made for.
        allow, deny : frame of customer and item, default=None
            Pairs that may and may not be made, as in `recommend`.
        history : EventLog or frame of events, default=None
            As in `recommend`.
        as_of : str, date, datetime or None, default=None
            As in `recommend`.

        Returns
        -------
        frame
            Item id, customer id, `score`, `rank` from 1 within the item and `source`; equal
            scores in the order of the customers.
        """
        check_is_fitted(self)
        owner, columns = type(self).__name__, self.columns_
        check_whole(n, "n", owner, low=1)
        asked = self._ask(customers, history, as_of)
        filters = self._filters(asked, exclude_seen, allow, deny)
        wanted = find(
            self.items_, _frames.id_values(items, "items", owner, columns["item"]), "items", owner
        )
        wanted = wanted[np.sort(np.unique(wanted, return_index=True)[1])]
        wanted = wanted[wanted >= 0]
        place, row, score = best_customers(asked, filters, wanted, n, self._all_scores)
        made = {
            columns["item"]: self.items_[wanted[place]],
            columns["customer"]: asked.ids[row],
            "score": score.astype(np.float64),
            "rank": ranks(place),
            "source": SOURCES[asked.kind[row]],
        }
        return _frames.id_frame(made, self.frame_, like=getattr(self, "_relation", None))

    def score(self, log: EventLog, y: None = None, *, n: int = 10) -> float:
        """Quality of the offers: later events in, mean NDCG of the best n out.

        Relevant is what a customer of the fit bought of its items on the days after the last that
        the fit knows: the rest of a day that `as_of_` lies within does not count. Where the model
        leaves out what was bought before, so does the count of what is relevant. The ideal of a
        customer is the smaller of n and the number of relevant items.

        Parameters
        ----------
        log : EventLog
            Events, of which those on later days than the fit knows count.
        y : None
            Ignored.
        n : int, default=10
            Length of the lists.

        Returns
        -------
        float
            Mean over the customers with anything relevant, from 0 to 1.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        check_whole(n, "n", owner, low=1)
        known = self._known()
        who, what = later_pairs(known, log, owner, new_only=self._leaves_out_seen())
        asked = ask(known, known.customers[np.unique(who)], None, known.last_day, owner)
        filters = self._filters(asked)
        best = self._best(asked, filters, n)
        row, item = joined([(row + rows.start, item) for rows, _, (row, item, _) in best], 2)
        offered = (asked.known[row], item, ranks(row))
        return mean_ndcg((who, what), offered, n, known.n_items)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_relation"}

    def _known(self) -> Interactions:
        return Interactions(**self.purchases_)

    def _ask(self, customers: Any, history: Any, as_of: Any) -> Asked:
        """Find who is asked for and what is known of them at the present."""
        owner, columns = type(self).__name__, self.columns_
        known = self._known()
        log = None if history is None else given_log(history, columns, owner)
        cutoff = self._present(log, as_of)
        given, ids = None, None
        if history is not None:
            given = read_given(history if log is None else log, columns, known, cutoff, owner)
            ids = given_customers(history, columns, owner) if customers is None else None
        if customers is not None:
            ids = _frames.id_values(customers, "customers", owner, columns["customer"])
        return ask(known, ids, given, last_day_before(cutoff), owner)

    def _present(self, log: EventLog | None, as_of: Any) -> datetime:
        """The instant at and after which events are unknown, not before that of the fit."""
        owner, zone = type(self).__name__, self.columns_["tz"]
        clock = None if zone is None else read_zone(zone, owner)
        fitted = datetime.fromisoformat(self.as_of_)
        if clock is not None:
            fitted = fitted.astimezone(clock)
        if as_of is not None:
            present = on_log_clock(read_instant(as_of, "as_of", owner), clock, owner)
            if present < fitted:
                raise DataError(
                    f"{owner}: as_of={str(as_of)!r} is before that of the fit ({self.as_of_}), "
                    "which knows more than was known then. Fit with the earlier as_of."
                )
            return present
        if log is not None and (log.tz is None) != (zone is None):
            kinds = ("timezone-aware", "naive") if zone is None else ("naive", "timezone-aware")
            raise DataError(
                f"{owner}: the times of history= are {kinds[0]}, but those of the fitted log are "
                f"{kinds[1]}. Bring them to one clock."
            )
        return fitted if log is None else max(fitted, midnight_after(log.last_event, owner))

    def _filters(
        self,
        asked: Asked,
        seen: bool | None = None,
        allow: Any = None,
        deny: Any = None,
        stock: Any = None,
    ) -> Filters:
        return read_filters(
            self.items_,
            asked.ids,
            self.columns_,
            type(self).__name__,
            allow=allow,
            deny=deny,
            stock=stock,
            exclude_seen=self._leaves_out_seen() if seen is None else seen,
        )

    def _best(
        self, asked: Asked, filters: Filters, n: int
    ) -> Iterator[tuple[slice, Histories, Ranked]]:
        """Best n items of each customer, a block at a time."""
        if self._is_sparse:
            return best_entries(asked, filters, n, self._all_entries)
        return best_items(asked, filters, n, self._all_scores)

    def _all_scores(self, histories: Histories) -> Scores:
        """Scores of a block, by popularity where nothing is known of a customer."""
        some = np.diff(histories.start) > 0
        if some.all() or not self._needs_history:
            return self._scores(histories)
        scores = histories.buffer()
        scores[~some] = self.popularity_
        if some.any():
            scores[some] = self._scores(histories.take(np.flatnonzero(some)))
        return scores

    def _all_entries(self, histories: Histories) -> sp.csr_matrix:
        matrix = self._entries(histories)
        nothing = np.diff(histories.start) == 0
        if not nothing.any() or not self._needs_history:
            return matrix
        popular = np.where(self.popularity_ > -np.inf, self.popularity_, 0.0)
        every = sp.csr_matrix(popular[None, :])[np.zeros(nothing.sum(), dtype=int)]
        places = np.argsort(np.concatenate([np.flatnonzero(~nothing), np.flatnonzero(nothing)]))
        joint: sp.csr_matrix = sp.vstack([matrix[~nothing], every], format="csr")[places]
        return joint

    def _source(
        self, asked: Asked, rows: slice, histories: Histories, row: Whole, item: Whole
    ) -> npt.NDArray[Any]:
        """Where each score comes from, told by the customer and, if it knows better, the model."""
        kind = asked.kind[rows][row]
        source = SOURCES[kind].astype(object)
        some = np.flatnonzero(kind < 2)
        told = self._sources(*with_lines(histories, row[some]), item[some]) if len(some) else None
        if told is not None:
            differs = told != "model"
            source[some[differs]] = told[differs]
        return source

    def _reason(
        self, histories: Histories, row: Whole, item: Whole, source: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        names = self.items_ if self.labels_ is None else self.labels_
        some = np.flatnonzero((source != "popular") & (np.diff(histories.start)[row] > 0))
        words, parts = "because you bought", (some, some, some)
        if len(some):
            pairs = (*with_lines(histories, row[some]), item[some])
            told = self._contributions(*pairs)
            if told is None:
                told = goes_with(self._known(), *pairs)
                words = "goes with"
            parts = (some[told[0]], told[1], told[2])
        return because(parts, names, source, words)

    def _offers(self, asked: Asked, parts: list[tuple[Any, ...]], explain: bool) -> Any:
        row, item, score, source, reason = joined(parts, 5)
        made = {
            self.columns_["customer"]: asked.ids[row],
            self.columns_["item"]: self.items_[item],
            "score": score.astype(np.float64),
            "rank": ranks(row),
            "source": source.astype(str),
        }
        if explain:
            made["reason"] = reason.astype(str)
        return _frames.id_frame(made, self.frame_, like=getattr(self, "_relation", None))


def with_lines(histories: Histories, row: Whole) -> tuple[Histories, Whole]:
    """Histories of the customers with a line, as hooks expect them, and the rows among them."""
    some = np.diff(histories.start) > 0
    if some.all():
        return histories, row
    return histories.take(np.flatnonzero(some)), (np.cumsum(some) - 1)[row]
