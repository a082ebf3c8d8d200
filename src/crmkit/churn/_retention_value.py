"""What it earns to treat a customer who may leave.

A contact costs f and carries an offer that costs d if it is taken up. A customer who would leave
(probability p) takes it up and stays with probability g (acceptance), which saves the value v; one
who would have stayed anyway takes it up and gives nothing for it:

    expected profit = p (g (v - d) - f) - (1 - p) (d + f),
    break-even p    = (d + f) / (g (v - d) + d).

Neslin, Gupta, Kamakura, Lu and Mason (2006), Journal of Marketing Research 43, 204-211;
Verbraken, Verbeke and Baesens (2013), IEEE Transactions on Knowledge and Data Engineering 25,
961-973.
"""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from crmkit import _frames
from crmkit._validation import Floats, check_choice, check_real
from crmkit.churn._binary import PROBABILITY
from crmkit.churn._columns import id_name, per_customer, probabilities
from crmkit.exceptions import DataError
from crmkit.metrics._profit import profit_of_contact

COLUMNS = (
    "value_at_risk",
    "expected_profit",
    "break_even_probability",
    "cost",
    "treat",
)
_ROUNDING = 1e-11


class RetentionValue(BaseEstimator):
    """Decide whom to treat by profit: customers in, profit and decision per customer out.

    Use it after a calibrated churn model and a lifetime value. It rests on an assumed acceptance;
    once an experiment has measured how much contact lowers churn, the measured effect takes its
    place (see Notes). Customers are never treated at a loss, and never for an offer that costs as
    much as they are worth.

    Parameters
    ----------
    offer_cost : float, str or array-like, default=10.0
        Cost of the offer where it is taken up, in currency: one number, a column, or a number per
        customer.
    contact_cost : float, str or array-like, default=1.0
        Cost of the contact, in currency, as `offer_cost`.
    acceptance : float, str or array-like, default=0.3
        Probability that a customer who would leave takes the offer and stays, as `offer_cost`.

    See Also
    --------
    RiskTiers : Words for the risk alone.

    Notes
    -----
    Three numbers that are often taken for one another:

    * `value_at_risk`, p v: for a report. It says nothing about what can be done.
    * `expected_profit`: assumes that `acceptance` is right and alike for all, or as told.
    * measured uplift: after an experiment with a control group, u is the fall of the probability
      of churn by contact. Pass ``acceptance=u / p`` (from 0 to 1, one number a customer):
      p g is then u, and the expected profit u (v - d) - p f - (1 - p) (d + f).

    References
    ----------
    .. [1] Neslin, S. A., Gupta, S., Kamakura, W., Lu, J. and Mason, C. H. (2006). Defection
       detection. Journal of Marketing Research 43, 204-211.
    .. [2] Verbraken, T., Verbeke, W. and Baesens, B. (2013). A novel profit maximizing metric for
       measuring classification performance of customer churn prediction models. IEEE Transactions
       on Knowledge and Data Engineering 25, 961-973.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.churn import RetentionValue
    >>> customers = pd.DataFrame({
    ...     "customer_id": ["a", "b", "c"], "probability_churn": [0.3, 0.2, 0.9],
    ...     "clv": [150.0, 150.0, 15.0],
    ... })
    >>> value = RetentionValue(offer_cost=15.0, contact_cost=2.0, acceptance=0.4)
    >>> got = value.predict_frame(customers)
    >>> got[["customer_id", "expected_profit", "break_even_probability", "treat"]].round(3)
      customer_id  expected_profit  break_even_probability  treat
    0           a              3.7                   0.246   True
    1           b             -3.2                   0.246  False
    2           c             -3.5                     inf  False
    """

    def __init__(
        self,
        offer_cost: Any = 10.0,
        contact_cost: Any = 1.0,
        acceptance: Any = 0.3,
    ) -> None:
        self.offer_cost = offer_cost
        self.contact_cost = contact_cost
        self.acceptance = acceptance

    def expected_profit(self, p: npt.ArrayLike, clv: npt.ArrayLike) -> Floats:
        """Profit expected of contact: probabilities and values in, one amount per customer out.

        Parameters
        ----------
        p : array-like of shape (n_customers,) or (n_customers, 2)
            Calibrated probabilities of churn, or what `predict_proba` gives.
        clv : array-like of shape (n_customers,)
            What each customer is worth if kept, in currency.

        Returns
        -------
        ndarray of shape (n_customers,)
            Expected profit of contacting each customer, in currency; negative at a loss.
        """
        risk = probabilities(p, type(self).__name__)
        profit: Floats = self._columns(None, risk, clv, len(risk))["expected_profit"]
        return profit

    def predict_frame(
        self,
        customers: Any,
        probability: Any = PROBABILITY,
        clv: Any = "clv",
        customer: str | None = None,
    ) -> Any:
        """Profit and decision with ids: customers in, a frame of one row per customer out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id, and the columns that are named here and in the parameters.
        probability : str or array-like, default="probability_churn"
            Column with calibrated probabilities of churn, or the numbers in row order.
        clv : str or array-like, default="clv"
            Column with the value of each customer, in currency, or the numbers in row order.
        customer : str, default=None
            Name of the id column; None takes the first column.

        Returns
        -------
        dataframe
            In the library and the row order of `customers`: the id, `value_at_risk`,
            `expected_profit`, `break_even_probability` (infinite where no probability is high
            enough), `cost` (offer and contact, currency) and `treat`.

        Raises
        ------
        DataError
            If a column is missing, a value is NaN, a probability or acceptance is outside 0 to 1,
            or a cost is negative.
        """
        table, add, keep = self._decided(customers, probability, clv, customer)
        beside = _frames.attach(table, keep=keep, add=add, owner=type(self).__name__)
        return _frames.hand_back(beside, like=customers)

    def rank(
        self,
        customers: Any,
        budget: float | None = None,
        probability: Any = PROBABILITY,
        clv: Any = "clv",
        customer: str | None = None,
        *,
        cost: Literal["full", "expected"] = "full",
    ) -> Any:
        """Order customers by profit under a budget: customers in, the same customers ordered out.

        Those who earn most per unit of cost come first, and each who still fits the budget is
        treated. The budget is a ceiling: nobody is treated at a loss to use it up.

        Parameters
        ----------
        customers : dataframe
            As in `predict_frame`.
        budget : float, default=None
            Most that may be spent, in currency; None sets no ceiling.
        probability : str or array-like, default="probability_churn"
            As in `predict_frame`.
        clv : str or array-like, default="clv"
            As in `predict_frame`.
        customer : str, default=None
            Name of the id column; None takes the first column.
        cost : {"full", "expected"}, default="full"
            What a customer counts against the budget: "full" is offer and contact, so that the
            budget holds even if all take the offer; "expected" is what they take on average,
            f + d (p g + 1 - p), so that it holds on average.

        Returns
        -------
        dataframe
            The columns of `predict_frame` with `cost` as chosen, best first, `rank` from 1, and
            `total_cost`: the sum of the costs of the treated so far.

        Raises
        ------
        DataError
            As `predict_frame`, or if `budget` or `cost` is not allowed.
        """
        owner = type(self).__name__
        check_choice(cost, "cost", ["full", "expected"], owner)
        if budget is not None:
            check_real(budget, "budget", owner, low=0.0)
        table, add, keep = self._decided(customers, probability, clv, customer, cost)
        order = by_return(add["expected_profit"], add["cost"])
        add = {name: values[order] for name, values in add.items()}
        if budget is not None:
            add["treat"] = affordable(add["cost"], add["treat"], float(budget))
        add["total_cost"] = np.cumsum(np.where(add["treat"], add["cost"], 0.0))
        add = {"rank": np.arange(1, len(order) + 1), **add}
        if keep[0] in add:
            raise DataError(
                f"{owner}: column {keep[0]!r} is called like a new column ({', '.join(add)}). "
                "Rename it first."
            )
        columns = {keep[0]: _frames.column_values(table, keep[0], owner)[order], **add}
        ranked = _frames.new_frame(columns, like=table, owner=owner)
        return _frames.hand_back(ranked, like=customers)

    def _decided(
        self,
        customers: Any,
        probability: Any,
        clv: Any,
        customer: str | None,
        cost: str = "full",
    ) -> tuple[Any, dict[str, npt.NDArray[Any]], list[str]]:
        owner = type(self).__name__
        table = _frames.to_eager(customers)
        keep = id_name(table, customer, owner)
        n = len(_frames.column_values(table, keep, owner))
        return table, self._columns(table, probability, clv, n, cost), [keep]

    def _columns(
        self, table: Any, probability: Any, clv: Any, n: int, cost: str = "full"
    ) -> dict[str, npt.NDArray[Any]]:
        owner = type(self).__name__
        most = np.inf
        p = per_customer(probability, table, n, "p", owner, low=0.0, high=1.0)
        value = per_customer(clv, table, n, "clv", owner, low=-most, high=most)
        d = per_customer(self.offer_cost, table, n, "offer_cost", owner, low=0.0, high=most)
        f = per_customer(self.contact_cost, table, n, "contact_cost", owner, low=0.0, high=most)
        g = per_customer(self.acceptance, table, n, "acceptance", owner, low=0.0, high=1.0)
        profit = profit_of_contact(p, value, d, f, g)
        counted = d + f if cost == "full" else f + d * (p * g + 1.0 - p)
        treat = (profit > 0) & (value > d)
        columns = (p * value, profit, break_even(value, d, f, g), counted, treat)
        return dict(zip(COLUMNS, columns, strict=True))


