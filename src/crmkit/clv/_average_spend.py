"""Own average: what a customer spent per repeat purchase so far, taken as it stands.

The simplest forecast of spend, and the one that Gamma-Gamma has to be better than: nothing is
shrunk towards other customers. Who has no repeat purchase gets the mean of those who have.
"""

from typing import Any, Self

import numpy as np

from crmkit._validation import Floats
from crmkit.base import check_is_fitted
from crmkit.clv._likelihood_model import TooFewRepeatsError
from crmkit.clv._spend_model import SpendModel


class AverageSpendModel(SpendModel):
    """Own average of spend: customers in, expected spend per purchase period out.

    Take it where most customers have many purchases, so that an average is no luck, or where spend
    and frequency go together, which `GammaGammaModel` takes them not to do; and as the baseline
    beside any model of spend. A customer with one repeat purchase is expected to spend just that
    again: after few purchases, `GammaGammaModel` is the better guess. It knows of no spread, so its
    intervals have no width.

    Attributes
    ----------
    mean_ : float
        Mean over the repeat buyers of their own averages: what one-time buyers are expected to
        spend, in the currency of `monetary_value`.
    n_features_in_ : int
        Two.
    feature_names_in_ : ndarray of str
        `frequency` and `monetary_value`, where the customers came as a frame.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame(
    ...     {"customer_id": list("abc"), "frequency": [3, 1, 0], "monetary_value": [20.0, 50.0, 0]}
    ... )
    >>> AverageSpendModel().fit(customers).predict(customers)
    array([20., 50., 35.])
    """

    mean_: float

    def fit(self, X: Any, y: None = None) -> Self:
        """Find the mean of the repeat buyers: customers in, the fitted model out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers with `frequency` (repeat purchase periods) and `monetary_value` (mean spend
            of a repeat period, in any currency); as an array, in this order.
        y : None
            Ignored.

        Returns
        -------
        Self
            The model, with the attributes that end in "_".

        Raises
        ------
        DataError
            If columns are missing or hold impossible values, or nobody bought again.
        """
        x = self._validated(X, reset=True)
        repeat = x[:, 0] > 0
        if not repeat.any():
            raise TooFewRepeatsError(
                f"AverageSpendModel: none of the {len(x):,} customers bought again, so there is no "
                "repeat spend to learn from. Take a longer log."
            )
        self.mean_ = float(paid(x)[repeat].mean())
        return self

    def predict(self, X: Any) -> Floats:
        """Expected spend per purchase period: customers in, one amount per customer out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers as in `fit`; one-time buyers get the mean of the repeat buyers, and a mean
            spend below zero (refunds above purchases) is read as zero.

        Returns
        -------
        ndarray of shape (n_customers,)
            Amounts, in the currency of `monetary_value`.
        """
        check_is_fitted(self)
        return self._expected(self._validated(X, reset=False))

    def _expected(self, rows: Floats) -> Floats:
        return np.where(rows[:, 0] > 0, paid(rows), self.mean_)


def paid(x: Floats) -> Floats:
    """Own average, zero where refunds were above purchases."""
    return np.asarray(np.maximum(x[:, 1], 0.0))
