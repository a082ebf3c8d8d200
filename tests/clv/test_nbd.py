"""NBD: formulas, derivatives, its place among the models, simulations, messages."""

import warnings

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from scipy.special import gammaln
from sklearn.utils.estimator_checks import check_estimator

from crmkit.clv import BetaGeoModel, NBDModel
from crmkit.clv._distinct import distinct_rows
from crmkit.clv._nbd import nbd_log_likelihood, nbd_objective
from crmkit.exceptions import ConvergenceWarning
from tests.clv.domains import AnyNBD
from tests.contracts import customer_level
from tests.oracles import cdnow

PARAMS = {"r": 0.9, "alpha": 12.0}
COLUMNS = ["frequency", "recency", "T"]
wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def model(**params):
    return NBDModel.from_dict({"fitted": {"params_": {**PARAMS, **params}}})


def frame(*rows):
    return pd.DataFrame(rows, columns=COLUMNS, dtype=float)


def simulated(n_customers=3000, seed=0, **params):
    T = np.random.default_rng(seed).uniform(20, 60, n_customers)
    return model(**params).simulate(T, random_state=seed)


def test_by_hand():
    """Shape 2 and scale 10 after one purchase in 10: rate 3 / 20, silence (20 / 25)^3."""
    one = frame([1, 4, 10])
    fitted = model(r=2.0, alpha=10.0)
    assert fitted.predict(one, 5.0)[0] == pytest.approx(0.75, rel=1e-15)
    assert fitted.probability_no_purchase(one, 5.0)[0] == pytest.approx(0.8**3, rel=1e-14)
    assert_allclose(fitted.pmf(one, [0, 1], 5.0)[0], [0.8**3, 3 * 0.8**3 * 0.2], rtol=1e-13)
    assert fitted.log_likelihood(one)[0] == pytest.approx(np.log(2 * 100 / 20**3), rel=1e-14)
    assert fitted.probability_alive(one)[0] == 1.0


def test_an_optimiser_of_its_own_finds_no_more():
    customers = cdnow.customers()
    x, T = customers["frequency"].to_numpy(), customers["T"].to_numpy()

    def nbd(theta):
        r, alpha = np.exp(theta)
        rows = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T)
        return -rows.sum()

    best = minimize(nbd, [0.0, 2.0])
    fitted = NBDModel().fit(customers)
    assert fitted.n_iter_ < 10
    assert fitted.log_likelihood_ == pytest.approx(-best.fun, abs=1e-5)
    assert_allclose(list(fitted.params_.values()), np.exp(best.x), rtol=1e-3)
    assert fitted.log_likelihood_ < cdnow.LOG_LIKELIHOOD


def test_it_is_the_beta_geo_model_without_dropout():
    customers = simulated(200)
    same = BetaGeoModel.from_dict({"fitted": {"params_": {**PARAMS, "a": 1e-14, "b": 1.0}}})
    assert_allclose(same.log_likelihood(customers), model().log_likelihood(customers), rtol=1e-11)
    assert_allclose(same.predict(customers, 9.0), model().predict(customers, 9.0), rtol=1e-9)


@given(wide, wide, st.integers(0, 200), st.floats(0.1, 5000))
def test_log_likelihood_to_many_digits(r, alpha, x, T):
    found = nbd_log_likelihood((r, alpha), np.array([float(x)]), np.array([T]))[0]
    with mp.workdps(40):
        r, alpha, T = (mp.mpf(value) for value in (r, alpha, T))
        exact = mp.log(mp.rf(r, x)) + r * mp.log(alpha) - (r + x) * mp.log(alpha + T)
    scale = 1.0 + float((r + x) * (1 + abs(mp.log(alpha + T))))
    assert found == pytest.approx(float(exact), abs=1e-13 * scale, rel=1e-12)


@pytest.mark.parametrize("params", [(0.24, 4.4), (3.0, 90.0), (9.0, 0.2), (400.0, 1e4)])
def test_gradient_and_hessian_are_those_of_differences(params):
    customers = simulated(200).to_numpy()
    objective, params = nbd_objective(distinct_rows(customers)), np.array(params)
    value, gradient, hessian = objective(params)
    rows = nbd_log_likelihood(tuple(params), customers[:, 0], customers[:, 2])
    assert value == pytest.approx(rows.sum())
    for i, step in enumerate(params * 1e-5):
        shift = np.zeros(2)
        shift[i] = step
        above, below = objective(params + shift), objective(params - shift)
        assert (above[0] - below[0]) / (2 * step) == pytest.approx(gradient[i], rel=1e-6, abs=1e-5)
        assert_allclose((above[1] - below[1]) / (2 * step), hessian[i], rtol=1e-6, atol=1e-4)


def test_simulated_parameters_are_found_again():
    fitted = NBDModel().fit(simulated(20_000, seed=3))
    off = np.log([fitted.params_[name] / value for name, value in PARAMS.items()])
    assert (np.abs(off) < 4 * np.sqrt(np.diag(fitted.covariance_))).all()


def test_simulated_recency_is_that_of_the_last_of_many():
    """The last of x uniform instants in (0, T] lies at T x / (x + 1) on average."""
    customers = simulated(60_000, seed=4)
    for x in (1, 2, 5):
        some = customers[customers["frequency"] == x]
        part = some["recency"] / some["T"]
        assert abs(part.mean() - x / (x + 1)) < 4 * part.std() / np.sqrt(len(part))
    assert (customers.loc[customers["frequency"] == 0, "recency"] == 0).all()


