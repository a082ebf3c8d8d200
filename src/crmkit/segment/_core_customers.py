"""Core customers: those who buy often, much, and again, by one index of three ranks.

index = (rank of orders x rank of amount x rank of repurchase rate)^(1/3), see `_core_index` for
the ranks and the rate, which is drawn to that of the base as in Gelman et al. (2013), Bayesian
Data Analysis, 3rd edition, CRC Press, section 2.6.
"""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames
from crmkit._units import unit_of
from crmkit._validation import Floats, check_choice, check_real, check_share
from crmkit.base import CustomerModel
from crmkit.exceptions import DataError
from crmkit.segment._core_index import (
    Ints,
    base_rate,
    geometric_mean,
    learnt_ranks,
    ranks,
    reasons,
    repurchase_rate,
)
from crmkit.segment._rounding import below
from crmkit.segment._value_edges import customer_edges, revenue_edges, shares_of, sums_by

if TYPE_CHECKING:
    import pandas as pd

Names = npt.NDArray[np.str_]

BY = {"customers": customer_edges, "index": revenue_edges}


class CoreCustomers(CustomerModel):
    """Tell core customers from others: customers in, "core" or "other" for each out.

    Use it where service, budget or a programme is for the customers who carry the shop, and a
    single large order shall not make one of them. Do not use it to foretell: it describes what
    was, and the lifetime value models answer what will be.

    Who never bought again or brought nothing is not core, whatever the index.

    Parameters
    ----------
    share : float, default=0.2
        How much is core, between 0 and 1; see `by`.
    by : {"customers", "index"}, default="customers"
        What `share` is of: "customers" makes this share of them core, as nearly as equal indices
        allow; "index" the fewest who hold this share of the sum of all indices.
    orders : str, default="n_orders"
        Column of the number of orders.
    amount : str, default="total_amount"
        Column of the amount, in any unit; it may hold a predicted value.
    prior : float, default=1.0
        Weight of the base in a customer's repurchase rate, in purchases, above 0: how many repeat
        purchases of evidence the rate of the base counts for.

    Attributes
    ----------
    segments_ : ndarray of str
        "core" and "other".
    threshold_ : float
        Smallest index of a core customer.
    unit_ : str or None
        Unit of `T` at `fit`: "h", "D", "W" or "M"; None where the customers do not tell.
    base_rate_ : float
        Repeat purchases of all customers by unit of their `T`.
    known_ : list of ndarray
        Distinct orders, amounts and repurchase rates of the customers of `fit`, rising: what
        ranks are read from.
    reached_ : list of ndarray of int
        Customers of `fit` who have at most each of them.
    sizes_ : ndarray of int, shape (2,)
        Customers of `fit` who are core, and others.
    amounts_ : ndarray of shape (2,)
        Sum of `amount` over them.
    n_features_in_ : int
        Number of columns: 4.
    feature_names_in_ : ndarray of str
        Names of the four columns, when `fit` saw a frame.

    See Also
    --------
    target_groups : Core customers, those who may become so, and those to leave out.
    ValueTiers : Tiers of the amount alone.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.segment import CoreCustomers
    >>> customers = pd.DataFrame({
    ...     "customer_id": list("abcde"),
    ...     "n_orders": [9, 1, 4, 2, 2],
    ...     "total_amount": [700.0, 900.0, 300.0, 60.0, 50.0],
    ...     "frequency": [8, 0, 3, 1, 1],
    ...     "T": [300.0, 300.0, 100.0, 300.0, 200.0],
    ... })
    >>> core = CoreCustomers(share=0.4).fit(customers)
    >>> core.predict_frame(customers)[["customer_id", "core_index", "segment"]].round(2)
      customer_id  core_index segment
    0           a        0.77    core
    1           b        0.28   other
    2           c        0.61    core
    3           d        0.36   other
    4           e        0.33   other
    """

    def __init__(
        self,
        share: float = 0.2,
        by: str = "customers",
        orders: str = "n_orders",
        amount: str = "total_amount",
        prior: float = 1.0,
    ) -> None:
        self.share = share
        self.by = by
        self.orders = orders
        self.amount = amount
        self.prior = prior

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn ranks and the threshold: customers in, the fitted model out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers frame with the columns `orders`, `amount`, "frequency" (repeat purchases)
            and "T" (age), or an array of just these four in this order. Finite numbers.
        y : None
            Ignored.

        Returns
        -------
        CoreCustomers
            The fitted model itself.

        Raises
        ------
        DataError
            If a parameter is not allowed, a column is missing, holds no finite numbers or negative
            counts or ages, or nobody bought again.
        """
        owner = type(self).__name__
        check_share(self.share, "share", owner)
        check_choice(self.by, "by", BY, owner)
        check_real(self.prior, "prior", owner, low=0.0, open_low=True)
        x = self._validated(X, reset=True)
        if not (fault_of(x) == 0).any():
            raise DataError(
                f"{owner}: none of {len(x):,} customers bought again and brought more than 0: "
                "there are no core customers yet. Wait, or use ValueTiers."
            )
        self.unit_: str | None = unit_of(X)
        self.base_rate_ = base_rate(x[:, 2], x[:, 3])
        learnt = [learnt_ranks(column) for column in self._three(x).T]
        self.known_: list[Floats] = [known for known, _ in learnt]
        self.reached_: list[Ints] = [reached for _, reached in learnt]
        index = np.where(fault_of(x) == 0, geometric_mean(self._ranks(x)), 0.0)
        self.threshold_ = float(BY[self.by](index, np.array([1.0 - self.share]), owner)[0])
        self.segments_: Names = np.array(["core", "other"])
        self.sizes_, self.amounts_ = self._counted(x)
        return self

    def predict(self, X: Any) -> Names:
        """Tell who is core: customers in, an array of "core" or "other" (n_customers,) out.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers as in `fit`, ranked among those of `fit`.

        Returns
        -------
        ndarray of str, shape (n_customers,)
            "core" or "other" for each customer, in row order.

        Raises
        ------
        DataError
            If a column is missing or holds no finite numbers, or negative counts or ages.
        """
        places = self._positions(X)
        names: Names = self.segments_[places]
        return names

    def fit_predict(self, X: Any, y: None = None) -> Names:
        """Learn and tell of the same customers: ``fit(X).predict(X)``.

        Parameters
        ----------
        X : {dataframe, array-like} of shape (n_customers, n_columns)
            Customers as in `fit`.
        y : None
            Ignored.

        Returns
        -------
        ndarray of str, shape (n_customers,)
            "core" or "other" for each customer, in row order.
        """
        X = _frames.to_eager(X)
        return self.fit(X).predict(X)

    def predict_frame(self, customers: Any, customer: str | None = None) -> Any:
        """Tell who is core and why, with ids: customers in, a frame of all parts out.

        Parameters
        ----------
        customers : dataframe
            Customers frame with the id and the four columns.
        customer : str, optional
            Column of the customer id; the first column by default.

        Returns
        -------
        dataframe
            In the library of `customers` and in its row order: the id, `repurchase_rate` (repeat
            purchases by unit of `T`, drawn to the base), `frequency_rank`, `amount_rank`,
            `repurchase_rank` (0 to 1, among the customers of `fit`), `core_index` (their geometric
            mean), `segment` ("core" or "other") and `reason`.

        Raises
        ------
        DataError
            If `customers` is no frame, a column is missing or holds no finite numbers, or the id
            is called like one of the new columns.
        """
        check_is_fitted(self)

        def columns(table: Any) -> dict[str, npt.NDArray[Any]]:
            x = self._validated(table, reset=False)
            parts = self._ranks(x)
            core = self._is_core(x)
            return {
                "repurchase_rate": self._three(x)[:, 2],
                "frequency_rank": parts[:, 0],
                "amount_rank": parts[:, 1],
                "repurchase_rank": parts[:, 2],
                "core_index": geometric_mean(parts),
                "segment": self.segments_[np.where(core, 0, 1)],
                "reason": reasons(parts, core, fault_of(x)),
            }

        return self._beside_ids(customers, customer, columns)

    def describe(self, customers: Any = None) -> "pd.DataFrame":
        """Size and amount of both groups: customers or nothing in, one row per group out.

        Parameters
        ----------
        customers : dataframe, default=None
            Customers to be told under the frozen ranks; None tells those of `fit`.

        Returns
        -------
        pandas.DataFrame
            `segment`, `n_customers`, `share_of_customers` (0 to 1), `revenue` (sum of `amount`)
            and `share_of_revenue` (of all; NaN where the sum is not above 0).
        """
        import pandas as pd  # the model does without it

        check_is_fitted(self)
        sizes, amounts = self.sizes_, self.amounts_
        if customers is not None:
            sizes, amounts = self._counted(self._validated(customers, reset=False))
        return pd.DataFrame(
            {
                "segment": self.segments_,
                "n_customers": sizes,
                "share_of_customers": sizes / sizes.sum(),
                "revenue": amounts,
                "share_of_revenue": shares_of(amounts),
            }
        )

    def _column_names(self) -> tuple[str, ...]:
        return self.orders, self.amount, "frequency", "T"

    def _domain(self, x: Floats) -> Floats:
        names, owner = self._column_names(), type(self).__name__
        if x.shape[1] != len(names):
            raise DataError(
                f"{owner}: an array must hold 4 columns in the order {', '.join(names)}, got "
                f"{x.shape[1]}. Pass these four, or a frame."
            )
        bad = [j for j in (0, 2, 3) if (x[:, j] < 0).any()]
        if bad:
            faults = [f"{names[j]!r} at row {int((x[:, j] < 0).argmax()):,}" for j in bad]
            raise DataError(
                f"{owner}: counts and ages must not be negative, got {', '.join(faults)}. Make the "
                "columns with crmkit.summarize."
            )
        return x

    def _three(self, x: Floats) -> Floats:
        """Orders, amount and repurchase rate of each customer."""
        rate = repurchase_rate(x[:, 2], x[:, 3], self.base_rate_, float(self.prior))
        return np.column_stack([x[:, 0], x[:, 1], rate])

    def _ranks(self, x: Floats) -> Floats:
        learnt = zip(self._three(x).T, self.known_, self.reached_, strict=True)
        return np.column_stack([ranks(*each) for each in learnt])

    def _is_core(self, x: Floats) -> npt.NDArray[np.bool_]:
        enough = geometric_mean(self._ranks(x)) >= below(np.asarray(self.threshold_))
        return np.asarray(enough & (fault_of(x) == 0), dtype=bool)

    def _positions(self, X: Any) -> Ints:
        """Position in `segments_` of each customer: 0 for core, 1 for others."""
        check_is_fitted(self)
        return np.where(self._is_core(self._validated(X, reset=False)), 0, 1)

    def _counted(self, x: Floats) -> tuple[Ints, Floats]:
        """Customers and sum of amounts, core and others."""
        places = np.where(self._is_core(x), 0, 1)
        return np.bincount(places, minlength=2), sums_by(x[:, 1], places, 2)


def fault_of(x: Floats) -> Ints:
    """Why nobody may be core: 1 never bought again, 2 brought nothing, 0 no fault."""
    return np.where(x[:, 2] <= 0, 1, np.where(x[:, 1] <= 0, 2, 0))
