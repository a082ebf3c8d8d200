"""Pareto/NBD with covariates: effects found, told in any unit, shrunk, refused."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize

import crmkit as ck
from crmkit.clv import ParetoNBDModel
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.clv._pareto_customers import COLUMNS, model, simulated, with_covariates
from tests.contracts import customer_level
from tests.oracles import pareto_nbd


def test_effects_are_found_again():
    """True effects within four standard errors, signs as the docstring says."""
    truth, customers = with_covariates(20_000, seed=2)
    fitted = ParetoNBDModel(covariates=["web", "age"]).fit(customers)
    table = fitted.summary()
    assert list(table.index) == list(truth.params_)
    off = (table["estimate"] - pd.Series(truth.params_)) / table["std_error"]
    assert (off.abs() < 4).all()
    assert table.loc["purchase[web]", "lower_95"] > 0  # buys more often
    assert table.loc["dropout[web]", "upper_95"] < 0  # stays longer
    bought = [
        fitted.simulate(np.full(9000, 50.0), 0, covariates=np.tile([web, 40.0], (9000, 1)))
        for web in (0, 1)
    ]
    assert bought[1]["frequency"].mean() > 1.5 * bought[0]["frequency"].mean()


def test_covariates_in_other_units_are_the_same_model():
    _, customers = with_covariates(3000)
    other = customers.assign(age=(customers["age"] - 30) * 12)
    a, b = (ParetoNBDModel(covariates=["web", "age"]).fit(c) for c in (customers, other))
    assert b.log_likelihood_ == pytest.approx(a.log_likelihood_, rel=1e-12)
    assert b.params_["purchase[age]"] == pytest.approx(a.params_["purchase[age]"] / 12, rel=1e-6)
    assert_allclose(b.predict(other, 10.0), a.predict(customers, 10.0), rtol=1e-7)
    months = b.summary()["std_error"]["dropout[age]"]
    assert months == pytest.approx(a.summary()["std_error"]["dropout[age]"] / 12, rel=1e-6)


def test_shrinking_does_not_show_where_the_data_tell():
    _, customers = with_covariates(20_000)
    shrunk, plain = (
        ParetoNBDModel(covariates=["web", "age"], prior=prior).fit(customers)
        for prior in ("weak", None)
    )
    error = plain.summary()["std_error"]
    off = (shrunk.summary()["estimate"] - plain.summary()["estimate"]) / error
    assert (off.abs() < 0.05).all()
    assert not shrunk.prior_used_


def test_shrinking_holds_an_effect_that_few_customers_tell():
    random = np.random.default_rng(4)
    customers = simulated(300, r=1.0, alpha=8.0).assign(rare=0)
    customers.loc[random.integers(0, 300, 2), "rare"] = 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = ParetoNBDModel(covariates=["rare"]).fit(customers)
    sd = customers["rare"].std(ddof=0)
    assert abs(fitted.params_["dropout[rare]"]) * sd < 2
    assert fitted.summary()["std_error"]["dropout[rare]"] * sd <= 1 + 1e-9


def test_predictions_depend_on_covariates_and_posteriors_work():
    truth, customers = with_covariates(600)
    fitted = ParetoNBDModel(covariates=["web", "age"]).fit(customers)
    pair = customers.iloc[[0, 0]].assign(web=[0, 1])
    for ask in (truth.predict, truth.probability_no_purchase):
        assert np.diff(ask(pair, 10.0))[0] != 0
    draws = fitted.posterior(100).draws
    assert list(draws.columns) == list(fitted.params_)
    ends = fitted.predict_interval(customers.iloc[:5], 10.0, n_draws=50)
    assert np.isfinite(ends).all()
    copy = ParetoNBDModel.from_dict(fitted.to_dict())
    assert_allclose(copy.predict(customers, 10.0), fitted.predict(customers, 10.0))
    n = np.arange(900)
    assert_allclose(truth.pmf(pair, n, 10.0) @ n, truth.predict(pair, 10.0), rtol=1e-9)


def test_simulated_covariates_come_along():
    truth, customers = with_covariates(50)
    assert list(customers.columns) == [*COLUMNS, "web", "age"]
    with pytest.raises(DataError, match=r"simulate needs the covariates \['web', 'age'\]"):
        truth.simulate([3.0])
    with pytest.raises(DataError, match="finite ages of at least 0"):
        model().simulate([3.0, -1.0])


@pytest.mark.parametrize(
    ("covariates", "text"),
    [
        ("web", "must be a list of columns"),
        (["web", "web"], "named twice"),
        (["T"], "named twice or read by the model already"),
        (["webb"], "column 'webb' not found. Did you mean"),
        (["one"], "have one value only"),
        (["year"], "Subtract a typical value"),
        (["hole"], "'hole' has 1 NaN (first at row 2)"),
    ],
)
def test_covariates_that_are_refused(covariates, text):
    _, customers = with_covariates(50)
    customers = customers.assign(one=1.0, year=2020.0 + customers["web"], hole=customers["web"])
    customers["hole"] = customers["hole"].astype(float)
    customers.loc[2, "hole"] = np.nan
    with pytest.raises(DataError) as error:
        ParetoNBDModel(covariates=covariates).fit(customers)
    assert str(error.value).startswith("ParetoNBDModel: ")
    assert text in str(error.value)


def test_an_array_needs_its_covariates():
    with pytest.raises(DataError, match="columns frequency, recency, T, web in this order, got 3"):
        ParetoNBDModel(covariates=["web"]).fit(simulated(50).to_numpy())


@pytest.fixture(scope="module")
def apparel(data_folder):
    """A simulated cohort of 600 customers, 2005 to 2010, that comes with CLVTools (R)."""
    folder = data_folder / "transactions"
    lines = pd.read_parquet(folder / "apparel_transactions.parquet")
    log = ck.EventLog(lines, "Id", "Date", "Price")
    table = pd.read_parquet(folder / "apparel_static_covariates.parquet")
    return ck.summarize(log, as_of="2008-01-01", unit="W").merge(table, on="Id")


def test_covariates_of_the_apparel_cohort(apparel):
    """An independent optimum: the paper's likelihood in scipy's 2F1, climbed without gradient."""
    names = ["Gender", "Channel"]
    x, t, T = (apparel[name].to_numpy(float) for name in COLUMNS)
    z = apparel[names].to_numpy(float)

    def loss(theta):
        (r, alpha, s, beta), g, h = np.exp(theta[:4]), theta[4:6], theta[6:]
        alphas, betas = alpha * np.exp(-z @ g), beta * np.exp(-z @ h)
        return -pareto_nbd.scipy_log_likelihood(r, alphas, s, betas, x, t, T).sum()

    best = minimize(loss, [*np.log([1.0, 40.0, 0.7, 40.0]), 0.1, 0.1, 0.1, 0.1], method="BFGS")
    fitted = ParetoNBDModel(prior=None, covariates=names).fit(apparel)
    found = np.array(list(fitted.params_.values()))
    assert_allclose(found, np.append(np.exp(best.x[:4]), best.x[4:]), rtol=2e-4)
    assert fitted.log_likelihood_ == pytest.approx(-best.fun, abs=1e-6)
    weak = ParetoNBDModel(covariates=names).fit(apparel)
    error = fitted.summary()["std_error"]
    assert ((weak.summary()["estimate"] - fitted.summary()["estimate"]).abs() < 0.2 * error).all()


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract_with_covariates(contract):
    _, customers = with_covariates(600)
    contract(ParetoNBDModel(covariates=["web", "age"]), customers)
