"""A small made-up result with churn: six customers, of whom four are active."""

from functools import cache
from types import SimpleNamespace

import numpy as np

from crmkit import EventLog
from crmkit.churn import RetentionValue
from crmkit.pipelines import churn_holdout
from crmkit.pipelines._churn import ChurnPipeline
from crmkit.report import ChurnContent
from tests.pipelines._quick import quick, shop
from tests.report._made import CUSTOMERS, content

RISK = np.array([0.1, 0.4, 0.7, 0.8, 0.95, 0.99])
OFFER = RetentionValue(offer_cost=5.0, contact_cost=1.0, acceptance=0.4)


def recipe(**changes):
    """What a fitted recipe tells of itself."""
    made = ChurnPipeline()
    told = {
        "horizon_": 90,
        "within_": 180,
        "horizon_reason_": "as stated",
        "training_": "40 snapshots of 20 customers at 2 cut-offs (2024-08-18 to 2024-10-03)",
        "base_rate_": 0.5,
        "rates_": np.array([0.5, 0.5]),
        "model_": SimpleNamespace(reason_="chose 'boosted_small'"),
    }
    for name, value in (told | changes).items():
        setattr(made, name, value)
    return made


def churn(**changes):
    """Content of the section on churn."""
    return ChurnContent(**({"horizon": 90, "recipe": recipe()} | changes))


def with_churn(offer=None, customers=CUSTOMERS, **changes):
    """Content of a report with churn; the last two customers are silent."""
    source = ["classifier"] * 4 + ["purchase model"] * 2
    table = customers.assign(
        probability_churn=RISK,
        churn_source=source,
        churn_reasons=["one: +0.1; two: -0.2"] * 4 + ["silent"] * 2,
        value_at_risk=RISK * customers["clv"],
    )
    if offer is not None:
        told = offer.predict_frame(table, probability=RISK, clv=table["clv"].to_numpy())
        table = table.assign(expected_profit=told["expected_profit"], treat=told["treat"])
    made = {"churn": churn(offer=offer)} | changes
    return content(table, **made)


@cache
def check():
    """A test of a quick recipe on a made-up shop."""
    return churn_holdout(EventLog(shop()), "2024-10-20", quick(), n_resamples=20)
