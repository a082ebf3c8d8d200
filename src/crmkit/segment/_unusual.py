"""UnusualBehaviour: who returns, orders or pays quite unlike their peers, and how surely.

Every deed of a customer gets the chance that a peer would do as much by accident (see
`_peer_statistics`); the least of them is compared with that of all customers, which gives the
chance that an innocent customer looks as strange. Those below the promised rate are flagged.
"""

from numbers import Integral
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._units import in_unit
from crmkit._validation import Floats, check_share, check_whole, generator
from crmkit.base import Estimator
from crmkit.events import EventLog
from crmkit.events._customers_at import CustomersAt, read_customers_at
from crmkit.events._event_log import check_log
from crmkit.events._ledger import day_of
from crmkit.exceptions import DataError
from crmkit.segment._deeds import Deeds, check_window, deeds_of, read_lines
from crmkit.segment._peer_groups import PeerGroups
from crmkit.segment._peer_rules import LEAST, chances, features, learn_rules, measures_of
from crmkit.segment._peer_statistics import fit_null, null_limit, null_tail
from crmkit.segment._unusual_text import NOUNS, sentences

if TYPE_CHECKING:
    import pandas as pd

Whole = npt.NDArray[Any]


class UnusualBehaviour(Estimator):
    """Flag customers who behave unlike their peers: an event log in, flags with reasons out.

    Use it to choose whose returns, refunds, order bursts or amounts a person should look at. A
    flag is a question and no verdict: a wholesaler among private customers is unusual too. Do not
    use it to accuse, nor to rank customers by value.

    The rules are learnt in `fit` and stay as they are at any later date and on any other log.

    Parameters
    ----------
    expected_false_positives : float, default=0.001
        Share of innocent customers who may be flagged by chance, between 0 and 1, all reasons
        together: 0.001 is one in a thousand. In logs of few customers fewer are flagged, as none
        of them can be told to be so rare (see Notes).
    window : str or float, default="90D"
        Days before the date that are looked at, in days or as text.
    burst : str or float, default="10D"
        What is a short time: the most returns and the most orders in so many days in a row raise
        alarms of their own.
    peers : int, str or segmenter, default=3
        Who is alike. A number: that many equal groups by orders in the window times as many by the
        typical (median) value of an order. Text: a column of the log's frame, such as a country;
        each customer has the value of most of the lines. A segmenter, of customers or of logs,
        fitted or not: its segments. Groups of fewer than 50 customers are judged by everybody.
    night : tuple of 2 int, default=(0, 5)
        Hours of the night, from and until, on the clock of the log; looked at where the times of
        purchase have hours.
    random_state : int, RandomState, Generator or None, default=0
        Seed of the isolation forest.

    Attributes
    ----------
    measures_ : list of str
        What is looked at: "returns", "return_burst" (most returns in a short time),
        "refund_share", "order_burst", "largest_order", "largest_quantity" and "night", as far as
        the log tells.
    n_customers_ : int
        Customers who bought or brought anything back in the window of `fit`.
    n_flagged_ : int
        How many of them are flagged.
    expected_by_chance_ : float
        How many flags chance alone explains at most, were all innocent.
    alarms_ : ndarray of int, shape (n_measures,)
        How many customers of `fit` each measure alone flags.
    null_ : list of 3 float
        Anchor and slope of the null distribution of -log of the least chance, and how many
        customers the slope is known from.
    rules_ : dict of ndarray
        Rates, slopes, quantiles and levels of each group of peers, the last row of everybody.
    forest_ : IsolationForest
        The second opinion.
    as_of_ : str
        Instant of the fit.
    asked_ : dict
        Rate, days and hours that `fit` was asked for; later answers keep to them.

    See Also
    --------
    LifecycleStager : Who falls silent instead.

    Notes
    -----
    Counts have exact gamma-Poisson tails, with a rate and a spread among peers from which the
    strange are left out, so that one return of a rare buyer is no alarm. Bursts are judged over
    all their possible places, those of orders beside the usual rhythm of the customer, or, where a
    customer is too new to have one, of other new customers. Sizes have the tail that the peers show
    on the log scale, and a size that one in a hundred peers have exactly, such as a pack or a
    dearer tariff, is no alarm. The least chance of each customer is judged by those of all
    customers of `fit`, of whom at least 97 of 100 should be innocent. Where customers differ in
    ways that peers do not show, such as dealers among private customers, more are flagged than
    promised, and rightly looked at.

    Simulated logs of innocents had 0.3 to 2.0 times the flags promised, of returns, power laws,
    packs, tariffs, night habits, newcomers and baskets of lines alike; 2.5 times where orders come
    in trips, and 4 times where more money comes back than was spent.

    Fewer than 300 customers are judged by Bonferroni's rule, which promises at most the rate: of
    innocents hardly any are flagged, and of others only those far beyond the usual.

    Without order ids everything that a customer buys on one day is one order, and what comes back
    on one day one return: rows may be lines of one basket. Orders that follow one another within
    a day are seen with order ids only.

    `second_opinion` is the share of the customers of `fit` whom scikit-learn's isolation forest
    finds less strange (Liu, Ting and Zhou 2008, IEEE ICDM, 413-422). It has no error rate and
    does not decide.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmkit as ck
    >>> from crmkit.segment import UnusualBehaviour
    >>> events = ck.datasets.make_customers(2000, random_state=0).events
    >>> back = events.iloc[:7].assign(customer_id="C000001", order_id=list("abcdefg"), quantity=-1,
    ...     amount=-9.5, timestamp=pd.date_range("2023-12-20", periods=7))
    >>> log = ck.EventLog(pd.concat([events, back]), order="order_id", quantity="quantity")
    >>> unusual = UnusualBehaviour().fit(log, as_of="2024-01-01")
    >>> unusual.n_customers_, unusual.n_flagged_, unusual.expected_by_chance_
    (1222, 1, 1.222)
    >>> print(unusual.predict_frame(log, as_of="2024-01-01")["reasons"][0])
    7 returns in 10 days; 99 of 100 customers alike have at most 1.
    7 returns in 90 days; 99 of 100 customers alike have at most 1
    """

    def __init__(
        self,
        expected_false_positives: float = 0.001,
        *,
        window: str | float = "90D",
        burst: str | float = "10D",
        peers: Any = 3,
        night: tuple[int, int] = (0, 5),
        random_state: int = 0,
    ) -> None:
        self.expected_false_positives = expected_false_positives
        self.window = window
        self.burst = burst
        self.peers = peers
        self.night = night
        self.random_state = random_state

    def fit(self, log: EventLog, *, as_of: Any = None) -> Self:
        """Learn what is usual: an event log in, the fitted detector out.

        Parameters
        ----------
        log : EventLog
            The events, with returns as negative amounts or quantities.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, the beginning of a day; None is midnight after the last event.

        Returns
        -------
        UnusualBehaviour
            The fitted detector itself.

        Raises
        ------
        DataError
            If a parameter is not allowed, or nobody did anything in the window.
        """
        owner = type(self).__name__
        check_log(log, owner)
        peers = PeerGroups.of(self.peers, owner)
        self.asked_: dict[str, Any] = self._asked(owner)
        at = _customers_of(log, as_of, owner)
        who, deeds, codes, values, has_hours = self._deeds(at, peers.column)
        active = (deeds.orders > 0) | (deeds.returns > 0)
        if not active.any():
            raise DataError(
                f"{owner}: nobody bought or returned anything in the {self.asked_['window']} days "
                f"before {at.dates[0]:%Y-%m-%d}. Take a longer window or an earlier as_of."
            )
        peers.learn(at, deeds, active, codes, values)
        part, self.as_of_ = deeds.some(active), str(at.dates[0])
        self.measures_: list[str] = measures_of(part, has_hours)
        self.peers_: dict[str, Any] = peers.told()
        self.segmenter_: Any = peers.segmenter
        group = peers.groups(at, who, deeds, codes, values)[active]
        peers.warn_of_small(group, LEAST)
        self.rules_: dict[str, Any] = learn_rules(
            part, group, peers.n_groups, self.measures_, self._shares()
        )
        self._grow_forest(features(part, self.measures_), owner)
        p = chances(part, group, self.rules_, self.measures_, self._shares())
        self.null_: list[float] = list(fit_null(p.min(axis=1), len(self.measures_)))
        alarms = p < self._limit()
        self.n_customers_, self.n_flagged_ = int(active.sum()), int(alarms.any(axis=1).sum())
        self.expected_by_chance_ = float(self.asked_["rate"] * active.sum())
        self.alarms_: Whole = alarms.sum(axis=0)
        return self

    def predict_frame(self, log: EventLog, as_of: Any = None) -> Any:
        """Judge customers at a date: an event log in, a frame of id, score, flag and reasons out.

        Parameters
        ----------
        log : EventLog
            The events, of the customers of `fit` or of others.
        as_of : str, date, datetime or None, default=None
            Exclusive cut-off, the beginning of a day; None is midnight after the last event.

        Returns
        -------
        dataframe
            In the library of the log, one row for everybody who has bought or brought something
            back, sorted by id: the id, `score` (0 to 1; 0.5 is the limit, 0 is nothing unusual),
            `unusual` (the flag), `reasons`, `p_value` (chance that an innocent customer looks as
            strange), `second_opinion` (0 to 1), and the evidence: `orders`, the measures and
            `watched` (days known in the window). What a log does not tell is NaN.

        Raises
        ------
        DataError
            If the log or the date cannot be used, or nobody bought before it.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        check_log(log, owner)
        at = _customers_of(log, as_of, owner)
        peers = PeerGroups.fitted(self.peers_, self.segmenter_, owner)
        who, deeds, codes, values, _ = self._deeds(at, peers.column)
        group = peers.groups(at, who, deeds, codes, values)
        columns = self._judged(deeds, group)
        if log.customer in columns:
            raise DataError(
                f"{owner}: the customer id is called {log.customer!r}, as is a new column "
                f"({', '.join(columns)}). Rename it first."
            )
        ids = _frames.id_values(at.ledger.ids[who], repr(log.customer), owner)
        told = _frames.id_types(log.data, [log.customer], owner)
        made = {k: np.asarray(v) for k, v in columns.items()}
        return _frames.id_frame({log.customer: ids, **made}, told, like=log.data)

    def describe(self) -> "pd.DataFrame":
        """Flags at `fit` beside those of chance: a pandas frame, one row per measure and for all.

        Returns
        -------
        DataFrame
            The columns reason, n_customers (flagged for it), expected_by_chance (so many innocent
            ones at most) and usual (what 99 of 100 customers have at most); the last row is of
            anybody flagged for any reason.
        """
        import pandas as pd  # here, so that segment loads without it

        check_is_fitted(self)
        limit = min(self._limit(), self.asked_["rate"])
        return pd.DataFrame(
            {
                "reason": [*(NOUNS[name] for name in self.measures_), "any"],
                "n_customers": [*self.alarms_.tolist(), self.n_flagged_],
                "expected_by_chance": [limit * self.n_customers_] * len(self.measures_)
                + [self.expected_by_chance_],
                "usual": [*self.rules_["usual"][-1].tolist(), np.nan],
            }
        )

    def _asked(self, owner: str) -> dict[str, Any]:
        """Parameters checked, as `fit` uses them and every later answer does."""
        check_share(self.expected_false_positives, "expected_false_positives", owner)
        window, burst = (self._whole_days(name, owner) for name in ("window", "burst"))
        check_window(window, burst, owner)
        night = tuple(self.night) if isinstance(self.night, (tuple, list)) else ()
        whole = all(isinstance(h, Integral) and not isinstance(h, bool) for h in night)
        if len(night) != 2 or not whole or not 0 <= night[0] < night[1] <= 24:
            raise DataError(
                f"{owner}: night must be two whole hours, from and until, such as (0, 5), got "
                f"{self.night!r}."
            )
        hours = [int(night[0]), int(night[1])]
        rate = float(self.expected_false_positives)
        return {"rate": rate, "window": window, "burst": burst, "night": hours}

    def _whole_days(self, name: str, owner: str) -> int:
        length = in_unit(getattr(self, name), "D", owner, name)
        days = round(length) if abs(length - round(length)) < 1e-9 else length
        check_whole(days, f"{name} (in whole days)", owner, low=1)
        return int(days)

    def _limit(self) -> float:
        """Least chance of a measure below which a customer is flagged."""
        return null_limit(self.asked_["rate"], *self.null_)

    def _shares(self) -> tuple[float, int]:
        """Share of the window that a burst takes, and its days."""
        return self.asked_["burst"] / self.asked_["window"], self.asked_["burst"]

    def _deeds(
        self, at: CustomersAt, column: str | None
    ) -> tuple[Whole, Deeds, Whole | None, list[Any], bool]:
        """Places of everybody who did anything, deeds, codes and values of a column; any hours."""
        asked = self.asked_
        ids, lines, codes, values = read_lines(at.log, at.days[0], column, type(self).__name__)
        until, night = at.days[0], (asked["night"][0], asked["night"][1])
        deeds = deeds_of(lines, len(ids), until, asked["window"], asked["burst"], night)
        who = np.union1d(at.moment(0).places, lines.customer[lines.returned])
        most = None if codes is None else most_common(lines.customer, codes, len(ids))[who]
        return who, deeds.some(who), most, values, bool(lines.hour.any())

    def _grow_forest(self, x: Floats, owner: str) -> None:
        source, seed = generator(self.random_state, owner), self.random_state
        if not isinstance(seed, Integral):
            seed = int(source.integers(2**31))
        self.forest_ = IsolationForest(random_state=int(seed)).fit(x)
        scores = np.sort(self.forest_.score_samples(x))
        self.forest_scores_: Floats = np.quantile(scores, np.linspace(0, 1, 1001))

    def _judged(self, deeds: Deeds, group: Whole) -> dict[str, Any]:
        """Columns of the answer but the id."""
        p = chances(deeds, group, self.rules_, self.measures_, self._shares())
        least = null_tail(p.min(axis=1), *self.null_)
        alarms = p < self._limit()
        usual = self.rules_["usual"][group]
        strange = np.abs(np.log(np.maximum(least, 1e-300)))  # without the sign of a zero
        limit = -np.log(self.asked_["rate"])
        days = (self.asked_["window"], self.asked_["burst"])
        seen = self.forest_.score_samples(features(deeds, self.measures_))
        columns: dict[str, Any] = {
            "score": strange / (strange + limit),
            "unusual": alarms.any(axis=1),
            "reasons": sentences(deeds, alarms, p, usual, self.measures_, *days),
            "p_value": least,
            "second_opinion": 1.0 - np.interp(seen, self.forest_scores_, np.linspace(0, 1, 1001)),
            "orders": deeds.orders,
        }
        names = ("returns", "return_burst", "refund_share", "order_burst", "largest_order")
        for name in (*names, "largest_quantity", "night", "watched"):
            columns[name] = getattr(deeds, name)
        return columns


def _customers_of(log: EventLog, as_of: Any, owner: str) -> CustomersAt:
    cutoff = log.cutoff(as_of, owner)
    day_of(cutoff, owner, "as_of")
    return read_customers_at(log, [cutoff], owner)


def most_common(customer: Whole, codes: Whole, n: int) -> Whole:
    """Most frequent code of each of n customers, the smallest of equal ones; -1 without any."""
    known = codes >= 0
    width = int(codes.max(initial=0)) + 1
    keys, times = np.unique(
        customer[known].astype(np.int64) * width + codes[known], return_counts=True
    )
    order = np.lexsort((-keys, times))
    found = np.full(n, -1, dtype=np.int64)
    found[keys[order] // width] = keys[order] % width
    return found
