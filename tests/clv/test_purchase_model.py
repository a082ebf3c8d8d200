"""What all purchase models share: horizons and units, frames with ids, discounting."""

import pickle

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad
from sklearn.exceptions import NotFittedError

import crmkit as ck
from crmkit.clv import BetaGeoModel
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.oracles import beta_geo, cdnow

COLUMNS = ["frequency", "recency", "T"]
PUBLISHED = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}


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


def test_pmf_sums_to_one_and_has_the_mean_and_the_zero_of_the_predictions(fitted, sample):
    table = fitted.pmf(sample, np.arange(400), "39W")
    assert_allclose(table.sum(axis=1), 1.0, atol=1e-9)
    assert_allclose(table @ np.arange(400), fitted.predict(sample), rtol=1e-7)
    assert_allclose(table[:, 0], fitted.probability_no_purchase(sample), rtol=1e-12)
    assert_allclose(fitted.pmf(sample, 2, "39W"), table[:, 2], rtol=1e-14)
    assert_allclose(fitted.pmf(sample, [0, 1], 0.0), [[1.0, 0.0]] * len(sample), atol=1e-15)


def test_pmf_refuses_what_is_no_count(fitted, sample):
    for n in (1.5, -1, [[0]], "two"):
        with pytest.raises(DataError, match="n must be a whole number of at least 0"):
            fitted.pmf(sample, n)


def test_futures_are_drawn_from_the_pmf(fitted):
    row = np.array([[4.0, 20.0, 25.0], [0.0, 0.0, 38.0]])
    random = np.random.default_rng(3)
    n = 40_000
    tiled = np.repeat(row, n, axis=0)
    by_horizon = fitted._future_if_alive(tiled, np.array([10.0, 39.0]), random)
    by_horizon = by_horizon * (random.random(len(tiled)) < fitted._alive(tiled))
    assert (by_horizon[0] <= by_horizon[1]).all()
    for horizon, drawn in zip((10.0, 39.0), by_horizon, strict=True):
        expected = fitted.pmf(pd.DataFrame(row, columns=COLUMNS), np.arange(12), horizon)
        for i in range(2):
            share = np.bincount(drawn.reshape(2, n)[i], minlength=12)[:12] / n
            error = np.sqrt(expected[i] * (1 - expected[i]) / n)
            assert (np.abs(share - expected[i]) < 4.5 * error + 1e-4).all()


def test_an_interval_with_known_parameters_is_that_of_the_pmf(sample):
    known = BetaGeoModel.from_dict({"fitted": {"params_": PUBLISHED}})
    customers = sample.iloc[:300]
    ends = known.predict_interval(customers, 39.0, 0.8, n_draws=4000)
    cdf = np.cumsum(known.pmf(customers, np.arange(100), 39.0), axis=1)
    high = np.where(ends[:, 0] == 0, 0.8, 0.9)
    for end, tail in zip(ends.T, (0.1, high), strict=True):
        below = np.where(end > 0, cdf[np.arange(300), np.maximum(end - 1, 0).astype(int)], 0.0)
        assert (below < tail + 0.03).all()
        assert (cdf[np.arange(300), end.astype(int)] > tail - 0.03).all()


def test_an_interval_does_not_care_for_the_order_of_rows_and_is_the_same_again(fitted, sample):
    ends = fitted.predict_interval(sample, n_draws=50)
    assert ends.shape == (len(sample), 2)
    assert (ends[:, 0] <= ends[:, 1]).all()
    assert_allclose(fitted.predict_interval(sample.iloc[::-1], n_draws=50)[::-1], ends)
    again = pickle.loads(pickle.dumps(fitted))
    assert_allclose(again.predict_interval(sample, n_draws=50), ends)
    table = fitted.predict_frame(sample.assign(id=range(len(sample))), customer="id", level=0.5)
    assert {"lower", "upper"} <= set(table.columns)


@pytest.mark.parametrize(
    ("truth", "horizon"),
    [
        ({"r": 0.8, "alpha": 6.0, "a": 0.6, "b": 3.0}, 40.0),
        ({"r": 0.24, "alpha": 4.4, "a": 0.79, "b": 2.43}, 40.0),
        ({"r": 2.0, "alpha": 4.0, "a": 0.5, "b": 6.0}, 40.0),
        ({"r": 1.5, "alpha": 2.0, "a": 0.3, "b": 4.0}, 80.0),
    ],
)
def test_intervals_hold_what_customers_who_are_alive_do(truth, horizon):
    """The gone buy nothing and every interval that reaches down to 0 holds them: they are left out.

    Whole numbers make an interval hold more than its level, and not to know who is alive less.
    """
    n = 4000
    T = np.random.default_rng(5).uniform(20, 80, n)
    x, t, later, alive = beta_geo.simulate(truth, T, horizon, n, seed=6, tell_alive=True)
    customers = pd.DataFrame({"frequency": x, "recency": t, "T": T})
    ends = BetaGeoModel().fit(customers).predict_interval(customers, horizon, 0.8, n_draws=400)
    inside = (later >= ends[:, 0]) & (later <= ends[:, 1])
    assert 0.75 < inside[alive].mean() < 0.86
    assert inside.mean() > 0.8


def test_an_interval_refuses_what_it_cannot_use(fitted, sample):
    with pytest.raises(DataError, match="level must be a number between 0 and 1, got 80"):
        fitted.predict_interval(sample, level=80)
    with pytest.raises(DataError, match="n_draws must be a whole number of at least 10"):
        fitted.predict_interval(sample, n_draws=1)
    with pytest.raises(DataError, match="posterior must hold draws of r, alpha, a, b"):
        fitted.predict_interval(sample, posterior=5)
    with pytest.raises(DataError, match="random_state must be None, a whole number"):
        fitted.predict_interval(sample, random_state="seed")


def test_for_ever_is_the_limit_of_long_horizons(fitted, sample):
    rate = 0.002
    ever = fitted.discounted_purchases(sample, float("inf"), rate)
    assert_allclose(ever, fitted.discounted_purchases(sample, 12_000.0, rate), rtol=1e-8)
    with pytest.raises(DataError, match="rate must be a finite number above 0"):
        fitted.discounted_purchases(sample, float("inf"), 0.0)


@pytest.mark.parametrize("kind", ["Int64", "Float64", "int64[pyarrow]"])
def test_missing_values_of_pandas_are_told(kind, sample):
    some = sample.iloc[:5].astype({"frequency": kind})
    BetaGeoModel.from_dict({"fitted": {"params_": PUBLISHED}}).predict(some)
    some.loc[some.index[1], "frequency"] = pd.NA
    with pytest.raises(DataError, match=r"'frequency' has 1 NaN \(first at row 1\)"):
        BetaGeoModel().fit(some)


def test_a_missing_id_is_told_before_the_work(fitted, sample):
    with pytest.raises(DataError, match=r"Did you mean customer='customer_id'"):
        fitted.predict_frame(sample.assign(customer_id=1), customer="custmer_id")


def test_one_customer_by_weight_is_refused(sample):
    weight = np.zeros(len(sample))
    weight[3] = 1.0
    with pytest.raises(DataError, match="only one customer has a sample_weight above 0"):
        BetaGeoModel().fit(sample, sample_weight=weight)


def test_text_is_no_age_and_no_weight(fitted, sample):
    with pytest.raises(DataError, match="T must be a list of finite ages"):
        fitted.simulate("abc")
    with pytest.raises(DataError, match="sample_weight must hold numbers"):
        BetaGeoModel().fit(sample, sample_weight=["a"] * len(sample))
    assert not np.signbit(fitted.predict(sample, 0.0)).any()
