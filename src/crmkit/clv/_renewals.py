"""The mathematics of the sBG model: how often contracts are renewed, and its likelihood.

The survival is a product over periods, so all customers together need only, for each period, how
many were asked to renew and how many did.
"""

from numbers import Real

import numpy as np

from crmkit._validation import Floats
from crmkit.clv._distinct import Distinct
from crmkit.clv._fitting import Objective
from crmkit.clv._likelihood_model import check_rows
from crmkit.clv._opportunities import more_than
from crmkit.exceptions import DataError

_MOST = 10_000_000  # the survival of customers keeps a table of this length
_CURES = {
    f"T above {_MOST:,}": "no contract is renewed so often, is it a time stamp?",
    "negative T": "T counts the periods since the start",
    "T that are not whole": "T counts whole periods, from the start to now or to the end",
    "churned that are neither 0 nor 1": "churned tells whether the customer has left",
    "customers who left at T 0": "the first occasion to leave is the end of the first period, T 1",
}


def check_periods(horizon: object) -> int:
    """Refuse a horizon that is no number of renewals."""
    periods = -1.0
    if isinstance(horizon, Real) and not isinstance(horizon, bool):
        periods = float(horizon)
    if not (0.0 <= periods <= _MOST and periods.is_integer()):
        raise DataError(
            "ShiftedBetaGeoModel: horizon must be a whole number of renewals to come, from 0 to "
            f"{_MOST:,}, got {horizon!r}."
        )
    return int(periods)


def check_contracts(x: Floats) -> Floats:
    """Refuse rows that no contract can have; all faults are told in one error."""
    owner = "ShiftedBetaGeoModel"
    if x.shape[1] != 2:
        raise DataError(
            f"{owner}: an array needs the columns T, churned in this order, got {x.shape[1]} "
            "columns. Pass a frame to choose columns by name."
        )
    T, churned = x.T
    faults = {
        "negative T": (T, T < 0),
        "T that are not whole": (T, np.floor(T) != T),
        f"T above {_MOST:,}": (T, T > _MOST),
        "churned that are neither 0 nor 1": (churned, (churned != 0) & (churned != 1)),
        "customers who left at T 0": (T, (churned == 1) & (T == 0)),
    }
    check_rows(faults, _CURES, owner, "ShiftedBetaGeoModel describes these columns.")
    return x


def log_survival(params: tuple[float, float], t: Floats) -> Floats:
    """Log-probability that a new customer renews t times."""
    alpha, beta = params
    j = np.arange(np.max(t, initial=0.0))
    table = np.concatenate([[0.0], np.cumsum(-np.log1p(alpha / (beta + j)))])
    return np.asarray(table[t.astype(np.int64)])


def sbg_log_likelihood(params: tuple[float, float], T: Floats, churned: Floats) -> Floats:
    """Log-probability of each row."""
    alpha, beta = params
    renewed = T - churned
    leaves = np.where(churned == 1, np.log(alpha) - np.log(alpha + beta + renewed), 0.0)
    return np.asarray(log_survival(params, renewed) + leaves)


def sbg_objective(data: Distinct) -> Objective:
    """Log-likelihood of all rows, gradient and Hessian in (alpha, beta)."""
    T, churned = data.columns
    asked, renewed = more_than(T, data.weight), more_than(T - churned, data.weight)
    left = float(data.weight @ churned)
    all_of, some_of = np.arange(len(asked)), np.arange(len(renewed))

    def objective(params: Floats) -> tuple[float, Floats, Floats]:
        alpha, beta = params
        of_all, of_some = 1.0 / (alpha + beta + all_of), 1.0 / (beta + some_of)
        value = left * np.log(alpha) + renewed @ -np.log(of_some) - asked @ -np.log(of_all)
        gradient = np.array([left / alpha, renewed @ of_some]) - asked @ of_all
        hessian = np.diag([-left / alpha**2, -(renewed @ of_some**2)]) + asked @ of_all**2
        return float(value), gradient, hessian

    return objective
