"""Risk tiers: a probability of churn becomes a word and what to do about it.

With edges e_1 < e_2 < ..., tier k holds p with e_k <= p < e_(k+1). Edges are learned once and
frozen. A customer who was in tier k before leaves it only when p has passed its edge by a margin,
as a thermostat does (hysteresis), so that a score that trembles around an edge changes nothing.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._validation import Floats, check_choice, check_real
from crmkit.churn._binary import PROBABILITY
from crmkit.churn._columns import id_name, per_customer, probabilities
from crmkit.exceptions import DataError

DEFAULTS = {"probability": (0.3, 0.6), "quantile": (0.7, 0.9)}
INTERVENTIONS = (
    "no action",
    "a reminder or a small incentive",
    "a personal contact with the best offer that pays",
)

Ints = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]


class RiskTiers(BaseEstimator):
    """Sort customers into tiers of risk: probabilities in, one tier per customer out.

    Use it where people act on words: call lists, service levels, reports. Whom it pays to treat is
    another question, which `RetentionValue` answers: a customer of high risk and little value may
    be best left alone.

    Parameters
    ----------
    edges : sequence of float, default=None
        Lower ends of the second, third, ... tier, rising: probabilities, or shares of customers
        with ``by="quantile"``. None takes 0.3 and 0.6, or 0.7 and 0.9 of the customers.
    labels : sequence of str, optional
        Names of the tiers, lowest risk first, one more than there are edges; low, medium and high
        by default.
    interventions : sequence of str, default=None
        What to do in each tier, in words; None has a text for three tiers and none for others.
    by : {"probability", "quantile"}, default="probability"
        Whether `edges` are probabilities or shares. Quantiles are those of the customers of
        `fit`, frozen: later the tiers grow and shrink as the risk does. Customers of equal
        probability share a tier, so that shares are met as nearly as they allow.
    margin : float, default=0.02
        How far a probability must pass an edge before a customer changes tier, where the tier
        before is known (see `predict`).

    Attributes
    ----------
    edges_ : ndarray of shape (n_tiers - 1,)
        Lower ends of the second, third, ... tier, as probabilities.
    labels_ : ndarray of str
        Names of the tiers, lowest risk first.
    interventions_ : ndarray of str
        What to do in each tier.

    See Also
    --------
    RetentionValue : Whom to treat, by profit.

    Examples
    --------
    >>> from crmkit.churn import RiskTiers
    >>> tiers = RiskTiers().fit([0.1, 0.5, 0.9])
    >>> tiers.predict([0.29, 0.3, 0.95]).tolist()
    ['low', 'medium', 'high']
    >>> tiers.predict([0.29, 0.61, 0.95], previous=["medium", "medium", "low"]).tolist()
    ['medium', 'medium', 'high']
    """

    def __init__(
        self,
        edges: Sequence[float] | None = None,
        labels: Sequence[str] = ("low", "medium", "high"),
        interventions: Sequence[str] | None = None,
        by: str = "probability",
        margin: float = 0.02,
    ) -> None:
        self.edges = edges
        self.labels = labels
        self.interventions = interventions
        self.by = by
        self.margin = margin

    def fit(self, p: npt.ArrayLike, y: None = None) -> Self:
        """Freeze the edges: probabilities in, the fitted tiers out.

        Parameters
        ----------
        p : array-like of shape (n_customers,) or (n_customers, 2)
            Probabilities of churn, or what `predict_proba` gives.
        y : None
            Ignored.

        Returns
        -------
        Self
            The fitted tiers.

        Raises
        ------
        DataError
            If a parameter is not allowed, or `p` holds no probabilities.
        """
        owner = type(self).__name__
        check_choice(self.by, "by", DEFAULTS, owner)
        check_real(self.margin, "margin", owner, low=0.0)
        edges = checked_edges(DEFAULTS[self.by] if self.edges is None else self.edges, owner)
        self._name_tiers(len(edges) + 1, owner)
        risk = probabilities(p, owner)
        self.edges_: Floats = edges if self.by == "probability" else quantiles(risk, edges)
        return self

    def predict(self, p: npt.ArrayLike, previous: npt.ArrayLike | None = None) -> Names:
        """Tier of each customer: probabilities in, an array of names out.

        Parameters
        ----------
        p : array-like of shape (n_customers,) or (n_customers, 2)
            Probabilities of churn, or what `predict_proba` gives. A probability equal to an edge
            is above it.
        previous : array-like of shape (n_customers,), default=None
            Tier of each customer at the last scoring, to be kept unless `p` has passed an edge by
            `margin`; None or an empty text for a customer who is new.

        Returns
        -------
        ndarray of str, shape (n_customers,)
            One of `labels_` for each customer, in row order.
        """
        tiers = self._tiers(p, previous)
        return self.labels_[tiers]

    def predict_frame(
        self,
        customers: Any,
        probability: Any = PROBABILITY,
        previous: Any = None,
        customer: str | None = None,
    ) -> Any:
        """Tier of each customer with ids: customers in, a frame of id, tier and intervention out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id, such as `predict_frame` of a churn model gives them.
        probability : str or array-like, default="probability_churn"
            Column with the probabilities of churn, or the probabilities in row order.
        previous : str or array-like, default=None
            Column with the tiers of the last scoring, or these tiers in row order.
        customer : str, default=None
            Name of the id column; None takes the first column.

        Returns
        -------
        dataframe
            The id, `probability_churn`, `tier` and `intervention`, in the library and the row
            order of `customers`.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        table = _frames.to_eager(customers)
        keep = id_name(table, customer, owner)
        n = len(_frames.column_values(table, keep, owner))
        p = per_customer(probability, table, n, "probability", owner, low=0.0, high=1.0)
        if isinstance(previous, str):
            previous = _frames.column_values(table, previous, owner)
        tiers = self._tiers(p, previous)
        add = {
            PROBABILITY: p,
            "tier": self.labels_[tiers],
            "intervention": self.interventions_[tiers],
        }
        beside = _frames.attach(table, keep=[keep], add=add, owner=owner)
        return _frames.hand_back(beside, like=customers)

    def summary(
        self, p: npt.ArrayLike, y: npt.ArrayLike | None = None, value: npt.ArrayLike | None = None
    ) -> pd.DataFrame:
        """Size and risk of each tier: probabilities in, a pandas frame of one row per tier out.

        Parameters
        ----------
        p : array-like of shape (n_customers,) or (n_customers, 2)
            Probabilities of churn.
        y : array-like of shape (n_customers,), default=None
            1 for churned and 0 for stayed, once known; adds `churn_rate`.
        value : array-like of shape (n_customers,), default=None
            Value of each customer, in currency; adds `value_at_risk`.

        Returns
        -------
        pandas.DataFrame
            `tier` (highest risk first), `intervention`, `from_probability` (lower end),
            `n_customers`, `share` (0 to 1), `mean_probability`; with `y` also `churn_rate`, with
            `value` also `value_at_risk` (sum of probability times value). A tier without
            customers has NaN means.

        Raises
        ------
        DataError
            If `p` holds no probabilities, `y` is not 0 or 1, or lengths differ.
        """
        owner = type(self).__name__
        risk = probabilities(p, owner)
        tiers = self._tiers(risk, None)
        n = np.bincount(tiers, minlength=len(self.labels_))
        columns: dict[str, Any] = {
            "tier": self.labels_,
            "intervention": self.interventions_,
            "from_probability": np.append(0.0, self.edges_),
            "n_customers": n,
            "share": n / len(risk),
            "mean_probability": means(risk, tiers, n),
        }
        if y is not None:
            churned = per_customer(y, None, len(risk), "y", owner, low=0.0, high=1.0)
            if not np.isin(churned, (0.0, 1.0)).all():
                raise DataError(f"{owner}: y must be 1 for churned and 0 for stayed.")
            columns["churn_rate"] = means(churned, tiers, n)
        if value is not None:
            worth = per_customer(value, None, len(risk), "value", owner, low=-np.inf, high=np.inf)
            columns["value_at_risk"] = np.bincount(tiers, weights=risk * worth, minlength=len(n))
        return pd.DataFrame(columns).iloc[::-1].reset_index(drop=True)

    def _tiers(self, p: Any, previous: Any) -> Ints:
        check_is_fitted(self)
        risk = probabilities(p, type(self).__name__)
        if previous is None:
            return tier_of(risk, self.edges_)
        return held(risk, self.edges_, self.margin, self._places(previous, len(risk)))

    def _places(self, previous: Any, n: int) -> Ints:
        """Number of each previous tier, -1 for none."""
        given: npt.NDArray[Any] = np.asarray(previous, dtype=object)
        known = {name: place for place, name in enumerate(self.labels_.tolist())}
        if given.shape != (n,):
            raise DataError(
                f"{type(self).__name__}: previous must be one tier for each of {n:,} customers, "
                f"got shape {given.shape}."
            )
        missing = pd.isna(given) | np.array([str(name) == "" for name in given], dtype=bool)
        wrong = sorted({str(name) for name in given[~missing]} - set(known))
        if wrong:
            raise DataError(
                f"{type(self).__name__}: previous holds tiers that do not exist, such as "
                f"{wrong[0]!r}. Tiers: {list(known)}."
            )
        places = [
            -1 if gone else known[str(name)] for name, gone in zip(given, missing, strict=True)
        ]
        return np.array(places, dtype=np.int64)

    def _name_tiers(self, n_tiers: int, owner: str) -> None:
        texts = self.interventions
        if texts is None:
            texts = INTERVENTIONS if n_tiers == len(INTERVENTIONS) else ("",) * n_tiers
        for name, words in (("labels", self.labels), ("interventions", texts)):
            right = not isinstance(words, str) and all(isinstance(word, str) for word in words)
            if not right or len(words) != n_tiers:
                raise DataError(
                    f"{owner}: {name} must be {n_tiers} texts, one more than there are edges, "
                    f"lowest risk first, got {words!r}."
                )
        if len(set(self.labels)) < n_tiers or "" in self.labels:
            raise DataError(f"{owner}: labels must differ and not be empty, got {self.labels!r}.")
        self.labels_: Names = np.array(list(self.labels))
        self.interventions_: Names = np.array(list(texts))


