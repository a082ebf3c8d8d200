"""Churn of a night beside churn at the fit, by the monitor's own check."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.pipelines import ChurnPipeline, CustomerValuePipeline
from crmkit.pipelines._daily_scores import churn_alarm, fitted_monitor, score, settings_of
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.pipelines._quick import quick, shop

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")

DAY = date(2024, 8, 1)
NIGHT = datetime(2024, 8, 1)
LOG = ck.EventLog(shop())


@pytest.fixture(scope="module")
def pipeline():
    recipe = quick(horizon="30D", within="90D")
    return CustomerValuePipeline(churn=recipe, stager=None).fit(LOG, as_of=DAY)


@pytest.mark.parametrize("kind", FRAMES)
def test_the_table_is_that_of_the_pipeline_and_the_risk_its_column(pipeline, kind):
    scored = score(pipeline, ck.EventLog(FRAMES[kind](LOG.data)), NIGHT)
    table = pipeline.transform(LOG, as_of=DAY)
    pd.testing.assert_frame_equal(to_pandas(scored.table), table, check_dtype=False)
    active = table[table["churn_source"] == "classifier"]
    np.testing.assert_array_equal(np.sort(scored.risk), np.sort(active["probability_churn"]))
    seen = to_pandas(scored.features)
    assert "customer_id" not in seen.columns
    np.testing.assert_array_equal(
        pipeline.churn_.model_.predict_proba(seen)[:, 1], scored.risk
    )  # row by row


def test_customers_are_looked_at_once(pipeline, monkeypatch):
    real, looked = ChurnPipeline._seen, []
    monkeypatch.setattr(ChurnPipeline, "_seen", lambda *asked: looked.append(1) or real(*asked))
    scored = score(pipeline, LOG, NIGHT)
    churn_alarm(fitted_monitor(scored), scored)
    assert len(looked) == 1


def test_the_day_of_the_fit_is_as_it_was(pipeline):
    scored = score(pipeline, LOG, NIGHT)
    monitor = fitted_monitor(scored)
    assert monitor.n_reference_ == len(scored.risk)
    assert churn_alarm(monitor, scored) == []


def test_a_silent_shop_is_told(pipeline):
    monitor = fitted_monitor(score(pipeline, LOG, NIGHT))
    quiet = ck.EventLog(LOG.data[LOG.data["timestamp"] < "2024-08-01"])
    told = churn_alarm(monitor, score(pipeline, quiet, NIGHT + timedelta(days=75)))
    assert len(told) == 1
    assert told[0].startswith("Churn: ")
    gone = churn_alarm(monitor, score(pipeline, quiet, NIGHT + timedelta(days=200)))
    assert gone == ["Churn: nobody is active any more."]


def test_no_churn_no_monitor():
    made = CustomerValuePipeline(churn=None, stager=None).fit(LOG, as_of=DAY)
    scored = score(made, LOG, NIGHT)
    assert fitted_monitor(scored) is None
    assert churn_alarm(None, scored) == []


def test_settings_are_all_parameters():
    told = settings_of(CustomerValuePipeline(churn=quick(horizon="30D")))
    assert told["churn__horizon"] == "'30D'"
    assert told["level"] == "0.9"
