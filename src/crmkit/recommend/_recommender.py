"""Recommender: the one interface of all recommenders, `fit`, `recommend` and what else they answer.

What makes a model of a recommender stands in `crmkit.recommend._scorer`.
"""

from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import Floats, check_whole
from crmkit.base import check_is_fitted
from crmkit.events._event_log import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend._asked import PAIR, Asked, ask, read_pairs
from crmkit.recommend._best import best_customers, joined, most_similar, pair_scores
from crmkit.recommend._filters import Filters, read_filters
from crmkit.recommend._given import given_customers, given_log, present, read_given
from crmkit.recommend._ids import Ids, find, find_each
from crmkit.recommend._interactions import Interactions, last_day_before, named_item
from crmkit.recommend._later import later_pairs, mean_ndcg
from crmkit.recommend._prior import popularity_prior
from crmkit.recommend._refit import kept_if_refused
from crmkit.recommend._scorer import SOURCES, Scorer
from crmkit.recommend._shop import read_shop
from crmkit.recommend._top_items import Scores, ranks
from crmkit.recommend._without_customers import without_customers

RESERVED = ("score", "rank", "source", "reason", "similar_item")
UNSAVED = ("_relation", "_kept")  # attributes that are found again when they are needed


def named_columns(log: EventLog, owner: str) -> dict[str, Any]:
    """What a recommender keeps of the log of its fit; names of the answer are refused."""
    named = {"customer": log.customer, "item": named_item(log, owner)}
    taken = [name for name in named.values() if name in RESERVED]
    if taken:
        raise DataError(
            f"{owner}: column {taken[0]!r} is called like one of the answer. Rename it first."
        )
    return named | {
        "when": log.when,
        "amount": log.amount,
        "order": log.order,
        "quantity": log.quantity,
        "tz": log.tz,
        "min_amount": log.min_amount,
    }


