"""SparkALS: matrix factors learnt by Spark, for purchases that no machine can hold.

With x the customers x items matrix of zeros and ones, c_ui = alpha where x_ui = 1, else 1, and n_u,
n_i the numbers of items of u and of customers of i, the factors minimise

    sum over u and i of c_ui (x_ui - p_u'q_i)**2
        + regularization (sum n_u |p_u|**2 + sum n_i |q_i|**2)

by turns, as Spark MLlib does it. Given q, the factors of a customer are those of his items alone:
p_u = (Q'Q + (alpha - 1) Q_u'Q_u + regularization n_u I)^-1 alpha Q_u'1, so that any worker, or a
service without Spark, can serve anybody whose items it is told. Hu, Koren and Volinsky (2008),
Collaborative filtering for implicit feedback datasets, ICDM, 263-272; penalties by numbers of
entries: Zhou, Wilkinson, Schreiber and Pan (2008), Large-scale parallel collaborative filtering for
the Netflix prize, AAIM, 337-348.
"""

import copy
from datetime import datetime
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._frames._spark_frames import spark_frame
from crmkit._progress import Progress
from crmkit._validation import check_real, check_whole, generator
from crmkit.events import EventLog
from crmkit.events._event_log import check_log
from crmkit.exceptions import DataError
from crmkit.recommend import ALS
from crmkit.recommend._als import customer_systems
from crmkit.recommend._asked import Asked
from crmkit.recommend._catalogue import Catalogue, aligned, read_catalogue
from crmkit.recommend._factors import row_sums
from crmkit.recommend._given import present
from crmkit.recommend._history import Histories
from crmkit.recommend._ids import Ids, find
from crmkit.recommend._interactions import Interactions, Whole, last_day_before
from crmkit.recommend._reasons import Contributions, history_pairs
from crmkit.recommend._recommender import named_columns
from crmkit.recommend._refit import kept_if_refused
from crmkit.recommend._top_items import Scores
from crmkit.scale._als_score import mean_ndcg_in_spark
from crmkit.scale._als_training import (
    ItemFacts,
    Plan,
    item_facts,
    learnt_factors,
    purchases,
    ratings,
    session_of,
)
from crmkit.scale._events import check_spark_log, known_events, log_settings, used_columns
from crmkit.scale._recommend import recommend, spark_log
from crmkit.scale._spark import is_spark, named, picked

MOST_ASKED = 10_000  # customers whose events are fetched by name


