"""Draws of parameters: against a grid, a normal, and what is known of CDNOW."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import gamma, kstest

from crmkit.clv import BetaGeoModel, ModifiedBetaGeoModel
from crmkit.clv._posterior import Posterior, importance_draws, laplace_draws
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.oracles import cdnow


def test_importance_sampling_finds_a_skewed_posterior():
    shape = 3.0  # of a gamma variable, looked at in logs

    def log_density(theta):
        return shape * theta[0] - np.exp(theta[0])

    point, covariance = np.array([np.log(shape)]), np.array([[1.0 / shape]])
    draws, size = importance_draws(log_density, point, covariance, 20_000, np.random.default_rng(0))
    assert 15_000 < size <= 20_000
    assert kstest(np.exp(draws[:, 0]), gamma(shape).cdf).statistic < 0.02
    assert np.exp(draws).mean() == pytest.approx(shape, rel=0.02)
    assert np.exp(draws).var() == pytest.approx(shape, rel=0.05)


def test_laplace_draws_have_the_covariance_and_leave_open_directions_alone():
    covariance = np.array([[0.5, 0.2, np.nan], [0.2, 0.4, np.nan], [np.nan, np.nan, np.nan]])
    draws = laplace_draws(np.array([1.0, 2.0, 3.0]), covariance, 50_000, np.random.default_rng(0))
    assert_allclose(np.cov(draws[:, :2].T), covariance[:2, :2], atol=0.02)
    assert (draws[:, 2] == 3.0).all()


def test_cdnow_is_as_sure_as_was_published():
    posterior = BetaGeoModel().fit(cdnow.customers()).posterior(4000)
    assert posterior.method == "importance sampling"
    assert posterior.effective_sample_size > 2500
    table = posterior.summary()
    assert table["mean"].to_numpy() == pytest.approx([0.2432, 4.439, 0.834, 2.624], rel=0.03)
    assert table["sd"].to_numpy() == pytest.approx([0.0126, 0.373, 0.214, 0.835], rel=0.1)
    assert (table["lower"] < table["mean"]).all()
    assert (table["mean"] < table["upper"]).all()
    told = "<Posterior of BetaGeoModel: 4,000 draws by importance sampling, worth "
    assert repr(posterior).startswith(told)


def test_many_customers_and_loaded_models_take_the_normal():
    customers = cdnow.customers()
    fitted = BetaGeoModel().fit(customers)
    weighted = BetaGeoModel().fit(customers, sample_weight=np.full(len(customers), 50))
    for model in (weighted, pickle.loads(pickle.dumps(fitted))):
        posterior = model.posterior(500)
        assert posterior.method == "Laplace"
        assert posterior.effective_sample_size == 500
    sampled, normal = fitted.posterior(4000), pickle.loads(pickle.dumps(fitted)).posterior(4000)
    assert_allclose(sampled.draws.mean(), normal.draws.mean(), rtol=0.1)
    assert not any("Distinct" in str(type(v)) for v in fitted.__getstate__().values())


def test_the_same_seed_gives_the_same_draws():
    fitted = BetaGeoModel().fit(cdnow.customers())
    first, second = fitted.posterior(200, 7), fitted.posterior(200, 7)
    pd.testing.assert_frame_equal(first.draws, second.draws)
    assert not fitted.posterior(200, 8).draws.equals(first.draws)


def test_stated_parameters_have_no_posterior():
    published = {"fitted": {"params_": {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4}}}
    with pytest.raises(DataError, match="nothing is known of the uncertainty"):
        BetaGeoModel.from_dict(published).posterior()
    with pytest.raises(DataError, match="level must be a number between 0 and 1"):
        Posterior(pd.DataFrame({"r": [1.0]}), "Laplace", 1.0, "NBDModel").summary(95)


def test_a_poor_sample_is_told():
    fitted = BetaGeoModel().fit(cdnow.customers())
    fitted.covariance_ = fitted.covariance_ * 1e4
    with pytest.warns(ConvergenceWarning, match="tell as much as .* independent ones"):
        fitted.posterior(60)


def test_proposals_move_to_a_skewed_posterior():
    def log_density(theta):  # ln of an exponential: long to the left, from a poor start
        return theta[0] - np.exp(theta[0])

    draws, size = importance_draws(
        log_density, np.array([2.0]), np.array([[0.05]]), 4000, np.random.default_rng(1)
    )
    assert size > 2000
    for share in (0.025, 0.5, 0.975):
        exact = -np.log1p(-share)
        assert np.mean(np.exp(draws[:, 0]) < exact) == pytest.approx(share, abs=0.02)


def test_a_posterior_of_another_model_is_refused():
    customers = cdnow.customers()
    posterior = BetaGeoModel().fit(customers).posterior(50)
    with pytest.raises(DataError, match=r"as posterior\(\) of this model gives"):
        ModifiedBetaGeoModel().fit(customers).predict_interval(customers, posterior=posterior)


def test_the_order_of_stated_parameters_does_not_matter():
    fitted = BetaGeoModel().fit(cdnow.customers())
    state = json.loads(json.dumps(fitted.to_dict(), sort_keys=True))
    again = BetaGeoModel.from_dict(state)
    some = cdnow.customers().iloc[:50]
    assert list(again.params_) == ["r", "alpha", "a", "b"]
    assert_allclose(again.predict_interval(some), fitted.predict_interval(some))
    pd.testing.assert_frame_equal(again.summary(), fitted.summary())
