"""Every purchase model answers every question, and its answers agree with one another."""

import inspect
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from crmkit import clv
from crmkit.clv._purchase_model import PurchaseModel

STATED = {
    "BetaGeoModel": {"params_": {"r": 0.6, "alpha": 5.0, "a": 0.8, "b": 2.5}},
    "ModifiedBetaGeoModel": {"params_": {"r": 0.6, "alpha": 5.0, "a": 0.8, "b": 2.5}},
    "BetaGeoCNBDModel": {
        "params_": {"r": 0.8, "alpha": 3.0, "a": 0.6, "b": 3.5},
        "regularity_": 2,
    },
    "ModifiedBetaGeoCNBDModel": {
        "params_": {"r": 0.8, "alpha": 2.0, "a": 0.6, "b": 3.5},
        "regularity_": 3,
    },
    "ParetoNBDModel": {"params_": {"r": 0.6, "alpha": 6.0, "s": 0.7, "beta": 14.0}},
    "NBDModel": {"params_": {"r": 0.6, "alpha": 9.0}},
    "BetaGeoBetaBinomialModel": {
        "params_": {"alpha": 1.2, "beta": 1.8, "gamma": 0.7, "delta": 4.0}
    },
}
HORIZON = 12


@pytest.fixture(scope="module", params=STATED)
def stated(request):
    return getattr(clv, request.param).from_dict({"fitted": STATED[request.param]})


@pytest.fixture(scope="module")
def customers(stated):
    ages = np.random.default_rng(1).integers(8, 40, 1200).astype(float)
    return stated.simulate(ages, random_state=2)


@pytest.fixture(scope="module")
def fitted(stated, customers):
    return clone(stated).fit(customers)


def test_no_model_is_left_out():
    models = {
        name
        for name in clv.__all__
        if inspect.isclass(getattr(clv, name)) and issubclass(getattr(clv, name), PurchaseModel)
    }
    assert models == set(STATED)


def test_the_pmf_has_the_mean_and_the_zero_of_the_predictions(stated, customers):
    n = np.arange(600)
    table = stated.pmf(customers, n, HORIZON)
    assert_allclose(table.sum(axis=1), 1.0, atol=1e-8)
    assert_allclose(table @ n, stated.predict(customers, HORIZON), rtol=1e-6, atol=1e-9)
    silent = stated.probability_no_purchase(customers, HORIZON)
    assert_allclose(table[:, 0], silent, rtol=1e-10)
    assert (silent >= 1 - stated.probability_alive(customers) - 1e-12).all()


def test_silence_is_a_ratio_of_likelihoods(stated, customers):
    later = customers.assign(T=customers["T"] + HORIZON)
    ratio = np.exp(stated.log_likelihood(later) - stated.log_likelihood(customers))
    assert_allclose(stated.probability_no_purchase(customers, HORIZON), ratio, rtol=1e-8)


def test_an_interval_with_stated_parameters_is_that_of_the_pmf(stated, customers):
    some = customers.iloc[:150]
    ends = stated.predict_interval(some, HORIZON, 0.8, n_draws=4000)
    cdf = np.cumsum(stated.pmf(some, np.arange(600), HORIZON), axis=1)
    row = np.arange(len(some))
    high = np.where(ends[:, 0] == 0, 0.8, 0.9)
    for end, tail in zip(ends.T.astype(int), (0.1, high), strict=True):
        below = np.where(end > 0, cdf[row, np.maximum(end - 1, 0)], 0.0)
        assert (below < tail + 0.03).all()
        assert (cdf[row, end] > tail - 0.03).all()


def test_the_parameters_are_found_again_and_their_doubt_is_told(stated, fitted):
    table = fitted.summary()
    off = np.log(table["estimate"] / pd.Series(stated.params_))
    error = np.sqrt(np.diag(fitted.covariance_))
    assert (np.abs(off) < 4 * error).all()
    posterior = fitted.posterior(400)
    assert posterior.method == "importance sampling"
    assert posterior.effective_sample_size > 100
    assert list(posterior.draws.columns) == list(stated.params_)
    ends = fitted.predict_interval(
        fitted.simulate([20.0, 30.0], 0), HORIZON, n_draws=100, posterior=posterior
    )
    assert ends.shape == (2, 2)


def test_the_total_is_as_sure_as_the_pmf_and_the_parameters_say(stated, fitted, customers):
    n = np.arange(600)
    table = stated.pmf(customers, n, HORIZON)
    mean = table @ n
    sd = np.sqrt(np.sum(table @ n**2 - mean**2))
    ends = stated.predict_total_interval(customers, HORIZON, 0.8, n_draws=400)
    assert_allclose(ends.mean(), mean.sum(), atol=0.3 * sd)
    assert_allclose(np.diff(ends)[0], 2 * 1.2816 * sd, rtol=0.25)
    wider = fitted.predict_total_interval(customers, HORIZON, 0.8, n_draws=400)
    assert np.diff(wider) > np.diff(ends)  # fitted on no more than these customers


def test_the_score_works_in_cross_validation(fitted, customers):
    scores = cross_val_score(clone(fitted), customers, cv=3)
    assert_allclose(scores.mean(), fitted.score(customers), atol=0.2)
    total = fitted.log_likelihood(customers).sum()
    assert fitted.log_likelihood_ == pytest.approx(total, rel=1e-9)


def test_copies_by_pickle_and_json_predict_the_same(fitted, customers):
    expected = fitted.predict(customers, HORIZON)
    through_json = type(fitted).from_dict(json.loads(json.dumps(fitted.to_dict())))
    for copy in (pickle.loads(pickle.dumps(fitted)), through_json):
        assert_allclose(copy.predict(customers, HORIZON), expected, rtol=1e-15)
        assert_allclose(
            copy.predict_interval(customers, HORIZON, n_draws=40),
            fitted.predict_interval(customers, HORIZON, n_draws=40),
        )


def test_discounting_lies_between_nothing_and_everything(stated, customers):
    plain = stated.predict(customers, 30)
    near = stated.discounted_purchases(customers, 30, 0.01)
    far = stated.discounted_purchases(customers, 30, 0.1)
    ever = stated.discounted_purchases(customers, float("inf"), 0.1)
    assert (far <= near * (1 + 1e-12)).all()
    assert (near <= plain * (1 + 1e-12)).all()
    assert (far <= ever * (1 + 1e-9)).all()
    longest = stated.discounted_purchases(customers, 1000, 0.1)
    assert_allclose(ever, longest, rtol=1e-6)


def test_an_answer_of_every_kind_goes_beside_the_ids(fitted, customers):
    table = fitted.predict_frame(
        customers.assign(name=[f"c{i}" for i in range(len(customers))]), HORIZON, "name", level=0.5
    )
    assert table.columns.tolist() == [
        "name",
        "expected_purchases",
        "probability_alive",
        "probability_no_purchase",
        "lower",
        "upper",
    ]
    assert np.isfinite(table.drop(columns="name").to_numpy()).all()
