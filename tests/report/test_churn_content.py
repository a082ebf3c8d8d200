"""ChurnContent: what a fitted pipeline knows of churn."""

import warnings

import pytest
from sklearn.exceptions import NotFittedError

from crmkit import EventLog
from crmkit.exceptions import ConvergenceWarning
from crmkit.pipelines import CustomerValuePipeline
from crmkit.report import ChurnContent, ReportContent
from tests.pipelines._quick import quick, shop
from tests.report._churned import OFFER

LOG = EventLog(shop())


def fitted(**kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return CustomerValuePipeline(**kwargs).fit(LOG, as_of="2024-10-20")


def test_a_fitted_pipeline_tells_horizon_recipe_and_offer():
    pipe = fitted(churn=quick(), offer=OFFER)
    made = ReportContent.from_pipeline(pipe, LOG)
    assert made.churn.horizon == 28
    assert made.churn.recipe is pipe.churn_
    assert made.churn.offer is OFFER
    assert (made.churn.note, made.churn.check) == ("", None)
    assert made.is_active.sum() == len(pipe.churn_.transform(LOG, as_of="2024-10-20"))
    assert set(made.risk) == {
        "probability_churn",
        "value_at_risk",
        "expected_profit",
        "churn_source",
        "churn_reasons",
        "treat",
    }


def test_a_pipeline_without_churn_has_no_section():
    made = ReportContent.from_pipeline(fitted(churn=None), LOG)
    assert made.churn is None


def test_unfitted_says_so():
    with pytest.raises(NotFittedError):
        ChurnContent.from_pipeline(CustomerValuePipeline())
