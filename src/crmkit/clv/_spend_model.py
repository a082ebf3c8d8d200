"""What every spend model shares: customers in; expected spend per purchase out, with intervals."""

from typing import Any

import numpy as np

from crmkit._validation import Floats, check_share, check_whole, generator
from crmkit.base import CustomerModel
from crmkit.clv._distinct import row_codes
from crmkit.clv._futures import interval, n_twins
from crmkit.clv._likelihood_model import check_rows
from crmkit.exceptions import DataError

_EXACT = 20_000  # distinct customers up to which each is drawn under each draw of the parameters
_TINY = 1e-300
_CURES = {
    "negative frequencies": "frequency counts repeat purchases from 0",
    "frequencies that are not whole": "frequency counts purchase periods, it is no mean",
}


class SpendModel(CustomerModel):
    """Base of models of spend per purchase: reads `frequency` and `monetary_value`."""

    def predict(self, X: Any) -> Floats:
        """Expected spend per purchase period: customers in, one amount per customer out.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers as in `fit`.

        Returns
        -------
        ndarray of shape (n_customers,)
            Amounts, in the currency of `monetary_value`.
        """
        raise NotImplementedError

    def _expected(self, rows: Floats) -> Floats:
        """Expected spend per purchase of checked rows."""
        raise NotImplementedError

    def _twins(self, n: int, posterior: Any, random: np.random.Generator) -> list[Any]:
        """Twins with parameters that the data allow; a model without parameters repeats itself."""
        return [self] * n

    def _scale(self, rows: Floats) -> Floats:
        """Amount in the currency that multiplies the relative draws below."""
        return self._expected(rows)

    def _relative_mean(self, x: Floats, random: np.random.Generator) -> Floats:
        """One draw a row of the customer's own mean spend per purchase, over the scale.

        A model that knows no spread gives what it expects.
        """
        return np.ones(len(x))

    def _relative_total(self, x: Floats, purchases: Floats, random: np.random.Generator) -> Floats:
        """One draw a row of the spend of so many purchases together, over the scale."""
        return purchases

    def _typical(self, x: Floats) -> Floats:
        """Customers with these frequencies and the mean spend of all."""
        mean = self._expected(np.zeros((1, 2)))[0]
        return np.column_stack([x, np.full(len(x), max(mean, _TINY))])

    def predict_interval(
        self,
        X: Any,
        level: float = 0.8,
        *,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | np.random.RandomState | None = 0,
        posterior: Any = None,
    ) -> Floats:
        """Interval of the own mean spend: customers in, a lower and an upper end each out.

        It is about what the customer spends per purchase in the long run; single purchases
        scatter more widely.

        Parameters
        ----------
        X : {array-like, dataframe} of shape (n_customers, 2)
            Customers as in `fit`.
        level : float, default=0.8
            Probability that the interval holds, shared equally between its sides.
        n_draws : int, default=1000
            Draws for each customer; the ends are as exact as so many allow.
        random_state : int, Generator, RandomState or None, default=0
            Seed; the same whole number and customers give the same ends.
        posterior : Posterior, default=None
            Draws of the parameters, from `posterior`; None takes a normal around the estimates.

        Returns
        -------
        ndarray of shape (n_customers, 2)
            Lower and upper end, in the currency of `monetary_value`.
        """
        owner = type(self).__name__
        check_share(level, "level", owner)
        check_whole(n_draws, "n_draws", owner, low=10)
        x = self._validated(X, reset=False)
        random = generator(random_state, owner)
        twins = self._twins(n_twins(n_draws), posterior, random)

        def own(twin: Any, states: Floats, repeats: int) -> Floats:
            drawn = twin._relative_mean(np.repeat(states[:, 0], repeats), random)
            return np.asarray(drawn * np.repeat(twin._scale(states), repeats))

        everyone = np.ones(len(x))
        if len(row_codes(*x.T)[1]) <= _EXACT:
            return interval(x, everyone, twins, n_draws, level, own)

        def shared(twin: Any, states: Floats, repeats: int) -> Floats:
            """Draws over the scale, whose doubt is taken from a customer of mean spend."""
            typical = self._typical(states[:, 0])
            return own(twin, typical, repeats) / np.repeat(self._scale(typical), repeats)

        ends = interval(x[:, :1], everyone, twins, n_draws, level, shared)
        return ends * self._scale(x)[:, None]

    def predict_frame(
        self, customers: Any, customer: str | None = None, *, level: float | None = None
    ) -> Any:
        """Expected spend with ids: a frame of customers in, a frame of the same library out.

        Parameters
        ----------
        customers : dataframe
            Customers with their id, `frequency` and `monetary_value`.
        customer : str, default=None
            Name of the id column; None takes the first column.
        level : float, default=None
            Probability of an interval, as in `predict_interval`; None leaves the interval out.

        Returns
        -------
        dataframe
            The id and `expected_spend`; with a `level` also `lower` and `upper`.
        """

        def columns(table: Any) -> dict[str, Floats]:
            add = {"expected_spend": self.predict(table)}
            if level is not None:
                ends = self.predict_interval(table, level)
                add |= {"lower": ends[:, 0], "upper": ends[:, 1]}
            return add

        return self._beside_ids(customers, customer, columns)

    def _column_names(self) -> tuple[str, ...]:
        return ("frequency", "monetary_value")

    def _domain(self, x: Floats) -> Floats:
        return check_spend(x, type(self).__name__)


def check_spend(x: Floats, owner: str) -> Floats:
    """Refuse rows that no repeat spend can have; all faults are told in one error."""
    if x.shape[1] != 2:
        raise DataError(
            f"{owner}: an array needs two columns, frequency and monetary_value in this order, got "
            f"{x.shape[1]}. Pass a frame to choose columns by name."
        )
    frequency = x[:, 0]
    faults = {
        "negative frequencies": (frequency, frequency < 0),
        "frequencies that are not whole": (frequency, frequency != np.floor(frequency)),
    }
    check_rows(faults, _CURES, owner)
    return x
