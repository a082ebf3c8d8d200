"""Pareto/NBD models with stated parameters, and customers that they invent."""

import numpy as np
import pandas as pd

from crmkit.clv import ParetoNBDModel
from tests.oracles.pareto_nbd import PUBLISHED

COLUMNS = ["frequency", "recency", "T"]


def model(unit="W", covariates=None, **params):
    init = {"unit": unit, "covariates": covariates}
    return ParetoNBDModel.from_dict({"init": init, "fitted": {"params_": {**PUBLISHED, **params}}})


def frame(*rows):
    return pd.DataFrame(rows, columns=COLUMNS, dtype=float)


def simulated(n_customers=3000, seed=0, **params):
    """Customers with ages in whole days, as weeks: they compress."""
    T = np.random.default_rng(seed).integers(140, 420, n_customers) / 7
    customers = model(**params).simulate(T, random_state=seed)
    return customers.assign(recency=np.ceil(customers["recency"] * 7) / 7)


def with_covariates(n=4000, seed=0, **params):
    """Customers of a model with two covariates, `web` (0 or 1) and `age` (in tens of years)."""
    random = np.random.default_rng(seed)
    z = pd.DataFrame({"web": random.integers(0, 2, n), "age": random.integers(2, 7, n) * 10})
    effects = {
        "purchase[web]": 0.6,
        "purchase[age]": -0.02,
        "dropout[web]": -0.5,
        "dropout[age]": 0.03,
    }
    truth = model(covariates=["web", "age"], **{"r": 1.2, "alpha": 8.0, **effects, **params})
    return truth, truth.simulate(random.integers(20, 60, n), seed, covariates=z)