class SparkALS(ALS):
    """Offer by matrix factors learnt in Spark: an event log over Spark in, factors of items out.

    For purchases that no machine can hold. Up to some hundred million of them `ALS` learns sooner
    on one machine, and more of the customers changes little: fit on a part of them first. The
    items and their factors must fit on one machine; customers are kept nowhere: who is to be served
    is told by his purchases, those of the log or others. Once fitted, the model is a recommender
    like all others, with the same filters and reasons: it can be saved, sent to a service without
    Spark and asked there with ``history=``. A log in memory is taken too, so that `evaluate` can
    judge it beside others. Needs ``pip install "crmkit[spark]"`` and Java.

    Parameters
    ----------
    n_factors : int, default=64
        Numbers that describe an item, at least 1.
    regularization : float, default=0.1
        Penalty on the factors for each entry of their customer or item, above 0.
    alpha : float, default=2.0
        Weight of what was bought against what was not, above 1.
    n_iter : int, default=15
        Turns of the fit.
    popularity : float, default=0.3
        What the best seller gains, as a share of the range of scores of a customer with at most 5
        items; it fades to nothing at 10 items. 0 leaves the model pure.
    blocks : int, default=10
        Parts into which MLlib cuts customers and items; as many as there are cores, or more.
    random_state : int, Generator, RandomState or None, default=0
        Source of the random start.
    verbose : int, default=0
        1 tells when the factors are learnt, with counts and seconds: logger "crmkit", level INFO,
        or standard error where nothing listens there. 0 tells nothing.

    Attributes
    ----------
    items_ : ndarray
        Ids of the fit, ascending.
    customers_ : ndarray
        None of a log over Spark: each customer is served by what he bought.
    n_customers_ : int
        Customers with a purchase before the cut-off.
    item_factors_ : ndarray of float32 of shape (n_items, n_factors)
        Factors q; zero for items never sold.
    gram_ : ndarray of float64 of shape (n_factors, n_factors)
        Q'Q.
    prior_ : ndarray of float32 of shape (n_items,)
        Popularity of each item, 1 for the best seller.
    unsold_ : ndarray of int
        Places in `items_` of the items that nobody bought.

    Examples
    --------
    .. code-block:: python

        log = ck.EventLog(spark.table("lines"), customer="who", when="day", item="sku")
        model = SparkALS(n_factors=64).fit(log, as_of="2024-07-01")
        model.recommend(n=5, as_of="2024-07-01").write.parquet("offers")
        model.similar_items(["tea"])
    """

    def __init__(
        self,
        n_factors: int = 64,
        regularization: float = 0.1,
        alpha: float = 2.0,
        *,
        n_iter: int = 15,
        popularity: float = 0.3,
        blocks: int = 10,
        random_state: Any = 0,
        verbose: int = 0,
    ) -> None:
        self.n_factors = n_factors
        self.regularization = regularization
        self.alpha = alpha
        self.n_iter = n_iter
        self.popularity = popularity
        self.blocks = blocks
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, log: EventLog, items: Any = None, *, as_of: Any = None) -> Self:
        """Learn from purchases in Spark: events (and items) in, the fitted recommender out.

        Parameters
        ----------
        log : EventLog
            Purchases with an `item` column, over a Spark data frame or in memory.
        items : frame or None, default=None
            One row per item, in memory: names for reasons, and items never sold.
        as_of : str, date, datetime or None, default=None
            Events at or after this instant are unknown; None is midnight after the last event.

        Returns
        -------
        Self
            The fitted recommender itself.

        Raises
        ------
        DataError
            If the log names no items, or a parameter has no meaning.
        MissingExtraError
            If pyspark is not installed.
        """
        check_log(log, "SparkALS")
        self._held: _Held | None = None
        if not is_spark(log.data):
            super().fit(log, items, as_of=as_of)
            self.n_customers_: int = len(self.customers_)
            return self
        with kept_if_refused(self):
            self._fit_in_spark(log, items, as_of)
        return self

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
        groups: int = 200,
    ) -> Any:
        """Next offers: customers in, a long frame of their best items out.

        Parameters
        ----------
        customers : Spark data frame, list of ids, other frame, or None, default=None
            Whom to serve; None means the customers of `history`, else all of the fit.
        n : int, default=10
            Most items a customer gets.
        exclude_seen, allow, deny, stock : default=None
            As in `crmkit.recommend`; frames are local ones.
        history : EventLog or frame of events, in Spark or in memory, default=None
            What is known of the customers; None is what the fit knew: its log before its `as_of`,
            read anew.
        as_of : str, date, datetime or None, default=None
            The present, as in `crmkit.recommend`; without `history` None is that of the fit.
        explain : bool, default=False
            Whether to add the column `reason`.
        groups : int, default=200
            Buckets of customers that are served in one go, as in `crmkit.scale.recommend`.

        Returns
        -------
        Spark data frame or other frame
            Of Spark, and worked out when it is asked for, where customers or events are Spark's;
            for ids or a history in memory a frame in memory, of the library of the log or pyarrow.

        Raises
        ------
        DataError
            If a parameter has no meaning.
        """
        check_is_fitted(self)
        rules: dict[str, Any] = {
            "exclude_seen": exclude_seen, "allow": allow, "deny": deny, "stock": stock,
            "as_of": as_of, "explain": explain,
        }  # fmt: skip
        asked = customers is None or is_spark(customers)
        if asked and history is None and self._own_log() is not None:
            history, rules["as_of"] = self._what_the_fit_knew(as_of)
        if asked and is_spark(getattr(history, "data", history)):
            return recommend(self, customers, n, history=history, groups=groups, **rules)
        if is_spark(customers):
            return recommend(self, customers, n, groups=groups, history=history, **rules)
        return super().recommend(customers, n, history=history, **rules)

    def score(self, log: EventLog, y: None = None, *, n: int = 10) -> float:
        """Quality of the offers: later events in, mean NDCG of the best n out.

        Parameters
        ----------
        log : EventLog
            Events, of which those on later days than the fit knows count; over Spark where the
            model was fitted on Spark.
        y : None
            Ignored.
        n : int, default=10
            Length of the lists.

        Returns
        -------
        float
            Mean over the customers with anything relevant, from 0 to 1: items of the fit that were
            not bought before.
        """
        check_is_fitted(self)
        check_whole(n, "n", "SparkALS", low=1)
        own = self._own_log()
        if own is None:
            return super().score(log, n=n)
        check_spark_log(log, "SparkALS.score", "A model that was fitted on Spark is scored there.")
        known = purchases(own, own.cutoff(self.as_of_, "SparkALS"))
        later = purchases(log, log.cutoff(None, "SparkALS"))
        later = later.where(f"day > {self.purchases_['last_day']}")
        return mean_ndcg_in_spark(self, own, known, later, n)

    def without_customers(self) -> Self:
        """The recommender without its customers: a fitted one in, one that left its log out.

        Returns
        -------
        Self
            A copy that is told the purchases with every call, as in `crmkit.recommend`.
        """
        return copy.copy(super().without_customers())  # the log is no part of what is copied

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_held"}

    def _own_log(self) -> EventLog | None:
        """The log over Spark of the fit; None for one in memory, and after a model was loaded."""
        held: _Held | None = self.__dict__.get("_held")
        return None if held is None else held.log

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_real(self.alpha, "alpha", "SparkALS", low=1.0, open_low=True)
        check_whole(self.blocks, "blocks", "SparkALS", low=1)

    def _fit_in_spark(self, log: EventLog, items: Any, as_of: Any) -> None:
        owner = "SparkALS"
        self._check_parameters()
        self.columns_ = named_columns(log, owner)
        _frames.check_id_type(log.data, str(log.item), owner)
        cutoff, progress = log.cutoff(as_of, owner), Progress(owner, self.verbose)
        lines = purchases(log, cutoff).persist()
        try:
            facts = item_facts(lines, owner)
            progress.step(f"found {facts.n_customers:,} customers, {len(facts.items):,} items")
            catalogue = None if items is None else read_catalogue(items, str(log.item), owner)
            self._keep_facts(log, cutoff, facts, catalogue)
            place = find(self.items_, facts.items, "items", owner)
            factors = np.zeros((len(self.items_), self.n_factors), dtype=np.float32)
            pairs = ratings(lines, facts.items)
            factors[place] = learnt_factors(pairs, len(facts.items), self._plan())
        finally:
            lines.unpersist()
        self._keep_factors(factors)
        progress.done(f"learnt {self.n_factors:,} factors of each item")
        self.n_customers_ = facts.n_customers
        self._held = _Held(log)

    def _keep_facts(
        self, log: EventLog, cutoff: datetime, facts: ItemFacts, catalogue: Catalogue | None
    ) -> None:
        """Set what a recommender knows beside its model; customers and lines are none."""
        owner = "SparkALS"
        known = _nobody(facts.items, cutoff)
        if catalogue is not None:
            known = known.with_items(catalogue.items)
            catalogue = aligned(catalogue, known.items, owner)
        self.as_of_ = cutoff.isoformat()
        self.customers_, self.items_ = known.customers, known.items
        example = picked(log.data, [log.customer, str(log.item)]).limit(0).toArrow()
        self.frame_ = _frames.id_types(example, [log.customer, str(log.item)], owner)
        self.labels_ = None if catalogue is None else catalogue.labels()
        self.purchases_ = known.state()
        place = find(known.items, facts.items, "items", owner)
        sold = np.zeros(known.n_items, dtype=bool)
        sold[place] = True
        self.unsold_ = np.flatnonzero(~sold)
        self.popularity_ = _shares(facts.recent, place, known.n_items, -np.inf)
        self.prior_ = _shares(facts.n_lines, place, known.n_items, 0.0)

    def _plan(self) -> Plan:
        seed = int(generator(self.random_state, "SparkALS").integers(2**31 - 1))
        return Plan(
            int(self.n_factors), float(self.regularization), float(self.alpha),
            int(self.n_iter), seed, int(self.blocks),
        )  # fmt: skip

    def _learn(self, known: Interactions, catalogue: Catalogue | None) -> None:
        """Learn from a log in memory, by way of Spark."""
        import pyarrow as pa

        matrix = known.matrix().tocoo()
        table = pa.table(
            {
                "u": matrix.row.astype(np.int32),
                "i": matrix.col.astype(np.int32),
                "r": np.ones(matrix.nnz, dtype=np.float32),
            }
        )
        progress = Progress("SparkALS", self.verbose)
        pairs = spark_frame(table, session_of(None), {})
        factors = learnt_factors(pairs, known.n_items, self._plan())
        progress.done(f"learnt {self.n_factors:,} factors of each item")
        self._keep(known, factors)
        self._keep_factors(factors)

    def _keep_factors(self, factors: Scores) -> None:
        self.item_factors_ = np.asfortranarray(factors)
        q = factors.astype(np.float64)
        self.gram_ = q.T @ q

    def _what_the_fit_knew(self, as_of: Any) -> tuple[EventLog, Any]:
        """The log of the fit before its cut-off, and the present."""
        own = self._own_log()
        assert own is not None
        known = known_events(own, own.cutoff(self.as_of_, "SparkALS"))
        log = EventLog(known, **log_settings(own))
        return log, self.as_of_ if as_of is None else as_of

    def _ask(self, customers: Any, history: Any, as_of: Any) -> Asked:
        """Find who is asked for; events that lie in Spark are fetched for those that are named."""
        if history is None and customers is not None and self._own_log() is not None:
            history, as_of = self._what_the_fit_knew(as_of)
        if is_spark(getattr(history, "data", history)):
            if customers is None:
                raise DataError(
                    "SparkALS: all customers of a log in Spark are served by recommend alone. Name "
                    "those that are asked for: customers=."
                )
            log = spark_log(self, history)
            if as_of is None:
                as_of = present(self.as_of_, self.columns_["tz"], log, None, "SparkALS")
            history = self._events_of(customers, log)
        return super()._ask(customers, history, as_of)

    def _events_of(self, customers: Any, log: EventLog) -> EventLog:
        """Events of some customers of a log over Spark, fetched into memory."""
        ids = _frames.id_values(customers, "customers", "SparkALS", log.customer)
        if len(ids) > MOST_ASKED:
            raise DataError(
                f"SparkALS: {len(ids):,} customers are too many to be fetched by name (at most "
                f"{MOST_ASKED:,}). Give them as a Spark data frame."
            )
        asked = named(log.customer).isin(np.unique(ids).tolist())
        rows = picked(log.data, used_columns(log)).where(asked)
        return EventLog(rows.toArrow(), **log_settings(log))

    def _systems(self, matrix: sp.csr_matrix) -> npt.NDArray[np.float64]:
        """Matrices Q'Q + (alpha - 1) Q_u'Q_u + regularization n_u I of the rows of a block."""
        systems = customer_systems(matrix, self.item_factors_, self.gram_, self.alpha)
        own = self.regularization * np.diff(matrix.indptr)
        systems += own[:, None, None] * np.eye(self.n_factors)
        return systems

    def _customer_factors(self, histories: Histories) -> Scores:
        matrix = histories.matrix()
        sums = self.alpha * row_sums(matrix, self.item_factors_, np.float64)
        found = np.linalg.solve(self._systems(matrix), sums[:, :, None])
        return np.asarray(found[:, :, 0], dtype=np.float32)

    def _parts(self, histories: Histories, rows: Whole, items: Whole) -> Contributions:
        pair, item, entry = history_pairs(histories.matrix(), rows)
        some, place = np.unique(rows, return_inverse=True)
        inverse = np.linalg.inv(self._systems(histories.matrix()[some]))
        seen = np.einsum("pij,pj->pi", inverse[place], self.item_factors_[items])
        parts = np.einsum("ij,ij->i", seen[pair], self.item_factors_[item])
        return pair, item, self.alpha * entry * parts


class _Held:
    """A log over Spark, held so that nothing looks into it that looks through a model."""

    __slots__ = ("log",)

    def __init__(self, log: EventLog) -> None:
        self.log = log


def _nobody(items: Ids, cutoff: datetime) -> Interactions:
    """Items and no purchases: what a model keeps whose customers are told when they are asked."""
    nothing = np.empty(0, dtype=np.int32)
    return Interactions(
        customers=np.empty(0, dtype=np.int64),
        items=items,
        customer=nothing,
        item=nothing,
        day=nothing,
        orders=nothing,
        amount=None,
        last_day=last_day_before(cutoff),
    )


def _shares(sums: npt.NDArray[np.float64], place: Whole, n_items: int, nothing: float) -> Scores:
    """Sums as shares of the largest, at their places; `nothing` elsewhere."""
    shares = np.full(n_items, nothing, dtype=np.float32)
    shares[place] = sums / max(float(sums.max(initial=0.0)), np.finfo(float).tiny)
    return shares