def break_even(v: Floats, d: Floats, f: Floats, g: Floats) -> Floats:
    """Probability from which contact earns; infinite where even certain churn does not."""
    rise = g * (v - d) + d
    earns = (v > d) & (g * (v - d) >= f) & (rise > 0)
    needed: Floats = np.divide(d + f, rise, out=np.full(len(v), np.inf), where=earns)
    return needed


def by_return(profit: Floats, cost: Floats) -> npt.NDArray[np.intp]:
    """Order of the rows by profit per cost, then by profit; what is free and earns comes first."""
    rate = np.full(len(profit), np.inf)
    np.divide(profit, cost, out=rate, where=cost > 0)
    rate[(cost == 0) & (profit <= 0)] = profit[(cost == 0) & (profit <= 0)]
    return np.lexsort((-profit, -rate))


def affordable(cost: Floats, treat: npt.NDArray[np.bool_], budget: float) -> npt.NDArray[np.bool_]:
    """Whom a budget reaches: each in turn who should be treated and still fits.

    A part in 1e11 over it is the rounding of sums, three times 11.1 being more than 33.3.
    """
    reached = np.zeros(len(cost), dtype=bool)
    spent, most = 0.0, budget * (1.0 + _ROUNDING)
    for row in np.flatnonzero(treat):
        if spent + cost[row] <= most:
            reached[row] = True
            spent += cost[row]
    return reached
