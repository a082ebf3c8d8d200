"""NBD: customers buy at random at their own rate, and nobody ever leaves.

Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8, 26-41. Rates are
Gamma(r, alpha). For x repeat purchases until age T,

    L = Gamma(r+x)/Gamma(r) alpha^r (alpha+T)^-(r+x)

This is the density of the instants of the purchases, as in every purchase model here, so that
log-likelihoods compare: a model with dropout comes to this one where nobody drops out.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.clv._distinct import Distinct
from crmkit.clv._fitting import Objective
from crmkit.clv._futures import poisson_path
from crmkit.clv._negative_binomial import log_negative_binomial
from crmkit.clv._purchase_model import PurchaseModel

_MOST_COUNTED = 1e15  # mean of a Poisson number that still fits the counter


class NBDModel(PurchaseModel):
    """NBD model of purchases without dropout: customers in, expected purchases out.

    The baseline of every other purchase model: print it beside them, for it is what they become
    where the data show no dropout. Not for a forecast where customers leave: it takes a silent
    customer for a slow one, and everybody is alive with probability 1.

    Parameters
    ----------
    prior : {"weak"} or None, default="weak"
        "weak" is maximum likelihood where that settles both parameters. Where it leaves one open
        (a standard error above 1.5 in logs, or a search without end), a normal on each
        log-parameter joins, around a start taken from the data and with standard deviation 3, and
        keeps the answer finite; `prior_used_` tells. None is plain maximum likelihood, always.
    horizon : float or str, default=1.0
        Length of the future that predictions are made for unless they are told another, in the
        unit of `T`, or text such as "90D" (h, D, W, M, Y) where that unit is known.
    unit : {"h", "D", "W", "M"} or None, default=None
        Unit of `recency` and `T`. None reads it from `first_purchase` and `last_purchase` if the
        customers have them; a stated unit is checked against them.
    tol : float, default=1e-9
        Largest slope of the log-likelihood per customer, in log-parameters, at which to stop.
    max_iter : int, default=100
        Largest number of Newton steps; six are usual.

    Attributes
    ----------
    params_ : dict of str to float
        `r` (shape of the rates) and `alpha` (scale of the rates, in the unit of `T`); the mean
        rate is r / alpha.
    log_likelihood_ : float
        Sum of the log-likelihoods in the unit of the data, without the prior.
    covariance_ : ndarray of shape (2, 2)
        Covariance of the logarithms of r and alpha; NaN where a direction is left open.
    prior_used_ : bool
        Whether the weak prior had to join.
    n_iter_ : int
        Newton steps taken.
    converged_ : bool
        Whether `tol` was reached.
    unit_ : str or None
        Unit of the ages, None where it is not known.
    n_features_in_ : int
        Three.
    feature_names_in_ : ndarray of str
        `frequency`, `recency` and `T`, where the customers came as a frame; `recency` is checked
        and otherwise not read.

    References
    ----------
    Ehrenberg, A. S. C. (1959). The pattern of consumer purchases. Applied Statistics 8, 26-41.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({
    ...     "customer_id": ["ann", "bob"], "frequency": [2, 0], "recency": [30.43, 0.0],
    ...     "T": [38.86, 38.86],
    ... })
    >>> model = NBDModel.from_dict({"fitted": {"params_": {"r": 0.4, "alpha": 10.0}}})
    >>> model.predict(customers, horizon=39.0).round(3)
    array([1.916, 0.319])
    """

    def _parameter_names(self) -> tuple[str, ...]:
        return ("r", "alpha")

    def _start(self, data: Distinct) -> Floats:
        return np.array([0.5, 0.5 * data.mean(2) / data.mean(0)])

    def _objective(self, data: Distinct) -> Objective:
        return nbd_objective(data)

    def _log_likelihood(self, rows: Floats) -> Floats:
        return nbd_log_likelihood(_values(self.params_), rows[:, 0], rows[:, 2])

    def _alive(self, rows: Floats) -> Floats:
        return np.ones(len(rows))

    def _expected_if_alive(self, rows: Floats, horizon: Floats) -> Floats:
        shape, scale = self._rate(rows)
        return shape * (horizon / scale)

    def _no_purchase(self, rows: Floats, horizon: float) -> Floats:
        shape, scale = self._rate(rows)
        return np.asarray(np.exp(-shape * np.log1p(horizon / scale)))

    def _pmf_if_alive(self, rows: Floats, n: npt.NDArray[np.int64], horizon: float) -> Floats:
        shape, scale = self._rate(rows)
        logs = log_negative_binomial(n.astype(np.float64), shape[:, None], horizon / scale[:, None])
        return np.asarray(np.exp(logs))

    def _future_if_alive(
        self, rows: Floats, horizons: Floats, random: np.random.Generator
    ) -> npt.NDArray[Any]:
        shape, scale = self._rate(rows)
        return poisson_path(random.standard_gamma(shape) / scale, horizons, random)

    def _history(self, ages: Floats, random: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        r, alpha = _values(self.params_)
        rate = random.gamma(r, 1.0 / alpha, len(ages))
        frequency = random.poisson(np.minimum(rate * ages, _MOST_COUNTED))
        last = random.uniform(size=len(ages)) ** (1.0 / np.maximum(frequency, 1))
        return {"frequency": frequency, "recency": np.where(frequency > 0, ages * last, 0.0)}

    def _age_scale(self, rows: Floats) -> Floats:
        return self._rate(rows)[1]

    def _discounted_if_alive(self, rows: Floats, rate: float) -> Floats:
        shape, scale = self._rate(rows)
        return shape / scale / rate

    def _meaning(self, unknown: list[str]) -> str:
        r, _ = _values(self.params_)
        told = f"The data do not tell {' and '.join(unknown)}."
        if r > 20:
            return f"{told} Customers hardly differ in their rates (r = {r:.3g})."
        return f"{told} There are too few repeat buyers."

    def _rate(self, rows: Floats) -> tuple[Floats, Floats]:
        """Shape and scale of the rate of each customer, given the purchases."""
        r, alpha = _values(self.params_)
        return r + rows[:, 0], alpha + rows[:, 2]


def _values(params: dict[str, float]) -> tuple[float, float]:
    return params["r"], params["alpha"]


def nbd_log_likelihood(params: tuple[float, float], x: Floats, T: Floats) -> Floats:
    """Log-likelihood of each row."""
    r, alpha = params
    j = np.arange(np.max(x, initial=0.0))
    table = np.concatenate([[0.0], np.cumsum(np.log(r + j))])
    return np.asarray(table[x.astype(np.int64)] - r * np.log1p(T / alpha) - x * np.log(alpha + T))


def nbd_objective(data: Distinct) -> Objective:
    """Log-likelihood of all rows, gradient and Hessian in (r, alpha).

    The gamma functions are products over j < x, so all customers together need only sums over j
    weighted by the number of customers with more than j repeat purchases.
    """
    frequencies, customers = data.by(0, data.weight)
    j = np.arange(frequencies[-1], dtype=np.float64)
    seen = np.cumsum(np.bincount(frequencies.astype(int), customers))
    more = np.asarray(data.total - seen[: len(j)], dtype=np.float64)
    T, people, purchases = data.by(2, data.weight, data.weight * data.columns[0])

    def objective(params: Floats) -> tuple[float, Floats, Floats]:
        r, alpha = params
        of_r, later, grown = 1.0 / (r + j), 1.0 / (alpha + T), np.log1p(T / alpha)
        rise = T * later / alpha
        value = more @ np.log(r + j) - r * (people @ grown) - purchases @ np.log(alpha + T)
        gradient = [more @ of_r - people @ grown, r * (people @ rise) - purchases @ later]
        bend = purchases @ later**2 - r * (people @ (rise * (1.0 / alpha + later)))
        cross = people @ rise
        hessian = [[-(more @ of_r**2), cross], [cross, bend]]
        return float(value), np.array(gradient), np.array(hessian)

    return objective
