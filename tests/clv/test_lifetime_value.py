"""Lifetime value: its factors, its discount, units and years, frames, messages."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

import crmkit as ck
from crmkit.clv import (
    AverageSpendModel,
    BetaGeoModel,
    CustomerLifetimeValue,
    GammaGammaModel,
    ModifiedBetaGeoCNBDModel,
    NBDModel,
    ParetoNBDModel,
)
from crmkit.exceptions import ConvergenceWarning, DataError, DataWarning
from tests.clv.domains import AnyLifetimeValue
from tests.contracts import customer_level
from tests.oracles import beta_geo, cdnow

COLUMNS = ["frequency", "recency", "T", "monetary_value"]
FACTORS = ["expected_purchases", "expected_spend", "margin", "discount_factor"]


def simulated(n_customers=600, seed=0):
    random = np.random.default_rng(seed)
    params = {"r": 0.6, "alpha": 5.0, "a": 0.8, "b": 2.5}
    model = BetaGeoModel.from_dict({"fitted": {"params_": params}})
    customers = model.simulate(random.uniform(20, 60, n_customers), random_state=seed)
    scale = 15.0 / random.gamma(3.7, size=n_customers)
    x = customers["frequency"].to_numpy()
    mean = random.gamma(6.0 * np.maximum(x, 1)) * scale / np.maximum(x, 1)
    return customers.assign(monetary_value=np.where(x > 0, mean, 0.0))


@pytest.fixture(scope="module")
def sample():
    return cdnow.customers()


@pytest.fixture(scope="module")
def fitted(sample):
    return CustomerLifetimeValue(margin=0.3).fit(sample)


def test_the_value_is_the_product_of_its_factors(fitted, sample):
    table = fitted.breakdown(sample)
    assert table.columns.tolist() == [
        "customer_id",
        "expected_purchases",
        "probability_alive",
        "probability_no_purchase",
        "expected_spend",
        "margin",
        "discount_factor",
        "clv",
        "lower",
        "upper",
    ]
    assert "lower" not in fitted.breakdown(sample, level=None).columns
    assert_allclose(table[FACTORS].prod(axis=1), table["clv"], rtol=1e-12)
    assert_array_equal(table["clv"], fitted.predict(sample))
    assert table["discount_factor"].between(1 / 1.1, 1).all()
    assert (table["margin"] == 0.3).all()


def test_the_factors_are_those_of_the_models(fitted, sample):
    table = fitted.breakdown(sample)
    purchases, spend = BetaGeoModel().fit(sample), GammaGammaModel().fit(sample)
    year = 365.25 / 7
    assert_allclose(table["expected_purchases"], purchases.predict(sample, year), rtol=1e-13)
    assert_allclose(table["probability_alive"], purchases.probability_alive(sample), rtol=1e-13)
    silent = purchases.probability_no_purchase(sample, year)
    assert_allclose(table["probability_no_purchase"], silent, rtol=1e-13)
    assert_allclose(table["expected_spend"], spend.predict(sample), rtol=1e-13)


def test_the_discount_is_the_limit_of_small_steps(fitted, sample):
    customers = sample.iloc[:50]
    edges = np.linspace(0, 365.25 / 7, 301)
    bought = np.diff([fitted.purchases_.predict(customers, float(h)) for h in edges], axis=0)
    years = (edges[1:] + edges[:-1]) / 2 / (365.25 / 7)
    by_steps = 1.1**-years @ bought
    value = 0.3 * fitted.spend_.predict(customers) * by_steps
    assert_allclose(fitted.predict(customers), value, rtol=1e-6)


def test_without_discount_and_margin_it_is_revenue(sample):
    value = CustomerLifetimeValue(discount_rate=0.0, horizon=20.0).fit(sample)
    expected = value.purchases_.predict(sample, 20.0) * value.spend_.predict(sample)
    assert_allclose(value.predict(sample), expected, rtol=1e-12)
    assert (value.breakdown(sample)["discount_factor"] == 1).all()


def test_no_future_is_worth_nothing(sample):
    table = CustomerLifetimeValue(horizon=0.0).fit(sample).breakdown(sample)
    assert (table["clv"] == 0).all()
    assert (table["discount_factor"] == 1).all()


def test_the_unit_of_time_does_not_change_the_value(sample):
    days = sample.assign(recency=sample["recency"] * 7, T=sample["T"] * 7)
    by_week, by_day = (CustomerLifetimeValue(horizon="26W").fit(c) for c in (sample, days))
    assert (by_week.unit_, by_day.unit_) == ("W", "D")
    assert_allclose(by_day.predict(days), by_week.predict(sample), rtol=1e-8)


@pytest.mark.parametrize(
    ("unit", "year"), [("h", 8766), ("D", 365.25), ("W", 365.25 / 7), ("M", 12)]
)
def test_a_year_is_the_default_horizon(unit, year):
    value = CustomerLifetimeValue(unit=unit, discount_rate=0.21).fit(simulated())
    assert value.horizon_ == pytest.approx(year)
    assert np.exp(value.rate_ * year) == pytest.approx(1.21)


@settings(max_examples=25)
@given(st.floats(0, 2), st.floats(0, 2))
def test_a_higher_rate_is_a_lower_value(low, high):
    low, high = sorted([low, high])
    customers = simulated(60)[COLUMNS]
    purchases = BetaGeoModel(unit="W")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # sixty customers tell little
        a, b = (
            CustomerLifetimeValue(purchases, discount_rate=rate).fit(customers).predict(customers)
            for rate in (low, high)
        )
    assert (a >= b * (1 - 1e-12)).all()


def test_given_models_are_copied(sample):
    purchases, spend = BetaGeoModel(prior=None), GammaGammaModel(prior=None)
    value = CustomerLifetimeValue(purchases, spend).fit(sample)
    assert value.purchases_.prior is value.spend_.prior is None
    assert purchases.unit is None
    assert not hasattr(purchases, "params_")
    assert not hasattr(spend, "params_")
    assert value.purchases_.unit_ == "W"
    assert np.isfinite(value.purchases_.predict(sample, "90D")).all()


def test_polars_in_polars_out(fitted, sample):
    table = fitted.breakdown(pl.from_pandas(sample))
    assert isinstance(table, pl.DataFrame)
    assert_array_equal(table["clv"].to_numpy(), fitted.predict(sample))


def test_unfitted_says_so(sample):
    with pytest.raises(NotFittedError):
        CustomerLifetimeValue().breakdown(sample)


def test_warnings_point_at_the_caller():
    customers = simulated(30)
    with pytest.warns(ConvergenceWarning) as record:
        CustomerLifetimeValue(unit="W").fit(customers)
    assert {warning.filename for warning in record} == {__file__}


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "the unit of T is needed for a horizon or a discount rate per year"),
        ({"horizon": 10.0}, "the unit of T is needed"),
        ({"unit": "W", "horizon": "12M"}, "months differ in length"),
        (
            {"unit": "W", "discount_rate": -0.1},
            "discount_rate must be a finite number of at least 0",
        ),
        ({"unit": "W", "margin": 0.0}, "margin must be a finite number above 0"),
        ({"unit": "week"}, "unit must be one of"),
        ({"unit": "W", "purchases": BetaGeoModel(unit="D")}, "State one unit"),
    ],
)
def test_settings_are_refused_in_fit(settings, text):
    refused = CustomerLifetimeValue(**settings)
    with pytest.raises(DataError, match=f"CustomerLifetimeValue: .*{text}"):
        refused.fit(simulated(60))


def test_an_array_needs_the_columns():
    with pytest.raises(DataError, match="needs the columns frequency, recency, T, monetary_value"):
        CustomerLifetimeValue(unit="W").fit(np.ones((5, 3)))


def test_a_unit_that_the_dates_deny_is_refused(fitted, sample):
    with pytest.raises(DataError, match="unit='D' was stated"):
        CustomerLifetimeValue(unit="D").fit(sample)
    with pytest.raises(DataError, match="unit='W' was stated"):
        fitted.predict(sample.assign(recency=sample["recency"] * 7, T=sample["T"] * 7))


def test_every_customer_of_a_real_shop_has_a_value(online_retail):
    customers = ck.summarize(online_retail)
    assert ((customers["frequency"] == 0) | (customers["monetary_value"] > 0)).all()
    with pytest.warns(ConvergenceWarning, match="No dropout seen"):
        value = CustomerLifetimeValue(horizon="180D").fit(customers)
    table = value.breakdown(customers).drop(columns="CustomerID")
    assert np.isfinite(table.to_numpy()).all()
    assert (table["clv"] > 0).all()


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(CustomerLifetimeValue(unit="W"), simulated())


def test_scikit_learn_suite():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few customers tell little
        warnings.simplefilter("ignore", DataWarning)  # and are correlated by chance
        results = check_estimator(AnyLifetimeValue(unit="D"), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 40, f"only {len(ran)} checks passed: {ran}"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (
            {"purchases": GammaGammaModel()},
            "purchases must be a PurchaseModel, got GammaGammaModel",
        ),
        ({"spend": 35.0}, "spend must be a SpendModel, got 35.0"),
    ],
)
def test_parts_of_the_wrong_kind_are_refused(parts, text):
    with pytest.raises(DataError, match=text):
        CustomerLifetimeValue(unit="W", **parts).fit(cdnow.customers())


def test_the_interval_holds_what_simulated_customers_spend():
    random = np.random.default_rng(4)
    n, H, margin, rate = 3000, 26.0, 0.4, 0.1
    T = random.uniform(10, 60, n)
    truth = {"r": 1.0, "alpha": 5.0, "a": 0.5, "b": 4.0}
    x, t, later, alive = beta_geo.simulate(truth, T, H, n, seed=5, tell_alive=True)
    own = 6.0 / random.gamma(4.0, 1.0 / 90.0, n)  # p / nu: mean spend per purchase
    past = random.gamma(6.0 * x) * own / 6.0
    future = random.gamma(6.0 * later) * own / 6.0
    customers = pd.DataFrame({"frequency": x, "recency": t, "T": T})
    customers["monetary_value"] = np.divide(past, x, out=np.zeros(n), where=x > 0)
    value = CustomerLifetimeValue(horizon=H, margin=margin, discount_rate=rate, unit="W")
    ends = value.fit(customers).predict_interval(customers, 0.8, n_draws=400)
    worth = margin * future * np.exp(-value.rate_ * H / 2.0)  # near: most of a half year's dates
    inside = (worth >= ends[:, 0] * 0.98) & (worth <= ends[:, 1] * 1.02)
    assert inside.mean() > 0.8
    assert 0.75 < inside[alive].mean() < 0.86
    assert_allclose(value.predict_interval(customers, 0.8, n_draws=400), ends)


def test_for_ever_has_a_value_where_there_is_a_discount(sample):
    ever = CustomerLifetimeValue(horizon=float("inf"), discount_rate=0.15).fit(sample)
    long = CustomerLifetimeValue(horizon="3000W", discount_rate=0.15).fit(sample)
    assert_allclose(ever.predict(sample), long.predict(sample), rtol=1e-4)
    table = ever.breakdown(sample, n_draws=100)
    assert np.isfinite(table.drop(columns="customer_id").to_numpy()).all()
    assert_allclose(table[FACTORS].prod(axis=1), table["clv"], rtol=1e-12)
    assert_allclose(table["probability_no_purchase"], 1.0 - table["probability_alive"])
    with pytest.raises(DataError, match="an infinite horizon needs a discount_rate above 0"):
        CustomerLifetimeValue(horizon=float("inf"), discount_rate=0.0, unit="W").fit(sample)


def test_the_total_value_is_surer_than_each(sample):
    value = CustomerLifetimeValue(horizon=26, discount_rate=0.1).fit(sample)
    expected = value.predict(sample).sum()
    low, high = value.predict_total_interval(sample, 0.8)
    assert low < expected < high
    assert high - low < 0.4 * expected
    each = value.predict_interval(sample, 0.8, n_draws=100)
    assert np.sum(each[:, 1] - each[:, 0]) > 3 * (high - low)
    with pytest.raises(DataError, match="n_draws must be a whole number of at least 10"):
        value.predict_total_interval(sample, n_draws=2)


def test_the_total_interval_holds_totals_of_simulated_shops():
    truth = {"r": 1.0, "alpha": 5.0, "a": 0.5, "b": 4.0}
    H, n, inside = 26.0, 400, []
    for seed in range(40):
        random = np.random.default_rng(seed)
        T = random.uniform(20, 60, n)
        x, t, later = beta_geo.simulate(truth, T, H, n, seed=seed)
        own = 40.0 / random.gamma(6.0, size=n)
        past, total = (random.gamma(8.0 * k) * own / 8.0 for k in (x, later))
        customers = pd.DataFrame({"frequency": x, "recency": t, "T": T})
        customers["monetary_value"] = np.divide(past, x, out=np.zeros(n), where=x > 0)
        value = CustomerLifetimeValue(horizon=H, discount_rate=0.0, unit="W").fit(customers)
        low, high = value.predict_total_interval(customers, 0.8, n_draws=100)
        inside.append(low <= total.sum() <= high)
    assert 0.6 < np.mean(inside) < 0.95  # 40 shops: 0.8, plus or minus 3 standard errors


def test_a_model_of_regular_buyers_tells_what_it_lacks(sample):
    with pytest.raises(DataError, match='extras="sum_log_gaps"'):
        CustomerLifetimeValue(purchases=ModifiedBetaGeoCNBDModel()).fit(sample)


@pytest.mark.parametrize("horizon", ["52W", "520W", float("inf")])
def test_the_interval_of_a_short_life_does_not_care_for_the_length_of_the_horizon(horizon):
    """Ten purchases a week, over within weeks: all of them are worth their full price."""
    value = CustomerLifetimeValue(unit="W", horizon=horizon).fit(simulated(600))
    value.purchases_ = BetaGeoModel.from_dict(
        {"fitted": {"params_": {"r": 50.0, "alpha": 5.0, "a": 20.0, "b": 80.0}, "unit_": "W"}}
    )
    value.spend_ = GammaGammaModel.from_dict(
        {"fitted": {"params_": {"p": 400.0, "q": 400.0, "v": 10.0}}}
    )
    new = pd.DataFrame([[0, 0.0, 0.05, 0.0]], columns=COLUMNS)
    low, high = value.predict_interval(new, 0.8, n_draws=20_000)[0]
    counts = value.purchases_.pmf(new, np.arange(400), 52.0)[0].cumsum()
    price = value.spend_.predict(new)[0]
    assert low == pytest.approx(price * np.searchsorted(counts, 0.1), rel=0.12)
    assert high == pytest.approx(price * np.searchsorted(counts, 0.9), rel=0.06)


@pytest.mark.parametrize("model", [BetaGeoModel, ParetoNBDModel, NBDModel])
def test_no_purchase_for_ever_is_the_limit_of_long_horizons(model, sample):
    fitted = model().fit(sample)
    rows = sample[["frequency", "recency", "T"]].to_numpy()[:200]
    limit = fitted.probability_no_purchase(sample.iloc[:200], 1e14)
    assert_allclose(fitted._never_again(rows), limit, atol=2e-3)


def test_few_buyers_leave_the_spend_open():
    """The doubt about the parameters is in the interval of each customer, whatever the average."""
    inside = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        x = random.integers(1, 5, 30)
        own = 200.0 / random.gamma(3.0, size=30)
        mean = own / 5.0 * random.gamma(5.0 * x) / x
        customers = pd.DataFrame({"frequency": x, "monetary_value": mean})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ends = GammaGammaModel().fit(customers).predict_interval(customers, 0.8, n_draws=200)
        inside.append((own >= ends[:, 0]) & (own <= ends[:, 1]))
    assert 0.74 < np.mean(inside) < 0.86


def test_many_customers_get_the_intervals_of_few(sample, monkeypatch):
    value = CustomerLifetimeValue(horizon=26).fit(sample)
    exact = value.predict_interval(sample, n_draws=600)
    spends = value.spend_.predict_interval(sample, n_draws=600)
    monkeypatch.setattr("crmkit.clv._lifetime_value._EXACT", 10)
    monkeypatch.setattr("crmkit.clv._spend_model._EXACT", 10)
    shared = value.predict_interval(sample, n_draws=600)
    some = exact[:, 1] > 0
    assert np.median(np.abs(shared[some, 1] / exact[some, 1] - 1)) < 0.12
    assert_allclose(value.spend_.predict_interval(sample, n_draws=600), spends, rtol=0.25)


def test_free_goods_have_an_interval_of_nothing(sample):
    free = sample.assign(monetary_value=0.0)
    value = CustomerLifetimeValue(spend=AverageSpendModel()).fit(free)
    assert (value.predict_interval(free, n_draws=20) == 0).all()
    assert (value.spend_.predict_interval(free, n_draws=20) == 0).all()


def test_settings_hold_until_the_next_fit_and_shares_are_shares(sample):
    value = CustomerLifetimeValue(margin=0.5).fit(sample)
    before = value.predict(sample)
    assert_array_equal(value.set_params(margin=0.1).predict(sample), before)
    for name, wrong in (("margin", 30), ("discount_rate", 10)):
        with pytest.raises(DataError, match=f"{name} must be a share"):
            CustomerLifetimeValue(**{name: wrong}).fit(sample)
