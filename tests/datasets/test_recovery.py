"""From made events through the front door to a fitted model: the drawn parameters come back."""

import numpy as np
import pytest

from crmkit import EventLog, summarize
from crmkit.clv import BetaGeoModel, GammaGammaModel
from crmkit.datasets import make_customers

TRUTH = {"r": 0.55, "alpha": 30.0, "a": 0.8, "b": 2.5, "p": 6.25, "q": 3.74, "v": 15.44}


@pytest.fixture(scope="module")
def customers():
    shop = make_customers(
        20_000, process="bg_nbd", parameters=TRUTH, days=500, random_state=0, start="2023-01-01"
    )
    # hours, so that hardly any two purchases fall into one period and merge
    return summarize(EventLog(shop.events, order="order_id"), as_of="2024-05-15", unit="h")


def assert_recovered(model, *, scale=None, low=None):
    """Compare within 4 standard errors of the logarithms (of what is above `low`)."""
    error = np.sqrt(np.diag(model.covariance_))
    for place, (name, value) in enumerate(model.params_.items()):
        true = TRUTH[name] * (scale or {}).get(name, 1.0)
        floor = (low or {}).get(name, 0.0)
        assert abs(np.log((value - floor) / (true - floor))) < 4 * error[place], name
        assert error[place] < 0.25, name


def test_purchase_parameters(customers):
    assert_recovered(BetaGeoModel(prior=None).fit(customers), scale={"alpha": 24.0})


def test_spend_parameters(customers):
    repeat = customers[customers["frequency"] > 0]
    assert_recovered(GammaGammaModel().fit(repeat), low={"q": 1.0})