def checked_edges(edges: Any, owner: str) -> Floats:
    """Rising numbers between 0 and 1."""
    try:
        array = np.asarray(edges, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    inside = array.ndim == 1 and len(array) > 0 and ((array > 0) & (array < 1)).all()
    if not inside or not (np.diff(array) > 0).all():
        raise DataError(
            f"{owner}: edges must be rising numbers above 0 and below 1, got {edges!r}. Two edges "
            "make three tiers, such as (0.3, 0.6)."
        )
    return array


def quantiles(risk: Floats, shares: Floats) -> Floats:
    """Rising edges below which each share of the customers lies, as near as ties allow.

    An edge is the observed probability above it. Where several fall between two neighbouring
    probabilities they are spread evenly between them, so that the tiers between are empty.
    """
    known, n = np.unique(risk, return_counts=True)
    low, high = np.append(0.0, known), np.append(known, 1.0)  # an edge may lie in each gap
    below = np.append(0, np.cumsum(n)) / len(risk)
    open_gaps = np.flatnonzero(high > low)
    off = np.round(np.abs(below[open_gaps] - shares[:, None]), 12)
    gap = open_gaps[off.argmin(axis=1)]
    edges = np.empty(len(shares))
    for each in np.unique(gap):
        here = np.flatnonzero(gap == each)
        top = len(here) + (each == len(known))  # nobody lies at the end of the last gap
        edges[here] = low[each] + (high[each] - low[each]) * np.arange(1, len(here) + 1) / top
        if each < len(known):
            edges[here[-1]] = high[each]
    return edges


def tier_of(risk: Floats, edges: Floats) -> Ints:
    """Number of the tier of each probability; one equal to an edge goes up."""
    return np.asarray(np.searchsorted(edges, risk, side="right"), dtype=np.int64)


def held(risk: Floats, edges: Floats, margin: float, before: Ints) -> Ints:
    """Tier of each probability, drawn to the tier before: an edge counts when passed by a margin.

    Above every edge by the margin lies tier `low`, above it less the margin tier `high`; a
    customer between the two stays.
    """
    low, high = tier_of(risk, edges + margin), tier_of(risk, edges - margin)
    return np.where(before < 0, tier_of(risk, edges), np.clip(before, low, high))


def means(values: Floats, tiers: Ints, n: Ints) -> Floats:
    """Mean of each tier, NaN where it is empty."""
    sums = np.bincount(tiers, weights=values, minlength=len(n))
    found: Floats = np.divide(sums, n, out=np.full(len(n), np.nan), where=n > 0)
    return found
