"""From a log to whom to call: scores, tiers, profit and monitor, one frame handed to the next."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmkit as ck
from crmkit.churn import (
    BTYDChurn,
    ChurnMonitor,
    NoPurchase,
    RetentionValue,
    RFMLogistic,
    RiskTiers,
    SnapshotBuilder,
)
from crmkit.clv import CustomerLifetimeValue, NBDModel
from crmkit.datasets import make_customers


@pytest.fixture(scope="module")
def events():
    return make_customers(600, random_state=3).events


def scored(log):
    """Labelled past and the customers of today with probability and value."""
    past = SnapshotBuilder(label=NoPurchase("60D")).build(log, ["2024-03-01", "2024-06-01"])
    today = ck.summarize(log, as_of="2024-09-01", unit="D")
    model = RFMLogistic().fit(past)
    risk = model.predict_frame(today)
    valuer = CustomerLifetimeValue(horizon="365D", purchases=NBDModel()).fit(today)
    return past, model, today, risk, valuer.predict(today)


def test_one_frame_is_handed_to_the_next(events):
    past, model, today, risk, clv = scored(ck.EventLog(events))
    assert risk.columns.tolist() == ["customer_id", "probability_churn"]
    tiers = RiskTiers(by="quantile").fit(risk["probability_churn"])
    named = tiers.predict_frame(risk)
    assert named["customer_id"].tolist() == today["customer_id"].tolist()
    summary = tiers.summary(risk["probability_churn"], value=clv)
    assert summary["n_customers"].sum() == len(today)
    assert summary["value_at_risk"].sum() == pytest.approx(float(risk["probability_churn"] @ clv))
    calls = RetentionValue(offer_cost=2.0, contact_cost=0.5).rank(risk, budget=100.0, clv=clv)
    assert calls["total_cost"].iloc[-1] <= 100.0
    assert calls["treat"].any()
    assert (calls.loc[calls["treat"], "expected_profit"] > 0).all()
    p = model.predict_proba(past)
    columns = list(model.feature_names_in_)
    monitor = ChurnMonitor().fit(past.X[columns], p, past.y, groups=past.groups)
    assert len(monitor.check(today, model.predict_proba(today)).table) == len(columns) + 1


def test_polars_gives_the_same_numbers(events):
    pandas_risk, polars_risk = (
        scored(ck.EventLog(frame))[3] for frame in (events, pl.from_pandas(events))
    )
    assert isinstance(polars_risk, pl.DataFrame)
    a = pandas_risk.sort_values("customer_id")["probability_churn"].to_numpy()
    b = polars_risk.sort("customer_id")["probability_churn"].to_numpy()
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_the_baseline_without_labels_scores_today(events):
    today = ck.summarize(ck.EventLog(events), as_of="2024-09-01", unit="D")
    risk = BTYDChurn(NBDModel(), "60D").fit(today).predict_frame(today)
    assert isinstance(risk, pd.DataFrame)
    tiers = RiskTiers().fit(risk["probability_churn"]).predict(risk["probability_churn"])
    assert len(set(tiers)) >= 2
