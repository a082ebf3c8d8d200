"""BG/NBD: the paper, the formulas to many digits, derivatives, simulations, units, messages."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from scipy.special import gammaln
from sklearn.utils.estimator_checks import check_estimator

from crmkit.clv import BetaGeoModel
from crmkit.clv._beta_geo_likelihood import Kind, family_objective, log_likelihood
from crmkit.clv._distinct import distinct_rows
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.clv.domains import AnyBetaGeo
from tests.contracts import customer_level
from tests.oracles import beta_geo, cdnow

PARAMS = {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}
COLUMNS = ["frequency", "recency", "T"]
wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def model(unit="W", **params):
    return BetaGeoModel.from_dict(
        {"init": {"unit": unit}, "fitted": {"params_": {**PARAMS, **params}}}
    )


def frame(*rows):
    return pd.DataFrame(rows, columns=COLUMNS, dtype=float)


def simulated(n_customers=3000, seed=0, **params):
    T = np.random.default_rng(seed).uniform(20, 60, n_customers)
    return model(**params).simulate(T, random_state=seed)


@pytest.fixture(scope="module")
def sample():
    return cdnow.customers()


def test_published_estimates(sample):
    fitted = BetaGeoModel(prior=None).fit(sample)
    assert fitted.n_iter_ < 10
    assert fitted.unit_ == "W"
    assert fitted.log_likelihood_ == pytest.approx(cdnow.LOG_LIKELIHOOD, abs=0.05)
    for name, published in cdnow.PURCHASES.items():
        assert round(fitted.params_[name], 3) == published, name


def test_the_weak_prior_does_not_show(sample):
    weak, plain = BetaGeoModel().fit(sample), BetaGeoModel(prior=None).fit(sample)
    assert weak.params_ == plain.params_
    assert weak.prior_used_ is False


def test_the_weak_prior_joins_where_the_data_leave_a_parameter_open():
    """Nobody leaves: the likelihood rises for ever as a falls, the prior holds it."""
    random = np.random.default_rng(3)
    T = random.uniform(20, 40, 400)
    rate = random.gamma(2.0, 0.1, 400)
    x = random.poisson(rate * T)
    recency = np.where(x > 0, T * random.beta(np.maximum(x, 1), 1.0), 0.0)
    customers = pd.DataFrame({"frequency": x, "recency": recency, "T": T})
    with pytest.warns(ConvergenceWarning, match="do not tell a and b. No dropout seen"):
        fitted = BetaGeoModel().fit(customers)
    assert fitted.prior_used_ is True
    assert fitted.converged_
    assert np.isfinite(fitted.predict(customers, 10.0)).all()


def test_the_paper_s_customer():
    customers = frame([2, 30.43, 38.86])
    assert model().predict(customers, 39.0)[0] == pytest.approx(1.226, abs=5e-4)


def test_lifetimes_agrees(sample):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lifetimes = pytest.importorskip("lifetimes")
        theirs = lifetimes.BetaGeoFitter()
        theirs.params_ = pd.Series(PARAMS)
        x, t, T = (sample[name].to_numpy() for name in COLUMNS)
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(39.0, x, t, T)
        alive = theirs.conditional_probability_alive(x, t, T)
    assert_allclose(model().predict(sample, 39.0), expected, rtol=1e-9)
    assert_allclose(model().probability_alive(sample), alive, rtol=1e-12)


@given(wide, wide, wide, wide, st.integers(0, 200), st.floats(0.01, 1), st.floats(0.1, 5000))
def test_log_likelihood_to_many_digits(r, alpha, a, b, x, part, T):
    t = T * part if x else 0.0
    found = log_likelihood((r, alpha, a, b), Kind(), *np.array([[x], [t], [T]], dtype=float))[0]
    exact = float(beta_geo.log_likelihood(r, alpha, a, b, x, t, T))
    scale = 1.0 + (r + x) * (1.0 + abs(np.log(alpha + T)))
    assert found == pytest.approx(exact, abs=1e-13 * scale, rel=1e-12)


@pytest.mark.parametrize(
    "params", [(0.24, 4.4, 0.8, 2.4), (3.0, 90.0, 0.01, 40.0), (9, 0.2, 5, 0.1)]
)
def test_gradient_and_hessian_are_those_of_differences(params):
    customers = simulated(200).to_numpy()
    objective = family_objective(distinct_rows(customers), Kind())
    params = np.array(params, dtype=float)
    value, gradient, hessian = objective(params)
    assert value == pytest.approx(log_likelihood(tuple(params), Kind(), *customers.T).sum())
    for i, step in enumerate(params * 1e-5):
        shift = np.zeros(4)
        shift[i] = step
        above, below = objective(params + shift), objective(params - shift)
        assert (above[0] - below[0]) / (2 * step) == pytest.approx(gradient[i], rel=1e-6, abs=1e-5)
        assert_allclose((above[1] - below[1]) / (2 * step), hessian[i], rtol=1e-6, atol=1e-4)
    assert_allclose(hessian, hessian.T)


def test_simulated_parameters_are_found_again():
    truth = {"r": 0.9, "alpha": 6.0, "a": 0.7, "b": 2.0}
    fitted = BetaGeoModel().fit(simulated(20_000, seed=3, **truth))
    table = fitted.summary()
    off = np.log([fitted.params_[name] / value for name, value in truth.items()])
    assert (np.abs(off) < 4 * np.sqrt(np.diag(fitted.covariance_))).all()
    assert (table["lower_95"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper_95"]).all()


def test_predictions_are_those_of_simulated_customers():
    n = 200_000
    truth = model(r=0.8, alpha=5.0)
    x, t, later = beta_geo.simulate(truth.params_, 30.0, 20.0, n, seed=1)
    customers = pd.DataFrame({"frequency": x, "recency": t, "T": 30.0})
    expected, silent = (
        truth.predict(customers, 20.0),
        truth.probability_no_purchase(customers, 20.0),
    )
    for group in (x == 0, x == 1, (x >= 2) & (t > 20), (x >= 2) & (t <= 20)):
        share = np.sqrt(group.sum())
        assert abs((later[group] - expected[group]).mean()) < 4 * later[group].std() / share
        assert abs(((later[group] == 0) - silent[group]).mean()) < 4 * 0.5 / share


def test_simulate_draws_from_the_model():
    n = 100_000
    ours = model(r=0.8, alpha=5.0).simulate(np.full(n, 30.0), random_state=0)
    x, t, _ = beta_geo.simulate({**PARAMS, "r": 0.8, "alpha": 5.0}, 30.0, 0.0, n, seed=1)
    assert abs(ours["frequency"].mean() - x.mean()) < 4 * x.std() * np.sqrt(2 / n)
    assert abs(ours["recency"].mean() - t.mean()) < 4 * t.std() * np.sqrt(2 / n)
    again = model(r=0.8, alpha=5.0).simulate(np.full(n, 30.0), random_state=0)
    pd.testing.assert_frame_equal(ours, again)


def test_the_unit_of_time_only_scales_alpha():
    weeks = simulated()
    days = weeks.assign(recency=weeks["recency"] * 7, T=weeks["T"] * 7)
    a, b = BetaGeoModel().fit(weeks), BetaGeoModel().fit(days)
    for name, factor in {"r": 1, "alpha": 7, "a": 1, "b": 1}.items():
        assert b.params_[name] == pytest.approx(factor * a.params_[name], rel=1e-8)
    shift = weeks["frequency"].sum() * np.log(7)
    assert b.log_likelihood_ == pytest.approx(a.log_likelihood_ - shift, rel=1e-12)
    assert_allclose(b.predict(days, 70.0), a.predict(weeks, 10.0), rtol=1e-8)


def test_weights_are_repeated_customers():
    customers = simulated(400)
    weight = np.random.default_rng(0).integers(0, 4, len(customers))
    weighted = BetaGeoModel().fit(customers, sample_weight=weight)
    repeated = BetaGeoModel().fit(customers.loc[customers.index.repeat(weight)])
    assert weighted.params_ == repeated.params_
    assert_array_equal(weighted.covariance_, repeated.covariance_)


def test_it_never_fits_worse_than_a_model_without_dropout():
    for seed in range(3):
        customers = simulated(500, seed=seed, r=0.9)
        x, T = customers["frequency"].to_numpy(), customers["T"].to_numpy()

        def nbd(theta, x=x, T=T):
            r, alpha = np.exp(theta)
            rows = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T)
            return -rows.sum()

        best = -minimize(nbd, [0.0, 2.0]).fun
        assert BetaGeoModel(prior=None).fit(customers).log_likelihood_ >= best - 1e-6


@given(wide, wide, wide, wide, st.integers(0, 5000), st.floats(0.01, 1), st.floats(0.1, 5000))
def test_every_valid_customer_gets_finite_answers(r, alpha, a, b, x, part, T):
    customers = frame([x, T * part if x else 0.0, T])
    fitted = model(r=r, alpha=alpha, a=a, b=b)
    alive = fitted.probability_alive(customers)[0]
    horizons = [0.0, T / 9, 400.0, 5000.0]
    expected = [fitted.predict(customers, h)[0] for h in horizons]
    silent = [fitted.probability_no_purchase(customers, h)[0] for h in horizons]
    assert 0 <= alive <= 1
    assert (x > 0) or alive == 1
    assert expected[0] == 0
    assert silent[0] == 1
    assert np.isfinite(expected).all()
    assert np.isfinite(fitted.log_likelihood(customers)).all()
    order = np.argsort(horizons)
    assert (np.diff(np.array(expected)[order]) >= -1e-12 * np.max(expected)).all()
    assert (np.diff(np.array(silent)[order]) <= 1e-15).all()
    assert min(silent) >= 1 - alive - 1e-15


def test_probability_of_silence_is_a_ratio_of_likelihoods():
    customers = simulated(300)
    later = customers.assign(T=customers["T"] + 13)
    fitted = model()
    ratio = np.exp(fitted.log_likelihood(later) - fitted.log_likelihood(customers))
    assert_allclose(fitted.probability_no_purchase(customers, 13.0), ratio, rtol=1e-11)
    base = super(BetaGeoModel, fitted)._no_purchase(customers.to_numpy(), 13.0)
    assert_allclose(base, ratio, rtol=1e-11)


def test_where_nobody_leaves_it_says_so():
    customers = simulated(2000, r=3.0, alpha=10.0, a=1e-5, b=1e3)
    with pytest.warns(ConvergenceWarning, match="No dropout seen") as record:
        fitted = BetaGeoModel().fit(customers)
    assert record[0].filename == __file__
    assert str(record[0].message).startswith("BetaGeoModel: the data do not tell a")
    r, alpha = fitted.params_["r"], fitted.params_["alpha"]
    nbd = (r + customers["frequency"]) / (alpha + customers["T"]) * 10
    assert fitted.predict(customers, 10.0).sum() == pytest.approx(nbd.sum(), rel=5e-3)
    with pytest.warns(ConvergenceWarning, match="No dropout seen"):
        plain = BetaGeoModel(prior=None).fit(customers)
    assert np.isfinite(plain.predict(customers, 10.0)).all()


def test_where_all_leave_at_once_it_says_so():
    customers = frame(*[[1, t, 50] for t in range(1, 20)], *[[0, 0, 50]] * 40)
    with pytest.warns(ConvergenceWarning, match="Nearly everyone leaves after the first repeat"):
        fitted = BetaGeoModel().fit(customers)
    assert np.isfinite(fitted.predict(customers, 10.0)).all()


def test_alike_customers_are_told_apart_from_no_dropout():
    customers = simulated(3000, seed=5, r=4000.0, alpha=9000.0)
    with pytest.warns(ConvergenceWarning, match=r"Customers hardly differ in their rates"):
        BetaGeoModel(prior=None).fit(customers)
    customers = simulated(3000, seed=6, r=3.0, a=400.0, b=1600.0)
    with pytest.warns(ConvergenceWarning, match="but how far customers differ in it is not told"):
        BetaGeoModel(prior=None).fit(customers)


def test_an_early_stop_is_told():
    with pytest.warns(ConvergenceWarning, match=r"stopped after 1 steps .* Try a larger max_iter"):
        fitted = BetaGeoModel(max_iter=1).fit(simulated())
    assert not fitted.converged_


def test_all_faults_of_the_rows_are_one_error():
    customers = frame(
        [-1, 0, 5], [1.5, 2, 5], [2, -1, 5], [2, 3, -4], [2, 9, 5], [3, 0, 5], [0, 2, 5]
    )
    with pytest.raises(DataError) as error:
        BetaGeoModel().fit(customers)
    text = str(error.value)
    for part in (
        "BetaGeoModel: 1 negative frequencies (first at row 0: -1)",
        "1 frequencies that are not whole (first at row 1: 1.5)",
        "1 negative recencies (first at row 2: -1)",
        "1 negative T (first at row 3: -4)",
        "2 recencies above T (first at row 3: 3)",
        "1 repeat buyers with recency 0 (first at row 5: 0)",
        "1 one-time buyers with a recency above 0 (first at row 6: 2)",
    ):
        assert part in text
    with pytest.raises(DataError, match="1 negative frequencies"):
        model().predict(customers.iloc[:1])


def test_what_cannot_be_a_frequency_does_not_fill_the_memory():
    customers = pd.DataFrame({"frequency": [1e10, 2.0], "recency": [3.0, 2.0], "T": [4.0, 4.0]})
    with pytest.raises(
        DataError, match=r"1 frequencies above 10,000,000 \(first at row 0: 1e\+10\)"
    ):
        BetaGeoModel().fit(customers)


@pytest.mark.parametrize(
    ("customers", "text"),
    [
        (frame([2, 3, 5]), "one customer (n_samples=1)"),
        (frame([0, 0, 5], [0, 0, 9]), "none of the 2 customers bought again"),
        (frame([2, 3, 5], [1, np.nan, 5]), "'recency' has 1 NaN (first at row 1)"),
        (frame([2, 3, 5]).drop(columns="T"), "column 'T' not found"),
        (np.ones((4, 2)), "needs the columns frequency, recency, T in this order, got 2 columns"),
    ],
)
def test_data_that_cannot_be_fitted(customers, text):
    with pytest.raises(DataError) as error:
        BetaGeoModel().fit(customers)
    assert str(error.value).startswith("BetaGeoModel: ")
    assert text in str(error.value)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"prior": "strong"}, "prior must be one of"),
        ({"tol": 0.0}, "tol must be a finite number above 0"),
        ({"max_iter": 0}, "max_iter must be a whole number of at least 1"),
        ({"unit": "days"}, "unit must be one of"),
        ({"horizon": "90D"}, "needs the unit of T"),
        ({"horizon": -1}, "horizon must be a finite number of at least 0"),
    ],
)
def test_settings_are_refused_in_fit(settings, text):
    refused = BetaGeoModel(**settings)
    with pytest.raises(DataError, match=f"BetaGeoModel: .*{text}"):
        refused.fit(simulated(50))


def test_ages_for_simulation_are_checked():
    with pytest.raises(DataError, match="finite ages of at least 0"):
        model().simulate([3.0, -1.0])


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(BetaGeoModel(), simulated(600))


def test_scikit_learn_suite():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few customers tell little
        results = check_estimator(AnyBetaGeo(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 46, f"only {len(ran)} checks passed: {ran}"
