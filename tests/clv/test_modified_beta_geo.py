"""MBG/NBD: published estimates, lifetimes, simulations, bounds, units, messages."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.utils.estimator_checks import check_estimator

from crmkit.clv import BetaGeoModel, ModifiedBetaGeoModel, NBDModel
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.clv.domains import AnyModifiedBetaGeo
from tests.contracts import customer_level
from tests.oracles import beta_geo_family, cdnow

PUBLISHED = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
COLUMNS = ["frequency", "recency", "T"]
wide = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)


def model(**params):
    return ModifiedBetaGeoModel.from_dict(
        {"init": {"unit": "W"}, "fitted": {"params_": {**PUBLISHED, **params}}}
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
    """Of the CDNOW sample, in the paper of Hoppe and Wagner and in several packages."""
    fitted = ModifiedBetaGeoModel(prior=None).fit(sample)
    for name, published in PUBLISHED.items():
        assert round(fitted.params_[name], 3) == published, name
    assert fitted.n_iter_ < 15
    assert fitted.prior_used_ is False
    assert fitted.log_likelihood_ > BetaGeoModel(prior=None).fit(sample).log_likelihood_


def test_lifetimes_agrees(sample):
    fitted = ModifiedBetaGeoModel(prior=None).fit(sample)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lifetimes = pytest.importorskip("lifetimes")
        theirs = lifetimes.ModifiedBetaGeoFitter()
        x, t, T = (sample[name].to_numpy() for name in COLUMNS)
        theirs.fit(x, t, T)
        for name, value in theirs.params_.items():
            assert fitted.params_[name] == pytest.approx(value, rel=1e-5)
        logs = list(np.log(theirs.params_))
        their_log_likelihood = -len(x) * theirs._negative_log_likelihood(
            logs, x, t, T, np.ones(len(x)), 0.0
        )
        theirs.params_ = pd.Series(PUBLISHED)
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(39.0, x, t, T)
        alive = theirs.conditional_probability_alive(x, t, T)
    assert fitted.log_likelihood_ == pytest.approx(their_log_likelihood, abs=1e-6)
    assert_allclose(model().predict(sample, 39.0), expected, rtol=1e-9)
    assert_allclose(model().probability_alive(sample), alive, rtol=1e-12)


def test_a_one_time_buyer_by_hand():
    r, alpha, a, b, T, H = 0.5, 6.0, 0.9, 1.6, 30.0, 12.0
    stated = model(r=r, alpha=alpha, a=a, b=b)
    left, silent = a / (a + b), b / (a + b) * (alpha / (alpha + T)) ** r
    alive = silent / (left + silent)
    customer = frame([0, 0, T])
    assert stated.probability_alive(customer)[0] == pytest.approx(alive, rel=1e-13)
    none = 1 - alive + alive * ((alpha + T) / (alpha + T + H)) ** r
    assert stated.probability_no_purchase(customer, H)[0] == pytest.approx(none, rel=1e-13)
    assert stated.probability_alive(frame([0, 0, 0]))[0] == pytest.approx(b / (a + b))


def test_predictions_are_those_of_simulated_customers():
    n = 200_000
    truth = model(r=0.8, alpha=5.0)
    x, t, _, alive, later = beta_geo_family.simulate(
        tuple(truth.params_.values()), 1, 1, 30.0, 20.0, n, seed=1
    )
    customers = pd.DataFrame({"frequency": x, "recency": t, "T": 30.0})
    expected, silent = truth.predict(customers, 20.0), truth.probability_no_purchase(customers, 20)
    probability = truth.probability_alive(customers)
    two = truth.pmf(customers, 2, 20.0)
    for group in (x == 0, x == 1, (x >= 2) & (t > 20), (x >= 2) & (t <= 20)):
        share = np.sqrt(group.sum())
        assert abs((later[group] - expected[group]).mean()) < 4 * later[group].std() / share
        for happened, said in ((later == 0, silent), (alive, probability), (later == 2, two)):
            assert abs((happened[group] - said[group]).mean()) < 4 * 0.5 / share


def test_simulate_draws_from_the_model():
    n = 100_000
    ours = model(r=0.8, alpha=5.0).simulate(np.full(n, 30.0), random_state=0)
    params = (0.8, 5.0, PUBLISHED["a"], PUBLISHED["b"])
    x, t, *_ = beta_geo_family.simulate(params, 1, 1, 30.0, 0.0, n, seed=1)
    assert abs(ours["frequency"].mean() - x.mean()) < 4 * x.std() * np.sqrt(2 / n)
    assert abs(ours["recency"].mean() - t.mean()) < 4 * t.std() * np.sqrt(2 / n)
    assert list(ours.columns) == COLUMNS


def test_simulated_parameters_are_found_again():
    truth = {"r": 0.9, "alpha": 6.0, "a": 0.7, "b": 2.0}
    fitted = ModifiedBetaGeoModel().fit(simulated(20_000, seed=3, **truth))
    off = np.log([fitted.params_[name] / value for name, value in truth.items()])
    assert (np.abs(off) < 4 * np.sqrt(np.diag(fitted.covariance_))).all()


def test_the_unit_of_time_only_scales_alpha():
    weeks = simulated()
    days = weeks.assign(recency=weeks["recency"] * 7, T=weeks["T"] * 7)
    a, b = ModifiedBetaGeoModel().fit(weeks), ModifiedBetaGeoModel().fit(days)
    for name, factor in {"r": 1, "alpha": 7, "a": 1, "b": 1}.items():
        assert b.params_[name] == pytest.approx(factor * a.params_[name], rel=1e-8)
    shift = weeks["frequency"].sum() * np.log(7)
    assert b.log_likelihood_ == pytest.approx(a.log_likelihood_ - shift, rel=1e-12)
    assert_allclose(b.predict(days, 70.0), a.predict(weeks, 10.0), rtol=1e-8)


def test_weights_are_repeated_customers():
    customers = simulated(400)
    weight = np.random.default_rng(0).integers(0, 4, len(customers))
    weighted = ModifiedBetaGeoModel().fit(customers, sample_weight=weight)
    repeated = ModifiedBetaGeoModel().fit(customers.loc[customers.index.repeat(weight)])
    assert weighted.params_ == repeated.params_
    assert_array_equal(weighted.covariance_, repeated.covariance_)


def test_it_never_fits_worse_than_a_model_without_dropout():
    for seed in range(3):
        customers = simulated(500, seed=seed, r=0.9)
        nbd = NBDModel(prior=None).fit(customers).log_likelihood_
        assert ModifiedBetaGeoModel(prior=None).fit(customers).log_likelihood_ >= nbd - 1e-6


@given(wide, wide, wide, wide, st.integers(0, 5000), st.floats(0.01, 1), st.floats(0.1, 5000))
def test_every_valid_customer_gets_finite_answers(r, alpha, a, b, x, part, T):
    customers = frame([x, T * part if x else 0.0, T])
    fitted = model(r=r, alpha=alpha, a=a, b=b)
    alive = fitted.probability_alive(customers)[0]
    horizons = np.sort([0.0, T / 9, 400.0, 5000.0])
    expected = np.array([fitted.predict(customers, h)[0] for h in horizons])
    silent = np.array([fitted.probability_no_purchase(customers, h)[0] for h in horizons])
    assert 0 <= alive <= 1
    assert expected[0] == 0
    assert silent[0] == 1
    assert np.isfinite(expected).all()
    assert np.isfinite(fitted.log_likelihood(customers)).all()
    assert (np.diff(expected) >= -1e-12 * np.max(expected)).all()
    assert (np.diff(silent) <= 1e-15).all()
    assert silent.min() >= 1 - alive - 1e-15
    pmf = fitted.pmf(customers, [0, 1, 30], horizons[1])
    assert ((pmf >= 0) & (pmf <= 1 + 1e-12)).all()


def test_probability_of_silence_is_a_ratio_of_likelihoods():
    customers = simulated(300)
    later = customers.assign(T=customers["T"] + 13)
    ratio = np.exp(model().log_likelihood(later) - model().log_likelihood(customers))
    assert_allclose(model().probability_no_purchase(customers, 13.0), ratio, rtol=1e-11)


def test_silence_keeps_its_digits_where_it_is_unlikely():
    """Three tiny ways to be silent: gone (1e-12), slow (1e-9), neither swallows the other."""
    stated = model(r=2.0, alpha=1.0, a=1e-12, b=1.0)
    customers = frame([3, 60.0, 60.0])
    gone = 1e-12 / 4.0
    slow = (61.0 / (61.0 + 1e6)) ** 5
    found = stated.probability_no_purchase(customers, 1e6)[0]
    assert found == pytest.approx(gone + slow, rel=1e-9, abs=0)


def test_where_nobody_leaves_it_says_so():
    customers = simulated(2000, r=3.0, alpha=10.0, a=1e-5, b=1e3)
    with pytest.warns(ConvergenceWarning, match="No dropout seen") as record:
        fitted = ModifiedBetaGeoModel().fit(customers)
    assert record[0].filename == __file__
    assert str(record[0].message).startswith("ModifiedBetaGeoModel: the data do not tell a")
    r, alpha = fitted.params_["r"], fitted.params_["alpha"]
    nbd = (r + customers["frequency"]) / (alpha + customers["T"]) * 10
    assert fitted.predict(customers, 10.0).sum() == pytest.approx(nbd.sum(), rel=2e-3)


def test_where_nearly_all_leave_it_says_so():
    customers = simulated(60, r=3.0, alpha=3.0, a=80.0, b=20.0)
    with pytest.warns(ConvergenceWarning, match="leaves after the first purchase"):
        fitted = ModifiedBetaGeoModel().fit(customers)
    assert np.isfinite(fitted.predict(customers, 10.0)).all()


def test_faults_are_told_under_its_name():
    with pytest.raises(DataError, match="ModifiedBetaGeoModel: 1 recencies above T"):
        ModifiedBetaGeoModel().fit(frame([1, 9, 5], [0, 0, 5]))


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(ModifiedBetaGeoModel(), simulated(600))


def test_scikit_learn_suite():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few customers tell little
        results = check_estimator(AnyModifiedBetaGeo(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 46, f"only {len(ran)} checks passed: {ran}"
