"""Pareto/NBD: the papers, other software, simulations, extremes, messages."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import hyperu
from sklearn.utils.estimator_checks import check_estimator

import crmkit as ck
from crmkit.clv import NBDModel, ParetoNBDModel
from crmkit.exceptions import ConvergenceWarning
from tests.clv._pareto_customers import COLUMNS, frame, model, simulated, with_covariates
from tests.clv.domains import AnyParetoNBD
from tests.contracts import customer_level
from tests.oracles import cdnow, pareto_nbd

PARAMS = pareto_nbd.PUBLISHED
wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


@pytest.fixture(scope="module")
def sample():
    return cdnow.customers()


def test_published_estimates(sample):
    fitted = ParetoNBDModel(prior=None).fit(sample)
    assert fitted.n_iter_ < 10
    assert fitted.converged_
    assert fitted.unit_ == "W"
    assert fitted.log_likelihood_ == pytest.approx(pareto_nbd.LOG_LIKELIHOOD, abs=5e-4)
    for name, published in PARAMS.items():
        assert round(fitted.params_[name], 3) == published, name


def test_standard_errors_of_other_software(sample):
    """CLVTools (R) reports these on the same data, from its numerical Hessian."""
    table = ParetoNBDModel().fit(sample).summary()
    assert_allclose(table["std_error"], [0.0476264, 0.8427222, 0.1872594, 6.2105448], rtol=1e-3)


def test_the_weak_prior_does_not_show(sample):
    weak, plain = ParetoNBDModel().fit(sample), ParetoNBDModel(prior=None).fit(sample)
    assert weak.params_ == plain.params_
    assert weak.prior_used_ is False


def test_lifetimes_agrees(sample):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lifetimes = pytest.importorskip("lifetimes")
        theirs = lifetimes.ParetoNBDFitter()
        theirs.params_ = pd.Series(PARAMS)
        x, t, T = (sample[name].to_numpy() for name in COLUMNS)
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(39.0, x, t, T)
        alive = theirs.conditional_probability_alive(x, t, T)
    assert np.isfinite(expected).all()
    assert_allclose(model().predict(sample, 39.0), expected, rtol=1e-11)
    assert_allclose(model().probability_alive(sample), alive, rtol=1e-11)


def test_log_likelihood_of_the_paper(sample):
    x, t, T = (sample[name].to_numpy() for name in COLUMNS)
    some = x < 20
    oracle = pareto_nbd.scipy_log_likelihood(*(PARAMS[n] for n in PARAMS), x, t, T)
    assert_allclose(model().log_likelihood(sample)[some], oracle[some], rtol=1e-10)


def test_by_hand():
    """With alpha = beta, one-time buyer: dead by T with s/(r+s) (1 - (alpha/(alpha+T))^(r+s))."""
    one = frame([0, 0, 10])
    fitted = model(r=1.0, alpha=10.0, s=1.0, beta=10.0)
    silent = 0.5 * 0.25 + 0.5
    assert np.exp(fitted.log_likelihood(one)[0]) == pytest.approx(silent, rel=1e-14)
    assert fitted.probability_alive(one)[0] == pytest.approx(0.25 / silent, rel=1e-14)
    expected = 0.25 / silent * np.log(1.5)
    assert fitted.predict(one, 10.0)[0] == pytest.approx(expected, rel=1e-14)


def test_predictions_are_those_of_simulated_customers():
    n, truth = 200_000, model(r=0.8, alpha=5.0, s=0.7, beta=20.0)
    x, t, later = pareto_nbd.simulate(truth.params_, 30.0, 20.0, n, seed=1)
    customers = pd.DataFrame({"frequency": x, "recency": t, "T": 30.0})
    expected = truth.predict(customers, 20.0)
    pmf = truth.pmf(customers.iloc[:4000], [0, 1, 2, 5], 20.0)
    assert_allclose(pmf[:, 0], truth.probability_no_purchase(customers.iloc[:4000], 20.0))
    silent = truth.probability_no_purchase(customers, 20.0)
    for group in (x == 0, x == 1, (x >= 2) & (t > 20), (x >= 2) & (t <= 20)):
        share = np.sqrt(group.sum())
        assert abs((later[group] - expected[group]).mean()) < 4 * later[group].std() / share
        assert abs(((later[group] == 0) - silent[group]).mean()) < 4 * 0.5 / share
    many = 4 * 0.5 / np.sqrt(4000)
    for n_bought, chance in zip((1, 2, 5), pmf.T[1:], strict=True):
        assert abs((later[:4000] == n_bought).mean() - chance.mean()) < many


def test_simulate_draws_from_the_model():
    n, truth = 100_000, model(r=0.8, alpha=5.0)
    ours = truth.simulate(np.full(n, 30.0), random_state=0)
    x, t, _ = pareto_nbd.simulate(truth.params_, 30.0, 0.0, n, seed=1)
    for theirs, name in ((x, "frequency"), (t, "recency")):
        assert abs(ours[name].mean() - theirs.mean()) < 4 * theirs.std() * np.sqrt(2 / n)
        assert ours[name].std() == pytest.approx(theirs.std(), rel=0.05)
    pd.testing.assert_frame_equal(ours, truth.simulate(np.full(n, 30.0), random_state=0))


def test_futures_have_the_pmf():
    rows = np.repeat([[3.0, 25.0, 30.0]], 60_000, axis=0)
    horizons = np.array([2.0, 10.0, 50.0])
    paths = model()._future_if_alive(rows, horizons, np.random.default_rng(0))
    assert (np.diff(paths, axis=0) >= 0).all()
    for path, horizon in zip(paths, horizons, strict=True):
        chances = model()._pmf_if_alive(rows[:1], np.arange(6), horizon)[0]
        shares = np.bincount(path, minlength=6)[:6] / len(rows)
        assert_allclose(shares, chances, atol=4 * 0.5 / np.sqrt(len(rows)))
        assert path.mean() == pytest.approx(
            model()._expected_if_alive(rows[:1], np.array([horizon]))[0], rel=0.05
        )


def test_pmf_has_the_mean_and_the_zero_of_the_predictions():
    customers, n = simulated(40), np.arange(1500)
    for params in ({}, {"s": 1.0}, {"s": 1e-6}, {"alpha": 40.0, "beta": 0.1, "s": 3.0}):
        fitted = model(**params)
        table = fitted.pmf(customers, n, 26.0)
        assert_allclose(table.sum(axis=1), 1.0, rtol=1e-10)
        assert_allclose(table @ n, fitted.predict(customers, 26.0), rtol=1e-9)
        rows = customers.to_numpy()
        zero = 1 - fitted._alive(rows) * (1 - fitted._pmf_if_alive(rows, n[:1], 26.0)[:, 0])
        assert_allclose(zero, fitted.probability_no_purchase(customers, 26.0), rtol=1e-12)
    assert_array_equal(model().pmf(customers, [0, 1], 0.0), [[1.0, 0.0]] * len(customers))


def test_probability_of_silence_is_a_ratio_of_likelihoods():
    customers = simulated(300)
    later = customers.assign(T=customers["T"] + 13)
    ratio = np.exp(model().log_likelihood(later) - model().log_likelihood(customers))
    assert_allclose(model().probability_no_purchase(customers, 13.0), ratio, rtol=1e-11)


def test_discounting_for_ever_is_kummer_s_function():
    customers = simulated(50)
    for s in (0.2, 0.606, 1.0, 2.5):
        fitted = model(s=s)
        R, _, a, b = fitted._now(customers.to_numpy())
        worth = R * b / a * hyperu(1.0, 2.0 - s, 0.003 * b)
        found = fitted.discounted_purchases(customers, float("inf"), 0.003)
        assert_allclose(found, fitted.probability_alive(customers) * worth, rtol=1e-9)
        long = fitted.discounted_purchases(customers, 20_000.0, 0.003)
        assert_allclose(found, long, rtol=1e-7)


def test_discounting_stays_finite_where_kummer_s_function_does_not():
    customers = simulated(20)
    for s, beta, rate in ((1e-6, 1e6, 1e-9), (300.0, 1e6, 0.1), (1e6, 1e6, 1e-9), (1.0, 1e-6, 9.0)):
        fitted = model(s=s, beta=beta)
        worth = fitted.discounted_purchases(customers, float("inf"), rate)
        bound = fitted.probability_alive(customers) * fitted._now(customers.to_numpy())[0]
        assert np.isfinite(worth).all()
        assert (worth >= 0).all()
        assert (worth <= bound / fitted._now(customers.to_numpy())[2] / rate * (1 + 1e-12)).all()


def test_expected_purchases_are_smooth_in_s_around_one():
    customers = simulated(50)
    below, here, above = (model(s=1 + d).predict(customers, 39.0) for d in (-1e-7, 0.0, 1e-7))
    assert_allclose((below + above) / 2, here, rtol=1e-12)


@settings(max_examples=60)
@given(
    wide,
    wide,
    wide,
    wide,
    st.one_of(st.integers(0, 5000), st.just(10_000_000)),
    st.sampled_from([1e-9, 0.01, 0.5, 1.0]),
    st.sampled_from([0.0, 1e-3, 1.0, 365.0, 5000.0]),
)
def test_every_valid_customer_gets_finite_answers(r, alpha, s, beta, x, part, T):
    x = x if T > 0 else 0
    customers = frame([x, T * part if x else 0.0, T])
    fitted = model(r=r, alpha=alpha, s=s, beta=beta)
    alive = fitted.probability_alive(customers)[0]
    horizons = np.array([0.0, T / 9, 400.0, 5000.0])
    rows = customers.to_numpy()
    expected = alive * fitted._expected_if_alive(np.repeat(rows, 4, axis=0), horizons)
    silent = np.array([fitted._no_purchase(rows, h)[0] for h in horizons])
    assert 0 <= alive <= 1
    assert expected[0] == 0
    assert silent[0] == 1
    assert np.isfinite(expected).all()
    order = np.argsort(horizons)
    assert (np.diff(expected[order]) >= -1e-12 * np.max(expected)).all()
    assert (np.diff(silent[order]) <= 1e-10).all()
    assert silent.min() >= 1 - alive - 1e-15
    assert np.isfinite(fitted._discounted_if_alive(rows, 1e-4)).all()
    chances = fitted._pmf_if_alive(rows, np.array([0, 1, 2, 50]), 400.0)
    assert ((chances >= 0) & (chances <= 1 + 1e-9)).all()
    if x <= 5000:
        assert np.isfinite(fitted.log_likelihood(customers)).all()


def test_a_likelihood_of_ten_million_purchases_is_finite():
    customers = frame([10_000_000, 300.0, 365.0], [10_000_000, 365.0, 365.0])
    assert np.isfinite(model().log_likelihood(customers)).all()
    assert_allclose(model().probability_alive(customers), [0.0, 1.0], atol=1e-12)


@pytest.mark.parametrize("truth", [{"r": 0.9, "alpha": 6.0, "s": 0.8, "beta": 12.0}])
def test_simulated_parameters_are_found_again(truth):
    fitted = ParetoNBDModel().fit(simulated(20_000, seed=3, **truth))
    off = np.log([fitted.params_[name] / value for name, value in truth.items()])
    assert (np.abs(off) < 4 * np.sqrt(np.diag(fitted.covariance_))).all()


def test_the_unit_of_time_only_scales_alpha_and_beta():
    weeks = simulated()
    days = weeks.assign(recency=weeks["recency"] * 7, T=weeks["T"] * 7)
    a, b = ParetoNBDModel().fit(weeks), ParetoNBDModel().fit(days)
    for name, factor in {"r": 1, "alpha": 7, "s": 1, "beta": 7}.items():
        assert b.params_[name] == pytest.approx(factor * a.params_[name], rel=1e-7)
    shift = weeks["frequency"].sum() * np.log(7)
    assert b.log_likelihood_ == pytest.approx(a.log_likelihood_ - shift, rel=1e-12)
    assert_allclose(b.predict(days, 70.0), a.predict(weeks, 10.0), rtol=1e-7)


def test_weights_are_repeated_customers():
    _, customers = with_covariates(400)
    weight = np.random.default_rng(0).integers(0, 4, len(customers))
    for covariates in (None, ["web", "age"]):
        fresh = ParetoNBDModel(covariates=covariates)
        weighted = fresh.fit(customers, sample_weight=weight)
        params, covariance = weighted.params_, weighted.covariance_
        repeated = fresh.fit(customers.loc[customers.index.repeat(weight)])
        assert params == repeated.params_
        assert_array_equal(covariance, repeated.covariance_)


def test_it_never_fits_worse_than_a_model_without_dropout():
    for seed in range(3):
        customers = simulated(500, seed=seed, r=0.9)
        without = NBDModel(prior=None).fit(customers).log_likelihood_
        fitted = ParetoNBDModel(prior=None).fit(customers)
        assert fitted.log_likelihood_ >= without - 1e-6


def test_where_nobody_leaves_it_says_so():
    customers = simulated(2000, r=3.0, alpha=10.0, s=1e-6, beta=1e3)
    with pytest.warns(ConvergenceWarning, match="No dropout seen") as record:
        fitted = ParetoNBDModel().fit(customers)
    assert record[0].filename == __file__
    assert str(record[0].message).startswith("ParetoNBDModel: the data do not tell s")
    assert fitted.prior_used_
    r, alpha = fitted.params_["r"], fitted.params_["alpha"]
    nbd = (r + customers["frequency"]) / (alpha + customers["T"]) * 10
    assert fitted.predict(customers, 10.0).sum() == pytest.approx(nbd.sum(), rel=5e-3)
    with pytest.warns(ConvergenceWarning, match="No dropout seen"):
        plain = ParetoNBDModel(prior=None).fit(customers)
    assert np.isfinite(plain.predict(customers, 10.0)).all()


def test_alike_customers_are_told_apart_from_no_dropout():
    customers = simulated(300, seed=5, r=4000.0, alpha=9000.0)
    with pytest.warns(ConvergenceWarning, match=r"Customers hardly differ in their rates"):
        ParetoNBDModel(prior=None).fit(customers)
    customers = simulated(3000, seed=5, r=3.0, s=900.0, beta=3e4)
    with pytest.warns(ConvergenceWarning, match="but how far customers differ in their lifetimes"):
        ParetoNBDModel(prior=None).fit(customers)


def test_an_early_stop_is_told():
    with pytest.warns(ConvergenceWarning, match=r"stopped after 1 steps .* Try a larger max_iter"):
        fitted = ParetoNBDModel(max_iter=1).fit(simulated())
    assert not fitted.converged_


@pytest.mark.parametrize("prior", ["weak", None])
def test_a_shop_that_shows_no_dropout(online_retail, prior):
    """UCI Online Retail, nine months: the answer is that of the NBD model, and it is said."""
    customers = ck.summarize(online_retail, as_of="2011-09-01", unit="D")
    with pytest.warns(ConvergenceWarning, match="do not tell s and beta. No dropout seen"):
        fitted = ParetoNBDModel(prior=prior).fit(customers)
    without = NBDModel().fit(customers)
    assert fitted.log_likelihood_ == pytest.approx(without.log_likelihood_, abs=0.5)
    expected = fitted.predict(customers, 100.0)
    assert np.isfinite(expected).all()
    assert expected.sum() == pytest.approx(without.predict(customers, 100.0).sum(), rel=0.01)


def test_grocery_buyers_who_hardly_leave(data_folder):
    """Complete Journey, eight months: every answer is finite."""
    lines = pd.read_parquet(
        data_folder / "completejourney" / "transactions.parquet",
        columns=["household_id", "transaction_timestamp", "sales_value"],
    )
    log = ck.EventLog(lines, "household_id", "transaction_timestamp", "sales_value", tz=None)
    customers = ck.summarize(log, as_of="2017-09-01", unit="D")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = ParetoNBDModel().fit(customers)
    assert fitted.converged_
    for answer in (fitted.predict(customers, 123.0), fitted.probability_alive(customers)):
        assert np.isfinite(answer).all()


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(ParetoNBDModel(), simulated(600))


def test_scikit_learn_suite():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few customers tell little
        results = check_estimator(AnyParetoNBD(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 46, f"only {len(ran)} checks passed: {ran}"