def test_simulated_futures_follow_the_formulas():
    fitted, random = model(), np.random.default_rng(0)
    rows = np.repeat([[0.0, 0.0, 30.0], [6.0, 25.0, 30.0]], 40_000, axis=0)
    futures = fitted._future_if_alive(rows, np.array([5.0, 20.0]), random)
    assert (np.diff(futures, axis=0) >= 0).all()
    for i, row in enumerate(rows[[0, -1]]):
        customer = frame(row)
        for horizon, counts in zip((5.0, 20.0), futures[:, 40_000 * i :][:, :40_000], strict=True):
            error = counts.std() / np.sqrt(len(counts))
            assert abs(counts.mean() - fitted.predict(customer, horizon)[0]) < 4 * error
            seen = np.array([(counts == n).mean() for n in range(4)])
            expected = fitted.pmf(customer, range(4), horizon)[0]
            assert (np.abs(seen - expected) < 4 * np.sqrt(expected / len(counts)) + 1e-4).all()


@pytest.mark.parametrize("horizon", [0.5, 30.0])
def test_the_distribution_has_the_mean_of_predict(horizon):
    customers = frame([0, 0, 9], [3, 8, 9], [40, 9, 9])
    n = np.arange(4000)
    p = model().pmf(customers, n, horizon)
    assert_allclose(p.sum(axis=1), 1.0, rtol=1e-12)
    assert_allclose(p @ n, model().predict(customers, horizon), rtol=1e-11)
    assert_allclose(p[:, 0], model().probability_no_purchase(customers, horizon), rtol=1e-13)


def test_silence_is_a_ratio_of_likelihoods():
    customers, fitted = simulated(300), model()
    later = customers.assign(T=customers["T"] + 13)
    ratio = np.exp(fitted.log_likelihood(later) - fitted.log_likelihood(customers))
    assert_allclose(fitted.probability_no_purchase(customers, 13.0), ratio, rtol=1e-11)


def test_discounted_purchases_by_the_formula():
    customers, rate = frame([0, 0, 9], [3, 8, 9]), 0.01
    mean = (PARAMS["r"] + np.array([0, 3])) / (PARAMS["alpha"] + 9)
    found = model().discounted_purchases(customers, 50.0, rate)
    assert_allclose(found, mean * (1 - np.exp(-0.5)) / rate, rtol=1e-9)
    assert_allclose(model().discounted_purchases(customers, np.inf, rate), mean / rate, rtol=1e-12)


def test_the_unit_of_time_only_scales_alpha():
    weeks = simulated()
    days = weeks.assign(recency=weeks["recency"] * 7, T=weeks["T"] * 7)
    a, b = NBDModel().fit(weeks), NBDModel().fit(days)
    assert b.params_ == pytest.approx({"r": a.params_["r"], "alpha": 7 * a.params_["alpha"]})
    shift = weeks["frequency"].sum() * np.log(7)
    assert b.log_likelihood_ == pytest.approx(a.log_likelihood_ - shift, rel=1e-12)


def test_weights_are_repeated_customers():
    customers = simulated(400)
    weight = np.random.default_rng(0).integers(0, 4, len(customers))
    weighted = NBDModel().fit(customers, sample_weight=weight)
    repeated = NBDModel().fit(customers.loc[customers.index.repeat(weight)])
    assert weighted.params_ == repeated.params_
    assert_array_equal(weighted.covariance_, repeated.covariance_)


@given(wide, wide, st.integers(0, 5000), st.floats(0.01, 1), st.floats(0.1, 5000))
def test_every_valid_customer_gets_finite_answers(r, alpha, x, part, T):
    customers, fitted = frame([x, T * part if x else 0.0, T]), model(r=r, alpha=alpha)
    assert fitted.predict(customers, 0.0)[0] == 0
    assert fitted.probability_no_purchase(customers, 0.0)[0] == 1
    for horizon in (T / 9, 5000.0):
        assert 0 < fitted.predict(customers, horizon)[0] < np.inf
        assert 0 <= fitted.probability_no_purchase(customers, horizon)[0] <= 1
        p = fitted.pmf(customers, [0, 1, 7, 5000], horizon)
        assert ((p >= 0) & (p <= 1)).all()
    futures = fitted._future_if_alive(
        customers.to_numpy(), np.array([1.0, 5000.0]), np.random.default_rng(0)
    )
    assert np.isfinite(futures).all()
    assert np.isfinite(fitted.log_likelihood(customers)).all()


def test_what_the_data_do_not_tell_is_said():
    alike = simulated(3000, seed=5, r=1e5, alpha=1e6)
    with pytest.warns(ConvergenceWarning, match="NBDModel: the data do not tell r.* hardly differ"):
        NBDModel(prior=None).fit(alike)
    few = frame([1, 4, 9], [0, 0, 9], [0, 0, 9])
    with pytest.warns(ConvergenceWarning, match="There are too few repeat buyers"):
        assert np.isfinite(NBDModel().fit(few).predict(few, 9.0)).all()


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(NBDModel(), simulated(600))


def test_scikit_learn_suite():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few customers tell little
        results = check_estimator(AnyNBD(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 46, f"only {len(ran)} checks passed: {ran}"
