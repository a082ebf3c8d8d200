"""What all purchase models share: horizons and units, frames with ids, discounting."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.special import exp1
from sklearn.exceptions import NotFittedError

import crmkit as ck
from crmkit.clv import BetaGeoModel
from crmkit.clv._purchase_model import discounted_total
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.oracles import cdnow

COLUMNS = ["frequency", "recency", "T"]


@pytest.fixture(scope="module")
def sample():
    return cdnow.customers()


@pytest.fixture(scope="module")
def fitted(sample):
    return BetaGeoModel(horizon="39W").fit(sample)


def test_the_horizon_is_a_number_a_text_or_that_of_the_model(fitted, sample):
    expected = fitted.predict(sample, 39.0)
    assert_allclose(fitted.predict(sample, "273D"), expected, rtol=1e-13)
    assert_allclose(fitted.predict(sample), expected, rtol=1e-13)
    assert_allclose(
        fitted.probability_no_purchase(sample, "273D"), fitted.probability_no_purchase(sample)
    )


def test_months_are_not_weeks(fitted, sample):
    with pytest.raises(DataError, match="months differ in length"):
        fitted.predict(sample, "9M")


def test_customers_in_another_unit_are_refused(fitted, sample):
    days = sample.assign(recency=sample["recency"] * 7, T=sample["T"] * 7)
    with pytest.raises(DataError, match=r"unit='W' was stated, but .* are in 'D'"):
        fitted.predict(days)
    assert np.isfinite(fitted.predict(sample[COLUMNS])).all(), "columns without dates do not tell"


@pytest.mark.parametrize(
    ("convert", "back"),
    [
        (lambda f: f, lambda f: f),
        (pl.from_pandas, lambda f: f.to_pandas()),
        (lambda f: pl.from_pandas(f).lazy(), lambda f: f.collect().to_pandas()),
        (lambda f: pa.Table.from_pandas(f, preserve_index=False), lambda f: f.to_pandas()),
        (lambda f: duckdb.from_df(f), lambda f: f.df()),
    ],
    ids=["pandas", "polars", "lazy", "pyarrow", "duckdb"],
)
def test_the_frame_comes_back_in_its_library(fitted, sample, convert, back):
    customers = convert(sample)
    table = fitted.predict_frame(customers)
    assert type(table) is type(customers)
    table = back(table)
    assert list(table.columns) == [
        "customer_id",
        "expected_purchases",
        "probability_alive",
        "probability_no_purchase",
    ]
    assert table["customer_id"].tolist() == sample["customer_id"].tolist()
    assert_allclose(table["expected_purchases"], fitted.predict(sample), rtol=1e-13)
    assert_allclose(table["probability_alive"], fitted.probability_alive(sample), rtol=1e-13)
    assert_allclose(
        table["probability_no_purchase"], fitted.probability_no_purchase(sample), rtol=1e-13
    )


def test_the_id_may_be_named(fitted, sample):
    table = fitted.predict_frame(sample[[*COLUMNS, "customer_id"]], customer="customer_id")
    assert table.columns[0] == "customer_id"


def test_every_prediction_wants_a_fit(sample):
    for method in ("predict", "probability_alive", "probability_no_purchase", "predict_frame"):
        with pytest.raises(NotFittedError):
            getattr(BetaGeoModel(), method)(sample)


def test_a_summary_of_events_goes_straight_in(sample):
    days = cdnow.purchases()
    log = ck.EventLog(days, when="day")
    customers = ck.summarize(log, as_of="1997-10-01", unit="W")
    ours, theirs = BetaGeoModel(prior=None).fit(customers), BetaGeoModel(prior=None).fit(sample)
    assert ours.unit_ == "W"
    assert ours.params_ == pytest.approx(theirs.params_, rel=1e-9)


@settings(deadline=None)
@given(st.just(0.0) | st.floats(1e-6, 3), st.floats(1e-3, 1e4), st.floats(1e-6, 1e6))
def test_a_steady_stream_is_discounted_by_the_formula(rate, horizon, scale):
    found = discounted_total(lambda t: t, horizon, rate / horizon, np.array([scale]))
    expected = horizon * -np.expm1(-rate) / rate if rate else horizon
    assert found[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("scale", [0.01, 3.0, 500.0])
@pytest.mark.parametrize("rate", [1e-4, 2e-3])
def test_a_fading_stream_is_discounted_by_the_formula(scale, rate):
    horizon, s = 3000.0, np.array([scale])
    found = discounted_total(lambda t: np.log1p(t / s), horizon, rate, s)
    expected = np.exp(rate * scale) * (exp1(rate * scale) - exp1(rate * (scale + horizon)))
    assert found[0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("alpha", [0.05, 4.4, 300.0])
def test_discounted_purchases_are_the_integral(alpha):
    params = {"r": 0.24, "alpha": alpha, "a": 0.79, "b": 2.43}
    model = BetaGeoModel.from_dict({"fitted": {"params_": params}})
    customers = pd.DataFrame([[0, 0, 0], [0, 0, 90], [4, 80, 90], [30, 2, 90]], columns=COLUMNS)
    customers = customers.astype(float)
    rate, horizon = 0.002, 500.0
    found = model.discounted_purchases(customers, horizon, rate)
    for i in range(len(customers)):
        one = customers.iloc[[i]]
        later, _ = quad(
            lambda t, one=one: model.predict(one, float(t))[0] * np.exp(-rate * t),
            0, horizon, epsabs=0, epsrel=1e-10, limit=500, points=[0.01, 0.1, 1, 10, 100],
        )  # fmt: skip
        expected = model.predict(one, horizon)[0] * np.exp(-rate * horizon) + rate * later
        assert found[i] == pytest.approx(expected, rel=1e-9)
    assert_allclose(
        model.discounted_purchases(customers, horizon, 0.0), model.predict(customers, horizon)
    )


def test_every_customer_of_a_real_shop_gets_an_answer(online_retail):
    customers = ck.summarize(online_retail, unit="D")
    assert len(customers) > 4300
    with pytest.warns(ConvergenceWarning, match="No dropout seen"):
        fitted = BetaGeoModel().fit(customers)
    table = fitted.predict_frame(customers, "100D")
    assert np.isfinite(table.drop(columns="CustomerID").to_numpy()).all()
    assert (table["expected_purchases"] > 0).all()
