"""Fitted models of known parameters, and small logs, for the tests of pictures."""

import numpy as np
import pandas as pd

import crmkit as ck
from crmkit.clv import BetaGeoModel, GammaGammaModel

PUBLISHED = {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}
WEEKLY = BetaGeoModel.from_dict({"init": {"unit": "W"}, "fitted": {"params_": PUBLISHED}})
DAILY = BetaGeoModel.from_dict(
    {"init": {"unit": "D"}, "fitted": {"params_": PUBLISHED | {"alpha": 7 * 4.414}}}
)
UNKNOWN_UNIT = BetaGeoModel.from_dict({"fitted": {"params_": PUBLISHED}})
SPEND = GammaGammaModel.from_dict({"fitted": {"params_": {"p": 6.25, "q": 3.74, "v": 15.44}}})


def log_of(purchases, **options):
    """A log from pairs of customer and date, each for 5.0."""
    frame = pd.DataFrame(purchases, columns=["customer_id", "timestamp"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], format="ISO8601")
    return ck.EventLog(frame.assign(amount=5.0), **options)


def invented(n=400, age=39.0, seed=0):
    """Customers who behave as `WEEKLY` says."""
    return WEEKLY.simulate(np.full(n, age), random_state=seed)
