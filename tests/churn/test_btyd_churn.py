"""BTYDChurn: the right probability, fitted or cloned, recalibrated, measured on CDNOW."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import special
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.utils.estimator_checks import check_estimator

import crmkit as ck
from crmkit.churn import BTYDChurn, NoPurchase, RecencyRule, RFMLogistic, SnapshotBuilder
from crmkit.churn._btyd_churn import recalibration
from crmkit.clv import BetaGeoModel, NBDModel
from crmkit.datasets import load_cdnow, make_customers
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.churn._labelled import AnyBTYD, ScoredBTYD
from tests.contracts import customer_level

RANDOM = np.random.default_rng(1)
CUSTOMERS = BetaGeoModel.from_dict(
    {
        "init": {},
        "fitted": {"params_": {"r": 0.6, "alpha": 20.0, "a": 0.8, "b": 2.4}, "unit_": None},
    }
).simulate(RANDOM.uniform(100, 400, 600), random_state=0)


def test_it_is_the_probability_of_no_purchase_and_not_of_being_gone():
    model = BTYDChurn(BetaGeoModel(), horizon=30).fit(CUSTOMERS)
    p = model.predict_proba(CUSTOMERS)[:, 1]
    np.testing.assert_array_equal(p, model.purchases_.probability_no_purchase(CUSTOMERS, 30.0))
    gone = 1.0 - model.purchases_.probability_alive(CUSTOMERS)
    assert (p >= gone - 1e-12).all()
    once = CUSTOMERS["frequency"] == 0
    assert gone[once].max() == 0.0
    assert len(set(p[once])) > 1
    assert model.classes_.tolist() == [0, 1]


def test_a_fitted_model_is_used_and_an_unfitted_one_cloned():
    purchases = BetaGeoModel(horizon=30.0).fit(CUSTOMERS)
    half = CUSTOMERS.iloc[:300]
    assert BTYDChurn(purchases, 30).fit(half).purchases_ is purchases
    unfitted = BetaGeoModel()
    model = BTYDChurn(unfitted, 30).fit(half)
    assert model.purchases_ is not unfitted
    assert not hasattr(unfitted, "params_")
    assert model.purchases_.params_ != purchases.params_


def test_recalibration_undoes_a_level_that_is_off():
    p = RANDOM.uniform(0.2, 0.95, 4000)
    true = special.expit(-1.0 + 2.0 * special.logit(p))
    y = RANDOM.random(4000) < true
    slope, shift = recalibration(p, y.astype(float), "test")
    assert slope == pytest.approx(2.0, abs=0.2)
    assert shift == pytest.approx(-1.0, abs=0.15)


def test_recalibrated_probabilities_have_the_mean_of_the_labels_and_the_order_of_the_model():
    y = RANDOM.random(600) < 0.3 + 0.6 * (CUSTOMERS["T"] - CUSTOMERS["recency"] > 60)
    raw = BTYDChurn(BetaGeoModel(), 30).fit(CUSTOMERS, y)
    new = BTYDChurn(BetaGeoModel(), 30, recalibrate=True).fit(CUSTOMERS, y)
    p, q = (model.predict_proba(CUSTOMERS)[:, 1] for model in (raw, new))
    assert raw.slope_ == 1.0
    assert new.slope_ > 0
    assert q.mean() == pytest.approx(y.mean(), abs=1e-4)
    np.testing.assert_array_equal(np.argsort(p, kind="stable"), np.argsort(q, kind="stable"))


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (BTYDChurn(RFMLogistic()), "purchases must be a purchase model"),
        (BTYDChurn(BetaGeoModel), "such as BetaGeoModel\\(\\)"),
        (BTYDChurn(BetaGeoModel(), 0), "horizon must be above 0"),
        (BTYDChurn(BetaGeoModel(), "30D"), "needs the unit of T"),
        (BTYDChurn(BetaGeoModel(), 30, recalibrate=True), "recalibrate=True needs y"),
    ],
)
def test_refusals(model, text):
    with pytest.raises(DataError, match=text):
        model.fit(CUSTOMERS)


def test_unfitted_says_so():
    with pytest.raises(NotFittedError):
        BTYDChurn(BetaGeoModel()).predict_frame(CUSTOMERS)


def test_cdnow_at_the_next_90_days():
    """On all customers: 1 - P(alive) orders them backwards, P(no purchase) does not."""
    log = ck.EventLog(load_cdnow())
    columns = {}
    for as_of in ("1998-01-02", "1998-04-02"):
        customers = ck.summarize(log, as_of=as_of, unit="D")
        end = pd.Timestamp(as_of) + pd.Timedelta(days=90)
        later = ck.summarize(log, as_of=end, unit="D").set_index("customer_id")["last_purchase"]
        came_back = later.reindex(customers["customer_id"]).to_numpy() >= np.datetime64(as_of)
        columns[as_of] = customers, 1 - came_back
    (past, y_past), (now, y) = columns.values()
    purchases = BTYDChurn(BetaGeoModel(), "90D").fit(now)
    gone = 1.0 - purchases.purchases_.probability_alive(now)
    scores = {
        "btyd": purchases.predict_proba(now)[:, 1],
        "logistic": RFMLogistic().fit(past, y_past).predict_proba(now)[:, 1],
        "rule": RecencyRule().fit(past, y_past).predict_proba(now)[:, 1],
    }
    auc = {name: roc_auc_score(y, p) for name, p in scores.items()}
    loss = {name: log_loss(y, p) for name, p in scores.items()}
    assert roc_auc_score(y, gone) < 0.4
    assert min(auc.values()) > 0.78
    assert auc["logistic"] > auc["rule"]
    base = y_past.mean()
    assert loss["btyd"] < log_loss(y, np.full(len(y), base))
    assert np.isfinite(list(loss.values())).all()


def test_snapshots_stand_for_features_labels_and_unit():
    log = ck.EventLog(make_customers(400, random_state=1).events)
    builder = SnapshotBuilder(label=NoPurchase("60D"))
    past, now = (builder.build(log, [day]) for day in ("2024-03-01", "2024-06-01"))
    X = past.X
    for model, other in (
        (RFMLogistic(), RFMLogistic().fit(X, past.y)),
        (RecencyRule(threshold=30), RecencyRule(threshold=30).fit(X, past.y)),
        (
            BTYDChurn(NBDModel(), "60D", recalibrate=True),
            BTYDChurn(NBDModel(unit="D"), "60D", recalibrate=True).fit(X, past.y),
        ),
    ):
        p = model.fit(past).predict_proba(now)
        np.testing.assert_array_equal(p, other.predict_proba(now.X))
        np.testing.assert_array_equal(model.predict(now), other.predict(now.X))
        assert roc_auc_score(now.y, p[:, 1]) > 0.6


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    if contract is customer_level.check_every_parameter_is_documented:
        contract(BTYDChurn(BetaGeoModel()), CUSTOMERS)
    else:
        contract(ScoredBTYD(BetaGeoModel(), 30), CUSTOMERS)


def test_scikit_learn_suite():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few customers tell little
        results = check_estimator(AnyBTYD(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 48, f"only {len(ran)} checks passed: {ran}"
