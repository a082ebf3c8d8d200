"""Value tiers: ordinary, silver, gold and diamond customers, with edges that stay.

With edges e_1 <= e_2 <= ..., tier k holds the values v with e_k <= v < e_(k+1). Edges are learnt
once and frozen. Where the tier before is known, a customer leaves it only when the value has
passed its edge by a margin, as a thermostat does (hysteresis): up at e (1 + margin), down below
e (1 - margin).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import Floats, check_choice, check_real
from crmkit.base import CustomerModel, check_is_fitted
from crmkit.exceptions import DataError
from crmkit.segment._by_id import id_name, places_of, words_by_id
from crmkit.segment._schemes import LANGUAGES
from crmkit.segment._value_edges import (
    Ints,
    checked_amounts,
    checked_shares,
    customer_edges,
    held_tier,
    revenue_edges,
    shares_of,
    sums_by,
    tier_of,
)

if TYPE_CHECKING:
    import pandas as pd

Names = npt.NDArray[np.str_]

LABELS = {
    "en": ("ordinary", "silver", "gold", "diamond"),
    "zh": ("普通客户", "银卡客户", "金卡客户", "钻石客户"),
}
EDGES = {"quantile": (0.5, 0.8, 0.95), "revenue_share": (0.2, 0.5, 0.8), "thresholds": None}


class ValueTiers(CustomerModel):
    """Sort customers into tiers of value: customers in, one tier per customer out.

    Use it where people act on words: loyalty programmes, service levels, reports. Do not use it
    where the number itself can be used. A sum over the whole life, such as `total_amount`, can
    only grow: where customers shall be able to fall take a predicted lifetime value, or summarize
    a log of the events of the last twelve months alone.

    Parameters
    ----------
    labels : sequence of str, default=None
        Names of the tiers, lowest first, one more than there are edges; None takes ordinary,
        silver, gold and diamond in `language`.
    by : {"quantile", "revenue_share", "thresholds"}, default="quantile"
        What `edges` are.

        * "quantile": shares of the customers of `fit` that lie below each edge, met as nearly as
          edges at observed values can: where many share the highest value they are all in the
          best tier, so that it is never empty.
        * "revenue_share": shares of the revenue that lie below each edge. With 0.8 as the last
          edge the best tier holds the fewest customers who together make the first 20 %.
        * "thresholds": amounts, in the unit of `value`.
    edges : sequence of float, default=None
        Lower ends of the second, third, ... tier, rising. None takes (0.5, 0.8, 0.95) of the
        customers or (0.2, 0.5, 0.8) of the revenue; amounts must be given.
    value : str, default="total_amount"
        Column of the value, in any unit; it may hold a predicted one. Who has 0 or less is in the
        lowest tier whatever the edges, and adds nothing to the revenue that is shared.
    margin : float, default=0.1
        Part of an edge, from 0 to below 1, by which the value must pass it before a customer
        changes tier, where the tier before is known (see `predict`).
    language : {"en", "zh"}, default="en"
        Language of the default labels.

    Attributes
    ----------
    segments_ : ndarray of str
        Names of the tiers, best to worst.
    edges_ : ndarray of shape (n_tiers - 1,)
        Lower ends of the second lowest, third lowest, ... tier, in the unit of `value`. Where two
        are equal the tier between them is empty.
    sizes_ : ndarray of int, shape (n_tiers,)
        Customers of `fit` in each tier, best to worst.
    amounts_ : ndarray of shape (n_tiers,)
        Sum of `value` over them.
    n_features_in_ : int
        Number of columns: 1.
    feature_names_in_ : ndarray of str
        Name of the column, when `fit` saw a frame.

    See Also
    --------
    CoreCustomers : Frequency, amount and repurchase together, in two groups.
    segment_summary : How the tiers behave.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.segment import ValueTiers
    >>> customers = pd.DataFrame(
    ...     {"customer_id": list("abcde"), "total_amount": [700.0, 150.0, 100.0, 50.0, 0.0]}
    ... )
    >>> tiers = ValueTiers(("low", "high"), by="revenue_share", edges=[0.3]).fit(customers)
    >>> before = tiers.predict_frame(customers)
    >>> before["tier"].tolist()
    ['high', 'low', 'low', 'low', 'low']
    >>> later = customers.assign(total_amount=[690.0, 780.0, 700.0, 50.0, 0.0])
    >>> tiers.predict_frame(later, previous=before)["tier"].tolist()  # 690 and 700 are near 700
    ['high', 'high', 'low', 'low', 'low']
    """

    def __init__(
        self,
        labels: Sequence[str] | None = None,
        by: str = "quantile",
        edges: Sequence[float] | None = None,
        value: str = "total_amount",
        margin: float = 0.1,
        language: str = "en",
    ) -> None:
        self.labels = labels
        self.by = by
        self.edges = edges
        self.value = value
        self.margin = margin
        self.language = language

    def fit(self, X: Any, y: None = None) -> Self:
        """Freeze the edges: customers in, the fitted tiers out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers frame with the column `value`, or an array of just this column. Finite
            numbers.
        y : None
            Ignored.

        Returns
        -------
        ValueTiers
            The fitted tiers themselves.

        Raises
        ------
        DataError
            If a parameter is not allowed, the column is missing or holds no finite numbers, or
            shares are asked for and nobody has a value above 0.
        """
        owner = type(self).__name__
        check_choice(self.by, "by", EDGES, owner)
        check_choice(self.language, "language", LANGUAGES, owner)
        check_real(self.margin, "margin", owner, low=0.0)
        if self.margin >= 1:
            raise DataError(f"{owner}: margin must be below 1, got {self.margin!r}.")
        edges = self._checked_edges(owner)
        labels = self._checked_labels(len(edges) + 1, owner)
        x = self._validated(X, reset=True)[:, 0]
        if self.by != "thresholds":
            edges = (customer_edges if self.by == "quantile" else revenue_edges)(x, edges, owner)
        self.edges_: Floats = edges
        self.segments_: Names = np.array(labels[::-1])
        self.sizes_, self.amounts_ = self._counted(x)
        return self

    def predict(self, X: Any, previous: Any = None) -> Names:
        """Tier of each customer: customers in, an array of names (n_customers,) out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers as in `fit`. A value equal to an edge, but for rounding, is above it.
        previous : array-like of shape (n_customers,), default=None
            Tier of each customer at the last scoring, in row order, to be kept unless the value
            has passed an edge by `margin`; None or an empty text for a customer who is new.

        Returns
        -------
        ndarray of str, shape (n_customers,)
            One of `segments_` for each customer, in row order.

        Raises
        ------
        DataError
            If the column is missing or holds no finite numbers, or `previous` has another length
            or names no tier.
        """
        places = self._positions(X, previous)
        names: Names = self.segments_[places]
        return names

    def fit_predict(self, X: Any, y: None = None) -> Names:
        """Freeze the edges and sort the same customers: ``fit(X).predict(X)``.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers as in `fit`.
        y : None
            Ignored.

        Returns
        -------
        ndarray of str, shape (n_customers,)
            One of `segments_` for each customer, in row order.
        """
        X = _frames.to_eager(X)
        return self.fit(X).predict(X)

    def predict_frame(
        self, customers: Any, customer: str | None = None, *, previous: Any = None
    ) -> Any:
        """Tier of each customer with ids: customers in, a frame of id and tier out.

        Parameters
        ----------
        customers : dataframe
            Customers frame with the id and the column `value`.
        customer : str, optional
            Column of the customer id; the first column by default.
        previous : dataframe or array-like, default=None
            Tiers of the last scoring: what this method gave then, joined by id (who is not in it
            is new), or an array in the row order of `customers`.

        Returns
        -------
        dataframe
            In the library of `customers` and in its row order: the id and `tier`.

        Raises
        ------
        DataError
            If `customers` is no frame, a column is missing or holds no finite numbers, the id is
            called "tier", or `previous` names no tier, has another length or an id twice.
        """
        check_is_fitted(self)
        owner = type(self).__name__

        def columns(table: Any) -> dict[str, Names]:
            before = previous
            if _frames.is_frame(previous):
                name = id_name(table, customer, owner)
                ids = _frames.id_column(table, name, owner)
                before = words_by_id(previous, ids, name, ("tier",), "previous", owner)
            return {"tier": self.predict(table, before)}

        return self._beside_ids(customers, customer, columns)

    def describe(self, customers: Any = None) -> "pd.DataFrame":
        """Size and revenue of each tier: customers or nothing in, one row per tier out.

        Parameters
        ----------
        customers : dataframe, default=None
            Customers to be told under the frozen edges; None tells those of `fit`.

        Returns
        -------
        pandas.DataFrame
            Best tier first: `tier`, `from_value` (its lower end, minus infinity for the lowest),
            `below_value` (its upper end), `n_customers`, `share_of_customers` (0 to 1), `revenue`
            (sum of `value`) and `share_of_revenue` (of all; NaN where the sum is not above 0).
        """
        import pandas as pd  # tiers do without it

        check_is_fitted(self)
        sizes, amounts = self.sizes_, self.amounts_
        if customers is not None:
            sizes, amounts = self._counted(self._validated(customers, reset=False)[:, 0])
        return pd.DataFrame(
            {
                "tier": self.segments_,
                "from_value": np.append(-np.inf, self.edges_)[::-1],
                "below_value": np.append(self.edges_, np.inf)[::-1],
                "n_customers": sizes,
                "share_of_customers": sizes / sizes.sum(),
                "revenue": amounts,
                "share_of_revenue": shares_of(amounts),
            }
        )

    def _column_names(self) -> tuple[str, ...]:
        return (self.value,)

    def _domain(self, x: Floats) -> Floats:
        if x.shape[1] != 1:
            raise DataError(
                f"{type(self).__name__}: an array must hold the value as its only column, got "
                f"{x.shape[1]}. Pass this one, or a frame with {self.value!r}."
            )
        return x

    def _positions(self, X: Any, previous: Any = None) -> Ints:
        """Position in `segments_` of the tier of each customer."""
        check_is_fitted(self)
        x = self._validated(X, reset=False)[:, 0]
        best = len(self.edges_)
        if previous is None:
            return best - tier_of(x, self.edges_)
        names = self.segments_[::-1].tolist()
        before = places_of(previous, names, len(x), "previous", type(self).__name__)
        return best - held_tier(x, self.edges_, self.margin, before)

    def _counted(self, x: Floats) -> tuple[Ints, Floats]:
        """Customers and sum of values of each tier, best to worst."""
        n = len(self.edges_) + 1
        places = n - 1 - tier_of(x, self.edges_)
        return np.bincount(places, minlength=n), sums_by(x, places, n)

    def _checked_edges(self, owner: str) -> Floats:
        if self.by == "thresholds":
            return checked_amounts(self.edges, owner)
        return checked_shares(EDGES[self.by] if self.edges is None else self.edges, owner)

    def _checked_labels(self, n_tiers: int, owner: str) -> list[str]:
        """Names of the tiers, lowest first."""
        labels = LABELS[self.language] if self.labels is None else self.labels
        ordered = isinstance(labels, (list, tuple, np.ndarray))
        words = ordered and all(isinstance(word, str) for word in labels)
        if not words or len(labels) != n_tiers:
            raise DataError(
                f"{owner}: labels must be a list of {n_tiers} texts, one more than there are "
                f"edges, lowest tier first, got {labels!r}."
            )
        if len(set(labels)) < n_tiers or "" in labels:
            raise DataError(f"{owner}: labels must differ and not be empty, got {labels!r}.")
        return list(labels)