class Recommender(Scorer):
    """Base of all recommenders: an event log in, a long frame of offers out.

    Attributes
    ----------
    customers_, items_ : ndarray
        Ids of the fit, ascending; those of items never sold are among them.
    labels_ : ndarray of str of shape (n_items,) or None
        What `reason` calls the items: their first text, or their id where there is none; None
        without `items`.
    as_of_ : str
        The cut-off of the fit in ISO format: events at or after it are unknown.
    """

    _customer_data: ClassVar[tuple[str, ...]] = ("purchases_",)
    _customer_rows: ClassVar[tuple[str, ...]] = ("customers_",)

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
            The fitted recommender itself.

        Raises
        ------
        DataError
            If the log names no items, a parameter has no meaning, or items contradict themselves;
            what was fitted before then stays.
        """
        with kept_if_refused(self):
            self._fit(log, items, as_of)
        return self

    def _fit(self, log: EventLog, items: Any, as_of: Any) -> None:
        owner = type(self).__name__
        self._check_parameters()
        cutoff, known, catalogue = read_shop(log, items, as_of, owner)
        self.columns_: dict[str, Any] = named_columns(log, owner)
        named = [self.columns_[part] for part in PAIR]
        self.as_of_: str = cutoff.isoformat()
        self.customers_: Ids = known.customers
        self.items_: Ids = known.items
        self.frame_: dict[str, Any] = _frames.id_types(log.data, named, owner)
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
            The present, from which the ages of what customers bought count; not before that of the
            fit, events at or after it are unknown. What a model knows of items, such as their sales
            and trend, stays that of the fit. None is the later of the fit's and midnight after the
            last of `history`.
        explain : bool, default=False
            Whether to add the column `reason`: what of the history speaks for the item, on how many
            days the customer bought it, or that it is popular where that counts more.

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
        rules = {"exclude_seen": exclude_seen, "allow": allow, "deny": deny, "stock": stock}
        told = {"history": history, "as_of": as_of, "explain": explain}
        return self._handed_back(self._offered(customers, n, **rules, **told), self.frame_)

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
            places = find_each(self.items_, asked, "items", owner)
        row, other, score = most_similar(places, n, self._similar)
        columns = {
            item: self.items_[places[row]],
            "similar_item": self.items_[other],
            "score": score.astype(np.float64),
            "rank": ranks(row),
        }
        types = {**self.frame_["types"], "similar_item": self.frame_["types"][item]}
        told = {"library": self.frame_["library"], "types": types}
        return self._handed_back(columns, told)

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
            scores in the order of the customers. Hybrids score from 0 to 1 within each customer:
            theirs are those in whose own lists the item stands high, and several may have a 1.
        """
        check_is_fitted(self)
        owner, columns = type(self).__name__, self.columns_
        check_whole(n, "n", owner, low=1)
        asked = self._ask(customers, history, as_of)
        filters = self._filters(asked, exclude_seen, allow, deny)
        products = _frames.id_values(items, "items", owner, columns["item"])
        wanted = find_each(self.items_, products, "items", owner)
        place, row, score = best_customers(asked, filters, wanted, n, self._all_scores)
        made = {
            columns["item"]: self.items_[wanted[place]],
            columns["customer"]: asked.ids[row],
            "score": score.astype(np.float64),
            "rank": ranks(place),
            "source": SOURCES[asked.kind[row]],
        }
        return self._handed_back(made, self.frame_)

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

    def without_customers(self) -> Self:
        """The recommender without its customers: a fitted one in, one for strangers out.

        Use it before a model goes where personal data may not: into a service that is told the
        purchases with every call. It answers `history=` as before, to the same bits, and holds
        neither ids nor purchases. Offers are then "fold-in" for all; whom no history tells of gets
        the popular items. Where `_contributions` of a model are not told, reasons are shorter.

        Returns
        -------
        Self
            A copy; the large arrays of both are the same memory.

        Raises
        ------
        DataError
            If the model scores by the purchases of single customers, as `UserKNN` does.

        Examples
        --------
        >>> import pandas as pd
        >>> import crmkit as ck
        >>> from crmkit.recommend import ItemKNN
        >>> lines = pd.DataFrame({"who": ["ann", "ann", "bob"], "item": ["tea", "cup", "tea"]})
        >>> names = {"customer": "who", "when": "day", "amount": None, "item": "item"}
        >>> log = ck.EventLog(lines.assign(day=pd.Timestamp("2024-01-05")), **names)
        >>> model = ItemKNN(shrinkage=0.0).fit(log).without_customers()
        >>> len(model.customers_)
        0
        >>> model.recommend(history=pd.DataFrame({"who": ["eve"], "item": ["cup"]}))
           who item     score  rank   source
        0  eve  tea  0.707107     1  fold-in
        """
        check_is_fitted(self)
        bare: Self = without_customers(self)
        return bare

    def _holds_customers(self) -> bool:
        """Whether data of single customers are in it; members of others have none of their own."""
        return bool(len(getattr(self, "customers_", ())))

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name not in UNSAVED}

    def _ask(self, customers: Any, history: Any, as_of: Any) -> Asked:
        """Find who is asked for and what is known of them at the present.

        A history may have been read already, as `told_by` reads it.
        """
        owner, columns = type(self).__name__, self.columns_
        known = self._known()
        if customers is None and history is None and not known.n_customers:
            raise DataError(
                f"{owner}: this model holds no customers, so it cannot serve those of its fit. "
                "Say whom to serve by what they bought: history=."
            )
        given = history if isinstance(history, Interactions) else None
        is_told = history is not None and given is None
        log = given_log(history, columns, owner) if is_told else None
        cutoff = present(self.as_of_, columns["tz"], log, as_of, owner)
        ids = None
        if is_told:
            given = read_given(history if log is None else log, columns, known, cutoff, owner)
            ids = given_customers(history, columns, owner) if customers is None else None
        if customers is not None:
            ids = _frames.id_values(customers, "customers", owner, columns["customer"])
        return ask(known, ids, given, last_day_before(cutoff), owner)

    def _filters(
        self,
        asked: Asked,
        exclude_seen: bool | None = None,
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
            exclude_seen=self._leaves_out_seen() if exclude_seen is None else exclude_seen,
        )

    def _offered(
        self, customers: Any, n: int, *, history: Any, as_of: Any, explain: bool, **rules: Any
    ) -> dict[str, npt.NDArray[Any]]:
        """The answer of `recommend` as columns, ids as they were read."""
        check_is_fitted(self)
        check_whole(n, "n", type(self).__name__, low=1)
        asked = self._ask(customers, history, as_of)
        filters = self._filters(asked, **rules)
        parts: list[tuple[Any, ...]] = []
        for rows, histories, (row, item, score) in self._best(asked, filters, n):
            source = self._source(asked, rows, histories, row, item)
            reason = self._reason(histories, row, item, source) if explain else None
            parts.append((row + rows.start, item, score, source, reason))
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
        return made

    def _handed_back(self, columns: dict[str, Any], told: dict[str, Any]) -> Any:
        """A frame of these columns, with the ids as `told`, in the library of the log."""
        return _frames.id_frame(columns, told, like=getattr(self, "_relation", None))
