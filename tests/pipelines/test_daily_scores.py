"""Churn of a night beside churn at the fit, by the monitor's own check."""

from datetime import date, timedelta

import numpy as np
import pytest

import crmkit as ck
from crmkit.pipelines import CustomerValuePipeline
from crmkit.pipelines._daily_scores import churn_alarm, fitted_monitor, scores, settings_of
from tests.pipelines._quick import quick, shop

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")

DAY = date(2024, 8, 1)
LOG = ck.EventLog(shop())


@pytest.fixture(scope="module")
def pipeline():
    recipe = quick(horizon="30D", within="90D")
    return CustomerValuePipeline(churn=recipe, stager=None).fit(LOG, as_of=DAY)


def test_scores_are_those_of_the_table(pipeline):
    features, risk = scores(pipeline.churn_, LOG, DAY)
    table = pipeline.transform(LOG, as_of=DAY)
    active = table[table["churn_source"] == "classifier"]
    np.testing.assert_allclose(np.sort(risk), np.sort(active["probability_churn"]))
    assert "customer_id" not in features.columns


def test_the_day_of_the_fit_is_as_it_was(pipeline):
    monitor = fitted_monitor(pipeline, LOG, DAY)
    assert monitor.n_reference_ == len(scores(pipeline.churn_, LOG, DAY)[1])
    assert churn_alarm(monitor, pipeline, LOG, DAY) == []


def test_a_silent_shop_is_told(pipeline):
    monitor = fitted_monitor(pipeline, LOG, DAY)
    quiet = ck.EventLog(LOG.data[LOG.data["timestamp"] < "2024-08-01"])
    told = churn_alarm(monitor, pipeline, quiet, DAY + timedelta(days=75))
    assert len(told) == 1
    assert told[0].startswith("Churn: ")
    gone = churn_alarm(monitor, pipeline, quiet, DAY + timedelta(days=200))
    assert gone == ["Churn: nobody is active any more."]


def test_no_churn_no_monitor():
    made = CustomerValuePipeline(churn=None, stager=None).fit(LOG, as_of=DAY)
    assert fitted_monitor(made, LOG, DAY) is None


def test_settings_are_all_parameters():
    told = settings_of(CustomerValuePipeline(churn=quick(horizon="30D")))
    assert told["churn__horizon"] == "'30D'"
    assert told["level"] == "0.9"
